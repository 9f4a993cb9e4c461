"""Histories as they come: what is read, put right, asked and refused."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbbuddy.capacity.history import HistoryError, from_numbers, from_points
from dbbuddy.capacity.history.read import Mapping, guess, histories, load_file, load_text
from dbbuddy.capacity.project import project
from dbbuddy.capacity.units import UnitError, convert, quantity
from dbbuddy.intake.text import InputError
from tests.effort import examples
from tests.unit.capacity.pastes import PASTES, Expected


@pytest.mark.parametrize("name", PASTES)
def test_a_paste_is_read(name: str) -> None:
    text, expected = PASTES[name]
    found = histories(load_text(text)).histories
    told: list[Expected] = [
        (h.name, h.metric, h.unit, (str(h.times[0])[:10], float(h.values[0])), (str(h.times[-1])[:10], float(h.values[-1])))
        for h in found
    ]
    assert told == expected


def test_a_workbook_is_read() -> None:
    book = io.BytesIO()
    rows = {"Day": [dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2)], "Used (GB)": [10.5, 11.5]}
    pd.DataFrame(rows).to_excel(book, index=False)
    (history,) = histories(load_file("sizes.xlsx", book.getvalue())).histories
    assert (history.unit, history.values.tolist(), str(history.times[0])[:10]) == ("GB", [10.5, 11.5], "2026-01-01")


def test_day_and_month_are_asked_where_the_data_cannot_tell() -> None:
    table = load_text("date,size_gb\n01/02/2026,100\n01/03/2026,101\n")
    reading = histories(table)
    assert "day first or month first" in reading.questions[0]
    assert str(reading.histories[0].times[0])[:10] == "2026-02-01"
    turned = histories(table, Mapping("date", ("size_gb",), date_order="month_first"))
    assert turned.questions == ()
    assert str(turned.histories[0].times[0])[:10] == "2026-01-02"


def test_day_and_month_are_told_by_a_day_over_twelve_and_by_evenness() -> None:
    days = pd.date_range("2026-02-05", periods=40)
    for form, order in (("%d/%m/%Y", "day_first"), ("%m/%d/%Y", "month_first")):
        text = "date,gb\n" + "\n".join(f"{day.strftime(form)},{i}" for i, day in enumerate(days))
        reading = histories(load_text(text))
        assert (reading.mapping.date_order, reading.questions) == (order, ())
        assert str(reading.histories[0].times[-1])[:10] == "2026-03-16"


def test_free_space_needs_the_total() -> None:
    table = load_text('{"Label":"FreeStorageSpace","Datapoints":[{"Timestamp":"2026-01-01T00:00:00Z","Minimum":1073741824}]}')
    mapping = guess(table)
    assert "allotted" in histories(table, mapping).questions[0]
    reading = histories(table, Mapping(mapping.time, mapping.values, total=100.0))
    assert reading.questions == ()
    assert reading.histories[0].values.tolist() == [99.0]


def test_mixed_units_duplicates_zones_and_unreadable_lines_are_told() -> None:
    text = (
        "time;size\n2026-03-28T12:00:00+01:00;1000 MB\n2026-03-29T12:00:00+02:00;1 GB\n"
        "2026-03-29T12:00:00+02:00;2 GB\nsoon;3 GB\n2026-03-31T12:00:00+02:00;?\n2026-04-01T12:00:00+02:00;3 GB\n"
    )
    (history,) = histories(load_text(text)).histories
    assert {found.what for found in history.found} == {"unit", "time_zone", "unreadable", "duplicate"}
    assert history.values[1:].tolist() == [2.0, 3.0]
    assert str(history.times[0]) == "2026-03-28T11:00:00"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no text"),
        ("date,size\n", "no line below"),
        ("name,city\nann,rome\nbob,oslo\n", "holds dates"),
        ("date,city\n2026-01-01,rome\n2026-01-02,oslo\n", "holds numbers"),
        ("{", "looks like JSON"),
        ('{"a": 1}', "no dated values"),
        ("[" * 100_000, "looks like JSON"),
    ],
)
def test_what_is_no_history_is_refused_with_what_to_do(text: str, says: str) -> None:
    with pytest.raises(HistoryError, match=says):
        histories(load_text(text))


def test_wrong_columns_and_wrong_files_are_refused() -> None:
    with pytest.raises(HistoryError, match="no column weight"):
        histories(load_text("date,size\n2026-01-01,1\n"), Mapping("date", ("weight",)))
    for name, data in (("a.xlsx", b"PK\x03\x04broken"), ("a.xls", b"\xd0\xcf\x11\xe0"), ("a.csv", b""), ("a.bin", b"\x00\x01" * 9)):
        with pytest.raises(InputError):
            load_file(name, data)


def test_two_numbers_are_a_history() -> None:
    history = from_numbers(500, 20, 30.4375, on=dt.date(2026, 1, 31))
    made = project(history, horizon_days=365)
    assert made.mean[-1] == pytest.approx(500 + 20 * 365 / 30.4375, rel=0.01)
    assert made.lo80[-1] < made.mean[-1] - 30
    assert "Two numbers" in made.warnings[0]
    for bad in ((float("nan"), 1), (-1, 1), (1, float("inf"))):
        with pytest.raises(HistoryError):
            from_numbers(*bad)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from("0123456789-/.,;:|\t\n +TZGBe%\"'[]{}ab")))
def test_any_text_is_read_or_refused(text: str) -> None:
    message = "a history was read"
    try:
        found = histories(load_text(text)).histories
    except InputError as error:
        message = str(error)
    else:
        assert all(np.isfinite(history.values).all() for history in found)
    assert 10 < len(message) < 400


def test_units_convert_and_refuse() -> None:
    assert convert(1.5, "TB", "GB") == 1536
    assert convert(0.25, "share", "%") == 25
    assert convert(1024, "KB/s", "MB/s") == 1
    assert quantity("1.2TB") == (1.2, "TB")
    assert quantity("85 %") == (85, "%")
    assert quantity("3000", "IOPS") == (3000, "IOPS")
    with pytest.raises(UnitError):
        convert(1, "GB", "connections")
    for text in ("", "GB", "12 parsecs", "nan", "inf GB"):
        with pytest.raises(UnitError):
            quantity(text)


def test_points_keep_their_order_and_the_last_of_twins() -> None:
    history = from_points(["2026-01-03", "2026-01-01", "2026-01-03"], [3, 1, 4.0])
    assert history.values.tolist() == [1.0, 4.0]
    assert [found.what for found in history.found] == ["duplicate"]
