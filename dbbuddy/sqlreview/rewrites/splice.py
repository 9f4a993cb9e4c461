"""A statement with one part of its tree replaced, as text; `None` where the text would say something else as well."""

from __future__ import annotations

from collections import Counter

from dbbuddy.sqlreview.lexer import tokens_of
from dbbuddy.sqlreview.reading import DIALECTS, Statement
from dbbuddy.sqlreview.rules.view import Node, View

# Words and signs that a generator may add or leave out without a change of meaning.
_NOISE = frozenset(("(", ")", "AS", "INNER", "OUTER", "ASC", ";", ",", '"', "`", "NOT", "!=", "<>"))


def with_replaced(view: View, node: Node, new: Node) -> str | None:
    """The statement with `node` replaced by `new`."""
    if view.tree is None or node is view.tree or not faithful(view.statement):
        return None
    node.replace(new)
    try:
        return text_of(view)
    finally:
        new.replace(node)


def with_args(view: View, node: Node, **args: object) -> str | None:
    """The statement with arguments of a node replaced, for example `where` of a SELECT."""
    if view.tree is None or not faithful(view.statement):
        return None
    before = {name: node.args.get(name) for name in args}
    for name, value in args.items():
        node.set(name, value)
    try:
        return text_of(view)
    finally:
        for name, value in before.items():
            node.set(name, value)


def text_of(view: View, tree: Node | None = None) -> str:
    """A tree, by default the statement's, as SQL of the statement's engine."""
    statement = view.statement
    chosen = tree if tree is not None else view.tree
    assert chosen is not None
    return str(chosen.sql(dialect=DIALECTS[statement.engine] if statement.engine else None, comments=False))


def faithful(statement: Statement) -> bool:
    """True if the tree says all that the text says: generated again it has the same words, strings and numbers.

    A template that is no placeholder of the engine has been replaced for parsing and cannot be brought back.
    """
    known = statement.__dict__.get("_faithful")
    if known is None:
        known = statement.__dict__["_faithful"] = _same_words(statement)
    return bool(known)


def _same_words(statement: Statement) -> bool:
    if statement.tree is None or statement.kind == "explain" or statement.parent is not None:
        return False
    if any(token.text[0] in "{#%" or token.text.startswith("${") for token in statement.params):
        return False
    again = statement.tree.sql(dialect=DIALECTS[statement.engine] if statement.engine else None, comments=False)
    return _words(statement.text, statement) == _words(again, statement)


def _words(text: str, statement: Statement) -> Counter[str]:
    tokens = tokens_of(text, statement.engine)
    return Counter(
        token.text if token.kind == "string" else token.upper
        for token in tokens
        if token.kind != "comment" and token.upper not in _NOISE
    )
