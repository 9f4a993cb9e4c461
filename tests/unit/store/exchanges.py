"""Exchanges to keep in tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dbbuddy.advice import Advice
from dbbuddy.context import SystemContext
from dbbuddy.identity import User
from dbbuddy.store.history import Exchange
from dbbuddy.store.store import new_id, utc_now

ADVICE = Advice(status="needs_details", context=SystemContext(engine="postgresql"), situation="Which one?")
USER = User("u", "Ursula", frozenset({"developer"}), "payments")
OTHER = User("other", "Otto", frozenset({"developer"}))


def exchange(**changes: Any) -> Exchange:
    """An exchange of user `u`, in a conversation of its own unless told otherwise."""
    plain = Exchange(new_id(), new_id(), "u", 0, utc_now(), "Why?", ADVICE, "rules", 1.5)
    return replace(plain, **changes)
