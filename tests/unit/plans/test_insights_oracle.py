"""Insights into plans of Oracle: for each a plan that has it and one that must not."""

import string
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from dbbuddy.plans import oracle
from dbbuddy.plans.insights import Insight, find, find_insights
from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.oracle import RULES
from dbbuddy.plans.insights.texts import texts_of, titles
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import Plan, PlanNode
from tests.unit.plans.oracle_plans import found, plan, text

SHARED = Path(__file__).parents[3].parent / "shared" / "plans"
STATS = "Name Starts E-Rows A-Rows A-Time Buffers"
COST = "Name E-Rows Cost"

SCAN = """
SELECT STATEMENT     |        | 1 |     |    12 | 4000 | 60000
 TABLE ACCESS FULL   | ORDERS | 1 |  12 |    12 | 4000 | 60000
"""
LOOP = """
SELECT STATEMENT               |          | 1     |       | 90000 | 9000 | 270000
 NESTED LOOPS                  |          | 1     | {0}   | 90000 | 9000 | 270000
  TABLE ACCESS FULL            | ORDERS   | 1     | {0}   | 30000 | 500  | 900
  TABLE ACCESS BY INDEX ROWID  | ITEMS    | 30000 | 3     | 90000 | 8400 | 269000
   INDEX RANGE SCAN            | ITEMS_IX | 30000 | 3     | 90000 | 3000 | 60000
"""
LOOP_PREDICATES = """
   2 - filter("O"."STATUS"='OPEN')
   4 - access("I"."ORDER_ID"="O"."ID")
"""
INDEXED = """
SELECT STATEMENT              |          | 1 |       | {0} | 5000 | 90000
 TABLE ACCESS BY INDEX ROWID  | ORDERS   | 1 | 50    | {0} | 5000 | 90000
  INDEX RANGE SCAN            | ORD_DAY  | 1 | 80000 | 80000 | 400 | 300
"""
PARTITIONS = """
SELECT STATEMENT       |       | 900 | 8000 |   |
 PARTITION RANGE {0}   |       | 900 | 8000 | 1 | 24
  TABLE ACCESS FULL    | SALES | 900 | 8000 | 1 | 24
"""
SPILL = """
SELECT STATEMENT     |   | 1 |      | 10   | 9000 | 500 |     |     |        |
 {0}                 |   | 1 | 5000 | 5000 | 9000 | 500 | 90M | 4M  | 8M ({1}) | {2}
  TABLE ACCESS FULL  | T | 1 | 5000 | 5000 | 1000 | 500 |     |     |        |
"""
SPILL_COLUMNS = f"{STATS} OMem 1Mem Used-Mem Used-Tmp"
PARALLEL = """
SELECT STATEMENT          |          |         | 3000 |      |
 PX COORDINATOR           |          |         |      |      |
  PX SEND QC (RANDOM)     | :TQ10002 | 100     | 3000 | P->S | QC (RAND)
   HASH JOIN              |          | 100     | 3000 | PCWP |
    PX RECEIVE            |          | {0}     | 900  | PCWP |
     PX SEND BROADCAST    | :TQ10000 | {0}     | 900  | {1} | BROADCAST
      TABLE ACCESS FULL   | ORDERS   | {0}     | 900  |      |
    PX BLOCK ITERATOR     |          | 100     | 300  | PCWC |
     TABLE ACCESS FULL    | LINES    | 100     | 300  | PCWP |
"""
PARALLEL_COLUMNS = "Name E-Rows Cost IN-OUT PQ_Distrib"
FILTER = """
SELECT STATEMENT     |        | 1     |       | 10    | 9000 | 900000
 FILTER              |        | 1     |       | 10    | 9000 | 900000
  TABLE ACCESS FULL  | ORDERS | 1     | 20000 | 20000 | 200  | 900
  {0}                | ITEMS  | {1}   | 1     | 19990 | {2}  | 899000
"""
REMOTE_SQL = """
Remote SQL Information (identified by operation id):
----------------------------------------------------

   1 - SELECT "ID" FROM "ORDERS" "O" (accessing 'FAR' )

"""


def note(line: str) -> str:
    return f"Note\n-----\n   - {line}\n"


@pytest.mark.parametrize(
    ("predicate", "name", "sql"),
    [
        (
            'filter("STATUS"=\'OPEN\' AND "DAY">SYSDATE)',
            "scan-discards-rows",
            "CREATE INDEX ORDERS_STATUS_DAY_IX ON ORDERS (STATUS, DAY) ONLINE;",
        ),
        ('filter("Mixed"=1)', "scan-discards-rows", 'CREATE INDEX "ORDERS_Mixed_IX" ON ORDERS ("Mixed") ONLINE;'),
        (
            'filter(("STATUS"=\'OPEN\' OR "URGENT"=1))',
            "or-over-columns",
            "CREATE INDEX ORDERS_STATUS_IX ON ORDERS (STATUS) ONLINE;",
        ),
        ('filter(TO_NUMBER("REF")=42)', "implicit-conversion", ""),
        ('filter(INTERNAL_FUNCTION("DAY")>=:B1)', "implicit-conversion", ""),
        ('filter(SYS_OP_C2C("CODE")=:B1)', "implicit-conversion", ""),
        ("filter(UPPER(\"NAME\")='X')", "not-sargable", "CREATE INDEX ORDERS_UPPER_IX ON ORDERS (UPPER(NAME)) ONLINE;"),
        ('filter(TRUNC(INTERNAL_FUNCTION("DAY"))=TRUNC(SYSDATE@!))', "not-sargable", ""),
        ('filter(("NAME" IS NOT NULL AND "NAME" LIKE \'%x\'))', "leading-wildcard", "INDEXTYPE IS CTXSYS.CONTEXT;"),
    ],
)
def test_a_full_scan_for_few_rows(predicate, name, sql):
    insights = found(SCAN, STATS, f"   1 - {predicate}")
    reasons = {"scan-discards-rows", "or-over-columns", "implicit-conversion", "not-sargable", "leading-wildcard"} & set(insights)
    assert reasons == {name}
    insight = insights[name]
    assert insight.severity == "critical"
    assert insight.evidence[1] == predicate.replace("filter(", "filter(", 1)
    assert sql in "".join(block.code for block in insight.blocks)
    assert bool(sql) == bool(insight.blocks)


def test_a_list_of_values_is_no_conversion():
    insights = found(SCAN, STATS, '   1 - filter((INTERNAL_FUNCTION("STATUS") AND "DAY"=:B1))')
    assert "implicit-conversion" not in insights
    assert insights["scan-discards-rows"].blocks[0].code == "CREATE INDEX ORDERS_DAY_IX ON ORDERS (DAY) ONLINE;"


def test_a_conversion_is_told_even_where_tables_are_small():
    rows = "SELECT STATEMENT | | 3 | 9\n TABLE ACCESS FULL | T | 3 | 9"
    assert found(rows, COST, '   1 - filter(TO_NUMBER("REF")=42)')["implicit-conversion"].severity == "low"
    assert not {"implicit-conversion", "not-sargable"} & set(found(rows, COST, '   1 - filter(TRUNC("DAY")=:B1)'))
    join = (
        "SELECT STATEMENT | | 3 | 900\n HASH JOIN | | 3 | 900\n  TABLE ACCESS FULL | A | 3 | 30\n  TABLE ACCESS FULL | B | 3 | 30"
    )
    assert found(join, COST, '   1 - access(TO_NUMBER("A"."REF")="B"."ID")')["implicit-conversion"].severity == "low"


def test_a_full_scan_that_keeps_its_rows_or_is_small():
    keeps = SCAN.replace("12 ", "90000 ")
    assert "scan-discards-rows" not in found(keeps, STATS, "   1 - filter(\"STATUS\"='OPEN')")
    assert "scan-discards-rows" not in found(SCAN.replace("60000", "600"), STATS, "   1 - filter(\"STATUS\"='OPEN')")
    assert found(SCAN.replace("4000", "10"), STATS, "   1 - filter(\"STATUS\"='OPEN')")["scan-discards-rows"].severity == "low"


def test_a_full_scan_by_its_cost():
    rows = "SELECT STATEMENT | | 3 | 900\n TABLE ACCESS FULL | T | 3 | {0}"
    insight = found(rows.format(900), COST, '   1 - filter("A"=1)')["scan-discards-rows"]
    assert (insight.severity, insight.confidence, insight.saving_share) == ("high", "estimated", 1.0)
    assert "scan-discards-rows" not in found(rows.format(90).replace("900", "90"), COST, '   1 - filter("A"=1)')
    assert "scan-discards-rows" not in found(rows.format(900), COST, '   1 - filter(SYS_OP_BLOOM_FILTER(:BF0000,"A"))')


def test_a_table_that_is_mostly_empty():
    insight = found(SCAN, STATS)["many-blocks-per-row"]
    assert insight.blocks[0].code == "ALTER TABLE ORDERS ENABLE ROW MOVEMENT;\nALTER TABLE ORDERS SHRINK SPACE CASCADE;"
    assert "60,000 blocks" in insight.why
    stopped = SCAN.replace(" TABLE", " COUNT STOPKEY | | 1 | 12 | 12 | 4000 | 60000\n  TABLE")
    assert "many-blocks-per-row" not in found(stopped, STATS)


def test_a_large_scan_is_told_but_not_alarming():
    large = SCAN.replace("12 ", "9000000 ")
    assert found(large, STATS)["large-scan"].severity == "medium"
    assert "large-scan" not in found(large.replace("4000", "100"), STATS)


@pytest.mark.parametrize("operation", ["INDEX FULL SCAN", "INDEX SKIP SCAN"])
def test_a_whole_index(operation):
    rows = f"SELECT STATEMENT | | 1 | | 9 | 900 | 9000\n {operation} | T_IX | 1 | 9 | 9 | 900 | 9000"
    assert found(rows, STATS)["full-index-scan"].severity == "medium"
    filtered = found(rows, STATS, '   1 - filter("B"=1)')
    assert "full-index-scan" not in filtered
    assert "(B)" not in filtered["index-discards-rows"].advice
    assert "full-index-scan" not in found(rows.replace(operation, "INDEX FULL SCAN (MIN/MAX)"), STATS)


def test_an_index_that_finds_too_many():
    predicates = '   1 - filter("STATUS"=\'OPEN\')\n   2 - access("DAY">=:B1)'
    insight = found(INDEXED.format(50), STATS, predicates)["index-discards-rows"]
    assert insight.blocks[0].code == "CREATE INDEX ORDERS_DAY_STATUS_IX ON ORDERS (DAY, STATUS) ONLINE;"
    assert insight.saving_share == pytest.approx(0.92, abs=0.01)
    assert "index-discards-rows" not in found(INDEXED.format(40000), STATS, predicates)


def test_what_an_index_searches_by_is_no_filter():
    rows = "SELECT STATEMENT | | 1 | | 9 | 900 | 9000\n INDEX RANGE SCAN | T_IX | 1 | 9 | 9 | 900 | 9000"
    repeated = '   1 - access("A"=1 AND "B">5)\n       filter("B">5)'
    assert "index-discards-rows" not in found(rows, STATS, repeated)
    assert "index-discards-rows" in found(rows, STATS, '   1 - access("A"=1)\n       filter("C"=5)')


def test_rows_fetched_one_by_one():
    rows = INDEXED.format(900000).replace("80000", "900000").replace("90000 ", "900000").replace("| 50 ", "| 900000")
    rows = rows.replace("5000 | 90000", "5000 | 900000")
    assert found(rows, STATS)["row-lookup"].severity == "medium"
    assert "row-lookup" not in found(rows.replace("5000 | 900000", "5000 | 9000"), STATS)


def test_partitions():
    insight = found(PARTITIONS.format("ALL"), f"{COST} Pstart Pstop", '   2 - filter("CHANNEL"=3)')["partitions-not-pruned"]
    assert "all 24 partitions" in insight.why
    assert insight.severity == "medium"
    assert "partitions-not-pruned" not in found(PARTITIONS.format("ALL"), f"{COST} Pstart Pstop")
    assert "partitions-not-pruned" not in found(PARTITIONS.format("ITERATOR"), f"{COST} Pstart Pstop", '   2 - filter("CHANNEL"=3)')


def test_a_misestimate_is_told_where_it_starts():
    insights = find_insights(plan(LOOP.format(30), STATS, LOOP_PREDICATES))
    estimates = [insight for insight in insights if "estimate" in insight.id or insight.id == "correlated-columns"]
    assert [(insight.id, insight.node.relation) for insight in estimates] == [("row-misestimate", "ORDERS")]
    assert estimates[0].severity == "critical"
    assert "E-Rows 30, A-Rows 30,000" in estimates[0].evidence[0]
    assert "1,000 times too low" in estimates[0].why
    assert "GATHER_TABLE_STATS(ownname => USER, tabname => 'ORDERS'" in estimates[0].blocks[0].code
    assert not {"row-misestimate", "stale-statistics"} & set(found(LOOP.format(28000), STATS, LOOP_PREDICATES))


def test_why_an_estimate_is_off():
    both = '   2 - filter("O"."STATUS"=\'OPEN\' AND "O"."KIND"=\'A\')\n   4 - access("I"."ORDER_ID"="O"."ID")'
    insight = found(LOOP.format(30), STATS, both)["correlated-columns"]
    assert "CREATE_EXTENDED_STATS(USER, 'ORDERS', '(STATUS,KIND)')" in insight.blocks[0].code
    none = '   4 - access("I"."ORDER_ID"="O"."ID")'
    assert "stale-statistics" in found(LOOP.format(30), STATS, none)


@pytest.mark.parametrize("above", ["COUNT STOPKEY", "WINDOW NOSORT STOPKEY"])
def test_rows_that_were_not_asked_for_are_no_misestimate(above):
    rows = f"""
    SELECT STATEMENT     |   | 1 |       | 10 | 900 | 9
     {above}             |   | 1 | 10    | 10 | 900 | 9
      TABLE ACCESS FULL  | T | 1 | 90000 | 10 | 900 | 9
    """.rstrip()
    assert not {"row-misestimate", "stale-statistics"} & set(found(rows, STATS, '   2 - filter("A"=1)'))
    assert "row-misestimate" in found(rows.replace(above, "SORT ORDER BY"), STATS, '   2 - filter("A"=1)')


def test_a_table_function():
    rows = """
    SELECT STATEMENT                     |   | 1 |      | {0} | 900 | 9
     HASH JOIN                           |   | 1 | 8168 | {0} | 900 | 9
      COLLECTION ITERATOR PICKLER FETCH  |   | 1 | 8168 | {0} | 800 | 9
      TABLE ACCESS FULL                  | T | 1 | 50   | 50  | 50  | 9
    """.rstrip()
    insight = found(rows.format(3), STATS)["default-estimate"]
    assert (insight.severity, "CARDINALITY(alias 3)" in insight.advice) == ("medium", True)
    assert "default-estimate" not in found(rows.format(7000), STATS)


def test_estimates_alone_and_parts_that_never_ran():
    assert found(PARTITIONS.format("ALL"), f"{COST} Pstart Pstop")["estimate-only"].confidence == "estimated"
    insights = found(LOOP.format(30000).replace("30000 | 3 ", "0 | 3 "), STATS)
    assert "estimate-only" not in insights
    assert "ITEMS" in insights["never-executed"].evidence[0]
    assert "never-executed" not in found(LOOP.format(30), STATS)


def test_lines_that_were_not_chosen_never_count():
    adaptive = (
        text(LOOP.format(30), STATS, LOOP_PREDICATES)
        .replace("|   3 ", "|-  3 ")
        .replace("|   4 ", "|-  4 ")
        .replace("|   1 ", "|-  1 ")
    )
    insights = {insight.id for insight in find_insights(oracle.read(adaptive).plans[0])}
    assert not {"nested-loop-explosion", "never-executed"} & insights


def test_a_cartesian_product():
    rows = """
    SELECT STATEMENT      |   | 1    |      | {1} | 9000 | 99
     MERGE JOIN CARTESIAN |   | 1    | 1    | {1} | 9000 | 99
      TABLE ACCESS FULL   | A | 1    | 1    | {0} | 100  | 9
      BUFFER SORT         |   | {0}  | 5000 | {1} | 8000 | 90
       TABLE ACCESS FULL  | B | 1    | 5000 | 5000 | 100 | 90
    """.rstrip()
    insight = found(rows.format(4000, 20000000), STATS)["cartesian-product"]
    assert (insight.severity, "20,000,000 pairs" in insight.why) == ("critical", True)
    assert "buffered-rows" not in found(rows.format(4000, 20000000), STATS)
    assert "cartesian-product" not in found(rows.format(1, 5000), STATS)


def test_an_inner_side_without_an_index():
    rows = LOOP.format(30000).replace("TABLE ACCESS BY INDEX ROWID  | ITEMS ", "TABLE ACCESS FULL | ITEMS ")
    rows = "\n".join(rows.split("\n")[:-2])
    insights = found(rows, STATS, '   3 - filter("I"."ORDER_ID"="O"."ID")')
    assert "nested-loop-explosion" not in insights
    assert insights["join-without-index"].severity == "critical"
    assert "ITEMS is read from end to end 30,000 times" in insights["join-without-index"].why
    assert "join-without-index" not in found(LOOP.format(30000), STATS)
    estimated = "SELECT STATEMENT | | 9 | 2000\n NESTED LOOPS | | 9 | 2000\n  TABLE ACCESS FULL | A | 900 | 50\n  TABLE ACCESS FULL | B | 1 | 0"
    insight = found(estimated, COST, '   3 - filter("A"."ID"="B"."A_ID")')["join-without-index"]
    assert (insight.severity, round(insight.saving_share or 0, 3)) == ("high", 0.975)


def test_an_inner_side_that_starts_too_often():
    insight = found(LOOP.format(28000), STATS, LOOP_PREDICATES)["nested-loop-explosion"]
    assert (insight.severity, round(insight.saving_share or 0, 2)) == ("medium", 0.93)
    assert "knew about how many rows" in insight.advice
    assert "expected far fewer" in found(LOOP.format(30), STATS, LOOP_PREDICATES)["nested-loop-explosion"].advice
    assert "nested-loop-explosion" not in found(LOOP.format(300).replace("30000", "300").replace("90000", "900"), STATS)


def test_the_two_loops_of_a_batched_inner_table_are_one_finding():
    rows = """
    SELECT STATEMENT               |          | 1     |       | 90000 | 9000 | 270000
     NESTED LOOPS                  |          | 1     | 90000 | 90000 | 9000 | 270000
      NESTED LOOPS                 |          | 1     | 90000 | 90000 | 4000 | 60900
       TABLE ACCESS FULL           | ORDERS   | 1     | 30000 | 30000 | 500  | 900
       INDEX RANGE SCAN            | ITEMS_IX | 30000 | 3     | 90000 | 3000 | 60000
      TABLE ACCESS BY INDEX ROWID  | ITEMS    | 90000 | 3     | 90000 | 4900 | 209000
    """.rstrip()
    loops = [insight for insight in find_insights(plan(rows, STATS)) if insight.id == "nested-loop-explosion"]
    assert [round(insight.saving_share or 0, 2) for insight in loops] == [0.88]


def test_a_subquery_for_each_row():
    insight = found(FILTER.format("INDEX RANGE SCAN", 20000, 8000), STATS, '   1 - filter( NOT EXISTS (SELECT 0 FROM "ITEMS"))')
    assert "20,000 rows" in insight["correlated-subquery"].why
    hidden = found(
        FILTER.format("TABLE ACCESS FULL", 20000, 8000), STATS, '   1 - filter( NOT EXISTS (...))\n   3 - filter(LNNVL("REF"<>:B1))'
    )
    assert "not-in-subquery" in hidden
    assert "correlated-subquery" not in hidden
    assert "correlated-subquery" not in found(FILTER.format("INDEX RANGE SCAN", 20, 8000), STATS)


def test_a_subquery_in_the_select_list():
    rows = """
    SELECT STATEMENT    |        | 1    |      | 9000 | 9000 | 99000
     INDEX RANGE SCAN   | I_IX   | 9000 | 1    | 9000 | 7000 | 90000
     TABLE ACCESS FULL  | ORDERS | 1    | 9000 | 9000 | 900  | 9000
    """.rstrip()
    assert "the select list" in found(rows, STATS)["correlated-subquery"].why


def test_a_view_that_is_built_for_each_row():
    rows = LOOP.format(30000).replace("TABLE ACCESS BY INDEX ROWID  | ITEMS ", "VIEW PUSHED PREDICATE | V_SUM ")
    assert found(rows, STATS)["rebuilt-intermediate"].evidence[0].startswith("3 VIEW PUSHED PREDICATE V_SUM: Starts 30,000")
    assert "rebuilt-intermediate" not in found(rows.replace("PUSHED PREDICATE", ""), STATS)


def test_a_buffer():
    rows = SPILL.format("BUFFER SORT", 0, "")
    assert found(rows, SPILL_COLUMNS)["buffered-rows"].severity == "critical"
    assert "buffered-rows" not in found(SPILL.format("BUFFER SORT", 1, "5M"), SPILL_COLUMNS)
    assert "buffered-rows" not in found(rows.replace("5000 | 5000 | 1000", "5000 | 5000 | 8900"), SPILL_COLUMNS)


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("SORT ORDER BY", "sort-spills"),
        ("WINDOW SORT", "sort-spills"),
        ("HASH JOIN", "hash-spills"),
        ("HASH GROUP BY", "aggregate-spills"),
        ("LOAD AS SELECT", "temporary-files"),
    ],
)
def test_spills(operation, name):
    insight = found(SPILL.format(operation, 2, "500M"), SPILL_COLUMNS)[name]
    assert insight.severity == "critical"
    assert insight.evidence[0] == f"1 {operation}: Used-Mem 8,192K (2), Used-Tmp 500M"
    if name != "temporary-files":
        assert "several passes" in insight.why
        assert "sql_id = '7yzq4ft1m8abc'" in insight.blocks[0].code
    assert name not in found(SPILL.format(operation, 0, ""), SPILL_COLUMNS)


def test_a_spill_that_is_only_expected():
    rows = "SELECT STATEMENT | | 90 | 900 |\n SORT ORDER BY | | 90 | 900 | {0}\n  TABLE ACCESS FULL | T | 90 | 300 |"
    insight = found(rows.format("800M"), f"{COST} TempSpc")["sort-spills"]
    assert (insight.confidence, insight.severity) == ("estimated", "medium")
    assert "sort-spills" not in found(rows.format("8M"), f"{COST} TempSpc")


def test_large_row_sets_sent_to_every_server():
    assert found(PARALLEL.format(2000000, "P->P"), PARALLEL_COLUMNS)["parallel-overhead"].severity == "medium"
    assert "parallel-overhead" not in found(PARALLEL.format(200, "P->P"), PARALLEL_COLUMNS)


def test_a_serial_part():
    insight = found(PARALLEL.format(20000, "S->P"), PARALLEL_COLUMNS)["could-be-parallel"]
    assert "/*+ PARALLEL(ORDERS) */" in insight.advice
    assert "could-be-parallel" not in found(PARALLEL.format(20000, "P->P"), PARALLEL_COLUMNS)


def test_a_parallel_plan_in_one_process():
    rows = PARALLEL.format(200, "P->P")
    assert (
        found(rows.replace("PX COORDINATOR ", "PX COORDINATOR FORCED SERIAL "), PARALLEL_COLUMNS)["serial-plan"].saving_share == 1
    )
    assert "serial-plan" not in found(rows, PARALLEL_COLUMNS)


def test_a_parallel_query_for_each_row():
    rows = LOOP.format(30000).replace("TABLE ACCESS BY INDEX ROWID  | ITEMS ", "PX COORDINATOR | :TQ10000 ")
    assert "starts for each row" in found(rows, STATS)["parallel-overhead"].advice


def monitored(details: dict[str, Any], nodes: list[PlanNode] | None = None, ms: float = 9000) -> dict[str, Insight]:
    child = PlanNode("PX COORDINATOR", rows_actual=9, loops=1, self_ms=ms, total_ms=ms, details={"Id": 1}, children=nodes or [])
    root = PlanNode("SELECT STATEMENT", rows_actual=9, loops=1, self_ms=0, total_ms=ms, details={"Id": 0}, children=[child])
    made = Plan("oracle", "sql monitor xml", root, {"execution_ms": ms}, details=details)
    return {insight.id: insight for insight in find_insights(made)}


def test_missing_servers():
    insight = monitored({"servers_requested": 16, "servers_allocated": 4})["workers-missing"]
    assert (insight.saving_share, insight.evidence[0]) == (0.75, "Servers Requested 16, Servers Allocated 4")
    assert "workers-missing" not in monitored({"servers_requested": 16, "servers_allocated": 16})


def test_one_server_does_all():
    def servers(*seconds: str) -> dict[str, Any]:
        rows = [{"Name": f"p00{number}", "Type": "Set 1", "Elapsed Time(s)": time} for number, time in enumerate(seconds)]
        return {"Parallel Execution Details": [{"Name": "PX Coordinator", "Type": "QC", "Elapsed Time(s)": "9"}, *rows]}

    assert "p002" in monitored(servers("0.1", "0.1", "8", "0.1"))["worker-skew"].evidence[0]
    assert "worker-skew" not in monitored(servers("5", "6", "8", "5"))
    assert "worker-skew" not in monitored(servers("0.1", "0.1", "0.8", "0.1"))


def test_the_step_that_takes_most():
    assert monitored({})["dominant-node"].severity == "info"
    assert "dominant-node" not in monitored({}, ms=10)


def test_a_cold_cache():
    rows = """
    SELECT STATEMENT              |         | 1 |       | 60000 | 5000 | 90000 | {0}
     TABLE ACCESS BY INDEX ROWID  | ORDERS  | 1 | 60000 | 60000 | 5000 | 90000 | {0}
      INDEX RANGE SCAN            | ORD_DAY | 1 | 80000 | 80000 | 400  | 300   | 10
    """.rstrip()
    assert found(rows.format(80000), f"{STATS} Reads")["cold-cache"].severity == "medium"
    assert "cold-cache" not in found(rows.format(90), f"{STATS} Reads")


def test_waiting_for_a_lock():
    def activity(event: str) -> list[PlanNode]:
        return [PlanNode("UPDATE", relation="T", rows_actual=1, loops=1, details={"Id": 2, "Activity": {event: 8, "Cpu": 2}})]

    insight = monitored({}, activity("enq: TX - row lock contention"))["lock-wait"]
    assert insight.saving_share == 0.8
    assert "lock-wait" not in monitored({}, activity("db file sequential read"))
    detail = PlanNode("UPDATE", details={"Activity Detail (# samples)": ["Cpu (2)", "enq: TX - row lock contention (6)"]})
    assert monitored({}, [detail])["lock-wait"].saving_share == 0.75


def test_rows_over_a_link():
    rows = "SELECT STATEMENT | | 1 | | {0} | 9000 | 9\n REMOTE | ORDERS | 1 | 90 | {0} | 9000 | 9"
    insight = found(rows.format(90000), STATS, "", REMOTE_SQL)["remote-rows"]
    assert "DRIVING_SITE(ORDERS)" in insight.advice
    assert 'Remote SQL: SELECT "ID" FROM "ORDERS" "O"' in insight.evidence[1]
    filtered = REMOTE_SQL.replace('"O" (', '"O" WHERE "ID"=:1 (')
    assert "remote-rows" not in found(rows.format(90), STATS, "", filtered)


def test_a_filter_that_the_cells_do_not_take():
    rows = """
    SELECT STATEMENT            |   | 1 |    | 90   | 9000 | 90
     HASH JOIN                  |   | 1 | 90 | 90   | 9000 | 90
      TABLE ACCESS STORAGE FULL | A | 1 | 90 | 90   | 1000 | 90
      TABLE ACCESS STORAGE FULL | B | 1 | 90 | 90   | 7000 | 90
    """.rstrip()
    taken = '   2 - storage("X"=1)\n       filter("X"=1)\n'
    assert "the storage cells" in found(rows, STATS, f'{taken}   3 - filter("MYFUNC"("Y")=1)')["remote-rows"].why
    assert "remote-rows" not in found(rows, STATS, f'{taken}   3 - storage("Y"=1)\n       filter("Y"=1)')


@pytest.mark.parametrize(
    ("line", "severity", "words"),
    [
        ("PDML is disabled in current session", "medium", "ENABLE PARALLEL DML"),
        ("SQL plan baseline SQL_PLAN_abc used for this statement", "info", "baseline"),
        ("SQL profile x used for this statement", "info", "profile"),
        ("Warning: basic plan statistics not available. These are only collected when:", "info", "GATHER_PLAN_STATISTICS"),
        ("statistics feedback used for this statement", "info", "earlier run"),
    ],
)
def test_notes(line, severity, words):
    insight = found(SCAN, STATS, "", note(line))["plan-note"]
    assert (insight.severity, words in insight.advice) == (severity, True)


def test_notes_that_need_no_word():
    insights = found(SCAN, STATS, "", note("this is an adaptive plan\n   - automatic DOP: Computed Degree of Parallelism is 1"))
    assert not {"plan-note", "missing-statistics"} & set(insights)


def test_missing_statistics():
    insight = found(SCAN, STATS, "", note("dynamic statistics used: dynamic sampling (level=2)"))["missing-statistics"]
    assert "table_name IN ('ORDERS')" in insight.blocks[0].code
    assert "missing-statistics" not in found(SCAN, STATS, "", note("dynamic statistics used: dynamic sampling (level=7)"))


def test_hints_without_effect():
    report = """Hint Report (identified by operation id / Query Block Name / Object Alias):
Total hints for statement: 2 (U - Unused (1), E - Syntax error (1))
---------------------------------------------------------------------------

   0 -  SEL$1
         E -  PARALEL
   1 -  SEL$1 / "O"@"SEL$1"
         {0}  index(o)
"""
    insight = found(SCAN, STATS, "", report.format("U - "))["unused-hint"]
    assert insight.evidence == ("PARALEL has a syntax error", "index(o) is not used")
    used = report.format("    ").replace("         E -  PARALEL\n", "           full(o)\n")
    assert "unused-hint" not in found(SCAN, STATS, "", used)
    assert "unused-hint" not in monitored({"hint_usage": {"s": {"h": {"o": "EM", "x": "PARALLEL(4)"}}}})


REACHED: set[str] = set()
RAN: set[str] = set()


@pytest.fixture(autouse=True)
def _remember(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Which texts the tests reach, and that each value which a text speaks of is given."""
    original = find._written
    RAN.add(request.node.originalname)

    def written(view: PlanView, one: Found) -> Insight:
        REACHED.add(one.id)
        entry = texts_of("oracle")[one.id]
        parts = (entry.why, entry.advice, entry.sql if one.sql is None else "")
        assert {name for part in parts for _, name, _, _ in string.Formatter().parse(part) if name} <= set(one.values), one.id
        return original(view, one)

    monkeypatch.setattr(find, "_written", written)


def test_texts_have_known_ids_and_titles():
    assert set(texts_of("oracle")) <= set(titles())


def test_every_text_is_reached_by_a_test_above():
    above = {name for name, value in globals().items() if name.startswith("test_") and "_plans_" not in name and callable(value)}
    if len(above - RAN) > 4:
        pytest.skip("only some of the tests ran")
    assert set(texts_of("oracle")) == REACHED


def test_sql_can_be_parsed():
    statements = [
        block.code
        for rows, columns, predicates in (
            (SCAN, STATS, "   1 - filter(\"STATUS\"='OPEN')"),
            (LOOP.format(30), STATS, LOOP_PREDICATES),
        )
        for insight in find_insights(plan(rows, columns, predicates))
        for block in insight.blocks
        if block.code.startswith("CREATE INDEX")
    ]
    assert statements
    for statement in statements:
        sqlglot.parse_one(statement.replace(" ONLINE;", ""), read="oracle")


def test_hostile_names_stay_inside_quotes():
    hostile = text(SCAN, STATS, '   1 - filter("A"=1)').replace("ORDERS", "X'); DROP")
    for insight in find_insights(oracle.read(hostile).plans[0]):
        for block in insight.blocks:
            assert "X'); DROP" not in block.code.replace('"X\'); DROP"', "").replace('"X\'); DROP_A_IX"', "")


def test_deep_plans_end():
    node = PlanNode("TABLE ACCESS FULL", relation="T", rows_estimated=1, rows_actual=90_000, loops=1, self_ms=1, total_ms=1)
    for number in range(4_000):
        other = PlanNode("INDEX RANGE SCAN", index="I", rows_estimated=1, rows_actual=1, loops=90_000, self_ms=1, total_ms=1)
        node = PlanNode(
            "NESTED LOOPS", rows_estimated=1, rows_actual=90_000, loops=1, self_ms=1, total_ms=number, children=[node, other]
        )
    assert find_insights(Plan("oracle", "made", node, {"execution_ms": 9e6})) is not None


@pytest.mark.skipif(not SHARED.exists(), reason="the shared plans are not here")
def test_the_shared_plans_raise_few_alarms():
    """By reading them: of 128 plans of examples only these few have something of high severity."""
    high: dict[str, int] = {}
    for path in [*(SHARED / "oracle-db-examples").glob("*"), *(SHARED / "ora-explain-plan-viz").glob("*")]:
        if not oracle.looks_like(content := path.read_text(encoding="utf-8", errors="replace")):
            continue
        for one in oracle.read(content).plans:
            for insight in find_insights(one):
                assert insight.why
                if insight.severity in ("critical", "high"):
                    high[insight.id] = high.get(insight.id, 0) + 1
    assert sum(high.values()) <= 12, high


def test_every_rule_is_exported():
    assert len(set(RULES)) == len(RULES)
