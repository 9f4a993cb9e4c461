"""Any plan of any engine: which engine printed the text, and its reader's answer."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from dbbuddy.context import ENGINE_NAMES, Engine
from dbbuddy.plans.model import PlanError, ReadPlans
from dbbuddy.plans.wrapping import ESCAPED, further, in_json, unwrapped

_MODULES: dict[str, tuple[Engine, ...]] = {
    "sqlserver": ("sqlserver",),
    "oracle": ("oracle",),
    "mysql": ("mysql", "mariadb"),
    "postgresql": ("postgresql",),
}
# MySQL prints no width; its reader would take the arrows of a PostgreSQL plan for a tree of its own.
_COSTS_OF_POSTGRESQL = " width="
NOTHING = (
    "No execution plan was found in the text. Paste the whole output, from its first line, of EXPLAIN (ANALYZE, BUFFERS) "
    "(PostgreSQL), EXPLAIN ANALYZE or EXPLAIN FORMAT=JSON (MySQL), ANALYZE FORMAT=JSON (MariaDB), "
    "the .sqlplan XML (SQL Server) or DBMS_XPLAN.DISPLAY_CURSOR(format=>'ALLSTATS LAST') (Oracle)."
)


class _Reader(Protocol):
    def looks_like(self, text: str) -> bool: ...

    def read(self, text: str) -> ReadPlans: ...


# Fewer lines hold no plan of another engine.
_FEWEST_LINES = 3


def read_plans(text: str, engine: Engine | None = None) -> ReadPlans:
    """Every plan in the text. `engine` is asked first; if the text is another engine's plan, that is read and said.

    `PlanError` if no reader finds a plan; its message says what to paste.
    """
    text = unwrapped(text)
    if not text.strip():
        raise PlanError(NOTHING)
    inner = in_json(text)
    if inner is not None and (within := _attempt(inner, engine, ESCAPED)) is not None:
        return within
    found: ReadPlans | None = None
    failure: PlanError | None = None
    try:
        found = _read(text, engine)
    except PlanError as error:
        failure = error
    escaped = text.count("\\n") > text.count("\n")
    if found is None or escaped or 2 * len(found.unread) > sum(1 for line in text.split("\n") if line.strip()):
        others = [other for changed, note in further(text) if (other := _attempt(changed, engine, note)) is not None]
        found = max([*([found] if found else []), *others], key=_worth, default=None)
    if found is None:
        raise failure or PlanError(NOTHING)
    return found


def _worth(found: ReadPlans) -> tuple[int, int]:
    """Of several readings the one with the most steps, then with the fewest lines left, is right."""
    return sum(1 for plan in found.plans for _ in plan.root.walk()), -len(found.unread)


def _attempt(text: str, engine: Engine | None, note: str) -> ReadPlans | None:
    try:
        found = _read(text, engine)
    except PlanError:
        return None
    found.text = text
    found.notes.append(note)
    return found


def _read(text: str, engine: Engine | None) -> ReadPlans:
    """What the first reader that finds a plan reads, and after it the others out of the lines that it left."""
    failure: PlanError | None = None
    found: ReadPlans | None = None
    for engines, reader in _in_order(text, engine):
        if found is not None and (len(found.unread) < _FEWEST_LINES or not reader.looks_like(_left(text, found))):
            continue
        try:
            part = reader.read(text if found is None else _left(text, found))
        except PlanError as error:
            failure = failure or error
            continue
        if found is not None:
            _join(found, part)
            continue
        found = part
        actual = found.plans[0].engine if found.plans else engines[0]
        if engine is not None and actual != engine:
            found.notes.insert(
                0, f"{ENGINE_NAMES[engine]} was chosen, but this is a plan of {ENGINE_NAMES[actual]}; it was read as such."
            )
    if found is None:
        raise failure or PlanError(NOTHING)
    return found


def _left(text: str, found: ReadPlans) -> str:
    """The lines that were not understood, each in its place."""
    lines = [""] * (text.count("\n") + 1)
    for line in found.unread:
        lines[line.number - 1] = line.text
    return "\n".join(lines)


def _join(found: ReadPlans, part: ReadPlans) -> None:
    """Add the plans of another engine; lone words that only look like an operator are none."""
    plans = [plan for plan in part.plans if plan.root.children or plan.root.rows_estimated is not None]
    if len(plans) < len(part.plans) or not plans:
        return
    names = list(dict.fromkeys(ENGINE_NAMES[plan.engine] for plan in [*found.plans, *plans]))
    found.plans += plans
    found.notes += [*part.notes, f"The text holds plans of {' and '.join(names)}."]
    found.unread = part.unread


def _in_order(text: str, engine: Engine | None) -> Iterator[tuple[tuple[Engine, ...], _Reader]]:
    """The readers that know the text; the chosen engine's own comes after them, as it may read what it does not recognise."""
    last: tuple[tuple[Engine, ...], _Reader] | None = None
    known = []
    for name, engines in _MODULES.items():
        if find_spec(f"dbbuddy.plans.{name}") is None:
            continue
        reader = cast(_Reader, import_module(f"dbbuddy.plans.{name}"))
        if reader.looks_like(text):
            known.append((engines, reader))
        elif engine in engines:
            last = (engines, reader)
    known.sort(key=lambda entry: (engine not in entry[0], "mysql" in entry[0] and _COSTS_OF_POSTGRESQL in text))
    yield from known
    if last is not None:
        yield last
