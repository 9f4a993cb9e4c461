"""Plans of Oracle: DBMS_XPLAN, SQL Monitor as text and XML, JSON rows."""

import json
from pathlib import Path

import pytest
import re2

from dbbuddy.plans import oracle
from dbbuddy.plans.model import PlanError, PlanNode

SAMPLES = Path(__file__).parent / "samples"
SHARED = Path(__file__).parents[3].parent / "shared" / "plans"
ALLSTATS = (SAMPLES / "oracle_allstats.txt").read_text(encoding="utf-8")

UNREADABLE = {
    "src_lib___tests___fixtures_oracle-utl-compress-gz-payload.txt": "a compressed binary in base64, as only a program reads it"
}


def by_id(root: PlanNode) -> dict[int, PlanNode]:
    return {node.details["Id"]: node for node in root.walk()}


def test_allstats_tree_rows_and_times():
    read = oracle.read(ALLSTATS)
    (plan,) = read.plans
    assert read.unread == []
    assert plan.format == "dbms_xplan allstats"
    assert (
        plan.statement
        == "select /*+ gather_plan_statistics */ o.id, c.name from orders o join\ncustomers c on c.id = o.customer_id"
    )
    nodes = by_id(plan.root)
    assert [node.details["Id"] for node in nodes[1].children] == [2, 7]
    assert [node.details["Id"] for node in nodes[2].children] == [3, 5]
    assert (nodes[4].type, nodes[4].relation, nodes[4].alias) == ("TABLE ACCESS FULL", "ORDERS", "O")
    assert (nodes[6].index, nodes[6].relation) == ("CUSTOMERS_PK", None)
    assert (nodes[4].rows_estimated, nodes[4].rows_actual, nodes[4].loops) == (100, 120, 1)
    assert (nodes[5].loops, nodes[5].rows_actual) == (0, 0)
    assert (nodes[1].total_ms, nodes[1].self_ms) == (1500, 500)
    assert nodes[1].details["Buffers"] == 3_045_000
    assert nodes[1].details["OMem"] == 24 * 1024**2
    assert (nodes[1].details["Used-Mem"], nodes[1].details["Used-Mem Passes"]) == (1245 * 1024, 0)
    assert plan.totals == {"execution_ms": 1500}


def test_inactive_rows_of_an_adaptive_plan():
    nodes = by_id(oracle.read(ALLSTATS).plans[0].root)
    assert [number for number, node in nodes.items() if node.details.get("Inactive")] == [2, 3, 5, 6]


def test_sections_go_to_their_nodes():
    plan = oracle.read(ALLSTATS).plans[0]
    nodes = by_id(plan.root)
    assert nodes[4].details["Access Predicates"] == '"O"."STATUS"=\'open - 1\''
    assert nodes[4].details["Filter Predicates"] == '("O"."DAY">SYSDATE OR "O"."URGENT"=1)'
    assert nodes[1].details["Column Projection"].startswith("(#keys=1)")
    assert nodes[4].details["Query Block"] == "SEL$58A6D7F6"
    assert nodes[4].details["Hint Report"][0]["State"] == "U"
    assert plan.details["Hint Report"][0]["Hint"] == "gather_plan_statistics"
    assert plan.details["Outline"] == ["ALL_ROWS", 'USE_HASH(@"SEL$58A6D7F6" "C"@"SEL$1")']
    assert plan.details["Peeked Binds"] == ["1 - :B1 (NUMBER): 10"]
    assert plan.details["Notes"][1] == "dynamic statistics used: dynamic sampling (level=2)"
    assert plan.details["Statistics"] == {"recursive calls": 2, "consistent gets": 4350}
    assert plan.details["SQL_ID"] == "7yzq4ft1m8abc"
    texts = ALLSTATS.split("\n")
    assert [texts[number - 1].split()[0] for number in nodes[4].lines] == [
        "|",
        "4",
        "4",
        'filter(("O"."DAY">SYSDATE',
        '"O"."URGENT"=1))',
        "4",
        "U",
    ]


BASIC = """Plan hash value: 1

-------------------------------------------------
| Id  | Operation                    | Name      |
-------------------------------------------------
|   0 | SELECT STATEMENT             |           |
|   1 |  NESTED LOOPS                |           |
|   2 |   TABLE ACCESS BY INDEX ROWID| A|B       |
|   3 |    INDEX RANGE SCAN          | A_IX      |
|   4 |   PX COORDINATOR             | :TQ10000  |
-------------------------------------------------
"""


def test_basic_format_and_a_bar_in_a_name():
    plan = oracle.read(BASIC).plans[0]
    nodes = by_id(plan.root)
    assert nodes[2].relation == "A|B"
    assert nodes[3].index == "A_IX"
    assert [child.role for child in nodes[1].children] == ["Outer", "Inner"]
    assert nodes[4].details["Name"] == ":TQ10000"
    assert (nodes[1].loops, nodes[1].total_ms, nodes[1].self_ms) == (None, None, None)


@pytest.mark.parametrize("width", [80, 60, 50])
def test_a_table_wrapped_by_the_client(width):
    wrapped: list[str] = []
    for line in ALLSTATS.split("\n"):
        if line.startswith("|") or (line.startswith("---") and len(line) > 110):
            wrapped.extend(line[start : start + width] for start in range(0, len(line), width))
        else:
            wrapped.append(line)
    read = oracle.read("\n".join(wrapped))
    expected, found = by_id(oracle.read(ALLSTATS).plans[0].root), by_id(read.plans[0].root)
    assert read.unread == []
    assert {number: (node.type, node.relation, node.total_ms, node.details.get("Used-Mem")) for number, node in found.items()} == {
        number: (node.type, node.relation, node.total_ms, node.details.get("Used-Mem")) for number, node in expected.items()
    }


def test_page_headings_inside_the_table():
    lines = ALLSTATS.split("\n")
    middle = next(index for index, line in enumerate(lines) if line.startswith("|-    3"))
    paged = [*lines[:middle], "", "PLAN_TABLE_OUTPUT", "-" * 60, *lines[middle:]]
    read = oracle.read("\n".join(paged))
    assert len(by_id(read.plans[0].root)) == 8
    assert read.unread == []


def test_several_tables_and_noise():
    read = oracle.read("nothing known\n" + ALLSTATS + "\nORA-01034: other text\n" + BASIC + "\nlast words\n")
    assert len(read.plans) == 2
    assert [line.text for line in read.unread] == ["nothing known", "ORA-01034: other text", "last words"]
    assert "Access Predicates" not in by_id(read.plans[1].root)[1].details


def test_the_top_of_the_table_is_missing():
    lines = [line for line in BASIC.split("\n") if "SELECT STATEMENT" not in line and "NESTED LOOPS" not in line]
    read = oracle.read("\n".join(lines))
    assert [node.type for node in read.plans[0].root.walk()] == [
        "STATEMENT",
        "TABLE ACCESS BY INDEX ROWID",
        "INDEX RANGE SCAN",
        "PX COORDINATOR",
    ]
    assert "missing" in read.notes[0]


def test_estimates_shared_by_partitions():
    text = """
| Id  | Operation            | Name | Starts | E-Rows | A-Rows |
|   0 | SELECT STATEMENT     |      |      1 |        |     80 |
|   1 |  NESTED LOOPS        |      |      1 |     80 |     80 |
|   2 |   PARTITION RANGE ALL|      |      1 |     40 |     40 |
|   3 |    TABLE ACCESS FULL | T    |      8 |     40 |     40 |
|   4 |   INDEX RANGE SCAN   | U_IX |     40 |      2 |     80 |
"""
    nodes = by_id(oracle.read(text).plans[0].root)
    assert [nodes[number].loops_per_estimate for number in (2, 3, 4)] == [1, 8, 1]
    assert (nodes[3].rows_actual, nodes[4].rows_actual) == (5, 2)


MONITOR = """SQL Monitoring Report

SQL Text
------------------------------
select *
from t

Global Information
------------------------------
 Status              :  EXECUTING
 SQL ID              :  3cjg20q2vw41f
 Duration            :  10s

Global Stats
=================================
| Elapsed |   Cpu   |  Buffer  |
| Time(s) | Time(s) |   Gets   |
=================================
|      12 |       9 |      49M |
=================================

SQL Plan Monitoring Details (Plan Hash Value=1862006233)
=====================================================================================================
| Id   |      Operation      | Name |  Rows   | Cost | Execs |   Rows   | Activity | Activity Detail |
|      |                     |      | (Estim) |      |       | (Actual) |   (%)    |   (# samples)   |
=====================================================================================================
|    0 | SELECT STATEMENT    |      |         |      |     1 |          |          |                 |
| -> 1 |   HASH JOIN         |      |     781 |  153 |     1 |      39M |    25.00 | Cpu (26)        |
|      |                     |      |         |      |       |          |          | direct path (2) |
|    2 |    TABLE ACCESS FULL| T    |      20 |   10 |     1 |     6463 |    75.00 | Cpu (74)        |
=====================================================================================================
"""


def test_sql_monitor_text():
    read = oracle.read(MONITOR)
    (plan,) = read.plans
    assert read.unread == []
    assert (plan.format, plan.statement) == ("sql monitor text", "select *\nfrom t")
    assert plan.details["SQL ID"] == "3cjg20q2vw41f"
    assert plan.totals == {"database_ms": 12000, "cpu_ms": 9000, "buffers": 49e6, "execution_ms": 10000}
    nodes = by_id(plan.root)
    assert (nodes[1].rows_estimated, nodes[1].rows_actual, nodes[1].details["Running"]) == (781, 39e6, True)
    assert nodes[1].details["Activity Detail (# samples)"] == ["Cpu (26)", "direct path (2)"]
    assert [(node.self_ms, node.total_ms) for node in nodes.values()] == [(0, 10000), (2500, 10000), (7500, 7500)]
    assert "activity samples" in read.notes[0]


MONITOR_XML = """<report db_version="19.0"><report_id>x</report_id><sql_monitor_report version="4.0">
<target sql_id="abc" sql_plan_hash="1"><sql_fulltext is_full="Y">select &lt; 1</sql_fulltext><duration>2</duration></target>
<stats type="monitor"><stat name="elapsed_time">2451000</stat><stat name="buffer_gets">84523</stat></stats>
<plan><operation name="TABLE ACCESS" options="FULL" id="1" depth="1" pos="1"><object>T</object><card>10</card><bytes>100</bytes>
<predicates type="filter">"T"."A"=1</predicates><object_alias>"T"@"SEL$1"</object_alias>
<other_xml><info type="dynamic_sampling">2</info><outline_data><hint>FULL(T)</hint></outline_data></other_xml></operation></plan>
<plan_monitor><operation id="0" name="SELECT STATEMENT" depth="0"><stats type="plan_monitor"><stat name="starts">1</stat></stats>
</operation><operation id="1" parent_id="0" name="TABLE ACCESS" options="FULL" depth="1"><object><owner>APP</owner><name>T</name>
</object><optimizer><cardinality>10</cardinality><cost>7</cost></optimizer><stats type="plan_monitor"><stat name="starts">2</stat>
<stat name="cardinality">50</stat></stats><activity_sampled><activity class="Cpu">3</activity></activity_sampled></operation>
</plan_monitor></sql_monitor_report></report>"""


def test_sql_monitor_xml():
    read = oracle.read("before\n" + MONITOR_XML + "\nbehind")
    (plan,) = read.plans
    assert [line.text for line in read.unread] == ["before", "behind"]
    assert plan.statement == "select < 1"
    scan = plan.root.children[0]
    assert (scan.type, scan.schema, scan.relation, scan.alias) == ("TABLE ACCESS FULL", "APP", "T", "T")
    assert (scan.rows_estimated, scan.rows_actual, scan.loops, scan.total_cost, scan.width) == (10, 25, 2, 7, 10)
    assert scan.details["Filter Predicates"] == '"T"."A"=1'
    assert (plan.totals["execution_ms"], plan.totals["database_ms"], scan.self_ms) == (2000, 2451, 2000)
    assert plan.details["Outline"] == ["FULL(T)"]


def test_sql_monitor_xml_that_breaks_off():
    read = oracle.read(MONITOR_XML[: MONITOR_XML.index("<activity_sampled>")])
    assert len(list(read.plans[0].root.walk())) == 2
    assert "breaks off" in read.notes[0]


def test_rows_as_json():
    rows = [
        {"ID": 0, "PARENT_ID": None, "OPERATION": "SELECT STATEMENT", "LAST_ELAPSED_TIME": 5000, "LAST_STARTS": 1},
        {"ID": 1, "PARENT_ID": 0, "OPERATION": "INDEX", "OPTIONS": "RANGE SCAN", "OBJECT_NAME": "IX", "LAST_ELAPSED_TIME": 4000},
    ]
    plan = oracle.read(json.dumps(rows)).plans[0]
    assert (plan.root.total_ms, plan.root.self_ms, plan.root.children[0].index) == (5, 1, "IX")


@pytest.mark.parametrize(
    "text", ["", "select 1", "| Id | Operation", "<plan><operation ", '[{"operation": 1, "parent_id": ', "[" * 9000]
)
def test_no_plan(text):
    with pytest.raises(PlanError, match="Paste"):
        oracle.read(text)


def shared() -> list[Path]:
    return sorted([*(SHARED / "oracle-db-examples").glob("*"), *(SHARED / "ora-explain-plan-viz").glob("*")])


def expected_nodes(text: str) -> int:
    """Counted without the reader: Id columns, XML elements, JSON rows."""
    if "Row Source" in text:
        return len(
            re2.findall(r"(?m)^ {0,4}[AF ]{0,5} +\d+ +(?:\d+ +\d+ +)?[A-Z][A-Z]+ ", text.partition("Predicate Information")[0])
        )
    if text.lstrip().startswith("["):
        return len(json.loads(text))
    if text.lstrip().startswith("<"):
        return len(
            re2.findall(r"<operation [^>]*\bskp=|<operation id=\"\d+\" (?:parent_id|name)", text.partition("<plan_monitor")[2])
        )
    return len(re2.findall(r"(?m)^\|[ *>-]*\d+[ *>-]*\| +[A-Z]", text))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared plans are not here")
@pytest.mark.parametrize("path", shared(), ids=lambda path: path.name[-40:])
def test_every_shared_file_has_as_many_nodes_as_operations(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.name in UNREADABLE:
        with pytest.raises(PlanError):
            oracle.read(text)
        return
    read = oracle.read(text)
    assert sum(1 for plan in read.plans for _ in plan.root.walk()) == expected_nodes(text)
    if path.suffix != ".lst":
        assert read.unread == []
    for plan in read.plans:
        if plan.root.total_ms:
            own = sum(node.self_ms or 0 for node in plan.root.walk())
            assert own == pytest.approx(plan.root.total_ms, rel=0.01)
