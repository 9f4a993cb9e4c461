"""From a playbook and its match to the parts of an `Advice`."""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.advice import Advice, CodeBlock, Diagnosis, Evidence, Fix, Monitoring, Question, Source
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.playbook import Ask, Playbook
from dbbuddy.diagnosis.selection import Reader, blocks, fixes, points, prose
from dbbuddy.intake.names import find_query_columns
from dbbuddy.intake.patterns import compiled

MAX_QUESTIONS = 2


@dataclass(frozen=True)
class Match:
    """A playbook that fits a text: the calibrated chance that it is right, and why it was taken. `branch` is the one of its
    branches that the text itself leads to.
    """

    playbook: Playbook
    score: float
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    branch: str | None = None


def diagnosis(match: Match, reader: Reader) -> Diagnosis:
    """The cause, with what in the text points to it and how to confirm it."""
    head, body = match.playbook.head, match.playbook.body
    confirm = body.prose.get("Confirm", ())
    return Diagnosis(
        slug=head.slug,
        title=head.title,
        category=head.category,
        confidence=match.confidence,
        summary=reader.fill(head.summary),
        root_cause=prose(body.prose["Root cause"], reader),
        evidence=match.evidence,
        confirm=prose(confirm, reader),
        confirm_blocks=blocks(confirm, reader),
        steps=tuple(fix.what for fix in fixes(body.steps, reader)),
    )


def answer(match: Match, others: tuple[Match, ...], reader: Reader, text: str) -> Advice:
    """A full answer for the best match; the others are named with their summaries."""
    head, body = match.playbook.head, match.playbook.body
    if head.category == "query_optimization":
        reader = Reader(reader.context, {**find_query_columns(text), **reader.names})
    verify = body.prose.get("Verify", ())
    full = Advice(
        status="answered",
        context=reader.context,
        category=head.category,
        situation=prose(body.prose.get("Situation", ()), reader),
        diagnoses=(diagnosis(match, reader), *(diagnosis(other, reader) for other in others)),
        fixes=fixes(body.steps, reader),
        monitoring=Monitoring(points=points(verify, reader), blocks=blocks(verify, reader)),
        expected=points(body.prose.get("Expected", ()), reader),
        do_nots=points(body.prose.get("Do not", ()), reader),
        questions=questions(match.playbook, reader, text),
        sources=_sources(match.playbook, reader.context),
        related=head.related,
    )
    return _with_branch(full, match, reader) if match.branch else full


def _with_branch(full: Advice, match: Match, reader: Reader) -> Advice:
    """The answer with what it says to a fact that the question told already: its words last, its steps first."""
    if match.branch is None:
        return full
    text, code, steps = branch_fixes(match.playbook, match.branch, reader)
    if not text and not steps:
        return full
    first, *others = full.diagnoses
    cause = f"{first.root_cause}\n\n**What you tell adds:** {text}" if text else first.root_cause
    first = first.model_copy(update={"root_cause": cause, "confirm_blocks": (*code, *first.confirm_blocks)})
    return full.model_copy(
        update={
            "diagnoses": (first, *others),
            "fixes": (*steps, *full.fixes),
            "questions": full.questions[:1],
            "branch": match.branch,
        }
    )


def branch_fixes(playbook: Playbook, branch_id: str, reader: Reader) -> tuple[str, tuple[CodeBlock, ...], tuple[Fix, ...]]:
    """What a branch says: its prose, its blocks and its steps."""
    branch = playbook.body.branches[branch_id]
    return prose(branch.pieces, reader), blocks(branch.pieces, reader), fixes(branch.steps, reader)


def questions(playbook: Playbook, reader: Reader, text: str) -> tuple[Question, ...]:
    """The deciding questions that the text does not answer yet."""
    open_asks = [ask for ask in playbook.head.asks if not _answered(ask, text)]
    return tuple(_question(ask, reader) for ask in open_asks[:MAX_QUESTIONS])


def _sources(playbook: Playbook, context: SystemContext) -> tuple[Source, ...]:
    return tuple(
        Source(title=source.title, section=source.section, url=source.url)
        for source in playbook.head.sources
        if not source.engines or context.engine in source.engines
    )


def _answered(ask: Ask, text: str) -> bool:
    return bool(ask.unless and compiled(ask.unless).search(text))


def _question(ask: Ask, reader: Reader) -> Question:
    engine = reader.context.engine
    sql = ask.sql.get(engine) if engine else None
    block = CodeBlock(language="sql", engine=engine, code=reader.fill(sql.strip())) if engine and sql else None
    return Question(text=reader.fill(ask.question), why=reader.fill(ask.why), block=block)
