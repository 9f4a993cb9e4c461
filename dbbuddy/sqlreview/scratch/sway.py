"""What was only assumed of a table, taken as wrong either way: how far the gain of an index reaches then."""

from __future__ import annotations

from dataclasses import replace

from dbbuddy.sqlreview.scratch.model import ColumnAssumption, TableAssumption

SWAY = 5.0
"""How many times off an assumed number of distinct values may be. With DDL and row counts alone, guessed numbers led to a
plan within 10 % of the best in 9 of 10 queries; the misses came from skew and correlation."""


def swayed(assumption: TableAssumption, times: float, visible_share: float) -> TableAssumption:
    """The table with every assumed number of distinct values that many times as large, and so many pages all-visible."""
    columns = tuple(_swayed(column, assumption.rows, times) for column in assumption.columns)
    return replace(assumption, columns=columns, visible_share=visible_share)


def is_assumed(assumption: TableAssumption) -> bool:
    """True if anything that sways is assumed: a key's values are known, as each row has another."""
    return any(_is_open(column, assumption.rows) for column in assumption.columns)


def _swayed(column: ColumnAssumption, rows: float, times: float) -> ColumnAssumption:
    if not _is_open(column, rows):
        return column
    return replace(column, distinct=min(max(2.0, column.distinct * times), rows * 0.9))


def _is_open(column: ColumnAssumption, rows: float) -> bool:
    return column.source == "assumed" and column.distinct < rows * 0.9 and rows > 2
