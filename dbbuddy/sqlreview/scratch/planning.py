"""Asks the planner for its choice. A statement is prepared, which takes one statement and no DDL, and explained, never run."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from psycopg import sql

from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.read import read_plans
from dbbuddy.sqlreview.scratch.model import Choice

_MAX_SHAPE = 6
_PASSED_OVER = frozenset(
    ("Gather", "Gather Merge", "Hash", "Materialize", "Memoize", "Bitmap Index Scan", "BitmapOr", "BitmapAnd", "Result")
)


class Planner:
    """Prepared statements of one review; names are theirs."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._parameters: dict[str, int] = {}
        connection.execute("SET plan_cache_mode = force_generic_plan")

    def prepare(self, name: str, statement: str) -> str | None:
        """Hand the statement to the server; the reason if it does not accept it."""
        try:
            # In the binary format a query travels by the protocol that takes a single statement only.
            self._connection.execute(f"PREPARE {name} AS {statement}".encode(), binary=True)
        except psycopg.Error as error:
            return _reason(error)
        row = self._connection.execute(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = %s", (name,)
        ).fetchone()
        self._parameters[name] = int(row[0]) if row else 0
        return None

    def choice(self, name: str, candidates: dict[str, str], existing: dict[str, str]) -> Choice | str:
        """The plan of a prepared statement, or the reason why there is none; indexes are named as the user knows them."""
        values = ", ".join(["NULL"] * self._parameters[name])
        query = sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE {}").format(sql.Identifier(name)).as_string(self._connection)
        try:
            row = self._connection.execute((query + (f"({values})" if values else "")).encode(), binary=True).fetchone()
        except psycopg.Error as error:
            return _reason(error)
        if row is None:
            return "the planner gave no plan"
        text = json.dumps(row[0])
        for label, known in (candidates | existing).items():
            text = text.replace(f'"{label}"', json.dumps(known))
        plan = read_plans(text, "postgresql").plans[0]
        used = {node.index for node in plan.root.walk() if node.index}
        known_used = tuple(known for known in candidates.values() if known in used)
        return Choice(plan.root.total_cost or 0.0, plan.root.rows_estimated or 0.0, plan, shape(plan), known_used)


def shape(plan: Plan) -> str:
    """The plan in a line, from the top: `Limit, Sort, Seq Scan on orders`."""
    steps = [_step(node) for node in plan.root.walk() if node.type not in _PASSED_OVER]
    return ", ".join(steps[:_MAX_SHAPE]) + (f" and {len(steps) - _MAX_SHAPE} more" if len(steps) > _MAX_SHAPE else "")


def _step(node: PlanNode) -> str:
    index = node.index or next((child.index for child in node.walk() if child.index and node.type == "Bitmap Heap Scan"), None)
    return node.type + (f" using {index}" if index else "") + (f" on {node.relation}" if node.relation else "")


def _reason(error: psycopg.Error) -> str:
    message = (error.diag.message_primary or type(error).__name__).replace('"', "")
    if isinstance(error, psycopg.errors.QueryCanceled):
        return "planning took too long"
    return f"PostgreSQL does not accept it: {message}"
