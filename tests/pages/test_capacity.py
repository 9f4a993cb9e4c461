"""The capacity page: two numbers, histories, bad input, limits, what if, plan, saved projections, and the way from the chat."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dbbuddy.capacity.samples import samples
from dbbuddy.identity import LOCAL_USER
from dbbuddy.store.projections import saved_projections
from dbbuddy.store.store import Store
from dbbuddy.ui.capacity.study import TABS
from tests.pages.conftest import ROOT, OpenPage

TODAY = dt.datetime.now(dt.UTC).date()
AURORA = 0


@pytest.fixture
def page() -> AppTest:
    return opened()


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    page.query_params.update(parameters)
    page.switch_page("pages/capacity.py").run()
    assert not page.exception
    return page


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def numbers(page: AppTest, today: float, growth: float, full: float | None = None) -> AppTest:
    page.number_input(key="today").set_value(today)
    page.number_input(key="growth").set_value(growth)
    if full is not None:
        page.number_input(key="full").set_value(full)
    return run(page)


def paste(page: AppTest, text: str) -> AppTest:
    page.session_state["capacity-mode"] = "Paste"
    run(page)
    page.text_area(key="capacity-text").set_value(text)
    page.button(key="capacity-read").click().run()
    assert not page.exception
    return page


def upload(page: AppTest, name: str, data: bytes) -> AppTest:
    page.session_state["capacity-mode"] = "File"
    run(page)
    page.file_uploader(key="capacity-file").upload(name, data).run()
    assert not page.exception
    return page


def look(page: AppTest, tab: str) -> AppTest:
    page.session_state["capacity-tab"] = tab
    return run(page)


def written(page: AppTest) -> str:
    kinds = (page.header, page.markdown, page.caption, page.info, page.warning, page.error, page.success, page.code)
    labels = [each.label for kind in (page.expander, page.toggle, page.checkbox) for each in kind]
    metrics = [f"{metric.label} {metric.value}" for metric in page.metric]
    tables = [str(value) for frame in page.dataframe for value in frame.value.to_numpy().ravel()]
    texts = [str(element.value) for kind in kinds for element in kind]
    return "\n".join([*texts, *labels, *metrics, *tables]).replace("\\", "")


def frame(page: AppTest, column: str) -> pd.DataFrame:
    """The table that has this column."""
    return next(each.value for each in page.dataframe if column in each.value.columns)


def headline(page: AppTest) -> str:
    return str(page.header[0].value).replace("\\", "")


def daily(values: np.ndarray, name: str = "size_gb") -> str:
    days = [TODAY - dt.timedelta(days=len(values) - 1 - i) for i in range(len(values))]
    return "\n".join([f"day,{name}", *(f"{day},{value:.10g}" for day, value in zip(days, values, strict=True))])


class TestTwoNumbers:
    def test_the_answer_is_there_with_the_second_number(self, page: AppTest) -> None:
        assert headline(page) == "When is it full?"
        page.number_input(key="today").set_value(800.0)
        assert headline(run(page)) == "When is it full?"
        page.number_input(key="growth").set_value(40.0)
        assert headline(run(page)).startswith("Storage grows from 800 GB to 1,28")
        page.number_input(key="full").set_value(1000.0)
        run(page)
        assert headline(page).startswith("Storage is full (1,000 GB) between ")
        text = written(page)
        assert "80 % sure; most likely " in text
        assert "Order by " in text
        assert len(page.get("plotly_chart")) == 3
        assert "give or take a third" in text

    def test_an_address_holds_the_numbers_and_the_system(self) -> None:
        page = opened(
            today="800", growth="40", full="1000", horizon="2 years", service="aurora-postgresql", environment="production"
        )
        assert headline(page).startswith("Storage is full (1,000 GB)")
        assert f"by {TODAY + dt.timedelta(days=730):%-d %B %Y}" in written(page)
        assert "Aurora cluster volume: 131,072 GB (full)" in written(page)

    def test_odd_numbers_are_answered(self, page: AppTest) -> None:
        for today, growth, full, said in (
            (0.0, 0.0, None, "Storage stays at 0 GB"),
            (100.0, 0.0, 200.0, "No limit is reached before"),
            (100.0, -5.0, 200.0, "No limit is reached before"),
            (300.0, 5.0, 200.0, "is at the limit of 200 GB already"),
            (1e18, 1e17, 2e18, "Storage is full (2e+18 GB)"),
            (-5.0, 1.0, 2.0, "When is it full?"),
        ):
            assert said in headline(numbers(page, today, growth, full))
            assert not {"nan", "inf"} & set(written(page).lower().split())

    def test_a_negative_size_is_explained(self, page: AppTest) -> None:
        assert "Give what is used now" in written(numbers(page, -5, 1))

    def test_every_tab_has_something_to_say(self, page: AppTest) -> None:
        numbers(page, 800, 40, 1000)
        for tab in TABS:
            assert written(look(page, tab))
        assert "depends on the engine" in written(look(page, "Sizing"))


class TestHistories:
    def test_an_example_is_one_click_away(self, page: AppTest) -> None:
        for place in range(len(samples(TODAY))):
            page.pills(key="capacity-example").set_value(place).run()
            assert not page.exception
            assert " between " in headline(page) or ", likely by " in headline(page)
            assert page.get("plotly_chart")
            assert page.pills(key="capacity-example").value is None
            assert "First to break" in written(page)

    def test_a_paste_of_several_series_names_the_first_to_break(self, page: AppTest) -> None:
        rows = ["taken_at,database,size_gb"]
        for i in range(60):
            day = TODAY - dt.timedelta(days=59 - i)
            rows += [f"{day},orders,{300 + 4 * i}", f"{day},archive,{900 + 0.1 * i:.1f}"]
        paste(page, "\n".join(rows))
        page.number_input(key="capacity-limit-1-0-full").set_value(1000.0)
        run(page)
        page.session_state["capacity-series"] = 1
        run(page)
        page.number_input(key="capacity-limit-1-1-full").set_value(1000.0)
        run(page)
        assert headline(page).startswith("orders")
        assert "First to break: orders: limit" in written(page)

    def test_dates_in_several_forms(self, page: AppTest) -> None:
        days = [TODAY - dt.timedelta(days=i) for i in range(40)][::-1]
        for number, form in enumerate(("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%m/%d/%Y")):
            size = 500 + 100 * number
            paste(page, "\n".join(["date;size", *(f"{day:{form}};{size + i}" for i, day in enumerate(days))]))
            assert headline(page).startswith(f"Storage grows from {size + 39} GB"), form

    def test_wrong_columns_can_be_put_right(self, page: AppTest) -> None:
        paste(page, "name,size\norders,12\ncustomers,13\nitems,14")
        assert "None of the columns holds dates" in written(page)
        assert "not read yet: choose the columns" in written(page)
        days = [(TODAY - dt.timedelta(days=i)).isoformat() for i in range(20)]
        paste(page, "\n".join(["day,a_gb,b_gb", *(f"{day},{100 - i},{900 - i}" for i, day in enumerate(days))]))
        assert "100 GB" in written(page)
        page.multiselect(key="capacity-map-2-values").set_value(["b_gb"]).run()
        assert not page.exception
        assert headline(page).startswith("Storage grows from 900 GB")

    def test_what_was_found_can_be_taken_back(self, page: AppTest) -> None:
        values = 400 + np.arange(200.0)
        values[120:] += 300
        values[60] = 4000
        paste(page, daily(values))
        text = written(page)
        assert "Found in the data: 2 things" in text
        assert "bridged by a straight line" in text
        before = headline(page)
        step = next(toggle for toggle in page.toggle if "Jump" in toggle.label or "Step" in toggle.label)
        step.set_value(False).run()
        assert not page.exception
        assert headline(page) != before
        assert "taken as it is" in written(page)
        next(toggle for toggle in page.toggle if "Step" in toggle.label).set_value(True).run()
        assert headline(page) == before

    def test_a_workbook(self, page: AppTest) -> None:
        days = [TODAY - dt.timedelta(days=30 - i) for i in range(31)]
        file = io.BytesIO()
        pd.DataFrame({"Date": days, "Used (GB)": [100.0 + i for i in range(31)]}).to_excel(file, index=False)
        assert headline(upload(page, "sizes.xlsx", file.getvalue())).startswith("Storage grows from 130 GB")

    def test_copyable_queries(self, page: AppTest) -> None:
        page.session_state["capacity-mode"] = "Paste"
        run(page)
        for place, said in (
            ("Oracle", "dba_hist_tbspc_space_usage"),
            ("SQL Server", "msdb.dbo.backupset"),
            ("Amazon CloudWatch", "VolumeBytesUsed"),
        ):
            page.session_state["capacity-queries-of"] = place
            assert said in written(run(page))


class TestBadInput:
    def test_it_is_explained(self, page: AppTest) -> None:
        for text, said in (
            ("", "There is no text"),
            ("hello", "There is"),
            ("day,size_gb", "no line below it"),
            ("day,size_gb\n2026-10-01,x\n2026-11-01,y", "holds numbers"),
            ("day,size_gb\n2026-11-01,5", "One point tells no growth"),
            (daily(np.full(30, -5.0)), "All values are negative"),
            ('{"Datapoints": []}', "holds no dated values"),
            ("\x00\x01\x02" * 400, "There is"),
            ("<script>alert(1)</script>," * 30, ""),
        ):
            paste(page, text)
            assert page.error, text[:40]
            assert said in written(page)
            assert headline(page) == "When is it full?"

    def test_odd_values_get_an_honest_answer(self, page: AppTest) -> None:
        for values, said in (
            (np.zeros(30), "All values are the same"),
            (np.full(30, 70.0), "All values are the same"),
            (np.array([1.0, 2.0]), "Only 2 values"),
            (1e18 + 1e15 * np.arange(30), "1.03e+18 GB"),
            (np.r_[np.arange(1.0, 40), np.nan, np.inf, 41], "left out"),
        ):
            text = written(paste(page, daily(values)))
            assert said in text
            assert not page.error
            assert page.get("plotly_chart")
            for tab in ("Back-test", "Figures"):
                assert not {"nan", "inf"} & set(written(look(page, tab)).lower().split())

    def test_a_bad_file_is_explained_and_leaves_what_is_open(self, page: AppTest) -> None:
        paste(page, daily(100 + np.arange(30.0)))
        before = headline(page)
        for name, data, said in (
            ("core.bin", b"\x7fELF\x00\x00" + b"abc" * 500, "binary"),
            ("empty.csv", b" ", "no text"),
            ("old.xls", b"\xd0\xcf\x11\xe0" + b"x" * 100, "old .xls"),
            ("broken.xlsx", b"PK\x03\x04" + b"x" * 100, "cannot be read"),
        ):
            assert said in written(upload(page, name, data))
            assert headline(page) == before

    def test_two_million_rows(self, page: AppTest) -> None:
        """One a minute, nearly four years."""
        last = int(np.datetime64(TODAY, "s").astype(int))
        data = ("t,gb\n" + "\n".join(f"{last - 60 * i},{2_000_000 - i}" for i in range(2_000_000))).encode()
        upload(page, "large.csv", data)
        assert headline(page).startswith("Storage grows from ")


class TestLimitsAndChanges:
    def test_the_system_adds_its_limits_and_each_can_be_switched_off(self, page: AppTest) -> None:
        page.pills(key="capacity-example").set_value(5).run()
        page.session_state["capacity-system-service"] = "rds-postgresql"
        page.session_state["capacity-system-engine"] = "postgresql"
        run(page)
        page.selectbox(key="capacity-shape").set_value("db.r6g.large").run()
        assert "max_connections" in written(page)
        switch = next(box for box in page.checkbox if "Default max" in box.label)
        before = len(frame(page, "Probability"))
        switch.set_value(False).run()
        assert len(frame(page, "Probability")) == before - 1

    def test_a_backup_window_is_a_limit_of_size(self, page: AppTest) -> None:
        numbers(page, 800, 40)
        page.number_input(key="capacity-backup_mb_s").set_value(100.0)
        page.number_input(key="capacity-backup_window_hours").set_value(3.0)
        run(page)
        assert headline(page).startswith("Storage reaches 1,055 GB")
        assert "no longer fits 3 h" in written(page)

    def test_what_if_moves_the_date(self, page: AppTest) -> None:
        numbers(page, 800, 40, 1000)
        before = headline(page)
        page.slider(key="capacity-if-numbers-0-growth").set_value(2.0).run()
        faster = headline(page)
        assert faster != before
        assert "What if: 1 change" in written(page)
        page.slider(key="capacity-if-numbers-0-growth").set_value(1.0)
        page.text_area(key="capacity-if-numbers-0-lines").set_value(f"{TODAY + dt.timedelta(days=10)} +150 GB\nnonsense")
        run(page)
        assert headline(page) not in (before, faster)
        assert "is no event" in written(page)
        page.button(key="capacity-if-numbers-0-forget").click().run()
        assert headline(page) == before

    def test_another_horizon(self, page: AppTest) -> None:
        numbers(page, 800, 10, 1000)
        assert headline(page).startswith("No limit is reached before ")
        page.session_state["horizon"] = "5 years"
        assert " between " in headline(run(page))


class TestPlan:
    @pytest.fixture
    def aurora(self, page: AppTest) -> AppTest:
        page.pills(key="capacity-example").set_value(AURORA).run()
        assert not page.exception
        return page

    def test_sizing_gives_its_reasons(self, aurora: AppTest) -> None:
        look(aurora, "Sizing")
        for name, value in (("qps", 4000.0), ("cpu_ms", 1.2), ("iops", 6000.0)):
            aurora.number_input(key=f"capacity-load-{name}").set_value(value)
        text = written(run(aurora))
        assert "Take 2 × db." in text
        assert "4,000 queries/s x 1.20 ms of CPU / 1,000 = 4.8 busy cores" in text
        assert "Why not another (33 classes looked at)" in text

    def test_parameters_from_current_to_proposed(self, aurora: AppTest) -> None:
        look(aurora, "Parameters")
        aurora.text_area(key="capacity-configuration").set_value("work_mem = 4MB").run()
        row = frame(aurora, "Proposed").set_index("Parameter").loc["work_mem"]
        assert row["Current"] == "4MB"
        assert row["Proposed"].endswith("kB")
        assert "modify-db-cluster-parameter-group" in written(aurora)

    def test_cost_is_a_band_and_takes_own_rates(self, aurora: AppTest) -> None:
        text = written(look(aurora, "Cost"))
        assert " USD (middle " in text
        assert "price as of 2026-" in text
        assert "without what has no rate yet" in text
        aurora.number_input(key="capacity-rate-aurora").set_value(0.11).run()
        assert not aurora.exception
        assert "without what has no rate yet" not in written(aurora)
        aurora.file_uploader(key="capacity-price-file").upload("prices.csv", b"a,b\n1,2").run()
        assert "the first line has no column" in written(aurora)

    def test_the_roadmap_orders_in_time(self, aurora: AppTest) -> None:
        text = written(look(aurora, "Roadmap"))
        assert "Begin " in text
        assert "Enlarge the volume" in text
        assert "At the latest when" in text
        assert "aws cloudwatch put-metric-alarm" in text
        aurora.number_input(key="capacity-lead-days").set_value(0).run()
        assert not aurora.exception

    def test_the_back_test_says_what_would_have_been_said(self, aurora: AppTest) -> None:
        assert "Asked 90 days ago we would have said" in written(look(aurora, "Back-test"))


class TestSaved:
    def save(self, page: AppTest, name: str) -> None:
        page.text_input(key="capacity-save-name").set_value(name)
        page.button(key="capacity-save-go").click().run()
        assert not page.exception

    def test_saved_opened_compared_renamed_and_deleted(self, page: AppTest, stored: Callable[[], Store]) -> None:
        values = 400 + np.arange(100.0)
        paste(page, daily(values))
        page.number_input(key="capacity-limit-1-0-full").set_value(700.0).run()
        said = headline(page)
        self.save(page, "")
        assert "Give the projection a name" in written(page)
        self.save(page, "orders <b>*now*</b>")
        (kept,) = saved_projections(stored(), LOCAL_USER)
        assert kept.name == "orders <b>*now*</b>"

        again = opened(saved=kept.id)
        assert headline(again) == said
        look(again, "Saved")
        again.button(key=f"capacity-compare-{kept.id}").click().run()
        assert "before the first date of this projection" in written(again)
        again.text_input(key=f"capacity-name-{kept.id}").set_value("orders")
        again.button(key=f"capacity-rename-{kept.id}").click().run()
        assert "**orders**" in written(again)
        again.button(key=f"capacity-delete-{kept.id}").click().run()
        assert not saved_projections(stored(), LOCAL_USER)
        assert "does not exist, or it is not yours" in written(opened(saved=kept.id))

    def test_two_numbers_come_back_with_their_change(self, page: AppTest, stored: Callable[[], Store]) -> None:
        numbers(page, 800, 40, 1000)
        page.slider(key="capacity-if-numbers-0-growth").set_value(2.0).run()
        said = headline(page)
        self.save(page, "two")
        (kept,) = saved_projections(stored(), LOCAL_USER)
        again = opened(saved=kept.id)
        assert again.number_input(key="today").value == 800
        assert headline(again) == said


class TestFromTheChat:
    def test_an_answer_links_with_the_numbers_it_read(self, open_chat: OpenPage) -> None:
        chat = open_chat()
        question = (
            "Our RDS PostgreSQL database is 800 GB and grows 40 GB a month on a 1 TB disk. When is the disk full, what to order?"
        )
        chat.chat_input[0].set_value(question).run()
        assert not chat.exception
        links = [link.proto for link in chat.get("page_link")]
        (link,) = [proto for proto in links if "Project this" in proto.label]
        assert "800 GB today, 40 GB more a month, full at 1,024 GB" in link.label.replace("\\", "")
        for part in ("today=800", "growth=40", "full=1024"):
            assert part in link.query_string
