"""A pasted script as statements: where each begins, its tokens, its tree, and what could not be read."""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dbbuddy.context import Engine
from dbbuddy.sqlreview.cleaning import without_surroundings
from dbbuddy.sqlreview.engine_guess import guess_engine
from dbbuddy.sqlreview.finding import Span
from dbbuddy.sqlreview.kinds import VERBS, StatementKind, kind_of
from dbbuddy.sqlreview.lexer import Token, tokens_of, with_executed_comments
from dbbuddy.sqlreview.splitting import inner_statements, is_block, statements

DIALECTS: dict[Engine, str] = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlserver": "tsql",
    "oracle": "oracle",
}
# A statement longer than this (characters) is read by its tokens alone: bulk INSERTs, whose tree says no more than their head.
LONGEST_PARSED = 100_000
# Deeper nesting than this overflows a recursive parser.
DEEPEST_PARSED = 120

# sqlglot warns of syntax it passes over; what a user pasted does not belong into the log.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


@dataclass
class Statement:
    """One statement. Offsets count in the whole pasted text.

    `text` has the length of the original, log prefixes in it being blanked. `tokens` leave out comments. `parent` is the index
    of the routine or block that it stands in.
    """

    index: int
    text: str
    start: int
    end: int
    kind: StatementKind
    tokens: list[Token]
    comments: list[Token]
    engine: Engine | None
    parent: int | None = None

    @cached_property
    def _parsed(self) -> tuple[exp.Expression | None, str | None]:
        return _parse(self)

    @property
    def tree(self) -> exp.Expression | None:
        """Sqlglot's tree, its nodes' `meta` offsets counting from `start`; `None` if it does not understand the statement."""
        return self._parsed[0]

    @property
    def problem(self) -> str | None:
        """Why there is no tree; `None` if there is one or if none is wanted (routines, transactions, settings)."""
        return self._parsed[1]

    @property
    def known_problem(self) -> str | None:
        """`problem` if the statement has been parsed; nothing is parsed to tell."""
        known: tuple[object, str | None] = self.__dict__.get("_parsed", (None, None))
        return known[1]

    @property
    def params(self) -> list[Token]:
        """The placeholders and templates in it."""
        return [token for token in self.tokens if token.kind == "param"]

    @cached_property
    def words(self) -> list[str]:
        """The tokens in capitals, without comments."""
        return [token.upper for token in self.tokens]

    @cached_property
    def numbers(self) -> dict[str, list[int]]:
        """Where each word stands among the tokens."""
        found: dict[str, list[int]] = {}
        for number, token in enumerate(self.tokens):
            found.setdefault(token.upper, []).append(number)
        return found

    def place(self, node: exp.Expression | None) -> tuple[int, int]:
        """Offsets in the pasted text of what a node of the tree was read from; the whole statement if it is not known."""
        first: int | None = None
        last = 0
        for part in node.walk() if node is not None else ():
            start = part.meta.get("start") if part._meta else None
            if start is not None:
                first = start if first is None else min(first, start)
                last = max(last, part.meta["end"] + 1)
        if first is None:
            return self.start, self.end
        return self._closed(self.start + first, self.start + last)

    def _closed(self, start: int, end: int) -> tuple[int, int]:
        """The range extended to the parentheses that close those opened in it."""
        depth = 0
        for token in self.tokens[bisect_left(self.tokens, start, key=lambda token: token.start) :]:
            if token.start >= end and (depth <= 0 or token.text != ")"):
                break
            depth += (token.text == "(") - (token.text == ")")
            end = max(end, token.end)
        return start, end


@dataclass
class Script:
    """A pasted text as statements in order; statements inside a routine or block follow it."""

    text: str
    engine: Engine | None
    guessed: bool
    statements: list[Statement]
    line_starts: list[int] = field(default_factory=list, repr=False)
    unclosed: int | None = None
    """Where a comment begins that never ends; what stands in it was not read."""

    def span(self, start: int, end: int) -> Span:
        """The place with its line and column, which count from 1."""
        line = bisect_right(self.line_starts, start)
        return Span(start, end, line, start - self.line_starts[line - 1] + 1)

    def statement_at(self, position: int) -> int:
        """The index of the innermost statement at an offset; of the one before it, if it stands between two."""
        index = bisect_right(self.statements, position, key=lambda statement: statement.start) - 1
        while index > 0 and self.statements[index].parent is not None and position >= self.statements[index].end:
            index -= 1
        return max(0, index)

    def unread(self) -> Iterator[tuple[Statement, str]]:
        """The statements that have been judged by their tokens alone, and why."""
        for statement in self.statements:
            if statement.known_problem:
                yield statement, statement.known_problem


def read_script(text: str, engine: Engine | None = None, executed: bool = True) -> Script:
    """Read any text as SQL; never raises. Without an `engine` the one whose syntax it shows is assumed.

    `executed`: what MySQL runs though it stands in a comment, `/*!50003 ... */`, is read, too.
    """
    clean = without_surroundings(text)
    if executed and engine in ("mysql", "mariadb", None):
        clean = with_executed_comments(clean, engine)
    tokens = tokens_of(clean, engine)
    guessed = engine or guess_engine(tokens)
    if guessed != engine:
        tokens = tokens_of(clean, guessed)
    script = Script(text, guessed, engine is None, [], _line_starts(text), _unclosed(tokens))
    for first, behind in statements(tokens, guessed):
        _add(script, clean, tokens[first:behind], None)
    return script


def _unclosed(tokens: list[Token]) -> int | None:
    """Where the last token begins, if it is a comment without an end."""
    last = tokens[-1] if tokens else None
    if last is None or last.kind != "comment" or last.text.startswith(("-", "#")):
        return None
    closed = len(last.text) > 3 and last.text.endswith({"/*": "*/", "{%": "%}", "{#": "#}"}.get(last.text[:2], ""))
    return None if closed else last.start


def _add(script: Script, text: str, tokens: list[Token], parent: int | None) -> None:
    code = [token for token in tokens if token.kind != "comment"]
    if not code:
        return
    start, end = code[0].start, code[-1].end
    kind = "block" if (parent is None and is_block(code, 0, script.engine)) or _does_block(code) else kind_of(code)
    comments = [token for token in tokens if token.kind == "comment"]
    statement = Statement(len(script.statements), text[start:end], start, end, kind, code, comments, script.engine, parent)
    script.statements.append(statement)
    if kind == "block":
        body = _body(code, script.engine)
        for first, behind in inner_statements(body, script.engine):
            _add(script, text, body[first:behind], statement.index)


def _does_block(code: list[Token]) -> bool:
    return code[0].upper == "DO" and any(token.text.startswith("$") for token in code[1:4])


def _body(code: list[Token], engine: Engine | None) -> list[Token]:
    """The tokens inside of a routine; a body in dollar quotes is read into tokens of its own."""
    quoted = [token for token in code if token.kind == "string" and token.text.startswith("$")]
    if not quoted:
        return code
    body = max(quoted, key=lambda token: len(token.text))
    tag = body.text.find("$", 1) + 1
    inner = tokens_of(body.text[tag : max(tag, len(body.text) - tag)], engine)
    shift = body.start + tag
    return [token._replace(start=token.start + shift, end=token.end + shift) for token in inner]


_UNPARSED: frozenset[StatementKind] = frozenset(("block", "transaction", "set", "call", "grant", "use", "rename", "truncate"))


def _parse(statement: Statement) -> tuple[exp.Expression | None, str | None]:
    if statement.kind in _UNPARSED:
        return None, None
    if statement.end - statement.start > LONGEST_PARSED:
        return None, f"longer than {LONGEST_PARSED} characters: read word by word only"
    if _depth(statement.tokens) > DEEPEST_PARSED:
        return None, "nested too deeply: read word by word only"
    text = parseable(statement)
    dialect = DIALECTS[statement.engine] if statement.engine else None
    problem = "not understood: read word by word only"
    for candidate in dict.fromkeys((dialect, None)):
        try:
            trees = [tree for tree in sqlglot.parse(text, dialect=candidate) if tree is not None]
        except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError, KeyError) as error:
            if candidate == dialect and isinstance(error, SqlglotError):
                problem = f"not understood ({_short(error)}): read word by word only"
            continue
        if len(trees) == 1 and not isinstance(trees[0], exp.Command):
            return cast(exp.Expression, trees[0]), None
    return None, problem


def _short(error: SqlglotError) -> str:
    details = getattr(error, "errors", None) or [{}]
    told = str(details[0].get("description") or str(error).splitlines()[0])
    return told.partition(" but got <")[0][:80].rstrip(". ")


def _depth(tokens: list[Token]) -> int:
    depth = deepest = 0
    for token in tokens:
        if token.text in ("(", "["):
            depth += 1
            deepest = max(deepest, depth)
        elif token.text in (")", "]"):
            depth -= 1
    return deepest


_BEFORE_NAME = frozenset(("FROM", "JOIN", "INTO", "UPDATE", "TABLE", "."))


def parseable(statement: Statement) -> str:
    """The text of the same length with templates as placeholders or names, template tags and a leading EXPLAIN blanked."""
    pieces: list[str] = []
    text, base, last = statement.text, statement.start, 0
    for index, token in enumerate(statement.tokens):
        if token.kind != "param" or token.text[0] in "@?:" or (token.text[0] == "$" and token.text[1:].isdigit()):
            continue
        before = statement.tokens[index - 1].upper if index else ""
        following = statement.tokens[index + 1].text if index + 1 < len(statement.tokens) else ""
        filler = "_p" if before in _BEFORE_NAME or following == "." else ":p"
        pieces += [
            text[last : token.start - base],
            filler + ("_" * (len(token.text) - 2) if filler == "_p" else " " * (len(token.text) - 2)),
        ]
        last = token.end - base
    text = "".join([*pieces, text[last:]])
    for comment in statement.comments:
        if comment.text.startswith("{") and base <= comment.start < statement.end:
            text = text[: comment.start - base] + " " * len(comment.text) + text[comment.end - base :]
    return _without_explain(statement, text)


def is_filler(name: str) -> bool:
    """Whether a name stands for a template, such as `{{ table }}`, whose value is not known."""
    return name.startswith("_p") and not name[2:].strip("_")


def _without_explain(statement: Statement, text: str) -> str:
    if statement.kind != "explain":
        return text
    for token in statement.tokens[1:14]:
        if token.upper in (*VERBS, "WITH"):
            return " " * (token.start - statement.start) + text[token.start - statement.start :]
    return text


def _line_starts(text: str) -> list[int]:
    starts = [0]
    position = text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    return starts
