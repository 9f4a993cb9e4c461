"""A model's text made harmless to draw. It is applied to the whole text so far, never to a chunk of it.

Nothing of the model's own Markdown reaches the page: `split` takes fenced code out, and `markdown.safe_markdown` writes the
rest anew from the few forms it knows.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

import re2

# More than a long answer has (about 4,000 tokens); an endless stream is cut here.
LONGEST = 24_000

# Escape sequences of terminals (ECMA-48): OSC and other strings up to their end, CSI, and two-character ones.
_TERMINAL = re2.compile(
    "\x1b[\\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\\\)?|\x1b\\[[0-?]*[ -/]*[@-~]?|\x1b[@-Z\\\\-_]?|\u009b[0-?]*[ -/]*[@-~]?"
)
_LINE_END = re2.compile("\r\n?|[\u2028\u2029\u0085\x0b\x0c]")
_PILED = re2.compile(r"(\p{M}{3})\p{M}+")
# Fillers and variation selectors: they take no place, though Unicode counts them among letters and marks.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

_FENCE = re2.compile(r"^((?:\s|>)*(?:(?:[-*+]|\d{1,9}[.)])\s+)?\s*)(`{3,}|~{3,})\s*([\w+#.-]*)([^`]*)$")
_DEEPEST_INDENT = 40


class _Visible(dict[int, str | None]):
    """What stands for a character: itself, a blank for any space, nothing for one without a sign of its own.

    The latter (control, format, bidirectional, private, selectors) hide or reorder what is read. Wide and styled
    letters become plain ones, as clients read them when they are pasted.
    """

    def __missing__(self, point: int) -> str | None:
        char = chr(point)
        kind = unicodedata.category(char)
        hidden = kind in ("Cc", "Cf", "Co", "Cs") or char in _FILLERS or 0xFE00 <= point <= 0xFE0F or 0xE0000 <= point <= 0xE0FFF
        plain = unicodedata.normalize("NFKC", char)
        if point > 0x7F and len(plain) == 1 and plain.isascii() and plain.isprintable():
            return self.setdefault(point, plain)
        shown = "\n" if char == "\n" else " " if kind == "Zs" or char == "\t" else None if hidden else char
        return self.setdefault(point, shown)


_VISIBLE = _Visible()


@dataclass(frozen=True)
class Piece:
    """A stretch of prose, or one fenced block. `closed` is false for a block whose end has not come."""

    kind: Literal["prose", "code"]
    text: str
    language: str = ""
    closed: bool = True


def clean(raw: str) -> tuple[str, bool]:
    """The text without what cannot be seen, and whether it was cut at `LONGEST`."""
    text = raw[: 4 * LONGEST]
    text = _TERMINAL.sub("", text)
    text = _LINE_END.sub("\n", text)
    text = text.translate(_VISIBLE)
    text = text if text.isascii() else _PILED.sub(r"\1", text)
    return text[:LONGEST], len(text) > LONGEST or len(raw) > 4 * LONGEST


def split(text: str) -> list[Piece]:
    """The text of `clean` as prose and fenced blocks in order. A block that is never closed reaches to the end."""
    pieces: list[Piece] = []
    lines: list[str] = []
    fence = language = ""
    indent = 0
    for line in text.split("\n"):
        if fence:
            if _closes(line, fence):
                pieces.append(Piece("code", "\n".join(lines), language))
                lines, fence = [], ""
            else:
                lines.append(_dedented(line, indent))
            continue
        match = _FENCE.match(line)
        if match is None or len(match[1]) > _DEEPEST_INDENT:
            lines.append(line)
            continue
        if any(map(str.strip, lines)):
            pieces.append(Piece("prose", "\n".join(lines)))
        lines, fence, language, indent = [], match[2], match[3].lower(), len(match[1])
    if fence:
        pieces.append(Piece("code", "\n".join(lines), language, closed=False))
    elif any(map(str.strip, lines)):
        pieces.append(Piece("prose", "\n".join(lines)))
    return pieces


def _closes(line: str, fence: str) -> bool:
    plain = line.replace(">", " ").strip()
    return len(plain) >= len(fence) and plain == fence[0] * len(plain)


def _dedented(line: str, indent: int) -> str:
    """The line without as much of its indentation, or of the signs of a quotation, as the fence had."""
    head = line[:indent]
    return line[indent:] if not head.strip(" >") else line.lstrip(" ") if not head.strip(" ") else line
