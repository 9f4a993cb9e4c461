"""soar's heuristic cases: positives found, negatives left alone.

`python -m tests.eval.sql.soar` prints the cases judged otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.eval.sql.cases import load, rules_found
from tests.eval.sql.mapping_soar import DISAGREE, RULES, THRESHOLDS


@dataclass
class Score:
    positives: int = 0
    found: int = 0
    negatives: int = 0
    alarms: int = 0
    missed: list[str] = field(default_factory=list)


def score() -> Score:
    result = Score()
    for case in load("soar/heuristic_cases.json"):
        if case["sql"] in DISAGREE:
            continue
        wanted = [rule for rule in case["expect_any"] if rule != "OK"]
        thresholds = {name: value for rule in wanted for name, value in THRESHOLDS.get(rule, {}).items()}
        found = rules_found(case["sql"], "mysql", thresholds=thresholds)
        if wanted:
            result.positives += 1
            hit = any(found & set(RULES.get(rule, ())) for rule in wanted)
            result.found += hit
            if not hit:
                result.missed.append(f"missed {wanted}: {case['sql']!r}  {sorted(found)}")
        for rule in case["expect_not"]:
            result.negatives += 1
            if found & set(RULES.get(rule, ())):
                result.alarms += 1
                result.missed.append(f"alarm {rule}: {case['sql']!r}  {sorted(found & set(RULES[rule]))}")
    return result


if __name__ == "__main__":
    outcome = score()
    print(*outcome.missed, sep="\n")
    print(f"positives {outcome.found}/{outcome.positives}, alarms {outcome.alarms}/{outcome.negatives}")
