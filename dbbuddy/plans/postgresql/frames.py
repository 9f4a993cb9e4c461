"""Undo what clients do to the lines of a result: frames, marks of continued lines, quotes, HTML, AsciiDoc, records."""

from __future__ import annotations

import html
import unicodedata
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import re2

from dbbuddy.plans.paste_lines import PasteLines
from dbbuddy.plans.postgresql.lines import Line
from dbbuddy.plans.postgresql.quotes import driver_rows, quoted

_BORDER_SIGNS = frozenset("-+=|:═─━╔╗╚╝╟╢╠╣║│┌┐└┘├┤┬┴┼╤╧╪╞╡ ")
_RULES = frozenset("-═─━=")
_BARS = frozenset("|│║")
_LEFT_ENDS = frozenset("+╔╠╟╚┌├└|╞")
_RIGHT_ENDS = frozenset("+╗╣╢╝┐┤┘|╡")
_PLAIN_ENDS = frozenset('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789),>"')
_HEADER = "QUERY PLAN"
_ROW_COUNT = re2.compile(r"^\(\d+ \pL+\)$")
_RECORD = re2.compile(r"^[+╔╠╟┌├]?[-─═*]* ?\[? ?(?:RECORD|Record) \d+ ?\]?[-─═+┬┼┐┤╤╪╗╣]*$")
_RECORD_VALUE = re2.compile(r"^[|│║]? ?(?:\"?QUERY PLAN\"?)? *[|│║:;]")
_TAG = re2.compile(r"(?i)</?(?:table|thead|tbody|tr|td|th|br|p|caption|pre|code|div|span|html|body)\b[^<>]*>")
_NUMBERED = re2.compile(r"^\s*(\d+)(?:[.:)|]|\t)")
_CONTAINER = re2.compile(r"^[\w.-]+ +\| ?")
_ASCIIDOC = ("|====", "....", "[options=", "^l|", "[cols=")


def unframe(paste: PasteLines) -> list[Line]:
    """The lines without their frame. Lines that are only frame are marked understood and become boundaries."""
    texts = paste.texts
    whole = "\n".join(texts)
    texts = _plain_signs(texts, whole)
    lines = [Line(text.rstrip(), index, index) for index, text in enumerate(texts)]
    for applies, undo in _STEPS:
        if applies(whole):
            lines = undo(lines, paste)
    return lines


def _plain_signs(texts: list[str], whole: str) -> list[str]:
    for sign, plain in (("\ufeff", ""), ("\u200b", ""), ("&zwsp;", ""), ("\u00a0", " "), ("\u202f", " ")):
        if sign in whole:
            texts = [text.replace(sign, plain) for text in texts]
    if "\t" in whole:
        texts = [indented(text) if "\t" in text else text for text in texts]
    return texts


def indented(text: str) -> str:
    """The line with spaces for the tabs of its indentation."""
    start = len(text) - len(text.lstrip("\t "))
    return text[:start].expandtabs(8) + text[start:]


def is_border(text: str) -> bool:
    """True for a line of a table's frame."""
    stripped = text.strip()
    if stripped[:1] not in _BORDER_SIGNS or stripped[-1:] not in _BORDER_SIGNS or stripped[1:2] not in _BORDER_SIGNS:
        return False
    return (
        len(stripped) >= 2
        and _BORDER_SIGNS.issuperset(stripped)
        and sum(stripped.count(rule) for rule in _RULES) * 2 > len(stripped)
    )


def _boundary(line: Line, paste: PasteLines) -> Line:
    for index in range(line.first, line.last + 1):
        paste.take(index)
    return Line("", line.first, line.last, boundary=True)


def _html(lines: list[Line], paste: PasteLines) -> list[Line]:
    out = []
    for line in lines:
        if "<" not in line.text and "&" not in line.text:
            out.append(line)
            continue
        source = line.text.lstrip() if line.text.lstrip()[:1] == "<" else line.text
        bare = _TAG.sub("", source)
        text = html.unescape(bare).replace("\u00a0", " ").rstrip()
        if not text.strip() or "<th" in line.text:
            around = any(tag in line.text for tag in ("<table", "</table", "<th"))
            out.append(_boundary(line, paste) if around else _silent(line, paste))
        else:
            out.append(line._replace(text=text))
    return out


def _silent(line: Line, paste: PasteLines) -> Line:
    for index in range(line.first, line.last + 1):
        paste.take(index)
    return line._replace(text="")


def _asciidoc(lines: list[Line], paste: PasteLines) -> list[Line]:
    out = []
    inside = False
    for line in lines:
        text = line.text
        if text.startswith(_ASCIIDOC):
            inside = inside != (text == "|====")
            out.append(_boundary(line, paste))
        elif inside and text.startswith("|"):
            out.append(line._replace(text=text[1:].replace("\\|", "|")))
        else:
            out.append(line._replace(text=text.replace("\\|", "|")) if inside else line)
    return out


def _key_and_value(lines: list[Line], paste: PasteLines) -> list[Line]:
    start = _HEADER + "|"
    return [
        line._replace(text=line.text[len(start) :]) if line.text.startswith(start) and line.text[len(start) :].strip() else line
        for line in lines
    ]


def _records(lines: list[Line], paste: PasteLines) -> list[Line]:
    out: list[Line] = []
    inside = False
    for line in lines:
        text = line.text.strip()
        if _RECORD.match(text):
            inside = True
            out.append(_silent(line, paste))
            continue
        value = _RECORD_VALUE.match(line.text.lstrip()) if inside else None
        if value is None:
            if inside and text.startswith(_HEADER):
                line = line._replace(text=line.text.replace(_HEADER, " " * len(_HEADER), 1))
            elif inside and text and is_border(text):
                line = _silent(line, paste)
            out.append(line)
            continue
        cell = line.text.lstrip()[value.end() :]
        bar = cell[-1:] if cell[-1:] in _BARS else ""
        if bar:
            cell = cell[:-1].rstrip()
        if cell.startswith((".", "…")) and out and out[-1].text.endswith((".", "…")):
            previous = out.pop()
            out.append(Line(previous.text[:-1] + cell[1:], previous.first, line.last))
        else:
            out.append(line._replace(text=cell.rstrip()))
    return [line._replace(text=line.text[:-1].rstrip()) if line.text[-1:] in ("+", "↵") else line for line in out]


def _prefixes(lines: list[Line], paste: PasteLines) -> list[Line]:
    filled = [line for line in lines if line.text.strip() and not line.boundary]
    if not filled:
        return lines
    firsts = Counter(line.text.lstrip()[0] for line in filled)
    for prefix in (">", "--", "#", "//", "*"):
        if firsts[prefix[0]] * 10 < len(filled) * 7:
            continue
        marked = [line for line in filled if line.text.lstrip().startswith(prefix) and not is_border(line.text)]
        if len(marked) * 10 >= len(filled) * 7 and any("->" in line.text[4:] or "(cost=" in line.text for line in marked):
            keep = {line.first for line in marked}
            return [line._replace(text=line.text.lstrip()[len(prefix) :]) if line.first in keep else line for line in lines]
    if sum(firsts[digit] for digit in "0123456789") * 10 >= len(filled) * 8:
        return _without_numbers(lines, filled)
    if " | " in filled[0].text or filled[0].text.endswith(" |"):
        contained = [line for line in filled if _CONTAINER.match(line.text)]
        if len(contained) * 10 >= len(filled) * 9 and any(not line.text.startswith(_HEADER) for line in contained):
            return [line._replace(text=_CONTAINER.sub("", line.text)) for line in lines]
    return lines


def _without_numbers(lines: list[Line], filled: list[Line]) -> list[Line]:
    numbered = [(line, found) for line, found in ((line, _NUMBERED.match(line.text)) for line in filled) if found]
    values = [int(found.group(1)[:9]) for _, found in numbered]
    if len(values) > 1 and all(after - before == 1 for before, after in pairwise(values)):
        ends = {line.first: found.end() for line, found in numbered}
        return [line._replace(text=line.text[ends[line.first] :]) if line.first in ends else line for line in lines]
    return lines


def _table(lines: list[Line], paste: PasteLines) -> list[Line]:
    return _Table(lines, paste).plain()


class _Table:
    """Takes the frames of a client's table off, line by line, and joins what the client wrapped."""

    def __init__(self, lines: list[Line], paste: PasteLines) -> None:
        self._lines = lines
        self._paste = paste
        self._left, self._right = _bars_everywhere(lines)
        self._marked = _has_wrap_marks(lines)
        self._width = self._pad = 0
        self._joined = self._unmarked = False
        self._out: list[Line] = []

    def plain(self) -> list[Line]:
        """The lines without their frames."""
        for position, line in enumerate(self._lines):
            if line.boundary or not line.text:
                self._out.append(line)
                self._joined = False
            elif self._is_bare(line.text):
                self._out.append(Line(line.text[self._pad :], line.first, line.last) if self._pad else line)
            elif self._is_frame(position, line.text):
                self._out.append(_boundary(line, self._paste))
                self._joined = False
            else:
                self._take(position, line)
        return self._out

    def _is_bare(self, text: str) -> bool:
        """True for the most common line, which needs no closer look: no frame around it, and nothing wrapped."""
        if self._left or self._right or self._joined or text[-1] not in _PLAIN_ENDS or len(text) <= 20 or _HEADER in text:
            return False
        stripped = text.lstrip()
        return len(stripped) > len(_HEADER) and (stripped[0].isalnum() or stripped[0] in '<"' or stripped[:2] == "->")

    def _is_frame(self, position: int, text: str) -> bool:
        """True for borders, titles, row counts and fences; what they tell of the table is kept."""
        if is_border(text):
            stripped = text.strip()
            self._left, self._right = stripped[0] in _LEFT_ENDS and len(stripped) > 2, stripped[-1] in _RIGHT_ENDS
            self._width = len(text)
            self._pad = 0 if self._left or self._right else _padding(self._lines, position, self._width)
            return True
        if text.startswith("```"):
            return True
        if _is_header(self._lines, position, text):
            self._width = self._pad = 0
            self._left, self._right = text.lstrip()[:1] in _BARS, text[-1:] in _BARS
            return True
        if text.lstrip()[:1] == "(" and _ROW_COUNT.match(text.strip()):
            self._width = self._pad = 0
            self._left = self._right = False
            return True
        return False

    def _take(self, position: int, line: Line) -> None:
        inner = line.text
        if self._left and inner.lstrip()[:1] in _BARS:
            inner = inner.lstrip()[1:]
        framed = self._right and inner[-1:] in _BARS
        if framed:
            inner = inner[:-1]
        first = line.first
        mark = inner[-1:]
        if self._joined and self._out:
            previous = self._out.pop()
            inner = previous.text + (inner if self._unmarked else inner[1:])
            first = previous.first
        elif self._pad:
            inner = inner[self._pad :]
        self._joined = self._unmarked = False
        if mark in (".", "…", "+", "↵"):
            inner = self._without_mark(inner, mark, position, framed)
        self._out.append(Line(inner if self._joined else inner.rstrip(), first, line.last))

    def _without_mark(self, inner: str, mark: str, position: int, framed: bool) -> str:
        """The text without the sign that it goes on in the next line, if it is one."""
        text = self._lines[position].text
        at_edge = framed or (self._width > 0 and _columns(text) - self._width in (0, 1))
        if mark in ("+", "↵"):
            return inner[:-1] if at_edge or mark == "↵" else inner
        if self._width and not framed and not self._pad and _columns(text) == self._width + 1:
            self._joined = self._unmarked = True
        elif (framed or self._marked) and _continued(self._lines, position, self._left) and (at_edge or len(text) > 20):
            self._joined = True
        return inner[:-1] if self._joined else inner


def _has_wrap_marks(lines: list[Line]) -> bool:
    """True if the longest lines all end in the mark of a client that wraps, and not of a terminal that cuts."""
    filled = [line.text for line in lines if line.text and not line.boundary and not is_border(line.text)]
    width = max((len(text) for text in filled), default=0)
    return all(text[-1] in ".…+↵" for text in filled if len(text) == width)


def _padding(lines: list[Line], border: int, width: int) -> int:
    """1 if the body below the border has an empty first column, as psql prints it unless told otherwise."""
    if border + 1 < len(lines) and is_border(lines[border + 1].text):
        return 0
    for position in range(border + 1, len(lines)):
        text = lines[position].text
        if not text or lines[position].boundary or is_border(text) or _ROW_COUNT.match(text):
            break
        if text[0] not in " .…" or _columns(text) > width:
            return 0
    return 1


def _continued(lines: list[Line], position: int, left: bool) -> bool:
    if position + 1 >= len(lines):
        return False
    following = lines[position + 1].text
    if left:
        following = following.lstrip()[1:]
    return following[:1] in (".", "…")


def _is_header(lines: list[Line], position: int, text: str) -> bool:
    """True for the title of the column, and for its parts if a terminal broke it."""
    if _HEADER in text:
        return text.strip(" |│║\"'") == _HEADER
    own = text.strip()
    if own not in _HEADER:
        return False
    following = lines[position + 1].text.strip() if position + 1 < len(lines) else ""
    before = lines[position - 1].text.strip() if position else ""
    return own + following == _HEADER or before + own == _HEADER


def _bars_everywhere(lines: list[Line]) -> tuple[bool, bool]:
    filled = [line.text.strip() for line in lines if line.text and not line.boundary]
    if not filled:
        return False, False
    left = sum(1 for text in filled if text[:1] in _BARS)
    right = sum(1 for text in filled if text[-1:] in _BARS)
    return left * 10 >= len(filled) * 8, right * 10 >= len(filled) * 8


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _marked_everywhere(lines: list[Line], paste: PasteLines) -> list[Line]:
    filled = [line for line in lines if line.text.strip() and not line.boundary]
    if len(filled) > 3 and sum(1 for line in filled if line.text[-1] == "+") * 10 >= (len(filled) - 2) * 9:
        return [line._replace(text=line.text[:-1].rstrip()) if line.text.endswith("+") else line for line in lines]
    return lines


_STEPS: tuple[tuple[Callable[[str], bool], Callable[[list[Line], PasteLines], list[Line]]], ...] = (
    (lambda text: "<td" in text, _html),
    (lambda text: "|====" in text, _asciidoc),
    (lambda text: "QUERY PLAN|" in text and "RECORD 1" not in text, _key_and_value),
    (lambda text: "RECORD 1" in text or "Record 1" in text, _records),
    (lambda text: "',)" in text or '",)' in text, driver_rows),
    (lambda text: '"' in text or "'" in text, quoted),
    (bool, _prefixes),
    (bool, _table),
    (lambda text: "+" in text, _marked_everywhere),
)
