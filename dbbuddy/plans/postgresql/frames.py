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
    left, right = _bars_everywhere(lines)
    marked = _has_wrap_marks(lines)
    width = pad = 0
    out: list[Line] = []
    count = len(lines)
    joined = unmarked = False
    for position, line in enumerate(lines):
        text = line.text
        if line.boundary or not text:
            out.append(line)
            joined = False
            continue
        if not (left or right or joined) and text[-1] in _PLAIN_ENDS and len(text) > 20 and "QUERY PLAN" not in text:
            stripped = text.lstrip()
            if len(stripped) > len(_HEADER) and (stripped[0].isalnum() or stripped[0] in '<"' or stripped[:2] == "->"):
                out.append(Line(text[pad:], line.first, line.last) if pad else line)
                continue
        if is_border(text):
            stripped = text.strip()
            left, right = stripped[0] in _LEFT_ENDS and len(stripped) > 2, stripped[-1] in _RIGHT_ENDS
            width = len(text)
            pad = 0 if left or right else _padding(lines, position, width)
            out.append(_boundary(line, paste))
            joined = False
            continue
        if text[0] == "`" and text.startswith("```"):
            out.append(_boundary(line, paste))
            continue
        if _is_header(lines, position, text):
            width = pad = 0
            left, right = text.lstrip()[:1] in _BARS, text[-1:] in _BARS
            out.append(_boundary(line, paste))
            joined = False
            continue
        if text.lstrip()[:1] == "(" and _ROW_COUNT.match(text.strip()):
            width = pad = 0
            left = right = False
            out.append(_boundary(line, paste))
            joined = False
            continue
        inner = text
        if left and inner.lstrip()[:1] in _BARS:
            inner = inner.lstrip()[1:]
        framed = right and inner[-1:] in _BARS
        if framed:
            inner = inner[:-1]
        last = inner[-1:]
        first = line.first
        if joined and out:
            previous = out.pop()
            inner = previous.text + (inner if unmarked else inner[1:])
            first = previous.first
        elif pad:
            inner = inner[pad:]
        joined = unmarked = False
        if last in (".", "…", "+", "↵"):
            at_edge = framed or (width > 0 and _columns(text) - width in (0, 1))
            if last in ("+", "↵"):
                if at_edge or (last == "↵"):
                    inner = inner[:-1]
            elif width and not framed and not pad and _columns(text) == width + 1:
                inner = inner[:-1]
                joined = unmarked = True
            elif (framed or marked) and _continued(lines, position, count, left) and (at_edge or len(text) > 20):
                inner = inner[:-1]
                joined = True
        out.append(Line(inner if joined else inner.rstrip(), first, line.last))
    return out


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


def _continued(lines: list[Line], position: int, count: int, left: bool) -> bool:
    if position + 1 >= count:
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
