"""JSON documents among the lines of a paste, in whatever frame a client put them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from dbbuddy.plans.mysql.json_values import read_json, strict_json
from dbbuddy.plans.mysql.lines import Line, unframed

_START = re.compile(r"^[\s|│'\"`(]*(?:(?:EXPLAIN|ANALYZE|ANALYZE FORMAT=JSON|SHOW EXPLAIN)\s*:?\s*)?[\s'\"|]*([{\[])")
_WORDS = ("query_block", "query_plan", "select_type", "query_optimization", '"operation"', "-> ")
_STRING = re.compile(r'"(?:[^"\\]+|\\.)*"?')
_LOOK_AHEAD = 30


@dataclass
class Found:
    """The values that begin at a line, the line after their end, and whether they were complete."""

    documents: list[Any]
    end: int
    whole: bool


class JsonText:
    """The paste as one text, so that a document is parsed where it stands."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.text = "\n".join(line.text for line in lines)
        self.offsets = list(accumulate((len(line.text) + 1 for line in lines), initial=0))

    def at(self, position: int) -> Found | None:
        """The document that begins at a line; `None` if none does."""
        line = self.lines[position].text
        start = _START.match(line)
        if start is None or not any(word in self._ahead(position) for word in _WORDS):
            return None
        column = start.start(1)
        offset = self.offsets[position + 1] - 1 - len(line) + column
        if self.text[offset : offset + 1] == line[column] and not self._framed(position):
            sound = strict_json(self.text, offset)
            if sound is not None:
                return Found([sound.value], self._line_after(position, sound.end), True)
        text, end = self._cleaned(position, column)
        read = read_json(text, 0)
        return Found([read.value] if read.value is not None else [], end, read.whole)

    def _ahead(self, position: int) -> str:
        return "\n".join(line.text[:2000] for line in self.lines[position : position + _LOOK_AHEAD])

    def _framed(self, position: int) -> bool:
        """True if the next lines stand in bars or double their quotes, too."""
        following = [line.text.strip() for line in self.lines[position : position + 3]]
        return any('""' in text and '"",' not in text.replace('""""', "") and ': ""' not in text for text in following) or (
            len(following) > 1 and following[1].startswith(("|", "│"))
        )

    def _line_after(self, position: int, offset: int) -> int:
        while position < len(self.lines) and self.offsets[position] < offset:
            position += 1
        return position

    def _cleaned(self, position: int, column: int) -> tuple[str, int]:
        """The document's lines without their frame, up to where its braces close, and the line after it."""
        parts: list[str] = []
        depth = 0
        current = position
        doubled = self._framed(position)
        while current < len(self.lines):
            text = self.lines[current].text
            text = text[column:] if current == position else text
            text = unframed(text)
            if doubled and '""' in text:
                text = text.replace('""', '"')
            bare = _STRING.sub("", text)
            if current > position and text[:1] in "{[" and text[:1] and depth > 0 and bare.strip() == "{" and not _expects(parts):
                break
            depth += bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
            parts.append(text)
            current += 1
            if depth <= 0:
                break
        return "\n".join(parts), current


def _expects(parts: list[str]) -> bool:
    """True if the text so far can go on with an opening brace."""
    last = next((part.strip() for part in reversed(parts) if part.strip()), "")
    return last[-1:] in "[,:{"
