"""Rules about the planner's settings and the methods it was kept from."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.facts import basis, count, title
from dbbuddy.plans.insights.postgresql.settings import settings
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode
from dbbuddy.severity import Severity

DISABLED_COST = 1e10
"""What a method that is switched off costs, up to version 17 (`disable_cost`)."""
_SWITCHES = {
    "Seq Scan": "enable_seqscan", "Index Scan": "enable_indexscan", "Index Only Scan": "enable_indexonlyscan",
    "Bitmap Heap Scan": "enable_bitmapscan", "Tid Scan": "enable_tidscan", "Sort": "enable_sort", "Nested Loop": "enable_nestloop",
    "Hash Join": "enable_hashjoin", "Merge Join": "enable_mergejoin", "Aggregate": "enable_hashagg",
    "Materialize": "enable_material", "Gather Merge": "enable_gathermerge", "Memoize": "enable_memoize",
}  # fmt: skip


def disabled_node(view: PlanView) -> Iterator[Found]:
    """A method that is switched off was used all the same, for want of another."""
    seen: set[str] = set()
    for node in view.nodes:
        marked = node.details.get("Disabled") is True
        costly = (node.total_cost or 0.0) >= DISABLED_COST
        if not marked and (not costly or any((child.total_cost or 0.0) >= DISABLED_COST for child in node.children)):
            continue
        if node.type in seen:
            continue
        seen.add(node.type)
        said = f"{title(node)}: Disabled: true" if marked else f"{title(node)}: cost={count(node.total_cost or 0.0)}"
        switch = _SWITCHES.get(node.type, "")
        level: Severity = "medium" if _is_off(view, node) else "low"
        yield Found(
            "disabled-node", node, (said,), None, level, basis(view),
            {"node": title(node), "switch": switch or "one of the enable_ settings"}, f"RESET {switch};" if switch else "",
        )  # fmt: skip


def _is_off(view: PlanView, node: PlanNode) -> bool:
    return settings(view).get(_SWITCHES.get(node.type, ""), "off") == "off"


def non_default_settings(view: PlanView) -> Iterator[Found]:
    """The settings of planning that are not the default; those that switch a method off are worth more than a note."""
    told = settings(view)
    if not told:
        return
    off = [name for name, value in told.items() if name.startswith("enable_") and value == "off"]
    said = tuple(f"{name} = '{value}'" for name, value in told.items())
    sql = "\n".join(f"RESET {name};" for name in off)
    names = ", ".join(off or told)
    yield Found("non-default-settings", None, said, None, "low" if off else "info", basis(view), {"names": names}, sql)
