"""Numbers as Oracle prints them in plan tables: `100K` rows, `195K` bytes, `66 (29)` of cost, `00:00:00.09` of time."""

from __future__ import annotations

from dbbuddy.plans.numbers import bounded

_COUNT_STEP = 1000.0
_SIZE_STEP = 1024.0
_SUFFIXES = "KMGTPE"


def count(text: str) -> float | None:
    """Rows, buffers, executions: K stands for a thousand."""
    return _scaled(text, _COUNT_STEP)


def size(text: str) -> float | None:
    """Bytes: K stands for 1024; SQL Monitor writes `2MB` as well as `2M`."""
    return _scaled(text.upper().removesuffix("B"), _SIZE_STEP)


def _scaled(text: str, step: float) -> float | None:
    text = text.strip()
    if text.isdecimal() and len(text) < 40:
        return float(text)
    text = text.replace(",", "")
    factor = 1.0
    if text and text[-1] in _SUFFIXES:
        factor = step ** (_SUFFIXES.index(text[-1]) + 1)
        text = text[:-1]
    value = decimal(text)
    return None if value is None else value * factor


def decimal(text: str) -> float | None:
    """A plain decimal number, whole ones as `int`."""
    text = text.strip()
    if text.isdecimal() and len(text) < 40:
        return int(text)
    if not text or text[0] not in "0123456789.-+" or text[-1] not in "0123456789." or "_" in text or len(text) > 40:
        return None
    try:
        return bounded(float(text))
    except ValueError:
        return None


def clock(text: str) -> float | None:
    """`hh:mm:ss.ff` in milliseconds; hours may have any number of digits."""
    parts = text.strip().split(":")
    if len(parts) != 3:
        return None
    numbers = [decimal(part) for part in parts]
    hours, minutes, seconds = numbers
    if hours is None or minutes is None or seconds is None:
        return None
    return round((hours * 3600 + minutes * 60 + seconds) * 1000, 3)


def seconds_in_ms(text: str) -> float | None:
    """`.399675s`, `13s` or `221` seconds in milliseconds."""
    value = _scaled(text.strip().removesuffix("s"), _COUNT_STEP)
    return None if value is None else round(value * 1000, 3)


def before_parenthesis(text: str) -> tuple[str, str]:
    """`66 (29)` as `66` and `29`."""
    head, opened, tail = text.partition("(")
    return head.strip(), tail.strip().removesuffix(")").strip() if opened else ""
