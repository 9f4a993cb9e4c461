"""Many patterns over one text, in time linear in the text, whatever was pasted (RE2).

The words that a pattern cannot do without are looked for first, all patterns' words in one pass; only patterns whose
words occur are run. One automaton for all patterns together would be rebuilt for most of every new text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import re2

_OPTIONS = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.log_errors = False
# For each pattern of a set: what its automaton may grow to over many texts.
_OPTIONS.max_mem = 1 << 16

# A pattern run over many texts is faster with room for its automaton.
_ROOMY = re2.Options()
_ROOMY.case_sensitive = False
_ROOMY.log_errors = False
_ROOMY.max_mem = 1 << 18


def compile_pattern(pattern: str) -> Any:
    """A pattern that ignores case.

    Raises:
        re2.error: it is not a valid pattern, or too large.
    """
    return re2.compile(pattern, options=_ROOMY)


@cache
def compiled(pattern: str) -> Any:
    """A pattern of our own data, compiled once."""
    return compile_pattern(pattern)


class PatternSet:
    """Which of many patterns occur in a text; each pattern's place can be asked for afterwards."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(patterns)
        self._filter = re2.Filter()
        for pattern in self._patterns:
            self._filter.Add(pattern, _OPTIONS)
        if self._patterns:
            self._filter.Compile()

    def hits(self, text: str) -> list[int]:
        """Indexes of the patterns that occur, ascending."""
        return sorted(self._filter.Match(text, False) or ()) if self._patterns else []

    def find(self, index: int, text: str) -> tuple[int, int] | None:
        """The span of the first occurrence of one pattern; it is compiled anew, as few are ever asked for twice."""
        match = compile_pattern(self._patterns[index]).search(text)
        return match.span() if match else None
