"""Matters of taste and habit: reported as hints (`info`), since they change nothing today."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.sqlreview.ddl.actions import DropConstraint
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateTable
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.lexer import Token, word_set
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at
from dbbuddy.sqlreview.rules.columns import declared, token_of
from dbbuddy.sqlreview.rules.index_design import indexes_of
from dbbuddy.sqlreview.rules.view import Node

LONGEST = 4096
_INVISIBLE = "\u00a0\u200b\u200c\u200d\u2060\ufeff\u3000"
_WIDE_QUOTES = "\u201c\u201d\u2018\u2019\uff02\uff07"
_RESERVED = word_set(
    "SELECT FROM WHERE GROUP ORDER BY TABLE INDEX KEY KEYS VALUES INSERT UPDATE DELETE CREATE DROP ALTER USER DESC ASC"
    " LIMIT RANK CONDITION INTERVAL RANGE SYSTEM OPTION READ WRITE COLUMN CHECK DEFAULT PRIMARY FOREIGN REFERENCES UNIQUE"
    " JOIN LEFT RIGHT INNER ON USING UNION ALL DISTINCT AS AND OR NOT NULL IN LIKE BETWEEN EXISTS CASE WHEN THEN ELSE GRANT"
    " TRIGGER PROCEDURE FUNCTION DATABASE SCHEMA WINDOW OVER ROW ROWS GROUPS LEAD LAG OF TO SET WITH"
)


def aliases(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """An alias without AS, or the same as the name that it stands for."""
    view = context.view(statement)
    for alias in view.nodes(exp.Alias):
        name = alias.args.get("alias")
        before = _before(statement, name)
        if before is not None and before.upper != "AS" and before.text != "=":
            yield at("style.implicit-alias", statement, name, alias=alias.alias)
        if isinstance(alias.this, exp.Column) and alias.this.name == alias.alias and not alias.this.table:
            yield at("style.same-alias", statement, name, alias=alias.alias)
        if not alias.alias.isascii():
            yield at("style.non-ascii-name", statement, name, name=alias.alias)
    for table in view.nodes(exp.Table):
        if table.alias and table.alias == table.name and not table.db:
            yield at("style.same-alias", statement, table.args["alias"], alias=table.alias)


def _before(statement: Statement, node: Node | None) -> Token | None:
    if node is None:
        return None
    start, _ = statement.place(node)
    previous: Token | None = None
    for token in statement.tokens:
        if token.start >= start:
            return previous
        previous = token
    return None


def length(statement: Statement, context: ReviewContext, *, longest: int = LONGEST) -> Iterator[Found]:
    """A query of more than `longest` characters."""
    if statement.kind in ("select", "update", "delete") and statement.end - statement.start > context.limit(
        "style.long-statement", longest
    ):
        yield at("style.long-statement", statement, statement.tokens[0], length=statement.end - statement.start)


def signs(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """`!=`, a blank behind a dot, blanks at the edge of a string, signs that cannot be seen or are no quotes."""
    tokens = statement.tokens
    for index, token in enumerate(tokens):
        if token.text == "!=":
            yield at("style.not-equal-sign", statement, token)
        if (
            token.text == "."
            and index + 1 < len(tokens)
            and tokens[index + 1].start > token.end
            and tokens[index - 1].kind in ("word", "quoted")
        ):
            yield at("style.blank-behind-dot", statement, token)
        if token.kind == "string" and token.text[:1] in "'\"" and len(token.text) > 2:
            inside = token.text[1:-1]
            if inside != inside.strip(" ") and len(inside) < 200 and not _separator(inside):
                yield at("style.padded-string", statement, token)
            if any(sign in inside for sign in _WIDE_QUOTES) and statement.kind in ("create_table", "alter_table"):
                yield at("style.wide-quotes", statement, token)
        if token.kind == "string" and _is_address(token.text[1:-1]) and statement.kind == "insert":
            yield at("ddl.address-as-text", statement, token, value=token.text)
    yield from _invisible(statement)


def _separator(inside: str) -> bool:
    """Strings such as `, ` and ` - ` are glue; blanks belong to them."""
    return bool(inside.strip()) and not any(char.isalnum() for char in inside)


def _is_address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdigit() and len(part) <= 3 for part in parts)


def _invisible(statement: Statement) -> Iterator[Found]:
    if statement.text.isascii():
        return
    strings = [(token.start, token.end) for token in statement.tokens if token.kind == "string"]
    for offset, char in enumerate(statement.text):
        place = statement.start + offset
        if char in _INVISIBLE and not any(start <= place < end for start, end in strings):
            yield Found("style.invisible-sign", place, place + 1, {"sign": f"U+{ord(char):04X}"})
            return


def names(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Names that are reserved words, mixed in case, or not ASCII; indexes whose name does not tell their kind."""
    change = context.change(statement)
    if isinstance(change, CreateTable):
        where = token_of(statement, change.table.name, 2)
        if change.table.name.upper() == "DUAL":
            yield at("style.table-dual", statement, where)
        yield from _name(statement, change.table.name, where)
    for item in declared(statement, context):
        yield from _name(statement, item.column.name, item.where)
    for token in statement.tokens if statement.kind in ("select", "insert", "update", "delete") else ():
        inside = token.name
        if (
            token.kind == "quoted"
            and inside != inside.lower()
            and inside != inside.upper()
            and inside.isascii()
            and context.engine != "sqlserver"
        ):
            yield at("style.mixed-case-name", statement, token, name=inside)
            break
    if statement.kind in ("alter_table", "create_index"):
        for index, where in indexes_of(statement, context):
            prefixes = ("idx_", "ix_", "uk_", "uq_", "uniq_", "uidx_", "pk_", "fk_", "part_")
            suffixes = ("_idx", "_key", "_pkey", "_uk", "_uq", "_ix", "_index")
            lower = (index.name or "idx_").lower()
            if not lower.startswith(prefixes) and not lower.endswith(suffixes):
                yield at("style.index-name", statement, where, index=index.name)


def _name(statement: Statement, name: str, where: Token) -> Iterator[Found]:
    if not name.isascii():
        yield at("style.non-ascii-name", statement, where, name=name)
    elif where.kind == "quoted" and name.upper() in _RESERVED:
        yield at("style.reserved-name", statement, where, name=name)
    elif (where.kind == "quoted" and not all(char.isalnum() or char in "_$#" for char in name)) or (
        where.kind == "quoted" and name != name.lower() and name != name.upper() and statement.engine not in ("sqlserver", "oracle")
    ):
        yield at("style.mixed-case-name", statement, where, name=name)


def objects(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Triggers, views, temporary tables and hints: each has its use, and each has a price."""
    words = statement.words
    head = words[:10]
    if words[0] == "CREATE":
        if "TRIGGER" in head:
            yield at("ddl.trigger", statement, statement.tokens[words.index("TRIGGER")])
        elif context.mysql and {"PROCEDURE", "FUNCTION"} & set(head[:6]):
            yield at("style.routine", statement, statement.tokens[0])
        elif "VIEW" in head and "MATERIALIZED" not in head:
            yield at("style.view", statement, statement.tokens[words.index("VIEW")])
        elif context.mysql and "TEMPORARY" in head and "TABLE" in head:
            yield at("style.temporary-table", statement, statement.tokens[words.index("TEMPORARY")])
    change = context.change(statement)
    if isinstance(change, AlterTable) and context.mysql:
        for action in change.actions:
            if isinstance(action, DropConstraint) and action.kind == "foreign key":
                yield at("ddl.drop-key", statement, statement.tokens[3], kind=action.kind, table=change.table)


def termination(context: ReviewContext) -> Iterator[Found]:
    """The last statement of a script of several has no `;`; or two statements have none between them."""
    statements = [statement for statement in context.script.statements if statement.parent is None]
    for statement in statements:
        rest = context.script.text[statement.end : statement.end + 20].lstrip()
        if not rest.startswith((";", "/", "GO", "go")) and statement.kind != "block" and context.engine != "sqlserver":
            ended = "$$" in rest[:3] or "//" in rest[:3]
            if not ended:
                yield at("style.no-semicolon", statement, statement.tokens[-1])


RULES = (aliases, length, signs, names, objects)
SCRIPT_RULES = (termination,)
