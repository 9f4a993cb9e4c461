"""The audit log: nothing is missing in it, and whoever changes it is found out."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dbbuddy.identity import NotAllowedError, User
from dbbuddy.store import audit, audit_head, retention
from dbbuddy.store.audit_chain import ROOT, Entry, Event, Head, chained, problems, signed
from dbbuddy.store.audit_key import AuditKeyError, audit_key, heads_set_aside, stored_head
from dbbuddy.store.history import delete, record_exchange
from dbbuddy.store.store import Store
from tests.unit.store.conftest import ChangeSettings
from tests.unit.store.exchanges import OTHER, USER, exchange

KEY = b"k" * 32
ADMIN = User("boss", "Berta", frozenset({"admin"}))
AT = datetime(2026, 11, 1, 12, 0)


@pytest.fixture(autouse=True)
def with_a_key(change_settings: ChangeSettings) -> None:
    change_settings(audit_key=KEY.decode())


def log(count: int) -> list[Entry]:
    return chained(KEY, ROOT, 0, [Event(AT + timedelta(seconds=n), f"u-{n % 3}", "asked", f"e{n}", "{}") for n in range(count)])


def head_of(entries: list[Entry]) -> Head:
    return signed(KEY, Head(sequence=entries[-1].sequence, count=len(entries), mac=entries[-1].mac))


def edited(entries: list[Entry]) -> list[Entry]:
    entries[4] = replace(entries[4], event=replace(entries[4].event, actor="u-9"))
    return entries


def swapped(entries: list[Entry]) -> list[Entry]:
    fourth, fifth = entries[3], entries[4]
    entries[3], entries[4] = replace(fifth, sequence=4), replace(fourth, sequence=5)
    return entries


def rewritten(entries: list[Entry]) -> list[Entry]:
    """By somebody who knows how it works but has another key."""
    return [*entries[:5], *chained(b"x" * 32, entries[4].mac, 5, [entry.event for entry in entries[5:]])]


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda entries: entries, []),
        (edited, ["Entry 5 was changed, or stands in another's place."]),
        (lambda entries: [*entries[:3], *entries[5:]], ["Entries 4 to 5 are missing."]),
        (lambda entries: entries[1:], ["Entry 1 is missing."]),
        (swapped, ["Entries 4 to 6 were changed, or stand in another order."]),
        (
            lambda entries: entries[:8],
            ["Entries 9 to 10 are missing at the end: the log was cut, or the store is older than its head."],
        ),
        (lambda entries: [], ["Entries 1 to 10 are missing at the end: the log was cut, or the store is older than its head."]),
        (lambda entries: [*entries[:5], entries[4], *entries[5:]], ["Entry 5 stands there twice."]),
        (
            rewritten,
            [
                "Entries 6 to 10 were changed, or stand in another order.",
                "Entry 10 is not the one that the head was signed for: the log was written anew from there or before.",
            ],
        ),
    ],
)
def test_what_was_done_to_a_log_is_found(spoil: Callable[[list[Entry]], list[Entry]], found: list[str]) -> None:
    assert list(problems(spoil(log(10)), KEY, head_of(log(10)))) == found


def test_any_single_change_of_any_field_is_found() -> None:
    whole = log(6)
    for place, entry in enumerate(whole):
        told = entry.event
        for other in (
            replace(told, happened_at=told.happened_at + timedelta(microseconds=1)),
            replace(told, actor=told.actor + "x"),
            replace(told, action="erased"),
            replace(told, subject=""),
            replace(told, detail='{"x":1}'),
            replace(told, actor=told.actor + told.action, action=""),
        ):
            spoiled = [*whole[:place], replace(entry, event=other), *whole[place + 1 :]]
            assert list(problems(spoiled, KEY)), (place, other)


def test_with_another_key_nothing_fits() -> None:
    found = list(problems(log(4), b"y" * 32, head_of(log(4))))
    assert len(found) == 3, found
    assert any("not signed with this key" in line for line in found)


def test_a_head_that_was_made_up_is_found() -> None:
    head = head_of(log(5)).model_copy(update={"sequence": 3, "mac": log(5)[2].mac})
    assert list(problems(log(5)[:3], KEY, head)) == [
        "The head is not signed with this key: it was changed, or the key is not the one it was signed with."
    ]


def chain(store: Store, url: str) -> None:
    store.transact(lambda session: audit.chain_waiting(session, url))


def keep_head(store: Store, url: str) -> None:
    store.transact(audit_head.HeadKeeper(url))


def test_what_users_do_is_in_the_log_under_pseudonyms(store: Store, store_url: str) -> None:
    one = exchange(question="the table kanarienvogel is locked")
    record_exchange(store, USER, one)
    delete(store, USER, one.conversation_id)
    chain(store, store_url)
    entries = list(audit.all_entries(store))
    assert [(entry.sequence, entry.event.action, entry.event.subject) for entry in entries] == [
        (1, "asked", one.id),
        (2, "deleted", one.conversation_id),
    ]
    assert USER.id not in {entry.event.actor for entry in entries}
    assert "kanarienvogel" not in repr(entries)
    assert audit.people(store, ADMIN)[entries[0].event.actor] == USER.id
    assert list(problems(entries, KEY)) == []
    assert audit.waiting_count(store) == 0


def test_only_administrators_read_it(store: Store) -> None:
    for read in (audit.newest, audit.people):
        with pytest.raises(NotAllowedError):
            read(store, USER)


def test_several_replicas_leave_no_gap_and_no_double(postgresql_url: str) -> None:
    stores = [Store(postgresql_url) for _ in range(3)]

    def work(store: Store, name: str) -> None:
        for n in range(20):
            audit.record(store, USER if n % 2 else OTHER, "asked", f"{name}-{n}")
            chain(store, postgresql_url)

    threads = [threading.Thread(target=work, args=(store, f"r{n}")) for n, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = list(audit.all_entries(stores[0]))
    assert [entry.sequence for entry in entries] == list(range(1, 61))
    assert len({entry.event.subject for entry in entries}) == 60
    assert len({entry.event.actor for entry in entries}) == 2, "each user has one pseudonym, whichever replica made it"
    assert list(problems(entries, KEY)) == []
    for store in stores:
        store.close()


def test_an_edit_in_the_database_is_found(store: Store, store_url: str) -> None:
    for n in range(5):
        audit.record(store, USER, "asked", f"e{n}")
    chain(store, store_url)
    store.execute(("UPDATE audit SET subject = 'another' WHERE sequence = 3", ()))
    assert list(problems(audit.all_entries(store), KEY)) == ["Entry 3 was changed, or stands in another's place."]


def test_old_entries_are_purged_and_the_rest_is_still_whole(store: Store, store_url: str) -> None:
    for n in range(5):
        audit.record(store, USER, "asked", f"e{n}")
    chain(store, store_url)
    entries = list(audit.all_entries(store))
    store.transact(lambda session: audit.purge(session, store_url, entries[3].event.happened_at))
    left = list(audit.all_entries(store))
    assert [entry.sequence for entry in left] == [4, 5, 6]
    assert left[-1].event.action == "purged"
    assert list(problems(left, KEY)) == []
    assert list(problems(left[1:], KEY)) == ["Entries 1 to 4 are missing."], "more than was purged"
    tampered = [left[0], left[1], replace(left[2], event=replace(left[2].event, detail='{"last_mac":"0","last_sequence":3}'))]
    assert list(problems(tampered, KEY))


def test_the_purge_of_conversations_follows_the_setting(store: Store, store_url: str, change_settings: ChangeSettings) -> None:
    change_settings(keep_conversations_days="30")
    now = datetime(2026, 11, 20)
    for age, name in ((40, "old"), (20, "new")):
        record_exchange(store, USER, exchange(id=name, conversation_id=name, asked_at=now - timedelta(days=age)))
    store.transact(lambda session: retention.purge(session, store_url, now))
    assert store.read("SELECT id FROM exchanges") == [("new",)]
    assert store.read("SELECT id FROM conversations") == [("new",)]
    assert store.read("SELECT action FROM audit_waiting WHERE actor = 'system'") == [("purged_conversations",)]


class TestHead:
    """DuckDB: the head stands beside the file."""

    @pytest.fixture
    def url(self, duckdb_url: str) -> str:
        return duckdb_url

    def grow(self, url: str, count: int) -> None:
        store = Store(url)
        keep_head(store, url)
        for n in range(count):
            audit.record(store, USER, "asked", f"e{n}")
        chain(store, url)
        keep_head(store, url)
        store.close()

    def note(self, url: str) -> str | None:
        store = Store(url)
        try:
            return audit_head.check(store, url)
        finally:
            store.close()

    def test_it_fits_after_every_start(self, url: str) -> None:
        assert self.note(url) is None
        self.grow(url, 3)
        assert self.note(url) is None
        self.grow(url, 2)
        assert self.note(url) is None
        head = stored_head(url)
        assert head is not None
        assert (head.sequence, head.count) == (5, 5)

    def test_an_older_file_is_noticed_and_stays_noticed(self, url: str, tmp_path: Path) -> None:
        file = Path(url.removeprefix("duckdb:///"))
        self.grow(url, 3)
        shutil.copyfile(file, tmp_path / "older")
        self.grow(url, 4)
        shutil.copyfile(tmp_path / "older", file)
        told = self.note(url)
        assert told is not None
        assert "older than its audit log: 4 entries are missing" in told
        self.grow(url, 5)  # the app goes on
        again = self.note(url)
        assert again is not None
        assert "once older" in again
        (kept,) = heads_set_aside(url)
        assert json.loads(kept.read_text())["sequence"] == 7
        store = Store(url)
        chain(store, url)
        assert "head_mismatch" in {entry.event.action for entry in audit.all_entries(store)}
        store.close()
        kept.unlink()
        assert self.note(url) is None

    @pytest.mark.parametrize("lost", ["", "{", '{"sequence": 1}'])
    def test_a_lost_or_damaged_head_is_noticed(self, url: str, lost: str) -> None:
        self.grow(url, 3)
        file = Path(url.removeprefix("duckdb:///") + ".audit-head")
        file.write_text(lost) if lost else file.unlink()
        told = self.note(url)
        assert told is not None
        assert "is missing" in told

    def test_a_changed_head_or_key_is_noticed(self, url: str, change_settings: ChangeSettings) -> None:
        self.grow(url, 3)
        change_settings(audit_key="another-key-of-many-signs")
        told = self.note(url)
        assert told is not None
        assert "not signed with the key in use" in told


def test_without_a_setting_a_private_key_file_is_made(
    duckdb_url: str, change_settings: ChangeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBBUDDY_AUDIT_KEY")
    change_settings()
    made = audit_key(duckdb_url)
    file = Path(duckdb_url.removeprefix("duckdb:///") + ".audit-key")
    assert file.stat().st_mode & 0o777 == 0o600
    assert audit_key(duckdb_url) == made
    assert len(made) == 64


def test_a_server_without_a_key_keeps_events_until_there_is_one(
    postgresql_url: str, change_settings: ChangeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBBUDDY_AUDIT_KEY")
    change_settings()
    store = Store(postgresql_url)
    audit.record(store, USER, "asked", "e")
    with pytest.raises(AuditKeyError, match="DBBUDDY_AUDIT_KEY"):
        chain(store, postgresql_url)
    assert audit.waiting_count(store) == 1
    change_settings(audit_key=KEY.decode())
    chain(store, postgresql_url)
    assert audit.waiting_count(store) == 0
    store.close()


def test_versions_are_recorded_when_they_change(store: Store, store_url: str) -> None:
    for versions in ({"a": "1", "b": "1"}, {"a": "1", "b": "1"}, {"a": "2"}, {"a": "2"}, {"a": "2", "b": "1"}):
        audit.note_versions(store, "playbook_changed", versions)
        chain(store, store_url)
    assert [(entry.event.subject, json.loads(entry.event.detail)["version"]) for entry in audit.all_entries(store)] == [
        ("a", "1"),
        ("b", "1"),
        ("a", "2"),
        ("b", "removed"),
        ("b", "1"),
    ]
