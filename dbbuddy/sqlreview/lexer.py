"""Words, names, strings, numbers, operators and parameters of any engine's SQL, each with its place in the text.

One pass without regular expressions: the time is linear in the length of the text, whatever the text is.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from dbbuddy.context import Engine
from dbbuddy.sqlreview.scanner import Scanner

Kind = Literal["word", "quoted", "string", "number", "op", "param", "comment", "end"]

_LONG_OPERATORS: tuple[str, ...] = (
    "<=>",
    "->>",
    "#>>",
    "!~*",
    "||/",
    "<>",
    "<=",
    ">=",
    "!=",
    "||",
    "::",
    ":=",
    "->",
    "#>",
    "@>",
    "<@",
    "&&",
    "~*",
    "!~",
)
_LONG_OPERATORS += ("+=", "-=", "*=", "/=", "?|", "?&", "=>", "..", "<<", ">>", "**")
_ORACLE_QUOTES = {"[": "]", "(": ")", "{": "}", "<": ">"}


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


class Token(NamedTuple):
    """A piece of SQL. `upper` is the text in capitals, without its quotes if the token is a quoted name.

    `end` tokens separate statements: a `;`, a client's delimiter, a `GO` or `/` line. `param` is any placeholder or template.
    `first` is true for the first token of a line.
    """

    kind: Kind
    text: str
    start: int
    end: int
    upper: str
    first: bool = False

    @property
    def name(self) -> str:
        """The text without the quotes of a quoted name or string."""
        return self.text[1:-1] if self.kind == "quoted" else self.text


def tokens_of(text: str, engine: Engine | None = None) -> list[Token]:
    """All tokens of a text; what is no SQL becomes operators of one character."""
    return _Lexer(text, engine).run()


def with_executed_comments(text: str, engine: Engine | None) -> str:
    """The text with the signs blanked around what MySQL runs though it stands in a comment: `/*!50003 ... */`."""
    if "/*!" not in text and "/*M!" not in text:
        return text
    lexer = _Lexer(text, engine, executed=True)
    lexer.run()
    pieces: list[str] = []
    last = 0
    for start, end in lexer.marks:
        pieces += [text[last:start], " " * (end - start)]
        last = end
    return "".join([*pieces, text[last:]])


class _Lexer(Scanner):
    def __init__(self, text: str, engine: Engine | None, executed: bool = False) -> None:
        super().__init__(text, engine)
        self.tokens: list[Token] = []
        self.executed = executed
        self.marks: list[tuple[int, int]] = []
        self.inside = False

    def run(self) -> list[Token]:
        position, text, length, first = 0, self.text, self.length, True
        while position < length:
            char = text[position]
            if char.isspace():
                first = first or char == "\n"
                position += 1
                continue
            kind, end = self._next(char, position)
            if kind is not None:
                piece = text[position:end]
                upper = (piece[1:-1] if kind == "quoted" else piece).upper() if kind != "comment" else ""
                self.tokens.append(Token(kind, piece, position, end, upper, first))
                first = kind == "comment" and piece.endswith("\n")
            position = end
        return self.tokens

    def _next(self, char: str, position: int) -> tuple[Kind | None, int]:
        if self.delimiter != ";" and self.text.startswith(self.delimiter, position):
            return "end", position + len(self.delimiter)
        if char.isalpha() or char == "_":
            return self._word(position)
        if char.isdigit() or (char == "." and self.char(position + 1).isdigit()):
            return "number", self.number(position)
        special = _SPECIAL.get(char)
        if special is not None:
            found: tuple[Kind | None, int] | None = special(self, position)
            if found is not None:
                return found
        for operator in _LONG_OPERATORS if char in _LONG_STARTS else ():
            if self.text.startswith(operator, position):
                return "op", position + len(operator)
        return "op", position + 1

    def _word(self, position: int) -> tuple[Kind | None, int]:
        end = self.name_end(position)
        following = self.char(end)
        size = end - position
        if following == "'" and size <= 2:
            prefix = self.text[position:end].upper()
            if prefix in ("Q", "NQ"):
                opener = self.char(end + 1)
                return "string", self.find(_ORACLE_QUOTES.get(opener, opener) + "'", end + 2)
            if prefix in ("N", "E", "B", "X", "R"):
                return "string", self.quoted_end(end, "'", prefix == "E" or self.mysql)
        if size == 9 and self.starts_line(position) and self.text[position:end].upper() == "DELIMITER":
            line_end = self.text.find("\n", end)
            line_end = self.length if line_end < 0 else line_end
            self.delimiter = self.text[end:line_end].strip() or ";"
            return "comment", line_end
        if size == 2 and self.brackets and self.alone_on_line(position, end) and self.text[position:end].upper() == "GO":
            return "end", end
        return "word", end

    def single_quote(self, position: int) -> tuple[Kind | None, int]:
        return "string", self.quoted_end(position, "'", self.mysql)

    def double_quote(self, position: int) -> tuple[Kind | None, int]:
        end = self.quoted_end(position, '"', self.mysql)
        return ("string" if self.mysql else "quoted"), end

    def backtick(self, position: int) -> tuple[Kind | None, int]:
        return "quoted", self.quoted_end(position, "`", False)

    def bracket(self, position: int) -> tuple[Kind | None, int] | None:
        if not self.brackets:
            return None
        following, before = self.char(position + 1), self.text[position - 1 : position]
        if self.engine is None and (not (following.isalpha() or following == "_") or before.isalnum() or before in ("_", ")", "]")):
            return None
        return "quoted", self.quoted_end(position, "]", False)

    def dash(self, position: int) -> tuple[Kind | None, int] | None:
        if self.char(position + 1) != "-":
            return None
        return "comment", self.find("\n", position)

    def slash(self, position: int) -> tuple[Kind | None, int] | None:
        if self.char(position + 1) == "*":
            end = self._mark_end(position)
            if end:
                self.inside = True
                self.marks.append((position, end))
                return None, end
            return "comment", self._comment_end(position)
        if self.engine in ("oracle", None) and self.alone_on_line(position, position + 1):
            return "end", position + 1
        return None

    def _mark_end(self, position: int) -> int:
        """Behind the `/*!50003` that opens code; without an engine the number must be there. 0 if none begins here."""
        end = position + 2 + (self.char(position + 2) == "M")
        if not self.executed or self.char(end) != "!":
            return 0
        digits = end + 1
        while self.char(digits).isdecimal() and digits < end + 7:
            digits += 1
        return digits if self.mysql or digits > end + 5 else 0

    def star(self, position: int) -> tuple[Kind | None, int] | None:
        if not self.inside or self.char(position + 1) != "/":
            return None
        self.inside = False
        self.marks.append((position, position + 2))
        return None, position + 2

    def _comment_end(self, position: int) -> int:
        if self.engine not in ("postgresql", "sqlserver"):
            return self.find("*/", position + 2)
        depth, position = 1, position + 2
        while depth:
            closing = self.text.find("*/", position)
            if closing < 0:
                return self.length
            opening = self.text.find("/*", position, closing)
            depth, position = (depth + 1, opening + 2) if opening >= 0 else (depth - 1, closing + 2)
        return position

    def hash(self, position: int) -> tuple[Kind | None, int] | None:
        following = self.char(position + 1)
        if following == "{":
            return "param", self.find("}", position)
        if self.mysql:
            return "comment", self.find("\n", position)
        if self.brackets and (following.isalpha() or following in ("_", "#")):
            return "word", self.name_end(position + 1)
        return None

    def dollar(self, position: int) -> tuple[Kind | None, int] | None:
        following = self.char(position + 1)
        if following == "{":
            return "param", self.find("}", position)
        end = self.name_end(position + 1)
        if following.isdigit() and "$" not in self.text[position + 1 : end]:
            return "param", end
        if self.mysql or self.engine in ("oracle", "sqlserver"):
            return None
        closing = self.text.find("$", position + 1, end + 1)
        if closing < 0:
            return None
        return "string", self.find(self.text[position : closing + 1], closing + 1)

    def brace(self, position: int) -> tuple[Kind | None, int] | None:
        following = self.char(position + 1)
        if following == "{":
            return "param", self.find("}}", position + 2)
        if following in ("%", "#"):
            return "comment", self.find(f"{following}}}", position + 2)
        return None

    def percent(self, position: int) -> tuple[Kind | None, int] | None:
        if self.char(position + 1) == "(":
            closing = self.text.find(")", position, position + 80)
            if closing >= 0 and self.char(closing + 1) in ("s", "d"):
                return "param", closing + 2
        last = self.tokens[-1] if self.tokens else None
        value_expected = (
            last is None or (last.kind == "op" and last.text != ")") or (last.kind == "word" and last.upper in _BEFORE_VALUE)
        )
        if self.char(position + 1) in ("s", "d") and value_expected and not self.char(position + 2).isalnum():
            return "param", position + 2
        return None

    def colon(self, position: int) -> tuple[Kind | None, int] | None:
        following = self.char(position + 1)
        before = self.text[position - 1 : position]
        if (following.isalnum() or following == "_") and not (before.isalnum() or before in (":", "]", "_")):
            return "param", self.name_end(position + 1)
        return None

    def at(self, position: int) -> tuple[Kind | None, int] | None:
        end = self.name_end(position + (2 if self.char(position + 1) == "@" else 1))
        return ("param", end) if end > position + 1 and self.char(position + 1) not in (">",) else None

    def question(self, position: int) -> tuple[Kind | None, int] | None:
        if self.char(position + 1) in ("|", "&"):
            return None
        last = self.tokens[-1] if self.tokens else None
        operator = last is not None and (
            last.kind in ("quoted", "string", "param")
            or last.text in (")", "]")
            or (last.kind == "word" and last.upper not in _BEFORE_VALUE)
        )
        return None if operator else ("param", self.name_end(position + 1))

    def semicolon(self, position: int) -> tuple[Kind | None, int]:
        return ("end" if self.delimiter == ";" else "op"), position + 1


_SPECIAL = {
    "'": _Lexer.single_quote,
    '"': _Lexer.double_quote,
    "`": _Lexer.backtick,
    "[": _Lexer.bracket,
    "-": _Lexer.dash,
    "/": _Lexer.slash,
    "*": _Lexer.star,
    "#": _Lexer.hash,
    "$": _Lexer.dollar,
    "{": _Lexer.brace,
    "%": _Lexer.percent,
    ":": _Lexer.colon,
    "@": _Lexer.at,
    "?": _Lexer.question,
    ";": _Lexer.semicolon,
}
_LONG_STARTS = frozenset(operator[0] for operator in _LONG_OPERATORS)
_BEFORE_VALUE = word_set(
    "SELECT WHERE AND OR NOT IN LIKE ILIKE BETWEEN LIMIT OFFSET VALUES SET BY THEN ELSE WHEN CASE ON FROM JOIN INTO UPDATE"
    " TABLE HAVING RETURN RETURNING FETCH TOP FIRST NEXT ANY ALL SOME IS ESCAPE REGEXP RLIKE DIV MOD USING INTERVAL AS CALL"
    " EXEC DISTINCT XOR"
)
