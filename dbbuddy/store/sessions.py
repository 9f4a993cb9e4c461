"""Logins that were ended by their owners, so that a copied cookie opens nothing on any server of this store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dbbuddy.store.store import Store, utc_now

_KEEP = timedelta(days=40)
"""Longer than the 31 days for which Streamlit accepts the cookie of a login."""
_READ_SECONDS = 2.0


def revoke(store: Store, subject: str, at: float) -> None:
    """Keep that a session, or all sessions of a person, ended `at` (seconds since 1970); forget what no cookie can outlast.

    Raises:
        StoreError: it was not kept.
    """
    store.append({"revocations": [{"subject": subject, "revoked_at": _moment(at)}]})
    store.execute(("DELETE FROM revocations WHERE revoked_at < $1", (utc_now() - _KEEP,)))


def revocations(store: Store) -> dict[str, float]:
    """When each subject was revoked last, in seconds since 1970.

    Raises:
        StoreError: the store cannot be read now.
    """
    rows = store.read("SELECT subject, max(revoked_at) FROM revocations GROUP BY subject", limit_seconds=_READ_SECONDS)
    return {str(subject): at.replace(tzinfo=UTC).timestamp() for subject, at in rows}


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
