"""Which tables and columns a database has; the same questions for both."""

from __future__ import annotations

from dbbuddy.store.backend import Columns, Session

_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_catalog = current_catalog AND table_schema = current_schema
    ORDER BY table_name, ordinal_position
"""
_KEYED = """
    SELECT table_name FROM information_schema.table_constraints
    WHERE table_catalog = current_catalog AND table_schema = current_schema AND constraint_type = 'PRIMARY KEY'
"""


def columns_of(session: Session) -> Columns:
    """The type of each column of each table, in the order of the columns."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in session.run(_COLUMNS):
        found.setdefault(table, {})[column] = kind
    return found


def keyed_of(session: Session) -> frozenset[str]:
    """The tables with a primary key."""
    return frozenset(row[0] for row in session.run(_KEYED))
