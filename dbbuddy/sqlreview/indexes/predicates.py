"""Conditions of WHERE and ON, sorted by what an index can do for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.assumptions import is_key
from dbbuddy.sqlreview.indexes.model import Key
from dbbuddy.sqlreview.indexes.operands import Operand, expression_sql, is_constant, operand_of, part_is_indexable, reads_ranges
from dbbuddy.sqlreview.indexes.places import JoinedBy, Places, Predicate, Special, TableUse
from dbbuddy.sqlreview.indexes.specials import special_of

_EQUAL = (exp.EQ, exp.NullSafeEQ)
_RANGE = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_MAX_ARMS = 6
# Longer lists do not become the condition of a partial index.
_FEW_VALUES = 20


class Reader:
    """Reads the conditions of one scope into the uses of its tables."""

    def __init__(self, scope: Scope, places: Places, engine: Engine | None) -> None:
        self.scope, self.places, self.engine = scope, places, engine

    def read(self) -> None:
        select = self.scope.expression
        for condition in conjuncts(select.args.get("where")):
            self._condition(condition)
        for join in select.args.get("joins") or []:
            for condition in conjuncts(join.args.get("on")):
                self._condition(condition)
            for column in join.args.get("using") or []:
                self._using(join, column.name)

    def _condition(self, node: exp.Expr) -> None:
        node = node.unnest()
        if isinstance(node, exp.Or):
            self._alternatives(node)
            return
        if isinstance(node, _EQUAL) and self._joined(node):
            return
        special = special_of(node, self.engine)
        if special is not None:
            operands = [self._operand(part) for part in special.operands]
            uses = {operand.use.number for operand in operands if operand}
            if len(uses) == 1 and all(operands) and operands[0] is not None:
                text = ", ".join(expression_sql(part, self.engine) for part in special.operands)
                plain = isinstance(special.operands[0].unnest(), exp.Column) and len(operands) == 1
                key = replace(operands[0].key, operator_class=special.operator_class) if plain else Key(None, text)
                operands[0].use.specials.append(Special(key, special.method, special.note))
            return
        for operand, predicate in self._predicates(node):
            if predicate.kind != "filter" and not all(is_key(column, operand.use.table, self.engine) for column in operand.plain):
                continue
            operand.use.predicates.append(self._dated(operand, predicate) if operand.dated else predicate)

    def _operand(self, node: exp.Expr) -> Operand | None:
        return operand_of(node, self.scope, self.places, self.engine)

    def _predicates(self, node: exp.Expr) -> Iterator[tuple[Operand, Predicate]]:
        """The predicates of a condition that is no OR; none if an index cannot serve it."""
        node = node.unnest()
        if isinstance(node, (exp.Column, exp.Not)):
            yield from self._unary(node)
        elif isinstance(node, (*_EQUAL, *_RANGE)):
            yield from self._comparison(node)
        elif isinstance(node, exp.Between):
            operand = self._operand(node.this)
            if operand and self._free(node.args["low"], operand.use) and self._free(node.args["high"], operand.use):
                yield operand, Predicate(operand.key, "range")
        elif isinstance(node, exp.In):
            yield from self._listed(node)
        elif isinstance(node, exp.Is):
            operand = self._operand(node.this)
            if operand and isinstance(node.expression, (exp.Null, exp.Boolean)):
                null = isinstance(node.expression, exp.Null)
                kind = "filter" if node.args.get("negate") else "null" if null else "equal"
                yield operand, Predicate(operand.key, kind, self._sql(node))
        elif isinstance(node, (exp.NEQ, exp.Like)):
            yield from self._other(node)

    def _unary(self, node: exp.Expr) -> Iterator[tuple[Operand, Predicate]]:
        inner = node.this.unnest() if isinstance(node, exp.Not) else node
        if isinstance(inner, exp.Column):
            operand = self._operand(inner)
            if operand:
                yield operand, Predicate(operand.key, "equal", self._sql(node))
        elif isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            operand = self._operand(inner.this)
            if operand:
                yield operand, Predicate(operand.key, "filter", f"{expression_sql(inner.this.unnest(), self.engine)} IS NOT NULL")

    def _comparison(self, node: exp.Expr) -> Iterator[tuple[Operand, Predicate]]:
        equal = isinstance(node, _EQUAL)
        if isinstance(node.this.unnest(), exp.Tuple) and isinstance(node.expression.unnest(), exp.Tuple):
            parts = node.this.unnest().expressions
            for part in parts if equal else parts[:1]:
                operand = self._operand(part)
                if operand:
                    yield operand, Predicate(operand.key, "equal" if equal else "range")
            return
        for side, other in ((node.this, node.expression), (node.expression, node.this)):
            operand = self._operand(side)
            if operand is None or not self._free(other, operand.use):
                continue
            if equal and isinstance(other.unnest(), (exp.Any, exp.Null)):
                kind, values = ("list", 10) if isinstance(other.unnest(), exp.Any) else ("never", 1)
            else:
                kind, values = ("equal" if equal else "range"), 1
            if kind != "never":
                literal = self._sql(node) if is_constant(other) else None
                yield operand, Predicate(operand.key, kind, literal, values)
            return

    def _dated(self, operand: Operand, predicate: Predicate) -> Predicate:
        """A part of a moment, if an index can hold it; else the moment itself, of which the statement must ask a range."""
        column = operand.use.table.column(operand.columns[0]) if operand.use.table else None
        if part_is_indexable(predicate.key.expression or "", column.type if column else "", self.engine):
            return predicate
        if not reads_ranges(predicate.key.expression or "", self.engine):
            operand.use.rewrites.append(f"{predicate.key.expression} must become a half-open range on {operand.columns[0]} itself")
        return Predicate(Key(operand.columns[0]), "range")

    def _listed(self, node: exp.In) -> Iterator[tuple[Operand, Predicate]]:
        operand = self._operand(node.this)
        if operand is None or any(not self._free(value, operand.use) for value in node.expressions):
            return
        values = len(node.expressions)
        few = 0 < values <= _FEW_VALUES and all(is_constant(value) for value in node.expressions)
        literal = self._sql(node) if few else None
        yield operand, Predicate(operand.key, "equal" if values == 1 else "list", literal, values or 10)

    def _other(self, node: exp.Expr) -> Iterator[tuple[Operand, Predicate]]:
        operand = self._operand(node.this)
        if operand is None or not is_constant(node.expression):
            return
        if isinstance(node, exp.Like) and isinstance(node.expression, exp.Literal):
            pattern = node.expression.this
            kind = "equal" if not set(pattern) & set("%_") else "prefix"
            yield operand, Predicate(operand.key, kind, None)
        elif isinstance(node, exp.NEQ):
            yield operand, Predicate(operand.key, "filter", self._sql(node))

    def _sql(self, node: exp.Expr) -> str:
        return expression_sql(node, self.engine)

    def _free(self, node: exp.Expr, use: TableUse) -> bool:
        """True if the other side is known before the table is read: it names no column of this table."""
        for column in node.find_all(exp.Column):
            if column.find_ancestor(exp.Subquery, exp.Select) is not self.scope.expression and node.find(exp.Query):
                continue
            place = self.places.resolve(column, self.scope)
            if place is not None and place[0] is use:
                return False
        return True

    def _joined(self, node: exp.Expr) -> bool:
        """True if it is an equality between columns of two tables of this query."""
        if isinstance(node.this.unnest(), exp.Tuple):
            return False
        left, right = self._operand(node.this), self._operand(node.expression)
        if left is None or right is None or left.use is right.use:
            return False
        left.use.joins.append(JoinedBy(left.key, right.use.number, right.key))
        right.use.joins.append(JoinedBy(right.key, left.use.number, left.key))
        return True

    def _using(self, join: exp.Join, name: str) -> None:
        places = [
            self.places.resolve(exp.column(name, table=alias), self.scope)
            for alias in self.scope.selected_sources
            if alias.lower() != join.this.alias_or_name.lower()
        ]
        other = self.places.resolve(exp.column(name, table=join.this.alias_or_name), self.scope)
        known = [place for place in places if place and (place[0].table is None or place[0].table.column(name))]
        if other and known:
            other[0].joins.append(JoinedBy(Key(name), known[0][0].number, Key(name)))
            known[0][0].joins.append(JoinedBy(Key(name), other[0].number, Key(name)))

    def _alternatives(self, node: exp.Or) -> None:
        """Arms of an OR that all ask for one table: one column is a list of values, several columns one index an arm."""
        arms: list[list[Predicate]] = []
        uses: dict[int, TableUse] = {}
        for arm in node.flatten():
            found = [pair for part in conjuncts(arm) for pair in self._predicates(part) if pair[1].kind != "filter"]
            if not found:
                return
            uses |= {operand.use.number: operand.use for operand, _ in found}
            arms.append([predicate for _, predicate in found])
        if len(uses) != 1 or len(arms) > _MAX_ARMS:
            return
        use = next(iter(uses.values()))
        first = arms[0][0].key
        if all(len(arm) == 1 and arm[0].key == first and arm[0].kind in ("equal", "list") for arm in arms):
            use.predicates.append(Predicate(first, "list", None, len(arms)))
        elif all(arm[0].kind != "prefix" for arm in arms):
            use.arms += arms


def conjuncts(node: exp.Expr | None) -> Iterator[exp.Expr]:
    """The parts of an AND, in order."""
    inner = node.this if isinstance(node, exp.Where) else node
    if inner is None:
        return
    inner = inner.unnest()
    if isinstance(inner, exp.And):
        for part in inner.flatten():
            yield from conjuncts(part)
    else:
        yield inner
