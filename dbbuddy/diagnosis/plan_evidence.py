"""A pasted execution plan as evidence: its findings lead to a playbook, stand in its answer, or are the answer."""

from __future__ import annotations

from dataclasses import dataclass

import re2

from dbbuddy.advice import Advice, Diagnosis, Evidence, Fix, Monitoring, Question, Risk, Source
from dbbuddy.context import ENGINE_NAMES, Engine, SystemContext
from dbbuddy.intake.read import Reading
from dbbuddy.plans.insights import Insight, find_insights
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import Plan, PlanError, ReadPlans
from dbbuddy.plans.read import read_plans
from dbbuddy.plans.wrapping import unwrapped
from dbbuddy.severity import Severity, at_least

# What a finding counts as a signal, by its severity; lesser ones lead nowhere.
_COUNTS: dict[Severity, float] = {"critical": 1.0, "high": 1.0, "medium": 0.6}
# The chance that the weightiest finding is the cause: measured and severe, measured, estimated only.
_SURE, _LIKELY, _POSSIBLE = 0.9, 0.75, 0.6
_MAX_FIXES = 3
_MAX_EVIDENCE = 2
_PAIR = {"mysql", "mariadb"}
_OPENING, _CLOSING = ("{", "[", "<"), ("}", "]", ">")
_INDEX_COLUMNS = re2.compile(r"(?i)\bINDEX\b[^(;]*\(([a-z_]\w*(?:, [a-z_]\w*)*)\)")
# Lines of the clients around a plan's own.
_HEADING = re2.compile(
    r"(?i)^[\W_]*(query plan|id\b.*\boperation|plan hash value|explain\b.*|\*+ 1\. row \*+|stmttext)?[\W_]*$|^[\s|+-]+$"
)
_FOOTING = re2.compile(
    r"(?i)^[\W_]*$|\b(planning|execution|total runtime|buffers|jit|functions|options|timing|trigger|settings)\b.*:|"
    r"query identifier|"
    r"\(\d+ rows?\)|rows? in set|predicate information|^\s*\d+ - |^note\b|^\s+- "
)


@dataclass(frozen=True)
class PlanEvidence:
    """The weightiest plan of a text and its findings, the most worthwhile first. `prose` is the text without the plan."""

    plan: Plan
    prose: str
    findings: tuple[Insight, ...]
    notes: tuple[str, ...]

    def signals(self) -> dict[str, float]:
        """By id of each finding that matters, how much of a playbook's weight for it counts."""
        return {found.id: _COUNTS[found.severity] for found in reversed(self.findings) if found.severity in _COUNTS}

    def names(self) -> dict[str, str]:
        """The table that the weightiest finding is about, and the columns of the index it asks for."""
        worst = next((found for found in self.findings if found.severity in _COUNTS and found.node), None)
        if worst is None or worst.node is None or not worst.node.relation:
            return {}
        index = _INDEX_COLUMNS.search("\n".join(block.code for block in worst.blocks))
        columns = index.group(1).split(", ") if index else []
        return {"table": worst.node.relation, **dict(zip(("column", "column2", "column3"), columns, strict=False))}

    @property
    def certainty(self) -> float:
        """The chance that the weightiest finding is the cause."""
        return max((_certainty(found) for found in self.findings if found.severity in _COUNTS), default=0.0)

    @property
    def worst(self) -> Insight | None:
        """The finding that would be the cause by itself; `None` if nothing severe was found."""
        return next((found for found in self.findings if at_least(found.severity, "high")), None)


def plan_evidence(text: str, engine: Engine | None) -> PlanEvidence | None:
    """What the plan in a text tells; `None` if no plan can be read."""
    text = unwrapped(text)
    try:
        read = read_plans(text, engine)
    except PlanError:
        return None
    plan = max(read.plans, key=lambda plan: PlanView(plan).total_ms)
    prose = _prose(text, read)
    lost = [line for line in read.unread if line.text.strip() and line.text.strip() not in prose]
    notes = (f"{len(lost)} lines of the plan were not understood; the page Plans shows them.",) if lost else ()
    return PlanEvidence(plan, prose, find_insights(plan), notes)


def _prose(text: str, read: ReadPlans) -> str:
    """What stands before and after the plans. The formats that tell no lines begin and end with a bracket."""
    lines = (text if read.text is None else read.text).split("\n")
    told = [number - 1 for plan in read.plans for node in plan.root.walk() for number in node.lines]
    bracketed = [number for number, line in enumerate(lines) if line.strip()[:1] in _OPENING or line.strip()[-1:] in _CLOSING]
    inside = told or bracketed
    if not inside:
        return ""
    before = [line for line in lines[: min(inside)] if not _HEADING.search(line)]
    after = [line for line in lines[max(inside) + 1 :] if not _FOOTING.search(line)]
    return "\n".join([*before, *after]).strip()


def another_engine(evidence: PlanEvidence, context: SystemContext) -> Question | None:
    """The question which engine it is, if the plan is not of the engine that was set."""
    engine, told = context.engine, evidence.plan.engine
    if engine is None or engine == told or {engine, told} == _PAIR:
        return None
    return Question(
        text=f"Which engine is it: {ENGINE_NAMES[engine]}, as set, or {ENGINE_NAMES[told]}?",
        why=f"The plan is one of {ENGINE_NAMES[told]}. Correct the engine, or paste the plan that {ENGINE_NAMES[engine]} prints.",
    )


def with_plan(advice: Advice, evidence: PlanEvidence) -> Advice:
    """The answer with what the plan shows as evidence, and the plan's own fixes first."""
    severe = [found for found in evidence.findings if found.severity in _COUNTS]
    if not severe or not advice.diagnoses:
        return advice
    first, *others = advice.diagnoses
    quotes = tuple(_evidence(found) for found in severe[:_MAX_EVIDENCE])
    return advice.model_copy(
        update={
            "diagnoses": (first.model_copy(update={"evidence": (*quotes, *first.evidence)}), *others),
            "fixes": (*(_fix(found) for found in severe[:_MAX_FIXES] if found.blocks), *advice.fixes),
            "notes": (*advice.notes, *evidence.notes),
        }
    )


def from_plan(evidence: PlanEvidence, reading: Reading) -> Advice:
    """An answer from the plan alone; if it shows nothing that matters, that, and what to look for elsewhere."""
    severe = [found for found in evidence.findings if found.severity in _COUNTS]
    if not severe:
        return _nothing_severe(evidence, reading)
    return Advice(
        status="answered",
        context=reading.context,
        category="query_optimization",
        diagnoses=tuple(_diagnosis(found) for found in severe[:_MAX_FIXES]),
        fixes=tuple(_fix(found) for found in severe),
        monitoring=Monitoring(points=("Run the statement with the same EXPLAIN again and compare both plans on the page Plans.",)),
        sources=tuple(Source(title=source, section="") for source in dict.fromkeys(found.source for found in severe)),
        notes=(*reading.notes, *evidence.notes),
    )


def _nothing_severe(evidence: PlanEvidence, reading: Reading) -> Advice:
    view = PlanView(evidence.plan)
    took = f" It took {view.total_ms:,.1f} ms." if view.measured else " It was not executed, so there are only estimates."
    minor = "".join(f"\n- {found.title}: {' · '.join(found.evidence)}" for found in evidence.findings[:_MAX_FIXES])
    listed = f" Of little weight:\n{minor}" if minor else ""
    return Advice(
        status="needs_details",
        context=reading.context,
        situation=f"The plan of {len(view.nodes)} steps shows nothing that costs much time.{took}{listed}",
        questions=(
            Question(
                text="Is this the slow execution, with the same parameters, data and settings?",
                why="A plan that is fine points to other parameter values, to waiting for locks, or to the time between the calls. "
                "Paste the plan of a slow run, taken with the times and buffers of each step.",
            ),
        ),
        notes=(*reading.notes, *evidence.notes),
    )


def _diagnosis(found: Insight) -> Diagnosis:
    return Diagnosis(
        slug=f"plan-{found.id}",
        title=found.title,
        category="query_optimization",
        confidence=_certainty(found),
        summary=found.why.partition("\n")[0],
        root_cause=found.why,
        evidence=tuple(_quoted(quote, found) for quote in found.evidence),
        steps=(found.advice.partition("\n")[0],),
    )


def _certainty(found: Insight) -> float:
    if found.confidence == "estimated":
        return _POSSIBLE
    return _SURE if at_least(found.severity, "high") else _LIKELY


def _evidence(found: Insight) -> Evidence:
    return _quoted(" · ".join(found.evidence), found)


def _quoted(quote: str, found: Insight) -> Evidence:
    return Evidence(
        quote=quote, place="plan" if found.number is None else f"step {found.number + 1} of the plan", signal=found.title
    )


def _fix(found: Insight) -> Fix:
    risk: Risk = "low" if found.blocks else "none"
    saves = f" It could save up to {found.saving_share:.0%} of the time." if found.saving_share else ""
    return Fix(horizon="immediate", what=found.title, why=found.advice + saves, blocks=found.blocks, risk=risk)
