"""What a running app does by itself beside serving pages: audit chain and head, purges, compaction, roll-ups, the outbox."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from dbbuddy.analytics.refresh import keep_fresh
from dbbuddy.handover.courier import Courier
from dbbuddy.settings import settings
from dbbuddy.store import audit, audit_head, retention
from dbbuddy.store.audit_key import beside_store
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import OnOpen, Store, utc_now
from dbbuddy.store.upkeep import attend

HEAD_SECONDS = 5.0
HEAD_SECONDS_TO_LOG = 300.0
COMPACT_AT_HOUR = 3
_LOOK_SECONDS = 600.0

_log = logging.getLogger(__name__)


@dataclass
class _Helpers:
    courier: Courier
    night: NightlyCompaction


_helpers: WeakKeyDictionary[Store, _Helpers] = WeakKeyDictionary()


def on_open(url: str) -> tuple[OnOpen, ...]:
    """The checks of a store at every opening."""
    return (partial(audit_head.check, url=url),)


def begin(store: Store, url: str) -> None:
    """Take up the duties for an open store."""
    head_seconds = HEAD_SECONDS if beside_store(url, "") else HEAD_SECONDS_TO_LOG
    # The head first: a log that has entries but no head is one whose head was lost.
    store.every(head_seconds, "the head of the audit log", audit_head.HeadKeeper(url))
    store.every(audit.CHAIN_SECONDS, "the audit log", partial(audit.chain_waiting, url=url))
    store.every(retention.EVERY_SECONDS, "retention", partial(retention.purge, url=url))
    keep_fresh(store, settings().keep_conversations_days)
    attend(store, settings())
    helpers = _Helpers(Courier(store), NightlyCompaction(store))
    _helpers[store] = helpers
    helpers.courier.start()
    helpers.night.start()


def end(store: Store) -> None:
    """Lay the duties down; the store is closed next."""
    helpers = _helpers.pop(store, None)
    if helpers:
        helpers.night.stop()
        helpers.courier.stop()


def wake_courier(store: Store) -> None:
    """Have the outbox looked into now."""
    helpers = _helpers.get(store)
    if helpers:
        helpers.courier.wake()


class NightlyCompaction:
    """Writes the store anew at night if something was deleted since, so that deleted texts leave the files."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._done: date | None = None
        self._end = threading.Event()

    def start(self) -> None:
        """Begin to watch the clock."""
        threading.Thread(target=self._run, name="nightly-compaction", daemon=True).start()

    def stop(self) -> None:
        """No longer watch the clock."""
        self._end.set()

    def run_if_due(self, now: datetime) -> bool:
        """Compact if it is the hour, it was not done today, and something was deleted in the last day; whether it was done.

        Raises:
            StoreError: it could not.
        """
        local = now.replace(tzinfo=UTC).astimezone(ZoneInfo(settings().time_zone))
        if local.hour != COMPACT_AT_HOUR or self._done == local.date() or not self._deleted_since(now - timedelta(hours=25)):
            return False
        self._done = local.date()
        self._store.compact()
        return True

    def _deleted_since(self, since: datetime) -> bool:
        actions = ("deleted", "purged_conversations")
        return any(
            self._store.read(f"SELECT 1 FROM {table} WHERE happened_at >= $1 AND action IN ($2, $3) LIMIT 1", (since, *actions))
            for table in ("audit", "audit_waiting")
        )

    def _run(self) -> None:
        while not self._end.wait(_LOOK_SECONDS):
            try:
                self.run_if_due(utc_now())
            except StoreError as error:
                if self._store.health().state == "closed":
                    return
                _log.warning("the store could not be compacted tonight: %s", error)
