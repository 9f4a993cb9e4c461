"""Which numbers a plan can hold: all others stay what they are in the text, and nothing is computed with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import re2

# Products of five such numbers (rows, loops, cost, time, width) are still finite. No engine counts further.
LARGEST = 1e60
_EXTREME = re2.compile(r"(?i)\d{60}|\de\+?0*\d{2,}|\bnan\b|\binfinity\b")
_LONGEST = 400


def bounded(value: float) -> float | None:
    """The number, if it is finite and not beyond what any plan counts."""
    return value if -LARGEST <= value <= LARGEST else None


def has_extremes(text: str) -> bool:
    """True if a number in the text may be one that no plan can hold."""
    return _EXTREME.search(text) is not None


def _told(kind: Callable[[str], float], text: str) -> Any:
    if len(text) > _LONGEST:
        return text
    value = kind(text)
    return text if bounded(value) is None else value


# For the JSON decoder, where a text has extremes: numbers that no plan can hold stay texts.
CAREFUL: dict[str, Any] = {"parse_float": partial(_told, float), "parse_int": partial(_told, int), "parse_constant": str}
