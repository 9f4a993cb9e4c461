"""WeTune's rewritten queries of real applications: how many of the originals get a finding of the same kind.

`python -m tests.eval.sql.wetune` prints what was found in each.
"""

from __future__ import annotations

from tests.eval.sql.cases import load, rules_found

# By the kind of the published fix: our rules that ask for it.
KINDS: dict[str, tuple[str, ...]] = {
    "DISTINCT elimination": ("proj.distinct-redundant",),
    "Subquery to join": (
        "sub.redundant-self-in", "pred.not-in-nullable", "pred.not-in-subquery", "sub.in-to-exists", "proj.distinct-redundant",
        "sub.groupwise-max", "sub.nested-in",
    ),
    "OR to union": ("pred.or-different-columns",),
    "Predicate pushup": ("sub.groupwise-max",),
    "Predicate pushdown": ("sub.in-to-exists", "sub.redundant-self-in"),
    "Join Elimination": ("join.unused-inner", "join.unused-left"),
    "Group by elimination": ("sub.groupwise-max",),
    "Subquery elimination": ("sub.redundant-self-in", "join.unused-left"),
    "Union to OR": ("sub.redundant-self-in", "sub.union-vs-union-all"),
}  # fmt: skip


def score() -> tuple[int, int, list[str]]:
    """Detected, all, and a line a case."""
    detected, lines = 0, []
    cases = load("wetune/issues.json")
    for case in cases:
        found = rules_found(case["before"], "postgresql")
        kinds = found & set(KINDS.get(case["category"], ()))
        detected += bool(kinds)
        lines.append(f"{case['id']:4} {case['category']:24} {'yes' if kinds else 'NO ':4} {sorted(kinds) or sorted(found)}")
    return detected, len(cases), lines


if __name__ == "__main__":
    number, all_of_them, rows = score()
    print(*rows, sep="\n")
    print(f"detected {number}/{all_of_them}")
