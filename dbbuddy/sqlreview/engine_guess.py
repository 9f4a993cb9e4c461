"""Which engine a script is written for, by words and signs that only one of them knows."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from dbbuddy.context import Engine
from dbbuddy.sqlreview.lexer import Token

# Tokens looked at: the head of a script tells its engine.
_HEAD = 20_000

_WORDS: dict[Engine, str] = {
    "postgresql": (
        "ILIKE RETURNING SERIAL BIGSERIAL SMALLSERIAL JSONB TIMESTAMPTZ BYTEA CONCURRENTLY PLPGSQL REGCLASS"
        " GENERATE_SERIES ARRAY_AGG STRING_AGG TSVECTOR UNNEST VACUUM DATE_TRUNC INT8 INT4 TSRANGE CITEXT"
    ),
    "mysql": (
        "AUTO_INCREMENT ENGINE INNODB MYISAM TINYINT MEDIUMINT MEDIUMTEXT LONGTEXT UNSIGNED UTF8MB4 STRAIGHT_JOIN"
        " SQL_CALC_FOUND_ROWS IFNULL GROUP_CONCAT DATE_FORMAT DATE_SUB DATE_ADD RLIKE ZEROFILL CURDATE UNIX_TIMESTAMP"
        " SQL_NO_CACHE LOW_PRIORITY"
    ),
    "sqlserver": (
        "NVARCHAR GETDATE ISNULL DATEADD NOLOCK NONCLUSTERED CLUSTERED UNIQUEIDENTIFIER TOP NEWID DATETIME2"
        " IDENTITY_INSERT CHARINDEX READPAST UPDLOCK ROWLOCK PRINT SYSDATETIME OPENROWSET TRAN GETUTCDATE DBO NTEXT"
        " RAISERROR XACT_ABORT NOCOUNT HOLDLOCK APPLY DATEPART"
    ),
    "oracle": (
        "VARCHAR2 NVARCHAR2 NUMBER SYSDATE NVL ROWNUM DUAL MINUS CONNECT NVL2 DECODE SYSTIMESTAMP CLOB TABLESPACE PRAGMA"
        " DBMS_OUTPUT DBMS_STATS RAISE_APPLICATION_ERROR TO_NUMBER PCTFREE NOLOGGING"
    ),
}
_BY_WORD: dict[str, Engine] = {word: engine for engine, words in _WORDS.items() for word in words.split()}
_BY_SIGN: dict[str, Engine] = {
    "::": "postgresql",
    "->>": "postgresql",
    "<=>": "mysql",
    "@>": "postgresql",
    "#>>": "postgresql",
    "~*": "postgresql",
}


def guess_engine(tokens: list[Token]) -> Engine | None:
    """The engine with the most signs; `None` without a sign or with a tie."""
    votes: Counter[Engine] = Counter()
    for token in islice(tokens, _HEAD):
        engine = _of(token)
        if engine is not None:
            votes[engine] += 1
    ranked = votes.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _of(token: Token) -> Engine | None:
    if token.kind == "word":
        return _BY_WORD.get(token.upper)
    if token.kind == "quoted":
        return "mysql" if token.text[0] == "`" else "sqlserver" if token.text[0] == "[" else None
    if token.kind == "op":
        return _BY_SIGN.get(token.text)
    if token.kind == "string" and token.text.startswith("$"):
        return "postgresql"
    if token.kind == "param":
        return "sqlserver" if token.text[0] == "@" else "postgresql" if token.text[0] == "$" and token.text[1:].isdigit() else None
    return "sqlserver" if token.kind == "end" and token.upper == "GO" else None
