"""What a conversation has with language models: what waits for consent, what is being written, what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dbbuddy.advice import Advice
from dbbuddy.diagnosis.dialogue import Turn as Said
from dbbuddy.diagnosis.library import Library
from dbbuddy.elaboration.live import Live
from dbbuddy.privacy.redact import Redacted, placeholders_in
from dbbuddy.privacy.view import RedactionError
from dbbuddy.providers.chain import Candidate, Chain
from dbbuddy.providers.material import sections_of
from dbbuddy.providers.prompt import Material, Prompt, Turn, build_prompt, elaborates
from dbbuddy.store.elaborations import Elaboration


@dataclass(frozen=True)
class Plan:
    """What would be sent, to whom in this order, and how many placeholders of each type stand in it."""

    prompt: Prompt
    candidates: tuple[Candidate, ...]
    removed: dict[str, int]
    production: bool

    @property
    def is_sensitive(self) -> bool:
        """Whether something was taken out of what would be sent."""
        return bool(self.removed)

    @property
    def leaves_the_house(self) -> bool:
        """Whether any of the providers is a cloud's, so that the user is asked first."""
        return not all(each.is_local for each in self.candidates)

    @property
    def sent(self) -> str:
        """The exact text: every message, one after the other."""
        return "\n\n".join(message.content for message in self.prompt.messages)


@dataclass(frozen=True)
class Refused:
    """Why no model is asked, in words for a reader."""

    why: str


@dataclass
class Desk:
    """A conversation's own, by exchange. `agreed`: the user's word on sending to a cloud; `None` before it was asked."""

    kept: dict[str, Elaboration] = field(default_factory=dict)
    live: dict[str, Live] = field(default_factory=dict)
    waiting: dict[str, Plan] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)
    agreed: bool | None = None

    def settle(self) -> None:
        """Take over what has been finished meanwhile."""
        for exchange_id, live in list(self.live.items()):
            done = live.now.done
            if done is not None:
                self.kept[exchange_id] = done
                del self.live[exchange_id]


def plan(chain: Chain, library: Library, advice: Advice, question: str, before: Sequence[Said]) -> Plan | Refused | None:
    """What would be sent for an answer; `None` if no provider is configured, or there is nothing to elaborate on.

    `question` and `before` hold redacted texts only.
    """
    production = advice.context.environment == "production"
    configured = [each for each in chain.candidates(sensitive=False, production=False) if each.skip != "not_configured"]
    if not configured or not elaborates(advice):
        return None
    earlier = tuple(Turn(Redacted(said.text, ()), Redacted(said.advice.title, ())) for said in before)
    try:
        prompt = build_prompt(Material(advice, Redacted(question, ()), earlier, sections_of(advice, library)))
    except RedactionError:
        return Refused("The text could not be checked for secrets once more, so no model was asked.")
    removed = _removed(prompt)
    usable = tuple(each for each in chain.candidates(sensitive=bool(removed), production=production) if each.skip is None)
    if not usable:
        known = chain.candidates(sensitive=bool(removed), production=production)
        why = "; ".join(f"{each.title}: {each.why_not}" for each in known if each.skip != "not_configured")
        return Refused(f"No language model was asked. {why}.")
    return Plan(prompt, usable, removed, production)


def _removed(prompt: Prompt) -> dict[str, int]:
    """The placeholders of the user's texts by type; those that the instructions name as examples do not count."""
    told = [name for message in prompt.messages if message.role == "user" for name in placeholders_in(message.content)]
    return dict(Counter(name[1:-1].rpartition("_")[0] for name in dict.fromkeys(told)))
