"""Every SQL block of every playbook, once per engine it is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from dbbuddy.context import Engine, SystemContext
from dbbuddy.diagnosis import placeholders
from dbbuddy.diagnosis.body import Body, BodyError, Piece
from dbbuddy.diagnosis.library import load_library
from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.diagnosis.selectors import EVERYWHERE, Selector

FIXTURES = Path(__file__).parent / "fixtures"
ROOT = Path(__file__).parent.parent.parent

_NAMES = yaml.safe_load((FIXTURES / "names.yaml").read_text(encoding="utf-8"))
# What makes the block itself create the thing behind a name; the placeholder follows.
_CREATES = {
    "table": r"CREATE(\s+UNLOGGED)?\s+TABLE",
    "index": r"(CREATE|ADD)(\s+(UNIQUE|FULLTEXT|SPATIAL))?\s+(INDEX|KEY)(\s+CONCURRENTLY)?",
    "constraint": r"ADD\s+CONSTRAINT",
    "column": r"ADD\s+COLUMN",
    "sequence": r"CREATE\s+SEQUENCE",
    "partition": r"(CREATE\s+TABLE|ADD\s+PARTITION\s*\(\s*PARTITION)",
    "database": r"CREATE\s+DATABASE",
    "schema": r"CREATE\s+SCHEMA",
    "user": r"CREATE\s+(USER|ROLE)",
    "role": r"CREATE\s+(USER|ROLE)",
    "tablespace": r"CREATE\s+TABLESPACE",
    "slot": r"pg_create_(logical|physical)_replication_slot\s*\(",
}


@dataclass(frozen=True)
class SqlBlock:
    """The SQL of one code fence (or of one question) for one engine, and under which conditions it is shown."""

    slug: str
    engine: Engine
    path: Path
    line: int
    sql: str
    selectors: tuple[Selector, ...] = ()
    needs: str = ""
    before: tuple[SqlBlock, ...] = field(default=(), repr=False)

    @property
    def place(self) -> str:
        """`data/playbooks/…/slug.md:42`, as editors and terminals link it."""
        path = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        return f"{path}:{self.line}"

    def shown_on_plain_server(self, version: str | None = None) -> bool:
        """Would someone who runs the engine on an own machine be shown this block?"""
        context = SystemContext(engine=self.engine, version=version, deployment="on_premises")
        return all(selector.holds(context) is not False for selector in self.selectors)

    def filled(self, names: Mapping[str, str]) -> str:
        """The SQL with the fixture's names, then `names`, in place of the placeholders.

        A name that the block itself creates is bound to one that does not exist yet.
        """
        known = {**_NAMES["common"], **_NAMES.get(self.engine, {}), **names}
        for name in _CREATES:
            if self.creates(name):
                known[name] = f"{known.get(name, name)}_new"
        return placeholders.fill(self.sql, known)

    def creates(self, name: str) -> bool:
        """Does the first statement that names `{{name}}` create it?"""
        before, _, after = self.sql.partition("{{" + name + "}}")
        created = re.search(_CREATES[name] + r"(\s+IF\s+NOT\s+EXISTS)?\s*[\"`'\[]?$", before, re.I)
        return bool(created) and not re.match(r"[\w{]", after)

    def mentions(self, name: str) -> bool:
        return "{{" + name + "}}" in self.sql


@dataclass(frozen=True)
class Unreadable:
    """A playbook that could not be read, so that its SQL could not be found."""

    slug: str
    problem: str


def all_blocks() -> list[SqlBlock | Unreadable]:
    """In the library's order; a playbook that cannot be read stands as one `Unreadable`."""
    library = load_library()
    found: list[SqlBlock | Unreadable] = [
        Unreadable(problem.partition(":")[0].removesuffix(".md"), problem) for problem in library.problems
    ]
    for playbook in library.playbooks.values():
        try:
            found += blocks_of(playbook)
        except BodyError as error:
            found.append(Unreadable(playbook.slug, f"{playbook.path.name}: {error}"))
    return found


def blocks_of(playbook: Playbook) -> list[SqlBlock]:
    """The SQL of the head's questions, then of the body, in reading order; each knows those before it.

    Raises:
        BodyError: the body does not follow the grammar.
    """
    found = [
        SqlBlock(playbook.slug, engine, playbook.path, _line_of(playbook.path, sql), sql)
        for ask in playbook.head.asks
        for engine, sql in ask.sql.items()
    ]
    for piece, around in _pieces(playbook.body):
        if piece.kind == "code" and piece.language == "sql":
            for engine in playbook.head.engines if piece.any_engine else sorted(piece.selector.engines):
                if not around.engines or engine in around.engines:
                    found.append(
                        SqlBlock(
                            playbook.slug, engine, playbook.path, piece.line, piece.text, (piece.selector, around), piece.needs
                        )
                    )
    return [replace(one, before=tuple(b for b in found[:n] if b.engine == one.engine)) for n, one in enumerate(found)]


def _pieces(body: Body) -> Iterator[tuple[Piece, Selector]]:
    """Each piece with the selector of the heading it stands under."""
    for pieces in body.prose.values():
        yield from _under(EVERYWHERE, pieces)
    for step in body.steps:
        yield from _under(step.selector, step.pieces)
    for branch in body.branches.values():
        yield from _under(EVERYWHERE, branch.pieces)
        for step in branch.steps:
            yield from _under(step.selector, step.pieces)


def _under(selector: Selector, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, Selector]]:
    return ((piece, selector) for piece in pieces)


def _line_of(path: Path, sql: str) -> int:
    """The line of the file where a question's SQL starts."""
    start = sql.strip().splitlines()[0].strip() if sql.strip() else ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if start and start[:40] in line:
            return number
    return 1
