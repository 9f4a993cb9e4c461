"""Error codes, and the engines whose codes they can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.context import ENGINES, Engine
from dbbuddy.intake.codes import find_codes

MYSQL = {"mysql", "mariadb"}
KNOWN = frozenset({"1205", "1213", "8623"})


def codes(text: str, engine: Engine | None = None) -> dict[str, set[str]]:
    return {code.value: set(code.engines) for code in find_codes(text, KNOWN, engine)}


@pytest.mark.parametrize(
    ("text", "code", "engines"),
    [
        ("ORA-00060: deadlock detected", "ORA-00060", {"oracle"}),
        ("we get ora-60 every night", "ORA-00060", {"oracle"}),
        ("ORA 1555", "ORA-01555", {"oracle"}),
        ("TNS-12541: no listener", "TNS-12541", {"oracle"}),
        ("DPY-6005 cannot connect", "DPY-06005", {"oracle"}),
        ("Msg 1205, Level 13, State 51", "1205", {"sqlserver"}),
        ("Error: 9002, Severity: 17, State: 2", "9002", {"sqlserver"}),
        ("ERROR 1205 (HY000): Lock wait timeout exceeded", "1205", MYSQL),
        ("(1213, 'Deadlock found when trying to get lock')", "1213", MYSQL),
        ("errno: 1045 sqlMessage", "1045", MYSQL),
        ("Error 1205", "1205", MYSQL | {"sqlserver"}),
        ("[40P01] ERROR: deadlock detected", "40P01", {"postgresql"}),
        ("SQLSTATE: 57014 canceling statement", "57014", {"postgresql"}),
        ("ERROR:  42P01: relation does not exist", "42P01", {"postgresql"}),
        ("asyncpg says 40P01", "40P01", {"postgresql"}),
    ],
)
def test_a_code_belongs_to_the_engines_that_write_it_so(text: str, code: str, engines: set[str]) -> None:
    assert codes(text)[code] == engines


def test_the_quoted_code_of_a_node_driver_may_be_a_sqlstate() -> None:
    assert "postgresql" in codes("error: duplicate key { code: '23505', severity: 'ERROR' }")["23505"]


def test_a_bare_number_is_a_code_only_if_known_and_of_a_numbered_engine() -> None:
    assert codes("the job got 1205 again", "mysql") == {"1205": {"mysql"}}
    assert codes("the job got 1205 again", "sqlserver") == {"1205": {"sqlserver"}}
    assert codes("the job got 1205 again", "postgresql") == {}
    assert codes("the job got 1205 again") == {}
    assert codes("the job got 4711 again", "mysql") == {}


@pytest.mark.parametrize("text", ["order 10452 shipped", "port 5432", "in 2024", "version 8.0.36", "12345 rows", "uuid 40001-aa"])
def test_ordinary_numbers_are_no_codes(text: str) -> None:
    assert {code for code in codes(text) if code != "40001"} == set()


def test_places_are_where_the_codes_stand() -> None:
    text = "first ORA-01555 and later ORA-00060"
    assert [text[code.start : code.end] for code in find_codes(text, KNOWN, None)] == ["ORA-01555", "ORA-00060"]


PIECES = st.sampled_from(
    [
        "ORA-",
        "ora ",
        "Msg ",
        ", Level",
        "Error",
        "ERROR ",
        ":",
        " (HY000)",
        "[",
        "]",
        "SQLSTATE",
        "code: '",
        "'",
        "40P01",
        "1205",
        "-1",
        "٣",
        "'; --",
    ]
)


@given(
    st.lists(PIECES | st.text(max_size=5) | st.integers(0, 10**7).map(str), max_size=14).map("".join),
    st.sampled_from([None, *ENGINES]),
)
def test_any_text_gives_well_formed_codes(text: str, engine: Engine | None) -> None:
    for code in find_codes(text, KNOWN, engine):
        assert code.engines <= set(ENGINES)
        assert code.engines
        assert 0 <= code.start < code.end <= len(text)
        assert code.value.replace("-", "").isalnum()
        assert code.value.isascii()


@pytest.mark.parametrize("hard", ["ora-" * 30_000, "error " * 30_000, "[" * 100_000, "1" * 100_000, "(1213, " * 20_000])
def test_texts_made_to_be_slow(hard: str) -> None:
    assert len(find_codes(hard, KNOWN, "mysql")) <= 20_000
