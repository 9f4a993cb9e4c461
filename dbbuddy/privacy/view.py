"""The text as the detectors see it: plain ASCII, one byte a character, so that look-alikes cannot hide a secret.

Accents are taken off, full-width and look-alike characters become what they look like, and invisible characters are left
out; `View.original` leads from a place in the view back to the place in the text.
"""

from __future__ import annotations

import time
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import re2

HIDDEN = "\x7f"
_OMITTED = "\x00"
_LOOK_ALIKE = {
    **dict(zip("аеорсухіјѕԁԛԝһԍӏАВЕКМНОРСТУХІЈЅ", "aeopcyxijsdqwhglABEKMHOPCTYXIJS", strict=True)),
    **dict(zip("οανικρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oavikptuxABEZHIKMNOPTYX", strict=True)),
    **dict(zip("øØłŁđĐðÐßæÆœŒþÞıŋ", "oOlLdDdDsaAoOtTin", strict=True)),
    **dict(zip("‘’‚‛′“”„‟″«»‹›‐‑‒–—―−⁄∕∶｡", '\'\'\'\'\'"""""""<>-------//:.', strict=True)),
    **dict.fromkeys("•●∙▪⁎∗", "*"),
    **dict.fromkeys("\u0085\u2028\u2029", "\n"),
}


class RedactionError(RuntimeError):
    """The text could not be redacted; nothing of it may be sent, logged or stored."""


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
        folded = char if 0 < code < 0x7F else _folded(char)
        if len(self) < 20_000:
            self[code] = folded
        return folded


_FOLDING = _Folding()


class View:
    """A text folded to ASCII, with the way back and a time limit."""

    def __init__(self, text: str, deadline: float = float("inf")) -> None:
        self.deadline = deadline
        self._origins: array[int] | None = None
        folded = text
        if not text.isascii() or _OMITTED in text or HIDDEN in text:
            folded = text.translate(_FOLDING)
            if _OMITTED in folded:
                self._origins = array("L", [i for i, char in enumerate(folded) if char != _OMITTED])
                folded = folded.replace(_OMITTED, "")
        self.text = folded
        self.data = folded.encode("ascii")

    def __len__(self) -> int:
        return len(self.text)

    def hide(self, spans: Iterable[tuple[int, int]]) -> None:
        """Blank stretches out, so that no detector reads what stands there."""
        parts: list[str] = []
        place = 0
        for start, end in spans:
            parts += [self.text[place:start], HIDDEN * (end - start)]
            place = end
        if parts:
            self.text = "".join([*parts, self.text[place:]])
            self.data = self.text.encode("ascii")

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text that a span of the view, which is not empty, stands for."""
        if self._origins is None:
            return start, end
        return self._origins[start], self._origins[end - 1] + 1

    def check_time(self) -> None:
        """Raise RedactionError once the time is used up."""
        if time.monotonic() > self.deadline:
            raise RedactionError("The text took too long to redact; nothing of it was sent or stored.")

    def line_start(self, place: int) -> int:
        """Where the line of a place begins."""
        return self.text.rfind("\n", 0, place) + 1

    def line_end(self, place: int, longest: int = 1 << 60) -> int:
        """Where the line of a place ends, or `longest` characters behind the place."""
        limit = min(len(self.text), place + longest)
        end = self.text.find("\n", place, limit)
        return limit if end < 0 else end

    def before(self, place: int, length: int) -> str:
        """What stands before a place on its line, at most `length` characters."""
        return self.text[max(0, place - length) : place].rpartition("\n")[2]

    def after(self, place: int, length: int) -> str:
        """What stands after a place on its line, at most `length` characters."""
        return self.text[place : place + length].partition("\n")[0]


class Hit:
    """One match of a pattern in a view."""

    __slots__ = ("_span", "_view")

    def __init__(self, match: Any, view: View) -> None:
        self._span: Callable[[int], tuple[int, int]] = match.span
        self._view = view

    def span(self, group: int = 0) -> tuple[int, int]:
        """Where a group matched; (-1, -1) if it took no part."""
        return self._span(group)

    def start(self, group: int = 0) -> int:
        """Where a group begins."""
        return self._span(group)[0]

    def end(self, group: int = 0) -> int:
        """Where a group ends."""
        return self._span(group)[1]

    def has(self, group: int) -> bool:
        """Whether a group took part."""
        return self._span(group)[0] >= 0

    def text(self, group: int = 0) -> str:
        """What a group matched; nothing if it took no part."""
        start, end = self._span(group)
        return self._view.text[start:end] if start >= 0 else ""

    def taken(self, groups: int) -> int:
        """The first of the groups 1 to `groups` that took part."""
        return next(group for group in range(1, groups + 1) if self.has(group))


class Pattern:
    """An RE2 pattern to run over a view; case is ignored unless told."""

    def __init__(self, pattern: str, *, case: bool = False) -> None:
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.case_sensitive = case
        options.log_errors = False
        options.max_mem = 16 << 20
        self._compiled: Any = re2.compile(pattern.encode("latin-1"), options)

    @property
    def groups(self) -> int:
        """How many groups the pattern has."""
        return int(self._compiled.groups)

    def each(self, view: View, start: int = 0, end: int | None = None) -> Iterator[Hit]:
        """Every match from `start` on."""
        view.check_time()
        for count, match in enumerate(self._compiled.finditer(view.data, start, end), 1):
            if not count % 500:
                view.check_time()
            yield Hit(match, view)

    def first(self, view: View, start: int = 0, end: int | None = None) -> Hit | None:
        """The first match from `start` on."""
        match = self._compiled.search(view.data, start, end)
        return Hit(match, view) if match else None

    def at(self, view: View, place: int, end: int | None = None) -> Hit | None:
        """The match that begins at `place`."""
        match = self._compiled.match(view.data, place, end)
        return Hit(match, view) if match else None

    def fits(self, text: str) -> bool:
        """Whether the whole of a text matches."""
        return self._compiled.fullmatch(_bytes(text)) is not None

    def within(self, text: str) -> bool:
        """Whether the pattern occurs in a text."""
        return self._compiled.search(_bytes(text)) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the pattern occurs in a text, which is not folded for it."""
        for match in self._compiled.finditer(_bytes(text)):
            yield match.span()


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")


def any_of(words: Iterable[str]) -> str:
    """A group that matches any of some words, the longest first."""
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"
