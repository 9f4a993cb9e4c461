"""Plans made for tests: wide, deep, and with hostile names."""

from __future__ import annotations

from dbbuddy.plans.model import Plan, PlanNode

HOSTILE = "<img src=x onerror=alert(1)>\"'`![](http://127.0.0.1:9/x)</script><script>alert(2)</script>$$x$$ :red[boo]"


def append(parts: int) -> Plan:
    """An Append over so many scans; every hundredth is heavy."""
    scans = [
        PlanNode(
            "Seq Scan",
            relation=f"part_{place}",
            rows_estimated=10,
            rows_actual=10,
            loops=1,
            self_ms=50.0 if place % 100 == 0 else 0.01,
            total_ms=50.0 if place % 100 == 0 else 0.01,
            total_cost=20,
            details={"Filter": f"(customer_id = {place})", "Rows Removed by Filter": 99},
        )
        for place in range(parts)
    ]
    total = sum(scan.self_ms or 0 for scan in scans) + 1
    root = PlanNode(
        "Append",
        rows_estimated=100,
        rows_actual=10 * parts,
        loops=1,
        self_ms=1,
        total_ms=total,
        total_cost=20 * parts,
        children=scans,
    )
    return Plan("postgresql", "text", root, {"execution_ms": total})


def chain(depth: int) -> Plan:
    """So many steps, each below the other."""
    node = PlanNode("Seq Scan", relation="bottom", rows_actual=1, loops=1, self_ms=1, total_ms=1)
    for level in range(1, depth):
        node = PlanNode("Materialize", rows_actual=1, loops=1, self_ms=1, total_ms=1 + level, children=[node])
    return Plan("postgresql", "text", node, {"execution_ms": float(depth)})


def hostile() -> Plan:
    """A plan whose every text wants to be HTML or Markdown."""
    scan = PlanNode(
        "Seq Scan",
        role=f"CTE {HOSTILE}",
        relation=HOSTILE,
        schema=HOSTILE,
        alias=HOSTILE,
        rows_estimated=10,
        rows_actual=10,
        loops=1,
        self_ms=900,
        total_ms=900,
        total_cost=20,
        details={"Filter": f"({HOSTILE} = 1)", "Rows Removed by Filter": 5_000_000, HOSTILE: HOSTILE},
    )
    root = PlanNode(f"Sort {HOSTILE}", rows_actual=10, loops=1, self_ms=100, total_ms=1000, index=HOSTILE, children=[scan])
    return Plan("postgresql", "text", root, {"execution_ms": 1000}, HOSTILE, {"Settings": {"work_mem": HOSTILE}})
