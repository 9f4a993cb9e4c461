"""Index advice tried on a real PostgreSQL planner: a throw-away server, empty tables, stated statistics, no statement ever run."""

from dbbuddy.sqlreview.scratch.model import (
    Choice,
    ColumnAssumption,
    IndexVerification,
    StatementVerification,
    TableAssumption,
    as_stats,
)
from dbbuddy.sqlreview.scratch.verify import Verified, verify

__all__ = [
    "Choice",
    "ColumnAssumption",
    "IndexVerification",
    "StatementVerification",
    "TableAssumption",
    "Verified",
    "as_stats",
    "verify",
]
