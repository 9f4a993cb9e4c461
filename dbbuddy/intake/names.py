"""The user's own names in a text: tables, columns, indexes, users, hosts; as values for playbook placeholders."""

from __future__ import annotations

from typing import Any

import re2

_NAME = r"[`\"\[]?((?:[A-Za-z_][\w$]*[`\"\]]?\.[`\"\[]?)?[A-Za-z_][\w$]*)[`\"\]]?"

# The first pattern that matches names the thing; group 1 is the name.
_PATTERNS: dict[str, tuple[str, ...]] = {
    "table": (
        rf"(?i)\b(?:alter table|truncate table|create table(?: if not exists)?|analyze table|insert\s+into|delete\s+from)\s+(?:only\s+)?{_NAME}",
        rf"(?i)\bupdate\s+{_NAME}\s+set\b",
        rf"(?is)\bselect\b[^;]{{1,900}}?\bfrom\s+{_NAME}",
        r"(?i)\b(?:table|relation)s? [`\"'“]([A-Za-z_][\w$.]*)[`\"'”]",
        r"(?i)\btable (?:named |called )?([a-z]+_[a-z_0-9]+)\b",
        r"(?i)\b([a-z]+_[a-z_0-9]+) table\b",
        r"(?i)\btouched ([a-z]+_[a-z_0-9]+)\b",
    ),
    "index": (r"(?i)\bindex [`\"'“]([A-Za-z_][\w$.]*)[`\"'”]", r"(?i)\bconstraint [`\"'“]([A-Za-z_][\w$.]*)[`\"'”]"),
    "constraint": (r"(?i)\bconstraint [`\"'“(]?([A-Za-z_][\w$.]*)[`\"'”)]",),
    "user": (r"(?i)\b(?:user|role|login) [`\"'“]([A-Za-z_][\w$.-]*)[`\"'”]", r"(?i)\baccess denied for user '([^'@]+)'"),
    "database": (r"(?i)\bdatabase [`\"'“]([A-Za-z_][\w$-]*)[`\"'”]",),
    "schema": (r"(?i)\bschema [`\"'“]([A-Za-z_][\w$]*)[`\"'”]", r"(?i)\bfor schema ([a-z_]\w*)"),
    "slot": (r"(?i)\breplication slot [`\"'“]([A-Za-z_]\w*)[`\"'”]",),
    "tablespace": (r"\b(?i:tablespace) [`\"'“]?([A-Z][A-Z0-9_$]{2,})\b",),
    "sql_id": (r"(?i)\bsql_?id[ :='\"]+([0-9a-z]{13})\b",),
    "pid": (r"(?i)\b(?:pid|process|process id|spid)[ :=]+(\d{2,7})\b",),
}

# A column as a query names it, with or without its table's alias; group 1 is the column.
_COLUMN = r"(?:[`\"\[]?\w+[`\"\]]?\.)?[`\"\[]?([A-Za-z_]\w*)[`\"\]]?"
_VALUE = r"(?:'|\$\d|\?|%s|[:@]\w|N'|\d)"
_CALENDAR = r"date|year|month|trunc|date_trunc|date_format|to_char|to_date|cast|convert"
# By what a query does with a column: `column` is compared by equality, `column2` by range, by day, or sorted.
_QUERY_COLUMNS: dict[str, tuple[str, ...]] = {
    "column": (rf"(?i)\b(?:where|and|or)\s+\(?{_COLUMN}\s*(?:=|in\s*\(|like)\s*{_VALUE}",),
    "column2": (
        rf"(?i)\b(?:{_CALENDAR})\s*\(\s*(?:'\w+'\s*,\s*|\w+\s*,\s*)?{_COLUMN}\s*(?:\)|,|\bas\b|::)",
        rf"(?i)\b(?:where|and|or)\s+\(?{_COLUMN}\s*(?:>=?|<=?|between\b)",
        rf"(?i)\border\s+by\s+{_COLUMN}",
    ),
}
_ONE_QUERY = re2.compile(r"(?is)\bselect\b.{1,900}?\bfrom\b")
_SEVERAL_TABLES = re2.compile(r"(?is)\bjoin\b|\bfrom\s+[\w.`\"\[\]]+(\s+(as\s+)?\w+)?\s*,")

_COMPILED_COLUMNS = {name: tuple(re2.compile(p) for p in patterns) for name, patterns in _QUERY_COLUMNS.items()}
_COMPILED = {name: tuple(re2.compile(pattern) for pattern in patterns) for name, patterns in _PATTERNS.items()}
# What stands in SQL as it is, in any position: no quotes, no comment or dollar-quote signs. Numbers are process ids, SQL ids.
_USABLE = re2.compile(r"[A-Za-z_]\w*(\$\w+)*(\.[A-Za-z_]\w*(\$\w+)*){0,2}|\d{2,7}|[0-9a-z]{13}")
_MAX_LENGTH = 64

_QUOTES = re2.compile(r"[`\"\[\]]")
# Words of prose that follow "from", "alter table" and the like.
_PROSE = """
    select where set values the a an of to in on with table tables and or is it this that our my your all only
    dual information_schema pg_catalog lateral unnest generate_series if not exists takes took taking was were has
    had hangs hung blocks blocked locks locked fails failed runs ran running waits waiting finishes never always
    still just then now there time here statement command query queries operation which because since for from
    while when after before during without as at by but so be can cannot will would should does did do causes
    caused works worked stuck slow very too every each some any one another different multiple several many these
    those its their we i you they
"""
_NOT_NAMES = frozenset(_PROSE.split())


def find_names(text: str) -> dict[str, str]:
    """Placeholder -> name, for each thing that the text names clearly."""
    found: dict[str, str] = {}
    for placeholder, patterns in _COMPILED.items():
        for pattern in patterns:
            name = next((m for m in _matches(pattern, text) if _usable(m)), None)
            if name:
                found[placeholder] = name
                break
    return found


def find_query_columns(text: str) -> dict[str, str]:
    """`column` and `column2` as a query over one table uses them; nothing if there are several tables."""
    if not _ONE_QUERY.search(text) or _SEVERAL_TABLES.search(text):
        return {}
    found: dict[str, str] = {}
    for placeholder, patterns in _COMPILED_COLUMNS.items():
        named = (name for pattern in patterns for name in _matches(pattern, text))
        name = next((name for name in named if _usable(name) and name not in found.values()), None)
        if name:
            found[placeholder] = name
    return found


def _matches(pattern: Any, text: str) -> list[str]:
    return [_QUOTES.sub("", match.group(1)) for match in pattern.finditer(text)]


def _usable(name: str) -> bool:
    """A plain name that can stand in SQL without quotes or risk."""
    return len(name) <= _MAX_LENGTH and name.lower() not in _NOT_NAMES and bool(_USABLE.fullmatch(name))
