"""Plans as DBMS_XPLAN prints them, written from a few words per operation."""

from dbbuddy.plans import oracle
from dbbuddy.plans.insights import Insight, find_insights
from dbbuddy.plans.model import Plan


def clock(milliseconds: str) -> str:
    seconds = float(milliseconds) / 1000
    return f"{int(seconds // 3600):02}:{int(seconds % 3600 // 60):02}:{seconds % 60:05.2f}"


def text(rows: str, columns: str, predicates: str = "", rest: str = "") -> str:
    """`rows`: an operation a line, its depth drawn by blanks, then the values of `columns`, all parted by `|`."""
    names = ["Operation", *columns.split()]
    table: list[list[str]] = []
    for line in rows.strip("\n").split("\n"):
        cells = line.split("|")
        values = [cells[0].rstrip(), *(cell.strip() for cell in cells[1:])]
        table.append([clock(value) if name == "A-Time" and value else value for name, value in zip(names, values, strict=True)])
    shift = min(len(row[0]) - len(row[0].lstrip()) for row in table)
    marked = [[f"{number:4}", *row] for number, row in enumerate(table)]
    for row in marked:
        row[1] = " " + row[1][shift:]
    heading = ["Id", *names]
    widths = [max(len(row[column]) for row in [heading, *marked]) + 1 for column in range(len(heading))]
    lines = ["|" + "|".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + "|" for row in [heading, *marked]]
    rule = "-" * len(lines[0])
    parts = [
        "SQL_ID  7yzq4ft1m8abc, child number 0",
        "-" * 37,
        "select 1 from dual",
        "",
        "Plan hash value: 42",
        "",
        rule,
        lines[0],
        rule,
    ]
    parts += [*lines[1:], rule, ""]
    if predicates:
        parts += ["Predicate Information (identified by operation id):", "-" * 51, "", *predicates.strip("\n").split("\n"), ""]
    return "\n".join(parts) + rest


def plan(rows: str, columns: str, predicates: str = "", rest: str = "") -> Plan:
    read = oracle.read(text(rows, columns, predicates, rest))
    assert read.unread == []
    return read.plans[0]


def found(*arguments: str) -> dict[str, Insight]:
    """The insights by id; of several with one id the first, which saves most."""
    insights: dict[str, Insight] = {}
    for insight in find_insights(plan(*arguments)):
        insights.setdefault(insight.id, insight)
    return insights
