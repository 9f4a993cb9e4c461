"""bytebase's cases without naming, comments and policy: judged alike or not, rule by rule.

`python -m tests.eval.sql.bytebase [rule]` prints the cases judged otherwise.
"""

from __future__ import annotations

import sys
from collections import Counter

from dbbuddy.context import Engine
from tests.eval.sql.cases import load, rules_found
from tests.eval.sql.mapping_bytebase import ENGINES, LEVELS, MIGRATION, NOT_OURS, REVIEW, SCHEMA, THRESHOLDS

_NEEDS_SCHEMA = ("statement_where_disallow_functions_and_calculations",)


def score(only: str | None = None) -> tuple[Counter[str], Counter[str], list[str]]:
    """Cases judged alike and all cases, by rule; and the others in words."""
    alike: Counter[str] = Counter()
    total: Counter[str] = Counter()
    others: list[str] = []
    for case in load("bytebase/cases.json"):
        rule = case["rule"]
        if rule.startswith("naming_") or rule in NOT_OURS or (only and rule != only):
            continue
        ours = {*REVIEW.get(rule, ()), *MIGRATION.get(rule, ())}
        engine: Engine = ENGINES[case["engine"]]  # type: ignore[assignment]
        found = rules_found(
            case["sql"],
            engine,
            SCHEMA.get(engine) if rule in _NEEDS_SCHEMA else None,
            level=LEVELS.get(rule, "info"),
            thresholds=THRESHOLDS.get(rule, {}),
        )
        same = bool(found & ours) == bool(case["expect"])
        total[rule] += 1
        alike[rule] += same
        if not same:
            others.append(f"{rule} {engine} expect={bool(case['expect'])} {case['sql']!r:.300} found={sorted(found)}")
    return alike, total, others


if __name__ == "__main__":
    judged, cases, differing = score(sys.argv[1] if len(sys.argv) > 1 else None)
    if len(sys.argv) > 1:
        print(*differing, sep="\n")
    for name in sorted(cases, key=lambda name: judged[name] - cases[name]):
        print(f"{name:60} {judged[name]}/{cases[name]}")
    print(f"alike {judged.total()}/{cases.total()} = {judged.total() / max(1, cases.total()):.1%}")
