"""Plans in words: numbers, operators, outline, line links, files, questions to the chat."""

from __future__ import annotations

import re

import pytest

from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.plans.describe import count, details_of, duration, factor, operator, percent, subject
from dbbuddy.plans.figures import Measures
from dbbuddy.plans.files import MAX_MB, read_paste, redacted, text_of_file
from dbbuddy.plans.insights import find_insights
from dbbuddy.plans.line_links import step_of_line
from dbbuddy.plans.model import PlanError, PlanNode
from dbbuddy.plans.operators import explanation, explanations
from dbbuddy.plans.outline import as_text, outline
from dbbuddy.plans.question import LONGEST, question_about
from dbbuddy.plans.read import read_plans
from tests.unit.plans.made import append, chain

FOLDER = DATA / "samples" / "plans"
EXAMPLES = load_yaml("samples/plans/examples.yaml")


def example(name: str) -> str:
    return (FOLDER / EXAMPLES[name]["file"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0 ms"),
        (0.04, "0.04 ms"),
        (4.25, "4.25 ms"),
        (420.4, "420 ms"),
        (4200, "4.2 s"),
        (185_000, "3 min 5 s"),
        (7.8e6, "2 h 10 min"),
    ],
)
def test_durations(value: float, shown: str) -> None:
    assert duration(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(7, "7"), (0.25, "0.25"), (9_999, "9,999"), (12_345, "12.3 k"), (4.5e6, "4.5 M"), (2e9, "2 G")]
)
def test_counts(value: float, shown: str) -> None:
    assert count(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0, "0 %"), (0.0001, "< 0.1 %"), (0.031, "3.1 %"), (0.62, "62 %"), (1, "100 %")])
def test_shares(value: float, shown: str) -> None:
    assert percent(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(1, "about right"), (12, "12 x too low"), (1 / 3, "3 x too high"), (22_400, "22.4 k x too low")]
)
def test_misestimates(value: float, shown: str) -> None:
    assert factor(value) == shown


@pytest.mark.parametrize(
    ("node", "shown"),
    [
        (PlanNode("Aggregate", details={"Strategy": "Hashed", "Partial Mode": "Partial"}), "Partial HashAggregate"),
        (PlanNode("Hash Join", details={"Join Type": "Left", "Parallel Aware": True}), "Parallel Hash Left Join"),
        (PlanNode("Nested Loop", details={"Join Type": "Anti"}), "Nested Loop Anti Join"),
        (PlanNode("Index Scan", details={"Scan Direction": "Backward"}), "Index Scan Backward"),
        (PlanNode("ModifyTable", details={"Operation": "Update"}), "Update"),
    ],
)
def test_operators_as_postgresql_prints_them(node: PlanNode, shown: str) -> None:
    assert operator(node, "postgresql") == shown


def test_subjects() -> None:
    assert subject(PlanNode("Index Scan", relation="orders", alias="o", index="orders_pkey")) == "orders o using orders_pkey"
    assert subject(PlanNode("Sort", details={"Sort Key": ["a", "b DESC"]})) == "a, b DESC"
    assert subject(PlanNode("Limit")) == ""


def test_details_that_say_nothing_are_left_out() -> None:
    node = PlanNode("Sort", details={"a": None, "b": "", "c": 0, "d": {"x": 1.0}, "e": [], "f": True})
    assert details_of(node) == [("c", "0"), ("d", "x: 1"), ("f", "yes")]


class TestOutline:
    def test_rows_of_a_plan(self) -> None:
        plan = read_plans(example("postgresql-subquery")).plans[0]
        rows = outline(Measures(plan), find_insights(plan))
        assert [row.operator for row in rows] == ["Seq Scan", "Aggregate", "Seq Scan"]
        assert rows[2].severity == "critical"
        assert rows[2].loops == "10"
        assert rows[2].rows == "72 → 74"
        assert "3. Seq Scan order_items i  [94 %" in as_text(rows)

    @pytest.mark.parametrize("plan", [append(5_000), chain(5_000)], ids=["wide", "deep"])
    def test_large_plans_are_bounded_and_nothing_is_lost(self, plan: object) -> None:
        measures = Measures(plan)  # type: ignore[arg-type]
        rows = outline(measures)
        assert len(rows) <= 301
        assert len(rows) + sum(row.hidden for row in rows) == len(measures.nodes)

    def test_never_executed(self) -> None:
        node = PlanNode("Seq Scan", relation="t", rows_estimated=10, rows_actual=0, loops=0)
        rows = outline(Measures(read_plans(example("postgresql-subquery")).plans[0]))
        assert not any(row.never for row in rows)
        plan = append(1)
        plan.root.children = [node]
        assert outline(Measures(plan))[1].rows == "10 → never ran"


class TestLineLinks:
    @pytest.mark.parametrize("name", ["postgresql-subquery", "postgresql-sort", "sqlserver-key-lookup", "oracle-nested-loops"])
    def test_every_step_has_its_lines(self, name: str) -> None:
        text = example(name)
        plans = read_plans(text).plans
        links = step_of_line(plans, plans[0], text)
        assert set(links.values()) == set(range(len([*plans[0].root.walk()])))

    def test_the_right_lines(self) -> None:
        text = example("sqlserver-key-lookup")
        plans = read_plans(text).plans
        links = step_of_line(plans, plans[0], text)
        lines = text.split("\n")
        sorting = next(number for number, line in enumerate(lines, 1) if "SortSpillDetails" in line)
        lookup = next(number for number, line in enumerate(lines, 1) if "PK_Orders" in line)
        assert (links[sorting], links[lookup]) == (0, 3)

    def test_several_plans(self) -> None:
        text = example("postgresql-sort") + "\n" + example("postgresql-sort")
        plans = read_plans(text).plans
        if len(plans) == 2:
            first, second = (step_of_line(plans, plan, text) for plan in plans)
            assert max(first) < min(second)


class TestFiles:
    def test_too_large(self) -> None:
        with pytest.raises(PlanError, match="more than 20 MB"):
            text_of_file("a.txt", b"x" * (MAX_MB * 1024 * 1024 + 1))
        with pytest.raises(PlanError, match="up to 20 MB"):
            read_paste("x" * (MAX_MB * 1024 * 1024 + 1))

    def test_binary_and_empty(self) -> None:
        with pytest.raises(PlanError, match="binary"):
            text_of_file("a.exe", b"\x7fELF\x00\x00" + b"abc" * 500)
        with pytest.raises(PlanError, match="no text"):
            text_of_file("a.txt", b"  ")

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
    def test_encodings(self, encoding: str) -> None:
        text = example("sqlserver-key-lookup")
        assert read_paste(text_of_file("a.sqlplan", text.encode(encoding))).read.plans[0].engine == "sqlserver"

    def test_secrets_are_taken_out_and_the_plan_stays(self) -> None:
        text = example("postgresql-subquery").replace("(customer_id = 4711)", "(email = 'jane.doe@example.org'::text)")
        paste = read_paste(text)
        assert "jane.doe" not in paste.text + repr(paste.read)
        assert paste.removed
        assert len([*paste.read.plans[0].root.walk()]) == 3

    def test_xml_stays_well_formed(self) -> None:
        text = example("sqlserver-key-lookup").replace("N'shipped'", "N'jane.doe@example.org'")
        paste = read_paste(text)
        assert "jane.doe" not in paste.text
        assert not paste.read.unread
        assert len([*paste.read.plans[0].root.walk()]) == 4

    def test_row_counts_that_look_like_cards_stay(self) -> None:
        text = "<report>\n<card>4111111111111111</card>\n</report>"
        assert redacted(text)[0] == text


class TestOperators:
    @pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlserver", "oracle"])
    def test_entries_are_complete_sentences(self, engine: object) -> None:
        for _, entry in explanations(engine):  # type: ignore[arg-type]
            assert entry.does.endswith(".")
            assert entry.good.endswith(".")
            assert entry.look.endswith(".")
            assert re.match(r"[A-Z]", entry.does), entry.name

    @pytest.mark.parametrize("name", list(EXAMPLES))
    def test_every_step_of_the_examples_is_explained(self, name: str) -> None:
        plan = read_plans(example(name)).plans[0]
        assert all(explanation(plan.engine, node) for node in plan.root.walk())

    @pytest.mark.parametrize(
        ("engine", "node", "name"),
        [
            ("postgresql", PlanNode("Parallel Index Only Scan"), "Index Only Scan"),
            ("postgresql", PlanNode("Aggregate", details={"Strategy": "Sorted"}), "GroupAggregate"),
            ("sqlserver", PlanNode("Clustered Index Seek", details={"Lookup": True}), "Key Lookup"),
            ("sqlserver", PlanNode("Table Spool", details={"LogicalOp": "Lazy Spool"}), "Table Spool"),
            ("oracle", PlanNode("HASH JOIN RIGHT OUTER BUFFERED"), "HASH JOIN"),
            ("oracle", PlanNode("PARTITION RANGE ALL"), "PARTITION ALL"),
            ("mysql", PlanNode("Covering index lookup"), "Index lookup (ref)"),
            ("mariadb", PlanNode("rowid_filter"), "Rowid filter"),
        ],
    )
    def test_names_are_normalised(self, engine: object, node: PlanNode, name: str) -> None:
        found = explanation(engine, node)  # type: ignore[arg-type]
        assert found is not None
        assert found.name == name

    def test_unknown_operators_are_not_guessed(self) -> None:
        assert explanation("postgresql", PlanNode("Frobnicate")) is None


class TestQuestion:
    def test_small_plans_go_along(self) -> None:
        text = example("postgresql-subquery")
        plan = read_plans(text).plans[0]
        asked = question_about(Measures(plan), find_insights(plan), text)
        assert asked.startswith("Why is this PostgreSQL query slow")
        assert text.strip() in asked

    def test_large_plans_go_as_findings_and_outline(self) -> None:
        plan = append(5_000)
        asked = question_about(Measures(plan), find_insights(plan), "x" * (LONGEST + 1))
        assert "xxx" not in asked
        assert "part_0" in asked
        assert len(asked) < 2 * LONGEST
