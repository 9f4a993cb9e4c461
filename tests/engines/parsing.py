"""Check SQL that we cannot run here: it must parse in sqlglot's grammar of its engine."""

from __future__ import annotations

import logging
import re

import sqlglot
import yaml
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tests.engines.blocks import FIXTURES, SqlBlock
from tests.engines.sandbox import Failure
from tests.engines.statements import split, without_text

DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlserver": "tsql", "oracle": "oracle"}

_KNOWN = yaml.safe_load((FIXTURES / "opaque.yaml").read_text(encoding="utf-8"))
_PROCEDURAL = re.compile(
    r"\s*(BEGIN|DECLARE|<<|CREATE\s+(OR\s+(REPLACE|ALTER)\s+)?((NON)?EDITIONABLE\s+)?"
    r"(PROCEDURE|FUNCTION|TRIGGER|PACKAGE|TYPE|EVENT))\b",
    re.I,
)
_TSQL_CONTROL = re.compile(r"\b(WHILE|BEGIN\s+(?!TRAN)|THROW|WAITFOR|RAISERROR|IF)\b", re.I)
_LOGGER = logging.getLogger("sqlglot")


def failure(block: SqlBlock) -> Failure | None:
    """The first statement of the block that does not parse, or that the parser only skips over."""
    for statement in split(block.filled({}), block.engine):
        problem = _problem(statement, block.engine)
        if problem:
            return Failure(statement, problem)
    return None


def _problem(statement: str, engine: str) -> str | None:
    code = without_text(statement)
    if engine != "sqlserver" and _PROCEDURAL.match(code):
        return _unbalanced(code)
    if _is_known(code, engine, "beyond_sqlglot"):
        return _unbalanced(code)
    problem = _parse_problem(_trimmed(statement, code, engine), engine)
    if problem and engine == "sqlserver" and _TSQL_CONTROL.search(code):
        return _unbalanced(code) or _first_problem(_inner_statements(statement), engine)
    return problem


def _parse_problem(statement: str, engine: str) -> str | None:
    level = _LOGGER.level
    _LOGGER.setLevel(logging.ERROR)
    try:
        trees = sqlglot.parse(statement, dialect=DIALECTS[engine])
    except (SqlglotError, ValueError) as error:
        if _is_known(without_text(statement), engine, "opaque"):
            return _unbalanced(without_text(statement))
        return (
            f"sqlglot ({DIALECTS[engine]}) cannot parse it: {_plain(error)}\n"
            "(if the manual says that it is valid, add the clause to `clauses` in tests/engines/fixtures/opaque.yaml)"
        )
    finally:
        _LOGGER.setLevel(level)
    code = without_text(statement)
    return next((problem for tree in trees if tree and (problem := _opaque(tree, code, engine))), None)


def _trimmed(statement: str, code: str, engine: str) -> str:
    """The statement without the vendor's clauses that sqlglot has no grammar for, so that the rest is checked."""
    for row in _KNOWN["clauses"].get(_family(engine), []):
        if re.match(r"\s*" + row["statement"], code, re.I):
            statement = re.sub(row["clause"], row.get("as", " "), statement, flags=re.I | re.S)
    return statement


def _inner_statements(batch: str) -> list[str]:
    """The plain statements inside T-SQL's control flow."""
    skeleton = r";|\bBEGIN\b(?:\s+(?:TRY|CATCH)\b)?|\bEND\b(?:\s+(?:TRY|CATCH)\b)?(?=\s*(?:;|$|\n))"
    plain = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|CREATE|ALTER|DROP)\b", re.I)
    return [piece for piece in re.split(skeleton, batch, flags=re.I) if plain.match(piece)]


def _first_problem(statements: list[str], engine: str) -> str | None:
    problems = (_parse_problem(_trimmed(one, without_text(one), engine), engine) for one in statements)
    return next((problem for problem in problems if problem), None)


def _opaque(tree: exp.Expr, code: str, engine: str) -> str | None:
    command = tree.find(exp.Command)
    if command is None:
        return None
    text = without_text(command.sql(dialect=DIALECTS[engine])).strip()
    if _is_known(text, engine, "opaque") or _is_known(code, engine, "opaque"):
        return None
    words = " ".join(text.split()[:4])
    return (
        f"sqlglot does not understand {words!r}, so nothing was checked\n"
        "(if it is a valid utility statement, add its first words to `opaque` in tests/engines/fixtures/opaque.yaml)"
    )


def _is_known(text: str, engine: str, kind: str) -> bool:
    flat = " ".join(text.split())
    return any(re.match(pattern + r"(?!\w)", flat, re.I) for pattern in _KNOWN[kind].get(_family(engine), []))


def _family(engine: str) -> str:
    return "mysql" if engine == "mariadb" else engine


def _unbalanced(code: str) -> str | None:
    """A check of the words only, for procedural code: parentheses and BEGIN ... END must match."""
    if code.count("(") != code.count(")"):
        return "the parentheses do not match"
    ends = len(re.findall(r"\bEND\b(?!\s+(IF|LOOP|CASE|WHILE|REPEAT|FOR)\b)", code, re.I))
    begins = len(re.findall(r"\bBEGIN\b(?!\s+TRAN)", code, re.I))
    cases = len(re.findall(r"(?<!END )\bCASE\b", code, re.I)) - len(re.findall(r"\bEND\s+CASE\b", code, re.I))
    package = len(re.findall(r"\bPACKAGE\b", code, re.I))
    if ends not in (begins + cases, begins + cases + package):
        return f"{begins} BEGIN and {cases} CASE, but {ends} END"
    if re.search(r"['\"`]\s*$", code) and code.count("'") % 2:
        return "a quote is not closed"
    return None


def _plain(error: Exception) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().split("\n\n")[0]
