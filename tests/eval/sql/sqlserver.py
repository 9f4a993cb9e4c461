"""SqlServer.Rules' problems that ours find too, at the same line or in the same text.

`python -m tests.eval.sql.sqlserver` prints those that are missed.
"""

from __future__ import annotations

from dbbuddy.sqlreview.review import review
from tests.eval.sql.cases import load
from tests.eval.sql.mapping_sqlserver import NOT_OURS, RULES


def score() -> tuple[int, int, int, list[str]]:
    """Found, found at the line, all problems of rules that are ours, and the missed ones."""
    found = at_line = total = 0
    missed: list[str] = []
    for case in load("sqlserver_rules/cases.json"):
        text = "\n".join(case["files"].values())
        findings = review(text, engine="sqlserver", advise_indexes=False).findings
        for problem in case["expect"]:
            if problem["rule"] in NOT_OURS:
                continue
            total += 1
            ours = [finding for finding in findings if finding.rule in RULES.get(problem["rule"], ())]
            found += bool(ours)
            at_line += any(finding.span.line == problem["line"] for finding in ours)
            if not ours:
                missed.append(f"{problem} {text!r:.300} {sorted({finding.rule for finding in findings})}")
    return found, at_line, total, missed


if __name__ == "__main__":
    hits, placed, problems, others = score()
    print(*others, sep="\n")
    print(f"found {hits}/{problems}, {placed} at the same line")
