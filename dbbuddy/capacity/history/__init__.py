"""History in: numbers typed in, tables, files, pasted output of queries and of the clouds' tools."""

from dbbuddy.capacity.history.model import History, HistoryError, from_numbers, from_points

__all__ = ["History", "HistoryError", "from_numbers", "from_points"]
