"""The ticket: everything a DBA needs to take a problem over, as data, as Markdown and as JSON.

Every text in it has been redacted before: questions are kept redacted, a comment is redacted here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from dbbuddy.advice import Evidence
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.plan_evidence import plan_evidence
from dbbuddy.identity import User
from dbbuddy.intake.read import read
from dbbuddy.intake.text import InputError
from dbbuddy.plans.figures.measures import Measures
from dbbuddy.plans.outline import as_text, outline
from dbbuddy.rendering import code_span, to_markdown
from dbbuddy.store.conversation_export import fenced
from dbbuddy.store.history import Exchange, Outcome

_OUTCOMES: dict[Outcome, str] = {
    "solved": "it solved the problem",
    "not_solved": "it did not help",
    "handed_over": "handed over to a DBA",
}
_PLAN_STEPS = 60


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Part):
    """One question and its answer. `outcome` is what the user said came of it; `elaboration` what a model added."""

    asked_at: datetime
    question: str
    diagnosis: str
    situation: str
    outcome: str
    stars: int | None
    elaboration: str


class Ticket(_Part):
    """A complete hand-over. `report` is the first question in the user's words, `answer` the latest answer as Markdown."""

    id: str
    created_at: datetime
    reporter: str
    team: str
    title: str
    status: str
    context: SystemContext
    comment: str
    report: str
    kinds: tuple[str, ...]
    codes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    tried: tuple[Step, ...]
    plan: str
    open_questions: tuple[str, ...]
    answer: str
    texts_kept: bool

    @property
    def headline(self) -> str:
        """A line that names cause, system and urgency."""
        where = self.context.label()
        return f"{self.title} · {where}" if where else self.title

    @property
    def urgency(self) -> str:
        """1 for production, else 2: ServiceNow's scale."""
        return "1" if self.context.environment == "production" else "2"


def make_ticket(
    ticket_id: str,
    user: User,
    exchanges: Sequence[Exchange],
    now: datetime,
    comment: str = "",
    elaborations: Mapping[str, str] | None = None,
    *,
    with_texts: bool = True,
) -> Ticket:
    """The ticket of a conversation, of which the last exchange is handed over.

    `comment` must be redacted. `elaborations` holds a model's text by the id of the exchange. Without texts (storage mode
    `metadata`) the ticket tells the system, the diagnoses and what came of them.

    Raises:
        ValueError: there is no exchange.
    """
    if not exchanges:
        raise ValueError("a ticket needs an exchange")
    last = exchanges[-1].advice
    said = "\n\n".join(exchange.question for exchange in exchanges) if with_texts else ""
    kinds, codes = _read(said, last.context)
    return Ticket(
        id=ticket_id,
        created_at=now,
        reporter=user.name,
        team=user.team,
        title=last.title,
        status=last.status,
        context=last.context,
        comment=comment if with_texts else "",
        report=exchanges[0].question if with_texts else "",
        kinds=kinds,
        codes=codes,
        evidence=_evidence(exchanges) if with_texts else (),
        tried=tuple(_step(exchange, elaborations or {}, with_texts=with_texts) for exchange in exchanges),
        plan=_plan(exchanges) if with_texts else "",
        open_questions=tuple(question.text for question in last.questions) if with_texts else (),
        answer=to_markdown(last) if with_texts else "",
        texts_kept=with_texts,
    )


def _evidence(exchanges: Sequence[Exchange]) -> tuple[Evidence, ...]:
    """What in the texts of the whole conversation pointed to the causes that were named."""
    return tuple(dict.fromkeys(found for each in exchanges for best in each.advice.diagnoses[:1] for found in best.evidence))


def _read(text: str, context: SystemContext) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What kinds of text were pasted, and the error codes in it."""
    try:
        reading = read(text, context)
    except InputError:
        return (), ()
    return tuple(reading.kinds), tuple(dict.fromkeys(code.value for code in reading.codes))


def _step(exchange: Exchange, elaborations: Mapping[str, str], *, with_texts: bool) -> Step:
    return Step(
        asked_at=exchange.asked_at,
        question=exchange.question if with_texts else "",
        diagnosis=exchange.advice.title,
        situation=exchange.advice.situation if with_texts else "",
        outcome=_OUTCOMES[exchange.outcome] if exchange.outcome else "",
        stars=exchange.stars,
        elaboration=elaborations.get(exchange.id, "") if with_texts else "",
    )


def _plan(exchanges: Sequence[Exchange]) -> str:
    """The newest execution plan of the conversation as an outline with its measures; empty if none was pasted."""
    for exchange in reversed(exchanges):
        found = plan_evidence(exchange.question, exchange.advice.context.engine)
        if found:
            return as_text(outline(Measures(found.plan), found.findings, most=_PLAN_STEPS))
    return ""


def as_json(ticket: Ticket) -> str:
    """The ticket for programs."""
    return ticket.model_dump_json(indent=2)


def as_markdown(ticket: Ticket) -> str:
    """The ticket for people. What a user wrote stands in code blocks, where it cannot act as Markdown."""
    parts = [f"# {ticket.title}", facts(ticket, mark="**")]
    if not ticket.texts_kept:
        parts.append("*Texts are not kept on this server (storage mode metadata). Ask the reporter for them.*")
    if ticket.comment:
        parts.append(f"## From the reporter\n\n{fenced(ticket.comment)}")
    if ticket.report:
        parts.append(f"## Reported\n\n{fenced(ticket.report)}")
    if ticket.evidence:
        lines = "\n".join(f"- {code_span(found.quote)} ({found.place}): {found.signal}" for found in ticket.evidence)
        parts.append(f"## Evidence\n\n{lines}")
    if ticket.plan:
        parts.append(f"## Execution plan\n\n{fenced(ticket.plan)}")
    parts.append(f"## What was tried\n\n{tried(ticket, whole=True)}")
    if ticket.open_questions:
        parts.append("## Not known yet\n\n" + "\n".join(f"- {text}" for text in ticket.open_questions))
    if ticket.answer:
        parts.append(f"## Latest answer of DB-Buddy\n\n{ticket.answer}")
    return "\n\n".join(parts) + "\n"


def facts(ticket: Ticket, mark: str = "") -> str:
    """System, reporter and time, a line each."""
    told = {
        "System": ticket.context.label() or "not known",
        "Reporter": ", ".join(filter(None, (ticket.reporter, ticket.team))),
        "Handed over": f"{ticket.created_at:%Y-%m-%d %H:%M} UTC",
        "Error codes": ", ".join(ticket.codes),
        "Ticket": ticket.id,
    }
    end = "  \n" if mark else "\n"
    return end.join(f"{mark}{name}:{mark} {value}" for name, value in told.items() if value)


def tried(ticket: Ticket, *, whole: bool = False) -> str:
    """The answers in order, and what came of each; with `whole` also the questions behind the first."""
    lines = []
    for number, step in enumerate(ticket.tried, 1):
        came = [step.outcome, f"{step.stars} of 5 stars" if step.stars else ""]
        result = "; ".join(filter(None, came)) or "no outcome was given"
        lines.append(f"{number}. {step.asked_at:%Y-%m-%d %H:%M} UTC: {step.diagnosis} ({result})")
        if whole and number > 1 and step.question:
            lines.append(_indented(fenced(step.question)))
        if whole and step.elaboration:
            lines.append(_indented("A language model added, unchecked:\n\n" + fenced(step.elaboration)))
    return "\n".join(lines)


def _indented(text: str) -> str:
    return "\n" + "\n".join(f"   {line}" if line else "" for line in text.split("\n")) + "\n"
