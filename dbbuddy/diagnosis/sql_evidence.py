"""Pasted SQL as evidence: what the review finds leads to a playbook, stands in its answer, or is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbbuddy.advice import Advice, CodeBlock, Diagnosis, Evidence, Fix, Risk, Source
from dbbuddy.context import Category, Engine
from dbbuddy.diagnosis.clarify import engine_question
from dbbuddy.diagnosis.compose import Match
from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.intake.read import Reading
from dbbuddy.plans.describe import shortened
from dbbuddy.severity import Severity, at_least
from dbbuddy.sqlreview.finding import Finding

if TYPE_CHECKING:
    from dbbuddy.sqlreview.review import Review

# What a finding counts as a signal, by its severity; lesser ones lead nowhere.
_COUNTS: dict[Severity, float] = {"critical": 1.0, "high": 1.0, "medium": 0.6}
# The chance that the worst finding is what the user needs to know, if nothing else was said.
_SURE, _LIKELY = 0.8, 0.65
_MOST_FIXES = 3
_MOST_EVIDENCE = 3
_QUOTE, _TERSE = 90, 20
# Findings that something is missing: worth nothing where the end of the statement was guessed.
_MISSING = ("dml.no-where", "proj.no-where", "join.missing-predicate", "page.limit-no-order", "outbox.index")
_QUERIES = ("select", "insert", "update", "delete", "merge", "explain")


@dataclass(frozen=True)
class SqlEvidence:
    """What the review of a message's SQL finds of medium severity or worse, each rule once, the worst first.

    `alone` is true if the message says nothing else; `quoted` if the SQL stands in an error or log, where it is a witness
    and not the suspect.
    """

    review: Review
    findings: tuple[Finding, ...]
    alone: bool
    quoted: bool

    def signals(self) -> dict[str, float]:
        """By id of each finding, how much of a playbook's weight for it counts."""
        return {finding.rule: _COUNTS[finding.severity] for finding in self.findings}

    @property
    def certainty(self) -> float:
        """The chance that the worst finding is the matter."""
        return _SURE if at_least(self.findings[0].severity, "high") else _LIKELY

    def of(self, playbook: Playbook) -> set[str]:
        """The findings that the playbook is about."""
        return {signal.id for signal in playbook.head.signals.findings} & set(self.signals())

    def is_answer(self, matches: Sequence[Match], answers_from: float) -> bool:
        """Whether the findings are the answer: no playbook is sure enough, or none was asked for by anything but the SQL."""
        if self.quoted:
            return False
        return not matches or matches[0].confidence < answers_from or (self.alone and not self.of(matches[0].playbook))


def sql_evidence(reading: Reading) -> SqlEvidence | None:
    """What the SQL in a text tells; `None` if there is none, or nothing of weight in it."""
    if not {"sql", "ddl"} & set(reading.kinds):
        return None
    # sqlglot takes 0.3 s to load, and few texts need it.
    from dbbuddy.diagnosis.pasted_sql import pasted_sql
    from dbbuddy.sqlreview.review import review

    engine: Engine | None = reading.context.engine
    pasted = pasted_sql(reading.text, engine)
    if pasted is None:
        return None
    made = review(pasted.sql, engine=engine, version=reading.context.version, advise_indexes=False)
    found: dict[str, Finding] = {}
    for finding in made.findings:
        guessed = any(start <= finding.span.start < end for start, end in pasted.cut)
        if finding.severity in _COUNTS and not (guessed and finding.rule in _MISSING):
            found.setdefault(finding.rule, finding)
    if not found:
        return None
    return SqlEvidence(made, tuple(found.values()), pasted.alone, "error" in reading.kinds)


def with_sql(advice: Advice, evidence: SqlEvidence, playbook: Playbook) -> Advice:
    """The answer with what the review found as evidence, and its fixes: first those that the playbook speaks of."""
    of = evidence.of(playbook)
    told = [finding for finding in evidence.findings if finding.rule in of or not evidence.quoted]
    if not told or not advice.diagnoses:
        return advice
    told.sort(key=lambda finding: finding.rule not in of)
    first, *others = advice.diagnoses
    quotes = tuple(_evidence(finding, evidence.review) for finding in told[:_MOST_EVIDENCE])
    fixes = [(finding.rule in of, _fix(finding, evidence.review)) for finding in told[:_MOST_FIXES]]
    before = tuple(fix for own, fix in fixes if own and fix.blocks)
    now = [fix for fix in advice.fixes if fix.horizon == "immediate"]
    rest = [fix for fix in advice.fixes if fix.horizon != "immediate"]
    after = tuple(fix.model_copy(update={"what": f"Also in the SQL: {fix.what}"}) for own, fix in fixes if not own)
    return advice.model_copy(
        update={
            "diagnoses": (first.model_copy(update={"evidence": (*first.evidence, *quotes)}), *others),
            "fixes": (*before, *now, *after, *rest),
        }
    )


def from_sql(evidence: SqlEvidence, reading: Reading) -> Advice:
    """An answer from the review alone."""
    category = _category(evidence)
    return Advice(
        status="answered",
        context=reading.context,
        category=category,
        diagnoses=tuple(_diagnosis(finding, category, evidence.review) for finding in evidence.findings[:_MOST_FIXES]),
        fixes=tuple(_fix(finding, evidence.review) for finding in evidence.findings[: 2 * _MOST_FIXES]),
        sources=tuple(
            Source(title=source, section="")
            for source in dict.fromkeys(f.source for f in evidence.findings[:_MOST_FIXES] if f.source)
        ),
        questions=() if reading.context.engine or evidence.review.engine else (engine_question(),),
        notes=(*reading.notes, "The page SQL review shows every finding in its line, and the indexes that help."),
    )


def _category(evidence: SqlEvidence) -> Category:
    kind = evidence.review.statements[evidence.findings[0].statement].kind
    return "query_optimization" if kind in _QUERIES else "architecture_design"


def _diagnosis(finding: Finding, category: Category, made: Review) -> Diagnosis:
    return Diagnosis(
        slug=f"sql-{finding.rule.replace('.', '-')}",
        title=finding.title,
        category=category,
        confidence=_SURE if at_least(finding.severity, "high") else _LIKELY,
        summary=finding.why.partition("\n")[0],
        root_cause=finding.why,
        evidence=(_evidence(finding, made),),
        steps=(finding.fix.partition("\n")[0],),
    )


def _evidence(finding: Finding, made: Review) -> Evidence:
    """The place that was found; where that is a word or two, the statement it stands in."""
    statement = shortened(made.statements[finding.statement].text, _QUOTE)
    quote = finding.evidence if len(finding.evidence) >= _TERSE else statement
    return Evidence(quote=quote, place="the SQL", signal=finding.title)


def _fix(finding: Finding, made: Review) -> Fix:
    from dbbuddy.sqlreview.share.changes import change_of

    change = change_of(finding, made)
    blocks = (CodeBlock(language="sql", engine=made.engine or "any", code=change.sql),) if change else ()
    risk: Risk = "none" if not blocks else "medium" if change and change.sequence else "low"
    note = "Try it on a copy first." if blocks else ""
    return Fix(horizon="immediate", what=finding.title, why=finding.fix, blocks=blocks, risk=risk, risk_note=note)
