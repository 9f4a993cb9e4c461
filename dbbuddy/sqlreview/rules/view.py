"""A statement's tree as rules look at it: nodes by type, the tables of each query, and which table a column belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.schema import Schema, Table

Node = Any
"""A node of sqlglot's tree, whose classes give their children at run time only."""
Source = Node
_QUERIES = (exp.Select, exp.Update, exp.Delete, exp.Merge)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ)


class View:
    """Reads one statement's tree once, so that a hundred rules need not."""

    def __init__(self, statement: Statement, schema: Schema) -> None:
        self.statement = statement
        self.schema = schema
        self.tree = statement.tree
        self._by_type: dict[type, list[Node]] = defaultdict(list)
        self._sources: dict[int, dict[str, Source]] = {}
        self._queries: dict[int, Node | None] = {}
        self._filters: dict[int, bool] = {}
        for node in self.tree.walk() if self.tree is not None else ():
            self._by_type[type(node)].append(node)

    def nodes(self, *types: type) -> Iterator[Node]:
        """The nodes of exactly these types."""
        for kind in types:
            yield from self._by_type.get(kind, ())

    @property
    def selects(self) -> list[exp.Select]:
        return self._by_type.get(exp.Select, [])

    def conditions(self) -> Iterator[Node]:
        """What WHERE, ON and the ON of a MERGE ask for, as whole conditions."""
        for where in self.nodes(exp.Where):
            yield where.this
        for join in self.nodes(exp.Join):
            if join.args.get("on") is not None:
                yield join.args["on"]
        for merge in self.nodes(exp.Merge):
            if merge.args.get("on") is not None:
                yield merge.args["on"]
        for when in self.nodes(exp.When):
            if when.args.get("condition") is not None:
                yield when.args["condition"]
        for connect in self.nodes(exp.Connect):
            yield connect.args["connect"]

    def sources(self, query: Node) -> dict[str, Source]:
        """The tables and derived tables of a query by the lower-case name that its columns carry."""
        key = id(query)
        if key not in self._sources:
            self._sources[key] = {source.alias_or_name.lower(): source for source in _listed(query)}
        return self._sources[key]

    def query_of(self, node: Node | None) -> Node | None:
        """`query_of`, remembered for all nodes on the way: a chain of conditions may be thousands of nodes high."""
        way: list[Node] = []
        while node is not None and id(node) not in self._queries and not isinstance(node, _QUERIES):
            way.append(node)
            node = node.parent
        found = self._queries.get(id(node), node) if node is not None else None
        for passed in way:
            self._queries[id(passed)] = found
        return found

    def filters(self, predicate: Node) -> bool:
        """True if a predicate chooses rows: it stands in a WHERE, ON, WHEN or CONNECT BY and not in a select list or HAVING."""
        way: list[Node] = []
        node: Node | None = predicate.parent
        found = False
        while node is not None:
            known = self._filters.get(id(node))
            if known is not None:
                found = known
                break
            way.append(node)
            if isinstance(node, exp.Where | exp.Join | exp.Connect | exp.Merge | exp.When):
                found = True
                break
            connects = isinstance(node, exp.And | exp.Or | exp.Exists)
            if isinstance(node, exp.Select | exp.Having | exp.Case | exp.Func) and not connects:
                break
            node = node.parent
        for passed in way:
            self._filters[id(passed)] = found
        return found

    def source(self, column: exp.Column) -> Source | None:
        """The table or derived table that a column belongs to; `None` if it cannot be told."""
        qualifier, query = column.table.lower(), self.query_of(column)
        while query is not None:
            sources = self.sources(query)
            if qualifier:
                if qualifier in sources:
                    return sources[qualifier]
            else:
                found = self._holder(column.name, sources)
                if found is not None or any(not isinstance(source, exp.Table) for source in sources.values()):
                    return found
            query = self.query_of(query.parent)
        return None

    def _holder(self, name: str, sources: dict[str, Source]) -> Source | None:
        """Which of the sources has a column of that name: the one whose definition says so, or the only one."""
        holders = [source for source in sources.values() if self._has(source, name)]
        if len(holders) == 1:
            return holders[0]
        unknown = [source for source in sources.values() if self._has(source, name) is None]
        return unknown[0] if not holders and len(unknown) == 1 else None

    def _has(self, source: Source, name: str) -> bool | None:
        table = self.base_table(source)
        if table is not None and table.columns:
            return table.column(name) is not None
        if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Select):
            names = [item.alias_or_name.lower() for item in source.this.expressions]
            return None if "*" in names else name.lower() in names
        return None

    def base_table(self, source: Source | None) -> Table | None:
        """The known table behind a source; none for derived tables and names of CTEs."""
        if not isinstance(source, exp.Table) or not source.name or self.is_cte(source):
            return None
        table = self.schema.table(source.name)
        if table is None or (source.db and table.schema and source.db.lower() != table.schema.lower()):
            return None
        return table

    def is_cte(self, source: exp.Table) -> bool:
        """True if the name is one of a WITH that is visible at it."""
        if source.db or exp.With not in self._by_type:
            return False
        name = source.name.lower()
        inside: Node = source.find_ancestor(exp.CTE)
        node: Node | None = source
        while node is not None:
            with_: Node = node.args.get("with_") if isinstance(node, exp.Query | exp.DML) else None
            ctes: list[Node] = with_.expressions if with_ is not None else []
            for cte in ctes:
                if inside is cte and not (with_.args.get("recursive") or self._recurses(cte)):
                    break
                if cte.alias.lower() == name:
                    return True
            node = node.parent
        return False

    def _recurses(self, cte: exp.CTE) -> bool:
        """Oracle and SQL Server need no RECURSIVE: a CTE that is a UNION may refer to itself."""
        return self.statement.engine in ("oracle", "sqlserver") and isinstance(cte.this, exp.Union)

    def table_of(self, column: exp.Column) -> Table | None:
        """The known table that a column belongs to."""
        return self.base_table(self.source(column))


def query_of(node: Node | None) -> Node | None:
    """The nearest query around a node, the node itself included."""
    while node is not None and not isinstance(node, _QUERIES):
        node = node.parent
    return node


def _listed(query: Node) -> Iterator[Source]:
    """The sources of a query; for UPDATE, DELETE and MERGE the target too."""
    roots: list[Node | None] = []
    if not isinstance(query, exp.Select):
        roots += [query.this, query.args.get("using"), *_as_list(query.args.get("tables"))]
    from_ = query.args.get("from_") or query.args.get("from")
    if from_ is not None:
        roots += [from_.this, *from_.expressions]
    roots += [join.this for join in query.args.get("joins") or ()]
    roots += list(query.args.get("laterals") or ())
    for root in roots:
        yield from _flat(root)


def _as_list(value: object) -> list[Node]:
    return list(value) if isinstance(value, list) else [value] if isinstance(value, exp.Expression) else []


def _flat(root: Node | list[Node] | None) -> Iterator[Source]:
    if isinstance(root, list):
        for item in root:
            yield from _flat(item)
        return
    if not isinstance(root, exp.Expression):
        return
    if isinstance(root, exp.Paren) or (
        isinstance(root, exp.Subquery) and isinstance(root.this, exp.Table | exp.Subquery) and not root.alias
    ):
        yield from _flat(root.this)
    else:
        yield root
    for join in root.args.get("joins") or ():
        yield from _flat(join.this)


def conjuncts(condition: Node | None) -> list[Node]:
    """The parts that AND joins, without parentheses around them."""
    return _parts(condition, exp.And)


def disjuncts(condition: Node) -> list[Node]:
    """The parts that OR joins, without parentheses around them."""
    return _parts(condition, exp.Or)


def _parts(condition: Node | None, connector: Any) -> list[Node]:
    """Without recursion: a chain may have thousands of parts."""
    found: list[Node] = []
    waiting: list[Node] = [condition] if condition is not None else []
    while waiting:
        plain = waiting.pop().unnest()
        if isinstance(plain, connector):
            waiting += [plain.expression, plain.this]
        else:
            found.append(plain)
    return found


def leaves(condition: Node) -> list[Node]:
    """The parts that AND and OR join, at any depth."""
    found: list[Node] = []
    waiting = [condition]
    while waiting:
        plain = waiting.pop().unnest()
        if isinstance(plain, exp.And | exp.Or):
            waiting += [plain.expression, plain.this]
        else:
            found.append(plain)
    return found


def own_columns(node: Node) -> list[exp.Column]:
    """The columns in a node that do not stand in a subquery of it."""
    inside = node.walk(prune=lambda inner: inner is not node and isinstance(inner, exp.Select))
    return [column for column in inside if isinstance(column, exp.Column)]


def is_constant(node: Node | None) -> bool:
    """True if a node needs no row: literals, parameters and functions of them, without subqueries."""
    return node is not None and node.find(exp.Column, exp.Select, exp.Star) is None


def is_null(node: Node | None) -> bool:
    """True for the literal NULL."""
    return isinstance(node, exp.Null)


def literal(node: Node | None) -> str | None:
    """The text of a string or number literal."""
    plain = node.unnest() if node is not None else None
    return plain.this if isinstance(plain, exp.Literal) else None
