"""Which table a column of a query belongs to, through derived tables and CTEs that hand it on unchanged."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from dbbuddy.sqlreview.indexes.model import Key
from dbbuddy.sqlreview.schema import Schema, Table

_SYSTEM = ("information_schema", "pg_catalog", "sys", "performance_schema", "mysql")
_SYSTEM_TABLES = ("pg_", "v$", "dba_", "user_tables", "all_tables", "all_indexes", "user_indexes", "sqlite_", "dual")
_PSEUDO = frozenset(("rownum", "rowid", "level", "sysdate", "ctid", "xmin", "systimestamp", "user"))


@dataclass(frozen=True)
class Predicate:
    """A condition on one key. `literal` is its SQL without table names if it compares with a constant, for a partial index."""

    key: Key
    kind: str
    literal: str | None = None
    values: int = 1


@dataclass(frozen=True)
class JoinedBy:
    """An equality with a column of another table of the same query; `other` is that use's position."""

    key: Key
    other: int
    other_key: Key


@dataclass(frozen=True)
class Special:
    """A condition that needs another kind of index than a B-tree. `note` says what the statement or the server must bring."""

    key: Key
    method: str
    note: str


@dataclass
class TableUse:
    """A table in a statement and all that is asked of it there."""

    number: int
    statement: int
    reference: exp.Table
    table: Table | None
    scope: Scope
    optional: bool = False
    writes: bool = False
    predicates: list[Predicate] = field(default_factory=list)
    specials: list[Special] = field(default_factory=list)
    joins: list[JoinedBy] = field(default_factory=list)
    arms: list[list[Predicate]] = field(default_factory=list)
    order: list[Key] = field(default_factory=list)
    group: list[Key] = field(default_factory=list)
    limited: bool = False
    rewrites: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    star: bool = False

    @property
    def name(self) -> str:
        """The table's name as written, with its schema."""
        return ".".join(part.name for part in self.reference.parts)


@dataclass
class Places:
    """The scopes of a query and the base tables in them."""

    scopes: list[Scope]
    uses: list[TableUse]
    schema: Schema
    homeless: list[str] = field(default_factory=list)
    """Columns without a table's name in a query of several tables whose DDL is not known."""
    _by_source: dict[tuple[int, str], TableUse] = field(default_factory=dict)

    def use_of(self, scope: Scope, alias: str) -> TableUse | None:
        return self._by_source.get((id(scope), alias.lower()))

    def uses_in(self, scope: Scope) -> list[TableUse]:
        return [use for use in self.uses if use.scope is scope]

    def resolve(self, column: exp.Column, scope: Scope, *, anyhow: bool = False) -> tuple[TableUse, str] | None:
        """The base table and the name under which the column is stored there; `None` for computed and outer columns.

        A derived table that groups, limits or removes duplicates hands a column on only if `anyhow` is set: it is read there,
        but a condition on it cannot be applied inside.
        """
        if not isinstance(column.this, exp.Identifier) or (not column.table and column.name.lower() in _PSEUDO):
            return None
        alias = self._source_of(column, scope)
        return self._through(scope, alias, column.name, anyhow, 0) if alias is not None else None

    def _source_of(self, column: exp.Column, scope: Scope) -> str | None:
        sources = scope.selected_sources
        if column.table:
            return next((alias for alias in sources if alias.lower() == column.table.lower()), None)
        if len(sources) == 1:
            return next(iter(sources))
        unknown = False
        for alias, (_, source) in sources.items():
            if isinstance(source, exp.Table):
                table = self.schema.table(source.name)
                if table is not None and table.column(column.name) is not None:
                    return alias
                unknown = unknown or table is None or not table.columns
            elif column.name.lower() in (name.lower() for name in getattr(source.expression, "named_selects", ())):
                return alias
        if unknown and len(sources) > 1:
            self.homeless.append(column.name)
        return None

    def _through(self, scope: Scope, alias: str, name: str, anyhow: bool, depth: int) -> tuple[TableUse, str] | None:
        _, source = scope.selected_sources[alias]
        if isinstance(source, exp.Table):
            use = self.use_of(scope, alias)
            return (use, name) if use else None
        select = source.expression
        if depth > 10 or not isinstance(select, exp.Select) or not (anyhow or _hands_on(source)):
            return None
        for projection in select.expressions:
            inner = projection.unalias()
            if projection.alias_or_name.lower() == name.lower() and isinstance(inner, exp.Column):
                found = self._source_of(inner, source)
                return self._through(source, found, inner.name, anyhow, depth + 1) if found is not None else None
        if any(projection.is_star for projection in select.expressions) and len(source.selected_sources) == 1:
            return self._through(source, next(iter(source.selected_sources)), name, anyhow, depth + 1)
        return None


def places_of(query: exp.Query, statement: int, schema: Schema, writes: bool) -> Places:
    """The base tables of a query; those of the system catalogues are left out."""
    places = Places([], [], schema)
    places.scopes = [scope for scope in traverse_scope(query) if isinstance(scope.expression, exp.Select)]
    for scope in places.scopes:
        optional = _optional_sources(scope.expression)
        for alias, (_, source) in scope.selected_sources.items():
            if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier) or _is_system(source):
                continue
            use = TableUse(len(places.uses), statement, source, schema.table(source.name), scope)
            use.optional = alias.lower() in optional
            use.writes = writes
            places.uses.append(use)
            places._by_source[id(scope), alias.lower()] = use
    return places


def _optional_sources(select: exp.Expr) -> set[str]:
    """The aliases on the side of an outer join that may be missing."""
    optional: set[str] = set()
    seen = {select.args["from_"].this.alias_or_name.lower()} if select.args.get("from_") else set()
    for join in select.args.get("joins") or []:
        alias = join.this.alias_or_name.lower()
        if join.side in ("LEFT", "FULL"):
            optional.add(alias)
        if join.side in ("RIGHT", "FULL"):
            optional |= seen
        seen.add(alias)
    return optional


def _is_system(table: exp.Table) -> bool:
    return table.db.lower() in _SYSTEM or table.name.lower().startswith(_SYSTEM_TABLES)


def _hands_on(scope: Scope) -> bool:
    """True if a condition on a column of the derived table can be applied inside of it."""
    select = scope.expression
    parent = select.parent
    if isinstance(parent, exp.CTE) and parent.args.get("materialized"):
        return False
    blocking = ("group", "limit", "offset", "distinct", "having")
    return not any(select.args.get(key) for key in blocking) and not any(
        projection.find(exp.Window, exp.AggFunc) for projection in select.expressions
    )
