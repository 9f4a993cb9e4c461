"""How a destructive statement can be tried without harm: a count of what it reaches, and a transaction where one helps."""

from __future__ import annotations

from dbbuddy.context import Engine
from dbbuddy.elaboration.notes import SafeWay, checks
from dbbuddy.sqlreview.guard import classify
from dbbuddy.sqlreview.reading import Statement

_CHANGES = ("insert", "update", "delete", "merge")
_TRANSACTIONS = {
    "postgresql": ("BEGIN;", "ROLLBACK;"),
    "sqlserver": ("BEGIN TRANSACTION;", "ROLLBACK TRANSACTION;"),
    "mysql": ("START TRANSACTION;", "ROLLBACK;"),
    "mariadb": ("START TRANSACTION;", "ROLLBACK;"),
    "oracle": ("", "ROLLBACK;"),
}
_ROWS = "-- Compare the number of rows with the count. Only if it is right, COMMIT in place of the next line."
_OBJECTS = "-- Look at what is left. Only if it is right, COMMIT in place of the next line."
_ENDS = frozenset(["RETURNING", "ORDER", "LIMIT", "OPTION", "OUTPUT", "LOG", "RETURN"])
_JOINED = frozenset(["USING", "JOIN", "APPLY"])
_BEFORE_NAME = frozenset(["TABLE", "IF", "EXISTS", "ONLY", "TOP", "PERCENT", "LOW_PRIORITY", "QUICK", "IGNORE", "FROM"])
_BEHIND_NAME = frozenset(
    [
        "WHERE",
        "SET",
        "CASCADE",
        "RESTRICT",
        "CONSTRAINTS",
        "PURGE",
        "RESTART",
        "CONTINUE",
        "IDENTITY",
        "DROP",
        "REUSE",
        "STORAGE",
        "WITH",
        "PARTITION",
        "ADD",
        "ALTER",
        ";",
    ]
)


def safe_way(statement: Statement, engine: Engine | None) -> SafeWay:
    """The safe way for one statement; without an engine only the count."""
    preview = _preview(statement, engine)
    if engine is None:
        return SafeWay(preview)
    ways = checks()["ways_back"]
    if statement.kind in _CHANGES:
        return SafeWay(preview, _transaction(statement, engine), ways[engine])
    if _can_roll_back(statement, engine):
        return SafeWay(preview, _transaction(statement, engine), ways[engine])
    return SafeWay(preview, "", ways["none"])


def _can_roll_back(statement: Statement, engine: Engine) -> bool:
    words = statement.words
    if any(word in words for word in checks()["not_transactional"]) or statement.kind == "block":
        return False
    return any(words[: len(start)] == start for start in checks()["transactional"].get(engine, ()))


def _transaction(statement: Statement, engine: Engine) -> str:
    begin, end = _TRANSACTIONS[engine]
    look = _ROWS if statement.kind in _CHANGES else _OBJECTS
    return "\n".join(filter(None, [begin, f"{statement.text.rstrip().rstrip(';')};", look, end]))


def _preview(statement: Statement, engine: Engine | None) -> str:
    """`SELECT count(*)` of the rows that the statement would change; empty where that cannot be written surely."""
    words = statement.words
    target = None
    if words[0] == "DELETE" and not _JOINED & set(words) and words.count("FROM") <= 1 + words.count("SELECT"):
        target = _name(statement, words.index("FROM") + 1 if "FROM" in words[:6] else 1)
    elif words[0] == "UPDATE" and "SET" in words and not _JOINED & set(words):
        moved = "FROM" in _shallow(statement)
        target = None if moved else _name(statement, 1)
    elif words[0] == "TRUNCATE" or words[:2] == ["DROP", "TABLE"]:
        target = _name(statement, 1)
    if target is None:
        return ""
    sql = f"SELECT count(*) FROM {target}{_where(statement)};"
    return sql if classify(sql, engine).danger == "read_only" else ""


def _shallow(statement: Statement) -> list[str]:
    """The words outside of all parentheses."""
    depth, found = 0, []
    for token in statement.tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            found.append(token.upper)
    return found


def _name(statement: Statement, at: int) -> str | None:
    """The table named from the token `at` on, with its alias; `None` if there are several."""
    tokens = statement.tokens
    while at < len(tokens) and (
        tokens[at].upper in _BEFORE_NAME or tokens[at].kind in ("number", "param") or tokens[at].text in "()"
    ):
        at += 1
    end = at
    while (
        end < len(tokens)
        and tokens[end].upper not in _BEHIND_NAME
        and (tokens[end].kind in ("word", "quoted") or tokens[end].text == ".")
    ):
        end += 1
    if end == at or (end < len(tokens) and tokens[end].text == ","):
        return None
    return statement.text[tokens[at].start - statement.start : tokens[end - 1].end - statement.start]


def _where(statement: Statement) -> str:
    """The condition outside of parentheses, with its WHERE; empty without one."""
    depth = 0
    start = None
    for token in statement.tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.upper == "WHERE" and start is None:
            start = token.start
        elif start is not None and depth == 0 and (token.upper in _ENDS or token.text == ";"):
            return " " + statement.text[start - statement.start : token.start - statement.start].strip()
    return " " + statement.text[start - statement.start :].strip().rstrip(";") if start is not None else ""
