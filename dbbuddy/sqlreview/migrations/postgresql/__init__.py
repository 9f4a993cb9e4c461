"""PostgreSQL migrations: locks, rewrites and scans by version."""

from __future__ import annotations

from dbbuddy.sqlreview.migrations.postgresql import columns, constraints, indexes, transactions

FINDERS = (*columns.FINDERS, *constraints.FINDERS, *indexes.FINDERS, *transactions.FINDERS)
exclusive = transactions.exclusive
