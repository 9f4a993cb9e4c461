"""What the playbooks lack, for DBAs: ranked by the minutes of DBA work that closing a gap could save in the period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from dbbuddy.analytics.clusters import clusters
from dbbuddy.analytics.figures import Figure, rating, share
from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.queries import Reads, Row, queries
from dbbuddy.context import ENGINES
from dbbuddy.diagnosis.errors import explain
from dbbuddy.diagnosis.library import Library
from dbbuddy.identity import User, require
from dbbuddy.store import fields

MINUTES = 30.0
"""What a ticket takes where no baseline says so: the low end of the hour to four that the brief names for an issue."""
MOST = 1_500
"""So many of the newest unsure questions are compared with one another."""
LOW_RATING = 3.5
_SECONDS = 20.0


@dataclass(frozen=True)
class QuestionGap:
    """Questions that ask much the same and got no confident diagnosis. The first of `questions` is the most typical one.

    Texts are as stored: redacted, and empty where no texts are kept.
    """

    questions: tuple[str, ...]
    exchange_ids: tuple[str, ...]
    category: str
    engines: tuple[str, ...]
    codes: tuple[str, ...]
    n: int
    solved: int
    minutes: float


@dataclass(frozen=True)
class PlaybookGap:
    """A playbook that was rated low or did not help: its episodes, those with a told outcome, the share of these confirmed
    solved, how many came back, and the stars.
    """

    slug: str
    category: str
    episodes: int
    told: int
    confirmed: Figure
    came_back: int
    satisfaction: Figure
    minutes: float


@dataclass(frozen=True)
class CodeGap:
    """An error code that people asked about and no playbook knows. `title` is from the error catalogue, empty if not there."""

    engine: str
    code: str
    title: str
    n: int
    solved: int
    minutes: float


@dataclass(frozen=True)
class Gaps:
    """All three, each with the costliest first. `cut` says that there were more unsure questions than were looked at."""

    questions: tuple[QuestionGap, ...]
    playbooks: tuple[PlaybookGap, ...]
    codes: tuple[CodeGap, ...]
    cut: bool


Gap = TypeVar("Gap", QuestionGap, PlaybookGap, CodeGap)


def gaps(store: Reads, user: User, chosen: Filter, library: Library) -> Gaps:
    """Find the gaps of a period. Reads raw rows, so it takes longer than the other dashboards.

    Raises:
        NotAllowedError: the user is no DBA.
        StoreError: the store cannot be read.
        CipherError: the stored questions cannot be decrypted with the keys of the settings.
    """
    require(user, "dba")
    minutes = {category: float(value) for category, value in _read(store, "minutes", chosen)}
    unsure = _read(store, "unsure", chosen)
    return Gaps(
        _ranked(_question_gaps(unsure, minutes)),
        _ranked(_playbook_gaps(store, chosen, minutes)),
        _ranked(_code_gaps(_read(store, "codes", chosen), minutes, library)),
        len(unsure) == MOST,
    )


def _read(store: Reads, name: str, chosen: Filter) -> list[Row]:
    query = queries("gaps")[name]
    return store.read(query.sql, query.values({**chosen.parameters(), "most": MOST}), limit_seconds=_SECONDS)


def _ranked(found: list[Gap]) -> tuple[Gap, ...]:
    return tuple(sorted(found, key=lambda gap: -gap.minutes))


def _question_gaps(rows: list[Row], minutes: Mapping[str, float]) -> list[QuestionGap]:
    """Clusters of the questions; without texts, questions of one category, engine and set of codes belong together."""
    texts = [fields.read(fields.QUESTION, row[0], row[1]) for row in rows]
    with_text = [place for place, text in enumerate(texts) if text.strip()]
    groups = [[with_text[place] for place in group] for group in clusters([texts[place] for place in with_text])]
    bare: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        if not text.strip():
            bare[rows[place][2:5]].append(place)
    return [
        _question_gap([rows[place] for place in group], [texts[place] for place in group], minutes)
        for group in [*groups, *bare.values()]
    ]


def _question_gap(rows: list[Row], texts: list[str], minutes: Mapping[str, float]) -> QuestionGap:
    categories = [row[2] for row in rows]
    category = max(sorted(set(categories)), key=categories.count)
    solved = sum(int(row[5]) for row in rows)
    return QuestionGap(
        questions=tuple(text for text in texts if text),
        exchange_ids=tuple(row[0] for row in rows),
        category=category,
        engines=tuple(sorted({row[3] for row in rows if row[3]})),
        codes=tuple(sorted({code for row in rows for code in row[4].split()})),
        n=len(rows),
        solved=solved,
        minutes=(len(rows) - solved) * minutes.get(category, MINUTES),
    )


def _playbook_gaps(store: Reads, chosen: Filter, minutes: Mapping[str, float]) -> list[PlaybookGap]:
    stars: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for slug, value, n in _read(store, "playbook_ratings", chosen):
        stars[slug][int(value) - 1] += int(n)
    found = []
    for slug, category, *numbers in _read(store, "playbooks", chosen):
        episodes, told, confirmed, came_back = map(int, numbers)
        satisfaction = rating("satisfaction", stars[slug])
        solved = share("solved_rate", confirmed, told)
        low = satisfaction.value is not None and satisfaction.value < LOW_RATING
        if told > confirmed or low:
            unsolved = 1 - (solved.value if solved.value is not None else 0.0)
            cost = episodes * minutes.get(category, MINUTES) * unsolved
            found.append(PlaybookGap(slug, category, episodes, told, solved, came_back, satisfaction, cost))
    return found


def _code_gaps(rows: list[Row], minutes: Mapping[str, float], library: Library) -> list[CodeGap]:
    known = {(str(code.engine), _same(code.code)) for book in library.playbooks.values() for code in book.head.signals.codes}
    counts: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for engine, codes, category, n, solved in rows:
        for code in set(codes.split()):
            if (engine, _same(code)) in known or (not engine and any((each, _same(code)) in known for each in ENGINES)):
                continue
            row = counts[engine, code]
            row[0] += int(n)
            row[1] += int(solved)
            row[2] += (int(n) - int(solved)) * minutes.get(category, MINUTES)
    return [
        CodeGap(engine, code, _title(engine, code), int(n), int(solved), cost)
        for (engine, code), (n, solved, cost) in counts.items()
    ]


def _same(code: str) -> str:
    """A code without what people write differently: case, and zeros in front of an Oracle number."""
    prefix, dash, number = code.upper().rpartition("-")
    return f"{prefix}-{int(number)}" if dash and number.isdigit() else code.upper()


def _title(engine: str, code: str) -> str:
    for name in ENGINES:
        if name == engine:
            entry = explain(code, name)
            return entry.title if entry else ""
    return ""
