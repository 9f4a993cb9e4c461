"""The lines of a paste, freed of what clients and mails put before each, and which of them were understood."""

from __future__ import annotations

from typing import NamedTuple

import re2

from dbbuddy.plans.paste_lines import PasteLines

_PREFIXES = (">", "--", "//", "#", "*")
_MOST = 0.7
_ESCAPE = re2.compile(r"(?s)\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "", "0": ""}
_LITERAL_BREAK = re2.compile(r"(?:\\+n\s*(?:->|[\"{}\[\]])|\\+\"query_)")
_DRAWN = "+-=|:─│═║├┼┤┌┬┐└┴┘╔╦╗╠╬╣╚╩╝ >"
_EDGES = "+|├┌└╔╠╚"
_FEWEST = 6


class Line(NamedTuple):
    """A line's text and where it stands in the paste (from 0)."""

    text: str
    place: int


def is_border(text: str) -> bool:
    """True for a line that only draws a table."""
    if text.strip(_DRAWN):
        return False
    drawn = text.strip(" >")
    return any(sign in drawn for sign in "-=─═") and (drawn[0] in _EDGES or len(drawn) >= _FEWEST)


def lines_of(paste: PasteLines) -> list[Line]:
    """All lines; a line with written-out line breaks (`mysql -B`, a JSON string) as several of the same place."""
    lines: list[Line] = []
    prefix = _common_prefix(paste.texts)
    for index, text in enumerate(paste.texts):
        if prefix:
            text = text.lstrip().removeprefix(prefix)
            text = text.removeprefix(" ")
            if not text.strip():
                paste.take(index)
        if "\\" in text and _LITERAL_BREAK.search(text):
            unescaped = _ESCAPE.sub(lambda found: _ESCAPED.get(found.group(1), found.group(1)), text)
            if "\\n" in unescaped and "\n" not in unescaped:
                unescaped = _ESCAPE.sub(lambda found: _ESCAPED.get(found.group(1), found.group(1)), unescaped)
            lines += [Line(part, index) for part in unescaped.split("\n")]
        else:
            lines.append(Line(text.replace("\u00a0", " ").rstrip(), index))
    return lines


def _common_prefix(texts: list[str]) -> str:
    """The comment or quote sign that most lines begin with."""
    filled = [text.lstrip() for text in texts if text and not text.isspace()]
    for prefix in _PREFIXES:
        marked = [text for text in filled if text.startswith(prefix)]
        if len(marked) < _MOST * len(filled):
            continue
        marked = [text for text in marked if not is_border(text) or text.startswith(">")]
        if len(marked) > 1 and len(marked) >= _MOST * len(filled) and not any(text.startswith("***") for text in marked):
            return prefix
    return ""


def unframed(text: str) -> str:
    """A line without the bars of a table of one column."""
    stripped = text.lstrip()
    if stripped[:1] in "|│" and stripped[:1]:
        text = stripped[1:].removeprefix(" ")
    return text.rstrip().rstrip("|│").rstrip() if text.rstrip()[-1:] in ("|", "│") else text
