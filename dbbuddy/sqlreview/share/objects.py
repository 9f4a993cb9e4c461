"""A review as JSON, for the command line and other programs."""

from __future__ import annotations

import json
from typing import Any

from dbbuddy.plans.tree_json import tree_json
from dbbuddy.sqlreview.finding import Finding, Span
from dbbuddy.sqlreview.indexes.measure import measuring_index
from dbbuddy.sqlreview.indexes.model import IndexAdvice
from dbbuddy.sqlreview.review import Review
from dbbuddy.sqlreview.scratch.model import Choice, IndexVerification, as_stats


def as_object(review: Review, row_id: Any = None) -> dict[str, Any]:
    """The review as plain data. Spans count characters from 0, lines and columns from 1, statements from 0."""
    return {
        "id": row_id,
        "engine": review.engine,
        "engine_guessed": review.engine_guessed,
        "findings": [_finding(finding) for finding in review.findings],
        "indexes": [_index(advice, review) for advice in review.advised.indexes],
        "superfluous_indexes": [
            {"table": known.table, "name": known.name, "columns": list(known.columns), "reason": known.reason, "sql": known.sql}
            for known in review.advised.superfluous
        ],
        "declined_indexes": list(review.advised.declined),
        "statements": [
            {
                "index": statement.index,
                "kind": statement.kind,
                "span": _span(statement.span),
                "problem": statement.problem,
                "parent": statement.parent,
            }
            for statement in review.statements
        ],
        "verified": None if review.verified is None else review.verified.reason is None,
        "not_verified": None if review.verified is None else review.verified.reason,
        "notes": list(review.notes),
        "not_read": list(review.not_read),
    }


def _span(span: Span) -> dict[str, int]:
    return {"start": span.start, "end": span.end, "line": span.line, "column": span.column}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "span": _span(finding.span),
        "evidence": finding.evidence,
        "fix": finding.fix,
        "rewrite": finding.rewrite,
        "title": finding.title,
        "why": finding.why,
        "statement": finding.statement,
        "source": finding.source,
    }


def _index(advice: IndexAdvice, review: Review) -> dict[str, Any]:
    return {
        "sql": advice.sql,
        "table": advice.table,
        "columns": list(advice.columns),
        "include": list(advice.include),
        "where": advice.where,
        "unique": advice.index.unique,
        "method": advice.index.method,
        "reason": advice.reason,
        "statements": list(advice.statements),
        "size_bytes": round(advice.size_bytes),
        "write_cost": advice.write_cost.text,
        "rollback": advice.rollback,
        "replaces": list(advice.replaces),
        "rewrites": list(advice.rewrites),
        "assumptions": list(advice.assumptions),
        "notes": list(advice.notes),
        "measure": measuring_index(advice, review),
        "verified": None if advice.verified is None else _verified(advice.verified),
    }


def _verified(verification: IndexVerification) -> dict[str, Any]:
    best = verification.best
    return {
        "verified": verification.verified,
        "reason": verification.reason,
        "used": verification.used,
        "needed": verification.needed,
        "together": verification.together,
        "cost_before": verification.cost_before,
        "cost_after": verification.cost_after,
        "ratio": verification.ratio,
        "ratio_range": None if verification.ratio_range is None else list(verification.ratio_range),
        "plan_before": _plan(best.before) if best else None,
        "plan_after": _plan(best.after) if best else None,
        "assumptions": as_stats(verification.assumptions),
    }


def _plan(choice: Choice | None) -> dict[str, Any] | None:
    """A plan of a pasted statement; it is as deep as the statement, which a recursive parser has read."""
    if choice is None:
        return None
    return {"cost": choice.cost, "shape": choice.shape, "plan": json.loads(tree_json(choice.plan.root))}
