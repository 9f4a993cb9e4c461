"""`python -m dbbuddy erase` and `encrypt`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from dbbuddy.identity import User
from dbbuddy.settings import settings
from dbbuddy.store import accounts, audit, audit_head
from dbbuddy.store.accounts import held
from dbbuddy.store.cipher import cipher
from dbbuddy.store.errors import StoreError
from dbbuddy.store.reencryption import reencrypt
from dbbuddy.store.store import Store


def erase(options: argparse.Namespace) -> int:
    """Erase a user; 2 if there is none or it could not be done."""
    return _with_store(lambda store: _erase(store, options.user))


def _erase(store: Store, user_id: str) -> int:
    known = store.read("SELECT 1 FROM pseudonyms WHERE user_id = $1", (user_id,))
    if not known and not any(held(store, User(user_id, user_id, frozenset())).values()):
        print(f"dbbuddy: nothing is held on a user {user_id!r}. Is that the id that the account page shows?", file=sys.stderr)
        return 2
    gone = accounts.erase(store, user_id, None)
    told = [f"{count} {table}" for table, count in gone.items() if count]
    print(f"Erased: {', '.join(told) or 'the name in the audit log'}. Backups made before hold the data until they are deleted.")
    return 0


def encrypt(options: argparse.Namespace) -> int:
    """Bring all texts under the first key, or make them readable; 2 if it could not be done."""
    return _with_store(lambda store: _encrypt(store, readable=options.off))


def _encrypt(store: Store, *, readable: bool) -> int:
    if not readable and not cipher().on:
        print("dbbuddy: DBBUDDY_ENCRYPTION_KEYS is not set; with --off all texts are stored readable.", file=sys.stderr)
        return 2
    changed = reencrypt(store, readable=readable)
    for column, count in changed.items():
        if count:
            print(f"{column}: {count}")
    print(f"{sum(changed.values())} texts were written anew.")
    return 0


def _with_store(work: Callable[[Store], int]) -> int:
    """Do it with the store of the settings and bring its audit log up to date; 2 if the store does not open or work."""
    url = settings().database_url
    try:
        store = Store(url)
        try:
            keep_head = audit_head.HeadKeeper(url)
            store.transact(keep_head)
            status = work(store)
            store.transact(lambda session: audit.chain_waiting(session, url))
            store.transact(keep_head)
            return status
        finally:
            store.close()
    except StoreError as error:
        print(f"dbbuddy: {error}", file=sys.stderr)
        return 2
