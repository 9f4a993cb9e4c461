"""How to see what an index brought: each engine's own way, and never for a statement that writes."""

from __future__ import annotations

import pytest

from dbbuddy.context import ENGINES, Engine
from dbbuddy.sqlreview.guard import classify
from dbbuddy.sqlreview.indexes.measure import measuring, measuring_index
from dbbuddy.sqlreview.review import review
from dbbuddy.sqlreview.scratch.model import ColumnAssumption, TableAssumption
from dbbuddy.sqlreview.scratch.sway import is_assumed, swayed

WAYS: dict[Engine, str] = {
    "postgresql": "EXPLAIN (ANALYZE, BUFFERS)\nSELECT 1;",
    "mysql": "EXPLAIN ANALYZE\nSELECT 1;",
    "mariadb": "ANALYZE FORMAT=JSON\nSELECT 1;",
    "sqlserver": "SET STATISTICS IO, TIME ON;\nSELECT 1;",
    "oracle": "ALTER SESSION SET statistics_level = ALL;\nSELECT 1;\n"
    "SELECT * FROM TABLE(DBMS_XPLAN.DISPLAY_CURSOR(format => 'ALLSTATS LAST'));",
}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_query_is_measured_in_its_engines_way(engine: Engine) -> None:
    assert measuring(" SELECT 1 ; ", "select", engine) == WAYS[engine]
    assert not classify(WAYS[engine], engine).counts_as_destructive


@pytest.mark.parametrize("kind", ["update", "delete", "insert", "merge"])
def test_what_writes_is_not_run_to_be_measured(kind: str) -> None:
    assert measuring("DELETE FROM t", kind, "postgresql") is None  # type: ignore[arg-type]


def test_each_index_says_how_to_measure_the_query_it_serves() -> None:
    made = review("DELETE FROM parcels WHERE stage = 'x'; SELECT * FROM parcels WHERE sender = 7", engine="mysql")
    told = [measuring_index(advice, made) for advice in made.advised.indexes]
    assert "EXPLAIN ANALYZE\nSELECT * FROM parcels WHERE sender = 7;" in told


def column(name: str, distinct: float, source: str) -> ColumnAssumption:
    return ColumnAssumption(name, "integer", distinct, 0.0, 0.0, 4, source)


def test_only_what_was_assumed_sways() -> None:
    columns = (column("id", 1000, "assumed"), column("kind", 5, "stated"), column("city", 50, "assumed"))
    table = TableAssumption("t", 1000, 0.95, columns, "stated", False)
    wider = swayed(table, 5, 1.0)
    assert [found.distinct for found in wider.columns] == [1000, 5, 250]
    assert wider.visible_share == 1.0
    assert [found.distinct for found in swayed(table, 1 / 100, 0.0).columns] == [1000, 5, 2]
    assert is_assumed(table)
    assert not is_assumed(TableAssumption("t", 1000, 0.95, columns[:2], "stated", False))
