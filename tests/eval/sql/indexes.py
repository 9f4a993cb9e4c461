"""How the index advice compares with the labelled cases; `python -m tests.eval.sql.indexes [--all]`.

A case counts if a labelled index is advised (key columns in order, covering columns with or without them) or none is where none is
labelled. Where the advice differs, the real planner decides: the advised index must cost no more than the labelled one.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Any

import re2

from dbbuddy.context import Engine
from dbbuddy.sqlreview.ddl import build_schema
from dbbuddy.sqlreview.indexes import Advised, IndexAdvice, advise, apply_stats
from dbbuddy.sqlreview.reading import read_script
from dbbuddy.sqlreview.schema import Index, IndexKey, Schema
from dbbuddy.sqlreview.scratch import verify
from tests.eval.sql.cases import FOLDER, load

# Row counts and distinct values of the data that dexter's schema.sql loads.
DEXTER_STATS = {
    "posts": {
        "rows": 100_000,
        "columns": {"id": {"distinct": 100_000}, "blog_id": {"distinct": 1_000}, "user_id": {"distinct": 10}},
    },
    "posts_materialized": 100_000,
    "blogs": 1_000,
    "events": 100_000,
    "Foo": 100_000,
}
# Options of dexter's own command line, which we have not: its cases say nothing about the index.
OTHER_TOOLS_OPTIONS = ("--exclude, ", "--min-cost-savings-pct")


@dataclass(frozen=True)
class Outcome:
    """One case: what was advised, and what the planner says where it differs from the label."""

    sql: str
    advised: tuple[str, ...]
    expected: str
    right: bool
    by_planner: str = ""


def shapes(advised: Advised) -> set[str]:
    """The advised indexes as `table(a,b desc)`, with and without the covering columns."""
    found = set()
    for advice in advised.indexes:
        for columns in (advice.columns, (*advice.columns, *advice.include)):
            found.add(plain(f"{advice.table.rpartition('.')[2]}({','.join(columns)})"))
    return found


def plain(shape: str) -> str:
    return re2.sub(r"\s+", " ", shape.lower().replace(" asc", "").replace('"', "").replace(", ", ","))


def soar() -> list[Outcome]:
    outcomes = []
    for case in load("soar/index_cookbook.json"):
        advised = _advise(case["sql"], "mysql", Schema())
        expected = {plain(shape) for shape in case["accept_any"]}
        right = bool(shapes(advised) & expected) if expected else not advised.indexes
        outcomes.append(Outcome(case["sql"], tuple(sorted(shapes(advised))), str(case["accept_any"]), right))
    return outcomes


def dexter() -> list[Outcome]:
    ddl = (FOLDER / "dexter" / "schema.sql").read_text(encoding="utf-8")
    outcomes = []
    for case in load("dexter/cases.json"):
        if any(option in (case["opts"] or "") for option in OTHER_TOOLS_OPTIONS) and "other" not in case["opts"]:
            continue
        schema = build_schema(ddl, "postgresql")
        apply_stats(schema, DEXTER_STATS)
        advised = _advise(case["sql"], "postgresql", schema, ddl)
        label = case["expect_index"]
        expected = plain(f"{label['table'].rpartition('.')[2]}({','.join(label['columns'])})") if label else ""
        right = expected in shapes(advised) if label else not advised.indexes
        verdict = ""
        if not right and label and advised.indexes:
            verdict = _by_planner(case["sql"], schema, advised, label)
        outcomes.append(
            Outcome(case["sql"], tuple(sorted(shapes(advised))), expected, right or verdict.startswith("no dearer"), verdict)
        )
    return outcomes


def supabase() -> list[Outcome]:
    outcomes = []
    for case in load("supabase_index_advisor/cases.json"):
        if "expect_indexes" not in case:
            continue
        advised = _advise(case["sql"], "postgresql", build_schema(case["schema"], "postgresql"), case["schema"])
        expected = {plain(re2.sub(r".* ON (?:\w+\.)?(\w+) USING btree ", r"\1", text)) for text in case["expect_indexes"]}
        right = expected <= shapes(advised) if expected else not advised.indexes
        outcomes.append(Outcome(case["sql"][:80], tuple(sorted(shapes(advised))), str(case["expect_indexes"]), right))
    return outcomes


def _advise(sql: str, engine: Engine, schema: Schema, ddl: str = "") -> Advised:
    return advise(
        read_script(sql, engine), schema, engine, definitions=read_script(ddl, engine) if ddl else None, foreign_keys=False
    )


def _by_planner(sql: str, schema: Schema, advised: Advised, label: dict[str, Any]) -> str:
    keys = [IndexKey(text.split()[0], descending=text.lower().endswith(" desc")) for text in label["columns"]]
    table = label["table"].rpartition(".")[2]
    labelled = replace(advised.indexes[0], index=Index("labelled", table, keys), alternatives=())
    costs = {}
    for advice in (advised.indexes[0], labelled):
        result: tuple[IndexAdvice, ...] = verify(
            read_script(sql, "postgresql"), schema, replace(advised, indexes=(advice,)), "postgresql"
        ).advised.indexes
        verification = result[0].verified
        if verification is None or verification.cost_after is None:
            return "not verified"
        costs[advice.index.name] = verification.cost_after
    ours, theirs = costs.values()
    return f"{'no dearer' if ours <= theirs * 1.02 else 'dearer'}: cost {ours:.0f} with the advice, {theirs:.0f} with the label"


def main() -> None:
    """Print the shares and what went otherwise."""
    if not FOLDER.is_dir():
        print("the labelled SQL cases are not there: nothing measured")
        return
    for name, outcomes in (("soar index cookbook", soar()), ("dexter", dexter()), ("supabase index_advisor", supabase())):
        right = sum(outcome.right for outcome in outcomes)
        print(f"{name}: {right}/{len(outcomes)} = {right / len(outcomes):.0%}")
        for outcome in outcomes:
            if not outcome.right or outcome.by_planner or "--all" in sys.argv:
                print(f"   {outcome.sql}\n      advised {outcome.advised}, labelled {outcome.expected} {outcome.by_planner}")


if __name__ == "__main__":
    main()
