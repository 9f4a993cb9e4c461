"""The ROI page and the grading of answers: with sample data, with an empty store, with one user, and with bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dbbuddy.advice import Advice
from dbbuddy.analytics.refresh import refresh_all
from dbbuddy.context import SystemContext
from dbbuddy.identity import LOCAL_USER
from dbbuddy.store import assumptions, baselines
from dbbuddy.store.backend import Session
from dbbuddy.store.history import Exchange, record_exchange
from dbbuddy.store.store import Store, utc_now

ROOT = Path(__file__).parent.parent.parent
Stored = Callable[[], Store]


def opened(page: str = "pages/roi.py", *, tab: str = "", **parameters: str) -> AppTest:
    visit = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    visit.query_params.update(parameters)
    if tab:
        visit.session_state["roi-tab" if "roi" in page else "knowledge-tab"] = tab
    visit.switch_page(page).run()
    assert not visit.exception
    return visit


def told(page: AppTest) -> str:
    assert not page.exception
    found = [*page.main.markdown, *page.caption, *page.error, *page.info, *page.success, *page.warning, *page.metric]
    text = " ".join(str(element.value) for element in found).replace("\\", "")
    assert "nan" not in text.lower().split()
    return text


@pytest.fixture(scope="module")
def sample() -> AppTest:
    return opened(sample="true")


def test_sample_data_is_labelled_and_set_beside_the_plan(sample: AppTest) -> None:
    said = told(sample)
    assert "Sample data, made up" in said
    assert "not the 650 % in the plan's example" in said
    assert "8 of 10 cases" in said
    assert "settled problems" in said
    labels = [metric.label for metric in sample.metric]
    assert labels == ["DBA hours freed", "Capacity value a year", "Return in the first year", "Paid back"]
    for finding in ("if every problem were a saved issue", "of the money rests on", "the result most", "Building is paid back"):
        assert finding in said
    assert len(sample.get("plotly_chart")) == 4


def test_the_waiting_time_is_a_line_of_its_own() -> None:
    without, counted = opened(sample="true"), opened(sample="true", waiting="true")
    assert without.metric[0].value == counted.metric[0].value
    assert without.metric[2].value != counted.metric[2].value
    steps = [frame.value for frame in counted.get("table") if "Computed as" in frame.value]
    assert any("waiting time" in str(value) for value in steps[0]["Computed as"])


def test_what_it_would_take(sample: AppTest) -> None:
    page = opened(sample="true", tab="What it would take")
    assert "650 %" in told(page)
    frame = page.dataframe[0].value
    assert "DBA minutes for an issue" in set(frame.iloc[:, 0])
    page.number_input(key="roi-target").set_value(0).run()
    assert "could alone lead to 0 %" in told(page)


def test_an_empty_store_says_what_will_appear_and_takes_a_baseline(stored: Stored) -> None:
    page = opened()
    assert "Before the launch is the time to record a baseline" in told(page)
    assert not page.metric
    page = opened(tab="Baseline")
    assert "No tickets are recorded yet" in told(page)
    page.button(key="roi-baseline-save").click().run()
    assert "at least one category" in told(page)
    page = opened(tab="Baseline")
    page.segmented_control(key="roi-baseline-way").set_value("Upload or paste").run()
    page.text_area(key="roi-paste-0").set_value(
        "week,category,tickets,minutes,developers\n2026-01-05,Troubleshooting,14,55,120\n"
        "2026-01-12,Slow query,12,70,120\nnever,x,1,1,1"
    ).run()
    assert "26 tickets in 2 weeks" in told(page)
    assert "1 lines with no date" in told(page)
    page.button(key="roi-upload-save").click().run()
    assert "Recorded: 2 rows" in told(page)
    kept = [(row.row.category, row.row.tickets, row.row.minutes) for row in baselines.recorded(stored())]
    assert kept == [("troubleshooting", 14, 55.0), ("query_optimization", 12, 70.0)]


@pytest.mark.parametrize(
    "text", ["x", "a,b\n1,2", "week,tickets,minutes\n2026-01-05,nan,inf\n2026-01-12,-1,1e400", "\x00\x01\x02" * 50, "=1+1,2\n" * 99]
)
def test_a_useless_paste_gets_an_answer(text: str) -> None:
    page = opened(tab="Baseline")
    page.segmented_control(key="roi-baseline-way").set_value("Upload or paste").run()
    page.text_area(key="roi-paste-0").set_value(text).run()
    assert page.error or page.text_area
    told(page)
    assert not [button for button in page.button if button.key == "roi-upload-save"]


def test_assumptions_are_kept_with_their_history_and_reverted(stored: Stored) -> None:
    page = opened(tab="Assumptions")
    assert "these are the defaults" in told(page)
    _edit(page, {4: {"likely": 90.0, "high": 100.0}})
    page.button(key="roi-assumptions-save").click().run()
    assert "Saved" in told(page)
    assert "75 → 75 / 90 / 100 dollars an hour" in told(page)
    version = assumptions.versions(stored())[0]
    assert version.made_by == LOCAL_USER.id
    assert json.loads(version.content)["dba_hour"]["high"] == 100
    page.button(key="roi-assumptions-defaults").click().run()
    assert "counts again" in told(page)
    assert json.loads(assumptions.versions(stored())[0].content)["dba_hour"]["high"] == 75
    page.button(key=f"roi-revert-{version.id}").click().run()
    assert json.loads(assumptions.versions(stored())[0].content)["dba_hour"]["high"] == 100


def test_an_assumption_that_cannot_be_is_refused(stored: Stored) -> None:
    page = opened(tab="Assumptions")
    _edit(page, {1: {"low": 95.0}})
    page.button(key="roi-assumptions-save").click().run()
    assert "must not fall" in told(page)
    assert not assumptions.versions(stored())


def _edit(page: AppTest, rows: dict[int, dict[str, Any]]) -> None:
    page.session_state["roi-ranges"] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}


def ask(store: Store, days_ago: float, number: int) -> str:
    """A question of the local user, answered."""
    asked_at = utc_now() - timedelta(days=days_ago)
    advice = Advice(status="answered", context=SystemContext(), category="troubleshooting", situation=f"Answer {number}")
    exchange = Exchange(
        f"x{number}", f"c{number}", LOCAL_USER.id, 0, asked_at, f"Question {number} <b>bold</b>", advice, "rules", 5.0
    )
    record_exchange(store, LOCAL_USER, exchange)
    return exchange.id


def roll_up(store: Store) -> None:
    """Anew from the beginning: these questions are older than the last refresh."""

    def work(session: Session) -> None:
        session.run(
            "UPDATE r_state SET refreshed_at = CAST('1970-01-01' AS TIMESTAMP), verified_at = CAST('1970-01-01' AS TIMESTAMP)"
        )
        refresh_all(session, utc_now(), 400)

    store.transact(work)


def test_one_user_sees_their_own_and_few_are_grey(stored: Stored) -> None:
    store = stored()
    for number in range(6):
        ask(store, 28 - 2 * number, number)
    roll_up(store)
    page = opened(period="90-days")
    said = told(page)
    assert "under 30" in said
    assert "No handling times from before the launch" in said
    assert page.metric[0].value.startswith(":gray[")


def test_a_dba_grades_the_sample_of_a_week(stored: Stored) -> None:
    store = stored()
    today = utc_now().date()
    monday = today - timedelta(days=today.weekday() + 7)
    for number in range(3):
        ask(store, (today - monday).days - number, number)
    roll_up(store)
    page = opened("pages/knowledge.py", tab="Review answers")
    assert "drawn from 3 answers" in page.get("progress")[0].text
    assert any("Question" in element.value and "\\<b\\>" in element.value for element in page.main.markdown)
    page.button(key="review-save").click().run()
    assert "Choose a verdict first" in told(page)
    for place in range(3):
        verdict = next(control for control in page.segmented_control if str(control.key).startswith("review-verdict-"))
        verdict.set_value(("right", "partly", "harmful")[place])
        note = next(area for area in page.text_area if str(area.key).startswith("review-note-"))
        note.set_value("password=hunter2")
        page.button(key="review-save").click().run()
    assert "All answers of this week are graded" in told(page)
    rows = store.read("SELECT verdict, note, grader FROM grades ORDER BY verdict")
    assert [row[0] for row in rows] == ["harmful", "partly", "right"]
    assert "hunter2" not in str(rows)
    assert {row[2] for row in rows} == {LOCAL_USER.id}


def test_a_week_without_answers_says_what_comes() -> None:
    page = opened("pages/knowledge.py", tab="Review answers")
    assert "No answers in this week" in told(page)
