"""Measures the answers on the project's cases and, where it is there, on the shared development set."""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from dbbuddy.advisor import Advisor
from dbbuddy.diagnosis.library import load_library
from tests.eval.scoring import Verdict, judge, load_cases

SHARED = Path(__file__).parents[3] / "shared" / "eval" / "advice_dev.jsonl"
_BANDS = ((0.0, 0.5), (0.5, 0.8), (0.8, 1.01))


def main() -> None:
    """Print the tables; `--confusions` lists what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("dev", "test", "all"), default="all")
    parser.add_argument("--confusions", action="store_true")
    options = parser.parse_args()
    advisor = Advisor(load_library())
    for split in ("dev", "test") if options.split == "all" else (options.split,):
        report(f"own cases, {split}", [judge(advisor, case) for case in load_cases(split)], options.confusions)
    if SHARED.exists():
        cases = [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
        for case in cases:
            case.setdefault("slugs", [])
        report("shared development set", [judge(advisor, case) for case in cases], options.confusions)


def report(title: str, verdicts: list[Verdict], confusions: bool) -> None:
    """One set: accuracy by group, wrong engines, harm, calibration, and what was taken for what."""
    print(f"\n## {title}: {len(verdicts)} cases\n")
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        case = verdict.case
        for name in ("all", f"kind {case['kind']}", f"engine {case['gold_engine']}", f"category {case['category']}"):
            groups[name].append(verdict)
    print(f"{'group':36} {'n':>4} {'right answer':>13} {'diagnosis first':>16} {'diagnosis shown':>16}")
    for name in sorted(groups):
        rows = groups[name]
        right, first, shown = (_share(getattr(v, flag) for v in rows) for flag in ("passed", "routed", "shown"))
        print(f"{name:36} {len(rows):4} {right} {first:>16} {shown:>16}")
    print(f"\nwrong engine: {sum(v.wrong_engine for v in verdicts)}, forbidden words: {sum(v.harmful for v in verdicts)}")
    _calibration(verdicts)
    if confusions:
        _confusions(verdicts)


def _share(flags: Iterable[bool]) -> str:
    values = list(flags)
    return f"{sum(values) / len(values):13.0%}" if values else ""


def _calibration(verdicts: list[Verdict]) -> None:
    labelled = [v for v in verdicts if v.confidence is not None and (v.case.get("slugs") or v.case["kind"] == "dialogue")]
    for low, high in _BANDS:
        rows = [v for v in labelled if v.confidence is not None and low <= v.confidence < high]
        if rows:
            share = sum(v.routed for v in rows) / len(rows)
            print(f"shown as {low:.0%} to {min(high, 1):.0%} sure: {len(rows)} answers, {share:.0%} right")


def _confusions(verdicts: list[Verdict]) -> None:
    pairs = Counter((tuple(v.case.get("slugs", []))[:1], v.diagnoses[:1]) for v in verdicts if not v.routed)
    print("\nwanted -> got:")
    for (wanted, got), count in pairs.most_common():
        print(f"  {count} {wanted} -> {got}")
    for verdict in verdicts:
        if not verdict.passed:
            text = verdict.case.get("text") or verdict.case["turns"][-1]["text"]
            print(f"- {verdict.case['id']} got {verdict.diagnoses} missing {verdict.missing} harmful {verdict.harmful}")
            print(f"    {text[:160]!r}")


if __name__ == "__main__":
    main()
