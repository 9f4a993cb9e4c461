"""How much a finding matters: one scale for plan insights and SQL findings."""

from __future__ import annotations

from typing import Literal, get_args

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


def at_least(severity: Severity, level: Severity) -> bool:
    """True if `severity` is `level` or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(level)
