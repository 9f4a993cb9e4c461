"""Many patterns over one text in a single pass (RE2 sets: time linear in the text, whatever was pasted)."""

from __future__ import annotations

from collections.abc import Sequence

import re2

_OPTIONS = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 256 << 20


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
        match = re2.search(self._patterns[index], text, options=_OPTIONS)
        return match.span() if match else None
