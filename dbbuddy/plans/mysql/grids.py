r"""Tables that a client prints, whatever draws them: bars, tabs, commas with quotes, bare columns, `\G`, HTML, XML."""

from __future__ import annotations

import csv
import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import re2

from dbbuddy.plans.mysql.lines import Line, is_border
from dbbuddy.plans.mysql.values import scalar

_VERTICAL_HEAD = re2.compile(r"^\s*\*{3,}\s*(?:row \d+|\d+\.\s*(?:row|行|Zeile|fila|ligne)?\S*)\s*\*{3,}")
_VERTICAL_CELL = re2.compile(r"^\s*([A-Za-z_]\w{0,30}|`\w+`):(?: (.*)|\s*)$")
_TAG = re2.compile(
    r"(?is)<field name=\"([^\"]*)\"[^>]*/>|"
    r"<(t[dh]|field name=\"([^\"]*)\"[^>]*)(?:\s[^>]*)?>(.*?)</(?:t[dh]|field)>|<(/?(?:tr|row))>"
)
# A bar with no space around it belongs to the cell: `ref|filter`.
_BAR = re2.compile(r"\s\|\s?|\|\s")
_DRAWN_BAR = re2.compile(r"\s?│\s?")
_GAP = re2.compile(r"\s{2,}|\t")
COLUMNS = frozenset(
    {"id", "select_type", "table", "partitions", "type", "possible_keys", "key", "key_len", "ref", "rows", "r_rows", "filtered"}
    | {"r_filtered", "extra"}
)
WARNING_COLUMNS = {"level", "code", "message"}


@dataclass
class Row:
    """A row by its columns' names in lower case, and the numbers (from 1) of the lines it came from."""

    cells: dict[str, Any]
    lines: tuple[int, ...] = ()


@dataclass
class Grid:
    """A table: its rows, and the places of all lines it takes, up to `end`."""

    rows: list[Row] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    end: int = 0


def kind_of(names: Sequence[str]) -> str | None:
    """`plan` or `warnings`, if a header of these names begins such a table."""
    known = {name.strip().lower().strip("`# ") for name in names}
    if {"select_type", "table"} <= known or ({"id", "table", "type"} <= known and "possible_keys" in known):
        return "plan"
    return "warnings" if known >= WARNING_COLUMNS else None


def header_at(lines: Sequence[Line], position: int) -> tuple[str, str] | None:
    """What separates the columns and what kind of table begins here."""
    text = lines[position].text
    if "select_type" not in text and "possible_keys" not in text and "Level" not in text:
        return None
    for separator in ("|", "│", "\t", ";", ",", "  "):
        if separator in text.strip() and (kind := kind_of(cells_of(text, separator))):
            return separator, kind
    words = text.split()
    return (" ", "plan") if len(words) > 6 and kind_of(words) == "plan" else None


def cells_of(text: str, separator: str) -> list[str]:
    """The cells of one line."""
    if separator in "|│":
        inner = text.strip()
        inner = inner[1:] if inner[:1] == separator else inner
        inner = inner[:-1] if inner[-1:] == separator else inner
        cells: list[str] = (_BAR if separator == "|" else _DRAWN_BAR).split(inner)
        return cells if len(cells) > 1 else inner.split(separator)
    if separator in ",;":
        quote = "'" if text.count("'") > text.count('"') else '"'
        return next(csv.reader([text.strip()], delimiter=separator, quotechar=quote, skipinitialspace=True), [])
    if separator == "\t":
        return text.split("\t")
    return [cell for cell in _GAP.split(text.strip()) if cell] if separator == "  " else text.split()


def read_grid(lines: Sequence[Line], position: int, separator: str) -> Grid:
    """The table whose header is at `position`."""
    names = [name.strip().strip("`#'\" ").lower() for name in cells_of(lines[position].text, separator)]
    starts = _starts(lines[position].text) if separator in ("  ", " ") else []
    grid = Grid(taken=[position])
    current = position + 1
    while current < len(lines):
        text = lines[current].text
        if is_border(text):
            grid.taken.append(current)
        elif not text.strip():
            if separator not in "|│" or not _goes_on(lines, current, separator):
                break
        else:
            cells = _row(text, names, separator, starts)
            if cells is None:
                if not (grid.rows and separator in "|│" and _continues(grid.rows[-1], text, names)):
                    break
                grid.rows[-1].lines += (lines[current].place + 1,)
            else:
                grid.rows.append(Row(cells, (lines[current].place + 1,)))
            grid.taken.append(current)
        current += 1
    grid.end = current
    return grid


def _goes_on(lines: Sequence[Line], position: int, separator: str) -> bool:
    following = lines[position + 1].text.strip() if position + 1 < len(lines) else ""
    return following[:1] == separator and header_at(lines, position + 1) is None


def _row(text: str, names: list[str], separator: str, starts: list[int]) -> dict[str, Any] | None:
    """A row's cells; `None` if the line is no row of this table."""
    if separator in "|│\t,;" and separator not in text:
        return None
    cells = _cut(text, starts) if separator == "  " else cells_of(text, separator)
    if separator in (" ", "  ") and not _is_row(names, cells):
        cells = text.split("\t") if "\t" in text else cells_of(text, "  ")
        if len(cells) != len(names):
            words = text.split()
            cells = [*words[: len(names) - 1], " ".join(words[len(names) - 1 :])]
        if not _is_row(names, cells):
            return None
    if len(cells) > len(names):
        cells = [*cells[: len(names) - 1], separator.join(cells[len(names) - 1 :])]
    if names[0] == "id" and len(names) > 3 and not _is_id(cells[0]):
        return None
    return {name: scalar(cell) for name, cell in zip(names, cells, strict=False) if name}


def _is_id(cell: str) -> bool:
    text = cell.strip().strip("'\"")
    return text in ("", "NULL", "(null)", "null", "[NULL]") or text[:9].isdigit()


def _is_row(names: list[str], cells: list[str]) -> bool:
    return len(cells) > 3 and (names[0] != "id" or _is_id(cells[0]))


def _continues(row: Row, text: str, names: list[str]) -> bool:
    """Add the parts of a row that a client broke over several lines."""
    cells = cells_of(text, "|")
    if len(cells) < 2 and len(names) > 1:
        return False
    for name, cell in zip(names, cells, strict=False):
        if cell.strip():
            row.cells[name] = f"{row.cells.get(name) or ''}{cell.strip()}"
    return True


def _starts(header: str) -> list[int]:
    """Where each column begins, for tables without any sign between columns."""
    return [place for place, sign in enumerate(header) if not sign.isspace() and (place == 0 or header[place - 1].isspace())]


def _cut(text: str, starts: list[int]) -> list[str]:
    ends = [*starts[1:], len(text)]
    whole = all(start == 0 or start > len(text) or text[start - 1].isspace() for start in starts)
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)] if whole else []


def is_vertical(text: str) -> bool:
    r"""True for the heading `*** 1. row ***` of a row printed with `\G`."""
    return "***" in text and _VERTICAL_HEAD.match(text) is not None


def read_vertical(lines: Sequence[Line], position: int) -> Grid:
    r"""Rows printed with `\G`, from the first heading on, as long as their lines are `name: value`."""
    grid = Grid()
    current = position
    while current < len(lines):
        text = lines[current].text
        if is_vertical(text):
            grid.rows.append(Row({}))
        elif found := _VERTICAL_CELL.match(text):
            name = found.group(1).strip("`").lower()
            if name in ("explain", "analyze") or not grid.rows:
                break
            grid.rows[-1].cells[name] = scalar(found.group(2) or "")
            grid.rows[-1].lines += (lines[current].place + 1,)
        elif text.strip() or (current + 1 < len(lines) and not is_vertical(lines[current + 1].text)):
            break
        if text.strip():
            grid.taken.append(current)
        current += 1
    grid.end = current
    return grid


def read_markup(text: str) -> list[Row]:
    """The rows of an HTML table (`mysql -H`) or an XML result (`mysql -X`)."""
    rows: list[Row] = []
    names: list[str] = []
    cells: dict[str, Any] = {}
    place = 0
    for found in _TAG.finditer(text):
        empty, tag, name, content, row = found.groups()
        if row:
            if cells:
                rows.append(Row(cells))
            cells, place = {}, 0
        elif empty or name:
            cells[(empty or name).lower()] = scalar(_plain(content)) if name else None
        elif tag.lower().startswith("th"):
            names.append(_plain(content).strip().lower())
        elif place < len(names):
            cells[names[place]] = scalar(_plain(content))
            place += 1
    return [*rows, Row(cells)] if cells else rows


def _plain(content: str) -> str:
    return html.unescape(content)
