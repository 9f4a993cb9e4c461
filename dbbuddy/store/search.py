"""Searching one's own conversations: all words, anywhere in title, questions and answers.

Texts may be encrypted, so they are searched here and not by the database; that is bounded by the number of exchanges and bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from dbbuddy.identity import User
from dbbuddy.store.fields import ADVICE, QUESTION, read
from dbbuddy.store.history import ConversationSummary, conversations
from dbbuddy.store.store import Store

MOST_EXCHANGES = 1_000
_PAGE = 100
_MOST_CHARACTERS = 20_000_000
_MOST_WORDS = 8


def search(store: Store, user: User, query: str, limit: int = 30) -> list[ConversationSummary]:
    """The user's conversations that hold every word of the query, in the order of the list.

    The newest exchanges are searched, as many as `MOST_EXCHANGES`; titles of all listed conversations.

    Raises:
        StoreError: they cannot be read.
    """
    words = query.casefold().split()[:_MOST_WORDS]
    listed = {row.id: row for row in conversations(store, user, limit=MOST_EXCHANGES)}
    if not words:
        return list(listed.values())[:limit]
    missing = {row.id: _missing(words, row.title) for row in listed.values()}
    for conversation_id, question, advice in _texts(store, user):
        for text in (question, advice):
            if missing.get(conversation_id):
                missing[conversation_id] = _missing(missing[conversation_id], text())
    return [row for row in listed.values() if not missing[row.id]][:limit]


def _missing(words: list[str], text: str) -> list[str]:
    folded = text.casefold()
    return [word for word in words if word not in folded]


def _texts(store: Store, user: User) -> Iterator[tuple[str, Callable[[], str], Callable[[], str]]]:
    """Conversation, question and answer of the newest exchanges; what is not asked for is not decrypted."""
    before, before_id = datetime(9999, 1, 1), ""
    count = characters = 0
    while count < MOST_EXCHANGES and characters < _MOST_CHARACTERS:
        rows = store.read(
            "SELECT id, conversation_id, asked_at, question, advice FROM exchanges WHERE user_id = $1 "
            "AND (asked_at < $2 OR (asked_at = $2 AND id < $3)) ORDER BY asked_at DESC NULLS LAST, id DESC NULLS LAST "
            f"LIMIT {_PAGE}",
            (user.id, before, before_id),
        )
        for exchange_id, conversation_id, _, question, advice in rows:
            characters += len(question) + len(advice)
            yield (
                conversation_id,
                partial(read, QUESTION, exchange_id, question),
                partial(_answer_text, exchange_id, advice),
            )
        count += len(rows)
        if len(rows) < _PAGE:
            break
        before, before_id = rows[-1][2], rows[-1][0]


def _answer_text(exchange_id: str, stored: str) -> str:
    """All that an answer says, without the names of its parts."""
    text = read(ADVICE, exchange_id, stored)
    return "\n".join(_strings(json.loads(text))) if text else ""


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
