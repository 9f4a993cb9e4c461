"""A finding never cites the manual of another engine than its reader's."""

from __future__ import annotations

import pytest

from dbbuddy.context import ENGINES, Engine
from dbbuddy.sqlreview.review import review

MANUALS: dict[Engine, tuple[str, ...]] = {
    "postgresql": ("dev.mysql.com", "mariadb.com", "microsoft.com", "oracle.com/en/database"),
    "mysql": ("postgresql.org", "microsoft.com", "oracle.com/en/database"),
    "mariadb": ("postgresql.org", "microsoft.com", "oracle.com/en/database"),
    "sqlserver": ("postgresql.org", "dev.mysql.com", "mariadb.com", "oracle.com/en/database"),
    "oracle": ("postgresql.org", "dev.mysql.com", "mariadb.com", "microsoft.com"),
}
SCRIPT = """
DELETE FROM orders;
SELECT * FROM orders o, items i WHERE lower(o.name) = 'x' ORDER BY 1;
INSERT INTO orders VALUES (1, 2);
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_no_finding_cites_another_engines_manual(engine: Engine) -> None:
    findings = review(SCRIPT, engine=engine).findings
    assert "dml.no-where" in {finding.rule for finding in findings}
    cited = [finding.source for finding in findings if any(place in finding.source for place in MANUALS[engine])]
    assert cited == []


def test_the_readers_own_manual_is_cited() -> None:
    (finding,) = (f for f in review("DELETE FROM orders", engine="mysql").findings if f.rule == "dml.no-where")
    assert "dev.mysql.com" in finding.source
