"""The one shape of an answer, everywhere: chat, command line, API, export and log.

An `Advice` is data. `to_markdown` is how it reads as text; pages draw it from the same parts.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from dbbuddy.context import Category, SystemContext

Status = Literal["answered", "needs_details", "out_of_scope"]
Horizon = Literal["immediate", "medium_term", "long_term"]
Risk = Literal["none", "low", "medium", "high"]

HORIZON_NAMES: dict[Horizon, str] = {
    "immediate": "Fix now",
    "medium_term": "Next",
    "long_term": "Later",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CodeBlock(_Part):
    """SQL, configuration or shell that can be copied. `engine` is an engine id, or `any`; `only_on` as in `Fix`."""

    language: str
    engine: str
    code: str
    only_on: str = ""


class Evidence(_Part):
    """What in the user's text points to a diagnosis, quoted, and where it stands."""

    quote: str
    place: str
    signal: str


class Diagnosis(_Part):
    """One possible root cause. `confidence` is the calibrated chance of being right, 0 to 1.

    `steps` names its fixes in a few words each, for a cause that is shown as an alternative only.
    """

    slug: str
    title: str
    category: Category
    confidence: float
    summary: str
    root_cause: str
    evidence: tuple[Evidence, ...] = ()
    confirm: str = ""
    confirm_blocks: tuple[CodeBlock, ...] = ()
    steps: tuple[str, ...] = ()


class Fix(_Part):
    """One step: what to do and why, with blocks to run. `only_on` names the platform where that is not known."""

    horizon: Horizon
    what: str
    why: str = ""
    blocks: tuple[CodeBlock, ...] = ()
    risk: Risk = "none"
    risk_note: str = ""
    rollback: str = ""
    only_on: str = ""


class Monitoring(_Part):
    """How to see that it worked, and what to watch from now on."""

    points: tuple[str, ...] = ()
    blocks: tuple[CodeBlock, ...] = ()


class Question(_Part):
    """A question whose answer would decide, with the query that finds it out."""

    text: str
    why: str = ""
    block: CodeBlock | None = None


class Source(_Part):
    """A manual and the section that supports the advice."""

    title: str
    section: str
    url: str | None = None


class Advice(_Part):
    """An answer. `diagnoses` stand best first; the fixes belong to the first of them.

    `branch` names the part of the playbook that a follow-up was answered from; `codes` are the error codes in the user's text.
    """

    status: Status
    context: SystemContext
    category: Category | None = None
    situation: str = ""
    diagnoses: tuple[Diagnosis, ...] = ()
    calculations: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    monitoring: Monitoring = Monitoring()
    expected: tuple[str, ...] = ()
    do_nots: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    sources: tuple[Source, ...] = ()
    related: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    branch: str | None = None
    codes: tuple[str, ...] = ()

    def fixes_of(self, horizon: Horizon) -> tuple[Fix, ...]:
        return tuple(fix for fix in self.fixes if fix.horizon == horizon)

    @property
    def title(self) -> str:
        """A short name for lists and histories."""
        if self.diagnoses:
            return self.diagnoses[0].title
        return {"needs_details": "More details needed", "out_of_scope": "Out of scope"}.get(self.status, "Answer")
