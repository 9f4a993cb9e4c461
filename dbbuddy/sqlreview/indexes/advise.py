"""Which indexes a script's statements ask for, beside those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlglot import exp

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.assumptions import assumed, is_few
from dbbuddy.sqlreview.indexes.choose import SMALL_TABLE, candidates_of
from dbbuddy.sqlreview.indexes.existing import identity, prefix_of, serves, superfluous, unindexed_foreign_keys
from dbbuddy.sqlreview.indexes.merge import merge
from dbbuddy.sqlreview.indexes.model import Advised, Candidate, IndexAdvice, Key, Purpose, WriteCost, as_index_key
from dbbuddy.sqlreview.indexes.queries import table_kinds, view_queries
from dbbuddy.sqlreview.indexes.size import index_bytes
from dbbuddy.sqlreview.indexes.syntax import create_sql, drop_sql, index_name, table_sql
from dbbuddy.sqlreview.indexes.uses import read_uses
from dbbuddy.sqlreview.reading import Script, Statement, is_filler
from dbbuddy.sqlreview.schema import Index, Schema, Table

_QUERIES = ("select", "insert", "update", "delete", "merge", "explain", "create_table")
MAX_ALTERNATIVES = 3
MAX_STATEMENTS = 500
"""Statements that are looked at; a longer script is a dump or a log, whose first statements say what it asks for."""


def advise(
    script: Script, schema: Schema, engine: Engine | None = None, *, definitions: Script | None = None, foreign_keys: bool = True
) -> Advised:
    """The indexes that the statements ask for and the schema lacks, and the existing ones that are superfluous.

    `schema` should carry row counts and distinct values where they are known; what is assumed instead is said with each advice.
    `definitions` is the DDL that the schema was read from, for its views. `foreign_keys` also asks for an
    index on every foreign key without one.
    """
    engine = engine or script.engine
    views = view_queries(definitions) | view_queries(script)
    found: list[Candidate] = []
    declined: list[str] = []
    unknown: list[str] = []
    every = [statement for statement in script.statements if statement.kind in _QUERIES]
    queries = every[:MAX_STATEMENTS]
    for statement in queries:
        uses, homeless = read_uses(statement, schema, views, engine)
        found += candidates_of(uses, schema, engine)
        if homeless:
            unknown.append(
                f"statement {statement.index + 1}: whose columns {', '.join(homeless[:5])} are is not known without the DDL; "
                "no index is advised on them"
            )
    if foreign_keys and engine not in ("mysql", "mariadb"):
        found += [
            _for_foreign_key(table, key.columns, key.table)
            for table in schema
            for key in unindexed_foreign_keys(table)
            if _large(table)
        ]
    foreign, partitioned = table_kinds(definitions, script)
    real = [candidate for candidate in found if _bare(candidate.table) not in foreign and not is_filler(candidate.table)]
    wanted = [candidate for candidate in real if _is_new(candidate, schema, declined)]
    as_written = _quoted_names(queries)
    build = _Builder(schema, engine, queries, as_written, partitioned)
    indexes = build.all(merge(wanted))
    not_read = (*(f"statement {statement.index + 1}: {statement.problem}" for statement in queries if statement.problem), *unknown)
    if len(every) > MAX_STATEMENTS:
        not_read = (*not_read, f"only the first {MAX_STATEMENTS} of {len(every)} statements were looked at for indexes")
    return Advised(indexes, tuple(superfluous(schema, engine)), tuple(dict.fromkeys(declined)), not_read)


def _large(table: Table) -> bool:
    return table.rows is None or table.rows >= SMALL_TABLE


def _for_foreign_key(table: Table, columns: list[str], other: str) -> Candidate:
    text = f"serves the foreign key: without it every DELETE or key change in {other} reads the whole of {table.name}"
    return Candidate(table.name, [[Key(column) for column in columns]], [Purpose(-1, text)])


def _is_new(candidate: Candidate, schema: Schema, declined: list[str]) -> bool:
    table = schema.table(candidate.table)
    existing = table.indexes if table else []
    forms = [candidate, *([candidate.whole] if candidate.whole else [])]
    if any(serves(index, form) for index in existing for form in forms):
        return False
    keys = candidate.keys
    alone = candidate.method == "btree" and not (candidate.where or candidate.include or candidate.ordered) and bool(keys)
    if alone and candidate.purposes[0].statement >= 0 and all(key.column and is_few(key.column, table) for key in keys):
        names = ", ".join(key.text() for key in keys)
        declined.append(
            f"An index on {candidate.table} ({names}) alone would rarely be used: "
            "so few distinct values leave too many rows for each. "
            "It pays only for values that are rare."
        )
        return False
    return True


def _quoted_names(statements: Iterable[Statement]) -> frozenset[str]:
    """The names that the user put into quotes."""
    return frozenset(
        identifier.name
        for statement in statements
        if statement.tree is not None
        for identifier in statement.tree.find_all(exp.Identifier)
        if identifier.args.get("quoted")
    )


def _shape(candidate: Candidate) -> tuple[str, tuple[Key, ...], tuple[str, ...]]:
    return candidate.table.lower(), tuple(candidate.keys), tuple(candidate.where)


class _Builder:
    """Makes advice of candidates, with names that are still free."""

    def __init__(
        self, schema: Schema, engine: Engine | None, statements: list[Statement], as_written: frozenset[str], partitioned: set[str]
    ) -> None:
        self.schema, self.engine, self.statements, self.as_written = schema, engine, statements, as_written
        self.partitioned = partitioned if engine == "postgresql" else set()
        self.taken = {(index.name or "").lower() for table in schema for index in table.indexes}

    def all(self, candidates: list[Candidate]) -> tuple[IndexAdvice, ...]:
        """The advice, each with the shapes that are not advised as an index of their own."""
        chosen = [self._one(candidate) for candidate in candidates]
        seen = [_shape(candidate) for candidate in candidates]
        advised = []
        for candidate, advice in zip(candidates, chosen, strict=True):
            forms = {_shape(form): form for form in [*([candidate.whole] if candidate.whole else []), *candidate.others]}
            others = [form for shape, form in forms.items() if shape not in seen]
            advised.append(replace(advice, alternatives=tuple(self._one(form) for form in others[:MAX_ALTERNATIVES])))
        return tuple(advised)

    def _one(self, candidate: Candidate) -> IndexAdvice:
        table = self.schema.table(candidate.table)
        where = " AND ".join(candidate.where) or None
        keys = [as_index_key(key) for key in candidate.keys]
        index = Index(None, candidate.table, keys, include=list(candidate.include), where=where, method=candidate.method)
        index.name = index_name(index, self.taken, self.engine)
        sql = create_sql(index, table, self.engine, self.as_written)
        divided = _bare(candidate.table) in self.partitioned
        columns = [key.column for key in candidate.keys if key.column]
        numbers = tuple(dict.fromkeys(purpose.statement for purpose in candidate.purposes if purpose.statement >= 0))
        return IndexAdvice(
            index=index,
            table=candidate.table,
            sql=_on_partitions(sql) if divided else sql,
            rollback=drop_sql(index.name, table_sql(candidate.table, self.engine, self.as_written), self.engine),
            reason=_reason(candidate),
            statements=numbers,
            size_bytes=index_bytes(index, table, self.schema, self.engine),
            write_cost=self._write_cost(index, table),
            assumptions=tuple(assumed(table, candidate.table, columns, self.schema)),
            notes=tuple(
                dict.fromkeys([*candidate.notes, *_reordered(candidate, table), *_engine_notes(index, self.engine, divided)])
            ),
            rewrites=tuple(dict.fromkeys(candidate.rewrites)),
            replaces=tuple(old.name or "" for old in (table.indexes if table else []) if prefix_of(old, candidate)),
        )

    def _write_cost(self, index: Index, table: Table | None) -> WriteCost:
        before = len(table.indexes) if table else 1
        names = {name.lower() for name in [*(key.column or "" for key in index.keys), *index.include]}
        changing = []
        for statement in self.statements:
            tree = statement.tree if statement.kind == "update" else None
            if isinstance(tree, exp.Update) and tree.this.name.lower() == index.table.rpartition(".")[2].lower():
                written = {part.this.name.lower() for part in tree.expressions if isinstance(part, exp.EQ)}
                changing += [statement.index] if written & names else []
        return WriteCost(before, before + 1, tuple(changing))


def _reordered(candidate: Candidate, table: Table | None) -> Iterator[str]:
    """An existing index of the same columns in an order that does not serve, such as the range before the equality."""
    wanted = {key.identity for key in candidate.keys}
    for index in table.indexes if table and len(wanted) > 1 else ():
        if index.name and not index.unique and {identity(key) for key in index.keys} == wanted and not index.where:
            yield f"{index.name} holds the same columns in an order that does not serve this; see whether it is still needed."


def _reason(candidate: Candidate) -> str:
    texts = list(dict.fromkeys(purpose.text for purpose in candidate.purposes))
    reason = "; ".join(text[:1].upper() + text[1:] if not index else text for index, text in enumerate(texts[:3]))
    if candidate.where:
        reason += f"; it holds only the rows where {' AND '.join(candidate.where)}, so it stays small"
    if candidate.include:
        reason += f"; with {', '.join(candidate.include)} in it the table itself need not be read"
    return reason + "."


def _on_partitions(sql: str) -> str:
    """CONCURRENTLY is not for partitioned tables: the parent's index is made alone, then those of the partitions."""
    return sql.replace(" CONCURRENTLY", "", 1).replace(" ON ", " ON ONLY ", 1)


def _bare(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _engine_notes(index: Index, engine: Engine | None, divided: bool) -> list[str]:
    notes = []
    if divided:
        text = "Then CREATE INDEX CONCURRENTLY the same on each partition and ALTER INDEX ... ATTACH PARTITION it"
        return [f"{text}; the last one makes it valid."]
    mixed = any(key.descending for key in index.keys)
    if engine == "sqlserver":
        notes.append("ONLINE = ON needs Enterprise edition or Azure SQL; elsewhere leave it out and build in a quiet hour.")
    if engine == "oracle":
        notes.append("ONLINE needs Enterprise Edition; elsewhere leave it out and build in a quiet hour.")
    if engine == "postgresql":
        notes.append("CONCURRENTLY cannot run inside a transaction; if it fails it leaves an INVALID index to be dropped.")
    if engine == "mysql" and mixed:
        notes.append("MySQL keeps descending keys since 8.0; before that DESC is read and ignored.")
    if engine == "mariadb" and mixed:
        notes.append("MariaDB keeps descending keys since 10.8; before that DESC is read and ignored.")
    if engine == "mysql" and any(key.column is None for key in index.keys) and index.method == "btree":
        notes.append("Expressions in an index need MySQL 8.0.13; the statement must use exactly this expression.")
    if engine in ("mariadb", "sqlserver") and any(key.column is None for key in index.keys) and index.method == "btree":
        notes.append("The index is on a computed column, as the engine has no indexes on expressions.")
    return notes
