"""Plans of SQL Server: XML in every encoding and state, and the text formats."""

from pathlib import Path

import pytest

from dbbuddy.plans import sqlserver
from dbbuddy.plans.model import PlanError, PlanNode
from dbbuddy.plans.sqlserver.decode import decode

SAMPLES = Path(__file__).parent / "samples"
SHARED = Path(__file__).parents[3].parent / "shared" / "plans"
ACTUAL = (SAMPLES / "sqlserver_actual.sqlplan").read_text(encoding="utf-8")

WITHOUT_OPERATORS = {"many_lines2.sqlplan": "only PRINT, IF and EXECUTE, which have no plan"}


def nodes(root: PlanNode) -> list[PlanNode]:
    return list(root.walk())


def test_tree_objects_and_predicates():
    read = sqlserver.read(ACTUAL)
    (plan,) = read.plans
    assert read.unread == []
    assert plan.format == "xml actual"
    assert plan.statement == "SELECT o.Id FROM dbo.Orders AS o WHERE o.Größe > @id"
    assert [node.type for node in nodes(plan.root)] == [
        "Parallelism",
        "Hash Match",
        "Clustered Index Seek",
        "Compute Scalar",
        "Table Scan",
    ]
    seek = nodes(plan.root)[2]
    assert (seek.schema, seek.relation, seek.index, seek.alias, seek.role) == ("dbo", "Orders", "PK]x", "o", "Build")
    assert seek.details["Lookup"] is True
    assert seek.details["SeekPredicates"] == ["[o].[Id] = [@id]"]
    assert seek.details["Predicate"] == "[o].[Größe]>(1)"
    assert (seek.rows_estimated, seek.total_cost, seek.width) == (10, 1, 11)
    assert nodes(plan.root)[3].details["DefinedValues"] == ["Expr1 = (1)"]


def test_threads_are_summed_for_rows_and_the_slowest_counts_for_time():
    plan = sqlserver.read(ACTUAL).plans[0]
    seek = nodes(plan.root)[2]
    assert (seek.loops, seek.rows_actual, seek.details["ActualRows"]) == (2, 25, 50)
    assert seek.details["ActualRowsRead"] == 500
    assert seek.details["ActualLogicalReads"] == 12
    assert len(seek.details["Threads"]) == 3
    assert (seek.total_ms, seek.self_ms) == (200, 200)
    assert seek.loops_per_estimate == 2


def test_batch_mode_time_is_without_the_children_and_row_mode_time_with_them():
    exchange, join, seek, scalar, scan = nodes(sqlserver.read(ACTUAL).plans[0].root)
    assert join.details["ActualExecutionMode"] == "Batch"
    assert (join.self_ms, join.total_ms) == (100, 360)
    assert (exchange.total_ms, exchange.self_ms) == (500, 140)
    assert (scalar.loops, scalar.self_ms, scalar.total_ms) == (None, 0, 60)
    assert sum(node.self_ms or 0 for node in (exchange, join, seek, scalar, scan)) == exchange.total_ms


def test_what_is_told_of_the_whole_plan():
    plan = sqlserver.read(ACTUAL).plans[0]
    assert plan.totals == {"planning_ms": 7, "cpu_ms": 900, "execution_ms": 510}
    (index,) = plan.details["MissingIndexes"]
    assert (index["Impact"], index["Table"], index["EQUALITY"], index["INCLUDE"]) == (93.5, "Orders", ["Status"], ["Id", "2024"])
    assert plan.details["Warnings"][0]["Warning"] == "PlanAffectingConvert"
    assert plan.details["WaitStats"] == [{"WaitType": "CXPACKET", "WaitTimeMs": 300, "WaitCount": 4}]
    assert plan.details["ParameterList"][0]["ParameterCompiledValue"] == "(1)"
    assert plan.root.children[0].details["Warnings"] == [{"Warning": "SpillToTempDb", "SpillLevel": 1, "SpilledThreadCount": 2}]
    assert sqlserver.read(ACTUAL).notes == ["1 statements without a plan of their own (SET, DECLARE, IF and the like)."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_declared_encoding_may_be_wrong(encoding):
    data = ACTUAL.encode(encoding)
    plan = sqlserver.read_bytes(data).plans[0]
    assert plan.statement is not None
    assert "Größe" in plan.statement
    assert sqlserver.looks_like(decode(data))


def test_text_with_a_zero_behind_every_letter():
    assert len(nodes(sqlserver.read(ACTUAL.encode("utf-16-le").decode("latin-1")).plans[0].root)) == 5


def test_fragments_and_escaped_copies():
    start, end = ACTUAL.index("<RelOp NodeId"), ACTUAL.rindex("</RelOp>") + len("</RelOp>")
    for text in (
        ACTUAL[start:end],
        "Plan of today:\n" + ACTUAL[ACTUAL.index("<QueryPlan") : ACTUAL.index("</QueryPlan>") + 12] + "\nthanks",
        ACTUAL.replace('"', '""'),
        ACTUAL.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        ACTUAL.replace("\n", "\\n").replace('"', '\\"'),
    ):
        assert sqlserver.looks_like(text)
        (plan,) = sqlserver.read(text).plans
        assert len(nodes(plan.root)) == 5


def test_noise_around_is_shown_as_unread():
    read = sqlserver.read("a line before\n" + ACTUAL + "between\n" + ACTUAL + "\n\nbehind")
    assert len(read.plans) == 2
    assert [line.text for line in read.unread] == ["a line before", "between", "behind"]


def test_a_document_that_breaks_off_gives_what_stands_before():
    cut = ACTUAL[: ACTUAL.index('<RelOp NodeId="4"') + 30]
    read = sqlserver.read(cut)
    assert [node.type for node in nodes(read.plans[0].root)][:3] == ["Parallelism", "Hash Match", "Clustered Index Seek"]
    assert "breaks off" in read.notes[0]
    assert read.unread


def test_characters_that_xml_forbids():
    assert len(sqlserver.read(ACTUAL.replace("o.Id FROM", "o.Id &#x0;\x01 FROM")).plans) == 1


def test_entities_are_never_expanded():
    before = '<!DOCTYPE a [<!ENTITY b "expanded">]>' + ACTUAL[40:].replace("SELECT", "&b;")
    inside = '<ShowPlanXML><!DOCTYPE a [<!ENTITY b "expanded">]><RelOp PhysicalOp="&b;"/></ShowPlanXML>'
    for text in (before, inside):
        with pytest.raises(PlanError):
            sqlserver.read(text)


@pytest.mark.parametrize("text", ["", "SELECT 1", "<ShowPlanXML></ShowPlanXML>", "<ShowPlanXML", "|--", "StmtText"])
def test_no_plan(text):
    with pytest.raises(PlanError, match=r"[Pp]aste"):
        sqlserver.read(text)


def test_five_thousand_levels():
    xml = "<ShowPlanXML>" + '<RelOp PhysicalOp="Top"><Top>' * 5000
    assert len(nodes(sqlserver.read(xml).plans[0].root)) == 5000
    text = "\n".join(" " * depth + "|--Top(TOP EXPRESSION:((1)))" for depth in range(5000))
    assert len(nodes(sqlserver.read(text).plans[0].root)) == 5000


SHOWPLAN_TEXT = """StmtText
-------------------------------------
SELECT * FROM Sales.Orders h
JOIN Sales.Lines d ON d.id = h.id

(1 rows affected)

StmtText
--------------------------------------------------------------
  |--Nested Loops(Inner Join, OUTER REFERENCES:([h].[id], [Expr1004]) WITH UNORDERED PREFETCH)
       |--Sort(DISTINCT ORDER BY:([h].[id] ASC))
       |    |--Clustered Index Scan(OBJECT:([Shop].[Sales].[Orders].[PK_x] AS [h]), WHERE:([h].[a]>'x)' AND
 [b]=(1)) ORDERED FORWARD)
       |--Hash Match(Inner Join, HASH:([a].[x])=([b].[y]), RESIDUAL:([a].[x]=[b].[y]))
            |--Table Scan(OBJECT:([tempdb].[dbo].[#t]))
            |--Constant Scan

(6 rows affected)
something else
"""


def test_showplan_text():
    read = sqlserver.read(SHOWPLAN_TEXT)
    (plan,) = read.plans
    assert plan.format == "showplan text"
    assert plan.statement == "SELECT * FROM Sales.Orders h\nJOIN Sales.Lines d ON d.id = h.id"
    assert [line.text for line in read.unread] == ["something else"]
    loops, sort, scan, join, heap, constant = nodes(plan.root)
    assert loops.details["LogicalOp"] == "Inner Join"
    assert loops.details["OUTER REFERENCES"] == "[h].[id], [Expr1004]"
    assert (sort.children, loops.children) == ([scan], [sort, join])
    assert (scan.schema, scan.relation, scan.index, scan.alias) == ("Sales", "Orders", "PK_x", "h")
    assert scan.details["WHERE"] == "[h].[a]>'x)' AND [b]=(1)"
    assert scan.lines == (12, 13)
    assert join.details["HASH"] == "([a].[x])=([b].[y])"
    assert (heap.relation, constant.type) == ("#t", "Constant Scan")


COLUMNS = [
    "Rows",
    "Executes",
    "StmtText",
    "StmtId",
    "NodeId",
    "Parent",
    "PhysicalOp",
    "LogicalOp",
    "Argument",
    "DefinedValues",
    "EstimateRows",
    "EstimateIO",
    "EstimateCPU",
    "AvgRowSize",
    "TotalSubtreeCost",
    "OutputList",
    "Warnings",
    "Type",
    "Parallel",
    "EstimateExecutions",
]
PROFILE = [
    "19|1|select * from t where a = 1|1|1|0|NULL|NULL|NULL|NULL|20|NULL|NULL|NULL|0.5|NULL|NULL|SELECT|0|NULL",
    "19|1|  !--Nested Loops(Left Outer Join)|1|2|1|Nested Loops|Left Outer Join|NULL|NULL|20|0|0.001|12|0.5|a|NULL|PLAN_ROW|0|1",
    "19|1|       !--Index Seek(OBJECT:([d].[dbo].[t].[ix]))|1|3|2|Index Seek|Index Seek|x|a|20|0|0.1|12|0.1|a|NULL|PLAN_ROW|0|1",
    "38|19|       !--Table Scan(OBJECT:([d].[dbo].[u]))|1|4|2|Table Scan|Table Scan|x|[a]|2|0.1|0.1|12|0.4|a|"
    "NO STATS:([u].[b])|PLAN_ROW|0|19",
]
ROWS = [[cell.replace("!--", "|--") for cell in row.split("|")] for row in PROFILE]


def tabs() -> str:
    return "\n".join("\t".join(row) for row in [COLUMNS, *ROWS])


def fixed_widths() -> str:
    widths = [max(len(row[column]) for row in [COLUMNS, *ROWS]) for column in range(len(COLUMNS))]
    lines = [[*COLUMNS], ["-" * width for width in widths], *ROWS]
    return "\n".join(" ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in lines)


@pytest.mark.parametrize("text", [tabs(), fixed_widths()], ids=["tabs", "fixed widths"])
def test_statistics_profile(text):
    read = sqlserver.read(text)
    (plan,) = read.plans
    assert read.unread == []
    assert plan.format == "statistics profile"
    assert plan.statement == "select * from t where a = 1"
    scan = nodes(plan.root)[2]
    assert (scan.type, scan.relation, scan.rows_estimated, scan.rows_actual, scan.loops, scan.total_cost) == (
        "Table Scan",
        "u",
        2,
        2,
        19,
        0.4,
    )
    assert scan.details["Warnings"] == "NO STATS:([u].[b])"


def shared(folder: str) -> list[Path]:
    return sorted((SHARED / folder).glob("*.sqlplan"))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared plans are not here")
@pytest.mark.parametrize("path", shared("html-query-plan") + shared("performance-studio"), ids=lambda path: path.stem[-40:])
def test_every_shared_file_has_as_many_nodes_as_operators(path):
    data = path.read_bytes()
    if path.name in WITHOUT_OPERATORS:
        with pytest.raises(PlanError, match="no operators"):
            sqlserver.read_bytes(data)
        return
    read = sqlserver.read_bytes(data)
    assert read.unread == []
    assert sum(len(nodes(plan.root)) for plan in read.plans) == decode(data).count("<RelOp ")
    for plan in read.plans:
        if plan.root.total_ms:
            own = sum(node.self_ms or 0 for node in plan.root.walk())
            assert own == pytest.approx(plan.root.total_ms, rel=0.011)
