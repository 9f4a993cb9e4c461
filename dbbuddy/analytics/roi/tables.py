"""The tables behind the ROI page, as they are shown and as they leave as CSV."""

from __future__ import annotations

from dbbuddy.analytics import wording
from dbbuddy.analytics.roi import findings
from dbbuddy.analytics.roi.assess import COST_NAMES, Assessment, Band, Result
from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.roi.solver import Answer
from dbbuddy.analytics.tables import HIDDEN, Cell, Column, Table
from dbbuddy.store.baselines import Recorded

_BAND = ("P10", "P50", "P90")


def totals(result: Result) -> Table:
    """The headline figures."""
    bands: list[tuple[str, Band | None]] = [
        ("DBA hours freed in the period", result.hours),
        ("DBA hours a year at this pace", result.hours_a_year),
        ("Capacity value a year (USD)", result.capacity),
        ("Benefit of the first year (USD)", result.benefit),
        ("Cost of the first year (USD)", result.cost),
        ("Return in the first year (share)", result.roi),
        ("Net present value (USD)", result.net_present_value),
    ]
    rows = [(name, *_cells(band)) for name, band in bands]
    days = result.payback
    rows.append(
        (
            "Paid back (P10 is the earliest)",
            *(day.isoformat() if day else "never" for day in (days.early, days.middle, days.late)),
            None,
        )
    )
    return Table(
        "roi-totals",
        "Totals",
        _columns("Figure", *_BAND, "Mean"),
        tuple(_plain(row) for row in rows),
        ("dba_hours", "capacity_value", "roi", "payback"),
    )


def categories(found: Assessment) -> Table:
    """What is credited by category; categories of too few people are hidden."""
    heads = (
        "Category",
        "Confirmed",
        "Graded",
        "Assumed",
        "Not solved",
        "Handed over",
        "Minutes from",
        "DBA hours P10",
        "P50",
        "P90",
    )
    rows: list[tuple[Cell, ...]] = []
    for line in found.ledger.lines:
        if line.suppressed:
            rows.append((wording.name(line.category), *(None,) * 8, HIDDEN))
            continue
        band = found.result.categories[line.category] if found.result else None
        minutes = "recorded: " + " / ".join(f"{one:.0f}" for one in line.minutes) if line.minutes else "assumed"
        counts = (line.confirmed, line.verified.n, line.assumed, line.unresolved, line.handed_over)
        rows.append((wording.name(line.category), *counts, minutes, *(_cells(band)[:3])))
    return Table("roi-categories", "Problems and hours by category", _columns(*heads), tuple(rows), ("dba_hours", "episodes"))


def ladder(result: Result) -> Table:
    """Hours and dollars by evidence."""
    rows = tuple(
        (findings.RUNG_NAMES[rung.rung], findings.RUNG_MEANINGS[rung.rung], round(rung.hours, 2), round(rung.dollars, 2))
        for rung in result.rungs
    )
    heads = _columns("Evidence", "What it means", "DBA hours of the period")
    return Table(
        "roi-ladder", "Evidence", (*heads, Column("Capacity value a year", "dollars")), rows, ("dba_hours", "capacity_value")
    )


def costs(result: Result) -> Table:
    """Every cost."""
    rows = tuple((COST_NAMES[line.name], *_cells(line.band)) for line in result.costs)
    columns = (Column("Cost a year"), *(Column(name, "dollars") for name in (*_BAND, "Mean")))
    return Table("roi-costs", "Costs", columns, rows, ("roi",))


def waterfall(result: Result) -> Table:
    """From gross to net."""
    rows = tuple((name, round(amount, 2)) for name, amount in result.waterfall)
    return Table("roi-waterfall", "From gross to net", (Column("Step"), Column("A year, mean", "dollars")), rows, ("roi",))


def bridge(result: Result) -> Table:
    """From the plan's example to what the logs support."""
    rows = tuple(
        (step.what, round(step.hours), round(step.benefit), round(step.cost), None if step.roi is None else round(step.roi, 2))
        for step in result.bridge
    )
    columns = (
        Column("Computed as"),
        Column("DBA hours a year", "count"),
        Column("Benefit", "dollars"),
        Column("Cost", "dollars"),
        Column("Return", "share"),
    )
    return Table("roi-bridge", "Why it is not the plan's figure", columns, rows, ("roi",))


def sensitivities(result: Result, assumptions: Assumptions) -> Table:
    """What moves the result."""
    rows = tuple((findings.lever(one.lever, assumptions), round(one.correlation, 3)) for one in result.sensitivities)
    return Table("roi-sensitivity", "What moves the result", _columns("Lever", "Rank correlation"), rows, ("roi",))


def course(result: Result) -> Table:
    """What is left after so many months."""
    rows = tuple((month.number, month.low, month.middle, month.high) for month in result.months)
    columns = (Column("Months after the launch"), *(Column(name, "dollars") for name in _BAND))
    return Table("roi-course", "What is left, month by month", columns, rows, ("payback",))


def requirements(answer: Answer, assumptions: Assumptions) -> Table:
    """What one lever alone would have to be."""
    rows: list[tuple[Cell, ...]] = []
    for one in answer.alone:
        unit = unit_of(one.lever, assumptions)
        needed = "cannot do it alone" if one.needed is None else amount(one.needed, unit)
        rows.append((findings.lever(one.lever, assumptions), amount(one.now, unit), needed, round(one.best, 2)))
    columns = (
        *_columns("One lever, the others as they are", "Now (middle)", "Would have to be"),
        Column("Highest return it can give", "share"),
    )
    return Table("roi-requirements", "What one lever would have to be", columns, tuple(rows), ("roi",))


def recorded(rows: tuple[Recorded, ...]) -> Table:
    """The baseline."""
    cells = tuple(
        (one.row.week, wording.name(one.row.category), one.row.tickets, one.row.minutes, one.row.developers, one.made_by)
        for one in rows
    )
    heads = _columns("Week from", "Category", "Tickets")
    return Table(
        "baseline", "Recorded weeks", (*heads, Column("Minutes, median", "minutes"), *_columns("Developers", "Recorded by")), cells
    )


def unit_of(lever: str, assumptions: Assumptions) -> str:
    """The unit of a lever."""
    found = next((one.unit for name, one in assumptions.ranges.items() if name == lever), None)
    return found or {"problems": "problems a year", "fall": "tickets a year"}[lever]


def amount(value: float, unit: str) -> str:
    """A value with its unit."""
    if unit == "share":
        return f"{100 * value:.0f} %"
    if unit.startswith("dollars"):
        return f"{findings.money(value)}{unit.removeprefix('dollars')}"
    return f"{findings.number(value)} {unit}"


def _cells(band: Band | None) -> tuple[Cell, ...]:
    return (band.low, band.middle, band.high, band.mean) if band else (None,) * 4


def _plain(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Numbers of different kinds stand in one column, so they are written out."""
    return tuple(f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row)


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)
