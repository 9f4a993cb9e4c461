"""Rules about what Oracle itself says below a plan: notes and what became of hints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.oracle import facts
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.severity import Severity

_MISSING = "(level=2)"
"""Dynamic sampling at the default level is used where a table has no statistics (SQL Tuning Guide, dynamic statistics)."""
_FEEDBACK = "Oracle planned again with the row counts of an earlier run: the first plan was misestimated, and can come back."
_PARALLEL = "The change itself runs in one process: ALTER SESSION ENABLE PARALLEL DML before it, in the same session."
_NOTES: tuple[tuple[str, Severity, str], ...] = (
    (
        "rule based optimizer used",
        "medium",
        "The rule-based optimizer knows no statistics: gather them, and take RULE out of the statement or the session.",
    ),
    ("PDML is disabled", "medium", _PARALLEL),
    ("PDML disabled", "medium", _PARALLEL),
    ("cpu costing is off", "low", "System statistics are missing: EXEC DBMS_STATS.GATHER_SYSTEM_STATS."),
    ("is old version", "low", "PLAN_TABLE lacks columns, so the plan tells less than it could: drop it and run utlxplan.sql."),
    (
        "basic plan statistics not available",
        "info",
        "The plan has no counts of the run: add the hint GATHER_PLAN_STATISTICS, or set STATISTICS_LEVEL to ALL, run it again, "
        "and show it with ALLSTATS LAST.",
    ),
    ("SQL plan baseline", "info", "A baseline holds the plan: a better one is not taken before it is evolved or accepted."),
    ("SQL profile", "info", "A SQL profile corrects the estimates; it may be out of date if the data changed since it was made."),
    ("SQL patch", "info", "A SQL patch adds hints to the statement that its text does not show."),
    ("outline", "info", "A stored outline holds the plan; outlines are deprecated in favour of baselines."),
    ("statistics feedback used", "info", _FEEDBACK),
    ("cardinality feedback used", "info", _FEEDBACK),
)
_STATES = {
    "U": "is not used",
    "E": "has a syntax error",
    "N": "names a table or query block that does not exist",
}
_XML_STATES = {"EM": "", "NU": "U", "UR": "N", "PE": "E", "IO": "U"}


def plan_notes(view: PlanView) -> Iterator[Found]:
    """What the Note section says that a reader should act on, or know before changing anything."""
    seen: set[str] = set()
    for note in view.plan.details.get("Notes", ()):
        text = str(note)
        for words, level, advice in _NOTES:
            if words.lower() in text.lower() and advice not in seen:
                seen.add(advice)
                yield Found("plan-note", None, (f"Note: {text[:300]}",), None, level, facts.basis(view), {"advice": advice})
                break


def missing_statistics(view: PlanView) -> Iterator[Found]:
    """Dynamic sampling at level 2: some table of the statement has no statistics."""
    note = next((str(text) for text in view.plan.details.get("Notes", ()) if "dynamic sampling" in str(text)), "")
    if _MISSING not in note:
        return
    tables = list(
        dict.fromkeys(facts.sql_name(view, node) for node in view.nodes if facts.can_be_indexed(view, node) and node.relation)
    )
    if not tables:
        return
    names = ", ".join("'" + name.rpartition(".")[2].replace("'", "''") + "'" for name in tables[:20])
    values = {"tables": ", ".join(tables[:5]), "names": names}
    yield Found("missing-statistics", None, (f"Note: {note[:300]}",), None, "low", facts.basis(view), values)


def unused_hints(view: PlanView) -> Iterator[Found]:
    """Hints in the statement that have no effect, in one finding."""
    said = [text for row in _reports(view.plan.details) if (text := _told(row))]
    if said:
        more = (f"and {len(said) - 5} more",) if len(said) > 5 else ()
        yield Found("unused-hint", None, (*said[:5], *more), None, "low", facts.basis(view), {"count": str(len(said))})


def _reports(details: dict[str, Any]) -> Iterator[dict[str, Any]]:
    told = details.get("Hint Report")
    if isinstance(told, list):
        yield from (row for row in told if isinstance(row, dict))
    waiting = [details.get("hint_usage")]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict) and "x" in part and "o" in part:
            state = _XML_STATES.get(str(part["o"]), "") or _XML_STATES.get(str(part.get("st", "")), "")
            yield {"State": state, "Hint": str(part["x"]), "Reason": str(part.get("r", ""))}
        elif isinstance(part, dict):
            waiting.extend(part.values())


def _told(row: dict[str, Any]) -> str:
    state = _STATES.get(str(row.get("State", "")))
    if state is None:
        return ""
    reason = f" ({row['Reason']})" if row.get("Reason") else ""
    return f"{str(row.get('Hint', ''))[:200]} {state}{reason}"
