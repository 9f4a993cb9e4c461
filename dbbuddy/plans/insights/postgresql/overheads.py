"""Rules about time outside the nodes: JIT, planning, triggers, sending, measuring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.facts import count, kilobytes, milliseconds, percent, severity
from dbbuddy.plans.insights.view import PlanView

OVERHEAD_SHARE = 0.1
OVERHEAD_MS = 10.0


def _part(view: PlanView, name: str) -> dict[str, Any]:
    value = view.plan.details.get(name)
    return value if isinstance(value, dict) else {}


def _total(view: PlanView, name: str) -> float:
    return view.plan.totals.get(name, 0.0)


def jit_overhead(view: PlanView, *, share: float = OVERHEAD_SHARE, least: float = OVERHEAD_MS) -> Iterator[Found]:
    """Compilation took over a tenth of the execution."""
    spent = _total(view, "jit_ms")
    if not view.measured or spent < least or spent < share * view.total_ms:
        return
    jit = _part(view, "JIT")
    saved = min(1.0, spent / view.total_ms)
    said = (
        f"JIT: Functions: {jit.get('Functions', '?')}",
        f"Timing: Total {milliseconds(spent)} of {milliseconds(view.total_ms)} ({percent(saved)})",
    )
    cost = max(100_000.0, 2 * (view.plan.root.total_cost or 0.0))
    yield Found(
        "jit-overhead", None, said, saved, severity(view, saved), values={"time": milliseconds(spent), "above": f"{cost:.0f}"}
    )


def planning_time(view: PlanView, *, least: float = OVERHEAD_MS, slow: float = 50.0) -> Iterator[Found]:
    """Planning took longer than the execution, or over 50 ms and a quarter of both."""
    planning = _total(view, "planning_ms")
    execution = view.total_ms if view.ran else 0.0
    if planning < (least if planning > execution else slow) or planning < 0.25 * (planning + execution) or not view.ran:
        return
    saved = planning / (planning + execution)
    said = (f"Planning Time: {milliseconds(planning)}", f"Execution Time: {milliseconds(execution)}")
    level = "low" if planning < slow else severity(view, saved, "high") if execution >= OVERHEAD_MS else "medium"
    yield Found(
        "planning-time", None, said, saved, level, values={"planning": milliseconds(planning), "execution": milliseconds(execution)}
    )


def planning_memory(view: PlanView, *, kilobytes_used: float = 16 * 1024) -> Iterator[Found]:
    """Planning took over 16 MB of memory (told from version 17 on); a plan of a few tables takes well under one."""
    planning = _part(view, "Planning")
    used = planning.get("Memory Used")
    if isinstance(used, int | float) and used >= kilobytes_used:
        yield Found(
            "compile-cost", None, (f"Planning: Memory: used={count(used)}kB",), None, "low", values={"memory": kilobytes(used)}
        )


def trigger_time(view: PlanView, *, share: float = OVERHEAD_SHARE, least: float = OVERHEAD_MS) -> Iterator[Found]:
    """A trigger took over a tenth of the execution; one of a foreign key mostly for want of an index on the child."""
    triggers = view.plan.details.get("Triggers")
    for trigger in triggers if isinstance(triggers, list) else ():
        spent = trigger.get("Time") if isinstance(trigger, dict) else None
        if not isinstance(spent, int | float) or spent < least or spent < share * view.total_ms:
            continue
        saved = min(1.0, spent / view.total_ms)
        constraint = str(trigger.get("Constraint Name") or "")
        name = constraint or str(trigger.get("Trigger Name") or "")
        calls = trigger.get("Calls")
        called = count(float(calls)) if isinstance(calls, int | float) else "?"
        said = (
            f"Trigger {name} on {trigger.get('Relation', '')}: time={milliseconds(spent)} calls={called}",
            f"{percent(saved)} of the time",
        )
        values = {"trigger": name, "time": milliseconds(spent), "calls": called, "remedy": _FOREIGN_KEY if constraint else _OWN}
        yield Found("trigger-time", None, said, saved, severity(view, saved), values=values, sql=_show(name, bool(constraint)))


_FOREIGN_KEY = (
    "It checks a foreign key: each deleted or changed row is looked up in the referencing table. Index the referencing columns; "
    "the query below names them."
)
_OWN = (
    "Make its function cheaper, or turn a FOR EACH ROW trigger into FOR EACH STATEMENT with transition tables; the query below "
    "shows it."
)


def _show(name: str, constraint: bool) -> str:
    value = name.replace("'", "''")
    if constraint:
        return (
            "SELECT conrelid::regclass AS index_this_table, pg_get_constraintdef(oid) AS on_these_columns\n"
            f"FROM pg_constraint WHERE conname = '{value}';"
        )
    return f"SELECT tgrelid::regclass AS on_table, pg_get_triggerdef(oid)\nFROM pg_trigger WHERE tgname = '{value}';"


def serialization_time(view: PlanView, *, share: float = OVERHEAD_SHARE, least: float = OVERHEAD_MS) -> Iterator[Found]:
    """Turning the rows into text took over a tenth of the execution (SERIALIZE, from version 17 on)."""
    spent = _total(view, "serialization_ms")
    if not view.measured or spent < least or spent < share * view.total_ms:
        return
    told = _part(view, "Serialization")
    volume = told.get("Output Volume")
    size = kilobytes(float(volume)) if isinstance(volume, int | float) else "?"
    saved = min(1.0, spent / view.total_ms)
    said = (f"Serialization: time={milliseconds(spent)} output={size} ({percent(saved)} of the time)",)
    yield Found(
        "serialization-time", None, said, saved, severity(view, saved, "high"), values={"time": milliseconds(spent), "size": size}
    )


def measurement_overhead(view: PlanView, *, share: float = OVERHEAD_SHARE, least: float = OVERHEAD_MS) -> Iterator[Found]:
    """Time of the execution that no node, trigger or serialization accounts for; of JIT it tells apart."""
    outside = _total(view, "outside_ms") - _total(view, "jit_ms")
    if not view.measured or abs(outside) < least or abs(outside) < share * view.total_ms:
        return
    said = (
        f"nodes: {milliseconds(_total(view, 'nodes_ms'))}, whole: {milliseconds(view.total_ms)}",
        f"{milliseconds(abs(outside))} {'in no node' if outside > 0 else 'more in the nodes than in the whole'}",
    )
    yield Found("measurement-overhead", None, said, None, "info", values={"time": milliseconds(abs(outside))})
