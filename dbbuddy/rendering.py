"""How an `Advice` reads as Markdown: on the command line, in the API, in exports and tickets."""

from __future__ import annotations

from collections.abc import Iterable

from dbbuddy.advice import HORIZON_NAMES, Advice, CodeBlock, Diagnosis, Fix, Horizon, Question
from dbbuddy.context import ENGINE_NAMES

_HORIZONS: tuple[Horizon, ...] = ("immediate", "medium_term", "long_term")


def to_markdown(advice: Advice) -> str:
    """The whole answer. Parts without content are left out."""
    parts = [*advice.notes]
    if advice.situation:
        parts.append(_section("Current situation", advice.situation))
    parts += _diagnosis_parts(advice)
    if advice.calculations:
        parts.append(_section("The arithmetic", _bullets(advice.calculations)))
    if advice.questions and not advice.fixes:
        parts.append(_section("What would decide it", "\n\n".join(map(_question, advice.questions))))
    for horizon in _HORIZONS:
        fixes = advice.fixes_of(horizon)
        if fixes:
            parts.append(_section(HORIZON_NAMES[horizon], "\n\n".join(_fix(n, f) for n, f in enumerate(fixes, 1))))
    if advice.monitoring.points or advice.monitoring.blocks:
        body = [_bullets(advice.monitoring.points), *map(block_markdown, advice.monitoring.blocks)]
        parts.append(_section("Monitor and verify", "\n\n".join(filter(None, body))))
    for title, points in (("Expected results", advice.expected), ("Do not", advice.do_nots)):
        if points:
            parts.append(_section(title, _bullets(points)))
    if advice.questions and advice.fixes:
        parts.append(_section("Still open", "\n\n".join(map(_question, advice.questions))))
    if advice.sources:
        lines = [f"{s.title}: {s.section}" + (f" ({s.url})" if s.url else "") for s in advice.sources]
        parts.append(_section("Sources", _bullets(lines)))
    return "\n\n".join(parts) + "\n"


def _diagnosis_parts(advice: Advice) -> list[str]:
    if not advice.diagnoses:
        return []
    if advice.status == "needs_details":
        lines = [f"**{d.title}**: {d.summary}" for d in advice.diagnoses]
        return [_section("What it could be", _bullets(lines))]
    first, *others = advice.diagnoses
    body = [f"**{first.title}** ({first.confidence:.0%} sure).", first.root_cause, evidence_markdown(first)]
    parts = [_section("Root cause", "\n\n".join(filter(None, body)))]
    confirm = [first.confirm, *map(block_markdown, first.confirm_blocks)]
    if any(confirm):
        parts.append(_section("How to confirm", "\n\n".join(filter(None, confirm))))
    if others:
        parts.append(_section("If that is not it", "\n\n".join(map(_alternative, others))))
    return parts


def _alternative(diagnosis: Diagnosis) -> str:
    """A cause that may be the right one too: what it is, how to tell it apart, and what it would take."""
    parts = [f"**{diagnosis.title}** ({diagnosis.confidence:.0%}): {diagnosis.summary}"]
    if diagnosis.confirm:
        parts.append(f"How to tell: {diagnosis.confirm}")
    if diagnosis.steps:
        parts.append(f"Steps: {'; '.join(diagnosis.steps)}.")
    return "\n\n".join(parts)


def evidence_markdown(diagnosis: Diagnosis) -> str:
    """`Seen in your text: ...`, with each quote as code, so that it cannot act as Markdown."""
    quotes = [f"{code_span(e.quote)} ({e.place})" for e in diagnosis.evidence]
    return "Seen in your text: " + ", ".join(quotes) + "." if quotes else ""


def block_markdown(block: CodeBlock) -> str:
    """A fenced block; what it is only for stands above it."""
    fence = "```" if "```" not in block.code else "````"
    lead = f"*{block.only_on}:*\n" if block.only_on else ""
    return f"{lead}{fence}{block.language}\n{block.code}\n{fence}"


def block_caption(block: CodeBlock) -> str:
    """`PostgreSQL, SQL`: what a page writes above a block."""
    engine = ENGINE_NAMES.get(block.engine, "")  # type: ignore[call-overload]
    language = {"sql": "SQL", "ini": "configuration", "sh": "shell"}.get(block.language, block.language)
    return " ".join(filter(None, [engine, language, f"({block.only_on})" if block.only_on else ""]))


def code_span(text: str) -> str:
    """User text as inline code: backticks and line breaks cannot end it early."""
    flat = " ".join(text.split()).replace("`", "'")
    return f"`{flat}`"


def _fix(number: int, fix: Fix) -> str:
    risk = f" *(risk: {fix.risk}{f' – {fix.risk_note}' if fix.risk_note else ''})*" if fix.risk != "none" else ""
    where = f" *({fix.only_on})*" if fix.only_on else ""
    parts = [f"**{number}. {fix.what}**{where}{risk}", fix.why, *map(block_markdown, fix.blocks)]
    if fix.rollback:
        parts.append(f"Rollback: {fix.rollback}")
    return "\n\n".join(filter(None, parts))


def _question(question: Question) -> str:
    parts = [f"**{question.text}** {question.why}".strip()]
    if question.block:
        parts.append(block_markdown(question.block))
    return "\n\n".join(parts)


def _section(title: str, body: str) -> str:
    return f"### {title}\n\n{body}"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
