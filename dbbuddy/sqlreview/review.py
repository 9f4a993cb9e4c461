"""One review of pasted SQL: what is wrong, the rewritten statement, the indexes that help, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbbuddy.context import ENGINE_NAMES, Engine
from dbbuddy.severity import SEVERITIES, Severity
from dbbuddy.sqlreview import migrations
from dbbuddy.sqlreview.ddl import schema_of
from dbbuddy.sqlreview.finding import Finding, Found, Span
from dbbuddy.sqlreview.indexes import Advised, Overrides, advise, apply_stats
from dbbuddy.sqlreview.kinds import StatementKind
from dbbuddy.sqlreview.reading import Script, read_script
from dbbuddy.sqlreview.rules import registry
from dbbuddy.sqlreview.rules.base import ReviewContext
from dbbuddy.sqlreview.schema import Schema

if TYPE_CHECKING:
    from dbbuddy.sqlreview.scratch.verify import Verified

MOST_FINDINGS = 2000


@dataclass(frozen=True)
class Reviewed:
    """One statement of the text. `problem` says why it was read by its words alone; `parent` is the routine that it stands in."""

    index: int
    kind: StatementKind
    span: Span
    text: str
    problem: str | None
    parent: int | None


@dataclass(frozen=True)
class Review:
    """Everything that a review says. Findings stand worst first, then in the order of the text.

    `not_read` names the parts that no rule could judge fully, so that no finding there is no promise. `verified` is the planner's
    word on the indexes, if it was asked for.
    """

    engine: Engine | None
    engine_guessed: bool
    findings: tuple[Finding, ...]
    advised: Advised
    statements: tuple[Reviewed, ...]
    notes: tuple[str, ...]
    not_read: tuple[str, ...]
    verified: Verified | None = None

    def worst(self) -> Severity | None:
        """The worst severity found."""
        return min((finding.severity for finding in self.findings), key=SEVERITIES.index, default=None)


def review(
    sql: str,
    *,
    engine: Engine | None = None,
    schema: str | None = None,
    stats: Mapping[str, object] | None = None,
    version: str | None = None,
    verify: bool = False,
    advise_indexes: bool = True,
    thresholds: Mapping[str, float] | None = None,
) -> Review:
    """Review SQL for an engine, or for the one that its syntax shows. Never raises on any text.

    `schema` is DDL of the tables (the script's own CREATE statements count too); `stats` row counts and distinct values;
    `thresholds` replaces those of rules; `verify` asks a real planner about the indexes (PostgreSQL).
    """
    script = read_script(sql, engine)
    definitions = read_script(schema, engine or script.engine) if schema else None
    before = schema_of(definitions) if definitions else Schema()
    known = _merged(before, schema_of(script))
    overrides, stat_problems = apply_stats(known, stats)
    context = ReviewContext(script, known, version, dict(thresholds or {}))
    found = [*registry.find(context), *migrations.find(script, before, script.engine, version)]
    findings, omitted = _findings(found, script)
    advised = advise(script, known, script.engine, definitions=definitions) if advise_indexes else Advised()
    verified = _verified(script, known, advised, overrides, definitions) if verify and advise_indexes else None
    return Review(
        engine=script.engine,
        engine_guessed=script.guessed and script.engine is not None,
        findings=findings,
        advised=verified.advised if verified else advised,
        statements=tuple(_reviewed(script)),
        notes=(*_notes(script, known, omitted), *stat_problems, *(verified.notes if verified else ())),
        not_read=(*_not_read(script, known), *context.problems, *_not_advised(script, advised)),
        verified=verified,
    )


def _merged(before: Schema, own: Schema) -> Schema:
    """The tables of the DDL, and those that the script creates or changes."""
    merged = Schema(dict(before.tables), list(before.unread))
    for table in own:
        known = merged.tables.get(table.name.lower())
        if known is None:
            merged.add(table)
        elif not known.columns or not table.columns:
            known.indexes += [index for index in table.indexes if index not in known.indexes]
    merged.unread += own.unread
    return merged


def _verified(script: Script, schema: Schema, advised: Advised, overrides: Overrides, definitions: Script | None) -> Verified:
    from dbbuddy.sqlreview.scratch.verify import verify

    return verify(script, schema, advised, script.engine, definitions=definitions, overrides=overrides)


def _findings(found: list[Found], script: Script) -> tuple[tuple[Finding, ...], int]:
    """The findings with their texts, each once, worst first; and how many more there are than a reader could read."""
    unique: dict[tuple[str, int, int], Found] = {}
    for entry in found:
        unique.setdefault((entry.rule, entry.start, entry.end), entry)
    texts = registry.texts()
    severities = {key: entry.severity or texts[entry.rule].severity for key, entry in unique.items()}
    ordered = sorted(unique, key=lambda key: (SEVERITIES.index(severities[key]), key[1], key[2], key[0]))
    kept = ordered[:MOST_FINDINGS]
    return tuple(registry.to_finding(unique[key], script) for key in kept), len(ordered) - len(kept)


def _reviewed(script: Script) -> Iterator[Reviewed]:
    for statement in script.statements:
        yield Reviewed(
            statement.index,
            statement.kind,
            script.span(statement.start, statement.end),
            script.text[statement.start : statement.end],
            statement.known_problem,
            statement.parent,
        )


def _notes(script: Script, schema: Schema, omitted: int) -> Iterator[str]:
    if not script.statements:
        yield "There is no SQL in the text."
    elif script.engine is None:
        yield "The engine is not known; what depends on it was left out. Name it for engine-specific advice."
    elif script.guessed:
        yield f"Read as {ENGINE_NAMES[script.engine]}, which the syntax shows."
    if script.statements and not any(table.columns for table in schema):
        yield "Without the tables' DDL, types, keys and existing indexes are not known; severities assume that columns are indexed."
    if omitted:
        yield f"{omitted} more findings are left out; the worst are shown."


def _not_advised(script: Script, advised: Advised) -> Iterator[str]:
    """What could not be read for index advice alone."""
    problems = tuple(problem for _, problem in script.unread())
    return (text for text in advised.not_read if not text.endswith(problems))


def _not_read(script: Script, schema: Schema) -> Iterator[str]:
    for statement, problem in script.unread():
        span = script.span(statement.start, statement.end)
        yield f"statement {statement.index + 1} (line {span.line}): {problem}"
    for text in schema.unread:
        yield f"DDL: {text}"
    if script.unclosed is not None:
        yield f"line {script.span(script.unclosed, script.unclosed).line}: the comment that begins here never ends"
