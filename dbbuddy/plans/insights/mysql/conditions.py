"""What a printed condition asks of a table's columns, so far as its text tells."""

from __future__ import annotations

from dataclasses import dataclass, field

import re2

_LITERAL = re2.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"")
_NAME = r"(?:(?:`[^`]+`|[A-Za-z_][\w$]*)\.){0,2}(?:`[^`]+`|[A-Za-z_][\w$]*)"
_COMPARED = re2.compile(
    rf"(?i)(^|[\s(,!])({_NAME})\s*"
    r"(<=>|>=|<=|<>|!=|=|<|>|\bin\b|\bbetween\b|\blike\b|\bis not null\b|\bis null\b|\bnot in\b)"
)
_REVERSED = re2.compile(rf"(?i)(?:^|[\s(,])('[^']{{0,200}}'|-?\d[\d.]*|{_NAME})\s*(<=>|=|<=|>=|<|>)\s*({_NAME})")
_WRAPPED = re2.compile(
    rf"(?i)\b([a-z_]\w*)\((?:[^()']{{0,80}},\s*)?({_NAME})"
    r"(?:,[^()]{0,80}| using \w+| as [\w() ]{1,30}| \+ interval [^()]{1,30})?\)\s*(=|<=|>=|<|>|\bin\b|\bbetween\b|\blike\b)"
)
_WRAPPED_RIGHT = re2.compile(rf"(?i)(=|<|>)\s*(cast|convert)\(({_NAME})( as | using )")
_WILDCARD = re2.compile(rf"(?i)({_NAME})\s+like\s+(?:<cache>\()?'([%_][^']{{0,200}})'")
_OR = re2.compile(r"(?i)\)? or \(?")
_WORDS_TEXT = "and or not null true false is in like between cache if select case when then else"
_WORDS = frozenset(_WORDS_TEXT.split())
_EQUALITIES = ("=", "<=>", "in", "is null")
_NO_RANGE = ("<>", "!=", "not in", "is not null")
_CONVERSIONS = ("cast", "convert")


@dataclass
class Wants:
    """Columns compared with `=` or IN first, those compared by range after, and what keeps an index from serving."""

    equal: list[str] = field(default_factory=list)
    ranged: list[str] = field(default_factory=list)
    wrapped: list[tuple[str, str]] = field(default_factory=list)
    """Function and column."""
    wildcards: list[tuple[str, str]] = field(default_factory=list)
    """Column and pattern."""
    either: list[str] = field(default_factory=list)
    """Columns on both sides of an OR, if those are several."""

    @property
    def columns(self) -> list[str]:
        """The columns of an index, in its order: one range at most is of use, and it comes last."""
        return [*self.equal, *self.ranged[:1]]


def wants(condition: str, table: str, alone: bool = False) -> Wants:
    """What the condition asks of the table. `alone`: names without a table are its columns, too."""
    bare = _LITERAL.sub("''", condition)
    found = Wants()
    sides = _OR.split(bare)
    compared = [(_column(name, table, alone), operator.lower()) for _, name, operator in _COMPARED.findall(bare)]
    turned = [
        (_column(name, table, alone), operator.lower())
        for left, operator, name in _REVERSED.findall(bare)
        if left.lower() not in _WORDS
    ]
    equal, ranged = _by_operator([*compared, *turned])
    for function, name, _ in _WRAPPED.findall(bare):
        column = _column(name, table, alone)
        if column and function.lower() not in _WORDS:
            found.wrapped.append((function.lower(), column))
    for _, function, name, _ in _WRAPPED_RIGHT.findall(bare):
        column = _column(name, table, alone)
        if column:
            found.wrapped.append((function.lower(), column))
    for name, pattern in _WILDCARD.findall(condition):
        column = _column(name, table, alone)
        if column:
            found.wildcards.append((column, pattern))
    if len(sides) > 1:
        found.either = list(dict.fromkeys(column for column, _ in compared if column))
    hidden = {column for column, _ in found.wildcards}
    found.equal = list(equal)
    found.ranged = [column for column in ranged if column not in equal and column not in hidden]
    return found


def _by_operator(compared: list[tuple[str, str]]) -> tuple[dict[str, None], dict[str, None]]:
    """The columns compared by equality and those compared by range, each once, in the order of the condition."""
    useful = [(column, operator) for column, operator in compared if column and operator not in _NO_RANGE]
    equal = dict.fromkeys(column for column, operator in useful if operator in _EQUALITIES)
    return equal, dict.fromkeys(column for column, operator in useful if operator not in _EQUALITIES)


def _column(name: str, table: str, alone: bool) -> str:
    """The column's name if it is one of the table's, else nothing."""
    parts = [part.strip("`") for part in name.split(".")]
    if len(parts) == 1:
        return parts[0] if alone and parts[0].lower() not in _WORDS else ""
    return parts[-1] if parts[-2] == table else ""


def is_conversion(function: str) -> bool:
    """True for what the server puts around a column to compare it with another type."""
    return function in _CONVERSIONS
