"""What a review is asked of: statistics in whatever a client prints, row counts, secrets out of SQL that still reads."""

from __future__ import annotations

import pytest

from dbbuddy.context import ENGINES
from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.intake.text import InputError
from dbbuddy.privacy.vault import Vault
from dbbuddy.sqlreview.guard import classify
from dbbuddy.sqlreview.inputs import require_sql, stats_of, with_rows
from dbbuddy.sqlreview.paste import redacted
from dbbuddy.sqlreview.reading import read_script
from dbbuddy.sqlreview.review import review


@pytest.mark.parametrize(
    "text",
    [
        '{"parcels": {"rows": 5}}',
        '\ufeff {"parcels":\n {"rows": 5}}\n',
        ' statistics\n------------\n {"parcels": {"rows": 5}}\n(1 row)\n',
        '+------+\n| {"parcels": {"rows": 5}} |\n+------+',
        '{"par\ncels": {"ro\nws": 5}}',
    ],
    ids=["plain", "with blanks", "psql", "mysql", "broken into lines"],
)
def test_statistics_are_found_in_what_clients_print(text: str) -> None:
    assert stats_of(text) == {"parcels": {"rows": 5}}


@pytest.mark.parametrize("text", ["", "5000", "[1, 2]", "{", '{"a": }', "{" * 5000 + "}" * 5000])
def test_what_is_no_statistics_is_explained(text: str) -> None:
    with pytest.raises(InputError, match="Expected is, for example"):
        stats_of(text)


def test_rows_of_the_table_replace_those_of_the_statistics() -> None:
    stats = {"Parcels": {"rows": 5, "columns": {"stage": {"distinct": 3}}}, "people": 7}
    rows = [("parcels", 50.0), ("people", None), ("new", 8.0), ("", 9.0), ("odd", float("nan")), ("less", -1.0)]
    assert with_rows(stats, rows) == {"Parcels": {"rows": 50.0, "columns": {"stage": {"distinct": 3}}}, "people": 7, "new": 8.0}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("SELECT a FROM t WHERE mail = 'jane.doe@example.org'", "SELECT a FROM t WHERE mail = '<EMAIL_1>'"),
        ("SELECT a FROM t WHERE card = 4111111111111111", "SELECT a FROM t WHERE card = :CARD_1"),
        ("CREATE USER app IDENTIFIED BY tiger123", "CREATE USER app IDENTIFIED BY PASSWORD_1"),
        ("SELECT a\r\nFROM t", "SELECT a\nFROM t"),
    ],
)
def test_what_is_taken_out_leaves_sql_that_reads(text: str, clean: str) -> None:
    assert redacted(text, Vault())[0] == clean


def test_a_number_that_was_taken_out_is_a_parameter() -> None:
    clean, removed = redacted("SELECT a FROM t WHERE card = 4111111111111111", Vault())
    assert removed == ("<CARD_1>",)
    assert read_script(clean, "postgresql").statements[0].tree is not None


@pytest.mark.parametrize(("text", "said"), [("x" * 5_300_000, "5 MB"), ("SELECT\0\0\0", "binary")])
def test_what_is_too_much_or_binary_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        redacted(text, Vault())


@pytest.mark.parametrize("text", ["SELECT 1", "VACUUM parcels;", "SHOW TABLES", "CREATE TABL x (id int)", "REINDEX INDEX x"])
def test_what_begins_like_sql_is_reviewed(text: str) -> None:
    require_sql(review(text))


@pytest.mark.parametrize("text", ["", "-- only a comment", "hello there, my database is slow", "\n;;\n"])
def test_what_is_no_sql_is_told(text: str) -> None:
    with pytest.raises(InputError):
        require_sql(review(text))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_queries_that_export_statistics_only_read(engine: str) -> None:
    text = (DATA / "statistics_queries" / f"{engine}.sql").read_text(encoding="utf-8")
    assert classify(text, engine).danger == "read_only"  # type: ignore[arg-type]


@pytest.mark.parametrize("name", list(load_yaml("samples/review/examples.yaml")))
def test_each_example_shows_something_and_is_read_fully(name: str) -> None:
    example = load_yaml("samples/review/examples.yaml")[name]
    made = review(
        example["sql"], engine=example["engine"], version=example["version"], schema=example["schema"], stats=example["stats"]
    )
    assert made.worst() in ("critical", "high")
    assert made.not_read == ()
    assert made.notes == ()
