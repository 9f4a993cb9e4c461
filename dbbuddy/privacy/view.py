"""The text as the detectors see it: plain ASCII, one byte a character, so that look-alikes cannot hide a secret.

Accents are taken off, full-width and look-alike characters become what they look like, and invisible characters are left
out; `original` leads from a place in the view back to the place in the text.
"""

from __future__ import annotations

import time
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import re2


class RedactionError(RuntimeError):
    """The text could not be redacted; nothing of it may be sent, logged or stored."""


_LOOK_ALIKE = {
    **dict(zip("аеорсухіјѕԁԛԝһԍӏАВЕКМНОРСТУХІЈЅ", "aeopcyxijsdqwhglABEKMHOPCTYXIJS", strict=True)),
    **dict(zip("οανικρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oavikptuxABEZHIKMNOPTYX", strict=True)),
    **dict(zip("øØłŁđĐðÐßæÆœŒþÞıŋ", "oOlLdDdDsaAoOtTin", strict=True)),
    **dict(zip("‘’‚‛′“”„‟″«»‹›‐‑‒–—―−‹›⁄∕∶｡。", '\'\'\'\'\'"""""""<>-------<>//:..', strict=True)),
    **dict.fromkeys("•●∙▪⁎∗", "*"),
    "\u0085": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
}
_OMITTED = "\x00"
HIDDEN = "\x7f"


def _folded(char: str) -> str:
    if char in _LOOK_ALIKE:
        return _LOOK_ALIKE[char]
    category = unicodedata.category(char)
    if category in ("Cf", "Cc", "Cs") or category.startswith("M"):
        return _OMITTED
    for form in ("NFKC", "NFKD"):
        plain = unicodedata.normalize(form, char)[:1]
        if plain.isascii() and plain.isprintable() and plain:
            return plain
    if category.startswith("L"):
        return "Z" if category in ("Lu", "Lt") else "z"
    if category == "Nd":
        return str(unicodedata.digit(char))
    return " " if category.startswith("Z") else HIDDEN


class _Folding(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = folded = char if code < 0x7F and char != _OMITTED else _folded(char)
        return folded


_FOLDING = _Folding()


class View:
    """A text folded to ASCII, with the way back and a time limit."""

    def __init__(self, text: str, deadline: float = float("inf")) -> None:
        self.deadline = deadline
        self._origins: array[int] | None = None
        folded = text
        if not text.isascii() or _OMITTED in text:
            folded = text.translate(_FOLDING)
            if _OMITTED in folded:
                self._origins = array("L", [i for i, char in enumerate(folded) if char != _OMITTED])
                folded = folded.replace(_OMITTED, "")
        self.text = folded
        self.data = folded.encode("ascii")
        self._length = len(text)

    def hide(self, spans: Sequence[tuple[int, int]]) -> None:
        """Blank stretches out, so that no detector reads what stands there."""
        parts: list[str] = []
        place = 0
        for start, end in spans:
            parts += [self.text[place:start], HIDDEN * (end - start)]
            place = end
        if parts:
            self.text = "".join([*parts, self.text[place:]])
            self.data = self.text.encode("ascii")

    def __len__(self) -> int:
        return len(self.text)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text that a span of the view stands for."""
        if self._origins is None:
            return start, end
        return self._origins[start], (self._origins[end - 1] + 1 if end > start else self._origins[start])

    def check_time(self) -> None:
        """Raise RedactionError once the time is used up."""
        if time.monotonic() > self.deadline:
            raise RedactionError("The text took too long to redact; nothing of it was sent or stored.")

    def line_start(self, place: int) -> int:
        """Where the line of a place begins."""
        return self.text.rfind("\n", 0, place) + 1

    def line_end(self, place: int) -> int:
        """Where the line of a place ends."""
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end

    def before(self, place: int, length: int) -> str:
        """What stands before a place on its line, at most `length` characters."""
        return self.text[max(0, place - length) : place].rpartition("\n")[2]

    def after(self, place: int, length: int) -> str:
        """What stands after a place on its line, at most `length` characters."""
        return self.text[place : place + length].partition("\n")[0]


class Pattern:
    """An RE2 pattern (case ignored unless told) to run over a view."""

    def __init__(self, pattern: str, *, case: bool = False) -> None:
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.case_sensitive = case
        options.log_errors = False
        options.max_mem = 128 << 20
        self._compiled: Any = re2.compile(pattern.encode("latin-1"), options)

    def each(self, view: View, start: int = 0, end: int | None = None) -> Iterator[Any]:
        """Every match from `start` on; `.span(group)` gives places in the view."""
        view.check_time()
        for count, match in enumerate(self._compiled.finditer(view.data, start, end), 1):
            if not count % 500:
                view.check_time()
            yield match

    def first(self, view: View, start: int = 0, end: int | None = None) -> Any:
        """The first match from `start` on, or None."""
        return self._compiled.search(view.data, start, end)

    def at(self, view: View, place: int, end: int | None = None) -> Any:
        """The match that begins at `place`, or None."""
        return self._compiled.match(view.data, place, end)

    def fits(self, text: str) -> bool:
        """Whether the whole of a folded text matches."""
        return self._compiled.fullmatch(text.encode("latin-1", "replace")) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the pattern occurs in any text, which is not folded for it."""
        for match in self._compiled.finditer(text.encode("latin-1", "replace")):
            yield match.span()

    def within(self, text: str) -> bool:
        """Whether the pattern occurs in a folded text."""
        return self._compiled.search(text.encode("latin-1", "replace")) is not None


def alternatives(words: Sequence[str]) -> str:
    """A group that matches any of some words."""
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"
