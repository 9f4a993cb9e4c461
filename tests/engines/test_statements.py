"""Cutting code blocks into statements."""

from __future__ import annotations

import pytest

from tests.engines.statements import is_blank, split, without_text

CASES = {
    "two": ("postgresql", "SELECT 1;\nSELECT 2;", ["SELECT 1", "SELECT 2"]),
    "strings": ("postgresql", "SELECT 'a;b', \";\" FROM t; SELECT 2", ["SELECT 'a;b', \";\" FROM t", "SELECT 2"]),
    "comments": ("postgresql", "-- a; b\nSELECT 1; /* c; */", ["-- a; b\nSELECT 1"]),
    "dollar quotes": ("postgresql", "DO $x$ BEGIN a; END $x$; SELECT 1;", ["DO $x$ BEGIN a; END $x$", "SELECT 1"]),
    "json operator": ("postgresql", "SELECT a #>> '{b}'; SELECT 2;", ["SELECT a #>> '{b}'", "SELECT 2"]),
    "array": ("postgresql", "SELECT a[1]; SELECT 2;", ["SELECT a[1]", "SELECT 2"]),
    "begin atomic": (
        "postgresql",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; SELECT 2;",
        ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END", "SELECT 2"],
    ),
    "transaction": ("postgresql", "BEGIN; SELECT 1; ROLLBACK;", ["BEGIN", "SELECT 1", "ROLLBACK"]),
    "hash comment": ("mariadb", "# it's; so\nSELECT 1;", ["# it's; so\nSELECT 1"]),
    "delimiter": (
        "mysql",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nCALL p();",
        ["CREATE PROCEDURE p() BEGIN SELECT 1; END", "CALL p()"],
    ),
    "routine body": (
        "mariadb",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN IF 1 THEN SELECT 1; END IF; SELECT 2; END; SELECT 3;",
        ["CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN IF 1 THEN SELECT 1; END IF; SELECT 2; END", "SELECT 3"],
    ),
    "vertical output": ("mariadb", "SHOW ENGINE INNODB STATUS\\G\nSELECT 1;", ["SHOW ENGINE INNODB STATUS", "SELECT 1"]),
    "batches": ("sqlserver", "SELECT 1;\nGO\nSELECT [a;b];\ngo 5\n", ["SELECT 1", "SELECT [a;b]"]),
    "control flow": ("sqlserver", "WHILE 1 = 1 BEGIN a; END;", ["WHILE 1 = 1 BEGIN a; END;"]),
    "pl/sql after sql": ("oracle", "SELECT 1 FROM dual;\nBEGIN\n  a;\nEND;\n/", ["SELECT 1 FROM dual", "BEGIN\n  a;\nEND;"]),
    "pl/sql": ("oracle", "BEGIN\n  a;\nEND;\n/\nSELECT 1 FROM dual;", ["BEGIN\n  a;\nEND;", "SELECT 1 FROM dual"]),
}


@pytest.mark.parametrize(("engine", "sql", "expected"), CASES.values(), ids=CASES)
def test_split(engine: str, sql: str, expected: list[str]) -> None:
    assert split(sql, engine) == expected


def test_words_can_be_looked_for_without_text() -> None:
    assert "DELETE" not in without_text("SELECT 'DELETE' /* DELETE */ -- DELETE")


def test_comments_alone_are_blank() -> None:
    assert is_blank("-- only\n/* words */\n")
