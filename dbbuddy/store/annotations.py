"""What happened on a day and shows in the dashboards: a release, a training day. Managers write and delete it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, cast, get_args

from dbbuddy.identity import User, require
from dbbuddy.store.store import Store, new_id, utc_now

Kind = Literal["release", "training", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST = 60
_MOST = 200


@dataclass(frozen=True)
class Annotation:
    """Something that happened on a day."""

    id: str
    day: date
    label: str
    kind: Kind


def noted(store: Store, user: User, first: date, last: date) -> tuple[Annotation, ...]:
    """Those of a period, in order; of very many the newest.

    Raises:
        NotAllowedError: the user is no manager.
        StoreError: the store cannot be read.
    """
    require(user, "manager")
    rows = store.read(
        "SELECT id, day, label, kind FROM annotations WHERE day BETWEEN $1 AND $2 AND kind IN ($3, $4, $5) "
        f"ORDER BY day DESC, made_at DESC, id LIMIT {_MOST}",
        (first, last, *KINDS),
    )
    return tuple(Annotation(id, day, label, cast("Kind", kind)) for id, day, label, kind in reversed(rows))


def annotate(store: Store, user: User, day: date, label: str, kind: Kind) -> None:
    """Keep what happened.

    Raises:
        NotAllowedError: the user is no manager.
        ValueError: the label is empty or too long; the message says so.
        StoreError: it was not kept.
    """
    require(user, "manager")
    text = " ".join(label.split())
    if not text or len(text) > LONGEST:
        raise ValueError(f"Say in 1 to {LONGEST} characters what happened.")
    row = {"id": new_id(), "day": day, "label": text, "kind": kind, "made_by": user.id, "made_at": utc_now()}
    store.append({"annotations": [row]})


def remove_annotation(store: Store, user: User, id: str) -> None:
    """Delete one. The mark of a store of sample data stays.

    Raises:
        NotAllowedError: the user is no manager.
        StoreError: it is still there.
    """
    require(user, "manager")
    kinds = ", ".join(f"${place}" for place in range(2, 2 + len(KINDS)))
    store.execute((f"DELETE FROM annotations WHERE id = $1 AND kind IN ({kinds})", (id, *KINDS)))
