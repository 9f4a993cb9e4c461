"""The tables of the adoption page."""

from __future__ import annotations

from dbbuddy.analytics import wording
from dbbuddy.analytics.overview import AdoptionFigures
from dbbuddy.analytics.tables import HIDDEN, Cell, Column, Table

_COHORT_WEEKS = 26


def adoption_tables(found: AdoptionFigures) -> tuple[Table, ...]:
    """All of them, those without rows too."""
    return (days(found), weeks(found), months(found), cohorts(found), active_days(found), funnel(found), teams(found))


def days(found: AdoptionFigures) -> Table:
    """People and messages by day."""
    rows = tuple((row.day, row.people, row.messages) for row in found.days)
    columns = (Column("Day"), Column("People", "people"), Column("Messages", "count"))
    return Table("days", "Active developers by day", columns, rows, ("active_people",))


def weeks(found: AdoptionFigures) -> Table:
    """People by week and what became of them."""
    rows = tuple((row.week, row.people, row.new, row.kept, row.back, row.lost, "yes" if row.whole else "no") for row in found.weeks)
    names = ("People", "New", "Kept", "Back", "Lost")
    columns = (Column("Week from"), *(Column(name, "people") for name in names), Column("Whole week"))
    return Table("weeks", "New, kept, back and lost by week", columns, rows, ("active_people", "lifecycle"))


def months(found: AdoptionFigures) -> Table:
    """People by calendar month."""
    rows = tuple((f"{row.month:%Y-%m}", row.people, "yes" if row.whole else "no") for row in found.months)
    columns = (Column("Month"), Column("People", "people"), Column("Whole month"))
    return Table("months", "Active developers by month", columns, rows, ("active_people",))


def cohorts(found: AdoptionFigures) -> Table:
    """Retention: the share of a cohort that asked in each week."""
    length = min(max((len(row.weeks) for row in found.cohorts), default=1), _COHORT_WEEKS)
    rows: list[tuple[Cell, ...]] = []
    for cohort in found.cohorts:
        shares: list[Cell] = [people / cohort.size for people in cohort.weeks[:length]] if cohort.size else []
        size = None if cohort.suppressed else cohort.size
        rows.append((cohort.week, size, *shares, *[None] * (length - len(shares)), HIDDEN if cohort.suppressed else ""))
    columns = (
        Column("First asked in week from"),
        Column("People", "people"),
        *(Column(f"Week {number}", "share") for number in range(length)),
        Column("Note"),
    )
    return Table("cohorts", "Retention by week of the first question", columns, tuple(rows), ("retention",))


def active_days(found: AdoptionFigures) -> Table:
    """On how many days people asked."""
    rows = tuple((place, people) for place, people in enumerate(found.active_days, 1)) if any(found.active_days) else ()
    columns = (Column("Days of the last 28", "count"), Column("People", "people"))
    return Table("active-days", "Days of use", columns, rows, ("active_days",))


def funnel(found: AdoptionFigures) -> Table:
    """From opening to solved."""
    rows = tuple((step.name.capitalize(), step.people, step.of_previous) for step in found.funnel)
    columns = (Column("Step"), Column("People", "people"), Column("Of the step before", "share"))
    return Table("funnel", "From opening to solved", columns, rows, ("funnel",))


def teams(found: AdoptionFigures) -> Table:
    """Adoption by team."""
    rows = tuple(
        (
            wording.name(row.team),
            row.eligible,
            None if row.suppressed else row.asked,
            row.share.value,
            row.share.low,
            row.share.high,
            HIDDEN if row.suppressed else "" if row.eligible else "no head count",
        )
        for row in found.teams
    )
    columns = (
        Column("Team"),
        Column("Eligible developers", "people"),
        Column("Asked in the period", "people"),
        Column("Share in the last 28 days", "share"),
        Column("from", "share"),
        Column("to", "share"),
        Column("Note"),
    )
    return Table("teams", "Adoption by team", columns, rows, ("adoption_share",))
