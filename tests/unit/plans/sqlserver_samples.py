"""Small showplan XML, put together from the parts that an insight looks at."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from dbbuddy.plans import sqlserver
from dbbuddy.plans.model import Plan

NAMESPACE = "http://schemas.microsoft.com/sqlserver/2004/07/showplan"


def attributes(values: dict[str, object]) -> str:
    return "".join(f" {name}={quoteattr(str(value))}" for name, value in values.items())


def column(name: str, table: str = "Orders", alias: str = "o") -> str:
    return f'<ColumnReference Database="[Shop]" Schema="[dbo]" Table="[{table}]" Alias="[{alias}]" Column="{name}"/>'


def own(name: str, table: str = "Orders", alias: str = "o") -> str:
    """A column as predicates print it."""
    return f"[Shop].[dbo].[{table}].[{name}] as [{alias}].[{name}]"


def predicate(text: str) -> str:
    return f"<Predicate><ScalarOperator ScalarString={quoteattr(text)}/></Predicate>"


def target(table: str = "Orders", index: str = "PK_Orders", alias: str = "o", schema: str = "[dbo]", **more: object) -> str:
    if table.startswith("@"):
        return f'<Object Table="[{table}]" Index="[{index}]" Alias="[{alias}]"/>'
    return f'<Object Database="[Shop]" Schema="{schema}" Table="[{table}]" Index="[{index}]" Alias="[{alias}]"{attributes(more)}/>'


def ran(rows: int, ms: int = 0, times: int = 1, read: int | None = None, **more: object) -> str:
    """What one thread counted."""
    counts = {
        "Thread": 0,
        "ActualRows": rows,
        "ActualExecutions": times,
        "ActualElapsedms": ms,
        "ActualExecutionMode": "Row",
        **({"ActualRowsRead": read} if read is not None else {}),
        **more,
    }
    return f"<RunTimeInformation><RunTimeCountersPerThread{attributes(counts)}/></RunTimeInformation>"


def threads(rows: list[int], ms: int) -> str:
    """What several threads counted; thread 0 only coordinates."""
    told = [{"Thread": 0, "ActualRows": 0, "ActualExecutions": 0, "ActualElapsedms": 0}]
    told += [{"Thread": n, "ActualRows": r, "ActualExecutions": 1, "ActualElapsedms": ms} for n, r in enumerate(rows, 1)]
    return "<RunTimeInformation>" + "".join(f"<RunTimeCountersPerThread{attributes(t)}/>" for t in told) + "</RunTimeInformation>"


def op(
    kind: str,
    inside: str = "",
    *,
    run: str = "",
    logical: str | None = None,
    rows: float = 1,
    cost: float = 10,
    outputs: str = "",
    warnings: str = "",
    element: str = "Op",
    **more: object,
) -> str:
    """An operator; `inside` stands in the element that is named after it."""
    told = {
        "PhysicalOp": kind,
        "LogicalOp": logical or kind,
        "EstimateRows": rows,
        "EstimatedTotalSubtreeCost": cost,
        "AvgRowSize": 50,
        **{name: value for name, value in more.items() if name not in {"Lookup", "ManyToMany", "Storage"}},
    }
    on_element = {name: value for name, value in more.items() if name in {"Lookup", "ManyToMany", "Storage"}}
    return (
        f"<RelOp{attributes(told)}><OutputList>{outputs}</OutputList>{warnings}{run}"
        f"<{element}{attributes(on_element)}>{inside}</{element}></RelOp>"
    )


def scan(text: str = "", kind: str = "Clustered Index Scan", table: str = "Orders", **more: object) -> str:
    """A scan of `Orders` with a predicate."""
    outputs = str(more.pop("outputs", column("Id", table)))
    return op(kind, target(table) + (predicate(text) if text else ""), outputs=outputs, element="IndexScan", **more)  # type: ignore[arg-type]


def seek(table: str = "Customers", alias: str = "c", *, on: str = "Id", to: str = "[o].[CustomerId]", **more: object) -> str:
    keys = (
        f'<SeekPredicates><SeekPredicateNew><SeekKeys><Prefix ScanType="EQ"><RangeColumns>{column(on, table, alias)}'
        f"</RangeColumns><RangeExpressions><ScalarOperator ScalarString={quoteattr(to)}/></RangeExpressions></Prefix></SeekKeys>"
        "</SeekPredicateNew></SeekPredicates>"
    )
    kind = str(more.pop("kind", "Clustered Index Seek"))
    outputs = str(more.pop("outputs", column("Name", table, alias)))
    extra = str(more.pop("extra", ""))
    return op(kind, target(table, f"IX_{table}", alias) + keys + extra, outputs=outputs, element="IndexScan", **more)  # type: ignore[arg-type]


def sqlplan(
    root: str,
    *,
    sql: str = "SELECT o.Id FROM dbo.Orders AS o",
    statement: dict[str, object] | None = None,
    query: dict[str, object] | None = None,
    parts: str = "",
    ms: int | None = None,
    build: str = "16.0.4100.1",
    cursor: dict[str, object] | None = None,
) -> str:
    """A document with one statement; `parts` stand before the operators, `ms` is the time it took."""
    times = f'<QueryTimeStats ElapsedTime="{ms}" CpuTime="{ms}"/>' if ms is not None else ""
    plan = f"<QueryPlan{attributes(query or {})}>{parts}{times}{root}</QueryPlan>"
    told = {"StatementText": sql, "StatementSubTreeCost": 10, "StatementOptmLevel": "FULL", **(statement or {})}
    if cursor is not None:
        plan = f'<CursorPlan{attributes(cursor)}><Operation OperationType="FetchQuery">{plan}</Operation></CursorPlan>'
    kind = "StmtSimple" if cursor is None else "StmtCursor"
    return (
        f'<ShowPlanXML xmlns="{NAMESPACE}" Version="1.564" Build="{build}"><BatchSequence><Batch><Statements>'
        f"<{kind}{attributes(told)}>{plan}</{kind}></Statements></Batch></BatchSequence></ShowPlanXML>"
    )


def read(xml: str) -> Plan:
    (plan,) = sqlserver.read(xml).plans
    return plan
