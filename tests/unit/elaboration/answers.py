"""Answers for tests of checks."""

from __future__ import annotations

from dbbuddy.advice import Advice, Diagnosis
from dbbuddy.context import Engine, SystemContext
from dbbuddy.elaboration.check import Checked, check
from dbbuddy.elaboration.notes import Kind


def advice(engine: Engine | None = "postgresql", **parts: object) -> Advice:
    """A checked answer: an idle session holds a row lock."""
    cause = Diagnosis(
        slug="idle-in-transaction",
        title="Sessions idle inside an open transaction",
        category="troubleshooting",
        confidence=0.9,
        summary="A session that is idle in transaction holds row locks, so updates of the same rows wait.",
        root_cause="The application opened a transaction, updated rows and did not commit. Its locks stay until it ends.",
    )
    given = {
        "status": "answered",
        "context": SystemContext(engine=engine),
        "diagnoses": (cause,),
        "do_nots": ("Do not raise max_connections because of them: the sessions only multiply.",),
        "calculations": ("3 instances × a pool of 40 = **120 connections** at full load.",),
        **parts,
    }
    return Advice.model_validate(given)


def checked(text: str, engine: Engine | None = "postgresql", *, final: bool = True) -> Checked:
    return check(text, advice(engine), "updates hang on PostgreSQL", final=final)


def kinds(text: str, engine: Engine | None = "postgresql") -> set[Kind]:
    """What is said about a text."""
    return {note.kind for note in checked(text, engine).all_notes}
