"""Projections that a user saved under a name. Only their owner can see, open or delete them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbbuddy.identity import User
from dbbuddy.store.fields import PROJECTION, PROJECTION_NAME, keeps_texts, read, written
from dbbuddy.store.store import Store, new_id, utc_now

MOST = 100
NAME_LENGTH = 120
_MOST_CHARACTERS = 5_000_000


class ProjectionError(ValueError):
    """It cannot be saved; the message says why and what to do."""


@dataclass(frozen=True)
class SavedProjection:
    """A saved projection without its content."""

    id: str
    name: str
    saved_at: datetime


def save_projection(store: Store, user: User, name: str, content: str) -> str:
    """Keep a projection; returns its id, after the commit.

    Raises:
        ProjectionError: there is no name, it is too large, there are too many, or the settings keep no texts.
        StoreError: it was not kept.
    """
    if not keeps_texts():
        raise ProjectionError("This installation keeps no texts, so nothing can be saved here. Export the projection instead.")
    plain = " ".join(name.split())[:NAME_LENGTH]
    if not plain:
        raise ProjectionError("Give the projection a name.")
    if len(content) > _MOST_CHARACTERS:
        raise ProjectionError("This is too much to save: keep fewer series, or export it instead.")
    held = store.read("SELECT count(*) FROM projections WHERE user_id = $1", (user.id,))
    if int(held[0][0]) >= MOST:
        raise ProjectionError(f"You have {MOST} saved projections. Delete one that you no longer need.")
    new = new_id()
    row = {
        "id": new,
        "user_id": user.id,
        "name": written(PROJECTION_NAME, new, plain),
        "saved_at": utc_now(),
        "content": written(PROJECTION, new, content),
    }
    store.append({"projections": [row]})
    return new


def saved_projections(store: Store, user: User) -> list[SavedProjection]:
    """A user's projections, the newest first; those of which no content is kept are left out.

    Raises:
        StoreError: they cannot be read.
    """
    rows = store.read(
        "SELECT id, name, saved_at FROM projections WHERE user_id = $1 AND content <> '' ORDER BY saved_at DESC, id", (user.id,)
    )
    return [SavedProjection(row_id, read(PROJECTION_NAME, row_id, name), saved_at) for row_id, name, saved_at in rows]


def saved_content(store: Store, user: User, projection_id: str) -> str | None:
    """The content of a user's own projection; `None` if there is none with this id.

    Raises:
        StoreError: it cannot be read.
    """
    rows = store.read("SELECT content FROM projections WHERE id = $1 AND user_id = $2", (projection_id, user.id))
    return read(PROJECTION, projection_id, rows[0][0]) or None if rows else None


def rename_projection(store: Store, user: User, projection_id: str, name: str) -> None:
    """Give a user's own projection another name.

    Raises:
        ProjectionError: there is no name.
        StoreError: it was not kept.
    """
    plain = " ".join(name.split())[:NAME_LENGTH]
    if not plain:
        raise ProjectionError("Give the projection a name.")
    sealed = written(PROJECTION_NAME, projection_id, plain)
    store.execute(("UPDATE projections SET name = $3 WHERE id = $1 AND user_id = $2", (projection_id, user.id, sealed)))


def delete_projection(store: Store, user: User, projection_id: str) -> None:
    """Delete a user's own projection.

    Raises:
        StoreError: it is still there.
    """
    store.execute(("DELETE FROM projections WHERE id = $1 AND user_id = $2", (projection_id, user.id)))
