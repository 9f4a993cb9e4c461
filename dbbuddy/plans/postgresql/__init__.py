"""PostgreSQL: its four formats as every client prints them, and the logs of auto_explain."""

from dbbuddy.plans.postgresql.reader import looks_like, read

__all__ = ["looks_like", "read"]
