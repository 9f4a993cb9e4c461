"""Each rule reports what it is for, and nothing else."""

from __future__ import annotations

import pytest

from dbbuddy.context import ENGINES, Engine
from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.severity import at_least
from dbbuddy.sqlreview.review import review
from dbbuddy.sqlreview.rules import registry
from tests.unit.sqlreview.rule_cases import CASES, SHOP, WITH_ROWS


def found(sql: str, engine: Engine, schema: str = "", stats: dict[str, object] | None = None) -> set[str]:
    result = review(sql, engine=engine, schema=schema or None, stats=stats, advise_indexes=False)
    assert not [text for text in result.not_read if "could not be applied" in text]
    return {finding.rule for finding in result.findings}


@pytest.mark.parametrize(("rule", "engine", "schema", "bad", "good"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_reports_and_leaves_alone(rule: str, engine: Engine, schema: str, bad: str, good: str) -> None:
    assert rule in found(bad, engine, schema)
    assert rule not in found(good, engine, schema)


@pytest.mark.parametrize(("rule", "engine", "stats", "bad", "good"), WITH_ROWS)
def test_row_counts_decide(rule: str, engine: Engine, stats: dict[str, object], bad: str, good: str) -> None:
    assert rule in found(bad, engine, SHOP, stats)
    assert rule not in found(bad, engine, SHOP, {"customer": 10})
    assert rule not in found(good, engine, SHOP, stats)


def test_each_text_has_a_case() -> None:
    texts = {
        rule
        for path in (DATA / "sql_rules").glob("*.yaml")
        if not path.name.startswith("migrations")
        for rule in load_yaml(f"sql_rules/{path.name}")
    }
    assert texts == {case[0] for case in CASES} | {case[0] for case in WITH_ROWS}


def test_texts_differ_by_engine_and_name_no_other() -> None:
    names = {"postgresql": "PostgreSQL", "mysql": "MySQL", "sqlserver": "SQL Server", "oracle": "Oracle"}
    for rule, text in registry.texts().items():
        if rule.startswith("style."):
            continue
        for engine in ENGINES:
            assert text.fix_for(engine), rule
        if isinstance(text.fix, dict):
            for engine, fix in text.fix.items():
                others = [name for key, name in names.items() if key != engine and engine != "default"]
                assert not [name for name in others if name in fix], (rule, engine)


GOOD = {
    "postgresql": [
        "SELECT id, total FROM invoice WHERE customer_id = $1 AND made >= $2 ORDER BY made DESC, id DESC LIMIT 20;",
        "UPDATE customer SET score = score + 1 WHERE id = $1;",
        "INSERT INTO invoice (id, customer_id, state) VALUES ($1, $2, 'open') ON CONFLICT (id) DO NOTHING;",
        "SELECT c.city, count(*) AS n FROM customer c JOIN invoice i ON i.customer_id = c.id "
        "WHERE i.state = 'open' GROUP BY c.city ORDER BY n DESC;",
        "WITH open AS (SELECT customer_id, sum(total) AS due FROM invoice WHERE state = 'open' GROUP BY customer_id) "
        "SELECT c.email, o.due FROM customer c JOIN open o ON o.customer_id = c.id WHERE o.due > 100;",
        "SELECT i.id FROM invoice i WHERE EXISTS (SELECT 1 FROM customer c WHERE c.id = i.customer_id AND c.city = 'Bern');",
        "SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY made DESC) FROM invoice WHERE state = 'open';",
        "DELETE FROM invoice WHERE id IN (SELECT id FROM invoice_archive WHERE moved);",
    ],
    "mysql": [
        "SELECT `id`, `total` FROM `invoice` WHERE `customer_id` = ? AND `state` IN ('a', 'b') ORDER BY `id` LIMIT 20;",
        "INSERT INTO invoice (id, total) VALUES (?, ?), (?, ?);",
        "UPDATE invoice SET state = 'paid', made = NOW() WHERE id = ?;",
        "SELECT c.id, COUNT(*) AS n FROM customer c LEFT JOIN invoice i ON i.customer_id = c.id AND i.state = 'open' "
        "GROUP BY c.id ORDER BY c.id;",
    ],
    "sqlserver": [
        "SELECT TOP (20) [id], [total] FROM [dbo].[invoice] WHERE [customer_id] = @c ORDER BY [id];",
        "UPDATE dbo.invoice SET state = 'paid' OUTPUT inserted.id WHERE id = @id;",
        "SELECT c.id, x.total FROM dbo.customer AS c CROSS APPLY "
        "(SELECT TOP (1) i.total FROM dbo.invoice AS i WHERE i.customer_id = c.id ORDER BY i.made) AS x;",
    ],
    "oracle": [
        "SELECT id, total FROM invoice WHERE customer_id = :c AND made >= DATE '2024-01-01' ORDER BY id FETCH FIRST 20 ROWS ONLY;",
        "UPDATE invoice SET state = 'paid' WHERE id = :id;",
        "SELECT * FROM (SELECT id FROM invoice WHERE state = 'open' ORDER BY made) WHERE ROWNUM <= 10;",
    ],
}


@pytest.mark.parametrize(("engine", "sql"), [(engine, sql) for engine, statements in GOOD.items() for sql in statements])
def test_good_statements_are_left_alone(engine: Engine, sql: str) -> None:
    for schema in (None, SHOP):
        result = review(sql, engine=engine, schema=schema, advise_indexes=False)
        assert [finding for finding in result.findings if at_least(finding.severity, "low")] == []
        assert result.not_read == ()
