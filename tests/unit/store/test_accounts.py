"""What is held on a user can be seen, taken along and erased; and after that it is nowhere."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dbbuddy.advisor import Advisor
from dbbuddy.cli.main import main
from dbbuddy.identity import NotAllowedError, User
from dbbuddy.store import accounts, audit, duckdb_files
from dbbuddy.store.audit_chain import problems
from dbbuddy.store.handovers import record_handover
from dbbuddy.store.history import conversations, exchanges, record_exchange, rename
from dbbuddy.store.outcomes import record_feedback
from dbbuddy.store.sharing import share, shared_with
from dbbuddy.store.store import Store, new_id, utc_now
from dbbuddy.store.visits import record_visit
from tests.unit.store.conftest import ChangeSettings
from tests.unit.store.exchanges import OTHER, USER, exchange

CANARY = "kanarienvogel_singt"
KEY = "k" * 32
ADMIN = User("boss", "Berta", frozenset({"admin"}))


@pytest.fixture(autouse=True)
def with_a_key(change_settings: ChangeSettings) -> None:
    change_settings(audit_key=KEY)


def fill(store: Store, table: str, **given: Any) -> None:
    """Put a row into a table of another part of the app, with something in every column."""
    some = {"VARCHAR": "x", "CHARACTER VARYING": "x", "DATE": utc_now().date(), "BOOLEAN": True}
    kinds = {name: kind.upper() for name, kind in store.backend.columns[table].items()}
    row = {name: utc_now() if kind.startswith("TIMESTAMP") else some.get(kind, 1) for name, kind in kinds.items()} | given
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    store.execute((f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values())))


def leave_traces(store: Store, advisor: Advisor, user: User) -> None:
    """A row in every table that a user can have one in, with the canary in every text."""
    advice = advisor.ask(f"postgres deadlock detected 40P01 on table {CANARY}")
    for position in range(3):
        one = exchange(
            id=f"{user.id}-{position}",
            conversation_id=f"c-{user.id}",
            user_id=user.id,
            position=position,
            question=f"{CANARY} of {user.id} " * 50,
            advice=advice,
        )
        record_exchange(store, user, one)
    rename(store, user, f"c-{user.id}", f"{CANARY} renamed")
    record_feedback(store, user, f"{user.id}-0", stars=4, outcome="solved", comment=f"{CANARY} thanks", minutes_saved=30)
    record_handover(store, user, f"{user.id}-1", new_id(), f'{{"report": "{CANARY}"}}', ("generic", f'{{"text": "{CANARY}"}}'))
    record_visit(store, user, "chat")
    now = utc_now()
    day = now.date()
    elaboration = {
        "id": f"el-{user.id}",
        "exchange_id": f"{user.id}-0",
        "user_id": user.id,
        "asked_at": now,
        "day": day,
        "model": "m",
    }
    elaboration |= {"provider": "ollama", "prompt_version": "1", "outcome": "shown", "text": f"{CANARY} said", "attempts": "[]"}
    store.append(
        {
            "elaborations": [elaboration],
            "projections": [{"id": f"p-{user.id}", "user_id": user.id, "name": CANARY, "saved_at": now, "content": CANARY}],
            "grades": [
                {"exchange_id": f"{user.id}-0", "week": day, "grader": "boss", "graded_at": now, "verdict": "right", "note": CANARY}
            ],
            "annotations": [
                {"id": f"a-{user.id}", "day": day, "label": "rollout", "kind": "event", "made_by": user.id, "made_at": now}
            ],
        }
    )
    fill(store, "r_touched", user_id=user.id)
    fill(store, "r_users", user_id=user.id, number=len(user.id))
    fill(store, "r_activity", user_number=len(user.id))


def anywhere(folder: Path, text: str) -> list[str]:
    """The files below a folder that hold the text."""
    return sorted(file.name for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes())


def test_after_an_erasure_the_text_is_in_no_file(
    tmp_path: Path, advisor: Advisor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With compression on, the text would not be found before either, and the test would prove nothing."""
    monkeypatch.setitem(duckdb_files._CONFIG, "force_compression", "uncompressed")
    caplog.set_level(logging.DEBUG)
    store = Store(f"duckdb:///{tmp_path / 'store.duckdb'}")
    leave_traces(store, advisor, USER)
    store.backup(tmp_path / "before.backup")
    assert anywhere(tmp_path, CANARY) == ["before.backup", "store.duckdb.wal"]
    store.close()
    store = Store(f"duckdb:///{tmp_path / 'store.duckdb'}")
    record_exchange(store, OTHER, exchange(id="kept", conversation_id="kept", user_id=OTHER.id, question="of another"))
    assert "store.duckdb" in anywhere(tmp_path, CANARY), "it stands in the file itself, too"

    gone = accounts.erase(store, USER.id, USER)
    assert gone["exchanges"] == 3
    assert gone["projections"] == gone["handovers"] == gone["elaborations"] == 1
    (tmp_path / "before.backup").unlink()
    store.backup(tmp_path / "after.backup")
    assert anywhere(tmp_path, CANARY) == []
    record_exchange(store, OTHER, exchange(id="later", conversation_id="later", user_id=OTHER.id))
    store.close()
    assert anywhere(tmp_path, CANARY) == []
    assert CANARY not in caplog.text

    store = Store(f"duckdb:///{tmp_path / 'store.duckdb'}")
    assert [one.question for one in exchanges(store, OTHER, "kept")] == ["of another"], "others lose nothing"
    assert len(conversations(store, OTHER)) == 2
    store.close()


def test_every_table_that_names_a_user_forgets_them(store: Store, advisor: Advisor) -> None:
    """Whatever tables other parts of the app add: a column that names people must be known to the erasure."""
    leave_traces(store, advisor, USER)
    leave_traces(store, advisor, OTHER)
    audit.pseudonym(store, ADMIN.id)
    share(store, OTHER, "c-other", USER.id)
    share(store, USER, "c-u", OTHER.id)
    accounts.erase(store, USER.id, ADMIN)
    for table, columns in store.backend.columns.items():
        for column, kind in columns.items():
            if kind.upper() in ("VARCHAR", "CHARACTER VARYING"):
                found = store.read(f'SELECT count(*) FROM "{table}" WHERE "{column}" = $1', (USER.id,))
                assert found == [(0,)], f"{table}.{column} still names the user"
    assert shared_with(store, OTHER) == []
    assert accounts.held(store, OTHER)["exchanges"] == 3
    assert store.read("SELECT user_number FROM r_activity") == [(len(OTHER.id),)]
    assert store.read("SELECT made_by FROM annotations ORDER BY id") == [(OTHER.id,), (accounts.ERASED,)]


def test_one_pseudonymous_entry_stays_and_the_chain_is_whole(store: Store, store_url: str, advisor: Advisor) -> None:
    leave_traces(store, advisor, USER)
    before = audit.pseudonym(store, USER.id)
    accounts.erase(store, USER.id, ADMIN)
    store.transact(lambda session: audit.chain_waiting(session, store_url))
    entries = list(audit.all_entries(store))
    assert list(problems(entries, KEY.encode())) == []
    assert [(entry.event.action, entry.event.subject) for entry in entries][-1] == ("erased", before)
    assert before not in audit.people(store, ADMIN), "nobody can tell any more who that was"
    assert USER.id not in {value for entry in entries for value in (entry.event.actor, entry.event.subject, entry.event.detail)}
    assert audit.pseudonym(store, USER.id) != before, "who comes back is a new one"


def test_only_the_user_or_an_administrator_may_erase(store: Store, advisor: Advisor) -> None:
    leave_traces(store, advisor, USER)
    with pytest.raises(NotAllowedError):
        accounts.erase(store, USER.id, OTHER)
    assert accounts.held(store, USER)["exchanges"] == 3


def test_all_is_taken_along_and_nothing_of_another(store: Store, advisor: Advisor) -> None:
    leave_traces(store, advisor, USER)
    leave_traces(store, advisor, OTHER)
    held = accounts.held(store, USER)
    with zipfile.ZipFile(io.BytesIO(accounts.export(store, USER))) as archive:
        everything = json.loads(archive.read("everything.json"))
        talk = archive.read("conversations/0001.md").decode()
        assert "of other" not in "".join(archive.read(name).decode() for name in archive.namelist())
    assert {table: len(rows) for table, rows in everything.items() if table != "audit"} == {
        table: count for table, count in held.items() if table != "audit"
    }
    assert all(held.values()) or not held["shares"]
    assert everything["feedback"][0]["minutes_saved"] == 30
    assert f"# {CANARY} renamed" in talk
    assert talk.count("## ") > 3
    assert store.read("SELECT count(*) FROM audit_waiting WHERE action = 'exported'") == [(1,)]


def test_the_command_erases(
    duckdb_url: str, advisor: Advisor, change_settings: ChangeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    change_settings(database_url=duckdb_url)
    store = Store(duckdb_url)
    leave_traces(store, advisor, USER)
    store.close()
    assert main(["erase", "--user", "nobody"]) == 2
    assert "nothing is held" in capsys.readouterr().err
    assert main(["erase", "--user", USER.id]) == 0
    assert "3 exchanges" in capsys.readouterr().out
    assert main(["audit", "verify"]) == 0
    assert "is whole and fits its head" in capsys.readouterr().out
    store = Store(duckdb_url)
    assert not any(accounts.held(store, USER).values())
    store.execute(("UPDATE audit SET action = 'asked' WHERE action = 'erased'", ()))
    store.close()
    assert main(["audit", "verify"]) == 1
    assert "was changed" in capsys.readouterr().out
