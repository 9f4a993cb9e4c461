"""Undo the quotes that clients and programs put around the rows of a result."""

from __future__ import annotations

import re2

from dbbuddy.plans.paste_lines import PasteLines
from dbbuddy.plans.postgresql.lines import Line

_ROW_END = re2.compile(r"""(?:,\)|\)), ?\(""")


def quoted(lines: list[Line], paste: PasteLines) -> list[Line]:
    """The lines without the quotes that CSV, pgAdmin or a grid put around all of them."""
    filled = [line.text for line in lines if line.text and not line.boundary]
    many = 2 * len(filled)
    if not any(text[0] in "\"'" for text in filled) and sum(4 for text in filled if text[-1] == '"') < many:
        return lines
    both = {
        quote: sum(4 for text in filled if len(text) > 1 and text[0] == quote and text.rstrip(",;)]")[-1:] == quote)
        for quote in "\"'"
    }
    if both["'"] >= many:
        return _unquote(lines, "'")
    has_header = any(text.strip().strip('"') == "QUERY PLAN" and "\t" not in text for text in filled[:50])
    if (
        both['"'] >= many
        or (has_header and any(text.startswith('"') for text in filled))
        or any(text.startswith(('"[', '"{', '"- Plan:', '"<explain', '"Plan:')) for text in filled)
    ):
        return _csv(lines)
    if sum(4 for text in filled if text.endswith('"') and text.count('"') % 2) >= many:
        return [line._replace(text=line.text[:-1]) if line.text.endswith('"') else line for line in lines]
    return lines


def _unquote(lines: list[Line], quote: str) -> list[Line]:
    out = []
    for line in lines:
        text = line.text.rstrip(",;")
        if len(text) > 1 and text[0] == quote and text[-1] == quote:
            inner = text[1:-1]
            doubled = inner.count(quote * 2)
            if doubled > 1 and inner.replace(quote * 2, "").count(quote) == 0:
                inner = inner.replace(quote * 2, quote)
            out.append(line._replace(text=inner.rstrip()))
        else:
            out.append(line)
    return out


def _csv(lines: list[Line]) -> list[Line]:
    out = []
    inside = False
    for line in lines:
        text = line.text
        odd = text.count('"') % 2 == 1
        if inside:
            if odd:
                inside = False
                text = text.rstrip(",;")
                text = text[:-1] if text.endswith('"') else text
            out.append(line._replace(text=text.replace('""', '"').rstrip()))
            continue
        if not text.startswith('"'):
            out.append(line)
            continue
        if odd and (len(text) == 1 or not text.endswith('"')):
            inside = True
            out.append(line._replace(text=text[1:].replace('""', '"')))
            continue
        text = text.rstrip(",;")
        inner = text[1:-1] if text.endswith('"') and len(text) > 1 else text[1:]
        if '""' in inner and inner.replace('""', "").count('"') == 0:
            inner = inner.replace('""', '"')
        out.append(line._replace(text=inner.rstrip()))
    return out


def driver_rows(lines: list[Line], paste: PasteLines) -> list[Line]:
    """The rows that a program printed as tuples, one a line or all in one."""
    out = []
    for line in lines:
        text = line.text.strip()
        if text[:1] not in "[(" or not text.rstrip("],").endswith(")"):
            out.append(line)
            continue
        rows = _ROW_END.split(text.lstrip("[").rstrip("],"))
        for row in rows:
            row = row.strip()
            row = row[1:] if row[:2] in ("('", '("') else row
            row = row.removesuffix(")").removesuffix(",")
            if len(row) > 1 and row[0] in "'\"" and row[-1] == row[0]:
                row = row[1:-1].replace("\\'", "'").replace('\\"', '"')
            out.append(line._replace(text=row.rstrip()))
    return out
