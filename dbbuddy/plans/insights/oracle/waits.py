"""Rules about waiting: for disks, for locks, for another database, and the operation that takes most of the time."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.oracle import facts
from dbbuddy.plans.insights.oracle.facts import amount, below, line, own_amount, portion, predicates, share, words
from dbbuddy.plans.insights.oracle.memory import spilled
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

DOMINANT = 0.5
COLD_READS = 1000.0
LOCK_SHARE = 0.1


def dominant_node(view: PlanView, *, least_share: float = DOMINANT) -> Iterator[Found]:
    """One operation takes over half of the time by itself, and no finding of its own would say why."""
    for node in view.nodes:
        part = share(view, node)
        explained = facts.is_full_scan(node) or spilled(node)
        if view.measured and part > least_share and not explained and not facts.is_small(view):
            values = {"operation": facts.title(node)}
            yield Found("dominant-node", node, (line(node), *predicates(node), portion(view, part)), part, "info", values=values)


def cold_cache(
    view: PlanView, *, least_reads: float = COLD_READS, least_ratio: float = 0.5, least_share: float = 0.25
) -> Iterator[Found]:
    """Single blocks read from disk: over 1000, and over half of all that an index or rowid access touched."""
    for node in view.nodes:
        reads, gets, part = own_amount(node, "Reads"), own_amount(node, "Buffers"), share(view, node)
        if not node.type.startswith(("INDEX", "TABLE ACCESS BY")) or "FAST FULL" in node.type or not view.measured:
            continue
        if reads < least_reads or reads < least_ratio * gets or part < least_share:
            continue
        values = {"operation": facts.title(node), "reads": f"{reads:,.0f}"}
        said = (line(node), portion(view, part))
        yield Found("cold-cache", node, said, part, facts.severity(view, part, "medium"), values=values)


def lock_wait(view: PlanView, *, least_share: float = LOCK_SHARE) -> Iterator[Found]:
    """SQL Monitor saw the statement wait for a lock (`enq: TX - row lock contention`) in over a tenth of its samples."""
    samples: dict[str, float] = {}
    where: dict[str, PlanNode] = {}
    whole = 0.0
    for node in view.nodes:
        for event, seen in _activity(node):
            whole += seen
            if event.startswith(("enq: TX", "enq: TM")):
                samples[event] = samples.get(event, 0.0) + seen
                where.setdefault(event, node)
    for event, seen in samples.items():
        part = seen / whole
        if part >= least_share:
            said = (f"{event}: {seen:,.0f} of {whole:,.0f} samples", line(where[event]))
            yield Found("lock-wait", where[event], said, part, facts.severity(view, part), values={"event": event})


def _activity(node: PlanNode) -> Iterator[tuple[str, float]]:
    """Events and their samples, from XML as numbers by name, from text as `enq: TX - row lock contention (12)`."""
    told = node.details.get("Activity")
    if isinstance(told, dict):
        yield from ((str(event), float(seen)) for event, seen in told.items() if isinstance(seen, int | float))
    for entry in node.details.get("Activity Detail (# samples)") or ():
        event, _, count = str(entry).rpartition("(")
        number = count.rstrip(") ")
        if event and number.isdecimal() and len(number) < 10:
            yield event.strip(), float(number)


def remote_rows(view: PlanView, *, least_rows: float = 10_000) -> Iterator[Found]:
    """Over 10,000 rows fetched over a database link, or a fetch without a condition that takes a tenth of the work."""
    for node in view.nodes:
        if node.type != "REMOTE" or facts.inactive(node):
            continue
        part = below(view, node)
        remote = words(node, "Remote SQL")
        rows = facts.expected(view, node)
        unfiltered = bool(remote) and " WHERE " not in f" {remote.upper()} "
        if part < facts.MATTERS or (rows < least_rows and not (unfiltered and part >= 0.1)):
            continue
        alias = node.alias or node.relation or "remote_table"
        values = {
            "table": node.relation or "the remote table",
            "hint": facts.quoted(alias),
            "rows": f"{rows:,.0f}",
            "place": "over the database link",
        }
        said = (line(node), *((f"Remote SQL: {remote[:300]}",) if remote else ()), portion(view, part))
        yield Found("remote-rows", node, said, part, facts.severity(view, part), facts.basis(view), values)


def storage_without_offload(view: PlanView, *, least_share: float = 0.25) -> Iterator[Found]:
    """A full scan on Exadata whose filter the cells could not take: the plan has filter() but no storage() of it."""
    if not any(words(node, "Storage Predicates") for node in view.nodes) and not any(
        "Cell Offload" in node.details for node in view.nodes
    ):
        return
    for node in view.nodes:
        part = share(view, node)
        if "STORAGE" not in node.type or "FULL" not in node.type or facts.inactive(node) or part < least_share:
            continue
        filters = words(node, "Filter Predicates")
        if not filters or words(node, "Storage Predicates") or amount(node, "Cell Offload") > 0:
            continue
        values = {
            "table": node.relation or "",
            "hint": facts.quoted(node.alias or node.relation or "t"),
            "rows": f"{facts.expected(view, node):,.0f}",
            "place": "from the storage cells",
        }
        said = (line(node), *predicates(node), portion(view, part))
        yield Found("remote-rows", node, said, part, facts.severity(view, part, "medium"), facts.basis(view), values, "")
