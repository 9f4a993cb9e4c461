"""SQL in a model's text: flagged wherever it stands, with a way to try it that is no pretence."""

from __future__ import annotations

import pytest

from dbbuddy.context import Engine, SystemContext
from dbbuddy.diagnosis.compose import Match, answer
from dbbuddy.diagnosis.library import load_library
from dbbuddy.diagnosis.selection import Reader
from dbbuddy.elaboration.check import check
from dbbuddy.elaboration.notes import SafeWay
from dbbuddy.elaboration.sql_blocks import code_notes
from dbbuddy.rendering import to_markdown
from dbbuddy.sqlreview.guard import classify
from tests.unit.elaboration.answers import checked, kinds

PROSE = "This paragraph says nothing in particular about the matter at hand. " * 160

DESTRUCTIVE = {
    "fenced": "```sql\nDELETE FROM users;\n```",
    "fenced without language": "```\ndelete from users where id in (select id from users)\n```",
    "unclosed fence": "Run:\n```sql\nDROP TABLE users",
    "tilde fence": "~~~\nTRUNCATE users\n~~~",
    "fence in a list": "1. now\n   ```sql\n   UPDATE accounts SET balance = 0 WHERE 1=1;\n   ```",
    "wrong language: bash": '```bash\npsql -c "TRUNCATE orders"\n```',
    "wrong language: python": "```python\ncur.execute('DROP TABLE users')\n```",
    "wrong language: yaml": "```yaml\nsql: drop schema public cascade\n```",
    "wrong language: json": '```json\n{"query": "DELETE FROM users"}\n```',
    "wrong language: mermaid": "```mermaid\nDROP TABLE users;\n```",
    "inline": "use `DELETE FROM users` now",
    "unfenced": "Just run DROP TABLE users; and all is well",
    "unfenced in lower case": "Just run drop table users; and all is well",
    "unfenced over lines": "DELETE\nFROM users\nWHERE 1=1;",
    "unfenced over a blank line": "DROP TABLE\n\nusers;",
    "after much prose": f"{PROSE}\n\nDROP TABLE users;",
    "at the end of much prose": f"{PROSE} DROP TABLE users;",
    "in a table": "| a | b |\n|---|---|\n| DROP TABLE users; | yes |",
    "in a list": "- `drop database shop`\n- next",
    "in a heading": "## TRUNCATE TABLE users",
    "with emphasis inside": "**DROP** TABLE `users`;",
    "word by word as code": "`DROP` `TABLE` `users`;",
    "with a comment inside": "DROP/**/TABLE users;",
    "with a hidden character": "DR\u200bOP TABLE users;",
    "in wide letters": "ＤＲＯＰ ＴＡＢＬＥ users;",
    "with line breaks of HTML": "DROP<br>TABLE<br>users;",
    "terminating others": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity;",
    "copy to a program": "COPY t TO PROGRAM 'curl http://x'",
    "code block of the server": "DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$;",
    "explained and run": "```sql\nEXPLAIN ANALYZE DELETE FROM users;\n```",
    "behind a harmless one": "```sql\nSELECT 1;\nSELECT 2; DROP TABLE users;\n```",
}


@pytest.mark.parametrize("place", DESTRUCTIVE)
def test_a_destructive_statement_is_flagged(place: str) -> None:
    assert "destroys" in kinds(DESTRUCTIVE[place])


@pytest.mark.parametrize("place", DESTRUCTIVE)
def test_nothing_of_it_is_changed(place: str) -> None:
    """A warning, not a rewrite: what is shown is what was written."""
    shown = "\n".join(getattr(part, "text", "") or getattr(part, "code", "") for part in checked(DESTRUCTIVE[place]).segments)
    assert "users" not in DESTRUCTIVE[place] or "users" in shown


@pytest.mark.parametrize(
    "text",
    [
        "Look at `DROP TABLE` in the manual before you drop the table.",
        "Delete from the old rows what you do not need, then truncate the logs.",
        "An `UPDATE` waits while a `DELETE` holds the lock; `TRUNCATE` needs an exclusive one.",
        "```sql\nSELECT pid, state FROM pg_stat_activity WHERE state <> 'idle';\n```",
        "```sql\nDELETE FROM sessions WHERE expires_at < now() - interval '90 days';\n```",
        "```ini\nidle_in_transaction_session_timeout = 5min\n```",
        "Update statistics regularly and grant users only what they need.",
        "```sh\npg_dump -Fc shop > shop.dump\n```",
    ],
)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert not checked(text).all_notes


def way(sql: str, engine: Engine) -> SafeWay:
    found = [note.safe_way for note in code_notes(sql, "sql", engine) if note.kind == "destroys"]
    assert found
    assert found[0] is not None
    return found[0]


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlserver", "oracle"])
def test_a_delete_has_a_count_and_a_transaction(engine: Engine) -> None:
    safe = way("DELETE FROM orders WHERE id > 5 OR 1 = 1", engine)
    assert safe.preview == "SELECT count(*) FROM orders WHERE id > 5 OR 1 = 1;"
    assert safe.transaction.rstrip().endswith(("ROLLBACK;", "ROLLBACK TRANSACTION;"))
    assert classify(safe.preview, engine).danger == "read_only"


@pytest.mark.parametrize("engine", ["mysql", "mariadb", "oracle"])
@pytest.mark.parametrize("sql", ["DROP TABLE orders", "TRUNCATE TABLE orders", "ALTER TABLE orders DROP COLUMN note"])
def test_no_rollback_is_pretended_where_ddl_commits(engine: Engine, sql: str) -> None:
    safe = way(sql, engine)
    assert not safe.transaction
    assert "no ROLLBACK" in safe.way_back


@pytest.mark.parametrize(
    ("engine", "sql"),
    [
        ("postgresql", "DROP INDEX CONCURRENTLY ix"),
        ("postgresql", "DROP DATABASE shop"),
        ("postgresql", "SELECT pg_terminate_backend(7)"),
        ("sqlserver", "DROP DATABASE shop"),
        ("sqlserver", "KILL 53"),
        ("sqlserver", "SHUTDOWN WITH NOWAIT"),
    ],
)
def test_no_rollback_is_pretended_for_what_runs_in_no_transaction(engine: Engine, sql: str) -> None:
    assert not way(sql, engine).transaction


def test_ddl_that_can_be_rolled_back_is_offered_so() -> None:
    assert way("DROP TABLE orders", "postgresql") == SafeWay(
        "SELECT count(*) FROM orders;",
        "BEGIN;\nDROP TABLE orders;\n-- Look at what is left. Only if it is right, COMMIT in place of the next line.\nROLLBACK;",
        "Inside a transaction it can be taken back until COMMIT. It holds its locks for that time.",
    )
    assert way("TRUNCATE TABLE dbo.orders", "sqlserver").transaction.startswith("BEGIN TRANSACTION;")


@pytest.mark.parametrize(
    "sql",
    ["DELETE o FROM orders o JOIN old x ON x.id = o.id", "UPDATE a SET v = b.v FROM b", "TRUNCATE a, b", "DELETE FROM a USING b"],
)
def test_no_count_is_offered_that_might_count_something_else(sql: str) -> None:
    found = [note.safe_way for note in code_notes(sql, "sql", "postgresql") if note.kind == "destroys"]
    assert found
    assert not any(safe and safe.preview for safe in found)


def test_placeholders_do_not_spoil_the_reading_and_come_back() -> None:
    sql = "UPDATE users SET email = '<EMAIL_1>', phone = <PHONE_2>"
    safe = way(sql, "postgresql")
    assert safe.preview == "SELECT count(*) FROM users;"
    assert sql in safe.transaction


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("```sql\nSELECT TOP 10 * FROM dbo.orders WITH (NOLOCK)\n```", "postgresql"),
        ("```sql\nSELECT * FROM v$session\n```", "postgresql"),
        ("```tsql\nSELECT 1\n```", "oracle"),
        ("```sql\nSELECT pid FROM pg_stat_activity\n```", "mysql"),
        ("```sql\nSHOW ENGINE INNODB STATUS\n```", "sqlserver"),
        ("```sql\nSELECT * FROM orders LIMIT 10;\n```", "oracle"),
        ("Run `SHOW PROCESSLIST` to see them.", "postgresql"),
        ("Raise innodb_buffer_pool_size.", "postgresql"),
        ("Run autovacuum more often.", "mysql"),
    ],
)
def test_another_engines_words_are_marked(text: str, engine: Engine) -> None:
    assert "other_engine" in kinds(text, engine)


def test_a_comparison_is_not_marked() -> None:
    assert not kinds("Unlike MySQL, where innodb_lock_wait_timeout ends the wait, PostgreSQL waits for ever.")


def test_what_the_parser_cannot_read_is_marked() -> None:
    assert kinds("```sql\nSELECT id FROM orders WHERE GROUP ORDER (\n```") == {"not_parsed"}


_DOUBTS = ("other_engine", "other_cause", "discredits", "secret_request")


def test_sql_of_the_playbooks_is_never_taken_for_another_engines() -> None:
    library = load_library()
    wrong = []
    for slug in sorted(library.playbooks)[::12]:
        playbook = library[slug]
        for engine in playbook.head.engines:
            given = answer(Match(playbook, 9.0, 0.9), (), Reader(SystemContext(engine=engine), {}), "")
            found = check(to_markdown(given), given, final=True).all_notes
            wrong += [(slug, engine, note.kind, note.quote) for note in found if note.kind in _DOUBTS]
    assert not wrong
