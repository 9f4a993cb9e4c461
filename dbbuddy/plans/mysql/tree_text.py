"""The lines of a tree, whatever a client did to them: frames, quotes, one long line, a lost first arrow, wrapped lines."""

from __future__ import annotations

from collections.abc import Sequence

import re2

from dbbuddy.plans.mysql.lines import Line, is_border, unframed
from dbbuddy.plans.mysql.operations import is_operation, split_numbers
from dbbuddy.plans.mysql.tree import TreeLine

_INNER_ARROW = re2.compile(r"([)\w>'\"])(\s+)-> ")
_QUOTES = "'\"`"
_CONTINUED_LINES = 40
_STEP = 4
"""Columns by which an operation stands further right than the one above it; a lost line break may add one."""


def starts_tree(lines: Sequence[Line], position: int) -> bool:
    """Whether a tree begins at the line: with an arrow, or with an operation that lost it."""
    text = _bare(lines[position].text)
    if text.startswith("->"):
        return True
    operation = split_numbers(text)
    if not is_operation(text):
        return False
    return operation.has_numbers or _next_has_arrow(lines, position) or " -> " in text


def _bare(text: str) -> str:
    stripped = unframed(text).strip()
    return stripped[1:].lstrip() if stripped[:1] in _QUOTES and stripped[:1] else stripped


def _next_has_arrow(lines: Sequence[Line], position: int) -> bool:
    following = lines[position + 1].text if position + 1 < len(lines) else ""
    return following.lstrip().startswith("->")


def read_tree_lines(lines: Sequence[Line], position: int) -> tuple[list[TreeLine], int]:
    """The operations of the tree that begins at the line, and the line after it."""
    first = unframed(lines[position].text)
    quote = first.strip()[:1] if first.strip()[:1] in _QUOTES else ""
    rows: list[TreeLine] = []
    current = position
    blanks = 0
    flat = False
    while current < len(lines):
        text = unframed(lines[current].text)
        if quote:
            text = _unquoted(text, quote, current == position)
        place = lines[current].place + 1
        words = text.lstrip()
        if not words:
            blanks += 1
            current += 1
            continue
        if is_border(lines[current].text):
            break
        if words.startswith("->"):
            indent = len(text) - len(words)
            words = words[2:].lstrip()
            begins_anew = rows and blanks and indent <= rows[0].indent and not words.startswith("Select #")
            if begins_anew and not (flat and blanks == 1):
                break
            flat = flat or bool(rows and indent <= rows[0].indent and not words.startswith("Select #"))
            rows += _operations(indent, words, place)
        elif not rows:
            rows += _operations(_lost_indent(lines, position, text), text.strip(), place)
        elif not blanks and _is_open(rows[-1].text, text) and len(rows[-1].lines) < _CONTINUED_LINES:
            rows[-1].text = f"{rows[-1].text} {text.strip()}"
            rows[-1].lines += (place,)
        else:
            break
        blanks = 0
        current += 1
        if quote and lines[current - 1].text.rstrip().rstrip(";,|").rstrip().endswith(quote) and current - 1 > position:
            break
    return rows, current - blanks


def _lost_indent(lines: Sequence[Line], position: int, text: str) -> int:
    """Where the first operation's arrow would have stood."""
    own = len(text) - len(text.lstrip())
    following = lines[position + 1].text if position + 1 < len(lines) else ""
    column = len(following) - len(following.lstrip())
    return min(own, column - 1) if column and following.lstrip().startswith("->") else own


def _unquoted(text: str, quote: str, is_first: bool) -> str:
    if is_first:
        text = text.lstrip().removeprefix(quote)
    bare = text.rstrip().rstrip(";,").rstrip()
    if bare.endswith(quote) and not bare.endswith(quote * 2):
        text = bare[:-1]
    return text.replace(quote * 2, quote)


def _is_open(text: str, following: str) -> bool:
    """True if an operation's text needs more: an open parenthesis or string, or numbers that only the next line brings."""
    if following.lstrip().startswith(("(cost=", "(actual", "(rows=", "(never")):
        return True
    if text.count("'") % 2:
        return True
    outside = "".join(text.split("'")[::2])
    return outside.count("(") > outside.count(")")


def _operations(indent: int, text: str, place: int) -> list[TreeLine]:
    """A line as one operation; a whole tree on one line as its operations, told apart by the spaces before their arrows."""
    rows: list[TreeLine] = []
    start = 0
    column = indent
    if "-> " not in text:
        return [TreeLine(indent, text.strip(), (place,))]
    for found in _INNER_ARROW.finditer(text):
        end = found.end(1)
        before = text[start:end]
        if before.count("'") % 2 or (
            found.group(1) != ")" and not split_numbers(before).has_numbers and not is_operation(before.strip())
        ):
            continue
        rows.append(TreeLine(column, before.strip(), (place,)))
        column = len(found.group(2)) // _STEP * _STEP
        start = found.end()
    rows.append(TreeLine(column if rows else indent, text[start:].strip(), (place,)))
    return rows
