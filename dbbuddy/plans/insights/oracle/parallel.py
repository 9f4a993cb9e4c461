"""Rules about parallel execution: rows sent to every server, serial parts, servers that were missing or idle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from dbbuddy.plans.describe import duration
from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.oracle import facts
from dbbuddy.plans.insights.oracle.estimates import MOST_ANCESTORS
from dbbuddy.plans.insights.oracle.facts import below, line, portion, share
from dbbuddy.plans.insights.view import PlanView, rows_out
from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.oracle.values import decimal
from dbbuddy.severity import Severity

BROADCAST_ROWS = 100_000.0
SERIAL_SHARE = 0.1
SKEW_FACTOR = 2.0
LEAST_SECONDS = 1.0


def broadcast(view: PlanView, *, least_rows: float = BROADCAST_ROWS) -> Iterator[Found]:
    """Over 100,000 rows sent to every parallel server: each server receives, and hashes, all of them."""
    for node in view.nodes:
        if not node.type.startswith("PX SEND BROADCAST") or facts.inactive(node):
            continue
        rows = max(_sent(view, node), *(_sent(view, child) for child in node.children), 0.0)
        above = view.parent(node)
        part = min(1.0, share(view, node) + (share(view, above) if above is not None else 0.0)) if view.measured else None
        if rows < least_rows or (part is not None and part < facts.MATTERS):
            continue
        table = next((one.relation for one in islice(node.walk(), MOST_ANCESTORS) if one.relation), None)
        values = {"rows": f"{rows:,.0f} rows", "table": table or "an intermediate result"}
        level: Severity | None = "low" if facts.is_small(view) else "medium" if part is None else facts.severity(view, part)
        said = (line(node), *((portion(view, part),) if part is not None else ()))
        yield Found("parallel-overhead", node, said, part, level, facts.basis(view), values)


def _sent(view: PlanView, node: PlanNode) -> float:
    return (rows_out(node) or 0.0) if view.ran else (node.rows_estimated or 0.0)


def serial_part(view: PlanView, *, least_share: float = SERIAL_SHARE) -> Iterator[Found]:
    """One process reads or works for over a tenth of the time, while parallel servers wait for its rows (S->P)."""
    for node in view.nodes:
        if not node.type.startswith("PX SEND") or node.details.get("IN-OUT") != "S->P" or facts.inactive(node):
            continue
        part = sum(below(view, child) for child in node.children)
        rows = max(_sent(view, node), *(_sent(view, child) for child in node.children), 0.0)
        if part < least_share or rows < 1000:
            continue
        table = next((one.relation for one in islice(node.walk(), MOST_ANCESTORS) if one.relation), "") or ""
        hint = f"/*+ PARALLEL({facts.quoted(table)}) */".replace("*/*/", "*/") if table else "/*+ PARALLEL */"
        values = {"table": table or "the rows", "hint": hint}
        said = (f"{line(node)}, IN-OUT S->P", portion(view, part))
        yield Found("could-be-parallel", node, said, part, facts.severity(view, part, "medium"), facts.basis(view), values)


def servers_missing(view: PlanView) -> Iterator[Found]:
    """Fewer parallel servers were given than asked for: the degree of parallelism was lowered, or taken away."""
    asked, given = (_number(view.plan.details.get(name)) for name in ("servers_requested", "servers_allocated"))
    if not asked or given is None or given >= asked:
        return
    root = next((node for node in view.nodes if node.type.startswith("PX COORDINATOR")), view.plan.root)
    saved = below(view, root) * (1 - max(given, 1.0) / asked)
    said = (f"Servers Requested {asked:,.0f}, Servers Allocated {given:,.0f}", line(root))
    values = {"asked": f"{asked:,.0f}", "given": f"{given:,.0f}"}
    level = facts.severity(view, saved, None if view.measured else "medium")
    yield Found("workers-missing", root, said, saved, level, values=values)


def server_skew(view: PlanView, *, factor: float = SKEW_FACTOR, least_seconds: float = LEAST_SECONDS) -> Iterator[Found]:
    """One parallel server took over twice the mean of those of its set."""
    rows = view.plan.details.get("Parallel Execution Details")
    sets: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and str(row.get("Type", "")).startswith("Set"):
            seconds = _number(row.get("Elapsed Time(s)")) or 0.0
            sets.setdefault((str(row.get("Group#", "")), str(row["Type"])), []).append((str(row.get("Name", "")), seconds))
    for (_, name), servers in sets.items():
        mean = sum(seconds for _, seconds in servers) / len(servers)
        busiest, most = max(servers, key=lambda server: server[1])
        if len(servers) < 2 or most < least_seconds or most < factor * mean:
            continue
        saved = min(1.0, (most - mean) * 1000 / view.total_ms) if view.total_ms else None
        idle = sum(1 for _, seconds in servers if seconds < mean / 10)
        said = (
            f"{name}: {busiest} {duration(most * 1000)}, mean of {len(servers)} servers {duration(mean * 1000)}",
            f"{idle} of {len(servers)} servers did next to nothing",
        )
        yield Found("worker-skew", None, said, saved, facts.severity(view, saved), values={"server": busiest, "set": name})


def _number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return decimal(value) if isinstance(value, str) else None


def repeated_coordinator(view: PlanView, *, least_starts: float = 10) -> Iterator[Found]:
    """A parallel query that starts again for each row of something above: its servers are set up every time."""
    for node in view.nodes:
        if not node.type.startswith("PX COORDINATOR") or facts.inactive(node) or not view.ran or facts.starts(node) < least_starts:
            continue
        above = view.parent(node)
        repeats = above is not None and node is not above.children[0] and above.type.startswith(("NESTED LOOPS", "FILTER"))
        part = below(view, node)
        if repeats and part >= SERIAL_SHARE:
            values = {"rows": f"{facts.starts(node):,.0f} starts", "table": "the inner side"}
            yield Found(
                "parallel-overhead", node, (line(node), portion(view, part)), part, facts.severity(view, part), values=values
            )


def forced_serial(view: PlanView) -> Iterator[Found]:
    """A parallel plan that Oracle runs in one process, as something in it is not allowed in parallel."""
    for node in view.nodes:
        if "FORCED SERIAL" in node.type and not facts.inactive(node):
            part = below(view, node)
            yield Found(
                "serial-plan",
                node,
                (line(node), portion(view, part)),
                part,
                facts.severity(view, part, "medium"),
                facts.basis(view),
            )
            return
