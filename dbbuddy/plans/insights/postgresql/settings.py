"""Settings as the plan tells them, and values for them that the plan's numbers ask for."""

from __future__ import annotations

import math

import re2

from dbbuddy.plans.insights.view import PlanView

MOST_MEMORY_MB = 1024
"""No session is advised to take more `work_mem`: each sort and hash of each process may take it."""
_SIZE = re2.compile(r"^(\d+) *(kB|MB|GB)?$")
_KILOBYTES = {"kB": 1, "MB": 1024, "GB": 1024 * 1024, None: 1}


def settings(view: PlanView) -> dict[str, str]:
    """The settings that the plan prints: those that bear on planning and are not the default."""
    told = view.plan.details.get("Settings")
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else {}


def work_mem_kb(view: PlanView) -> float | None:
    """`work_mem` where the plan tells it."""
    found = _SIZE.match(settings(view).get("work_mem", ""))
    return None if found is None else float(found.group(1)) * _KILOBYTES[found.group(2)]


def set_memory(view: PlanView, needed_kb: float) -> str:
    """`SET work_mem` with room for as much, rounded up to a power of two; empty if that is more than a session should take."""
    least = max(needed_kb, 2 * (work_mem_kb(view) or 4096.0))
    megabytes = 2 ** math.ceil(math.log2(max(1.0, least / 1024)))
    return f"SET work_mem = '{megabytes}MB';" if megabytes <= MOST_MEMORY_MB else ""
