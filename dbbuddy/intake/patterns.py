"""Many patterns over one text in a single pass (RE2 sets: time linear in the text, whatever was pasted)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import re2

_OPTIONS = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 256 << 20


@cache
def compiled(pattern: str) -> Any:
    """A pattern of our own data, compiled once; case is ignored."""
    return re2.compile(pattern, options=_OPTIONS)


class PatternSet:
    """Which of many patterns occur in a text; each pattern's place can be asked for afterwards."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(patterns)
        self._set = re2.Set.SearchSet(_OPTIONS)
        for pattern in self._patterns:
            self._set.Add(pattern)
        if self._patterns:
            self._set.Compile()

    def hits(self, text: str) -> list[int]:
        """Indexes of the patterns that occur, ascending."""
        return sorted(self._set.Match(text) or ()) if self._patterns else []

    def find(self, index: int, text: str) -> tuple[int, int] | None:
        """The span of the first occurrence of one pattern."""
        match = compiled(self._patterns[index]).search(text)
        return match.span() if match else None
