"""What a statement does, by its first words."""

from __future__ import annotations

from typing import Literal

from dbbuddy.sqlreview.lexer import Token

StatementKind = Literal[
    "select", "insert", "update", "delete", "merge", "create_table", "create_index", "create_other", "alter_table", "alter_other",
    "drop", "truncate", "rename", "transaction", "set", "call", "grant", "explain", "use", "block", "other",
]  # fmt: skip

_FIRST_WORD: dict[str, StatementKind] = {
    "SELECT": "select", "VALUES": "select", "TABLE": "select", "(": "select", "INSERT": "insert", "REPLACE": "insert",
    "UPDATE": "update", "DELETE": "delete", "MERGE": "merge", "DROP": "drop", "TRUNCATE": "truncate", "RENAME": "rename",
    "BEGIN": "transaction", "START": "transaction", "COMMIT": "transaction", "ROLLBACK": "transaction", "SAVEPOINT": "transaction",
    "SAVE": "transaction", "RELEASE": "transaction", "ABORT": "transaction", "SET": "set", "RESET": "set", "CALL": "call",
    "EXEC": "call", "EXECUTE": "call", "GRANT": "grant", "REVOKE": "grant", "DENY": "grant", "USE": "use", "EXPLAIN": "explain",
    "DESCRIBE": "explain", "DESC": "explain",
}  # fmt: skip
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE")
_CREATED: dict[str, StatementKind] = {"TABLE": "create_table", "INDEX": "create_index"}
_CREATE_STOPS = frozenset(
    [
        "VIEW",
        "PROCEDURE",
        "FUNCTION",
        "TRIGGER",
        "TYPE",
        "SEQUENCE",
        "SCHEMA",
        "DATABASE",
        "USER",
        "ROLE",
        "EXTENSION",
        "DOMAIN",
        "SYNONYM",
        "EVENT",
    ]
)


def kind_of(code: list[Token]) -> StatementKind:
    """What a statement does, by its first words."""
    first = code[0].upper
    if first == "WITH":
        return _kind_behind_with(code)
    if first == "CREATE":
        for token in code[1:9]:
            if token.upper in _CREATED:
                return _CREATED[token.upper]
            if token.upper in _CREATE_STOPS:
                break
        return "create_other"
    if first == "ALTER":
        following = [token.upper for token in code[1:4]]
        return "alter_table" if following[:1] == ["TABLE"] or following[1:2] == ["TABLE"] else "alter_other"
    return _FIRST_WORD.get(first, "other")


def _kind_behind_with(code: list[Token]) -> StatementKind:
    depth = 0
    for token in code:
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
        elif depth == 0 and token.upper in VERBS:
            return _FIRST_WORD[token.upper]
    return "select"
