"""Statements and index expressions as the scratch database gets them: one statement, names in quotes, parameters numbered.

Every name is written in lower case and quoted, here and in the tables, so neither letter case nor reserved words matter.
"""

from __future__ import annotations

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from dbbuddy.sqlreview.indexes.queries import finding_query
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.schema import Index, IndexKey
from dbbuddy.sqlreview.scratch.types import scratch_type

# What may stand in an index: nothing else is ever handed to the server as part of DDL.
_ALLOWED = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ,
    exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between, exp.Neg, exp.Lower, exp.Upper, exp.Trim, exp.Substring,
    exp.Left, exp.Right, exp.Length, exp.MD5, exp.Concat, exp.DPipe, exp.Coalesce, exp.JSONExtract, exp.JSONExtractScalar,
    exp.JSONPath, exp.JSONPathRoot, exp.JSONPathKey, exp.JSONPathSubscript, exp.TimestampTrunc, exp.DateTrunc, exp.Extract,
    exp.Var, exp.Cast, exp.DataType, exp.DataTypeParam, exp.Date, exp.TsOrDsToDate,
)  # fmt: skip
_FUNCTIONS = ("to_tsvector", "date_trunc", "substr", "immutable_unaccent")
_CLASSES = frozenset(
    ("text_pattern_ops", "varchar_pattern_ops", "bpchar_pattern_ops", "jsonb_path_ops", "jsonb_ops", "gin_trgm_ops", "array_ops")
)
_METHODS = ("btree", "hash", "gin", "gist", "brin", "spgist")


def name(text: str) -> str:
    """A name as it is written everywhere in the scratch database."""
    return '"' + text.lower().replace('"', "").replace("\x00", "")[:63] + '"'


def explainable(statement: Statement, views: dict[str, exp.Query]) -> str | None:
    """The statement to be planned; `None` if there is nothing to plan."""
    tree = statement.tree
    changes = isinstance(tree, (exp.Update, exp.Delete, exp.Merge))
    query: exp.Expr | None = tree.copy() if changes and tree is not None else finding_query(statement, views)
    if query is None or query.find(exp.Into):
        return None
    query = _numbered(query)
    for table in query.find_all(exp.Table):
        table.set("db", None)
        table.set("catalog", None)
    for column in query.find_all(exp.Column):
        column.set("db", None)
        column.set("catalog", None)
    _quote(query)
    return str(query.sql(dialect="postgres", comments=False))


def _numbered(query: exp.Expr) -> exp.Expr:
    """Every kind of placeholder as `$1`, `$2` ...; the same one keeps its number."""
    numbers: dict[str, int] = {}
    for node in list(query.find_all(exp.Placeholder, exp.Parameter)):
        text = f"{type(node).__name__}:{node.sql()}"
        same = isinstance(node, exp.Parameter) or (node.this and node.this != "p")
        number = numbers.setdefault(text if same else f"{text}#{len(numbers)}", len(numbers) + 1)
        fresh = exp.Parameter(this=exp.Literal.number(number))
        if node is query:
            return fresh
        node.replace(fresh)
    return query


def _quote(tree: exp.Expr) -> None:
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.this.lower())
        identifier.set("quoted", True)


def safe_sql(text: str) -> str | None:
    """An index expression or condition, if it consists of known harmless parts only."""
    try:
        tree = parse_one(text, dialect="postgres")
    except (SqlglotError, RecursionError):
        return None
    for node in tree.walk():
        if isinstance(node, exp.Anonymous):
            if node.name.lower() not in _FUNCTIONS:
                return None
        elif isinstance(node, exp.DataType):
            if not scratch_type(node.sql(dialect="postgres"))[1]:
                return None
        elif not isinstance(node, _ALLOWED):
            return None
    _quote(tree)
    return str(tree.sql(dialect="postgres"))


def index_sql(index: Index, label: str, table: str) -> str | None:
    """The statement that creates an index in the scratch database; `None` if a part of it is not known to be harmless."""
    method = {"": "btree", "clustered": "btree", "nonclustered": "btree"}.get(index.method.lower(), index.method.lower())
    keys = [_key(key) for key in index.keys]
    where = safe_sql(index.where) if index.where else ""
    if method not in _METHODS or not keys or None in keys or where is None:
        return None
    include = f" INCLUDE ({', '.join(name(column) for column in index.include)})" if index.include and method == "btree" else ""
    unique = "UNIQUE " if (index.unique or index.primary) and method == "btree" else ""
    listed = ", ".join(key for key in keys if key)
    return f"CREATE {unique}INDEX {name(label)} ON {name(table)} USING {method} ({listed}){include}" + (
        f" WHERE {where}" if where else ""
    )


def _key(key: IndexKey) -> str | None:
    if key.column is not None:
        text = name(key.column)
    else:
        inner = safe_sql(key.expression or "")
        if inner is None:
            return None
        text = f"({inner})"
    operator_class = (key.operator_class or "").lower()
    if operator_class and operator_class not in _CLASSES:
        return None
    nulls = "" if key.nulls_first is None else f" NULLS {'FIRST' if key.nulls_first else 'LAST'}"
    return text + (f" {operator_class}" if operator_class else "") + (" DESC" if key.descending else "") + nulls
