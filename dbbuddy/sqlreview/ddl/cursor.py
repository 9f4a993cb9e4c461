"""A place in a statement's tokens, with the few steps that readers of DDL are made of."""

from __future__ import annotations

from collections.abc import Sequence

from dbbuddy.context import Engine
from dbbuddy.sqlreview.lexer import Token

_END = Token("end", "", 0, 0, "")
_NAMES = frozenset(("word", "quoted", "string", "param"))


def words(text: str) -> frozenset[str]:
    """The words of a list that is written with blanks."""
    return frozenset(text.split())


def key(token: Token) -> str:
    """A word in upper case or a symbol; empty for what is quoted, so that a column named "unique" is no keyword."""
    return token.upper if token.kind in ("word", "op", "end") else ""


def unquoted(token: Token) -> str:
    """The content of a quoted name or string, its doubled quotes undone; anything else as written."""
    if token.kind not in ("quoted", "string") or len(token.text) < 2 or token.text[0].isalnum():
        return token.text
    close = token.text[-1]
    return token.text[1:-1].replace(close * 2, close)


class Cursor:
    """Reads tokens one after the other. No step fails: behind the last token stands an empty one.

    `text` begins at offset `base` of what the tokens count in.
    `joints` are the numbers of the tokens before which a separator was taken out.
    """

    def __init__(self, text: str, tokens: Sequence[Token], engine: Engine | None, base: int = 0) -> None:
        self.text = text
        self.tokens = tokens
        self.engine = engine
        self.base = base
        self.at = 0
        self.joints: list[int] = []

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token:
        """The token that comes next, or `ahead` tokens later."""
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else _END

    def take(self) -> Token:
        """The next token, stepped over."""
        token = self.peek()
        self.at += 1
        return token

    @property
    def word(self) -> str:
        """The next word in upper case, or symbol."""
        return key(self.peek())

    def sees(self, *words: str) -> bool:
        """True if these words (in upper case) or symbols come next."""
        return all(key(self.peek(ahead)) == word for ahead, word in enumerate(words))

    def sees_any(self, *words: str) -> bool:
        """True if one of these words comes next."""
        return self.word in words

    def accept(self, *words: str) -> bool:
        """Steps over these words if they come next, all of them."""
        if not self.sees(*words):
            return False
        self.at += len(words)
        return True

    def accept_any(self, *words: str) -> str:
        """Steps over the next word if it is one of these; the word, or the empty string."""
        word = self.word
        if word and word in words:
            self.at += 1
            return word
        return ""

    def name(self) -> str:
        """An identifier with what stands before its dots; empty if none comes next."""
        parts: list[str] = []
        while self.peek().kind in _NAMES:
            parts.append(unquoted(self.take()))
            if not self.accept(".") and not self.accept(".."):
                break
        return ".".join(parts)

    def group(self) -> Cursor:
        """What stands in the parentheses that open next, as a cursor of its own; empty if none open. An open end is closed."""
        if not self.sees("("):
            return self.sub(())
        depth, start = 0, self.at + 1
        while not self.done:
            symbol = key(self.take())
            depth += (symbol == "(") - (symbol == ")")
            if depth == 0:
                return self.sub(self.tokens[start : self.at - 1])
        return self.sub(self.tokens[start:])

    def split(self, separator: str = ",") -> list[Cursor]:
        """The rest, cut at the separators that stand outside of parentheses."""
        parts: list[Cursor] = []
        depth, start = 0, self.at
        for at in range(self.at, len(self.tokens)):
            symbol = key(self.tokens[at])
            depth += (symbol in "([" and symbol != "") - (symbol in ")]" and symbol != "")
            if symbol == separator and depth <= 0:
                parts.append(self.sub(self.tokens[start:at]))
                start = at + 1
        parts.append(self.sub(self.tokens[start:]))
        self.at = len(self.tokens)
        return [part for part in parts if part.tokens]

    def step(self) -> None:
        """Over one token, or over a whole group."""
        if self.sees("("):
            self.group()
        else:
            self.at += 1

    def skip_to(self, *words: str) -> bool:
        """On to the next of these words outside of parentheses, which then comes next; false at the end."""
        while not self.done:
            if self.sees_any(*words):
                return True
            self.step()
        return False

    def find(self, *words: str) -> bool:
        """True if these words come next to each other somewhere in the rest, outside of parentheses."""
        probe = self.sub(self.tokens)
        probe.at = self.at
        while not probe.done:
            if probe.sees(*words):
                return True
            probe.step()
        return False

    def written(self, start: int, end: int | None = None) -> str:
        """The text from token number `start` to before token number `end` (or before the next one)."""
        tokens = self.tokens[start : self.at if end is None else end]
        return self.text[tokens[0].start - self.base : tokens[-1].end - self.base] if tokens else ""

    @property
    def whole(self) -> str:
        """The text of all tokens."""
        return self.written(0, len(self.tokens))

    def sub(self, tokens: Sequence[Token]) -> Cursor:
        """A cursor over some of the tokens."""
        return Cursor(self.text, tokens, self.engine, self.base)

    @property
    def start(self) -> int:
        """The offset of the first token."""
        return self.tokens[0].start if self.tokens else 0

    @property
    def end(self) -> int:
        """The offset behind the last token."""
        return self.tokens[-1].end if self.tokens else 0
