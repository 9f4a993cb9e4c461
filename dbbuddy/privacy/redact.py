"""Redaction: secrets and personal data are taken out of a text before it is sent, logged or stored."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dbbuddy.privacy.accounts import cloud_accounts
from dbbuddy.privacy.assignments import secrets_in_assignments, secrets_in_headers, secrets_in_markup, secrets_in_prose
from dbbuddy.privacy.commands import command_passwords
from dbbuddy.privacy.connections import connection_passwords
from dbbuddy.privacy.ddl import sql_passwords
from dbbuddy.privacy.echoes import echoes
from dbbuddy.privacy.files import kubernetes_secrets, password_files, private_keys
from dbbuddy.privacy.literals import literals
from dbbuddy.privacy.messages import message_values
from dbbuddy.privacy.national_ids import national_ids
from dbbuddy.privacy.network import host_names, ip_addresses
from dbbuddy.privacy.people import people
from dbbuddy.privacy.personal import birth_and_home, contact_data, payment_data
from dbbuddy.privacy.recognised_names import recognised_names
from dbbuddy.privacy.spans import PLACEHOLDER, Find, placeholders, settled
from dbbuddy.privacy.tables import tables
from dbbuddy.privacy.tokens import tokens
from dbbuddy.privacy.vault import Vault
from dbbuddy.privacy.view import RedactionError, View

DETECTORS: tuple[Callable[[View], Iterator[Find]], ...] = (
    private_keys,
    password_files,
    kubernetes_secrets,
    connection_passwords,
    secrets_in_assignments,
    secrets_in_markup,
    secrets_in_headers,
    secrets_in_prose,
    command_passwords,
    sql_passwords,
    tokens,
    contact_data,
    payment_data,
    national_ids,
    birth_and_home,
    cloud_accounts,
    ip_addresses,
    host_names,
    literals,
    tables,
    message_values,
    people,
    recognised_names,
)
SECONDS = 5.0
SECONDS_PER_MEGABYTE = 8.0
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the original text that was taken out, and what stands in its place."""

    start: int
    end: int
    type: str
    placeholder: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text that may leave the session, and what was taken out of it where."""

    text: str
    spans: tuple[Span, ...]


def redact(text: str, vault: Vault | None = None, *, ours: bool = False) -> Redacted:
    """Replace secrets and personal data by placeholders, the same value by the same one all through a vault.

    A placeholder that the text holds already is kept as it is. If the vault has given the same one to a value, it is
    escaped, so that `vault.restore` gives back what the user wrote; unless the placeholders in the text are `ours`, as in
    the answer of a model that was sent redacted text.

    Raises:
        RedactionError: it took too long or went wrong; then nothing of the text may be sent, logged or stored.
    """
    vault = Vault() if vault is None else vault
    deadline = time.monotonic() + SECONDS + SECONDS_PER_MEGABYTE * len(text) / 1e6
    try:
        return _redacted(text, vault, deadline, ours=ours)
    except RedactionError:
        raise
    except Exception:
        raise RedactionError("The text could not be redacted; nothing of it was sent or stored.") from None


def placeholders_in(text: str) -> list[str]:
    """The placeholders that a redacted text holds, each once, in order."""
    return list(dict.fromkeys(text[start:end] for start, end in PLACEHOLDER.spans(text)))


def _redacted(text: str, vault: Vault, deadline: float, *, ours: bool) -> Redacted:
    spans = [] if ours else _escaped(text, vault, deadline)
    current = _replaced(text, spans)
    for _ in range(ROUNDS):
        found = _found(current, vault, deadline)
        if not found:
            return Redacted(current, tuple(spans))
        spans = _merged(spans, found)
        current = _replaced(text, spans)
    raise RedactionError("The text could not be redacted for good; nothing of it was sent or stored.")


def _escaped(text: str, vault: Vault, deadline: float) -> list[Span]:
    """Placeholders of the user's own making that the vault has given away."""
    view = View(text, deadline)
    written = [view.original(find.start, find.end) for find in placeholders(view)]
    taken = [(start, end) for start, end in written if not vault.keep_literal(text[start:end])]
    return [Span(start, end, "TEXT", vault.placeholder(text[start:end], "TEXT")) for start, end in taken]


def _found(text: str, vault: Vault, deadline: float) -> list[Span]:
    """What is to be taken out of a text in which placeholders may stand already."""
    view = View(text, deadline)
    fixed = list(placeholders(view))
    view.hide((find.start, find.end) for find in fixed)
    finds = [find for detector in DETECTORS for find in detector(view)]
    known = {**dict(vault.values()), **{view.text[find.start : find.end]: find.type for find in finds}}
    spans = []
    for find in settled([*fixed, *finds, *echoes(view, known.items())], view):
        start, end = view.original(find.start, find.end)
        placeholder = vault.placeholder(text[start:end], find.type)
        spans.append(Span(start, end, placeholder[1:-1].rpartition("_")[0], placeholder))
    return spans


def _merged(done: list[Span], found: list[Span]) -> list[Span]:
    """Spans of the original text: those done before, and those found in the text that came of it."""
    starts, shifts, shift = [], [0], 0
    for span in done:
        starts.append(span.start + shift)
        shift += len(span.placeholder) - (span.end - span.start)
        shifts.append(shift)
    moved = []
    for span in found:
        offset = shifts[bisect_right(starts, span.start)]
        moved.append(Span(span.start - offset, span.end - offset, span.type, span.placeholder))
    return sorted([*done, *moved], key=lambda span: span.start)


def _replaced(text: str, spans: Iterable[Span]) -> str:
    parts: list[str] = []
    place = 0
    for span in spans:
        parts += [text[place : span.start], span.placeholder]
        place = span.end
    return "".join([*parts, text[place:]])
