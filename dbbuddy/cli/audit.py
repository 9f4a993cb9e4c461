"""`python -m dbbuddy audit verify`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from dbbuddy.intake.text import InputError
from dbbuddy.settings import settings
from dbbuddy.store import audit
from dbbuddy.store.audit_chain import Entry, Head, problems, read_head
from dbbuddy.store.audit_key import audit_key, beside_store, heads_set_aside, stored_head
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store

_SHOWN = 1_000


def verify(options: argparse.Namespace) -> int:
    """Print what is wrong with the audit log, a line each; 1 if anything is, 2 if it cannot be verified."""
    url = settings().database_url
    head = _head(options.head, url)
    try:
        store = Store(url)
        try:
            return _verify(store, url, head)
        finally:
            store.close()
    except StoreError as error:
        print(f"dbbuddy: {error}", file=sys.stderr)
        return 2


def _head(given: str | None, url: str) -> Head | None:
    """The head to compare with: the given one, as it stands in the log stream, else the one beside the store."""
    if given is None:
        return stored_head(url)
    head = read_head(given)
    if head is None:
        raise InputError("--head is no head; copy the JSON behind “audit head” from the app's log.")
    return head


def _verify(store: Store, url: str, head: Head | None) -> int:
    key = audit_key(url)
    seen = _Counting()
    found = 0
    for problem in problems(seen.over(store), key, head):
        found += 1
        if found <= _SHOWN:
            print(problem)
    if head is None and seen.count and beside_store(url, ""):
        found += 1
        print("The head is missing: whether the newest entries are missing cannot be told.")
    for file in heads_set_aside(url):
        found += 1
        print(f"The store was once older than its head or was written anew: see {file}. Remove that file if you know why.")
    waiting = audit.waiting_count(store)
    if waiting:
        print(f"{waiting} events are not in the chain yet; the running app takes them in within seconds.", file=sys.stderr)
    if not found:
        against = f"fits its head of entry {head.sequence}" if head else "was not compared with a head"
        print(f"The audit log of {seen.count} entries is whole and {against}.")
    return 1 if found else 0


class _Counting:
    """The entries of a store, counted on their way."""

    def __init__(self) -> None:
        self.count = 0

    def over(self, store: Store) -> Iterator[Entry]:
        """The entries in order."""
        for entry in audit.all_entries(store):
            self.count += 1
            yield entry
