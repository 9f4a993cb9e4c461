"""Conditions that no B-tree serves: text inside of text, words, documents, arrays, ranges in space."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from dbbuddy.context import Engine

_CONTAINMENT = (
    exp.ArrayContainsAll, exp.ArrayOverlaps, exp.ArrayContainedBy,
    exp.JSONBContains, exp.JSONBContainsTopKey, exp.JSONBContainsAllTopKeys, exp.JSONBContainsAnyTopKeys,
)  # fmt: skip
_TRIGRAM = "needs the extension pg_trgm (CREATE EXTENSION pg_trgm); patterns shorter than three letters do not profit"


@dataclass(frozen=True)
class SpecialOperand:
    """What is to be indexed, how, and what the statement or the server must bring along."""

    operands: tuple[exp.Expr, ...]
    method: str
    operator_class: str | None
    note: str


def special_of(node: exp.Expr, engine: Engine | None) -> SpecialOperand | None:
    """The special index that a condition asks for, if it does."""
    if isinstance(node, (exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpILike, exp.SimilarTo)):
        return _pattern(node, engine)
    if isinstance(node, exp.MatchAgainst):
        return _words(node, engine)
    if engine == "postgresql" and isinstance(node, _CONTAINMENT):
        return _containment(node)
    contains = node.this if isinstance(node, exp.GT) else node
    if isinstance(contains, exp.Contains):
        return _contains(contains, engine)
    return _spatial(node, engine)


def _pattern(node: exp.Expr, engine: Engine | None) -> SpecialOperand | None:
    pattern = node.expression.unnest()
    insensitive = isinstance(node, (exp.ILike, exp.RegexpILike))
    if isinstance(node, exp.Like) and isinstance(pattern, exp.Literal) and not pattern.this.startswith(("%", "_")):
        return None
    if isinstance(node, exp.Like) and not isinstance(pattern, exp.Literal) and not _starts_open(pattern):
        return None
    if isinstance(pattern, exp.Literal) and len(pattern.this.strip("%_")) < 3:
        return None
    if engine == "postgresql" or (engine is None and insensitive):
        return SpecialOperand((node.this,), "gin", "gin_trgm_ops", _TRIGRAM)
    if not isinstance(node, exp.Like):
        return None
    if engine in ("mysql", "mariadb"):
        note = "finds whole words: the condition must become MATCH(column) AGAINST('word' IN BOOLEAN MODE)"
        note += "; parts of words need the ngram parser"
        return SpecialOperand((node.this,), "fulltext", None, note if engine == "mysql" else note.partition("; parts")[0])
    if engine == "sqlserver":
        return SpecialOperand(
            (node.this,),
            "fulltext",
            None,
            "finds words and their beginnings: the condition must become CONTAINS(column, '\"word*\"')",
        )
    if engine == "oracle":
        return SpecialOperand(
            (node.this,), "context", None, "needs Oracle Text: the condition must become CONTAINS(column, '%part%') > 0"
        )
    return None


def _starts_open(pattern: exp.Expr) -> bool:
    """True for `'%' || x` and CONCAT('%', x)."""
    first = next(iter(pattern.find_all(exp.Literal)), None)
    return isinstance(pattern, (exp.Concat, exp.DPipe)) and first is not None and first.this.startswith("%")


def _words(node: exp.MatchAgainst, engine: Engine | None) -> SpecialOperand | None:
    if engine != "postgresql":
        return SpecialOperand(
            tuple(node.expressions), "fulltext", None, "the columns must be those of the MATCH, no more and no fewer"
        )
    document = node.expressions[0] if node.expressions else None
    if isinstance(document, exp.Anonymous) and document.name.lower() == "to_tsvector":
        if len(document.expressions) < 2:
            return None
        return SpecialOperand((document,), "gin", None, "the query must name the same text search configuration")
    return SpecialOperand((document,), "gin", None, "") if isinstance(document, exp.Column) else None


def _containment(node: exp.Expr) -> SpecialOperand:
    value = node.expression.unnest()
    literal = value.this if isinstance(value, exp.Cast) else value
    if isinstance(value, exp.Anonymous) and value.name.lower().endswith("range"):
        return SpecialOperand((node.this,), "gist", None, "")
    text = literal.this if isinstance(literal, exp.Literal) else ""
    paths = isinstance(node, exp.ArrayContainsAll) and text[:1] in ("{", "[") and '"' in text
    return SpecialOperand((node.this,), "gin", "jsonb_path_ops" if paths else None, "")


def _contains(node: exp.Contains, engine: Engine | None) -> SpecialOperand | None:
    columns = tuple(node.this.expressions) if isinstance(node.this, exp.Tuple) else (node.this,)
    if engine == "sqlserver":
        return SpecialOperand(columns, "fulltext", None, "")
    return SpecialOperand(columns, "context", None, "needs Oracle Text") if engine == "oracle" else None


def _spatial(node: exp.Expr, engine: Engine | None) -> SpecialOperand | None:
    name = node.name.upper() if isinstance(node, exp.Anonymous) else ""
    if name not in ("ST_DWITHIN", "ST_INTERSECTS", "ST_CONTAINS", "ST_WITHIN", "ST_COVERS") or engine not in (
        "postgresql",
        "mysql",
    ):
        return None
    column = next((part for part in node.expressions if isinstance(part, exp.Column)), None)
    return SpecialOperand((column,), "gist" if engine == "postgresql" else "spatial", None, "") if column is not None else None
