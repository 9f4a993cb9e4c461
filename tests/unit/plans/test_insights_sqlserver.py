"""Insights into plans of SQL Server: each with a plan that triggers it and one that must not."""

from __future__ import annotations

import string

import pytest
import sqlglot
from sqlglot import exp

from dbbuddy.plans import sqlserver
from dbbuddy.plans.insights import Insight, find_insights
from dbbuddy.plans.insights.sqlserver import RULES
from dbbuddy.plans.insights.sqlserver.names import create_index, quoted
from dbbuddy.plans.insights.sqlserver.predicates import Owner, read_predicate
from dbbuddy.plans.insights.texts import texts_of, titles
from dbbuddy.plans.insights.view import PlanView

from . import sqlserver_expected
from .sqlserver_samples import column, op, own, predicate, ran, read, scan, seek, sqlplan, target, threads

STATUS = own("Status") + "=(1)"


def loops(outer: str, inner: str, *, run: str = "", warnings: str = "", logical: str = "Inner Join", rows: float = 1) -> str:
    return op("Nested Loops", outer + inner, run=run, logical=logical, warnings=warnings, rows=rows, element="NestedLoops")


def warning(text: str) -> str:
    return f"<Warnings>{text}</Warnings>"


def spilled(kind: str, details: str, *, logical: str | None = None, ms: int = 900) -> str:
    below = scan(run=ran(50_000, 100, read=50_000), rows=50_000)
    return sqlplan(op(kind, below, run=ran(50_000, ms), rows=50_000, logical=logical, warnings=warning(details)), ms=1000)


def grant(**values: object) -> str:
    return "<MemoryGrantInfo" + "".join(f' {name}="{value}"' for name, value in values.items()) + "/>"


def parameters(compiled: str | None, runtime: str) -> str:
    told = f' ParameterCompiledValue="{compiled}"' if compiled else ""
    return f'<ParameterList><ColumnReference Column="@p"{told} ParameterRuntimeValue="{runtime}"/></ParameterList>'


def missing(impact: float) -> str:
    return (
        f'<MissingIndexes><MissingIndexGroup Impact="{impact}"><MissingIndex Database="[Shop]" Schema="[dbo]" Table="[Order]">'
        '<ColumnGroup Usage="EQUALITY"><Column Name="[Status]"/></ColumnGroup><ColumnGroup Usage="INEQUALITY">'
        '<Column Name="[Due Date]"/></ColumnGroup><ColumnGroup Usage="INCLUDE"><Column Name="[Total]"/></ColumnGroup>'
        "</MissingIndex></MissingIndexGroup></MissingIndexes>"
    )


def waits(kind: str, ms: int) -> str:
    return f'<WaitStats><Wait WaitType="{kind}" WaitTimeMs="{ms}" WaitCount="3"/></WaitStats>'


def constant_join(values: str) -> str:
    branch = op(
        "Compute Scalar",
        f"<DefinedValues><DefinedValue><ColumnReference Column='Expr1'/><ScalarOperator ScalarString='{values}'/></DefinedValue>"
        f"</DefinedValues>{op('Constant Scan')}",
    )
    merged = op("Merge Interval", op("Sort", op("Concatenation", branch + branch), logical="TopN Sort"))
    return sqlplan(loops(scan(), loops(merged, seek())))


def filtered(rows_in: int, rows_out: int, ms: int) -> str:
    below = scan(run=ran(rows_in, ms, read=rows_in), rows=rows_in)
    return sqlplan(op("Filter", below + predicate("[Expr1002]=(1)"), run=ran(rows_out, ms), rows=rows_in), ms=max(ms, 1))


def lookups(times: int) -> str:
    found = seek("Orders", "o", on="Status", to="(1)", kind="Index Seek", outputs=column("Id"), run=ran(times, 5), rows=times)
    fetched = seek(
        "Orders", "o", to=own("Id"), outputs=column("Total"), Lookup="1", run=ran(times, 80, times=times), rows=1, EstimateRebinds=9
    )
    return sqlplan(loops(found, fetched, run=ran(times, 90), rows=times), ms=100)


def spool(logical: str) -> str:
    kept = '<SeekPredicate><SeekKeys><Prefix ScanType="EQ"><RangeColumns>' + column("UserId") + "</RangeColumns><RangeExpressions>"
    kept += '<ScalarOperator ScalarString="[u].[Id]"/></RangeExpressions></Prefix></SeekKeys></SeekPredicate>'
    below = scan(run=ran(9000, 50, read=9000), rows=9000, outputs=column("UserId") + column("Total"))
    return sqlplan(
        op("Index Spool", kept + below, logical=logical, run=ran(9000, 900, times=500), outputs=column("UserId") + column("Total")),
        ms=1000,
    )


def estimated_rows(rows: float, actual: int) -> str:
    outer = scan(run=ran(actual, 300, read=actual), rows=rows)
    return sqlplan(loops(outer, seek(run=ran(actual, 300, times=actual)), run=ran(actual, 900), rows=actual), ms=1000)


def skewed(rows: list[int]) -> str:
    part = scan(run=threads(rows, 900), rows=sum(rows))
    return sqlplan(
        op("Parallelism", part, run=ran(sum(rows), 950), rows=sum(rows)), ms=1000, query={"DegreeOfParallelism": len(rows)}
    )


def udf(ms: int) -> str:
    called = "<DefinedValues><DefinedValue><ColumnReference Column='Expr1'/><ScalarOperator ScalarString='[Shop].[dbo].[Rate]([o].[Id])'/>"
    called += "</DefinedValue></DefinedValues>"
    text = called if ms else called.replace("[Shop].[dbo].[Rate](", "abs(")
    times = f'<QueryTimeStats ElapsedTime="1000" CpuTime="900" UdfElapsedTime="{ms}" UdfCpuTime="{ms}"/>' if ms else ""
    return sqlplan(op("Compute Scalar", text + scan(run=ran(500, 10))), parts=times)


def table_function(schema: str) -> str:
    what = f'<Object Database="[Shop]" Schema="{schema}" Table="[Tree]"/>' if schema else '<Object Table="[STRING_SPLIT]"/>'
    return sqlplan(op("Table-valued function", what, rows=1, run=ran(0)))


def top_sort(rows: int) -> str:
    order = '<OrderBy><OrderByColumn Ascending="false">' + column("Total") + "</OrderByColumn></OrderBy>"
    below = scan(run=ran(rows, 400, read=rows), rows=rows, outputs=column("Id") + column("Total"))
    return sqlplan(op("Sort", order + below, logical="TopN Sort", run=ran(10, 600)), ms=600)


def write(indexes: int) -> str:
    return sqlplan(op("Clustered Index Insert", "".join(target(index=f"I{n}") for n in range(indexes)), run=ran(900, 400)), ms=500)


def in_columnstore(mode: str) -> str:
    counted = ran(90_000, 500, read=90_000, ActualExecutionMode=mode)
    return sqlplan(
        op("Clustered Index Scan", target(), run=counted, element="IndexScan", Storage="ColumnStore", outputs=column("Id")), ms=500
    )


TRIGGERS: dict[str, tuple[str, str]] = {
    "late-filter": (filtered(90_000, 10, 800), filtered(90_000, 89_000, 800)),
    "scan-discards-rows": (
        sqlplan(scan(STATUS, run=ran(10, 500, read=90_000)), ms=500),
        sqlplan(scan(STATUS, run=ran(10, 0, read=100)), ms=500),
    ),
    "full-index-scan": (
        sqlplan(scan(STATUS, run=ran(89_000, 500, read=90_000)), ms=500),
        sqlplan(scan(STATUS, run=ran(10, 500, read=90_000)), ms=500),
    ),
    "large-scan": (sqlplan(scan(run=ran(90_000, 500)), ms=500), sqlplan(scan(run=ran(90_000, 1)), ms=500)),
    "row-lookup": (lookups(5000), lookups(3)),
    "index-spool": (spool("Eager Spool"), spool("Lazy Spool")),
    "missing-index": (sqlplan(scan(), parts=missing(80)), sqlplan(scan())),
    "not-sargable": (
        sqlplan(scan(f"datepart(year,{own('Due')})=(2024)", run=ran(10, 500, read=90_000)), ms=500),
        sqlplan(scan(f"{own('Due')}>=dateadd(day,(-7),getdate())", run=ran(10, 500, read=90_000)), ms=500),
    ),
    "implicit-conversion": (
        sqlplan(scan(f"CONVERT_IMPLICIT(nvarchar(40),{own('Code')},0)=[@p]", run=ran(10, 500, read=90_000)), ms=500),
        sqlplan(scan(f"{own('Code')}=CONVERT_IMPLICIT(int,[@p],0)", run=ran(10, 500, read=90_000)), ms=500),
    ),
    "leading-wildcard": (
        sqlplan(scan(f"{own('Name')} like N'%x'", run=ran(10, 500, read=90_000)), ms=500),
        sqlplan(scan(f"{own('Name')} like N'x%'", run=ran(10, 500, read=90_000)), ms=500),
    ),
    "row-misestimate": (estimated_rows(10, 50_000), estimated_rows(40_000, 50_000)),
    "default-estimate": (
        sqlplan(scan(f"{own('Total')}>[@p]", rows=300_000, TableCardinality=1_000_000)),
        sqlplan(scan(f"{own('Total')}>[@p]", rows=123_456, TableCardinality=1_000_000)),
    ),
    "missing-statistics": (
        sqlplan(scan(warnings=warning(f"<ColumnsWithNoStatistics>{column('Status')}</ColumnsWithNoStatistics>"))),
        sqlplan(scan()),
    ),
    "stale-statistics": (
        sqlplan(scan(warnings=warning(f"<ColumnsWithStaleStatistics>{column('Status')}</ColumnsWithStaleStatistics>"))),
        sqlplan(
            scan(run=ran(5)),
            parts='<OptimizerStatsUsage><StatisticsInfo Table="[Orders]" Schema="[dbo]" Statistics="[s]" ModificationCount="900000"/>'
            "</OptimizerStatsUsage>",
        ),
    ),
    "local-variables": (
        sqlplan(scan(), parts=parameters(None, "(5)")),
        sqlplan(scan(), parts=parameters(None, "(5)"), sql="SELECT 1 OPTION (RECOMPILE)"),
    ),
    "parameter-sniffing": (
        estimated_rows(10, 50_000).replace("<QueryTimeStats", parameters("(1)", "(2)") + "<QueryTimeStats"),
        estimated_rows(10, 50_000).replace("<QueryTimeStats", parameters("(2)", "(2)") + "<QueryTimeStats"),
    ),
    "estimate-only": (sqlplan(scan()), sqlplan(scan(run=ran(5)))),
    "nested-loop-explosion": (
        sqlplan(loops(scan(run=ran(200_000, 50)), seek(run=ran(200_000, 700, times=200_000)), run=ran(200_000, 900)), ms=1000),
        sqlplan(loops(scan(run=ran(900, 50)), seek(run=ran(900, 700, times=900)), run=ran(900, 900)), ms=1000),
    ),
    "cartesian-product": (
        sqlplan(loops(scan(), scan(), warnings='<Warnings NoJoinPredicate="1"/>')),
        sqlplan(loops(scan(), scan())),
    ),
    "many-to-many-merge": (
        sqlplan(op("Merge Join", scan() + scan(), element="Merge", ManyToMany="1", run=ran(5, 50, ActualLogicalReads=900)), ms=100),
        sqlplan(op("Merge Join", scan() + scan(), element="Merge", ManyToMany="1", run=ran(5, 50, ActualLogicalReads=0)), ms=100),
    ),
    "or-in-join": (constant_join("[Shop].[dbo].[Orders].[A] as [o].[A]"), constant_join("[@p]")),
    "not-in-subquery": (
        sqlplan(
            loops(
                loops(scan(), scan() + predicate("[o].[Id] IS NULL"), logical="Left Anti Semi Join"),
                op("Row Count Spool", scan(), logical="Lazy Spool", EstimateRewinds=50_000),
                logical="Left Anti Semi Join",
            ),
            sql="SELECT 1 FROM a WHERE x NOT IN (SELECT y FROM b)",
        ),
        sqlplan(
            loops(scan(), op("Row Count Spool", scan(), logical="Lazy Spool", EstimateRewinds=50_000)),
            sql="SELECT 1 FROM a WHERE x = 'NOT IN'",
        ),
    ),
    "memoize-misses": (
        sqlplan(op("Table Spool", scan(), logical="Lazy Spool", run=ran(9000, 50, ActualRebinds=5000, ActualRewinds=10)), ms=100),
        sqlplan(op("Table Spool", scan(), logical="Lazy Spool", run=ran(9000, 50, ActualRebinds=10, ActualRewinds=5000)), ms=100),
    ),
    "remote-rows": (sqlplan(op("Remote Query", RemoteSource="FAR")), sqlplan(scan())),
    "memory-grant": (
        sqlplan(scan(run=ran(5)), parts=grant(GrantedMemory=5_000_000, MaxUsedMemory=1000)),
        sqlplan(scan(run=ran(5)), parts=grant(GrantedMemory=5_000, MaxUsedMemory=10)),
    ),
    "memory-grant-wait": (
        sqlplan(scan(run=ran(5)), parts=grant(GrantedMemory=5_000, GrantWaitTime=700)),
        sqlplan(scan(run=ran(5)), parts=grant(GrantedMemory=5_000, GrantWaitTime=0)),
    ),
    "sort-spills": (spilled("Sort", '<SortSpillDetails WritesToTempDb="900"/>'), spilled("Sort", "")),
    "hash-spills": (spilled("Hash Match", '<SpillToTempDb SpillLevel="1"/>', logical="Inner Join"), spilled("Hash Match", "")),
    "aggregate-spills": (
        spilled("Hash Match", '<HashSpillDetails WritesToTempDb="900"/>', logical="Aggregate"),
        spilled("Hash Match", "", logical="Aggregate"),
    ),
    "exchange-spills": (spilled("Parallelism", '<ExchangeSpillDetails WritesToTempDb="900"/>'), spilled("Parallelism", "")),
    "temporary-files": (spilled("Window Spool", "<SpillOccurred/>"), spilled("Window Spool", "")),
    "serial-plan": (
        sqlplan(scan(), query={"NonParallelPlanReason": "TSQLUserDefinedFunctionsNotParallelizable"}),
        sqlplan(scan(), query={"NonParallelPlanReason": "MaxDOPSetToOne"}),
    ),
    "worker-skew": (skewed([90_000, 10, 10, 10]), skewed([22_000, 23_000, 24_000, 25_000])),
    "workers-missing": (
        sqlplan(scan(run=ran(5, ActualExecutionMode="Batch")), query={"DegreeOfParallelism": 2}),
        sqlplan(scan(run=ran(5, ActualExecutionMode="Batch")), query={"DegreeOfParallelism": 2}, sql="SELECT 1 OPTION (MAXDOP 2)"),
    ),
    "function-per-row": (udf(700), udf(0)),
    "table-function": (table_function("[dbo]"), table_function("")),
    "table-variable": (sqlplan(scan(table="@t", run=ran(5))), sqlplan(scan(table="#t", run=ran(5)))),
    "compile-cost": (sqlplan(scan(), query={"CompileCPU": 3000}), sqlplan(scan(), query={"CompileCPU": 30})),
    "optimizer-gave-up": (
        sqlplan(scan(), statement={"StatementOptmEarlyAbortReason": "TimeOut", "StatementSubTreeCost": 90}),
        sqlplan(scan(), statement={"StatementOptmEarlyAbortReason": "TimeOut", "StatementSubTreeCost": 1}),
    ),
    "cursor-overhead": (
        sqlplan(scan(), cursor={"CursorName": "c", "CursorActualType": "Dynamic"}),
        sqlplan(scan(), sql="DECLARE c CURSOR LOCAL FAST_FORWARD FOR SELECT 1", cursor={"CursorActualType": "FastForward"}),
    ),
    "avoidable-sort": (top_sort(90_000), top_sort(50)),
    "limit-trap": (
        sqlplan(op("Top", scan(STATUS, run=ran(1, 400, read=90_000)), run=ran(1, 400)), ms=400),
        sqlplan(op("Top", scan(STATUS, run=ran(1, 0, read=1)), run=ran(1, 0)), ms=400),
    ),
    "lock-wait": (
        sqlplan(scan(run=ran(5, 10)), parts=waits("LCK_M_S", 700), ms=1000),
        sqlplan(scan(run=ran(5, 10)), parts=waits("LCK_M_S", 7), ms=1000),
    ),
    "cold-cache": (
        sqlplan(scan(run=ran(5, 10)), parts=waits("PAGEIOLATCH_SH", 700), ms=1000),
        sqlplan(scan(run=ran(5, 10)), parts=waits("PAGEIOLATCH_SH", 110), ms=1000),
    ),
    "serialization-time": (
        sqlplan(scan(run=ran(5, 10)), parts=waits("ASYNC_NETWORK_IO", 700), ms=1000),
        sqlplan(scan(run=ran(5, 10)), parts=waits("SOS_SCHEDULER_YIELD", 700), ms=1000),
    ),
    "slow-storage": (
        sqlplan(scan(run=ran(5, 10)), parts=waits("WRITELOG", 700), ms=1000),
        sqlplan(scan(run=ran(5, 10)), parts=waits("WRITELOG", 10), ms=1000),
    ),
    "indexes-to-maintain": (write(9), write(2)),
    "columnstore-in-row-mode": (in_columnstore("Row"), in_columnstore("Batch")),
    "index-not-used": (sqlplan(scan(), parts='<Warnings UnmatchedIndexes="true"/>'), sqlplan(scan())),
    "plan-note": (
        sqlplan(scan(), statement={"CardinalityEstimationModelVersion": 70}),
        sqlplan(scan(), statement={"CardinalityEstimationModelVersion": 160}),
    ),
    "dominant-node": (
        sqlplan(op("Hash Match", scan(run=ran(5, 10)), logical="Aggregate", run=ran(5, 900)), ms=1000),
        sqlplan(op("Hash Match", scan(run=ran(5, 1)), logical="Aggregate", run=ran(5, 9)), ms=10),
    ),
}


def insights(xml: str) -> tuple[Insight, ...]:
    return find_insights(read(xml))


def only(xml: str, name: str) -> Insight:
    (insight,) = [one for one in insights(xml) if one.id == name]
    return insight


@pytest.mark.parametrize("name", TRIGGERS)
def test_each_insight_has_a_plan_that_triggers_it_and_one_that_must_not(name):
    triggers, harmless = TRIGGERS[name]
    found = [one for one in insights(triggers) if one.id == name]
    assert len(found) == 1
    assert found[0].evidence
    assert name not in {one.id for one in insights(harmless)}


def test_every_text_is_in_the_vocabulary_and_reached():
    texts = texts_of("sqlserver")
    assert set(texts) <= set(titles())
    assert set(texts) == set(TRIGGERS)


@pytest.mark.parametrize("name", TRIGGERS)
def test_texts_are_complete_and_their_sql_is_of_sql_server(name):
    for found in (one for one in insights(TRIGGERS[name][0]) if one.id == name):
        assert "{" not in found.why + found.advice
        for block in found.blocks:
            for statement in sqlglot.parse(block.code, dialect="tsql"):
                command = isinstance(statement, exp.Command)
                assert not command or block.code.startswith(("UPDATE STATISTICS", "CREATE STATISTICS", "SET STATISTICS")), (
                    block.code
                )


def test_placeholders_are_those_that_rules_give():
    given: dict[str, set[str]] = {}
    for triggers, _ in TRIGGERS.values():
        view = PlanView(read(triggers))
        for rule in RULES:
            for found in rule(view):
                given.setdefault(found.id, set()).update(found.values)
    for name, text in texts_of("sqlserver").items():
        wanted = {field for part in (text.why, text.advice, text.sql) for _, field, _, _ in string.Formatter().parse(part) if field}
        assert wanted <= given[name], name


def test_indexes_name_the_columns_of_the_plan_with_brackets_only_where_needed():
    assert only(TRIGGERS["missing-index"][0], "missing-index").blocks[0].code == (
        "CREATE INDEX [IX_Order_Status_Due Date]\nON dbo.[Order] (Status, [Due Date])\nINCLUDE (Total);"
    )
    assert only(TRIGGERS["index-spool"][0], "index-spool").blocks[0].code == (
        "CREATE INDEX IX_Orders_UserId\nON dbo.Orders (UserId)\nINCLUDE (Total);"
    )
    both = f"{own('Total')}>(5) AND {own('Status')}=(1)"
    found = only(sqlplan(scan(both, run=ran(10, 500, read=90_000)), ms=500), "scan-discards-rows")
    assert found.blocks[0].code == "CREATE INDEX IX_Orders_Status_Total\nON dbo.Orders (Status, Total)\nINCLUDE (Id);"
    assert (found.saving_share, found.severity, found.confidence) == (pytest.approx(1, abs=0.01), "critical", "measured")
    assert only(TRIGGERS["row-lookup"][0], "row-lookup").blocks[0].code == (
        "CREATE INDEX IX_Orders_Status\nON dbo.Orders (Status)\nINCLUDE (Total);"
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Orders", "Orders"),
        ("Order", "[Order]"),
        ("a b", "[a b]"),
        ("a]b", "[a]]b]"),
        ("#t", "#t"),
        ("1a", "[1a]"),
        ("Größe", "[Größe]"),
    ],
)
def test_names(name, written):
    assert quoted(name) == written


def test_no_index_for_what_cannot_have_one():
    assert create_index("sys", "objects", ["name"]) == ""
    assert create_index(None, "@t", ["name"]) == ""
    assert create_index("dbo", "#t__________________0000000003", ["a"]) == "CREATE INDEX IX_t_a\nON #t (a);"


@pytest.mark.parametrize(
    ("text", "keys", "wrapped"),
    [
        ("[d].[s].[T].[a] as [t].[a]=(1) AND [d].[s].[T].[b] as [t].[b]>[@p]", ["a", "b"], []),
        ("[d].[s].[T].[a] as [t].[a]=(1) OR [d].[s].[T].[b] as [t].[b]=(2)", [], []),
        ("isnull([d].[s].[T].[a] as [t].[a],(0))=(1)", [], [("isnull", "a")]),
        ("[d].[s].[T].[a] as [t].[a]+(1)=(5)", [], [("arithmetic", "a")]),
        ("[d].[s].[U].[a] as [u].[a]=[d].[s].[T].[b] as [t].[b]", ["b"], []),
        ("[d].[s].[T].[x]]y] as [t].[x]]y]=N'AND [t].[z]='", ["x]y"], []),
        ("PROBE([Bitmap1],[d].[s].[T].[a] as [t].[a])", [], [("probe", "a")]),
        ("[unclosed 'and (", [], []),
    ],
)
def test_predicates(text, keys, wrapped):
    found = read_predicate(text, Owner("T", "t"))
    assert found.keys() == keys
    assert [pair for one in found.comparisons for pair in one.wrapped] == wrapped


def test_a_misestimate_is_told_where_it_starts():
    xml = estimated_rows(10, 50_000)
    above = op("Compute Scalar", xml[xml.index("<RelOp") : xml.rindex("</RelOp>") + 8], run=ran(50_000, 950), rows=10)
    found = only(sqlplan(above, ms=1000), "row-misestimate")
    assert found.node is not None
    assert found.node.type == "Clustered Index Scan"
    assert "Nested Loops above it" in " ".join(found.evidence)


def test_a_conversion_told_at_its_scan_is_not_told_again():
    text = f"CONVERT_IMPLICIT(nvarchar(40),{own('Code')},0)=[@p]"
    parts = f'<Warnings><PlanAffectingConvert ConvertIssue="Seek Plan" Expression="{text}"/></Warnings>'
    found = only(sqlplan(scan(text, run=ran(10, 500, read=90_000)), ms=500, parts=parts), "implicit-conversion")
    assert any("PlanAffectingConvert (Seek Plan)" in line for line in found.evidence)


def test_azure_has_no_server_settings():
    parts = grant(GrantedMemory=5_000_000, MaxUsedMemory=1000)
    azure = only(sqlplan(scan(run=ran(5)), parts=parts, build="12.0.2000.8"), "memory-grant")
    server = only(sqlplan(scan(run=ran(5)), parts=parts), "memory-grant")
    assert "service objective" in azure.advice
    assert "Resource Governor" in server.advice
    assert "Resource Governor" not in azure.advice


def test_text_plans_have_insights():
    text = (
        "StmtText\n--------\n"
        "  |--Top(TOP EXPRESSION:((1)))\n"
        "       |--Clustered Index Scan(OBJECT:([d].[dbo].[T].[PK] AS [t]), WHERE:(upper([d].[dbo].[T].[n] as [t].[n])='X'))\n"
    )
    assert {"not-sargable", "limit-trap", "estimate-only"} <= {one.id for one in find_insights(read(text))}


def test_each_statement_of_a_batch_has_its_own_findings():
    first, second = TRIGGERS["scan-discards-rows"][0], TRIGGERS["sort-spills"][0]
    plans = sqlserver.read(first + "\n" + second).plans
    assert ["scan-discards-rows" in {one.id for one in find_insights(plan)} for plan in plans] == [True, False]
    assert ["sort-spills" in {one.id for one in find_insights(plan)} for plan in plans] == [False, True]


@pytest.mark.skipif(not sqlserver_expected.FOLDER.exists(), reason="the shared plans are not here")
def test_what_an_expert_tool_warns_of_is_found():
    result = sqlserver_expected.compare()
    assert result.found >= 0.85 * result.expected, result.missed
    assert result.extra <= 0.15 * result.severe, result.surplus
