"""Tickets from files and pasted tables become weeks by category; what cannot be used is told."""

from __future__ import annotations

import io
from datetime import date

import pandas as pd
import pytest

from dbbuddy.analytics.roi import reading
from dbbuddy.analytics.roi.reading import Columns, Usual
from dbbuddy.intake.text import InputError

WEEKLY = """Week;Category;Tickets;Minutes (median);Developers
2026-01-05;Troubleshooting;14;55,5;120
2026-01-14;Query optimization;3;70;121
"""
EXPORT = """Key\tCreated\tComponent\tTime Spent (hours)\tSummary
DB-1\t2026-01-05 09:12\tSlow query\t1.5\t=cmd|' /C calc'!A0
DB-2\t2026-01-07 10:00\tDisk full\t2\tx
DB-3\t2026-01-08 10:00\tSlow query\t0.5\tx
DB-4\t2026-01-08 10:30\tSlow query\t4\tx
DB-5\tsoon\tSlow query\t1\tx
DB-6\t2026-01-13 11:00\tLunch\t1\tx
DB-7\t2026-01-13 11:00\tDisk full\t\tx
"""


def read(text: str, usual: Usual, **meant: str) -> reading.Weeks:
    table = reading.read_table("tickets", text)
    columns = reading.guess(table)
    return reading.weeks(table, columns, {**reading.kinds(table, columns), **meant}, usual)


def rows(found: reading.Weeks) -> list[tuple[object, ...]]:
    return [(row.category, row.week, row.tickets, row.minutes, row.developers) for row in found.rows]


def test_counts_by_week_with_a_decimal_comma_and_a_day_in_the_week() -> None:
    found = read(WEEKLY, Usual(1))
    assert rows(found) == [
        ("troubleshooting", date(2026, 1, 5), 14, 55.5, 120),
        ("query_optimization", date(2026, 1, 12), 3, 70.0, 121),
    ]
    assert not found.left_out


def test_one_ticket_a_line_counts_and_takes_the_median_in_minutes() -> None:
    table = reading.read_table("tickets", EXPORT)
    columns = reading.guess(table)
    assert columns == Columns("Created", kind="Component", minutes="Time Spent (hours)", unit="hours")
    assert reading.kinds(table, columns) == {
        "Slow query": "query_optimization",
        "Disk full": "capacity_planning",
        "Lunch": "troubleshooting",
    }
    found = read(EXPORT, Usual(40), Lunch="")
    assert rows(found) == [
        ("capacity_planning", date(2026, 1, 5), 1, 120.0, 40),
        ("query_optimization", date(2026, 1, 5), 3, 90.0, 40),
    ]
    assert found.left_out == {
        "no date that can be read": 1,
        "a kind that counts for no category": 1,
        "no handling time": 1,
    }
    with_usual = read(EXPORT, Usual(40, minutes=45.0), Lunch="")
    assert ("capacity_planning", date(2026, 1, 12), 1, 45.0, 40) in rows(with_usual)


def test_a_workbook_reads_like_its_csv() -> None:
    packed = io.BytesIO()
    frame = pd.DataFrame(
        {"week": ["2026-01-05"], "category": ["security_hardening"], "tickets": [4], "minutes": [65], "developers": [9]}
    )
    frame.to_excel(packed, index=False)
    table = reading.read_table("t.xlsx", packed.getvalue())
    columns = reading.guess(table)
    found = reading.weeks(table, columns, reading.kinds(table, columns), Usual(1))
    assert rows(found) == [("security_hardening", date(2026, 1, 5), 4, 65.0, 9)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no text"),
        ("week,tickets,minutes\n", "No"),
        ("week,tickets,minutes\n03/04/2026,3,20\n04/05/2026,3,20\n", "YYYY-MM-DD"),
        ("week,tickets,minutes\nyesterday,3,20\nsoon,4,20\n", "no date that can be read"),
        ("week,tickets,minutes\n2026-01-05,-3,20\n2026-01-12,1.5,20\n", "no whole number of tickets"),
        ("week,tickets\n2026-01-05,3\n2026-01-12,4\n", "no handling time"),
        ("week,tickets,minutes\n2026-01-05,1e18,20\n2026-01-12,3,20\n", "tickets"),
        ("week,tickets,minutes\n2026-01-05,3,9e9\n2026-01-12,3,20\n", "handling time"),
        ("week,tickets,minutes\n1915-01-04,3,20\n1915-01-11,3,20\n", "date"),
    ],
)
def test_what_cannot_be_used_is_told(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(text, Usual(10), **{"": "troubleshooting"})


def test_binary_and_huge_input_is_refused() -> None:
    with pytest.raises(InputError):
        reading.read_table("photo.csv", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\x00" * 50)
    with pytest.raises(InputError, match="larger than 20 MB"):
        reading.read_table("big.csv", b"a,b\n" * 6_000_000)
    with pytest.raises(InputError, match="more than 200,000 lines"):
        reading.read_table("long.csv", ("week,tickets\n" + "2026-01-05,1\n" * 200_001).encode())


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("Security_Hardening", "security_hardening"),
        ("query-optimization", "query_optimization"),
        ("Access request", "security_hardening"),
        ("High CPU", "performance_analysis"),
        ("whatever", "troubleshooting"),
        ("", "troubleshooting"),
    ],
)
def test_words_of_a_ticket_system_point_to_a_category(kind: str, category: str) -> None:
    assert reading.category_of(kind) == category
