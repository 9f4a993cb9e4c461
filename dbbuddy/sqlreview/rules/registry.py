"""All rules, and what a user reads of each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel, ConfigDict

from dbbuddy.context import Engine
from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Finding, Found
from dbbuddy.sqlreview.reading import Script, Statement
from dbbuddy.sqlreview.rules import (
    assignments,
    columns,
    concurrency,
    conditions,
    dml,
    grouping,
    index_design,
    joins,
    mysql,
    oracle,
    paging,
    patterns,
    postgresql,
    predicates,
    projection,
    sqlserver,
    style,
    subqueries,
    tables,
    types,
    unparsed,
)
from dbbuddy.sqlreview.rules.base import ReviewContext, Rule, ScriptRule

_GROUPS = (
    *(predicates, patterns, conditions, types, joins, subqueries, paging, grouping, projection, dml, assignments, concurrency),
    *(columns, tables, index_design, mysql, postgresql, sqlserver, oracle, style, unparsed),
)
RULES: tuple[Rule, ...] = tuple(rule for group in _GROUPS for rule in group.RULES)
SCRIPT_RULES: tuple[ScriptRule, ...] = tuple(rule for group in _GROUPS for rule in getattr(group, "SCRIPT_RULES", ()))
_EVIDENCE_LENGTH = 160
# Whose manual stands where.
_MANUALS: dict[str, tuple[Engine, ...]] = {
    "postgresql.org": ("postgresql",),
    "dev.mysql.com": ("mysql", "mariadb"),
    "mariadb.com": ("mariadb", "mysql"),
    "microsoft.com": ("sqlserver",),
    "oracle.com/en/database": ("oracle",),
}


class Text(BaseModel):
    """What a rule says. Braces name the values that the rule reports; `fix` may differ by engine, `default` being for the rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    severity: Severity
    why: str
    fix: str | dict[Engine | str, str]
    source: str

    def fix_for(self, engine: Engine | None) -> str:
        """The fix in the words of one engine; MariaDB takes MySQL's where it has none of its own."""
        if isinstance(self.fix, str):
            return self.fix
        kin: Engine | str = "mysql" if engine == "mariadb" else engine or "default"
        return self.fix.get(engine or "default") or self.fix.get(kin) or self.fix.get("default", "")

    def source_for(self, engine: Engine | None) -> str:
        """The source; empty if it is the manual of another engine than the reader's."""
        owners = next((engines for place, engines in _MANUALS.items() if place in self.source), None)
        return self.source if engine is None or owners is None or engine in owners else ""


@cache
def texts() -> dict[str, Text]:
    """The text of each rule by its id, of all files in `data/sql_rules/`."""
    found: dict[str, Text] = {}
    for path in sorted((DATA / "sql_rules").glob("*.yaml")):
        for rule, content in (load_yaml(f"sql_rules/{path.name}") or {}).items():
            if rule in found:
                raise ValueError(f"{path.name}: {rule} stands in two files")
            found[rule] = Text.model_validate(content)
    return found


# What a rule may stumble over in a tree that no example has shown. The statement is then named as not read, never dropped silently.
_STUMBLES = (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError)


# Statements of a script that are all judged. Beyond them one of each shape is, up to as many shapes: a dump repeats a few.
JUDGED_STATEMENTS = 2000


def find(context: ReviewContext) -> Iterator[Found]:
    """What all rules find in the script; `context.problems` tells where one could not be applied, and what was passed over."""
    for statement in _judged(context):
        for rule in RULES:
            try:
                yield from list(rule(statement, context))
            except _STUMBLES as error:
                context.problems.append(
                    f"statement {statement.index + 1}: {rule.__name__} could not be applied ({type(error).__name__})"
                )
    for script_rule in SCRIPT_RULES:
        yield from script_rule(context)


def _judged(context: ReviewContext) -> Iterator[Statement]:
    statements = context.script.statements
    yield from statements[:JUDGED_STATEMENTS]
    shapes: set[int] = set()
    repeated = left_out = 0
    for statement in statements[JUDGED_STATEMENTS:]:
        shape = hash(tuple("?" if token.kind in ("string", "number", "param") else token.upper for token in statement.tokens[:200]))
        if shape in shapes:
            repeated += 1
        elif len(shapes) == JUDGED_STATEMENTS:
            left_out += 1
        else:
            shapes.add(shape)
            yield statement
    if repeated:
        context.problems.append(f"{repeated} statements repeat the shape of others and are not listed again")
    if left_out:
        context.problems.append(
            f"{left_out} statements were not judged, as the script has more than {2 * JUDGED_STATEMENTS} different ones"
        )


class _Values(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"the {name.replace('_', ' ')}"


def to_finding(found: Found, script: Script) -> Finding:
    """A finding with its texts."""
    text = texts()[found.rule]
    values = _Values(found.values)
    evidence = " ".join(script.text[found.start : min(found.end, found.start + 2 * _EVIDENCE_LENGTH)].split())
    return Finding(
        rule=found.rule,
        title=text.title.format_map(values),
        severity=found.severity or text.severity,
        span=script.span(found.start, found.end),
        evidence=evidence if len(evidence) <= _EVIDENCE_LENGTH else f"{evidence[: _EVIDENCE_LENGTH - 3]}...",
        why=text.why.format_map(values),
        fix=text.fix_for(script.engine).format_map(values),
        rewrite=found.rewrite,
        source=text.source_for(script.engine),
        statement=script.statement_at(found.start),
    )
