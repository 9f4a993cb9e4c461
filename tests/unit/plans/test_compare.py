"""Two plans side by side."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.plans import postgresql
from dbbuddy.plans.compare import compare_plans, to_markdown
from dbbuddy.plans.model import Plan, PlanNode
from tests.effort import examples

SHARED = Path(__file__).parents[3].parent / "shared" / "plans"
OTHER_WAY = {"faster": "slower", "slower": "faster", "same": "same", "not comparable": "not comparable"}

HASH = """Limit  (cost=900.00..901.00 rows=10 width=20) (actual time=230.000..230.010 rows=10 loops=1)
  ->  Hash Join  (cost=10.00..900.00 rows=100 width=20) (actual time=1.000..230.000 rows=10 loops=1)
        Hash Cond: (o.customer_id = c.id)
        ->  Seq Scan on orders o  (cost=0.00..800.00 rows=50000 width=12) (actual time=0.010..200.000 rows=50000 loops=1)
              Filter: (total > 5)
        ->  Hash  (cost=5.00..5.00 rows=100 width=12) (actual time=0.900..0.900 rows=100 loops=1)
              ->  Seq Scan on customers c  (cost=0.00..5.00 rows=100 width=12) (actual time=0.010..0.500 rows=100 loops=1)
Execution Time: 230.500 ms
"""
LOOP = """Limit  (cost=90.00..91.00 rows=10 width=20) (actual time=100.000..100.010 rows=10 loops=1)
  ->  Nested Loop  (cost=10.00..90.00 rows=100 width=20) (actual time=1.000..100.000 rows=10 loops=1)
        ->  Seq Scan on customers c  (cost=0.00..5.00 rows=100 width=12) (actual time=0.010..0.500 rows=100 loops=1)
        ->  Index Scan using orders_customer_idx on orders o  (cost=0.00..0.80 rows=1 width=12) (actual time=0.1..0.9 rows=0 loops=100)
              Index Cond: (customer_id = c.id)
              Filter: (total > 5)
Execution Time: 100.200 ms
"""
ESTIMATE = """Limit  (cost=900.00..901.00 rows=10 width=20)
  ->  Seq Scan on orders o  (cost=0.00..800.00 rows=50000 width=12)
"""


def plan(text: str) -> Plan:
    return postgresql.read(text).plans[0]


def test_an_added_index():
    found = compare_plans(plan(HASH), plan(LOOP))
    assert found.verdict.startswith("2.3 times faster (100 ms instead of 230 ms): ")
    assert "orders o is now read by Index Scan on orders_customer_idx instead of Seq Scan" in found.verdict
    assert "joined by Nested Loop instead of Hash Join" in found.verdict
    assert (found.outcome, found.measure, found.regressed, found.same_plan) == ("faster", "time", False, False)
    assert [change.kind for change in found.changes if change.structural] == [
        "join order",
        "access",
        "join method",
        "removed",
    ]
    assert found.changes[0].text == "the join order is now customers c, orders o instead of orders o, customers c"
    assert [facts.type for facts in found.only_before] == ["Hash"]
    assert found.only_after == ()
    assert {(pair.before.type, pair.after.type) for pair in found.pairs} == {
        ("Limit", "Limit"),
        ("Hash Join", "Nested Loop"),
        ("Seq Scan", "Index Scan"),
        ("Seq Scan", "Seq Scan"),
    }


def test_the_other_way_round_regressed():
    found = compare_plans(plan(LOOP), plan(HASH))
    assert found.verdict.startswith("2.3 times slower (230 ms instead of 100 ms)")
    assert (found.outcome, found.regressed) == ("slower", True)
    assert found.change_share == pytest.approx(1.3, abs=0.01)


@pytest.mark.parametrize(("slower_by", "regressed"), [(0.1, True), (1.2, True), (1.4, False)])
def test_how_much_slower_counts(slower_by, regressed):
    assert compare_plans(plan(LOOP), plan(HASH), slower_by=slower_by).regressed is regressed


def test_differences_below_a_millisecond_never_count():
    quick = HASH.replace("230.500", "0.100")
    slower = HASH.replace("230.500", "0.900")
    assert compare_plans(plan(quick), plan(slower)).outcome == "same"


def test_the_same_plan_with_more_work():
    spilled = HASH.replace("230.500", "460.500").replace(
        "width=12) (actual time=0.010..200.000 rows=50000", "width=12) (actual time=0.010..430.000 rows=900000"
    )
    found = compare_plans(plan(HASH), plan(spilled))
    assert found.same_plan
    assert found.verdict == (
        "2.0 times slower (460 ms instead of 230 ms): the plan is the same; orders o gives 900,000 rows instead of 50,000."
    )


def test_measured_against_estimated_compares_costs_and_says_so():
    found = compare_plans(plan(LOOP), plan(ESTIMATE))
    assert (found.measure, found.outcome, found.regressed) == ("cost", "slower", True)
    assert found.verdict.startswith("By the planner's estimate 9.9 times dearer (cost 901.00 instead of 91.00)")
    assert any(caveat.startswith("The second plan has no times, so costs are compared") for caveat in found.caveats)
    assert "Only the first plan reads customers." in found.caveats


def test_costs_of_different_engines_are_not_compared():
    other = plan(ESTIMATE)
    other.engine = "oracle"
    found = compare_plans(plan(ESTIMATE), other)
    assert (found.outcome, found.measure, found.regressed, found.change_share) == ("not comparable", None, False, None)
    assert "costs of different engines have different units" in found.verdict


def test_times_of_different_engines_are():
    other = plan(HASH)
    other.engine = "mysql"
    found = compare_plans(plan(LOOP), other)
    assert (found.outcome, found.measure) == ("slower", "time")
    assert any("different engines" in caveat for caveat in found.caveats)


def test_other_tables_are_another_question():
    found = compare_plans(plan(HASH), plan(HASH.replace("orders", "invoices").replace("customers", "payers")))
    assert found.outcome == "not comparable"
    assert found.verdict == (
        "Not comparable: they read different tables (customers, orders in the first, invoices, payers in the second)."
    )


def test_one_table_in_common_of_two_is_another_question_but_a_table_less_is_not():
    assert compare_plans(plan(HASH), plan(HASH.replace("orders", "invoices"))).outcome == "not comparable"
    assert compare_plans(plan(HASH), plan(ESTIMATE)).outcome != "not comparable"
    other = plan(HASH.replace("orders", "invoices"))
    one = plan(HASH)
    one.statement = other.statement = "select 1"
    assert compare_plans(one, other).outcome != "not comparable"


def test_no_times_and_no_costs():
    bare = "Seq Scan on t\n  Filter: (a = 1)\n"
    assert compare_plans(plan(bare), plan(bare)).verdict == "Not comparable: not both have times, and not both have costs."


def test_caveats_of_rows_statements_and_a_cold_cache():
    one, other = plan(HASH), plan(HASH.replace("230.010 rows=10", "230.010 rows=7"))
    one.statement, other.statement = "SELECT 1", "select 2"
    one.root.details |= {"Shared Hit Blocks": 10, "Shared Read Blocks": 5000}
    other.root.details |= {"Shared Hit Blocks": 5010, "Shared Read Blocks": 0}
    found = compare_plans(one, other)
    assert found.caveats == (
        "The statements differ in their text.",
        "The first returned 10 rows, the second 7: other values, other data, or another question.",
        "The first run read 5,000 blocks from disk, the other 0: part of the difference may be a cold cache.",
    )
    other.statement = "EXPLAIN (ANALYZE) select   1;"
    assert "The statements differ in their text." not in compare_plans(one, other).caveats


def test_spills_are_told():
    one, other = plan(HASH), plan(HASH)
    next(node for node in other.root.walk() if node.type == "Hash").details["Hash Batches"] = 8
    other.root.details |= {"Sort Space Type": "Disk", "Sort Space Used": 4096}
    texts = [change.text for change in compare_plans(one, other).changes if change.kind == "spill"]
    assert texts == [
        "Limit over orders, customers spills 4 MB to disk, before it stayed in memory",
        "Hash over customers spills to disk, before it stayed in memory",
    ]


def test_nodes_are_matched_by_what_they_read_not_by_position():
    def union(names: list[str]) -> Plan:
        members = [PlanNode("Seq Scan", relation=name, total_cost=1, details={"Filter": f"({name} = 1)"}) for name in names]
        return Plan("postgresql", "text", PlanNode("Append", total_cost=9, children=members))

    names = [f"part_{number}" for number in range(300)]
    found = compare_plans(union(names), union([*names[::-1], "extra"]))
    assert all(pair.before.relation == pair.after.relation for pair in found.pairs)
    assert (len(found.pairs), [facts.relation for facts in found.only_after]) == (301, ["extra"])


def test_two_scans_of_one_relation_are_told_apart_by_their_conditions():
    def union(values: list[int]) -> Plan:
        members = [PlanNode("Seq Scan", relation="t", alias="t", total_cost=1, details={"Filter": f"(a = {v})"}) for v in values]
        return Plan("postgresql", "text", PlanNode("Append", total_cost=9, children=members))

    found = compare_plans(union([1, 2]), union([2, 1]))
    assert [(pair.before.number, pair.after.number) for pair in found.pairs] == [(0, 0), (1, 2), (2, 1)]


def test_an_index_below_a_table_access_is_told_with_it():
    def oracle(operation: str, index: str | None) -> Plan:
        access = PlanNode(operation, relation="T", total_cost=5)
        if index:
            access.children.append(PlanNode("INDEX RANGE SCAN", index=index, total_cost=2))
        return Plan("oracle", "dbms_xplan", PlanNode("SELECT STATEMENT", total_cost=5, children=[access]))

    found = compare_plans(oracle("TABLE ACCESS FULL", None), oracle("TABLE ACCESS BY INDEX ROWID", "T_IX"))
    assert [change.text for change in found.changes if change.structural] == [
        "T is now read by TABLE ACCESS BY INDEX ROWID on T_IX instead of TABLE ACCESS FULL"
    ]
    found = compare_plans(oracle("TABLE ACCESS BY INDEX ROWID", "T_IX"), oracle("TABLE ACCESS BY INDEX ROWID", "T_IX2"))
    assert [change.kind for change in found.changes if change.structural] == ["access"]


def test_the_two_loops_of_a_batched_inner_table():
    def oracle(inner: list[PlanNode]) -> Plan:
        outer = PlanNode("TABLE ACCESS FULL", relation="A", total_cost=5)
        join = PlanNode("NESTED LOOPS", total_cost=50, children=[outer, inner[0]])
        for table in inner[1:]:
            join = PlanNode("NESTED LOOPS", total_cost=90, children=[join, table])
        return Plan("oracle", "dbms_xplan", PlanNode("SELECT STATEMENT", total_cost=90, children=[join]))

    batched = oracle(
        [PlanNode("INDEX RANGE SCAN", index="B_IX"), PlanNode("TABLE ACCESS BY INDEX ROWID", relation="B", total_cost=40)]
    )
    found = compare_plans(oracle([PlanNode("TABLE ACCESS FULL", relation="B", total_cost=80)]), batched)
    assert "B is now read by TABLE ACCESS BY INDEX ROWID on B_IX instead of TABLE ACCESS FULL" in found.verdict
    assert not any("SELECT STATEMENT" in change.text for change in found.changes)


def test_markdown_and_json():
    found = compare_plans(plan(HASH), plan(LOOP))
    text = to_markdown(found)
    assert text.startswith("**2.3 times faster")
    assert "| Execution time | 230 ms | 100 ms |" in text
    assert "| Seq Scan on orders | Index Scan on orders (orders\\_customer\\_idx) |" in text
    data = json.loads(json.dumps(found.to_dict()))
    assert data["verdict"] == found.verdict
    assert data["pairs"][0]["before"]["type"] == "Limit"


def test_names_cannot_break_the_markdown():
    hostile = plan(HASH)
    for node in hostile.root.walk():
        node.relation = node.relation and node.relation + "|<b>\n# `x`"
    text = to_markdown(compare_plans(hostile, plan(LOOP)))
    assert "\n# " not in text
    assert "<b>" not in text.replace("\\<b\\>", "")


def test_deep_and_wide_plans():
    deep = PlanNode("Seq Scan", relation="t", total_cost=1)
    for _ in range(5_000):
        deep = PlanNode("Materialize", total_cost=1, children=[deep])
    chain = Plan("postgresql", "text", deep)
    assert compare_plans(chain, chain).same_plan
    members = [PlanNode("Seq Scan", relation="t", total_cost=1) for _ in range(5_000)]
    wide = Plan("postgresql", "text", PlanNode("Append", total_cost=1, children=members))
    assert compare_plans(wide, wide).same_plan
    assert compare_plans(wide, chain).same_plan is False


NAMES = st.sampled_from(["a", "b", "c", None])
NODES = st.recursive(
    st.builds(
        PlanNode,
        type=st.sampled_from(["Seq Scan", "Index Scan", "INDEX RANGE SCAN", "Result"]),
        relation=NAMES,
        alias=NAMES,
        index=st.sampled_from(["a_ix", "b_ix", None]),
        rows_estimated=st.floats(0, 1e6),
        rows_actual=st.floats(0, 1e6),
        loops=st.sampled_from([0.0, 1.0, 500.0]),
        total_cost=st.floats(0, 1e6),
        total_ms=st.floats(0, 1e6) | st.none(),
        self_ms=st.floats(0, 1e6) | st.none(),
        details=st.sampled_from(
            [{}, {"Filter": "(x = 1)"}, {"Hash Batches": 4}, {"Sort Space Type": "Disk", "Sort Space Used": 9}]
        ),
    ),
    lambda below: st.builds(
        PlanNode,
        type=st.sampled_from(["Hash Join", "Nested Loop", "Sort", "Append", "TABLE ACCESS BY INDEX ROWID", "Aggregate"]),
        relation=NAMES,
        total_cost=st.floats(0, 1e6),
        self_ms=st.floats(0, 1e6) | st.none(),
        children=st.lists(below, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
PLANS = st.builds(
    Plan,
    engine=st.sampled_from(["postgresql", "oracle", "sqlserver", "mysql"]),
    format=st.just("text"),
    root=NODES,
    totals=st.sampled_from([{}, {"execution_ms": 10.0}, {"execution_ms": 500.0}, {"execution_ms": 0.0}]),
)


@settings(max_examples=examples(150), deadline=None)
@given(PLANS)
def test_a_plan_compared_with_itself_is_unchanged(one):
    found = compare_plans(one, deepcopy(one))
    assert found.same_plan
    assert found.changes == found.only_before == found.only_after == ()
    assert found.outcome in ("same", "not comparable")
    assert len(found.pairs) == found.before.nodes
    to_markdown(found)


@settings(max_examples=examples(150), deadline=None)
@given(PLANS, PLANS)
def test_swapped_arguments_swap_the_verdict(one, other):
    found, swapped = compare_plans(one, other), compare_plans(other, one)
    assert swapped.outcome == OTHER_WAY[found.outcome]
    assert swapped.same_plan == found.same_plan
    assert (swapped.only_before, swapped.only_after) == (found.only_after, found.only_before)
    assert {(pair.after, pair.before) for pair in swapped.pairs} == {(pair.before, pair.after) for pair in found.pairs}
    to_markdown(found)
    json.dumps(found.to_dict())


def shared(version: str) -> list[Path]:
    return sorted((SHARED / version / "full-unaligned").glob("*.json.txt"))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared plans are not here")
@pytest.mark.parametrize("path", shared("gen-pg15") + shared("gen-pg18"), ids=lambda path: f"{path.parts[-3]}-{path.name[:-9]}")
def test_one_statement_in_two_formats_has_the_same_plan(path):
    base = plan(path.read_text())
    name = path.name.split(".")[0]
    for variant in ("full-unaligned", "estimate", "costs-off", "wrapped80", "expanded"):
        for other in sorted((path.parents[1] / variant).glob(f"{name}.*.txt")):
            assert compare_plans(base, plan(other.read_text())).same_plan, other


@pytest.mark.skipif(not SHARED.exists(), reason="the shared plans are not here")
@pytest.mark.parametrize("path", shared("gen-pg15"), ids=lambda path: path.name[:-9])
def test_one_statement_on_two_versions(path):
    newer = path.parents[2] / "gen-pg18" / "full-unaligned" / path.name
    if not newer.exists():
        pytest.skip("this statement was not run on the newer version")
    found = compare_plans(plan(path.read_text()), plan(newer.read_text()))
    assert found.outcome != "not comparable"
    assert {facts.type for facts in found.only_before + found.only_after} <= {"Gather Merge"}
