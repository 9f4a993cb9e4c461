"""Personal columns of result tables: psql and MySQL grids, vertical output, CSV and tab-separated text."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy.columns import column_kind, placeholder_type
from dbbuddy.privacy.literals import promised, promised_number, unexplained
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_GRID_HEAD = Pattern(r"(?m)^[ \t]*\|?[ \t]*[A-Za-z_][\w ]*[ \t]*(?:\|[ \t]*[A-Za-z_][\w ]*[ \t]*)+\|?[ \t]*$")
_CSV_HEAD = Pattern(r"(?m)^[ \t]*\"?[A-Za-z_][\w ]*\"?(?:[,;\t]\"?[A-Za-z_][\w ]*\"?)+[ \t]*$")
_RULE = Pattern(r"[ \t]*[+|]?[-=+|: ]{3,}[ \t]*")
_UNDERLINE = Pattern(r"(?m)^-+(?: -+)+$")
_NAME = Pattern(r"[\w ]{1,60}")


def tables(view: View) -> Iterator[Find]:
    """Cells of personal columns in tables with a head line."""
    for pattern, separators in ((_GRID_HEAD, "|"), (_CSV_HEAD, "\t;,")):
        reach = 0
        for hit in pattern.each(view):
            if hit.start() < reach:
                continue
            separator = next(sign for sign in separators if sign in hit.text())
            kinds = [_kind(cell) for cell in hit.text().split(separator)]
            if any(kinds):
                finds, reach = _rows(view, view.line_end(hit.start()) + 1, separator, kinds)
                yield from finds
    yield from _aligned(view)


def _kind(cell: str) -> str | None:
    name = cell.strip(' \t"')
    kind = column_kind(name) if _NAME.fits(name) and name.count(" ") < 3 else None
    return None if kind in ("LOGIN", "PASSWORD") and name.lower() in ("user", "uid", "key", "token") else kind


def _rows(view: View, place: int, separator: str, kinds: list[str | None]) -> tuple[list[Find], int]:
    """The finds of the lines below a head, and where the table ends."""
    finds: list[Find] = []
    while place < len(view):
        end = view.line_end(place)
        line = view.text[place:end]
        cells = line.split(separator)
        if not _RULE.fits(line):
            if len(cells) != len(kinds):
                break
            finds.extend(_cells(place, cells, kinds))
        place = end + 1
    return finds, place


def _aligned(view: View) -> Iterator[Find]:
    """Cells below a head that is underlined column by column, as SQL*Plus and sqlcmd print it."""
    for hit in _UNDERLINE.each(view):
        start = hit.start()
        head = view.text[view.line_start(max(0, start - 1)) : max(0, start - 1)]
        widths = [len(rule) for rule in hit.text().split(" ")]
        kinds = [_kind(cell) for cell in _columns(head, widths)]
        place = view.line_end(start) + 1
        while any(kinds) and place < len(view):
            end = view.line_end(place)
            if not view.text[place:end].strip():
                break
            yield from _cells(place, _columns(view.text[place:end], widths), kinds)
            place = end + 1


def _columns(line: str, widths: list[int]) -> list[str]:
    cells, place = [], 0
    for width in widths:
        cells.append(line[place : place + width])
        place += width + 1
    return cells


def _cells(place: int, cells: list[str], kinds: list[str | None]) -> Iterator[Find]:
    for kind, cell in zip(kinds, cells, strict=True):
        value = cell.strip(' \t"')
        if kind and value:
            wanted = promised_number(kind, value) if value.replace(".", "").isdigit() else promised(kind, value)
            if wanted or (kind == "NAME" and " " in value and value[0].isalnum() and unexplained(value)):
                start = place + cell.find(value)
                yield Find(start, start + len(value), placeholder_type(kind), Rank.COLUMN)
        place += len(cell) + 1
