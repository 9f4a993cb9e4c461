"""A condition's text taken apart: tokens, groups in parentheses and brackets, and the columns that are named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

# Not re2, whose matches cost five times as much here; no two alternatives begin alike, so this one is linear, too.
_TOKEN = re.compile(
    r"""(?s)(?P<string>[eExXbB]?'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*"|[^\W\d][\w$]*)|(?P<number>\d[\d.]*(?:e[+-]?\d+)?)"""
    r"""|(?P<parameter>\$\d+)|(?P<cast>::)|(?P<sign>[()\[\],.])|(?P<operator>[-+*/<>=~!@#%^&|`?:]+)|(?P<space>\s+)|(?P<other>.)"""
)
_TYPE_WORDS_TEXT = "varying precision without with time zone"
_TYPE_WORDS = frozenset(_TYPE_WORDS_TEXT.split())
_KEYWORDS_TEXT = """
and or not is null true false any all distinct from in like case when then else end array row collate at time zone
interval current_date current_timestamp current_user session_user localtimestamp localtime current_time filter where
over order by using nulls first last asc desc for both leading trailing symmetric document content hashed subplan
initplan alternatives exists unknown returns
"""
_KEYWORDS = frozenset(_KEYWORDS_TEXT.split())
_LONGEST = 20_000
"""Characters of a condition that are read; a longer one holds a list of values, and is left alone."""


@dataclass(frozen=True)
class Column:
    """A column as a condition names it. `name` is ready for SQL (quoted where it must be)."""

    name: str
    qualifier: str = ""


@dataclass
class Part:
    """A token, or with `parts` a group in parentheses or brackets. `start` and `end` are its place in the text."""

    kind: str
    text: str
    start: int
    end: int
    parts: list[Part] = field(default_factory=list)

    def is_word(self, word: str) -> bool:
        return self.kind == "name" and self.text.upper() == word


@lru_cache(maxsize=2000)
def read_parts(text: str) -> list[Part]:
    """The text's parts; groups are parts of their own. What is not closed ends with the text."""
    top: list[Part] = []
    stack: list[list[Part]] = [top]
    groups: list[Part] = []
    for found in _TOKEN.finditer(text) if len(text) <= _LONGEST else ():
        kind, token = found.lastgroup or "other", found.group()
        if kind == "space":
            continue
        if token in ("(", "["):
            group = Part("group", token, found.start(), len(text))
            stack[-1].append(group)
            stack.append(group.parts)
            groups.append(group)
        elif token in (")", "]"):
            if groups:
                groups.pop().end = found.end()
                stack.pop()
        else:
            stack[-1].append(Part(kind, token, found.start(), found.end()))
    return top


def unwrapped(parts: list[Part]) -> list[Part]:
    """The parts without the parentheses around all of them."""
    while len(parts) == 1 and parts[0].kind == "group" and parts[0].text == "(":
        parts = parts[0].parts
    return parts


def arguments(parts: list[Part]) -> Iterator[list[Part]]:
    """The parts between commas."""
    argument: list[Part] = []
    for part in parts:
        if part.kind == "sign" and part.text == ",":
            yield argument
            argument = []
        else:
            argument.append(part)
    yield argument


def column_of(parts: list[Part]) -> Column | None:
    """The column that the parts are, if they are nothing else."""
    if len(parts) not in (1, 3, 5) or any(part.kind != "name" for part in parts[::2]):
        return None
    if any(part.text != "." for part in parts[1::2]):
        return None
    name = parts[-1].text
    if len(parts) == 1 and name.lower() in _KEYWORDS:
        return None
    return Column(name, parts[-3].text.strip('"') if len(parts) > 1 else "")


def columns_in(parts: list[Part]) -> Iterator[Column]:
    """All columns in the parts; names of functions and types are none, nor results of subplans."""
    waiting = [parts]
    while waiting:
        current = waiting.pop()
        number = 0
        while number < len(current):
            part = current[number]
            if part.kind == "cast":
                number = _after_type(current, number + 1)
                continue
            if part.kind == "group":
                waiting.append(part.parts)
            if part.kind == "name":
                end = number
                while end + 2 < len(current) and current[end + 1].text == "." and current[end + 2].kind == "name":
                    end += 2
                called = end + 1 < len(current) and current[end + 1].kind == "group" and current[end + 1].text == "("
                attribute = number > 0 and current[number - 1].text == "."
                subplan = current[0].kind == "name" and current[0].text.lower() in ("hashed", "subplan", "initplan")
                field_of = end + 1 < len(current) and current[end + 1].is_word("FROM")
                collation = number > 0 and current[number - 1].is_word("COLLATE")
                column = None if called or attribute or subplan or field_of or collation else column_of(current[number : end + 1])
                if column is not None:
                    yield column
                number = end
            number += 1


def _after_type(parts: list[Part], number: int) -> int:
    number += 1
    while number < len(parts):
        part = parts[number]
        word = part.kind == "name" and part.text.lower() in _TYPE_WORDS
        if not word and part.kind != "group" and part.text != ".":
            break
        number += 2 if part.text == "." else 1
    return number
