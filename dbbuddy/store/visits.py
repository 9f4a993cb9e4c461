"""Which pages are opened by whom, for the adoption figures."""

from __future__ import annotations

from dbbuddy.identity import User
from dbbuddy.settings import settings
from dbbuddy.store.history import local_day
from dbbuddy.store.store import Store, utc_now


def record_visit(store: Store, user: User, page: str) -> None:
    """Keep that a user opened a page, named by its file without the ending; nothing in storage mode `off`.

    Raises:
        StoreError: it was not kept.
    """
    if settings().storage_mode == "off":
        return
    now = utc_now()
    store.append({"visits": [{"user_id": user.id, "team": user.team, "happened_at": now, "day": local_day(now), "page": page}]})
