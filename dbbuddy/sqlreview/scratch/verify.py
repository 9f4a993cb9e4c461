"""Each index advice tried on a real planner: the plans with and without it on a scratch copy of the tables, all of them empty."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import psycopg
from sqlglot import exp

from dbbuddy.context import ENGINE_NAMES, Engine
from dbbuddy.sqlreview.indexes.model import Advised, IndexAdvice
from dbbuddy.sqlreview.indexes.places import TableUse
from dbbuddy.sqlreview.indexes.queries import view_queries
from dbbuddy.sqlreview.indexes.stats import Overrides
from dbbuddy.sqlreview.indexes.uses import uses_of
from dbbuddy.sqlreview.reading import Script, Statement
from dbbuddy.sqlreview.schema import Schema
from dbbuddy.sqlreview.scratch.build import build
from dbbuddy.sqlreview.scratch.database import Database, database
from dbbuddy.sqlreview.scratch.inference import completed
from dbbuddy.sqlreview.scratch.model import (
    Choice,
    IndexVerification,
    NotAvailableError,
    StatementVerification,
    TableAssumption,
)
from dbbuddy.sqlreview.scratch.normal import explainable
from dbbuddy.sqlreview.scratch.planning import Planner
from dbbuddy.sqlreview.scratch.statistics import restore, table_assumption
from dbbuddy.sqlreview.scratch.sway import SWAY, is_assumed, swayed

MAX_STATEMENTS = 40
MAX_INDEXES = 30
TOTAL_SECONDS = 10.0
NEARLY = 0.97
"""A shape of an index must cost less than this share of the first one's to be preferred."""
_QUERIES = ("select", "insert", "update", "delete", "merge", "explain")
_two_at_a_time = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Verified:
    """The advice with what the planner says of it. `reason` is set if nothing could be verified."""

    advised: Advised
    statements: tuple[StatementVerification, ...] = ()
    assumptions: tuple[TableAssumption, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str | None = None


def verify(
    script: Script,
    schema: Schema,
    advised: Advised,
    engine: Engine | None = None,
    *,
    definitions: Script | None = None,
    overrides: Overrides | None = None,
    seconds: float = TOTAL_SECONDS,
) -> Verified:
    """Try the advice on a scratch PostgreSQL with the stated and assumed statistics; never raises.

    No statement is run, only planned; tables are made from the schema as it was read, never from pasted text.
    """
    engine = engine or script.engine
    if engine != "postgresql":
        name = ENGINE_NAMES[engine] if engine else "an unknown engine"
        return _unverified(advised, f"advice for {name} follows its rules; only PostgreSQL's planner can be asked here")
    views = view_queries(definitions) | view_queries(script)
    statements = _to_plan(script, advised)
    if not advised.indexes and not statements:
        return Verified(advised, reason="there is no statement to be planned")
    deadline = time.monotonic() + seconds
    if not _two_at_a_time.acquire(timeout=seconds):
        return _unverified(advised, "the scratch server is busy")
    try:
        with database() as scratch:
            return _Trial(scratch, schema, advised, views, deadline, overrides or Overrides()).run(statements)
    except (NotAvailableError, psycopg.Error, OSError) as error:
        reason = str(error) if isinstance(error, NotAvailableError) else f"the scratch server failed ({type(error).__name__})"
        return _unverified(advised, reason)
    finally:
        _two_at_a_time.release()


def _unverified(advised: Advised, reason: str) -> Verified:
    marked = tuple(replace(advice, verified=IndexVerification(reason)) for advice in advised.indexes)
    return Verified(replace(advised, indexes=marked), reason=reason)


@dataclass
class _Trial:
    scratch: Database
    schema: Schema
    advised: Advised
    views: dict[str, exp.Query]
    deadline: float
    overrides: Overrides
    problems: dict[int, str] = field(default_factory=dict)
    before: dict[int, Choice] = field(default_factory=dict)

    def run(self, statements: list[Statement]) -> Verified:
        uses = [use for statement in statements for use in uses_of(statement, self.schema, self.views, "postgresql")]
        complete, made_up = completed(self.schema, uses)
        wanted = {use.reference.name.lower() for use in uses} | {_bare(advice.table) for advice in self.advised.indexes}
        tables = [table for table in complete if table.name.lower() in wanted]
        assumptions = tuple(table_assumption(table, complete, self.overrides, table.name.lower() in made_up) for table in tables)
        shapes = [shape for advice in self.advised.indexes[:MAX_INDEXES] for shape in (advice, *advice.alternatives)]
        literals = _literals(uses)
        self.built = build(self.scratch, tables, complete, assumptions, [shape.index for shape in shapes], literals)
        self.labels = {label: shape.index.name or "" for label, shape in zip(self.built.labels, shapes, strict=True) if label}
        self.label_of = {known: label for label, known in self.labels.items()}
        self.planner = Planner(self.scratch.planner)
        self._prepare(statements)
        chosen = [self._choose(advice, assumptions) for advice in self.advised.indexes]
        after = self._all(chosen)
        chosen = [self._together(advice, after) for advice in chosen]
        verified = tuple(
            StatementVerification(
                statement.index, self.before.get(statement.index), after.get(statement.index), self.problems.get(statement.index)
            )
            for statement in statements
        )
        chosen = self._ranged(chosen, assumptions, literals)
        ordered = sorted(chosen, key=_gain, reverse=True)
        return Verified(replace(self.advised, indexes=tuple(ordered)), verified, assumptions, tuple(self.built.notes))

    def _prepare(self, statements: list[Statement]) -> None:
        self.scratch.show(list(self.labels), set())
        for statement in statements:
            text = explainable(statement, self.views)
            reason = "nothing to plan" if text is None else self.planner.prepare(f"s{statement.index}", text)
            if reason is None:
                choice = self._plan(statement.index)
                if isinstance(choice, Choice):
                    self.before[statement.index] = choice
                    continue
                reason = choice
            self.problems[statement.index] = reason

    def _plan(self, number: int) -> Choice | str:
        if time.monotonic() > self.deadline:
            return "the time for verification was up"
        return self.planner.choice(f"s{number}", self.labels, self.built.existing)

    def _choose(self, advice: IndexAdvice, assumptions: tuple[TableAssumption, ...]) -> IndexAdvice:
        """The shape of an index under which its statements cost least."""
        planned = [number for number in advice.statements if number in self.before]
        if not planned:
            reasons = [self.problems[number] for number in advice.statements if number in self.problems]
            return replace(advice, verified=IndexVerification(reasons[0] if reasons else "no pasted statement can use it"))
        tables = tuple(assumption for assumption in assumptions if assumption.table.lower() == _bare(advice.table))
        best: tuple[float, IndexAdvice] | None = None
        for shape in (advice, *advice.alternatives):
            label = self.label_of.get(shape.index.name or "")
            if label is None:
                continue
            tried = self._with({label}, planned)
            cost = sum(choice.cost for choice in tried.values())
            if tried and (best is None or cost < best[0] * NEARLY):
                best = (cost, replace(shape, alternatives=(), verified=self._verification(tried, shape, tables)))
        if best is not None and best[1].rewrites and best[1].verified and not best[1].verified.used:
            return replace(advice, verified=IndexVerification(f"the statement must change first: {best[1].rewrites[0]}"))
        if best is None:
            return replace(
                advice,
                verified=IndexVerification(
                    self.built.refused.get(advice.index.name or "", f"only the first {MAX_INDEXES} indexes are tried")
                ),
            )
        others = tuple(shape for shape in (advice, *advice.alternatives) if shape.index.name != best[1].index.name)
        alternatives = tuple(replace(other, alternatives=()) for other in others)
        return replace(best[1], alternatives=alternatives, statements=advice.statements)

    def _with(self, labels: set[str], planned: Iterable[int]) -> dict[int, Choice]:
        self.scratch.show(list(self.labels), labels)
        choices = {number: self._plan(number) for number in planned}
        return {number: choice for number, choice in choices.items() if isinstance(choice, Choice)}

    def _verification(self, tried: dict[int, Choice], shape: IndexAdvice, tables: tuple[TableAssumption, ...]) -> IndexVerification:
        statements = tuple(StatementVerification(number, self.before[number], choice) for number, choice in tried.items())
        return IndexVerification(
            used=any(shape.index.name in choice.indexes for choice in tried.values()),
            cost_before=sum(self.before[number].cost for number in tried),
            cost_after=sum(choice.cost for choice in tried.values()),
            statements=statements,
            assumptions=tables,
        )

    def _all(self, chosen: list[IndexAdvice]) -> dict[int, Choice]:
        labels = {self.label_of[advice.index.name or ""] for advice in chosen if (advice.index.name or "") in self.label_of}
        return self._with(labels, self.before)

    def _together(self, advice: IndexAdvice, after: dict[int, Choice]) -> IndexAdvice:
        """An index that helps only beside the others is shown with all of them in place."""
        verification = advice.verified
        if verification is None or not verification.verified:
            return advice
        using = {number: choice for number, choice in after.items() if advice.index.name in choice.indexes}
        if verification.used and not using:
            return replace(advice, verified=replace(verification, needed=False))
        if verification.used or not using:
            return advice
        joint = replace(self._verification(using, advice, verification.assumptions), together=True)
        return replace(advice, verified=joint)

    def _ranged(
        self, chosen: list[IndexAdvice], assumptions: tuple[TableAssumption, ...], literals: dict[tuple[str, str], list[str]]
    ) -> list[IndexAdvice]:
        """The indexes with the least and the most that they gain, if the assumed statistics are off either way."""
        if not any(is_assumed(assumption) for assumption in assumptions):
            return chosen
        ratios: dict[int, list[float]] = {place: [] for place, advice in enumerate(chosen) if _gain(advice)}
        together = {self.label_of[chosen[place].index.name or ""] for place in ratios}
        for times, visible_share in ((1 / SWAY, 0.0), (SWAY, 1.0)):
            for assumption in assumptions:
                restore(self.scratch.owner, swayed(assumption, times, visible_share), literals)
            for place, found in ratios.items():
                verification = chosen[place].verified
                if verification is None or time.monotonic() > self.deadline:
                    return chosen
                planned = [statement.statement for statement in verification.statements]
                before = self._with(set(), planned)
                after = self._with(together if verification.together else {self.label_of[chosen[place].index.name or ""]}, planned)
                both = before.keys() & after.keys()
                cost = sum(after[number].cost for number in both)
                found.append(sum(before[number].cost for number in both) / max(cost, 0.01))
        return [_with_range(advice, ratios.get(place, [])) for place, advice in enumerate(chosen)]


def _with_range(advice: IndexAdvice, ratios: list[float]) -> IndexAdvice:
    verification = advice.verified
    if verification is None or verification.ratio is None or not ratios:
        return advice
    every = [*ratios, verification.ratio]
    return replace(advice, verified=replace(verification, ratio_range=(min(every), max(every))))


def _to_plan(script: Script, advised: Advised) -> list[Statement]:
    """The statements to be planned, those that ask for an index before the rest."""
    asking = {number for advice in advised.indexes for number in advice.statements}
    queries = [statement for statement in script.statements if statement.kind in _QUERIES]
    ordered = sorted(queries, key=lambda statement: statement.index not in asking)[:MAX_STATEMENTS]
    return sorted((statement for statement in ordered if statement.tree is not None), key=lambda statement: statement.index)


def _gain(advice: IndexAdvice) -> float:
    """How many times cheaper its statements get; 0 if it is not worth it or not known."""
    verified = advice.verified
    return (verified.ratio or 0.0) if verified and verified.worthwhile else 0.0


def _bare(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _literals(uses: list[TableUse]) -> dict[tuple[str, str], list[str]]:
    """The constants that the statements compare each column with, so that statistics reach as far."""
    found: dict[tuple[str, str], list[str]] = {}
    for use in uses:
        names = {name.lower() for name in use.used}
        for comparison in use.scope.find_all(exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In):
            columns = [column for column in comparison.find_all(exp.Column) if column.name.lower() in names]
            if len(columns) == 1:
                constants = [literal.this for literal in comparison.find_all(exp.Literal)]
                found.setdefault((use.reference.name.lower(), columns[0].name.lower()), []).extend(constants[:20])
    return found
