"""What the verification on a real planner says. Costs are the planner's own units, never times; statements count from 0."""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.plans.model import Plan


@dataclass(frozen=True)
class ColumnAssumption:
    """What the planner was told of a column. `source` is `stated` or `assumed`; `correlation` is from -1 to 1."""

    column: str
    type: str
    distinct: float
    null_share: float
    correlation: float
    width: float
    source: str


@dataclass(frozen=True)
class TableAssumption:
    """What the planner was told of a table. `visible_share` is the share of pages that VACUUM has marked all-visible."""

    table: str
    rows: float
    visible_share: float
    columns: tuple[ColumnAssumption, ...]
    rows_source: str
    inferred: bool
    """True if the table or columns of it were made up from the statements, as no DDL names them."""


@dataclass(frozen=True)
class Choice:
    """The planner's choice for one statement: its cost, its shape in a line, the candidate indexes in it."""

    cost: float
    rows: float
    plan: Plan
    shape: str
    indexes: tuple[str, ...]


@dataclass(frozen=True)
class StatementVerification:
    """A statement before and after, with all advised indexes; `reason` says why it was not planned."""

    statement: int
    before: Choice | None
    after: Choice | None
    reason: str | None = None

    @property
    def ratio(self) -> float | None:
        """How many times cheaper the statement gets."""
        return self.before.cost / max(self.after.cost, 0.01) if self.before and self.after else None


@dataclass(frozen=True)
class IndexVerification:
    """What one index does for the statements that ask for it; not verified if `reason` is set."""

    reason: str | None = None
    used: bool = False
    together: bool = False
    """True if the planner uses it only together with the other advised indexes."""
    needed: bool = True
    """False if the planner no longer uses it once the other advised indexes are there."""
    cost_before: float | None = None
    cost_after: float | None = None
    statements: tuple[StatementVerification, ...] = ()
    assumptions: tuple[TableAssumption, ...] = ()
    ratio_range: tuple[float, float] | None = None
    """The least and the most times cheaper, if what was assumed is off either way; `None` if nothing was assumed."""

    @property
    def verified(self) -> bool:
        return self.reason is None

    @property
    def ratio(self) -> float | None:
        """How many times cheaper the statements that ask for it get, taken together."""
        return None if self.cost_before is None or self.cost_after is None else self.cost_before / max(self.cost_after, 0.01)

    @property
    def worthwhile(self) -> bool:
        """True if the planner uses it and its statements get cheaper by a tenth at least."""
        return self.used and self.needed and (self.ratio or 0) >= 1.1

    @property
    def best(self) -> StatementVerification | None:
        """The statement that gains most."""
        return max(self.statements, key=lambda statement: statement.ratio or 0, default=None)


class NotAvailableError(RuntimeError):
    """No scratch server can be had; the message says why."""


def as_stats(assumptions: tuple[TableAssumption, ...]) -> dict[str, dict[str, object]]:
    """The assumptions as statistics JSON, to be edited and given back."""
    return {
        table.table: {
            "rows": table.rows,
            "visible_share": table.visible_share,
            "columns": {
                column.column: {"distinct": column.distinct, "null_share": column.null_share, "correlation": column.correlation}
                for column in table.columns
            },
        }
        for table in assumptions
    }
