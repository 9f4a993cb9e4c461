"""Tables drawn with bars and rules, as DBMS_XPLAN and SQL Monitor print them, also when the client has wrapped them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from dbbuddy.plans.paste_lines import PasteLines

_RULE_SIGNS = " \t>#*-=|+:─═"
_MOST_WRAPS = 12


@dataclass
class GridRow:
    """The cells of a row under the names of the columns, as they stand (blanks on the left tell the depth of an operation)."""

    cells: dict[str, str]
    lines: list[int] = field(default_factory=list)
    """Indexes (from 0) of the lines of the paste."""


@dataclass
class Grid:
    """A table: its columns, its rows, and the position where the text goes on behind it."""

    columns: list[str]
    rows: list[GridRow]
    end: int


class PageText:
    """The lines of a paste without the headings that SQL*Plus repeats on every page."""

    def __init__(self, lines: PasteLines) -> None:
        self.lines = lines
        self.texts: list[str] = []
        self.indexes: list[int] = []
        texts = lines.texts
        position = 0
        while position < len(texts):
            text = texts[position]
            if text.strip() == "PLAN_TABLE_OUTPUT" and position + 1 < len(texts) and is_rule(texts[position + 1]):
                lines.take(position)
                lines.take(position + 1)
                if self.texts and not self.texts[-1].strip():
                    self.texts.pop()
                    self.indexes.pop()
                position += 2
                continue
            self.texts.append(text.expandtabs(8).rstrip() if "\t" in text else text.rstrip())
            self.indexes.append(position)
            position += 1

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, position: int) -> int:
        """Mark the line at a position of the page text as understood; gives its number in the paste, from 1."""
        return self.lines.take(self.indexes[position])

    def next_filled(self, position: int) -> int:
        """The position of the next line that is not blank, from `position` on."""
        while position < len(self.texts) and not self.texts[position]:
            position += 1
        return position


def is_rule(text: str) -> bool:
    """Whether a line only draws a rule."""
    return not text.strip(_RULE_SIGNS) and ("---" in text or "===" in text or "──" in text or "══" in text)


def read_grid(page: PageText, start: int) -> Grid:
    """The table whose heading starts at `start`. Marks nothing as understood: whoever reads the rows does."""
    header, rules = _header(page, start)
    if not header:
        return Grid([], [], start + 1)
    wraps = len(header) if _is_wrapped(page, header) else 1
    widths = [len(page.texts[position]) for position in (rules if len(rules) == wraps else header)]
    joined = [_joined(page, header, widths)] if wraps > 1 else [_from_bar(page.texts[position]) for position in header]
    bars = [index for index, sign in enumerate(joined[0]) if sign == "|"]
    columns = _column_names(joined)
    rows: list[GridRow] = []
    position = max((*header, *rules)) + 1
    while True:
        position = page.next_filled(position)
        if position >= len(page) or (is_rule(page.texts[position]) and rows):
            break
        if is_rule(page.texts[position]):
            position += 1
            continue
        used = _fragments(page, position, wraps)
        text = _joined(page, used, widths) if wraps > 1 else _from_bar(page.texts[position])
        if wraps == 1 and _is_noise(page, position):
            position += 1
            continue
        if not text.startswith("|") or (rows and _starts_table(text)):
            break
        rows.append(GridRow(_cells(text, bars, columns), [page.indexes[index] for index in used]))
        position = used[-1] + 1
    for index in (*header, *rules):
        page.take(index)
    while position < len(page) and is_rule(page.texts[position]):
        page.take(position)
        position += 1
    return Grid(columns, rows, position)


def _is_noise(page: PageText, position: int) -> bool:
    """True for a line without bars between two lines of a table, as a log writes it there."""
    if "|" in page.texts[position] or is_rule(page.texts[position]):
        return False
    behind = page.next_filled(position + 1)
    if behind >= len(page):
        return False
    text = _from_bar(page.texts[behind])
    return text.startswith("|") and text.endswith("|") and not _starts_table(text)


def _starts_table(text: str) -> bool:
    return "Operation" in text and text[1:40].split("|")[0].strip() == "Id"


def _header(page: PageText, start: int) -> tuple[list[int], list[int]]:
    """The lines of the heading, and the rule lines below it."""
    header: list[int] = []
    position = start
    while position < len(page) and len(header) < _MOST_WRAPS and not is_rule(page.texts[position]):
        text = page.texts[position]
        if header and text.startswith("|") and text[1:40].split("|")[0].strip(" *->").isdecimal():
            return header, []
        if text and not (header and page.texts[header[0]].endswith("|") and "|" not in text):
            header.append(position)
        position += 1
    if position >= len(page) or len(header) == _MOST_WRAPS:
        return header[:1], []
    rules: list[int] = []
    while position < len(page) and (is_rule(page.texts[position]) or not page.texts[position]) and len(rules) < len(header):
        if page.texts[position]:
            rules.append(position)
        position += 1
    return header, rules


def _is_wrapped(page: PageText, header: list[int]) -> bool:
    return len(header) > 1 and not (page.texts[header[0]].endswith("|") and page.texts[header[1]].lstrip().startswith("|"))


def _fragments(page: PageText, position: int, wraps: int) -> list[int]:
    used = [position]
    while len(used) < wraps:
        position = page.next_filled(position + 1)
        if position >= len(page) or is_rule(page.texts[position]):
            break
        used.append(position)
    return used


def _joined(page: PageText, positions: list[int], widths: list[int]) -> str:
    parts = [page.texts[position].ljust(width) for position, width in zip(positions, widths, strict=False)]
    return _from_bar("".join(parts).rstrip())


def _from_bar(text: str) -> str:
    bar = text.find("|")
    return text[bar:] if 0 < bar <= 40 and not text[:bar].strip(" ->#*") else text


def _column_names(headings: list[str]) -> list[str]:
    """The names of the columns, those of a heading of several lines joined; a name that comes again gets a number."""
    parts = [heading.strip().strip("|").split("|") for heading in headings]
    names: list[str] = []
    seen: dict[str, int] = {}
    for column in range(max(len(part) for part in parts)):
        name = " ".join(part[column].strip() for part in parts if column < len(part) and part[column].strip())
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def _cells(text: str, bars: list[int], columns: list[str]) -> dict[str, str]:
    """Cut at the bars of the heading if this row has bars there (a name may hold one), else at every bar."""
    if len(bars) == len(columns) + 1 and len(text) > bars[-1] and all(text[bar] == "|" for bar in bars):
        cells = [text[start + 1 : end] for start, end in pairwise(bars)]
    else:
        cells = text[1:].removesuffix("|").split("|")
    return dict(zip(columns, cells, strict=False))
