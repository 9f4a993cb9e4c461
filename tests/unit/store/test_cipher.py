"""Fields are encrypted, bound to their row, and readable as long as their key is there."""

from __future__ import annotations

import base64
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.advisor import Advisor
from dbbuddy.store.cipher import Cipher, CipherError, Key, read_keys
from dbbuddy.store.fields import TEXT_COLUMNS
from dbbuddy.store.history import conversations, exchanges, record_exchange, rename
from dbbuddy.store.outcomes import record_feedback, remarks
from dbbuddy.store.reencryption import reencrypt
from dbbuddy.store.store import Store
from tests.unit.store.conftest import ChangeSettings
from tests.unit.store.exchanges import USER, exchange

OLD, NEW, OTHER = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
CANARY = "kanarienvogel_table"


def cipher(*ids: str) -> Cipher:
    return Cipher([Key(name, name.encode().ljust(32, b"x")) for name in ids])


@given(st.text(), st.booleans())
def test_what_was_sealed_opens_to_the_same(text: str, on: bool) -> None:
    used = cipher("k") if on else Cipher()
    assert used.open(used.seal(text, "t.c:1"), "t.c:1") == text


@pytest.mark.parametrize("text", ["\x01e:k:AAAA", "\x01t:x", "\x01"])
def test_a_text_that_looks_sealed_is_still_a_text(text: str) -> None:
    assert Cipher().open(Cipher().seal(text, "p"), "p") == text


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    assert cipher("k").seal("x", "p") != cipher("k").seal("x", "p")


def test_a_value_opens_in_its_own_place_only() -> None:
    sealed = cipher("k").seal("secret", "exchanges.question:1")
    with pytest.raises(CipherError, match="changed in the database"):
        cipher("k").open(sealed, "exchanges.question:2")


def test_a_changed_value_does_not_open() -> None:
    sealed = cipher("k").seal("secret", "p")
    for broken in (sealed[:-6] + "AAAAA=", sealed + "!", sealed[: len("\x01e:k:")]):
        with pytest.raises(CipherError, match="cannot be decrypted"):
            cipher("k").open(broken, "p")


def test_the_first_key_seals_and_every_key_opens() -> None:
    before = cipher("old").seal("text", "p")
    both = cipher("new", "old")
    assert both.open(before, "p") == "text"
    assert both.seal("text", "p").startswith("\x01e:new:")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(CipherError, match="“old”, which DBBUDDY_ENCRYPTION_KEYS does not hold"):
        cipher("new").open(cipher("old").seal("text", "p"), "p")


@pytest.mark.parametrize("written", ["k", "k:", "k:AAAA", ":" + OLD, f"a b:{OLD}", f"k:{OLD},k:{NEW}", f"k:{OLD[:-4]}", "k:%%%%"])
def test_unusable_keys_are_refused_without_being_quoted(written: str) -> None:
    with pytest.raises(CipherError, match="Key [12] of DBBUDDY_ENCRYPTION_KEYS is not usable") as refused:
        read_keys(written)
    assert OLD not in str(refused.value)


def raw(url: str) -> str:
    """Every text column of the store as it stands there."""
    opened = Store(url)
    rows = [opened.read(f"SELECT {text.column} FROM {text.table}") for text in TEXT_COLUMNS]
    opened.close()
    return repr(rows)


def test_nothing_can_be_read_without_the_key(store_url: str, advisor: Advisor, change_settings: ChangeSettings) -> None:
    """The same store without and with keys: the canary is found, then not; a rotation keeps everything readable."""
    kept = exchange(question=f"deadlock on table {CANARY}", advice=advisor.ask(f"postgres deadlock detected on table {CANARY}"))
    store = Store(store_url)
    record_exchange(store, USER, kept)
    rename(store, USER, kept.conversation_id, f"about {CANARY}")
    record_feedback(store, USER, kept.id, stars=3, comment=f"{CANARY} again")
    record_feedback(store, USER, kept.id, comment=f"{CANARY} once more")
    store.close()
    assert raw(store_url).count(CANARY) >= 4, "readable, as encryption is off"

    change_settings(encryption_keys=f"old:{OLD}")
    store = Store(store_url)
    changed = reencrypt(store)
    assert changed["feedback.comment"] == 2
    assert changed["exchanges.question"] == changed["exchanges.advice"] == changed["conversations.title"] == 1
    assert sum(reencrypt(store).values()) == 0, "nothing is left to do"
    store.close()
    assert CANARY not in raw(store_url)

    change_settings(encryption_keys=f"new:{NEW},old:{OLD}")
    store = Store(store_url)
    assert sum(reencrypt(store).values()) == 5
    store.close()
    change_settings(encryption_keys=f"new:{NEW}")
    store = Store(store_url)
    assert exchanges(store, USER, kept.conversation_id)[0].question == kept.question
    assert exchanges(store, USER, kept.conversation_id)[0].advice == kept.advice
    assert conversations(store, USER)[0].title == f"about {CANARY}"
    assert remarks(store, USER, kept.id).comment == f"{CANARY} once more"

    change_settings(encryption_keys=f"new:{OTHER}")
    with pytest.raises(CipherError, match="is not the one it was encrypted"):
        exchanges(store, USER, kept.conversation_id)
    change_settings(encryption_keys=f"new:{NEW}")
    assert sum(reencrypt(store, readable=True).values()) == 5
    store.close()
    assert raw(store_url).count(CANARY) >= 4


def test_a_value_that_was_copied_to_another_row_is_noticed(duckdb_url: str, change_settings: ChangeSettings) -> None:
    change_settings(encryption_keys=f"k:{OLD}")
    store = Store(duckdb_url)
    for name in ("a", "b"):
        record_exchange(store, USER, exchange(id=name, conversation_id=name, question=f"question {name}"))
    store.close()
    with duckdb.connect(str(Path(duckdb_url.removeprefix("duckdb:///")))) as connection:
        connection.execute("UPDATE exchanges SET question = (SELECT question FROM exchanges WHERE id = 'a') WHERE id = 'b'")
    store = Store(duckdb_url)
    assert exchanges(store, USER, "a")[0].question == "question a"
    with pytest.raises(CipherError, match="changed in the database"):
        exchanges(store, USER, "b")
    store.close()
