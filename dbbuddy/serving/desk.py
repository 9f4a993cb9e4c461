"""What the machine interfaces offer: redacted text in, answers as JSON out, exchanges kept like those of the chat."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from dbbuddy import telemetry
from dbbuddy.advisor import Advisor
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.dialogue import Turn
from dbbuddy.identity import User
from dbbuddy.intake.text import InputError
from dbbuddy.interchange.asking import answer_object, answers, user_texts
from dbbuddy.interchange.explaining import plans_object
from dbbuddy.interchange.reviewing import Defaults, reviewed
from dbbuddy.interchange.rows import engine_of, json_text, text_of
from dbbuddy.plans.insights import find_insights
from dbbuddy.plans.read import read_plans
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.vault import Vault
from dbbuddy.privacy.view import RedactionError
from dbbuddy.sqlreview.share import as_object
from dbbuddy.store.errors import StoreError
from dbbuddy.store.history import Exchange, record_exchange
from dbbuddy.store.store import Store, new_id, utc_now

_log = logging.getLogger(__name__)
_UNREADABLE = "The text could not be checked for secrets in time, so it was not read. Send a shorter part of it."


class Desk:
    """Answers machines. `advisor` and `store` are asked for at each call; a store that is not there loses no answer."""

    def __init__(self, advisor: Callable[[], Advisor], store: Callable[[], Store | None]) -> None:
        self._advisor = advisor
        self._store = store

    def ask(self, row: dict[str, Any], caller: str, channel: str, started: float) -> str:
        """The answer to `{"text" | "turns", "context"}` as JSON.

        Raises:
            InputError: the row holds no text, or one that cannot be read.
            ContextError: the context has a value that is not known.
        """
        vault = Vault()
        texts = [_redacted(text, vault) for text in user_texts(row)]
        told = SystemContext.of(**(row.get("context") or {}))
        given = answers(self._advisor(), {"turns": texts}, told)
        seconds = time.perf_counter() - started
        telemetry.answered(channel, given[-1], seconds)
        self._keep([Turn(text, advice) for text, advice in zip(texts, given, strict=True)], caller, channel, seconds)
        return answer_object(None, given, started, dialogue="turns" in row)

    def explain(self, row: dict[str, Any]) -> str:
        """The plans of `{"text", "engine"}` with their findings as JSON.

        Raises:
            InputError: there is no plan in it.
        """
        read = read_plans(_redacted(text_of(row), Vault()), engine_of(row.get("engine")))
        return plans_object(None, read, [find_insights(plan) for plan in read.plans], None)

    def review(self, row: dict[str, Any]) -> str:
        """The review of `{"sql", "schema", "stats", "engine", "version"}` as JSON.

        Raises:
            InputError: there is no SQL in it, or another field does not fit.
        """
        vault = Vault()
        clean = {name: _redacted(value, vault) if name in ("sql", "schema") else value for name, value in row.items()}
        return json_text(as_object(reviewed(clean, Defaults())))

    def safe(self, message: str) -> str:
        """An error message without anything secret that the caller's text had in it."""
        try:
            return redact(message, Vault()).text
        except RedactionError:
            return "The request does not fit."

    def _keep(self, turns: list[Turn], caller: str, channel: str, seconds: float) -> None:
        store = self._store()
        if store is None:
            return
        user = User(f"{channel}:{caller}", caller, frozenset({"developer"}))
        conversation = new_id()
        try:
            for position, turn in enumerate(turns):
                exchange = Exchange(
                    id=new_id(),
                    conversation_id=conversation,
                    user_id=user.id,
                    position=position,
                    asked_at=utc_now(),
                    question=turn.text,
                    advice=turn.advice,
                    provider="rules",
                    latency_ms=seconds * 1000 / len(turns),
                )
                record_exchange(store, user, exchange)
        except StoreError as error:
            telemetry.unsaved("exchange")
            _log.warning("an exchange of a machine was not kept: %s", type(error).__name__)


def _redacted(text: str, vault: Vault) -> str:
    try:
        return redact(text, vault).text
    except RedactionError:
        raise InputError(_UNREADABLE) from None
