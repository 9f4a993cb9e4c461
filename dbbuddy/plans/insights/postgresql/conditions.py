"""Conditions as PostgreSQL prints them in plans (`((status)::text = 'x'::text) AND (lower(email) ~~ '%a'::text)`), read.

EXPLAIN puts every operation into parentheses, so a condition is a tree of groups and no precedence has to be known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from dbbuddy.plans.insights.postgresql.condition_parts import (
    Column,
    Part,
    arguments,
    column_of,
    columns_in,
    read_parts,
    unwrapped,
)


@dataclass(frozen=True)
class Operand:
    """One side of a comparison.

    `column` is set if the side is a column, bare or in casts and functions; `casts` and `functions` are what it is wrapped
    in, from outside in. `columns` are all columns in it. `constant` is true if its value is known before the first row.
    """

    text: str
    column: Column | None
    columns: tuple[Column, ...]
    casts: tuple[str, ...]
    functions: tuple[str, ...]
    constant: bool

    @property
    def bare(self) -> bool:
        """A column alone, or a text column in the cast that PostgreSQL shows for varchar and that costs nothing."""
        return self.column is not None and not self.functions and all(cast in ("text", "bpchar") for cast in self.casts)

    @property
    def literal(self) -> str | None:
        """The value of a text literal."""
        start, end = self.text.find("'"), self.text.rfind("'")
        return self.text[start + 1 : end].replace("''", "'") if self.constant and 0 <= start < end else None


@dataclass(frozen=True)
class Comparison:
    """`left operator right`; the operator is in upper case, ` ANY` and ` ALL` added, and `IS NULL` has no right side."""

    text: str
    left: Operand
    operator: str
    right: Operand | None


def conjuncts(text: str) -> tuple[str, ...]:
    """The parts that all must hold."""
    return _split(text, "AND")


def alternatives(text: str) -> tuple[str, ...]:
    """The parts of which one must hold."""
    return _split(text, "OR")


def columns_of(text: str) -> tuple[Column, ...]:
    """All columns that the text names, in their order."""
    return tuple(dict.fromkeys(columns_in(read_parts(text))))


def keys_of(text: str) -> tuple[str, ...]:
    """The keys of a list such as `lower(name), total DESC NULLS LAST`, as printed."""
    parts = read_parts(text)
    cuts = [-1, *(number for number, part in enumerate(parts) if part.kind == "sign" and part.text == ","), len(parts)]
    spans = [parts[first + 1 : last] for first, last in pairwise(cuts)]
    return tuple(text[span[0].start : span[-1].end] for span in spans if span)


@lru_cache(maxsize=2000)
def comparison(text: str) -> Comparison | None:
    """The text as a comparison of two sides; `None` if it is something else."""
    parts = unwrapped(read_parts(text))
    for number, part in enumerate(parts):
        if number and part.kind == "operator":
            return _compared(text, parts[:number], part.text, parts[number + 1 :])
        if number and part.is_word("IS"):
            rest = " ".join(word.text.upper() for word in parts[number:] if word.kind == "name")
            return Comparison(text, _operand(text, parts[:number]), rest, None) if rest.endswith("NULL") else None
        if part.is_word("CASE"):
            return None
    return None


def boolean_column(text: str) -> tuple[Column, bool] | None:
    """The column of a condition `active` or `(NOT deleted)`, and which value it must have."""
    parts = unwrapped(read_parts(text))
    wanted = True
    if parts and parts[0].is_word("NOT"):
        wanted, parts = False, unwrapped(parts[1:])
    column = column_of(parts)
    return None if column is None else (column, wanted)


def without_qualifiers(text: str) -> str:
    """`lower(u.email)` as `lower(email)`, to stand in an index on one table."""
    cuts: list[tuple[int, int]] = []
    waiting = [read_parts(text)]
    while waiting:
        parts = waiting.pop()
        waiting.extend(part.parts for part in parts if part.parts)
        for number, part in enumerate(parts[2:], 2):
            if part.kind == "name" and parts[number - 1].text == "." and parts[number - 2].kind == "name":
                cuts.append((parts[number - 2].start, part.start))
    out, position = [], 0
    for start, end in sorted(cuts):
        out.append(text[position:start])
        position = end
    return "".join([*out, text[position:]])


def _split(text: str, word: str) -> tuple[str, ...]:
    parts = unwrapped(read_parts(text))
    if not parts:
        return (text,) if text else ()
    if any(part.is_word("CASE") for part in parts):
        return (text[parts[0].start : parts[-1].end],)
    out: list[str] = []
    start = parts[0].start
    for number, part in enumerate(parts):
        if part.is_word(word) and 0 < number < len(parts) - 1:
            out.append(text[start : parts[number - 1].end])
            start = parts[number + 1].start
    return (*out, text[start : parts[-1].end])


def _compared(text: str, left: list[Part], operator: str, right: list[Part]) -> Comparison | None:
    if not right:
        return None
    if right[0].kind == "name" and right[0].text.upper() in ("ANY", "ALL"):
        operator, right = f"{operator} {right[0].text.upper()}", right[1:]
    one, other = _operand(text, left), _operand(text, right)
    turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
    if one.constant and not other.constant and (operator in turned or operator in ("=", "<>")):
        one, other, operator = other, one, turned.get(operator, operator)
    return Comparison(text, one, operator, other)


def _operand(text: str, parts: list[Part]) -> Operand:
    whole = text[parts[0].start : parts[-1].end] if parts else ""
    columns = tuple(dict.fromkeys(columns_in(parts)))
    casts: list[str] = []
    functions: list[str] = []
    column: Column | None = None
    current = parts
    while current:
        inner = unwrapped(current)
        if len(inner) > 2 and inner[0].kind == "group" and inner[1].kind == "cast":
            casts.append(text[inner[2].start : inner[-1].end])
            current = inner[:1]
            continue
        column = column_of(inner)
        if column is not None or not inner:
            break
        called = len(inner) == 2 and inner[0].kind == "name" and inner[1].text == "("
        if len(columns) != 1:
            break
        column = columns[0]
        functions.append(inner[0].text.strip('"') if called else _operator_of(inner))
        inside = [argument for argument in arguments(inner[1].parts) if columns_in(argument)] if called else []
        if len(inside) != 1:
            break
        current, column = inside[0], None
    if column is None and len(columns) == 1 and (casts or functions):
        column = columns[0]
    constant = not columns and not _mentions_subplan(parts)
    return Operand(whole, column, columns, tuple(casts), tuple(functions), constant)


def _operator_of(parts: list[Part]) -> str:
    return next((part.text for part in parts if part.kind == "operator"), " ".join(part.text.lower() for part in parts[1:-1]))


def _mentions_subplan(parts: list[Part]) -> bool:
    waiting = [parts]
    while waiting:
        current = waiting.pop()
        for part in current:
            if part.kind == "name" and part.text in ("SubPlan", "hashed"):
                return True
            if part.parts:
                waiting.append(part.parts)
    return False
