"""What stands in the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dbbuddy.analytics import adoption_tables, quality_tables, wording
from dbbuddy.analytics.figures import Figure
from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.overview import AdoptionFigures, QualityFigures, adoption_figures, quality_figures, solved_before
from dbbuddy.analytics.queries import Reads
from dbbuddy.analytics.roi import findings as roi_findings
from dbbuddy.analytics.roi import tables as roi_tables
from dbbuddy.analytics.roi.assess import assess
from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.roi.ledger import read_ledger
from dbbuddy.analytics.tables import HIDDEN, Column, Origin, Table
from dbbuddy.analytics.view import look
from dbbuddy.identity import User

READER = User("report", "Report", frozenset({"manager"}))
"""As whom the report looks: whoever it is sent to, small groups are hidden."""


@dataclass(frozen=True)
class Line:
    """A figure of the report, and the same of the period before."""

    figure: Figure
    before: Figure | None
    title: str = ""

    @property
    def name(self) -> str:
        return self.title or self.figure.definition.title


@dataclass(frozen=True)
class Series:
    """Values by week for a small chart; None where there is none."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    target: float | None = None
    top: float | None = None


@dataclass(frozen=True)
class Report:
    """All of it. `notice` says why there are no figures; then all else is empty."""

    origin: Origin
    lines: tuple[Line, ...] = ()
    series: tuple[Series, ...] = ()
    tables: tuple[Table, ...] = ()
    remarks: tuple[str, ...] = ()
    notice: str = ""

    @property
    def used(self) -> tuple[str, ...]:
        """The ids of the definitions of all figures in it."""
        named = [line.figure.id for line in self.lines]
        return tuple(dict.fromkeys([*named, *(name for table in self.tables for name in table.definitions)]))

    @property
    def all_tables(self) -> tuple[Table, ...]:
        """The figures as a table, and those behind them; for files that hold nothing else."""
        if self.notice:
            return (Table("report", self.notice, (), ()),)
        rows = tuple(
            (
                line.name,
                HIDDEN if line.figure.suppressed else line.figure.value,
                line.figure.definition.unit,
                line.figure.low,
                line.figure.high,
                line.figure.n,
                line.before.value if line.before else None,
                wording.target(line.figure),
                wording.verdict(line.figure) or "",
            )
            for line in self.lines
        )
        names = ("Figure", "Value", "Unit", "from", "to", "n", "Period before", "Target", "Verdict")
        figures = Table("figures", "Figures", tuple(map(Column, names)), rows, tuple(line.figure.id for line in self.lines))
        return (figures, *self.tables)


def report(store: Reads, chosen: Filter, heads: Mapping[str, int], assumptions: Assumptions, *, sample: bool) -> Report:
    """Read and compute the report, compared with the period before.

    Raises:
        StoreError: the store cannot be read.
    """
    view = look(store, READER, chosen, heads)
    origin = Origin(chosen, view.as_of, sample)
    if view.suppressed:
        return Report(origin, notice="Hidden: this choice is about fewer than 5 people, or would tell them from others.")
    if view.empty:
        return Report(origin, notice="Nobody asked anything in this period.")
    earlier = look(store, READER, chosen.before(), heads)
    use, quality = adoption_figures(view), quality_figures(view)
    before, quality_before = adoption_figures(earlier), quality_figures(earlier)
    found = assess(read_ledger(view), assumptions)
    money = (roi_tables.totals(found.result), roi_tables.ladder(found.result)) if found.result else ()
    remarks = (roi_findings.headline(found.result),) if found.result else ()
    return Report(
        origin, _lines(use, before, quality, quality_before), _series(use, quality), (*_tables(use, quality), *money), remarks
    )


def _lines(use: AdoptionFigures, before: AdoptionFigures, quality: QualityFigures, earlier: QualityFigures) -> tuple[Line, ...]:
    return (
        Line(use.eligible_share, before.eligible_share),
        Line(use.month, before.month, "Active in the last 28 days"),
        Line(use.stickiness, before.stickiness),
        Line(quality.answers.satisfaction, earlier.answers.satisfaction),
        Line(quality.answers.counts.response_rate, earlier.answers.counts.response_rate),
        Line(quality.solved, solved_before(quality, earlier)),
        Line(quality.deflection.total, earlier.deflection.total),
        Line(quality.answers.counts.answered_share, earlier.answers.counts.answered_share),
        Line(quality.fast["first"], earlier.fast["first"], "Models begin in under 5 s"),
        Line(quality.models.cost, earlier.models.cost),
    )


def _series(use: AdoptionFigures, quality: QualityFigures) -> tuple[Series, ...]:
    weeks = [week for week in use.weeks if week.whole]
    solved = {week: row.solved_rate(quality.assumed_right) for week, row in quality.outcomes.weeks.items() if row.settled}
    rated = [row for row in quality.weeks if row.satisfaction.value is not None]
    stars, rate = quality.answers.satisfaction.definition.target, quality.solved.definition.target
    return (
        Series("Active developers by week", tuple(wording.day(week.week) for week in weeks), tuple(week.people for week in weeks)),
        Series(
            "Solved without a DBA by week",
            tuple(wording.day(week) for week in solved),
            tuple(figure.value for figure in solved.values()),
            rate.at_least if rate else None,
            1.0,
        ),
        Series(
            "Satisfaction by week",
            tuple(str(row.key) for row in rated),
            tuple(row.satisfaction.value for row in rated),
            stars.at_least if stars else None,
            5.0,
        ),
    )


def _tables(use: AdoptionFigures, quality: QualityFigures) -> tuple[Table, ...]:
    found = (
        adoption_tables.teams(use),
        adoption_tables.funnel(use),
        quality_tables.outcomes(quality, "category"),
        quality_tables.times(quality),
        quality_tables.models(quality),
    )
    return tuple(table for table in found if table.rows)
