"""How hard the tests search: a part of the effort on every run, all of it with `make test-full`, before a release."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

FULL = os.environ.get("DBBUDDY_TEST_EFFORT") == "full"
_PART = 4


def examples(full: int) -> int:
    """How many examples hypothesis draws."""
    return full if FULL else max(full // _PART, 20)


def some(cases: Sequence[T], part: int = _PART) -> Sequence[T]:
    """All cases, or every n-th of them."""
    return cases if FULL else cases[::part]


def size(full: int, part: int = _PART) -> int:
    """How large a hostile text is."""
    return full if FULL else full // part
