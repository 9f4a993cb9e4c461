"""Oracle's predicates taken apart as far as rules need it: which columns are compared, bare or inside a function."""

from __future__ import annotations

from dataclasses import dataclass

import re2

from dbbuddy.plans.insights.oracle.facts import quoted, sql_name, table_of, words
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

CONVERSIONS = (
    "TO_NUMBER",
    "TO_CHAR",
    "TO_DATE",
    "TO_TIMESTAMP",
    "SYS_OP_C2C",
    "INTERNAL_FUNCTION",
    "NLSSORT",
    "HEXTORAW",
    "RAWTOHEX",
)
"""Functions that Oracle itself puts around a column whose type is not that of the value."""
_FUNCTIONS = (
    *CONVERSIONS,
    "UPPER",
    "LOWER",
    "TRUNC",
    "SUBSTR",
    "NVL",
    "COALESCE",
    "TRIM",
    "LTRIM",
    "RTRIM",
    "REPLACE",
    "ROUND",
    "EXTRACT",
    "DECODE",
    "ABS",
    "INSTR",
    "LENGTH",
)
_COLUMN = r'(?:"(?P<table>[^"]{1,128})"\.)?"(?P<column>[^"]{1,128})"'
_BARE = re2.compile(_COLUMN + r"\s*(?P<sign>=|>=|<=|<>|>|<|LIKE\b|IS NULL|BETWEEN\b)")
_RIGHT = re2.compile(r"(?P<sign>=|>=|<=|>|<)\s*" + _COLUMN + r"(?P<end>$|\s|\))")
_COLUMN_OF_RIGHT = 3
_WRAPPED = re2.compile(
    rf"\b(?P<function>{'|'.join(_FUNCTIONS)})\((?:\w{{1,20}} FROM )?(?:INTERNAL_FUNCTION\()?{_COLUMN}[^()=<>]{{0,80}}\)\)?"
    r"\s*(?P<sign>=|>=|<=|<>|>|<|LIKE\b|BETWEEN\b)"
)
_WILDCARD = re2.compile(_COLUMN + r"(?: IS NOT NULL AND [^']{1,150})? LIKE '(?P<pattern>[%_][^']{0,200})'")
_MOST_TEXT = 20_000
_LETTER = re2.compile(r"[A-Za-z_0-9$#]\($")


@dataclass(frozen=True)
class Compared:
    """A column and how it is compared; `function` is what stands around it, `join` is true against another column."""

    column: str
    table: str
    sign: str
    function: str = ""
    join: bool = False


def compared(text: str) -> list[Compared]:
    """The comparisons of bare columns in a predicate, in its order; both sides of a join."""
    text = text[:_MOST_TEXT]
    found: list[tuple[int, Compared]] = []
    for match in _BARE.finditer(text):
        if _LETTER.search(text[max(0, match.start() - 2) : match.start()]):
            continue
        rest = text[match.end() : match.end() + 1]
        column, sign = match.group("column"), match.group("sign")
        found.append((match.start(), Compared(column, match.group("table") or "", sign, join=rest == '"')))
    for match in _RIGHT.finditer(text):
        before = text[max(0, match.start() - 1) : match.start()]
        found.append(
            (
                match.start(_COLUMN_OF_RIGHT),
                Compared(match.group("column"), match.group("table") or "", match.group("sign"), join=before == '"'),
            )
        )
    return [one for _, one in sorted(found, key=lambda entry: entry[0])]


def wrapped(text: str) -> list[Compared]:
    """The columns that stand in a function and are compared so. `INTERNAL_FUNCTION("X")` alone is a list of values."""
    return [
        Compared(match.group("column"), match.group("table") or "", match.group("sign"), match.group("function"))
        for match in _WRAPPED.finditer(text[:_MOST_TEXT])
    ]


def wildcards(text: str) -> list[tuple[str, str]]:
    """Columns with a pattern that begins with a wildcard."""
    return [(match.group("column"), match.group("pattern")) for match in _WILDCARD.finditer(text[:_MOST_TEXT])]


def is_own(view: PlanView, node: PlanNode, one: Compared) -> bool:
    """Whether the column is of the node's own table, as far as aliases tell."""
    if not one.table:
        return True
    known = {name.upper() for name in (node.alias, table_of(view, node)) if name}
    return one.table.upper() in known


def key_columns(view: PlanView, node: PlanNode, *texts: str) -> list[str]:
    """Columns for an index: those compared for equality, then one with a range. Empty if it is unclear whose they are."""
    unanchored = {column for text in texts for column, _ in wildcards(text)}
    every = [one for text in texts for one in compared(text) if one.sign != "LIKE" or one.column not in unanchored]
    tables = {one.table for one in every if one.table}
    sure = [one for one in every if is_own(view, node, one)]
    if not sure and len(tables) == 1 and not any(one.join for one in every):
        sure = every
    equal = [one.column for one in sure if one.sign == "="]
    ranges = [one.column for one in sure if one.sign in (">", "<", ">=", "<=", "LIKE", "BETWEEN")]
    return list(dict.fromkeys([*equal, *ranges[:1]]))


def create_index(view: PlanView, node: PlanNode, columns: list[str]) -> str:
    """A complete statement; empty if table or columns are not known."""
    table = sql_name(view, node)
    if not table or not columns:
        return ""
    name = "_".join([table_of(view, node), *columns, "IX"])[:30]
    owner = f"{quoted(node.schema)}." if node.schema else ""
    return f"CREATE INDEX {owner}{quoted(name)} ON {table} ({', '.join(quoted(column) for column in columns)}) ONLINE;"


def filter_text(node: PlanNode) -> str:
    """The node's filter, without those that only serve a hash join or the storage (Bloom filters, zone maps)."""
    text = words(node, "Filter Predicates")
    return "" if text.startswith(("SYS_OP_BLOOM_FILTER", "(SYS_ZMAP_FILTER")) else text


def access_text(node: PlanNode) -> str:
    """The node's access predicates, without the block ranges of parallel servers."""
    text = words(node, "Access Predicates")
    return "" if text.startswith(":Z>=:Z") else text


def alternatives(text: str) -> bool:
    """Whether the filter as a whole is an OR over different columns."""
    if not (text.startswith("(") and text.endswith(")") and " OR " in text):
        return False
    depth = 0
    for place, sign in enumerate(text[:_MOST_TEXT]):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and place < len(text) - 1:
            return False
        if depth == 1 and text.startswith(" AND ", place):
            return False
    return len({one.column for one in compared(text)}) > 1
