"""Looking through the playbooks: searching, counting, and reading one as its users would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dbbuddy.advice import Advice
from dbbuddy.context import Category, Engine, SystemContext, services
from dbbuddy.diagnosis.compose import Match, answer
from dbbuddy.diagnosis.lexical import LexicalIndex
from dbbuddy.diagnosis.library import Library
from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.diagnosis.selection import Reader

_NEAR = 0.08


def search(
    library: Library,
    index: LexicalIndex,
    query: str,
    category: Category | None = None,
    engine: Engine | None = None,
) -> list[Playbook]:
    """Playbooks that hold the query as written, those with it in slug, title or codes first; then the nearest in meaning.

    `index` is the library's. Without a query all are given, by title.
    """
    books = list(library.playbooks.values())
    wanted = " ".join(query.lower().split())
    if wanted:
        nearness = index.scores(query)
        ranked = sorted(
            ((_directness(book, wanted), float(nearness[position]), book) for position, book in enumerate(books)),
            key=lambda row: (-row[0], -row[1], row[2].slug),
        )
        best = max((near for _, near, _ in ranked), default=0.0)
        books = [book for direct, near, book in ranked if direct or near >= max(_NEAR, best / 2)]
    else:
        books.sort(key=lambda book: book.head.title.lower())
    return [book for book in books if category in (None, book.head.category) and (not engine or engine in book.head.engines)]


def _directness(playbook: Playbook, wanted: str) -> int:
    head = playbook.head
    names = [head.slug, head.slug.replace("-", " "), head.title, *(code.code for code in head.signals.codes)]
    if any(wanted in name.lower() for name in names):
        return 2
    return int(any(wanted in text.lower() for text in (head.summary, *head.symptoms)))


def category_counts(playbooks: Iterable[Playbook]) -> Counter[Category]:
    """How many there are in each category."""
    return Counter(playbook.head.category for playbook in playbooks)


def engine_counts(playbooks: Iterable[Playbook]) -> Counter[Engine]:
    """How many have advice for each engine."""
    return Counter(engine for playbook in playbooks for engine in playbook.head.engines)


def readers(playbook: Playbook) -> list[SystemContext]:
    """The systems whose users can be shown it: each engine, then each service that runs one of them."""
    engines = [SystemContext(engine=engine) for engine in playbook.head.engines]
    offered = [SystemContext.of(service=s.id) for s in services().values() if s.engine in playbook.head.engines]
    return [*engines, *offered]


def as_read_by(playbook: Playbook, context: SystemContext) -> Advice:
    """The answer that a user of this system gets from it, with no names filled in."""
    return answer(Match(playbook, 0.0, 1.0), (), Reader(context, {}), "")
