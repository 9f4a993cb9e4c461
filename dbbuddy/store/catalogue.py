"""Which tables and columns a database has; the same questions for both."""

from __future__ import annotations

from dbbuddy.store.backend import Columns, Keys, Session

_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_catalog = current_catalog AND table_schema = current_schema
    ORDER BY table_name, ordinal_position
"""
_KEYS = """
    SELECT k.table_name, k.column_name
    FROM information_schema.table_constraints c
    JOIN information_schema.key_column_usage k
      ON k.constraint_name = c.constraint_name AND k.table_schema = c.table_schema AND k.table_name = c.table_name
    WHERE c.table_catalog = current_catalog AND c.table_schema = current_schema AND c.constraint_type = 'PRIMARY KEY'
    ORDER BY k.table_name, k.ordinal_position
"""


def columns_of(session: Session) -> Columns:
    """The type of each column of each table, in the order of the columns."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in session.run(_COLUMNS):
        found.setdefault(table, {})[column] = kind
    return found


def keys_of(session: Session) -> Keys:
    """The columns of the primary key of each table that has one."""
    found: dict[str, tuple[str, ...]] = {}
    for table, column in session.run(_KEYS):
        found[table] = (*found.get(table, ()), column)
    return found
