"""What the guard says of a playbook's SQL is what its step says: who destroys or writes says so, who only looks changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from dbbuddy.context import Engine
from dbbuddy.diagnosis.body import Piece
from dbbuddy.diagnosis.library import load_library
from dbbuddy.diagnosis.placeholders import fill
from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.sqlreview.guard import classify

PLAYBOOKS = sorted(load_library().playbooks.values(), key=lambda playbook: playbook.slug)
_ENOUGH = {"read_only": ("none", "low", "medium", "high"), "writing": ("low", "medium", "high")}
_MUCH = ("medium", "high")

# Places where the guard cannot see what runs, so it warns, and the text is harmless all the same.
JUSTIFIED = {
    ("pg-generic-plan", "Confirm"): "executes the SELECT that the same block has prepared",
    ("pg-sequence-out-of-sync", "Do all tables at once after an import"): "the SQL put together only reads the highest key",
    ("sql-injection", "Bind in dynamic SQL inside the database"): "executes the SELECT that the same block has prepared",
    ("sql-injection", "Choose and quote identifiers"): "the SQL put together is a SELECT ordered by an allowed column",
}


def _judged(pieces: Iterable[Piece]) -> Iterator[tuple[int, Engine, str, tuple[str, ...]]]:
    """Line, engine, verdict and reasons of each SQL block, for every engine that it is for."""
    for piece in pieces:
        if piece.kind == "code" and piece.language == "sql":
            for engine in sorted(piece.selector.engines):
                verdict = classify(fill(piece.text, {}), engine)
                yield piece.line, engine, verdict.danger, verdict.reasons


def _looks(playbook: Playbook) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    """The parts that are no steps: they have no `Risk:` line, so they may only read."""
    yield from playbook.body.prose.items()
    for name, branch in playbook.body.branches.items():
        yield f"Branch: {name}", branch.pieces


def _faults(playbook: Playbook) -> Iterator[tuple[str, object]]:
    for step in playbook.body.all_steps():
        for line, engine, danger, reasons in _judged(step.pieces):
            if step.risk not in _ENOUGH.get(danger, _MUCH):
                yield step.title, (line, engine, step.risk, danger, reasons)
    for name, pieces in _looks(playbook):
        for line, engine, danger, reasons in _judged(pieces):
            if danger != "read_only":
                yield name, (line, engine, danger, reasons)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.slug)
def test_it_says_what_its_sql_can_do(playbook: Playbook) -> None:
    assert [fault for fault in _faults(playbook) if (playbook.slug, fault[0]) not in JUSTIFIED] == []


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.slug)
def test_its_questions_only_read(playbook: Playbook) -> None:
    asked = [(engine, sql) for ask in playbook.head.asks for engine, sql in ask.sql.items()]
    assert [case for case in asked if classify(fill(case[1], {}), case[0]).danger != "read_only"] == []


def test_no_exception_is_left_over() -> None:
    needed = {(playbook.slug, place) for playbook in PLAYBOOKS for place, _ in _faults(playbook)}
    assert set(JUSTIFIED) <= needed
