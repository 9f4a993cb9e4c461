"""Adoption, quality and gaps: with sample data, with an empty store, and with one user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dbbuddy.analytics.refresh import refresh
from dbbuddy.store.store import Store, utc_now
from dbbuddy.ui.analytics import source
from tests.pages.conftest import ROOT

Open = Callable[..., AppTest]


@pytest.fixture(scope="module", autouse=True)
def sample_store_goes() -> Iterator[None]:
    """The sample data is made up once for all tests here."""
    yield
    source._made.clear()


@pytest.fixture
def open_dashboard() -> Open:
    def open_one(name: str, **parameters: str) -> AppTest:
        page = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=90)
        page.query_params.update(parameters)
        page.switch_page(f"pages/{name}.py").run()
        assert not page.exception
        return page

    return open_one


def written(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.info, page.warning, page.error, page.subheader, page.header)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def ask_once(store: Store, days_ago: int) -> None:
    now = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days_ago)
    row = {
        "id": f"e{days_ago}",
        "conversation_id": f"c{days_ago}",
        "user_id": "local",
        "position": 0,
        "asked_at": now,
        "day": now.date(),
        "codes": "",
        "question": "How do I teach a llama?",
        "advice": "{}",
        "status": "answered",
        "category": "troubleshooting",
        "engine": "postgresql",
        "provider": "rules",
        "latency_ms": 9.0,
    }
    store.append({"exchanges": [row]})


class TestSampleData:
    def test_adoption_shows_figures_with_target_interval_and_label(self, open_dashboard: Open) -> None:
        page = open_dashboard("adoption", sample="true", period="Last 90 days")
        text = written(page)
        assert "Sample data, made up" in text
        shares = next(metric for metric in page.metric if metric.label == "Share of eligible developers")
        assert shares.value.endswith("%")
        assert "95 % sure" in text
        assert "n = 130 eligible developers" in text
        assert "Target met" in text
        assert "at least 80 %" in text
        assert "people ask on a working day" in text
        assert "nan" not in text.lower()

    def test_quality_shows_each_target_and_the_charts(self, open_dashboard: Open) -> None:
        page = open_dashboard("quality", sample="true", period="Last 90 days")
        text = written(page)
        labels = {metric.label for metric in page.metric}
        assert {"Satisfaction", "Solved without a DBA", "Fewer tickets", "Models begin in under 5 s"} <= labels
        assert "settled problems were solved without a DBA" in text
        assert "Tickets to DBAs fell by" in text
        assert len(page.get("plotly_chart")) >= 7
        assert "nan" not in text.lower()

    def test_a_filter_in_the_address_counts(self, open_dashboard: Open) -> None:
        narrow = open_dashboard("adoption", sample="true", team="Search", period="Last 90 days")
        assert narrow.multiselect(key="team").value == ["Search"]
        assert "Team: Search" in written(narrow)
        assert "n = 26 eligible developers, under 30" in written(narrow)
        shares = next(metric for metric in narrow.metric if metric.label == "Share of eligible developers")
        assert shares.value.startswith(":gray[")

    def test_nonsense_in_the_address_is_ignored(self, open_dashboard: Open) -> None:
        page = open_dashboard("adoption", sample="true", period="../../etc", team="<script>", compare="perhaps")
        assert page.selectbox(key="period").value == "Last 30 days"
        assert page.multiselect(key="team").value == []
        assert page.selectbox(key="compare").value == "The period before"
        custom = open_dashboard("adoption", sample="true", period="Custom", to="2026-99-99", **{"from": "0001-01-01"})
        assert (custom.date_input(key="to").value - custom.date_input(key="from").value).days == 29

    def test_a_manager_switches_it_on_and_off(self, open_dashboard: Open) -> None:
        page = open_dashboard("adoption")
        assert not page.metric
        page.button(key="sample-show").click().run()
        assert page.metric
        page.toggle(key="sample").set_value(False).run()
        assert not page.exception
        assert not page.metric
        assert "Nothing here is about your developers" not in written(page)

    def test_the_exchanges_behind_are_listed_without_text(self, open_dashboard: Open) -> None:
        page = open_dashboard("quality", sample="true")
        page.session_state["behind"] = True
        page.run()
        frame = next(table.value for table in page.dataframe if "Outcome" in table.value.columns)
        assert 0 < len(frame) <= 500
        assert set(frame.columns) == {
            "Time", "Team", "Category", "Engine", "Environment", "Provider", "Status", "Diagnosis", "Confidence", "Outcome",
            "Response time",
        }  # fmt: skip


class TestEmptyStore:
    @pytest.mark.parametrize("name", ["adoption", "quality"])
    def test_says_what_will_appear_and_offers_sample_data(self, open_dashboard: Open, name: str) -> None:
        page = open_dashboard(name)
        assert "Nothing to show for this choice yet" in written(page)
        assert page.button(key="sample-show").label == "Show it with sample data"
        assert not page.metric


class TestOneUser:
    @pytest.fixture
    def used(self, stored: Callable[[], Store]) -> None:
        store = stored()
        for days_ago in (0, 1, 12):
            ask_once(store, days_ago)
        store.transact(lambda session: refresh(session, utc_now(), 400))

    @pytest.mark.usefixtures("used")
    @pytest.mark.parametrize("name", ["adoption", "quality"])
    def test_sees_own_use_in_grey(self, open_dashboard: Open, name: str) -> None:
        page = open_dashboard(name)
        assert page.metric
        assert all(metric.value.startswith(":gray[") for metric in page.metric)
        assert "nan" not in written(page).lower()
        assert "Target met" not in written(page)


class TestGaps:
    def gaps(self, open_dashboard: Open, **parameters: str) -> AppTest:
        page = open_dashboard("knowledge", **parameters)
        page.session_state["knowledge-tab"] = "Gaps"
        page.run()
        assert not page.exception
        return page

    def test_ranked_and_one_press_away_from_a_valid_draft(self, open_dashboard: Open) -> None:
        page = self.gaps(open_dashboard, sample="true", period="Last 90 days")
        assert "hours of DBA work" in written(page)
        page.button(key="gap-draft-0-0").click().run()
        assert page.text_area(key="draft-text").value.startswith("---\nslug: draft-")
        page.button(key="draft-check").click().run()
        assert not page.exception
        assert [message.value for message in page.success] == ["Valid."]

    def test_an_empty_store_says_what_will_appear(self, open_dashboard: Open) -> None:
        assert "Nothing to show for this choice yet" in written(self.gaps(open_dashboard))


class TestAnnotations:
    def test_added_shown_and_deleted(self, open_dashboard: Open, stored: Callable[[], Store]) -> None:
        page = open_dashboard("adoption")
        page.text_input(key="annotation-label").set_value("Training *day*")
        next(button for button in page.button if button.label == "Add").click()
        page.run()
        assert "Training \\*day\\*" in written(page)
        (row,) = stored().read("SELECT id, made_by FROM annotations")
        assert row[1] == "local"
        page.button(key=f"annotation-delete-{row[0]}").click().run()
        assert stored().read("SELECT count(*) FROM annotations") == [(0,)]


def test_a_demonstration_store_is_labelled_on_every_page(open_dashboard: Open, stored: Callable[[], Store], tmp_path: Path) -> None:
    now = utc_now()
    mark = {"id": "s", "day": now.date(), "label": "made up", "kind": "sample", "made_by": "sample", "made_at": now}
    stored().append({"annotations": [mark]})
    for name in ("chat", "plans", "account", "adoption"):
        assert "Sample data, made up" in written(open_dashboard(name)), name
