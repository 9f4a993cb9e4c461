"""What leaves the dashboards: CSV that no spreadsheet runs, and the report that holds no text and hides small groups."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from dbbuddy.analytics import wording
from dbbuddy.analytics.drilldown import exchanges
from dbbuddy.analytics.figures import Figure, hidden, share
from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.analytics.refresh import refresh
from dbbuddy.analytics.report.content import Report, report
from dbbuddy.analytics.report.markdown import markdown
from dbbuddy.analytics.report.page import html
from dbbuddy.analytics.roi.assumptions import defaults
from dbbuddy.analytics.sample.logs import Logs
from dbbuddy.analytics.tables import Column, Origin, Table, csv_of, csv_of_all
from dbbuddy.analytics.view import look
from dbbuddy.cli.main import main
from dbbuddy.identity import NotAllowedError
from dbbuddy.settings import settings
from dbbuddy.store.annotations import annotate, noted, remove_annotation
from dbbuddy.store.store import Store
from tests.unit.analytics.conftest import DBA, HEADS, MANAGER

PERIOD = Period(date(2026, 3, 1), date(2026, 4, 25))
CHOSEN = Filter(PERIOD)
HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "  =1", "\n@x"]


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def found(filled: Store) -> Report:
    return report(filled, CHOSEN, HEADS, defaults(), sample=False)


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.cells: list[str] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]
        self._in_cell = tag == "td"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells.append(data)


def parsed(text: str) -> _Seen:
    seen = _Seen()
    seen.feed(text)
    return seen


class TestCsv:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_no_cell_is_a_formula(self, text: str) -> None:
        table = Table("t", "T", (Column("Team"), Column("n", "count")), ((text, -3),))
        written = rows_of(csv_of(table, Origin(Filter(PERIOD, teams=(text,)), datetime(2026, 5, 1))))
        assert ["'" + text, "-3"] in [[row[0].replace("\r\n", "\n"), *row[1:]] for row in written[-1:]]
        assert all(cell[:1] not in "=+-@\t\r＝" for row in written for cell in row if cell and not cell.lstrip("-").isdigit())

    def test_the_head_says_filter_versions_and_sample(self) -> None:
        table = Table("t", "T", (Column("Share", "share"),), ((0.5,),), ("solved_rate",))
        origin = Origin(Filter(PERIOD, teams=("Search",), engines=("postgresql",)), datetime(2026, 5, 1, 9), sample=True)
        head = dict(row for row in rows_of(csv_of(table, origin)) if len(row) == 2)
        assert head["# Period"] == "2026-03-01 to 2026-04-25"
        assert head["# Team"] == "Search"
        assert head["# Engine"] == "PostgreSQL"
        assert re.fullmatch(r"solved_rate \d+", head["# Definitions and versions"])
        assert "made up" in head["# Sample data"]

    def test_numbers_stay_numbers(self) -> None:
        table = Table("t", "T", (Column("Share", "share"), Column("Day")), ((0.25, date(2026, 3, 1)), (None, None)))
        assert rows_of(csv_of(table, Origin(CHOSEN, datetime(2026, 5, 1))))[-3:] == [
            ["Share (share)", "Day"],
            ["0.25", "2026-03-01"],
            ["", ""],
        ]


class TestVerdict:
    def test_met_only_if_the_lower_bound_clears_it(self) -> None:
        assert wording.verdict(share("solved_rate", 990, 1000)) == "met"
        assert wording.verdict(share("solved_rate", 91, 100)) == "too early"
        assert wording.verdict(share("solved_rate", 60, 100)) == "not met"

    def test_few_observations_are_too_early_and_hidden_ones_say_nothing(self) -> None:
        assert wording.verdict(share("adoption_share", 20, 20)) == "too early"
        assert wording.verdict(hidden("solved_rate")) is None
        assert wording.figure_value(hidden("solved_rate")) == "hidden"
        assert wording.verdict(Figure("solved_rate", None, 0)) is None

    def test_low_targets_are_met_from_below(self) -> None:
        assert wording.verdict(Figure("response_time", 900.0, 100, 800.0, 1000.0)) == "met"
        assert wording.verdict(Figure("response_time", 9000.0, 100, 8000.0, 9900.0)) == "not met"


class TestReport:
    def test_loads_nothing_and_runs_nothing(self, found: Report) -> None:
        seen = parsed(html(found))
        assert seen.addresses == []
        assert not {"script", "link", "img", "iframe", "object"} & set(seen.tags)
        assert seen.tags.count("svg") == 3

    def test_has_the_figures_of_the_logs(self, found: Report, logs: Logs) -> None:
        rows = logs.exchanges
        asked = rows[(rows.day >= PERIOD.first) & (rows.day <= PERIOD.last)]
        answered = asked.status.eq("answered").mean()
        by_name = {row[0]: row for row in rows_of(csv_of_all(found.all_tables, found.origin)) if len(row) == 9}
        assert float(by_name["Answered"][1]) == pytest.approx(answered, abs=1e-6)
        assert int(by_name["Answered"][5]) == len(asked)
        assert f"| Answered | {wording.value(answered, 'share')} |" in markdown(found)
        assert f"<b>{wording.value(answered, 'share')}</b>" in html(found)

    def test_holds_no_text_and_no_person(self, filled: Store, found: Report) -> None:
        text = html(found) + markdown(found) + csv_of_all(found.all_tables, found.origin).decode()
        people = {row[0] for row in filled.read("SELECT DISTINCT user_id FROM exchanges")}
        assert people
        assert not [person for person in people if person in text]

    def test_names_are_text_in_it(self, store: Store) -> None:
        evil = "<script>alert(1)</script>|\"'"
        now = datetime(2026, 3, 3, 9)
        for number in range(8):
            row = {
                "id": f"e{number}",
                "conversation_id": "c",
                "user_id": f"u{number}",
                "position": 0,
                "asked_at": now,
                "day": now.date(),
                "team": evil,
                "codes": "",
                "question": "SECRET",
                "advice": "{}",
                "status": "answered",
                "category": "troubleshooting",
                "engine": "postgresql",
                "provider": "rules",
                "latency_ms": 9.0,
            }
            store.append({"exchanges": [row]})
        store.transact(lambda session: refresh(session, now + timedelta(days=30), 400))
        made = report(store, CHOSEN, {evil: 9}, defaults(), sample=True)
        page = html(made)
        assert evil in parsed(page).cells
        assert "<script" not in page
        assert "\\<script\\>alert(1)\\</script\\>\\|" in markdown(made)
        assert "SECRET" not in page + markdown(made)
        assert "Sample data, made up" in page

    def test_few_people_and_nobody_give_a_notice_and_no_figures(self, filled: Store, store: Store) -> None:
        empty = report(store, CHOSEN, {}, defaults(), sample=False)
        assert "Nobody asked" in html(empty)
        day = filled.read(
            "SELECT day FROM exchanges GROUP BY day HAVING count(DISTINCT user_id) BETWEEN 1 AND 4 ORDER BY day LIMIT 1"
        )
        assert day
        few = report(filled, Filter(Period(day[0][0], day[0][0])), HEADS, defaults(), sample=False)
        assert "fewer than 5" in html(few)
        assert few.lines == few.tables == ()
        assert "fewer than 5" in markdown(few)


class TestCommand:
    def test_writes_each_format(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        monkeypatch.setenv("DBBUDDY_DATABASE_URL", f"duckdb:///{tmp_path / 'x.duckdb'}")
        settings.cache_clear()
        try:
            for name, start in (("html", b"<!doctype html>"), ("md", b"# DB-Buddy"), ("csv", b"\xef\xbb\xbf# Period")):
                assert main(["report", "--from", "2026-03-01", "--to", "2026-03-31", "--format", name]) == 0
                written = capsysbinary.readouterr().out
                assert written.startswith(start)
                assert b"Nobody asked" in written
            assert main(["report", "--from", "2026-03-02", "--to", "2026-03-01"]) == 2
            assert b"before it begins" in capsysbinary.readouterr().err
        finally:
            settings.cache_clear()


class TestDrillDown:
    def test_lists_the_newest_without_texts_and_people(self, filled: Store, logs: Logs) -> None:
        listed = exchanges(look(filled, MANAGER, CHOSEN, HEADS), "UTC")
        rows = logs.exchanges[(logs.exchanges.day >= PERIOD.first) & (logs.exchanges.day <= PERIOD.last)]
        newest = rows.sort_values(["asked_at", "id"], ascending=[False, True]).head(500)
        assert [row[0] for row in listed.rows] == [f"{pd.Timestamp(moment):%Y-%m-%d %H:%M}" for moment in newest.asked_at]
        assert not any(str(cell).startswith("sample-0") for row in listed.rows for cell in row)

    def test_a_small_group_is_not_named(self, filled: Store) -> None:
        view = look(filled, MANAGER, CHOSEN, HEADS)
        named = {(row[1], row[2]) for row in exchanges(view, "UTC").rows}
        counted = filled.read(
            "SELECT coalesce(team, ''), coalesce(category, ''), count(DISTINCT user_id) FROM exchanges WHERE day BETWEEN $1 AND $2 "
            "GROUP BY 1, 2",
            (PERIOD.first, PERIOD.last),
        )
        small = {(wording.name(team), wording.name(category)) for team, category, people in counted if people < 5}
        assert small
        assert any(team == "hidden" for team, _ in named)
        assert not small & named


class TestAnnotations:
    def test_managers_add_and_delete_them(self, store: Store) -> None:
        annotate(store, MANAGER, date(2026, 3, 5), "  Training \n day ", "training")
        (mark,) = noted(store, MANAGER, PERIOD.first, PERIOD.last)
        assert (mark.day, mark.label, mark.kind) == (date(2026, 3, 5), "Training day", "training")
        remove_annotation(store, MANAGER, mark.id)
        assert noted(store, MANAGER, PERIOD.first, PERIOD.last) == ()

    def test_others_may_not_and_labels_have_a_length(self, store: Store) -> None:
        with pytest.raises(NotAllowedError):
            annotate(store, DBA, date(2026, 3, 5), "x", "release")
        for label in ("", " \n ", "x" * 61):
            with pytest.raises(ValueError, match="1 to 60"):
                annotate(store, MANAGER, date(2026, 3, 5), label, "release")
