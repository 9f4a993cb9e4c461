"""Conversations as a user has them, for tests."""

from __future__ import annotations

from dbbuddy.advice import Advice
from dbbuddy.advisor import Advisor
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.dialogue import Turn


def talk(advisor: Advisor, *texts: str, context: SystemContext | None = None) -> list[Advice]:
    """The answer to each message, in one conversation."""
    turns: list[Turn] = []
    for text in texts:
        advice = advisor.follow_up(turns, text) if turns else advisor.ask(text, context)
        turns.append(Turn(text, advice))
    return [turn.advice for turn in turns]
