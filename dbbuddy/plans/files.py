"""Plans as they arrive: a pasted text or a file, size and encoding checked, secrets and personal data taken out."""

from __future__ import annotations

from dataclasses import dataclass

import re2

from dbbuddy.context import Engine
from dbbuddy.plans.decoding import decode
from dbbuddy.plans.model import PlanError, ReadPlans
from dbbuddy.plans.read import read_plans
from dbbuddy.privacy.redact import Span, redact
from dbbuddy.privacy.vault import Vault
from dbbuddy.privacy.view import RedactionError

MAX_MB = 20
_MAX_BYTES = MAX_MB * 1024 * 1024
_NUMBER = re2.compile(r"[\d.,]+")


@dataclass(frozen=True)
class Paste:
    """A text without secrets and personal data, the plans in it, and what was taken out of it."""

    text: str
    read: ReadPlans
    removed: tuple[str, ...] = ()


def text_of_file(name: str, data: bytes) -> str:
    """The text of a file in whatever encoding it is.

    Raises:
        PlanError: too large, empty or binary; the message says what to do.
    """
    if len(data) > _MAX_BYTES:
        raise PlanError(f"{name}: {len(data) / 1e6:.0f} MB is more than {MAX_MB} MB. Cut out the plan of one statement.")
    return decode(name, data)


def read_paste(text: str, engine: Engine | None = None) -> Paste:
    """Every plan in a pasted text, read from the redacted text.

    Raises:
        PlanError: too long, or no plan in it; the message says what to paste instead.
    """
    if len(text) > _MAX_BYTES:
        raise PlanError(f"The text has {len(text) / 1e6:.0f} MB; up to {MAX_MB} MB can be read. Paste the plan of one statement.")
    clean, removed = redacted(text)
    read = read_plans(clean, engine)
    return Paste(clean if read.text is None else read.text, read, removed)


def redacted(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without secrets and personal data, and the placeholders that stand in it now.

    Row counts and costs are never taken out, though some look like card or telephone numbers. In XML a placeholder is
    written so that the document stays well-formed.

    Raises:
        PlanError: the text could not be checked in time.
    """
    try:
        spans = redact(text, Vault()).spans
    except RedactionError:
        raise PlanError("The text could not be checked for secrets in time, so it was not read. Paste a smaller plan.") from None
    wanted = [span for span in spans if not _is_count(text, span)]
    markup = text.lstrip("\ufeff \t\r\n").startswith("<") or "</ShowPlanXML>" in text or "</report>" in text
    parts: list[str] = []
    place = 0
    for span in wanted:
        shown = f"&lt;{span.placeholder[1:-1]}&gt;" if markup else span.placeholder
        parts += [text[place : span.start], shown]
        place = span.end
    return "".join([*parts, text[place:]]), tuple(dict.fromkeys(span.placeholder for span in wanted))


def _is_count(text: str, span: Span) -> bool:
    """Whether the span is a bare number, not one in quotes."""
    before = text[max(0, span.start - 6) : span.start]
    quoted = before.endswith(("'", "&apos;", "&#39;"))
    return not quoted and _NUMBER.fullmatch(text[span.start : span.end]) is not None
