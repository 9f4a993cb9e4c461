"""Numbers as MySQL and MariaDB print them: `9.69e+6`, `632e-6`, `100.00`, `2K`, and `NULL`, `null`, `elided` for none."""

from __future__ import annotations

from typing import Any

from dbbuddy.plans.numbers import bounded

_SUFFIXES = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def number(value: Any) -> float | None:
    """The number told, or `None` if none is (also for what is negative or not finite, and for masked values)."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _finite(value)
    text = str(value).strip().replace(",", "")
    factor = _SUFFIXES.get(text[-1:], 1.0)
    try:
        return _finite(float(text[:-1] if factor > 1 else text) * factor)
    except ValueError:
        return None


def _finite(value: float) -> float | None:
    try:
        told = float(value)
    except OverflowError:
        return None
    return None if told < 0 else bounded(told)


def scalar(text: str) -> Any:
    """A cell's text as the plan means it: nothing for NULL, else as printed."""
    stripped = text.strip()
    return None if stripped in ("", "NULL", "null", "(null)", "[NULL]", "<null>", "\\N", "(NULL)") else stripped
