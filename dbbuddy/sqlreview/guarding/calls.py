"""Code that a statement calls or builds: procedures, functions with effects, SQL in strings, statements in parentheses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dbbuddy.sqlreview.ddl.cursor import key, unquoted
from dbbuddy.sqlreview.guarding.vocabulary import OUTSIDE, Danger, Rule, vocabulary
from dbbuddy.sqlreview.lexer import Token

CHANGING = frozenset(("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"))
Inner = Callable[[str], tuple[Danger, tuple[str, ...]]]
_JOINING = ("+", "||", "FORMAT", "CONCAT", "QUOTE_IDENT")


def called(tokens: Sequence[Token], words: Sequence[str], inner: Inner) -> Iterator[Rule]:
    """Functions with effects, and calls that run a string."""
    known = vocabulary()
    defining = words[0] in ("CREATE", "ALTER", "INSERT", "GRANT", "COMMENT")
    for at, token in enumerate(tokens[:-1]):
        if token.kind not in ("word", "quoted"):
            continue
        name = unquoted(token).lower()
        if name == "xp_cmdshell":
            yield OUTSIDE
        if words[at + 1] != "(":
            continue
        if name in known.dynamic:
            yield from strings(tokens[at + 1 :], name, inner)
        elif not defining and (rule := known.function(name, _whole(tokens, at))) is not None:
            yield rule


def _whole(tokens: Sequence[Token], at: int) -> str:
    """The name at a token with everything before its dots."""
    start = at
    while start > 1 and tokens[start - 1].text == "." and tokens[start - 2].kind in ("word", "quoted"):
        start -= 2
    return ".".join(unquoted(token) for token in tokens[start : at + 1 : 2])


def strings(tokens: Sequence[Token], name: str, inner: Inner) -> Iterator[Rule]:
    """The SQL in string literals; without any, or where they are joined, the code is not in the text."""
    texts = [sql_of(token) for token in tokens if token.kind == "string"]
    if not texts or any(key(token) in _JOINING for token in tokens):
        yield "unknown", f"{name} runs SQL that is put together at run time"
    for text in texts:
        if any(char.isspace() for char in text.strip()) and not text.strip().startswith("@"):
            danger, reasons = inner(text)
            yield danger, f"{name} runs the SQL in its string"
            for reason in reasons:
                yield danger, reason


def sql_of(token: Token) -> str:
    """The content of a string literal of any form: `'..'`, `N'..'`, `$$..$$`, `q'[..]'`."""
    text = token.text
    if text.startswith("$"):
        tag = text.find("$", 1) + 1
        return text[tag:-tag] if len(text) > 2 * tag else ""
    prefix = text.find("'") if "'" in text[:4] else 0
    if prefix > 0 and text[:prefix].lower() in ("q", "nq"):
        return text[prefix + 2 : -2]
    return unquoted(token._replace(text=text[prefix:]))


def call(tokens: Sequence[Token], words: Sequence[str], inner: Inner) -> Iterator[Rule]:
    """EXEC, EXECUTE and CALL of a string or of a procedure."""
    if words[:2] == ["EXECUTE", "IMMEDIATE"] or words[1:2] == ["("] or (len(tokens) > 1 and tokens[1].kind == "string"):
        yield from strings(tokens[1:], words[0], inner)
        return
    at = 3 if len(tokens) > 3 and tokens[1].text.startswith("@") and words[2] == "=" else 1
    name, at = dotted(tokens, at)
    last = name.rpartition(".")[2].lower()
    if last in vocabulary().dynamic:
        yield from strings(tokens[at:], last, inner)
    elif name.startswith("@") or not name:
        yield "unknown", "runs SQL that is held in a variable"
    elif last == "sp_configure" and any("xp_cmdshell" in token.text.lower() for token in tokens):
        yield OUTSIDE
    else:
        yield vocabulary().procedure(name)


def dotted(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """The name with its dots that begins at a token, and the token behind it."""
    name = ""
    while at < len(tokens) and tokens[at].kind in ("word", "quoted", "param"):
        name += unquoted(tokens[at])
        at += 1
        if at >= len(tokens) or key(tokens[at]) not in (".", ".."):
            break
        name, at = f"{name}.", at + 1
    return name, at


def in_parentheses(tokens: Sequence[Token], words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where data-changing statements stand in parentheses: `WITH x AS (DELETE ...)`, `COPY (UPDATE ...)`; the outermost ones."""
    end = 0
    for at in range(1, len(words) - 1):
        if at < end:
            continue
        if words[at] in CHANGING and words[at - 1] == "(" and tokens[at + 1].kind in ("word", "quoted", "param"):
            end = _closing(words, at)
            yield at, end


def _closing(words: Sequence[str], start: int) -> int:
    depth = 0
    for at in range(start, len(words)):
        depth += (words[at] == "(") - (words[at] == ")")
        if depth < 0:
            return at
    return len(words)
