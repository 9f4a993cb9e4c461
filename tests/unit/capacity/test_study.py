"""Several series together: the sentence, what is kept and opened again, what came true, and the files."""

from __future__ import annotations

import csv
import datetime as dt
import io
from html.parser import HTMLParser

import numpy as np
import pytest

from dbbuddy.capacity.carried import carried
from dbbuddy.capacity.events import Growth, Retention
from dbbuddy.capacity.history.model import History, HistoryError, from_numbers, from_points
from dbbuddy.capacity.limit import Limit
from dbbuddy.capacity.metric import Metric
from dbbuddy.capacity.outcome import outcome
from dbbuddy.capacity.queries import history_queries
from dbbuddy.capacity.report import Report, to_csv, to_markdown_report
from dbbuddy.capacity.report_html import to_html
from dbbuddy.capacity.saved import SavedError, read_saved, saved
from dbbuddy.capacity.sentence import between, figure, odds, percent, sentence
from dbbuddy.capacity.study import Answer, Asked, answer
from dbbuddy.context import SystemContext

TODAY = dt.date(2026, 11, 23)
AURORA = SystemContext(service="aurora-postgresql", environment="production").completed()
HOSTILE = "=<script>alert(1)</script>|[x](http://e)"


def grown(start: float, step: float, days: int = 120, metric: Metric = "storage", name: str = "orders") -> History:
    noise = np.random.default_rng(1).normal(0, abs(step) * 2 + 0.01, days)
    times = np.datetime64(TODAY) - np.arange(days)[::-1] * np.timedelta64(1, "D")
    return from_points(times.astype("datetime64[s]"), start + step * np.arange(days) + noise, metric, name=name)


def asked_of(*rows: tuple[History, float, str]) -> list[Asked]:
    return [Asked(history, (Limit(history.metric, "limit of it", value, unit),)) for history, value, unit in rows]


def study(*rows: tuple[History, float, str]) -> Answer:
    return answer(asked_of(*rows), AURORA, TODAY)


class TestSentence:
    def test_the_first_to_break_is_named(self) -> None:
        slow, fast = grown(400, 1, name="archive"), grown(60, 0.1, metric="connections", name="sessions")
        told = sentence(study((slow, 800, "GB"), (fast, 80, "connections")))
        assert told.headline.startswith("sessions reaches 80 between ")
        assert "Order by " in told.below or "Order now" in told.below

    def test_a_warning_does_not_hide_the_end(self) -> None:
        limits = (Limit("storage", "warning", 600, "GB", "warning"), Limit("storage", "disk", 800, "GB", "full"))
        made = answer([Asked(grown(400, 1.5), limits)], AURORA, TODAY)
        assert sentence(made).headline.startswith("Storage is full (800 GB) between ")
        assert made.reached[0].wall.limit.level == "warning"

    def test_what_is_hardly_met_is_not_the_headline(self) -> None:
        limits = (Limit("cpu", "policy", 45, "%", "warning"), Limit("cpu", "no headroom", 90, "%", "full"))
        made = answer([Asked(grown(30, 0.1, metric="cpu"), limits)], AURORA, TODAY)
        assert sentence(made).headline.startswith("CPU reaches 45 % ")

    def test_nothing_is_reached(self) -> None:
        assert sentence(study((grown(400, 0.01), 8000, "GB"))).headline == "No limit is reached before 23 November 2027"

    def test_reached_already(self) -> None:
        assert "at the limit of 300 GB already" in sentence(study((grown(400, 1), 300, "GB"))).headline

    @pytest.mark.parametrize(
        ("value", "said"), [(1240.4, "1,240"), (3.456, "3.46"), (0, "0"), (1e18, "1e+18"), (-12.5, "-12.5"), (1e-9, "1e-09")]
    )
    def test_figures(self, value: float, said: str) -> None:
        assert figure(value) == said

    def test_a_simulation_is_never_certain(self) -> None:
        assert (odds(0), odds(1), odds(0.4)) == ("under 1 %", "over 99 %", "40 %")
        assert (percent(0), percent(1)) == ("0 %", "100 %")

    def test_dates_do_not_say_the_same_twice(self) -> None:
        assert between(dt.date(2027, 4, 3), dt.date(2027, 4, 21)) == "3 and 21 April 2027"
        assert between(dt.date(2027, 4, 3), dt.date(2027, 5, 2)) == "3 April and 2 May 2027"
        assert between(dt.date(2027, 12, 3), dt.date(2028, 1, 2)) == "3 December 2027 and 2 January 2028"


class TestSaved:
    def test_it_says_the_same_when_opened_again(self) -> None:
        changes = (Growth(TODAY, 1.5), Retention(TODAY, 90, 0.5))
        asked = [
            Asked(grown(400, 1), (Limit("storage", "disk", 800, "GB"),), changes, frozenset({"x:all"})),
            Asked(from_numbers(60, 2, metric="connections", on=TODAY), (Limit("connections", "", 100, "connections"),)),
        ]
        made = answer(asked, AURORA, TODAY)
        kept = read_saved(saved(asked, made, AURORA, 365, TODAY).model_dump_json())
        assert kept.headline == sentence(made).headline
        assert [one.events for one in kept.asked()] == [one.events for one in asked]
        assert sentence(answer(kept.asked(), kept.context, TODAY)) == sentence(made)

    def test_a_long_history_is_kept_a_day_a_value(self) -> None:
        times = np.datetime64(TODAY, "s") - np.arange(20_000)[::-1] * np.timedelta64(3600, "s")
        history = from_points(times, np.arange(20_000.0), "storage")
        made = answer([Asked(history)], AURORA, TODAY)
        kept = saved([Asked(history)], made, AURORA, 365, TODAY)
        assert len(kept.series[0].values) < 1_100
        assert len(kept.model_dump_json()) < 200_000

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 9}', "x" * 1000])
    def test_what_is_none_is_explained(self, text: str) -> None:
        with pytest.raises(SavedError, match="cannot be read"):
            read_saved(text)


class TestOutcome:
    def test_what_was_said_beside_what_came(self) -> None:
        whole = grown(400, 1, days=200)
        before = from_points(whole.times[:140], whole.values[:140], "storage", name="orders")
        on = before.last_date
        asked = [Asked(before)]
        kept = saved(asked, answer(asked, AURORA, on), AURORA, 365, on)
        found = outcome(kept.series[0], on, whole)
        assert found is not None
        assert len(found.dates) == 60
        assert found.error is not None
        assert found.error < 0.05
        assert "the projection for 23 November 2026 was " in found.told()
        assert outcome(kept.series[0], on, before) is None
        with pytest.raises(HistoryError, match="of storage, this history of connections"):
            outcome(kept.series[0], on, grown(10, 1, metric="connections"))

    def test_another_unit_is_converted(self) -> None:
        before = grown(1024, 2)
        asked = [Asked(before)]
        kept = saved(asked, answer(asked, AURORA, TODAY), AURORA, 365, TODAY)
        later = from_points(["2026-12-23"], [1.3], "storage", "TB")
        found = outcome(kept.series[0], TODAY, later)
        assert found is not None
        assert found.truth[-1] == pytest.approx(1.3 * 1024)


class TestCarried:
    def test_sizes_are_added_and_load_grows_as_measured(self) -> None:
        made = study(
            (grown(400, 1), 9e9, "GB"), (grown(200, 0.5, name="logs"), 9e9, "GB"), (grown(60, 0.1, metric="cpu"), 100, "%")
        )
        told = carried(made.projections)
        assert told.storage_gb == pytest.approx(400 + 119 + 200 + 59.5, abs=15)
        assert told.storage_growth_gb_per_month is not None
        assert told.storage_growth_gb_per_month.mid == pytest.approx(1.5 * 30.4, rel=0.25)
        assert told.growth_of == "cpu"
        assert told.connections is None


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


class TestFiles:
    @pytest.fixture(scope="class")
    def report(self) -> Report:
        asked = asked_of((grown(400, 1, name=HOSTILE), 800, "GB"))
        made = answer(asked, AURORA, TODAY)
        return Report(HOSTILE, made, tuple(asked), AURORA, made.plan)

    def test_the_page_needs_nothing_and_runs_nothing(self, report: Report) -> None:
        page = to_html(report)
        tags = _Tags(page).tags
        assert "svg" in tags
        assert "h1" in tags
        assert not {"script", "img", "link", "a"} & set(tags)
        assert "Enlarge the volume" in page
        assert "nan" not in page.lower().replace("finance", "")

    def test_markdown_keeps_names_as_text(self, report: Report) -> None:
        text = to_markdown_report(report)
        assert "<script>" not in text.split("## ", 2)[0]
        assert "## When" in text
        assert "Capacity roadmap" in text

    def test_csv_holds_every_date_and_no_formula(self, report: Report) -> None:
        rows = list(csv.DictReader(io.StringIO(to_csv(report))))
        assert sum(row["kind"] == "history" for row in rows) == 120
        assert sum(row["kind"] == "projection" for row in rows) == 365
        assert all(row["series"].startswith("'=") for row in rows)
        assert float(rows[-1]["lo95"]) < float(rows[-1]["lo80"]) < float(rows[-1]["lo50"]) < float(rows[-1]["value"])


def test_queries_for_every_engine_and_cloud() -> None:
    places = set(history_queries())
    assert {
        "PostgreSQL",
        "MySQL and MariaDB",
        "SQL Server",
        "Oracle",
        "Amazon CloudWatch",
        "Azure Monitor",
        "Google Cloud Monitoring",
    } <= places
    for queries in history_queries().values():
        for query in queries:
            assert query.source.startswith("https://")
            assert len(query.code) > 80
