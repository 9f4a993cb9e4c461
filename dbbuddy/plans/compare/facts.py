"""What is compared of each node, in the same words for every engine, computed in linear time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import re2

from dbbuddy.plans.insights.view import rows_out
from dbbuddy.plans.model import Plan, PlanNode

Family = Literal["scan", "join", "sort", "aggregate", "limit", "exchange", "store", "append", "modify", "other"]

_MODIFY = re2.compile(
    r"(?i)^((clustered |columnstore )?(table|index) )?(insert|update|delete|merge)\b"
    r"|^(modifytable|load (as|table)|multi-table insert)\b"
)
_READS = re2.compile(r"(?i)scan|seek|lookup|access|^index")
_FAMILIES: tuple[tuple[Family, Any], ...] = (
    ("join", re2.compile(r"(?i)\bjoin\b|nested loop")),
    ("sort", re2.compile(r"(?i)\b(file)?sort\b")),
    ("aggregate", re2.compile(r"(?i)aggregate|group by|^group|unique|distinct|deduplicate")),
    ("limit", re2.compile(r"(?i)^(limit|top)\b|stopkey")),
    ("exchange", re2.compile(r"(?i)^(gather|parallelism|px )")),
    ("store", re2.compile(r"(?i)materialize|memoize|spool|buffer sort|temporary|^hash$")),
    ("append", re2.compile(r"(?i)append|^union|concatenation")),
)
_CONDITIONS = (
    "Index Cond",
    "Recheck Cond",
    "Filter",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "Sort Key",
    "Group Key",
    "Access Predicates",
    "Filter Predicates",
    "SeekPredicates",
    "SeekPredicateNew",
    "Predicate",
    "condition",
    "attached_condition",
)
_CASTS = re2.compile(r"::[a-z_]+(?: (?:varying|precision|without time zone|with time zone))?|\$\d+|subplan \d+")
_SIGNS = str.maketrans("", "", " \t\n()[]\"'`;")
_KB = 1024.0
_MOST_INDEXES = 10


@dataclass(frozen=True)
class NodeFacts:
    """A node's figures. `number` is its place in its plan, counted from 0, parents first.

    `rows_actual` is per loop, `rows_total` of all loops; times are milliseconds over all loops; `blocks` (from memory or disk)
    and `reads` (from disk only) are the node's own without its children's; `spilled_kb` is what a sort, hash or aggregate
    wrote to disk (0: it did spill, the plan does not tell how much; `None`: it did not). `indexes` are those through which
    a relation is read, also if a node below names them.
    """

    number: int
    type: str
    relation: str | None
    alias: str | None
    indexes: tuple[str, ...]
    rows_estimated: float | None
    rows_actual: float | None
    rows_total: float | None
    loops: float | None
    self_ms: float | None
    total_ms: float | None
    total_cost: float | None
    blocks: float | None
    reads: float | None
    spilled_kb: float | None

    @property
    def label(self) -> str:
        """The operator and what it works on, as `Index Scan on orders (orders_customer_idx)`."""
        on = f" on {self.relation}" if self.relation else ""
        return self.type + on + (f" ({', '.join(self.indexes)})" if self.indexes else "")


@dataclass
class Item:
    """A node on its way to a match."""

    node: PlanNode
    facts: NodeFacts
    family: Family
    parent: Item | None
    leaves: int
    """A sum over what is read below, whatever its order: the place in the join tree."""
    path: int
    condition: str
    absorbed: bool = False
    """True for an index node that only serves the table access above it."""
    own_cost: float = 0.0
    children: list[Item] = field(default_factory=list)
    match: Item | None = None


def items_of(plan: Plan) -> list[Item]:
    """Every node of the plan with its facts, parents first."""
    nodes = tuple(plan.root.walk())
    indexes, leaves, absorbed = _sources(nodes)
    blocks = {id(node): _blocks(plan, node) for node in nodes}
    items: dict[int, Item] = {}
    parents = {id(child): node for node in nodes for child in node.children}
    for number, node in enumerate(nodes):
        above = parents.get(id(node))
        parent = items[id(above)] if above is not None else None
        item = Item(
            node,
            _facts(number, node, indexes[id(node)], _own(plan, node, blocks)),
            family_of(node),
            parent,
            leaves[id(node)],
            hash((parent.path if parent else 0, node.type)),
            _condition(node),
            id(node) in absorbed,
            max(0.0, (node.total_cost or 0.0) - sum(child.total_cost or 0.0 for child in node.children)),
        )
        if parent is not None:
            parent.children.append(item)
        items[id(node)] = item
    return list(items.values())


def family_of(node: PlanNode) -> Family:
    """What kind of operator it is, by its name."""
    return _family(node.type, str(node.details.get("LogicalOp", "")), bool(node.relation or node.index))


@lru_cache(maxsize=4096)
def _family(operator: str, logical: str, named: bool) -> Family:
    if _MODIFY.search(operator) and not operator.upper().startswith("MERGE JOIN"):
        return "modify"
    if named and _READS.search(operator):
        return "scan"
    for family, pattern in _FAMILIES:
        if pattern.search(f"{operator} {logical}"):
            return family
    return "scan" if named else "other"


def folded(name: str | None) -> str:
    """A name as it is compared: engines and clients differ in case and quotes."""
    return (name or "").strip('"`[]').lower()


def _condition(node: PlanNode) -> str:
    """What the node asks of rows, without what versions and formats write in different ways: casts, parameters, brackets."""
    told = " ".join(str(node.details[name]) for name in _CONDITIONS if node.details.get(name)).lower()
    if "::" in told or "$" in told or "subplan" in told:
        told = _CASTS.sub("", told)
    return told.translate(_SIGNS)


def _sources(nodes: tuple[PlanNode, ...]) -> tuple[dict[int, tuple[str, ...]], dict[int, int], set[int]]:
    """By node: the indexes through which it reads, the sum over what is read below; and the index nodes that only serve."""
    indexes: dict[int, tuple[str, ...]] = {}
    leaves: dict[int, int] = {}
    pending: dict[int, tuple[str, ...]] = {}
    served: dict[int, list[int]] = {}
    absorbed: set[int] = set()
    for node in reversed(nodes):
        family = family_of(node)
        below: tuple[str, ...] = ()
        for child in node.children:
            below = (below + pending[id(child)])[:_MOST_INDEXES] if pending[id(child)] else below
        total = sum(leaves[id(child)] for child in node.children)
        own = (node.index,) if node.index else ()
        indexes[id(node)], pending[id(node)] = own, ()
        if family != "modify" and node.relation:
            indexes[id(node)] = own or below
            absorbed.update(id(child) for child in node.children if pending[id(child)])
            total += hash(folded(node.relation))
        elif node.type.lower().startswith(("index", "bitmap")):
            pending[id(node)] = (below + own)[:_MOST_INDEXES]
            served[id(node)] = []
        else:
            total += sum(hash(name) for name in below)
        leaves[id(node)] = total
    for node in nodes:
        if id(node) in absorbed:
            absorbed.update(id(child) for child in node.children if id(child) in served)
        elif (halves := _halves(node)) is not None and pending[id(halves[0])]:
            index, table = halves
            indexes[id(table)] = pending[id(index)]
            absorbed.add(id(index))
    return indexes, leaves, absorbed


def _halves(node: PlanNode) -> tuple[PlanNode, PlanNode] | None:
    """Index and table of a batched inner side, which Oracle reads in two nested loops, one around the other."""
    if not node.type.startswith("NESTED LOOPS") or len(node.children) != 2:
        return None
    inside, table = node.children
    if table.children or not table.type.startswith("TABLE ACCESS BY") or len(inside.children) != 2:
        return None
    return inside.children[1], table


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _sum(node: PlanNode, *names: str) -> float | None:
    told = [number for name in names if (number := _number(node.details.get(name))) is not None]
    return sum(told) if told else None


def _blocks(plan: Plan, node: PlanNode) -> tuple[float | None, float | None]:
    """Blocks in all and blocks from disk, as the plan prints them."""
    if plan.engine == "postgresql":
        hit, read = _sum(node, "Shared Hit Blocks", "Local Hit Blocks"), _sum(node, "Shared Read Blocks", "Local Read Blocks")
        return (None, None) if hit is None and read is None else ((hit or 0.0) + (read or 0.0), read or 0.0)
    if plan.engine == "sqlserver":
        return _sum(node, "ActualLogicalReads"), _sum(node, "ActualPhysicalReads", "ActualReadAheads")
    return _sum(node, "Buffers"), _sum(node, "Reads")


def _own(plan: Plan, node: PlanNode, blocks: dict[int, tuple[float | None, float | None]]) -> tuple[float | None, float | None]:
    """The node's blocks without its children's; SQL Server prints them so, the others with them."""
    told = blocks[id(node)]
    if plan.engine == "sqlserver":
        return told
    below = [blocks[id(child)] for child in node.children]
    return (
        None if told[0] is None else max(0.0, told[0] - sum(child[0] or 0.0 for child in below)),
        None if told[1] is None else max(0.0, told[1] - sum(child[1] or 0.0 for child in below)),
    )


def _spilled_kb(node: PlanNode) -> float | None:
    """What the node wrote to disk for want of memory."""
    details = node.details
    if details.get("Sort Space Type") == "Disk":
        return _number(details.get("Sort Space Used")) or 0.0
    for name, unit in (("Disk Usage", 1.0), ("Used-Tmp", _KB), ("Temp (Max)", _KB), ("Max-Tmp", _KB)):
        used = _number(details.get(name))
        if used:
            return used / unit
    if (_number(details.get("Hash Batches")) or 1) > 1 or (_number(details.get("Used-Mem Passes")) or 0) > 0:
        return 0.0
    warnings = details.get("Warnings")
    if isinstance(warnings, list) and any(
        "Spill" in str(warning.get("Warning")) for warning in warnings if isinstance(warning, dict)
    ):
        return 0.0
    return None


def _facts(number: int, node: PlanNode, indexes: tuple[str, ...], blocks: tuple[float | None, float | None]) -> NodeFacts:
    return NodeFacts(
        number=number,
        type=node.type,
        relation=node.relation,
        alias=node.alias,
        indexes=indexes,
        rows_estimated=node.rows_estimated,
        rows_actual=node.rows_actual,
        rows_total=rows_out(node),
        loops=node.loops,
        self_ms=node.self_ms,
        total_ms=node.total_ms,
        total_cost=node.total_cost,
        blocks=blocks[0],
        reads=blocks[1],
        spilled_kb=_spilled_kb(node),
    )
