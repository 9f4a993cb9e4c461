"""Insights into plans of MySQL, and into those of MariaDB that no small database makes; tests/engines holds the others."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
import sqlglot
import yaml

from dbbuddy.plans.insights import Insight, find_insights
from dbbuddy.plans.insights.texts import texts_of, titles
from dbbuddy.plans.mysql import read
from tests.engines.blocks import FIXTURES

HEADER = "id\tselect_type\ttable\tpartitions\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tfiltered\tExtra\n"


def row(table: str, access: str, rows: int | str, filtered: float | str = 100, extra: str = "NULL", **more: Any) -> str:
    cells = {"id": 1, "select_type": "SIMPLE", "partitions": None, "possible_keys": None, "key": None, "ref": None} | more
    told = [cells["id"], cells["select_type"], table, cells["partitions"], access, cells["possible_keys"], cells["key"]]
    return "\t".join("NULL" if cell is None else str(cell) for cell in [*told, None, cells["ref"], rows, filtered, extra]) + "\n"


def tables(*entries: dict[str, Any], **block: Any) -> str:
    """MariaDB's ANALYZE FORMAT=JSON of a join of these tables."""
    told = {"select_id": 1, "r_loops": 1, "r_total_time_ms": 1000, "nested_loop": [{"table": entry} for entry in entries]}
    return json.dumps({"query_optimization": {"r_total_time_ms": block.pop("planning", 0.1)}, "query_block": told | block})


def table(name: str, access: str, rows: float, r_rows: float, milliseconds: float, **more: Any) -> dict[str, Any]:
    return {"table_name": name, "access_type": access, "r_loops": 1, "rows": rows, "r_rows": r_rows, "r_table_time_ms": milliseconds,
            "r_other_time_ms": 0.1, "filtered": 100, "r_filtered": 100} | more  # fmt: skip


def scan(
    cost: int, rows: int, actual: str, name: str = "orders", condition: str = "(orders.status = 'open')", kept: int = 20
) -> str:
    return (
        f"-> Filter: {condition}  (cost={cost} rows={kept}) (actual time=0.5..{actual} rows={kept} loops=1)\n"
        f"    -> Table scan on {name}  (cost={cost} rows={rows}) (actual time=0.1..{float(actual) * 0.8} rows={rows} loops=1)\n"
    )


LOOKUPS = """-> Nested loop inner join  (cost=90000 rows=200000) (actual time=0.5..{time} rows={rows} loops=1)
    -> Table scan on i  (cost=20000 rows=200000) (actual time=0.1..40 rows={rows} loops=1)
    -> Single-row index lookup on o using PRIMARY (id=i.order_id)  (cost=0.25 rows=1) (actual time=0.002..0.0025 rows=1 loops={rows})
"""
SUBQUERY = """-> Filter: (o.total > (select #2))  (cost=1000 rows=3000) (actual time=1..{time} rows=10 loops=1)
    -> Table scan on o  (cost=1000 rows=3000) (actual time=0.1..4 rows=3000 loops=1)
    -> Select #2 (subquery in condition; {kind})
        -> Aggregate: avg(i.total)  (cost=10 rows=1) (actual time=0.3..{each} rows=1 loops={loops})
            -> Table scan on i  (cost=10 rows=100) (actual time=0.1..{each} rows=3000 loops={loops})
"""
CTE = """-> Filter: (t.id = 5)  (cost=1..5000 rows=50000) (actual time=400..500 rows={kept} loops=1)
    -> Table scan on t  (cost=1..5000 rows=50000) (actual time=400..480 rows=50000 loops=1)
        -> Materialize CTE t  (cost=1..4000 rows=50000) (actual time=400..400 rows=50000 loops=1)
            -> Table scan on o  (cost=1..3000 rows=50000) (actual time=0.1..100 rows=50000 loops=1)
"""
DERIVED = CTE.replace("Materialize CTE t", "Materialize")
LATERAL = """-> Nested loop inner join  (cost=100 rows=2000) (actual time=1..900 rows=2000 loops=1)
    -> Invalidate materialized tables (row from o)  (cost=10 rows=2000) (actual time=0.1..5 rows={loops} loops=1)
        -> Table scan on o  (cost=10 rows=2000) (actual time=0.1..4 rows={loops} loops=1)
    -> Table scan on d  (cost=2 rows=1) (actual time=0.4..0.4 rows=1 loops={loops})
        -> Materialize (invalidate on row from o)  (cost=2 rows=1) (actual time=0.4..0.4 rows=1 loops={loops})
            -> Index lookup on i using k (a=o.id)  (cost=1 rows=1) (actual time=0.3..0.3 rows=1 loops={loops})
"""
SORT = """-> Sort: o.created DESC, limit input to 10 row(s) per chunk  (cost=5000 rows={rows}) (actual time=300..310 rows=10 loops=1)
    -> Table scan on o  (cost=5000 rows={rows}) (actual time=0.1..100 rows={rows} loops=1)
"""
OFFSET = """-> Limit/Offset: 10/{offset} row(s)  (cost=500 rows=10) (actual time=200..200 rows=10 loops=1)
    -> Index scan on o using PRIMARY  (cost=500 rows=50010) (actual time=0.1..190 rows={read} loops=1)
"""
RECURSION = """-> Table scan on r  (cost=10 rows=3) (actual time=900..950 rows={rows} loops=1)
    -> Materialize recursive CTE r  (cost=10 rows=3) (actual time=900..900 rows={rows} loops=1)
        -> Rows fetched before execution  (cost=0 rows=1) (actual time=0.001..0.001 rows=1 loops=1)
        -> Repeat until convergence  (cost=1 rows=1) (actual time=0.1..800 rows={rows} loops=1)
            -> Scan new records on r  (cost=1 rows=1) (actual time=0.1..700 rows={rows} loops=1)
"""
PAIRS = """-> Filter: ((a.x + b.y) = 5)  (cost=9000 rows={kept}) (actual time=1..800 rows={kept} loops=1)
    -> Inner hash join (a.k = b.k)  (cost=9000 rows=300000) (actual time=1..700 rows=300000 loops=1)
        -> Table scan on a  (cost=900 rows=30000) (actual time=0.1..30 rows=30000 loops=1)
        -> Hash
            -> Table scan on b  (cost=900 rows=30000) (actual time=0.1..30 rows=30000 loops=1)
"""
HASHED = """-> Inner hash join {condition}  (cost=90000 rows=900000) (actual time=1..{time} rows={rows} loops=1)
    -> Table scan on i  (cost=9000 rows=90000) (actual time=0.1..300 rows=90000 loops=1)
    -> Hash
        -> Table scan on c  (cost=900 rows={few}) (actual time=0.1..3 rows={few} loops=1)
"""
GROUPED = """-> Limit: 5 row(s)  (cost=100 rows=5) (actual time=2..{time} rows=5 loops=1)
    -> Group aggregate: count(distinct i.x)  (cost=100 rows=5) (actual time=1..{time} rows=5 loops=1)
        -> Index scan on i using k  (cost=90 rows=90000) (actual time=0.1..150 rows=90000 loops=1)
"""
UPDATE = """-> Update o (immediate)  (cost=5000 rows=30000)
    -> Filter: (o.status = 'x')  (cost=5000 rows=3000)
        -> {scan}  (cost=5000 rows=30000)
"""
V1 = '{{"query_block": {{"select_id": 1, "cost_info": {{"query_cost": "5000"}}, "table": {{"table_name": "o", "access_type": "{type}", '
V1 += '"key": "k", "used_key_parts": ["a"], "rows_examined_per_scan": {rows}, "filtered": "{filtered}", '
V1 += '"cost_info": {{"read_cost": "4000", "eval_cost": "1000"}}, "attached_condition": "{condition}"}}}}}}'
SKIPPED = {"rowid_filter": {"range": {"key": "b", "used_key_parts": ["b"]}, "r_lookups": 5000, "r_selectivity_pct": 95,
                            "r_filling_time_ms": 300}}  # fmt: skip

CASES: list[tuple[str, str, str]] = [
    ("scan-discards-rows", scan(10_000, 100_000, "300"), scan(100, 900, "300")),
    ("scan-discards-rows", HEADER + row("orders", "ALL", 90_000, 1, "Using where"), HEADER + row("orders", "ALL", 900, 1, "Using where")),
    ("scan-discards-rows", V1.format(type="ALL", rows=50_000, filtered="0.10", condition="(`s`.`o`.`a` = 5)"),
     V1.format(type="ALL", rows=50_000, filtered="99.00", condition="(`s`.`o`.`a` = 5)")),
    ("index-not-used", HEADER + row("orders", "ALL", 90_000, 1, "Using where", possible_keys="status"),
     HEADER + row("orders", "ref", 100, 100, "NULL", possible_keys="status", key="status")),
    ("large-scan", HEADER + row("orders", "ALL", 900_000), HEADER + row("orders", "ALL", 9_000)),
    ("full-index-scan", HEADER + row("orders", "index", 900_000, 1, "Using where; Using index", key="k"),
     HEADER + row("orders", "range", 90, 1, "Using where; Using index", key="k")),
    ("index-read-for-its-order", HEADER + row("orders", "index", 900_000, 1, "Using where", key="k"),
     HEADER + row("orders", "index", 10, 100, "NULL", key="k")),
    ("index-discards-rows", V1.format(type="ref", rows=50_000, filtered="1.00", condition="(`s`.`o`.`b` = 5)"),
     V1.format(type="ref", rows=50_000, filtered="90.00", condition="(`s`.`o`.`b` = 5)")),
    ("several-indexes-combined", HEADER + row("orders", "index_merge", 20_000, 100, "Using intersect(a,b); Using where", key="a,b"),
     HEADER + row("orders", "ref", 20_000, 100, "NULL", key="a")),
    ("not-sargable", scan(9000, 100_000, "300", condition="(year(orders.created) = 2024)"),
     scan(9000, 100_000, "300", condition="(orders.created = DATE'2024-01-01')")),
    ("implicit-conversion", scan(9000, 100_000, "300", condition="(cast(orders.code as double) = 5)"), scan(9000, 100_000, "300")),
    ("implicit-conversion", HEADER + row("o", "ALL", 90_000, 10, "Using where", possible_keys="code")
     + "Warning\t1739\tCannot use ref access on index 'code' due to type or collation conversion on field 'code'\n",
     HEADER + row("o", "ALL", 90_000, 10, "Using where") + "Note\t1003\t/* select#1 */ select 1\n"),
    ("leading-wildcard", scan(9000, 100_000, "300", condition="(orders.note like '%x')"),
     scan(9000, 100_000, "300", condition="(orders.note like 'x%')")),
    ("or-over-columns", scan(9000, 100_000, "300", condition="((orders.a = 5) or (orders.b = 6))"),
     scan(9000, 100_000, "300", condition="((orders.a = 5) and (orders.b = 6))")),
    ("partitions-not-pruned", HEADER + row("o", "ALL", 90_000, 10, "Using where", partitions=",".join(f"p{n}" for n in range(20))),
     HEADER + row("o", "ALL", 90_000, 10, "Using where", partitions="p1")),
    ("join-without-index", HASHED.format(condition="(i.order_id = c.id)", time=900, rows=900, few=50),
     HASHED.format(condition="(i.order_id = c.id)", time=900, rows=900, few=80_000)),
    ("join-without-index", HEADER + row("c", "ALL", 5_000) + row("i", "ALL", 90_000, 10, "Using where; Using join buffer (Block Nested Loop)"),
     HEADER + row("c", "ALL", 5_000) + row("i", "ref", 2, 100, "NULL", key="k", ref="s.c.id")),
    ("cartesian-product", HASHED.format(condition="(no condition)", time=9000, rows=4_500_000, few=50),
     HASHED.format(condition="(i.order_id = c.id)", time=900, rows=4_500_000, few=50)),
    ("nested-loop-explosion", LOOKUPS.format(time=640, rows=200_000), LOOKUPS.format(time=50, rows=2_000)),
    ("join-discards-rows", PAIRS.format(kept=3), PAIRS.format(kept=290_000)),
    ("row-misestimate", scan(9000, 100_000, "300", kept=50).replace("rows=50)", "rows=5000)", 1), scan(9000, 100_000, "300")),
    ("stale-statistics", "-> Table scan on o  (cost=90 rows=100) (actual time=0.1..300 rows=90000 loops=1)",
     "-> Table scan on o  (cost=90 rows=80000) (actual time=0.1..300 rows=90000 loops=1)"),
    ("estimate-only", HEADER + row("orders", "ALL", 9), scan(9000, 100_000, "300")),
    ("avoidable-sort", SORT.format(rows=90_000), SORT.format(rows=90)),
    ("temporary-table", HEADER + row("orders", "ALL", 900_000, 100, "Using temporary"), HEADER + row("orders", "ALL", 9_000, 100, "Using temporary")),
    ("derived-table", DERIVED.format(kept=20_000), DERIVED.replace("50000", "500").format(kept=3)),
    ("materialized-cte", CTE.format(kept=3), CTE.format(kept=20_000)),
    ("correlated-subquery", SUBQUERY.format(time=950, kind="dependent", each=0.31, loops=3000),
     SUBQUERY.format(time=5, kind="run only once", each=0.31, loops=1)),
    ("rebuilt-intermediate", LATERAL.format(loops=2000), LATERAL.format(loops=20)),
    ("not-in-subquery", HEADER + row("o", "ALL", 9_000, 100, "NULL", select_type="PRIMARY")
     + row("i", "index_subquery", 2, 100, "Using where; Full scan on NULL key", id=2, select_type="DEPENDENT SUBQUERY", key="k"),
     HEADER + row("o", "ALL", 9_000, 100, "NULL", select_type="PRIMARY")
     + row("i", "index_subquery", 2, 100, "Using where", id=2, select_type="DEPENDENT SUBQUERY", key="k")),
    ("recursion-runaway", RECURSION.format(rows=900_000), RECURSION.format(rows=900)),
    ("deep-offset", OFFSET.format(offset=50_000, read=50_010), OFFSET.format(offset=20, read=30)),
    ("locks-rows-read", UPDATE.format(scan="Table scan on o"), UPDATE.format(scan="Index lookup on o using k (status='x')")),
    ("plan-note", "-> Zero rows (Impossible WHERE)  (cost=0..0 rows=0)", SORT.format(rows=90)),
    ("never-executed", LOOKUPS.format(time=640, rows=0).replace("(actual time=0.002..0.0025 rows=1 loops=0)", "(never executed)"),
     LOOKUPS.format(time=640, rows=200_000)),
    ("dominant-node", GROUPED.format(time=900), GROUPED.format(time=160)),
    ("planning-time", tables(table("a", "ALL", 9, 9, 1), r_total_time_ms=20, planning=300.0), tables(table("a", "ALL", 9, 9, 1), planning=3.0)),
    ("cold-cache", tables(table("a", "ALL", 90_000, 90_000, 900, r_engine_stats={"pages_accessed": 9000, "pages_read_count": 8000,
                                                                              "pages_read_time_ms": 700})),
     tables(table("a", "ALL", 90_000, 90_000, 900, r_engine_stats={"pages_accessed": 9000, "pages_read_count": 8}))),
    ("rowid-filter", tables(table("a", "ref", 9_000, 9_000, 900, **SKIPPED)),
     tables(table("a", "ref", 9_000, 9_000, 900, rowid_filter=SKIPPED["rowid_filter"] | {"r_filling_time_ms": 2, "r_selectivity_pct": 3}))),
    ("join-discards-rows", tables(table("a", "ALL", 900, 900, 10), r_total_time_ms=900, **{"block-nl-join": {
        "table": table("b", "ALL", 900, 900, 600), "buffer_type": "flat", "attached_condition": "a.x + b.y = 5", "r_loops": 900,
        "r_filtered": 0.1, "r_effective_rows": 900, "r_other_time_ms": 90}}),
     tables(table("a", "ALL", 900, 900, 10), r_total_time_ms=900)),
]  # fmt: skip


def insights(text: str) -> dict[str, Insight]:
    found = read(text)
    assert found.unread == []
    return {insight.id: insight for insight in reversed(find_insights(found.plans[0]))}


@pytest.mark.parametrize(("name", "bad", "good"), CASES, ids=lambda value: value if len(value) < 40 else "")
def test_insight(name: str, bad: str, good: str) -> None:
    found = insights(bad)
    assert name in found, list(found)
    insight = found[name]
    assert insight.evidence
    assert not {"{", "}"} & set(insight.why + insight.advice + insight.title)
    for block in insight.blocks:
        assert sqlglot.parse(block.code, read="mysql")
    assert name not in insights(good)


def test_an_index_is_named_after_the_real_table_and_columns() -> None:
    plan = read(scan(10_000, 100_000, "300", "o", "((o.`key` = 5) and (o.total > 3) and (o.note <> 'a.b = 3'))")).plans[0]
    plan.statement = "SELECT * FROM shop.`order` AS o WHERE o.`key` = 5 AND o.total > 3"
    (block,) = next(insight for insight in find_insights(plan) if insight.id == "scan-discards-rows").blocks
    assert block.code == "CREATE INDEX order_key_total_idx ON shop.`order` (`key`, total);"


def test_small_statements_are_of_low_severity() -> None:
    assert {insight.severity for insight in insights(scan(10_000, 5_000, "3")).values()} <= {"low", "info"}
    assert insights(scan(10_000, 100_000, "300"))["scan-discards-rows"].severity == "critical"


def test_a_plan_without_harm_tells_nothing() -> None:
    assert (
        set(
            insights(
                "-> Single-row index lookup on o using PRIMARY (id=5)  (cost=0.3 rows=1) (actual time=0.01..0.01 rows=1 loops=1)"
            )
        )
        == set()
    )
    assert set(insights("-> Rows fetched before execution  (cost=0..0 rows=1) (actual time=0.1..0.1 rows=1 loops=1)")) == set()


def test_every_text_is_reached_and_in_the_vocabulary() -> None:
    on_mariadb = {case["id"] for case in yaml.safe_load((FIXTURES / "plan_insights_mariadb.yaml").read_text())}
    reached = {name for name, _, _ in CASES} | on_mariadb
    assert set(texts_of("mariadb")) == reached
    assert set(texts_of("mariadb")) <= set(titles())
    of_mysql = {name for name, bad, _ in CASES if read(bad).plans[0].engine == "mysql"}
    assert set(texts_of("mysql")) == of_mysql


def test_placeholders_are_plain_names() -> None:
    for engine in ("mysql", "mariadb"):
        for text in texts_of(engine).values():
            fields = [
                name
                for part in (text.why, text.advice, text.sql)
                for _, name, _, _ in string.Formatter().parse(part)
                if name is not None
            ]
            assert all(name.isidentifier() for name in fields)
