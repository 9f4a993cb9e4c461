"""The placeholders of one conversation. A vault lives in the memory of one session and is never stored, logged or sent."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable

from dbbuddy.privacy.spans import PLACEHOLDER


class Vault:
    """Which placeholder stands for which value: the same value has the same placeholder all through a conversation.

    Safe to use from several threads: a model's text is redacted while the next question is.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._types: dict[str, str] = {}
        self._used: Counter[str] = Counter()
        self._literal: set[str] = set()

    def __repr__(self) -> str:
        return f"<Vault of {len(self._values)} values>"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("A vault must not leave memory.")

    @property
    def is_empty(self) -> bool:
        """True while nothing was taken out."""
        return not self._values

    def placeholder(self, value: str, kind: str) -> str:
        """The placeholder of a value, a new one when the value is new."""
        with self._lock:
            if value not in self._placeholders:
                while True:
                    self._used[kind] += 1
                    placeholder = f"<{kind}_{self._used[kind]}>"
                    if placeholder not in self._literal:
                        break
                self._placeholders[value] = placeholder
                self._values[placeholder] = value
                self._types[value] = kind
            return self._placeholders[value]

    def values(self) -> Iterable[tuple[str, str]]:
        """Every known value with its type."""
        with self._lock:
            return tuple(self._types.items())

    def keep_literal(self, placeholder: str) -> bool:
        """Note a placeholder the user wrote, so that it is never given to a value; False if a value has it already."""
        with self._lock:
            if placeholder in self._values:
                return False
            self._literal.add(placeholder)
            return True

    def restore(self, text: str) -> str:
        """The text with this conversation's values put back; placeholders it does not know stay as they are.

        For the eyes of the same session only, and as plain text: a value must not pass through Markdown or HTML.
        """
        parts: list[str] = []
        place = 0
        for start, end in PLACEHOLDER.spans(text):
            value = self._values.get(text[start:end])
            if value is not None:
                parts += [text[place:start], value]
                place = end
        return "".join([*parts, text[place:]])
