"""Plans of MySQL and MariaDB in the forms in which clients print them and people hand them on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dbbuddy.plans.model import Plan, PlanError, PlanNode
from dbbuddy.plans.mysql import looks_like, read
from dbbuddy.plans.read import read_plans
from tests.unit.plans.mysql_samples import FORMS, HASH, TABLE, TREE, V1, V2

SAMPLES = Path(__file__).parent / "samples" / "mysql"


def only(text: str) -> Plan:
    found = read(text)
    assert looks_like(text)
    assert found.unread == []
    assert len(found.plans) == 1
    return found.plans[0]


def shape(node: PlanNode) -> tuple[object, ...]:
    return (
        node.type,
        node.relation,
        node.index,
        node.rows_estimated,
        node.rows_actual,
        tuple(shape(child) for child in node.children),
    )


def added_up(plan: Plan) -> bool:
    total = sum(node.self_ms or 0.0 for node in plan.root.walk())
    return total == pytest.approx(plan.root.total_ms, rel=0.001)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tree", [TREE, HASH], ids=["analyze", "estimate"])
def test_every_form_of_a_tree_is_the_same_plan(form: str, tree: str) -> None:
    plan = only(FORMS[form](tree))
    assert shape(plan.root) == shape(only(tree).root)
    assert [node.self_ms for node in plan.root.walk()] == [node.self_ms for node in only(tree).root.walk()]
    assert plan.engine == "mysql"
    assert read_plans(FORMS[form](tree), "postgresql").plans[0].engine == "mysql"


def test_what_a_tree_tells() -> None:
    plan = only(TREE)
    limit, join, filtered, scan, lookup, heading, aggregate, never = plan.root.walk()
    assert (limit.rows_estimated, limit.total_cost, limit.startup_ms) == (5, 9.69e6, 632e-6)
    assert filtered.details["Filter"] == "((o.total > 5) and (o.note = '-> it''s (cost=1 rows=2)'))"
    assert (scan.type, scan.relation, scan.rows_estimated, scan.rows_actual) == ("Table scan", "o", 200, 200)
    assert (lookup.type, lookup.index, lookup.loops) == ("Single-row index lookup", "PRIMARY", 100)
    assert lookup.total_ms == pytest.approx(1.2)
    assert join.self_ms == pytest.approx(12.4 - 4.5 - 1.2)
    assert heading.type == "Select #2"
    assert aggregate.role == "Select #2 (subquery in projection; dependent)"
    assert (aggregate.startup_cost, aggregate.total_cost, aggregate.total_ms) == (0.5, 1, 0.25)
    assert never.loops == 0
    assert never.details["Index Condition"] == "(i.b > 3)"
    assert limit.lines == (1,)
    assert never.lines == (8,)
    assert plan.totals["execution_ms"] == pytest.approx(12.75)
    assert added_up(plan)


def test_a_hash_join_and_ranges() -> None:
    join, scan, heading, ranged = only(HASH).root.walk()
    assert join.details["Condition"] == "o.customer_id = c.id"
    assert (scan.relation, heading.type) == ("o", "Hash")
    assert (ranged.type, ranged.relation, ranged.index) == ("Index range scan", "c", "country")
    assert ranged.details["Ranges"] == "('a' <= country <= 'b') OR ('x' < country)"
    assert heading.children == [ranged]


def test_several_trees() -> None:
    assert [plan.format for plan in read(TREE + "\n" + HASH).plans] == ["explain analyze", "tree"]


def test_words_around_are_shown_as_unread() -> None:
    found = read("My query is slow.\n" + TREE + "Can you help?\n")
    assert [line.text for line in found.unread] == ["My query is slow.", "Can you help?"]


def test_a_wrapped_filter_goes_on() -> None:
    plan = only(HASH.replace("('a' <= country", "('a' <=\n country"))
    assert len(list(plan.root.walk())) == 4


def test_json_of_version_1_with_end_markers() -> None:
    plan = only(V1)
    assert (plan.engine, plan.format) == ("mysql", "json")
    block, order, join, orders, subquery, items, customers = plan.root.walk()
    assert (block.type, order.type, join.type) == ("query_block", "ordering_operation", "nested_loop")
    assert (orders.type, orders.relation, orders.rows_estimated) == ("ALL", "o", 5000)
    assert orders.total_cost == pytest.approx(505.25 + 0.35)
    assert orders.details["attached_condition"] == "(`shop`.`o`.`status` = 'a } /* b */ \\' {')"
    assert (subquery.role, subquery.details["dependent"], items.index) == ("attached_subqueries", True, "order_id")
    assert customers.index == "PRIMARY"
    assert join.rows_estimated == 500


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_json_that_breaks_off_is_shown_as_far_as_it_goes(cut: float) -> None:
    found = read(V1[: int(len(V1) * cut)])
    assert found.plans[0].root.children
    assert any("breaks off" in note for note in found.notes)


def test_json_of_version_2() -> None:
    plan = only(json.dumps(V2, indent=2))
    join, orders, customers = plan.root.walk()
    assert (join.type, orders.relation, orders.alias, orders.schema) == ("Inner hash join", "orders", "o", "shop")
    assert customers.role == "Hash"
    assert (join.total_ms, join.self_ms) == (9, 4)
    assert added_up(plan)


def test_a_table_of_rows_is_a_tree_of_selects() -> None:
    plan = only(TABLE)
    assert plan.engine == "mysql"
    assert plan.statement == "/* select#1 */ select 1"
    join = plan.root
    assert join.type == "nested_loop"
    derived, customers = join.children[:2]
    assert [child.type for child in derived.children] == ["UNION RESULT"]
    assert [child.relation for child in derived.children[0].children] == ["o", "p"]
    assert (customers.relation, customers.rows_estimated, customers.lines) == ("c", 1, (5,))
    (subquery,) = join.children[2:]
    assert (subquery.role, subquery.index) == ("DEPENDENT SUBQUERY 4", "key|x")


ROWS = [line for line in TABLE.split("\n")[:-1] if line.startswith("|")][:7]
CELLS = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in ROWS]


def drawn(separator: str, quote: str = "", null: str = "NULL") -> str:
    return "\n".join(
        separator.join(null if cell == "NULL" and null != "NULL" else f"{quote}{cell}{quote}" for cell in row) for row in CELLS
    )


@pytest.mark.parametrize(
    "text",
    [
        drawn("\t"),
        drawn(",", '"', ""),
        drawn(", ", "'"),
        drawn(";", '"'),
        drawn("   "),
        "\n".join("| " + " | ".join("" if cell == "NULL" else cell for cell in row) + " |" for row in CELLS),
        "# " + drawn(", ", "'").replace("'", "", 24),
        "\n".join(
            f"*************************** {number}. row ***************************\n"
            + "\n".join(f"{name:>13}: {cell}" for name, cell in zip(CELLS[0], row, strict=True))
            for number, row in enumerate(CELLS[1:], 1)
        ),
        json.dumps([dict(zip(CELLS[0], (None if cell == "NULL" else cell for cell in row), strict=True)) for row in CELLS[1:]]),
    ],
    ids=["tabs", "csv", "workbench", "semicolons", "spaces", "markdown", "workbench header", "vertical", "json rows"],
)
def test_every_drawing_of_a_table_is_the_same_plan(text: str) -> None:
    assert shape(only(text).root) == shape(only(TABLE).root)


@pytest.mark.parametrize(("first", "pattern"), [("explain.table.txt", "explain.*"), ("analyze.json.raw.txt", "analyze.json.*"),
                                                ("analyze.table.txt", "analyze.[tv]*")])  # fmt: skip
def test_every_output_of_mariadbs_client_is_the_same_plan(first: str, pattern: str) -> None:
    expected = only((SAMPLES / first).read_text())
    assert expected.engine == "mariadb"
    for path in SAMPLES.glob(pattern):
        plan = only(path.read_text())
        assert (plan.engine, plan.format) == ("mariadb", expected.format), path.name
        assert shape(plan.root) == shape(expected.root), path.name


def test_times_of_mariadb_add_up() -> None:
    plan = only((SAMPLES / "analyze.json.raw.txt").read_text())
    assert added_up(plan)
    told = json.loads((SAMPLES / "analyze.json.raw.txt").read_text().partition("\n")[2])
    assert plan.root.total_ms == pytest.approx(told["query_block"]["r_total_time_ms"])
    assert plan.totals["planning_ms"] == pytest.approx(told["query_optimization"]["r_total_time_ms"])
    tables = [node for node in plan.root.walk() if node.relation == "o"]
    assert tables[0].self_ms == pytest.approx(tables[0].details["r_table_time_ms"] + tables[0].details["r_other_time_ms"])


def test_a_table_that_comes_twice_in_an_object() -> None:
    plan = only(
        '{"query_block": {"select_id": 1, "table": {"table_name": "a", "rows": 2}, "table": {"table_name": "b", "rows": 3}}}'
    )
    assert [node.relation for node in plan.root.walk()] == [None, None, "a", "b"]
    assert plan.engine == "mariadb"


def test_bare_words_and_labels() -> None:
    plan = only(
        'ANALYZE: {\n "query_block": {\n "r_loops": 1, "r_total_time_ms": REPLACED,\n "table": {"table_name": "a", "r_rows": 1.2e7}}\n}'
    )
    assert plan.root.children[0].rows_actual == 1.2e7
    assert plan.root.total_ms is None


def test_a_table_never_read() -> None:
    plan = only(
        "id\tselect_type\ttable\ttype\tkey\trows\tr_rows\tfiltered\tr_filtered\tExtra\n1\tSIMPLE\tt\tALL\tNULL\t5\tNULL\t100.00\tNULL\t"
    )
    assert (plan.root.loops, plan.root.rows_actual, plan.engine) == (0, None, "mariadb")


def test_rows_that_name_each_other_are_all_there() -> None:
    rows = [
        "1\tPRIMARY\t<derived2>\tALL\t5",
        "2\tDERIVED\t<derived3>\tALL\t5",
        "3\tDERIVED\t<derived2>\tALL\t5",
        "4\tSUBQUERY\t<union9>\tALL\t5",
    ]
    plan = only("\n".join(["id\tselect_type\ttable\ttype\trows", *rows]))
    assert len(list(plan.root.walk())) == 4


def test_two_statements_in_one_table() -> None:
    rows = "\n".join(f"{number}\tPRIMARY\tt{place}\tALL\t5" for place, number in enumerate((1, 2, 1, 2)))
    assert len(read("id\tselect_type\ttable\ttype\trows\n" + rows).plans) == 2


def test_other_text_is_refused() -> None:
    with pytest.raises(PlanError, match="EXPLAIN ANALYZE"):
        read("SELECT 1;\nnothing here")
    assert not looks_like("Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  ->  Hash  (cost=0.00..1.00 rows=1 width=4)")
