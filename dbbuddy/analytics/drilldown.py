"""The exchanges behind a figure for those who may not read them: when, what about, what became of it; no text, no person."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from dbbuddy.analytics import wording
from dbbuddy.analytics.queries import Row
from dbbuddy.analytics.suppression import too_few
from dbbuddy.analytics.tables import HIDDEN, Cell, Column, Table
from dbbuddy.analytics.view import View

MOST = 500
"""So many of the newest exchanges are listed."""
COLUMNS = (
    Column("Time"),
    Column("Team"),
    Column("Category"),
    Column("Engine"),
    Column("Environment"),
    Column("Provider"),
    Column("Status"),
    Column("Diagnosis"),
    Column("Confidence", "share"),
    Column("Outcome"),
    Column("Response time", "milliseconds"),
)


def exchanges(view: View, zone: str) -> Table:
    """The newest exchanges of a view, times in this zone. A team is named only where enough of it asked about the category.

    Raises:
        StoreError: the store cannot be read.
    """
    rows = view.read("drilldown", "exchanges", {"most": MOST})
    people = {(team, category): int(count) for team, category, count in view.read("drilldown", "people")}
    hidden = {pair for pair, count in people.items() if pair[0] in view.hidden_teams or too_few(count, view.fewest)}
    there = ZoneInfo(zone)
    return Table(
        "exchanges", "Exchanges behind the figures", COLUMNS, tuple(_cells(row, (row[1], row[2]) in hidden, there) for row in rows)
    )


def _cells(row: Row, hidden: bool, zone: ZoneInfo) -> tuple[Cell, ...]:
    asked_at, team, category, engine, environment, provider, status, diagnosis, confidence, outcome, latency = row
    return (
        f"{asked_at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}",
        HIDDEN if hidden else wording.name(team),
        *(wording.name(part) for part in (category, engine, environment, provider, status)),
        diagnosis or "",
        confidence,
        wording.name(outcome) if outcome else "",
        latency,
    )
