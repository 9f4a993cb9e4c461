"""The arithmetic of the audit log: entries chained by HMAC-SHA256, the signed head, and what verification finds.

Each entry's code covers the code of the entry before it and all of its own fields, so that an entry cannot be changed, moved or
taken out without the key. Taking away the newest entries leaves a chain that is whole; only the head, kept outside the database,
tells that they are missing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

Action = Literal[
    "asked",
    "read_shared",
    "exported",
    "erased",
    "deleted",
    "shared",
    "share_withdrawn",
    "handed_over",
    "graded",
    "assumptions_changed",
    "roles_changed",
    "playbook_changed",
    "signed_in",
    "signed_out",
    "purged",
    "purged_conversations",
    "restored",
    "head_mismatch",
]
ROOT = ""


@dataclass(frozen=True)
class Event:
    """What happened: who did what to what. `detail` is canonical JSON of words and numbers, never of a user's text."""

    happened_at: datetime
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True)
class Entry:
    """An event at its place in the log; sequences count from 1 without gaps. `mac` is its code in hexadecimal."""

    sequence: int
    event: Event
    mac: str


class Head(BaseModel):
    """The newest entry as it was signed: its sequence, how many entries there were, its code, and the signature over these."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sequence: int
    count: int
    mac: str
    signature: str = ""


def canonical(value: object) -> str:
    """JSON that is written in one way only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _code(key: bytes, *parts: object) -> str:
    return hmac.new(key, canonical(parts).encode(), hashlib.sha256).hexdigest()


def entry_mac(key: bytes, previous: str, sequence: int, event: Event) -> str:
    """The code of an entry behind the entry with the code `previous` (`ROOT` before the first)."""
    at = event.happened_at.isoformat(timespec="microseconds")
    return _code(key, "entry", previous, sequence, at, event.actor, event.action, event.subject, event.detail)


def chained(key: bytes, previous: str, sequence: int, events: Sequence[Event]) -> list[Entry]:
    """The events as entries behind the entry `sequence` with the code `previous`."""
    entries = []
    for number, event in enumerate(events, sequence + 1):
        previous = entry_mac(key, previous, number, event)
        entries.append(Entry(number, event, previous))
    return entries


def signed(key: bytes, head: Head) -> Head:
    """The head with its signature."""
    return head.model_copy(update={"signature": _code(key, "head", head.sequence, head.count, head.mac)})


def is_signed(key: bytes, head: Head) -> bool:
    """Whether the head bears the signature of this key."""
    return hmac.compare_digest(signed(key, head).signature, head.signature)


def read_head(text: str) -> Head | None:
    """The head written as JSON; `None` if the text is none."""
    try:
        return Head.model_validate_json(text)
    except ValidationError:
        return None


def problems(entries: Iterable[Entry], key: bytes, head: Head | None = None) -> Iterator[str]:
    """What is wrong with a log, a sentence each; nothing if it is as it was written. Entries come in the order of their sequence.

    Entries before the first one may have been purged after their time: then a later entry vouches for what was taken out.
    """
    first: Entry | None = None
    previous: Entry | None = None
    purged: dict[int, str] = {0: ROOT}
    changed: list[int] = []
    at_head: Entry | None = None
    for entry in entries:
        if previous is None:
            first = entry
        elif entry.sequence <= previous.sequence:
            yield f"Entry {entry.sequence} stands there twice."
            continue
        elif entry.sequence != previous.sequence + 1:
            yield from _changed(changed)
            changed = []
            yield _missing(previous.sequence + 1, entry.sequence - 1)
        elif not _follows(key, previous.mac, entry):
            changed.append(entry.sequence)
        else:
            yield from _changed(changed)
            changed = []
        if entry.event.action == "purged":
            purged.update(_purge(entry.event.detail))
        if head and entry.sequence == head.sequence:
            at_head = entry
        previous = entry
    yield from _changed(changed)
    if first:
        yield from _beginning(key, first, purged)
    if head:
        yield from _end(key, head, previous.sequence if previous else 0, at_head)


def _follows(key: bytes, previous: str, entry: Entry) -> bool:
    return hmac.compare_digest(entry_mac(key, previous, entry.sequence, entry.event), entry.mac)


def _purge(detail: str) -> dict[int, str]:
    """What an entry about a purge vouches for: the last sequence that was taken out, and its code."""
    try:
        told = json.loads(detail)
        return {int(told["last_sequence"]): str(told["last_mac"])}
    except (ValueError, TypeError, KeyError):
        return {}


def _beginning(key: bytes, first: Entry, purged: dict[int, str]) -> Iterator[str]:
    before = purged.get(first.sequence - 1)
    if before is None:
        yield _missing(1, first.sequence - 1)
    elif not _follows(key, before, first):
        yield from _changed([first.sequence])


def _end(key: bytes, head: Head, last: int, at_head: Entry | None) -> Iterator[str]:
    if not is_signed(key, head):
        yield "The head is not signed with this key: it was changed, or the key is not the one it was signed with."
    elif head.sequence > last:
        yield f"{_missing(last + 1, head.sequence)[:-1]} at the end: the log was cut, or the store is older than its head."
    elif head.sequence and at_head and at_head.mac != head.mac:
        yield f"Entry {head.sequence} is not the one that the head was signed for: the log was written anew from there or before."


def _missing(begin: int, end: int) -> str:
    return f"Entry {begin} is missing." if begin == end else f"Entries {begin} to {end} are missing."


def _changed(sequences: list[int]) -> Iterator[str]:
    if len(sequences) == 1:
        yield f"Entry {sequences[0]} was changed, or stands in another's place."
    elif sequences:
        yield f"Entries {sequences[0]} to {sequences[-1]} were changed, or stand in another order."
