"""Predicates as showplan prints them (`[db].[dbo].[t].[c] as [a].[c]=(1) AND ...`): whose columns they compare, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import re2

# Each alternative begins with a character of its own and none can be matched in two ways, so `re` needs linear time.
_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|@\w+|<>|>=|<=|!=|[=<>()+*/%,\[']")
_PART = re2.compile(r"\[((?:[^\]]|\]\])*)\]")
_COMPUTED = re2.compile(r"(?:Expr|Union|Bitmap|Uniq|Act|Segment|WindowCount|ConstExpr|RowRef)\d+$")
_COMPARISONS = {"=", "<>", "!=", "<", ">", "<=", ">=", "like"}
LONGEST = 20_000
"""Characters of a predicate that are looked at."""
_CLOSING = {"[": "]", "'": "'"}
_EQUAL = {"=", "is"}
_NO_FUNCTIONS = {"and", "or", "not", "in", "when", "then", "else", "like"}
_OWN_FUNCTION = re2.compile(r"\[(?:[^\]]|\]\])+\]\.\[(?:[^\]]|\]\])+\]\(")


@dataclass(frozen=True)
class Owner:
    """The table that an operator reads, as its own columns name it."""

    relation: str
    alias: str | None = None

    def column(self, name: str, *, aliased: bool) -> str | None:
        """The column if `name` is one of this table's."""
        if "]]" in name:
            parts = [part.replace("]]", "]") for part in _PART.findall(name)]
        else:
            parts = name[name.find("[") + 1 : -1].split("].[")
        column = parts[-1] if parts else ""
        if not parts or column.startswith("@") or _COMPUTED.match(column):
            return None
        if len(parts) == 1:
            bare = self.relation.startswith("@") and not self.alias and not name.startswith("@")
            mine = name.startswith(f"{self.relation}.") and not aliased
            return column if bare or mine else None
        wanted = self.alias if self.alias and (aliased or len(parts) == 2) else self.relation
        if self.alias and not aliased and len(parts) > 2:
            return None
        return column if parts[-2].lower() == wanted.lower() else None


@dataclass
class Comparison:
    """One comparison of a predicate: the own columns that stand free, those inside a function, and what is compared."""

    text: str = ""
    operator: str = ""
    free: list[str] = field(default_factory=list)
    wrapped: list[tuple[str, str]] = field(default_factory=list)
    """Function (lower case; `arithmetic` for a calculation) and column."""
    leading_wildcard: bool = False
    case: bool = False


@dataclass(frozen=True)
class Predicate:
    """The comparisons of one predicate; `either` if OR joins some of them."""

    comparisons: tuple[Comparison, ...]
    either: bool

    def keys(self) -> list[str]:
        """Columns for an index that serves the predicate: those compared for equality, then one that is compared otherwise."""
        if self.either:
            return []
        plain = [one for one in self.comparisons if len(one.free) == 1 and not one.wrapped and not one.leading_wildcard]
        equal = [one.free[0] for one in plain if one.operator in _EQUAL]
        ranges = [one.free[0] for one in plain if one.operator in {"<", ">", "<=", ">=", "like"}]
        return equal + ranges[:1]

    def columns(self) -> list[str]:
        """Every own column that the predicate speaks of."""
        return [name for one in self.comparisons for name in (*one.free, *(column for _, column in one.wrapped))]

    @property
    def is_empty(self) -> bool:
        """Whether only bitmaps of a hash join (`PROBE`) filter here."""
        return all(not one.text.strip("() ") or one.text.strip("() ").upper().startswith("PROBE(") for one in self.comparisons)


def read_predicate(text: str, owner: Owner) -> Predicate:
    """Take a predicate apart in one pass; of one longer than `LONGEST` the beginning."""
    reader = _Reader(text[:LONGEST], owner)
    reader.run()
    return Predicate(tuple(reader.done), reader.either)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def _tokens(text: str) -> list[_Token]:
    """Words, names (`[a].[b]`, `@t.[b]`), literals and signs, in one pass."""
    found: list[_Token] = []
    position, size = 0, len(text)
    unclosed: set[str] = set()
    while match := _TOKEN.search(text, position):
        start, sign = match.start(), match.group()
        position = match.end()
        if sign in _CLOSING and sign not in unclosed:
            end = _end_of_quoted(text, start, sign)
            if end < 0:
                unclosed.add(sign)
                continue
            position = end
            if sign == "[":
                position = _end_of_name(text, end, unclosed)
                if found and found[-1].kind == "table" and found[-1].end == start - 1 and text[start - 1] == ".":
                    start = found.pop().start
            elif found and found[-1].text in {"N", "n"} and found[-1].end == start:
                start = found.pop().start
            found.append(_Token("name" if sign == "[" else "literal", text[start:position], start, position))
        elif sign[0] == "@":
            found.append(_Token("table", sign, start, position))
        elif sign[0].isalpha() or sign[0] == "_":
            found.append(_Token("word", sign.lower() if sign not in {"N", "n"} else sign, start, position))
        elif sign not in _CLOSING:
            found.append(_Token("sign", sign, start, position))
        if position >= size:
            break
    return found


def _end_of_quoted(text: str, start: int, sign: str) -> int:
    """Behind the sign that closes a name or literal, -1 if none does; a doubled one stands for itself."""
    closing = _CLOSING[sign]
    end = text.find(closing, start + 1)
    while end >= 0 and text.startswith(closing, end + 1):
        end = text.find(closing, end + 2)
    return end + 1 if end >= 0 else -1


def _end_of_name(text: str, end: int, unclosed: set[str]) -> int:
    while text.startswith(".[", end):
        following = _end_of_quoted(text, end + 1, "[")
        if following < 0:
            unclosed.add("[")
            break
        end = following
    return end


class _Reader:
    def __init__(self, text: str, owner: Owner) -> None:
        self.text = text
        self.owner = owner
        self.done: list[Comparison] = []
        self.either = False
        self.now = Comparison()
        self.start = 0
        self.functions: list[str] = []

    def run(self) -> None:
        tokens = _tokens(self.text)
        before: _Token | None = None
        for place, token in enumerate(tokens):
            if token.kind == "word":
                self._word(token)
            elif token.kind == "name":
                self._name(token, before, tokens[place + 1] if place + 1 < len(tokens) else None)
            elif token.kind == "sign":
                self._sign(token, before)
            elif self.now.operator == "like" and self.now.free and token.text.lstrip("Nn").startswith(("'%", "'_")):
                self.now.leading_wildcard = True
            before = token
        self._close(len(self.text))

    def _word(self, token: _Token) -> None:
        word = token.text
        if word in {"and", "or"} and "probe" not in self.functions:
            self.either = self.either or word == "or"
            self._close(token.start)
            self.start = token.end
        elif word in {"like", "is"}:
            self.now.operator = self.now.operator or word
        elif word == "not" and self.now.operator == "is":
            self.now.operator = "is not"
        elif word == "case":
            self.now.case = True

    def _name(self, token: _Token, before: _Token | None, following: _Token | None) -> None:
        if following is not None and (following.text == "as" or (following.text == "(" and following.start == token.end)):
            return
        column = self.owner.column(token.text, aliased=before is not None and before.text == "as")
        if column is None:
            return
        function = next((name for name in self.functions if name), None)
        if function is not None:
            self.now.wrapped.append((function, column))
        elif self._calculated(token.end):
            self.now.wrapped.append(("arithmetic", column))
        else:
            self.now.free.append(column)

    def _calculated(self, end: int) -> bool:
        return self.text[end : end + 1] in {"+", "-", "*", "/", "%"}

    def _sign(self, token: _Token, before: _Token | None) -> None:
        if token.text == "(":
            adjoins = before is not None and before.end == token.start and before.kind in {"word", "name"}
            name = before.text.lower() if before is not None and adjoins else ""
            self.functions.append("" if name in _NO_FUNCTIONS else name)
        elif token.text == ")":
            if self.functions:
                self.functions.pop()
        elif token.text in _COMPARISONS and not self.now.operator and not any(self.functions):
            self.now.operator = token.text

    def _close(self, end: int) -> None:
        self.now.text = self.text[self.start : end].strip()
        if self.now.text:
            self.done.append(self.now)
        self.now = Comparison()


def own_functions(text: str) -> Iterator[str]:
    """Functions that users wrote, as `[schema].[name](` in a text; the engine's own have no brackets."""
    for match in _OWN_FUNCTION.finditer(text):
        yield match.group()[:-1]
