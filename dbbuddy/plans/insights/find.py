"""All rules over one plan: what they found, ranked, with its texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module

from dbbuddy.advice import CodeBlock
from dbbuddy.context import Engine
from dbbuddy.plans.insights.insight import Found, Insight
from dbbuddy.plans.insights.texts import texts_of, titles
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import Plan
from dbbuddy.severity import SEVERITIES, Severity

Rule = Callable[[PlanView], Iterable[Found]]

_RULES_OF: dict[Engine, str] = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlserver": "sqlserver",
    "oracle": "oracle",
}
# From which share of the time on a finding has which severity, where its rule does not say.
CRITICAL_SHARE = 0.5
HIGH_SHARE = 0.25
MEDIUM_SHARE = 0.1
# More findings than anybody reads; a plan of thousands of partitions can repeat one for each.
MOST = 200


def find_insights(plan: Plan, *, most: int = MOST) -> tuple[Insight, ...]:
    """What the plan tells, the most worthwhile first; of a huge plan the first `most`."""
    view = PlanView(plan)
    rules: tuple[Rule, ...] = import_module(f"dbbuddy.plans.insights.{_RULES_OF[plan.engine]}").RULES
    ranked = sorted((found for rule in rules for found in rule(view)), key=lambda found: _rank(view, found))
    return tuple(_written(view, found) for found in ranked[:most])


def _rank(view: PlanView, found: Found) -> tuple[int, float, int]:
    number = 0 if found.node is None else view.number(found.node)
    return SEVERITIES.index(_severity(found)), -(found.saving_share or 0.0), number


def _severity(found: Found) -> Severity:
    share = found.saving_share
    if found.severity:
        return found.severity
    if share is None or share < MEDIUM_SHARE:
        return "low"
    if share < HIGH_SHARE:
        return "medium"
    return "high" if share < CRITICAL_SHARE else "critical"


def _written(view: PlanView, found: Found) -> Insight:
    text = texts_of(view.engine)[found.id]
    sql = found.sql if found.sql is not None else text.sql.format_map(found.values)
    return Insight(
        id=found.id,
        title=titles()[found.id].format_map(found.values),
        severity=_severity(found),
        node=found.node,
        number=None if found.node is None else view.number(found.node),
        evidence=found.evidence,
        why=text.why.format_map(found.values).strip(),
        advice=text.advice.format_map(found.values).strip(),
        blocks=(CodeBlock(language="sql", engine=view.engine, code=sql.strip()),) if sql.strip() else (),
        saving_share=found.saving_share,
        confidence=found.basis,
        source=text.source,
    )
