"""The lines of a pasted text, and which of them a reader has understood."""

from __future__ import annotations

from dbbuddy.plans.model import UnreadLine


class PasteLines:
    """Lines numbered from 1 as users count them; `take` marks one understood, so that the rest can be shown."""

    def __init__(self, text: str) -> None:
        self.texts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._taken = bytearray(len(self.texts))

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, index: int) -> int:
        """Mark the line at `index` (from 0) as understood and give its number (from 1)."""
        self._taken[index] = 1
        return index + 1

    def unread(self) -> list[UnreadLine]:
        """The lines that are neither blank nor understood."""
        return [
            UnreadLine(index + 1, text)
            for index, text in enumerate(self.texts)
            if not self._taken[index] and text and not text.isspace()
        ]
