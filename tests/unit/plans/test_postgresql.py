"""PostgreSQL plans: what clients print, in every dress, is one tree with right times."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbbuddy.plans.model import Plan, PlanError
from dbbuddy.plans.read import read_plans

SHARED = Path(__file__).parents[4] / "shared" / "plans"

TEXT = """\
Hash Join  (cost=10.00..50.00 rows=100 width=8) (actual time=1.000..9.000 rows=90 loops=1)
  Hash Cond: (o.customer_id = c.id)
  ->  Seq Scan on orders o  (cost=0.00..30.00 rows=1000 width=8) (actual time=0.010..4.000 rows=1000 loops=1)
        Filter: (status = 'open'::text)
        Rows Removed by Filter: 500
  ->  Hash  (cost=5.00..5.00 rows=50 width=4) (actual time=0.900..0.900 rows=50 loops=1)
        Buckets: 1024  Batches: 1  Memory Usage: 10kB
        ->  Index Scan using customers_pkey on customers c  (cost=0.00..5.00 rows=50 width=4) (actual time=0.005..0.700 rows=50 loops=1)
              Index Cond: (id < 50)
Planning Time: 0.200 ms
Execution Time: 9.500 ms
"""


def framed(text: str) -> str:
    """As psql prints it."""
    lines = text.splitlines()
    width = max(map(len, lines)) + 2
    return "\n".join(["QUERY PLAN".center(width), "-" * width, *(f" {line}" for line in lines), f"({len(lines)} rows)", ""])


def shape(plan: Plan) -> list[tuple[object, ...]]:
    return [(n.type, n.relation, n.index, n.rows_estimated, n.rows_actual, n.loops, len(n.children)) for n in plan.root.walk()]


def test_every_operator_is_read() -> None:
    read = read_plans(TEXT)
    assert read.unread == []
    assert [node.type for node in read.plans[0].root.walk()] == ["Hash Join", "Seq Scan", "Hash", "Index Scan"]
    scan = next(node for node in read.plans[0].root.walk() if node.type == "Seq Scan")
    assert (scan.relation, scan.rows_estimated, scan.rows_actual) == ("orders", 1000, 1000)


def test_self_times_add_up_to_the_total() -> None:
    root = read_plans(TEXT).plans[0].root
    assert root.total_ms == pytest.approx(9.0)
    assert sum(node.self_ms or 0 for node in root.walk()) == pytest.approx(9.0, abs=0.01)


def test_a_client_frame_changes_nothing() -> None:
    read = read_plans(framed(TEXT))
    assert read.unread == []
    assert shape(read.plans[0]) == shape(read_plans(TEXT).plans[0])


@pytest.mark.parametrize("text", ["", "hello", "SELECT 1;", "(cost=", "->", "{}", "[{", "<explain"])
def test_other_text_is_refused_with_what_to_paste(text: str) -> None:
    with pytest.raises(PlanError, match="(?i)paste"):
        read_plans(text)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared plan corpus is not beside this checkout")
@pytest.mark.parametrize("version", ["gen-pg15", "gen-pg18"])
def test_every_variant_of_the_corpus_is_read_whole(version: str) -> None:
    files = [file for file in sorted((SHARED / version).rglob("*")) if file.is_file()]
    assert files
    assert [file.name for file in files if read_plans(file.read_text(encoding="utf-8")).unread] == []
