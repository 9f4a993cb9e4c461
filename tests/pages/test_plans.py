"""The plans page: from a paste to its findings, steps, views, files and the chat."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.plans.insights.find import find_insights
from dbbuddy.plans.read import read_plans
from tests.pages.conftest import ROOT
from tests.unit.plans.made import HOSTILE

EXAMPLES = load_yaml("samples/plans/examples.yaml")
SLOW = (DATA / "samples" / "plans" / "postgresql-subquery.txt").read_text(encoding="utf-8")
FAST = """Index Scan using orders_customer on orders o  (cost=0.42..90.00 rows=11 width=111) (actual time=0.02..0.9 rows=10 loops=1)
  Index Cond: (customer_id = 4711)
Planning Time: 0.2 ms
Execution Time: 1.0 ms"""
ESTIMATE = "Seq Scan on orders  (cost=0.00..9000.00 rows=500000 width=8)\n  Filter: (status = 'open'::text)"
VIEWS = ("Tree", "Flame", "Table", "Row flow", "Text", "Compare")


@pytest.fixture
def page() -> AppTest:
    opened = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    opened.switch_page("pages/plans.py").run()
    assert not opened.exception
    return opened


def read(page: AppTest, text: str, engine: str | None = None) -> AppTest:
    page.text_area(key="plans-text").set_value(text)
    if engine:
        page.selectbox(key="plans-engine").set_value(engine)
    page.button(key="plans-read").click().run()
    assert not page.exception
    return page


def look(page: AppTest, view: str) -> AppTest:
    page.session_state["plans-view"] = view
    page.run()
    assert not page.exception
    return page


def written(page: AppTest) -> str:
    kinds = (page.header, page.subheader, page.markdown, page.caption, page.info, page.warning, page.error, page.success, page.code)
    tables = [str(value) for table in page.table for value in table.value.to_numpy().ravel()]
    labels = [expander.label for expander in page.expander]
    metrics = [f"{metric.label} {metric.value}" for metric in page.metric]
    return "\n".join([*(str(element.value) for kind in kinds for element in kind), *tables, *labels, *metrics]).replace("\\", "")


class TestEntry:
    def test_says_what_it_takes(self, page: AppTest) -> None:
        text = written(page)
        for name in ("PostgreSQL", "MySQL", "MariaDB", "SQL Server", "Oracle", "Where does the time go?"):
            assert name in text

    @pytest.mark.parametrize("name", list(EXAMPLES))
    def test_an_example_is_one_click_away(self, page: AppTest, name: str) -> None:
        page.pills(key="plans-example").set_value(name).run()
        assert not page.exception
        assert page.metric
        assert not page.warning
        assert page.get("bidi_component")
        assert page.pills(key="plans-example").value is None

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "No execution plan was found"),
            ("SELECT 1", "No execution plan was found"),
            ("\x00\x01\x02" * 500, "No execution plan was found"),
            ("x" * 20_971_521, "up to 20 MB"),
        ],
        ids=["empty", "no plan", "binary", "too long"],
    )
    def test_bad_input_is_explained(self, page: AppTest, text: str, said: str) -> None:
        assert said in written(read(page, text))
        assert not page.metric

    def test_a_bad_paste_leaves_the_plan_at_hand(self, page: AppTest) -> None:
        read(page, SLOW)
        assert "No execution plan" in written(read(page, "nothing"))
        assert page.metric

    def test_a_file(self, page: AppTest) -> None:
        page.file_uploader(key="plans-file").upload("slow.txt", SLOW.encode()).run()
        assert not page.exception
        assert "Execution 1.69 s" in written(page)

    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [("core.bin", b"\x7fELF\x00\x00" + b"abc" * 500, "binary"), ("empty.txt", b" ", "no text")],
    )
    def test_a_bad_file_is_explained(self, page: AppTest, name: str, data: bytes, said: str) -> None:
        page.file_uploader(key="plans-file").upload(name, data).run()
        assert not page.exception
        assert said in written(page)

    def test_the_wrong_engine_is_told(self, page: AppTest) -> None:
        assert "this is a plan of PostgreSQL" in written(read(page, SLOW, "oracle"))


class TestAnswer:
    def test_the_finding_stands_first(self, page: AppTest) -> None:
        text = written(read(page, SLOW))
        for part in (
            "Seq Scan on order_items alone takes 94 % of the time",
            "Self times of all steps add up to 100.0 % of the total (1.69 s of 1.69 s).",
            "A scan reads many rows to keep few",
            "What to do.",
            "CREATE INDEX CONCURRENTLY ON order_items",
            "Measured by running the statement",
        ):
            assert part in text

    def test_every_finding_is_shown(self, page: AppTest) -> None:
        read(page, SLOW)
        for finding in find_insights(read_plans(SLOW).plans[0]):
            assert finding.title in written(page)

    def test_an_estimate_says_so(self, page: AppTest) -> None:
        text = written(read(page, ESTIMATE))
        assert "was not executed" in text
        assert "Estimated cost 9,000" in text
        assert "of the estimated cost" in text

    def test_lines_that_were_not_understood_are_counted_and_marked(self, page: AppTest) -> None:
        read(page, SLOW.replace("Planning Time", "Gardening Thyme"))
        assert any("1 line was not understood" in warning.value for warning in page.warning)
        assert "Not understood, marked in colour" in written(look(page, "Text"))

    def test_several_plans(self, page: AppTest) -> None:
        read(page, f"{SLOW}\n\n{FAST}")
        assert page.selectbox(key="plans-chosen").label == "2 plans in the text"
        page.selectbox(key="plans-chosen").set_value(1).run()
        assert not page.exception
        assert "Index Scan on orders alone" in written(page)

    def test_secrets_are_taken_out(self, page: AppTest) -> None:
        read(page, SLOW.replace("(customer_id = 4711)", "(email = 'jane.doe@example.org'::text)"))
        assert "Taken out before anything was read: <EMAIL_1>" in written(page)
        assert "jane.doe" not in written(look(page, "Text"))


class TestStep:
    def test_a_finding_leads_to_its_step(self, page: AppTest) -> None:
        read(page, SLOW)
        look(page, "Flame")
        page.button(key="plans-goto-1-0-1").click().run()
        assert not page.exception
        assert page.session_state["plans-view"] == "Tree"
        assert page.selectbox(key="plans-step-list-1-0").value == 0

    def test_the_list_of_steps(self, page: AppTest) -> None:
        read(page, SLOW)
        page.selectbox(key="plans-step-list-1-0").set_value(1).run()
        assert not page.exception
        text = written(page)
        assert "What is “Aggregate”?" in text
        assert "With all below" in text

    def test_all_that_is_known_of_a_step(self, page: AppTest) -> None:
        text = written(read(page, SLOW))
        for part in (
            "What is “Seq Scan”?",
            "Rows Removed by Filter",
            "1,199,926",
            "In the text: line 10 to 14",
            "Own time",
            "1.58 s (94 %)",
        ):
            assert part in text


class TestViews:
    @pytest.mark.parametrize("name", list(EXAMPLES))
    @pytest.mark.parametrize("view", VIEWS)
    def test_each_view_of_each_engine(self, page: AppTest, name: str, view: str) -> None:
        page.pills(key="plans-example").set_value(name).run()
        look(page, view)
        drawn = {"Flame": 2, "Row flow": 1}.get(view, 0)
        assert len(page.get("plotly_chart")) == drawn
        assert len(page.dataframe) == (view == "Table")

    def test_colours(self, page: AppTest) -> None:
        look(read(page, SLOW), "Flame")
        for by in ("rows", "cost", "buffers", "misestimate"):
            page.segmented_control(key="plans-colour-1-0").set_value(by).run()
            assert not page.exception
            assert len(page.get("plotly_chart")) == 2

    def test_five_thousand_steps(self, page: AppTest) -> None:
        scan = "  ->  Seq Scan on part_{0} p  (cost=0.00..20.00 rows=10 width=8) (actual time=0.01..1.0 rows=10 loops=1)"
        head = "Append  (cost=0.00..100000.00 rows=10 width=8) (actual time=0.01..5000.0 rows=10 loops=1)"
        read(page, "\n".join([head, *(scan.format(number) for number in range(5_000))]))
        assert "are shown" in written(page)
        for view in VIEWS[1:5]:
            look(page, view)

    def test_comparing_with_a_second_paste(self, page: AppTest) -> None:
        look(read(page, SLOW), "Compare")
        page.text_area(key="plans-other-text").set_value(FAST).run()
        assert not page.exception
        assert "faster" in written(page)
        page.segmented_control(key="plans-this-first").set_value(False).run()
        assert not page.exception
        assert "slower" in written(page)

    def test_comparing_with_what_is_no_plan(self, page: AppTest) -> None:
        look(read(page, SLOW), "Compare")
        page.text_area(key="plans-other-text").set_value("nothing").run()
        assert not page.exception
        assert any("No execution plan" in error.value.replace("\\", "") for error in page.error)

    def test_comparing_two_plans_of_one_text(self, page: AppTest) -> None:
        look(read(page, f"{SLOW}\n\n{FAST}"), "Compare")
        assert "faster" in written(page)


class TestTakingItAlong:
    def test_asking_carries_the_plan_into_the_chat(self, page: AppTest) -> None:
        read(page, SLOW)
        page.button(key="plans-ask").click().run()
        assert not page.exception
        assert page.chat_input
        assert len(page.chat_message) == 2
        question = "".join(code.value for code in page.chat_message[0].code)
        assert question.startswith("Why is this PostgreSQL query slow")
        assert "Seq Scan on order_items i" in question
        page.switch_page("pages/chat.py").run()
        assert len(page.chat_message) == 2, "it is asked once"

    def test_files_are_offered(self, page: AppTest) -> None:
        read(page, SLOW)
        labels = [button.proto.label for button in page.get("download_button")]
        assert labels == ["Download HTML", "Download Markdown"]
        page.checkbox(key="plans-hide-names").check().run()
        assert not page.exception
        assert "tokens" in written(page)


def test_hostile_names_stay_text(page: AppTest) -> None:
    name = HOSTILE.replace('"', '""').replace("\n", " ")
    read(page, SLOW.replace("order_items", f'"{name}"').replace("orders o", f'"{name}" o'))
    for view in VIEWS:
        look(page, view)
        for element in (*page.markdown, *page.caption, *page.header, *page.info, *page.warning):
            text = element.value
            assert "![](" not in "".join(text.split("`")[::2]), text
            assert not getattr(element.proto, "allow_html", False)
