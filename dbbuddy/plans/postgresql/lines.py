"""A line of plan text, freed of what the client put around it, and where it stood in the paste."""

from __future__ import annotations

from typing import NamedTuple

import re2

_SIGNS = re2.compile(r"""['"()]""")


class Line(NamedTuple):
    """`text` came from the lines `first` to `last` of the paste (from 0). A boundary parts two outputs and holds no text."""

    text: str
    first: int
    last: int
    boundary: bool = False

    @property
    def numbers(self) -> range:
        """The numbers of the lines as users count them (from 1)."""
        return range(self.first + 1, self.last + 2)


class Balance:
    """Whether the quotes and parentheses of a text that comes in parts are closed."""

    def __init__(self, text: str = "") -> None:
        self.in_string = False
        self._depth = 0
        if text:
            self.feed(text)

    @property
    def closed(self) -> bool:
        """True if the text needs no further part."""
        return not self.in_string and self._depth <= 0

    def copy(self) -> Balance:
        """The same state, to try what more text would do to it."""
        twin = Balance()
        twin.in_string, twin._depth = self.in_string, self._depth
        return twin

    def feed(self, text: str) -> None:
        """Go on with more text."""
        if "'" not in text and not self.in_string:
            self._count(text)
        elif '"' in text:
            self._scan(text)
        else:
            for number, part in enumerate(text.split("'")):
                if number:
                    self.in_string = not self.in_string
                if not self.in_string:
                    self._count(part)

    def _count(self, code: str) -> None:
        if '"' in code:
            code = "".join(code.split('"')[::2])
        self._depth += code.count("(") - code.count(")")

    def _scan(self, text: str) -> None:
        in_name = False
        for sign in _SIGNS.findall(text):
            if sign == "'":
                if not in_name:
                    self.in_string = not self.in_string
            elif not self.in_string:
                if sign == '"':
                    in_name = not in_name
                elif not in_name:
                    self._depth += 1 if sign == "(" else -1
