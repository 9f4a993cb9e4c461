"""How fast plans are read and analysed: CPU time by engine and format for 500, 5,000 and 50,000 nodes.

python benchmarks/plans.py            prints a table; needs nothing but the app's own requirements

For comparison, pev2 1.23 under Node 20 (CPU ms, dalibo/pev2, measured on a shared machine): 4,801 nodes of PostgreSQL text
parse in 302 and analyse in 358; 4,801 nodes of JSON in 440 and 469; 5,401 nodes with 600 InitPlans parse in 204 to 309 and
analyse in 46,600.
"""

from __future__ import annotations

import gc
import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dbbuddy.plans.insights import find_insights  # noqa: E402
from dbbuddy.plans.read import read_plans  # noqa: E402

SIZES = (500, 5_000, 50_000)
ROUNDS = 3


def main() -> None:
    """Print a line for each format: milliseconds to read and to analyse at each size."""
    print(f"{platform.python_version()} on {platform.machine()}; CPU ms to read + analyse, best of {ROUNDS}")
    print(f"{'format':32}" + "".join(f"{size:>24,}" for size in SIZES))
    for name, make in FORMATS.items():
        cells = []
        for size in SIZES:
            text = make(size)
            nodes, reading, analysing = best_of(text)
            cells.append(f"{reading:9.0f} + {analysing:.0f} ({nodes:,})".rjust(24))
        print(f"{name:32}" + "".join(cells))


def best_of(text: str) -> tuple[int, float, float]:
    """Nodes read, and the least CPU milliseconds for reading and for the insights."""
    best = (0, float("inf"), float("inf"))
    for _ in range(ROUNDS):
        gc.collect()
        started = time.process_time()
        plan = read_plans(text).plans[0]
        read = time.process_time()
        find_insights(plan)
        done = time.process_time()
        total = (read - started + done - read) * 1000
        if total < best[1] + best[2]:
            best = (sum(1 for _ in plan.root.walk()), (read - started) * 1000, (done - read) * 1000)
    return best


def postgresql_rows(size: int) -> list[tuple[int, str, str]]:
    """Depth, heading and relation of an Append over nested loops of a scan and an index scan."""
    rows = [(0, "Append", "")]
    while len(rows) < size:
        part = len(rows)
        rows.append((1, "Nested Loop", ""))
        rows.append((2, "Seq Scan", f"orders_{part}"))
        rows.append((2, "Index Scan", f"customers_{part}"))
    return rows


def postgresql_text(size: int) -> str:
    lines = []
    for depth, kind, relation in postgresql_rows(size):
        lead = " " * (depth * 6 - 4) + "->  " if depth else ""
        where = f" on {relation}" if kind == "Seq Scan" else f" using {relation}_pkey on {relation}" if relation else ""
        lines.append(f"{lead}{kind}{where}  (cost=0.29..830.41 rows=100 width=244) (actual time=0.014..3.120 rows=98 loops=1)")
        below = " " * (depth * 6 + 2)
        if kind == "Seq Scan":
            lines += [f"{below}Filter: ((status)::text = 'open'::text)", f"{below}Rows Removed by Filter: 4102"]
        elif kind == "Index Scan":
            lines.append(f"{below}Index Cond: (id = {relation}.customer_id)")
        lines.append(f"{below}Buffers: shared hit=84 read=12")
    return "\n".join([*lines, "Planning Time: 12.310 ms", "Execution Time: 9100.000 ms", f"({len(lines) + 2} rows)"])


def postgresql_with_init_plans(size: int) -> str:
    """One InitPlan for every eight nodes, as a statement with many scalar subqueries has."""
    lines = ["Result  (cost=0.00..10.00 rows=1 width=8) (actual time=1.000..900.000 rows=1 loops=1)"]
    number = 0
    while len(lines) < size:
        number += 1
        lines.append(f"  InitPlan {number} (returns ${number - 1})")
        for depth in range(8):
            lead = " " * (4 + depth * 6) + "->  "
            kind = f"Seq Scan on t{number}" if depth == 7 else "Sort" if depth % 2 else "Aggregate"
            lines.append(f"{lead}{kind}  (cost=0.00..9.00 rows=5 width=8) (actual time=0.100..1.400 rows=5 loops=1)")
    return "\n".join([*lines, "Execution Time: 901.000 ms"])


def postgresql_json(size: int) -> str:
    root: dict[str, Any] = {}
    path: list[dict[str, Any]] = []
    for depth, kind, relation in postgresql_rows(size):
        node = {
            "Node Type": kind,
            "Parallel Aware": False,
            **({"Relation Name": relation, "Alias": relation} if relation else {}),
            "Startup Cost": 0.29,
            "Total Cost": 830.41,
            "Plan Rows": 100,
            "Plan Width": 244,
            "Actual Startup Time": 0.014,
            "Actual Total Time": 3.12,
            "Actual Rows": 98,
            "Actual Loops": 1,
            "Shared Hit Blocks": 84,
            "Shared Read Blocks": 12,
            "Plans": [],
        }
        if kind == "Seq Scan":
            node |= {"Filter": "((status)::text = 'open'::text)", "Rows Removed by Filter": 4102}
        del path[depth:]
        if path:
            path[-1]["Plans"].append(node)
        else:
            root = node
        path.append(node)
    return json.dumps([{"Plan": root, "Planning Time": 12.3, "Execution Time": 9100.0}], indent=2)


def mysql_tree(size: int) -> str:
    lines = ["-> Append  (cost=830 rows=100) (actual time=0.01..900 rows=98 loops=1)"]
    while len(lines) < size:
        part = len(lines)
        lines.append("    -> Nested loop inner join  (cost=830 rows=100) (actual time=0.014..3.12 rows=98 loops=1)")
        lines.append(f"        -> Table scan on o{part}  (cost=410 rows=4200) (actual time=0.01..1.9 rows=4200 loops=1)")
        lines.append(
            f"        -> Single-row index lookup on c{part} using PRIMARY (id=o{part}.customer_id)  (cost=0.25 rows=1) "
            "(actual time=0.001..0.001 rows=1 loops=98)"
        )
    return "\n".join(lines)


def mariadb_json(size: int) -> str:
    tables = ",\n".join(
        f'      {{"table": {{"table_name": "t{n}", "access_type": "ALL", "rows": 4200, "r_rows": 4200, "r_loops": 1, '
        f'"filtered": 100, "r_filtered": 2.3, "r_table_time_ms": 1.9, "r_other_time_ms": 0.4, '
        f'"attached_condition": "t{n}.status = \'open\'"}}}}'
        for n in range(size)
    )
    head = '{\n  "query_block": {\n    "select_id": 1, "r_loops": 1, "r_total_time_ms": 9100,\n    "nested_loop": [\n'
    return f"{head}{tables}\n    ]\n  }}\n}}"


def sqlserver_xml(size: int) -> str:
    head = (
        '<ShowPlanXML xmlns="http://schemas.microsoft.com/sqlserver/2004/07/showplan" Version="1.5" Build="16.0.1000.6">'
        '<BatchSequence><Batch><Statements><StmtSimple StatementText="SELECT 1" StatementSubTreeCost="830" '
        'StatementEstRows="100"><QueryPlan CachedPlanSize="40"><RelOp NodeId="0" PhysicalOp="Concatenation" '
        'LogicalOp="Concatenation" EstimateRows="100" EstimatedTotalSubtreeCost="830" Parallel="0"><Concat>'
    )
    scan = (
        '<RelOp NodeId="{n}" PhysicalOp="Clustered Index Scan" LogicalOp="Clustered Index Scan" EstimateRows="100" '
        'EstimateIO="0.3" EstimateCPU="0.01" AvgRowSize="244" EstimatedTotalSubtreeCost="0.31" Parallel="0" '
        'EstimatedRowsRead="4200"><OutputList /><RunTimeInformation><RunTimeCountersPerThread Thread="0" ActualRows="98" '
        'ActualRowsRead="4200" ActualEndOfScans="1" ActualExecutions="1" ActualElapsedms="3" ActualCPUms="3" />'
        "</RunTimeInformation>"
        '<IndexScan Ordered="0"><Object Database="[shop]" Schema="[dbo]" Table="[Orders{n}]" Index="[PK_Orders]" />'
        "<Predicate><ScalarOperator ScalarString=\"[shop].[dbo].[Orders{n}].[Status]='open'\" /></Predicate></IndexScan></RelOp>"
    )
    tail = "</Concat></RelOp></QueryPlan></StmtSimple></Statements></Batch></BatchSequence></ShowPlanXML>"
    return head + "".join(scan.format(n=n) for n in range(1, size)) + tail


def oracle_text(size: int) -> str:
    head = "| Id  | Operation                   | Name        | Starts | E-Rows | A-Rows |   A-Time   | Buffers |"
    rule = "-" * len(head)
    rows = [
        f"|{n:5}| {('  ' if n else '') + ('TABLE ACCESS FULL' if n else 'UNION-ALL'):28}| {f'ORDERS_{n}' if n else '':12}|"
        f"{1:7} |{100:7} |{98:7} |00:00:00.03 |{84:8} |"
        for n in range(size)
    ]
    predicates = [f"{n:4} - filter(\"STATUS\"='open')" for n in range(1, size)]
    notes = ["", "Predicate Information (identified by operation id):", "-" * 51, ""]
    return "\n".join(["Plan hash value: 42", "", rule, head, rule, *rows, rule, *notes, *predicates])


FORMATS: dict[str, Callable[[int], str]] = {
    "PostgreSQL text": postgresql_text,
    "PostgreSQL text, many InitPlans": postgresql_with_init_plans,
    "PostgreSQL JSON": postgresql_json,
    "MySQL tree": mysql_tree,
    "MariaDB JSON": mariadb_json,
    "SQL Server XML": sqlserver_xml,
    "Oracle DBMS_XPLAN": oracle_text,
}

if __name__ == "__main__":
    main()
