"""How many of the labelled migrations of squawk and eugene the migration rules judge alike.

`python -m tests.eval.sql.migrations [--all]` prints a line a corpus, and the cases judged otherwise.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dbbuddy.sqlreview.review import review
from tests.eval.sql.mapping_migrations import DISAGREE, EUGENE, NOT_OURS, SQUAWK

SHARED = Path(__file__).resolve().parents[4] / "shared" / "sql"


def fired(sql: str, version: str | None) -> set[str]:
    """The rules that report something in a text."""
    return {finding.rule for finding in review(sql, engine="postgresql", version=version, advise_indexes=False).findings}


def judged(corpus: str, mapping: dict[str, tuple[str, ...]]) -> list[tuple[bool, dict[str, Any], set[str]]]:
    """Each case with whether our verdict is its label, and the rules that fired."""
    result = []
    for case in json.loads((SHARED / corpus / "cases.json").read_text(encoding="utf-8")):
        rule = _kebab(case["rule"]) if corpus == "squawk" else case["rule"]
        rules = fired(case["sql"], case.get("pg_version"))
        alarm = bool(rules & set(mapping.get(rule, ())))
        result.append((alarm == _is_bad(case), case, rules))
    return result


def _is_bad(case: dict[str, Any]) -> bool:
    return bool(case["expect"] != "ok")


def _kebab(name: str) -> str:
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in name).strip("-")


def main() -> None:
    if not SHARED.is_dir():
        print("the shared corpora are not here: nothing measured")
        return
    for corpus, mapping in (("squawk", SQUAWK), ("eugene", EUGENE)):
        cases = judged(corpus, mapping)
        right = sum(ok for ok, _, _ in cases)
        bad = [ok for ok, case, _ in cases if _is_bad(case)]
        alarms = len(cases) - len(bad) - (right - sum(bad))
        print(f"{corpus}: {right}/{len(cases)} = {right / len(cases):.1%}, bad found {sum(bad)}/{len(bad)}, good flagged {alarms}")
        for ok, case, rules in cases:
            if not ok and "--all" in sys.argv:
                reason = NOT_OURS.get(case["rule"]) or DISAGREE.get(case["rule"], "")
                print(f"   {case['rule']} {case.get('test', '')} expected {case['expect']}: {sorted(rules)} {reason}")


if __name__ == "__main__":
    main()
