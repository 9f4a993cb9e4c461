"""PostgreSQL plans: every client and format of a statement gives the tree of its JSON, and the times add up."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dbbuddy.plans.model import Plan, PlanError, PlanNode, ReadPlans
from dbbuddy.plans.postgresql import looks_like, read
from dbbuddy.plans.postgresql.headings import label, read_heading
from dbbuddy.plans.read import read_plans

SAMPLES = Path(__file__).parent / "samples" / "postgresql"
SHARED = Path(__file__).parents[3].parent / "shared" / "plans"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared plans are not on this machine")

PLAN = """Hash Join  (cost=1.09..2.20 rows=3 width=8) (actual time=0.020..0.030 rows=3 loops=1)
  Hash Cond: (a.id = b.id)
  Buffers: shared hit=2
  ->  Seq Scan on public.a x  (cost=0.00..1.03 rows=3 width=4) (actual time=0.005..0.006 rows=3 loops=1)
        Filter: (c = 'it''s "x"'::text)
  ->  Hash  (cost=1.04..1.04 rows=4 width=4) (actual time=0.008..0.008 rows=4 loops=1)
        Buckets: 1024  Batches: 2 (originally 1)  Memory Usage: 9kB
        ->  Seq Scan on b  (cost=0.00..1.04 rows=4 width=4) (actual time=0.002..0.003 rows=4 loops=1)
Planning Time: 0.1 ms
Execution Time: 0.05 ms"""
LINES = PLAN.split("\n")
ENTRY = "duration: 1.2 ms  plan:\nQuery Text: select 1\n" + PLAN


def nodes(plan: Plan) -> list[tuple[int, PlanNode]]:
    waiting, out = [(0, plan.root)], []
    while waiting:
        depth, node = waiting.pop()
        out.append((depth, node))
        waiting.extend((depth + 1, child) for child in reversed(node.children))
    return out


def json_nodes(document: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    waiting, out = [(0, document["Plan"])], []
    while waiting:
        depth, node = waiting.pop()
        out.append((depth, node))
        waiting.extend((depth + 1, child) for child in reversed(node.get("Plans", [])))
    return out


def tree(plan: Plan) -> list[tuple[Any, ...]]:
    return [(depth, n.type, n.role, n.relation, n.alias, n.index, n.details.get("Subplan Name")) for depth, n in nodes(plan)]


def json_tree(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    out = []
    for depth, n in json_nodes(document):
        name = n.get("Subplan Name")
        role = name if name and name.startswith("CTE ") else n.get("Parent Relationship", "")
        out.append((depth, n["Node Type"], role, n.get("Relation Name"), n.get("Alias"), n.get("Index Name"), name))
    return out


def estimates(plan: Plan) -> list[tuple[Any, ...]]:
    return [(n.rows_estimated, n.width, n.startup_cost, n.total_cost) for _, n in nodes(plan)]


def json_estimates(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(n["Plan Rows"], n["Plan Width"], n["Startup Cost"], n["Total Cost"]) for _, n in json_nodes(document)]


def rows(plan: Plan) -> list[tuple[Any, ...]]:
    return [(n.rows_actual, n.loops) for _, n in nodes(plan)]


def only(found: ReadPlans) -> Plan:
    assert found.unread == []
    assert len(found.plans) == 1
    return found.plans[0]


def dressed() -> Iterator[tuple[str, str]]:
    def each(form: str) -> str:
        return "\n".join(form.format(line) for line in LINES)

    yield "carriage returns", PLAN.replace("\n", "\r\n")
    yield "double quotes", each('"{}"')
    yield "csv", '"QUERY PLAN"\n' + "\n".join('"' + line.replace('"', '""') + '"' for line in LINES)
    yield "single quotes", each("'{}'")
    yield "markdown table", "| QUERY PLAN |\n| :--- |\n" + each("| {} |")
    yield "code fence", f"```\n{PLAN}\n```"
    yield "e-mail", each("> {}")
    yield "SQL comment", each("-- {}")
    yield "numbered", "\n".join(f"{number}. {line}" for number, line in enumerate(LINES, 1))
    yield "ellipsis", PLAN.replace("..", "…")
    yield "hard spaces", PLAN.replace("  ", "\u00a0\u00a0")
    yield "one space", PLAN.replace("->  ", "-> ").replace("  (cost", " (cost")
    yield "indented", each("        {}")
    yield "tabs", PLAN.replace("        ", "\t")
    yield "driver's rows", "\n".join("('" + line.replace("'", "\\'") + "',)" for line in LINES)
    yield "rows as JSON", json.dumps([{"QUERY PLAN": line} for line in LINES], indent=1)
    yield "export of a log", json.dumps([{"textPayload": "2024 LOG:  " + ENTRY}])
    yield "log", "LOG:  " + ENTRY
    yield "log with tabs", "2024-01-01 00:00:00 UTC:1.2.3.4(5432):u@d:[12]:LOG:  " + ENTRY.replace("\n", "\n\t")
    yield "container log", "\n".join("db-1  | " + line for line in ("LOG:  " + ENTRY).replace("\n", "\n\t").split("\n"))
    yield (
        "syslog",
        "\n".join(
            f"Jan  1 00:00:00 host postgres[12]: [7-{number}] {'#011' if number > 1 else 'LOG:  '}{line}"
            for number, line in enumerate(ENTRY.split("\n"), 1)
        ),
    )
    yield "csv log", f'2024-01-01 00:00:00.000 UTC,"u",LOG,00000,"{ENTRY.replace(chr(34), chr(34) * 2)}",,,"psql"\n'
    yield "json log", json.dumps({"timestamp": "2024", "message": ENTRY})
    yield "terminal", f"db=# explain analyze select 1;\n QUERY PLAN\n----\n{PLAN}\n(10 rows)\n\nTime: 3.4 ms\n"


@pytest.mark.parametrize(("dress", "text"), list(dressed()))
def test_clients_change_nothing(dress: str, text: str) -> None:
    assert looks_like(text)
    plan = only(read(text))
    expected = only(read(PLAN))
    assert tree(plan) == tree(expected)
    assert rows(plan) == rows(expected)
    assert plan.root.children[0].details["Filter"] == "(c = 'it''s \"x\"'::text)"
    assert plan.totals["self_ms"] == plan.totals["nodes_ms"] == 0.03


def test_a_node_says_everything() -> None:
    plan = only(read(PLAN))
    scan, hashed = plan.root.children
    assert (scan.type, scan.schema, scan.relation, scan.alias) == ("Seq Scan", "public", "a", "x")
    assert (scan.rows_estimated, scan.width, scan.startup_ms, scan.total_ms) == (3, 4, 0.005, 0.006)
    assert scan.lines == (4, 5)
    assert hashed.details["Hash Batches"] == 2
    assert hashed.details["Original Hash Batches"] == 1
    assert hashed.details["Peak Memory Usage"] == 9
    assert plan.root.details["Shared Hit Blocks"] == 2
    assert plan.details["Lines"] == (9, 10)
    assert plan.totals["planning_ms"] == 0.1


@pytest.mark.parametrize("name", ["ctes", "subplan"])
def test_samples_of_every_client(name: str) -> None:
    document = json.loads((SAMPLES / f"{name}.json.un.txt").read_text())[0]
    for path in sorted(SAMPLES.glob(f"{name}.*")):
        plan = only(read(path.read_text()))
        assert tree(plan) == json_tree(document), path.name
        assert estimates(plan) == json_estimates(document), path.name


def test_a_string_over_several_lines_is_no_plan() -> None:
    plan = only(read((SAMPLES / "subplan.text.csv.txt").read_text()))
    assert "\n  ->  Seq Scan on fake2  (cost" in plan.root.children[0].details["Filter"]


@pytest.mark.parametrize("path", ["names.text.txt", "names-costs-off.text.txt"])
def test_hostile_names(path: str) -> None:
    document = json.loads((SAMPLES / "names.json.txt").read_text())[0]
    assert tree(only(read((SAMPLES / path).read_text()))) == json_tree(document)


def test_logs_of_every_format_hold_the_same_plans() -> None:
    found = {path.name: read(path.read_text()) for path in SAMPLES.glob("log.*")}
    assert len(found) == 4
    trees = [[tree(plan) for plan in reading.plans] for reading in found.values()]
    assert all(each == trees[0] and len(each) == 3 for each in trees)
    for reading in found.values():
        assert reading.unread == []
        assert all("duration_ms" in plan.totals and plan.statement for plan in reading.plans)


def test_workers_are_told_apart_and_times_are_wall_clock() -> None:
    plan = only(read((SAMPLES / "parallel.text.txt").read_text()))
    scan = next(node for _, node in nodes(plan) if node.details.get("Workers"))
    assert [worker["Worker Number"] for worker in scan.details["Workers"]] == [0, 1]
    assert scan.details["Workers"][1]["Actual Total Time"] == 1.34
    assert scan.loops == 3
    assert scan.total_ms == pytest.approx(0.905)


def test_upsert_with_trigger() -> None:
    plan = only(read((SAMPLES / "upsert.text.txt").read_text()))
    document = json.loads((SAMPLES / "upsert.json.txt").read_text())[0]
    assert tree(plan) == json_tree(document)
    assert plan.details["Triggers"][0]["Calls"] == 1
    assert plan.root.details["Tuples Inserted"] == 1
    assert plan.totals["triggers_ms"] == 0.25


def test_time_of_an_init_plan_is_taken_off_the_node_that_waited_for_it() -> None:
    plan = only(
        read(
            """Aggregate  (cost=1.0..2.0 rows=1 width=8) (actual time=100.000..100.000 rows=1 loops=1)
  InitPlan 1 (returns $0)
    ->  Seq Scan on b  (cost=0.0..1.0 rows=1 width=8) (actual time=80.000..80.000 rows=1 loops=1)
  ->  Index Scan using i on a  (cost=0.0..1.0 rows=1 width=8) (actual time=95.000..95.000 rows=1 loops=1)
        Index Cond: (x = $0)"""
        )
    )
    own = {node.relation or node.type: node.self_ms for _, node in nodes(plan)}
    assert own == {"Aggregate": 5.0, "b": 80.0, "a": 15.0}


def test_time_of_a_cte_is_shared_by_its_scans() -> None:
    plan = only(
        read(
            """Nested Loop  (cost=1.0..2.0 rows=1 width=8) (actual time=0.000..100.000 rows=1 loops=1)
  CTE c
    ->  Seq Scan on b  (cost=0.0..1.0 rows=1 width=8) (actual time=0.000..60.000 rows=1 loops=1)
  ->  CTE Scan on c  (cost=0.0..1.0 rows=1 width=8) (actual time=0.000..60.000 rows=1 loops=1)
  ->  CTE Scan on c c_1  (cost=0.0..1.0 rows=1 width=8) (actual time=0.000..10.000 rows=1 loops=3)"""
        )
    )
    assert plan.root.self_ms == 10.0
    assert [node.self_ms for node in plan.root.children] == [60.0, 20.0, 10.0]


def test_rounding_never_makes_a_child_longer_than_its_parent() -> None:
    plan = only(
        read(
            """Nested Loop  (cost=1.0..2.0 rows=1 width=8) (actual time=0.000..50.000 rows=1 loops=1)
  ->  Seq Scan on a  (cost=0.0..1.0 rows=1 width=8) (actual time=0.000..10.000 rows=9 loops=1)
  ->  Memoize  (cost=0.0..1.0 rows=1 width=8) (actual time=0.001..0.001 rows=1 loops=20000)
        ->  Seq Scan on b  (cost=0.0..1.0 rows=1 width=8) (actual time=0.001..0.002 rows=1 loops=20000)"""
        )
    )
    assert all((node.self_ms or 0) >= 0 for _, node in nodes(plan))
    assert plan.totals["self_ms"] == plan.totals["nodes_ms"] == 50.0


def test_never_executed_has_no_time() -> None:
    plan = only(
        read(
            "Limit  (cost=0.0..1.0 rows=1 width=8) (never executed)\n  ->  Seq Scan on a  (cost=0.0..1.0 rows=1 width=8) (never executed)"
        )
    )
    assert [(node.loops, node.self_ms) for _, node in nodes(plan)] == [(0, None), (0, None)]


@pytest.mark.parametrize(
    ("heading", "kind", "details"),
    [
        ("Finalize GroupAggregate", "Aggregate", {"Strategy": "Sorted", "Partial Mode": "Finalize"}),
        ("Parallel Hash Right Anti Join", "Hash Join", {"Parallel Aware": True, "Join Type": "Right Anti"}),
        ("Nested Loop Left Join", "Nested Loop", {"Join Type": "Left"}),
        ("Index Only Scan Backward using i on t", "Index Only Scan", {"Scan Direction": "Backward"}),
        ("HashSetOp Except All", "SetOp", {"Strategy": "Hashed", "Command": "Except All"}),
        ("Merge on t", "ModifyTable", {"Operation": "Merge"}),
        ("Async Foreign Scan on t", "Foreign Scan", {"Async Capable": True}),
        ("Foreign Update on t", "Foreign Scan", {"Operation": "Update"}),
        ("Custom Scan (ChunkAppend) on t", "Custom Scan", {"Custom Plan Provider": "ChunkAppend"}),
    ],
)
def test_headings(heading: str, kind: str, details: dict[str, Any]) -> None:
    node = read_heading(heading)
    assert node.type == kind
    assert details.items() <= node.details.items()
    assert label(node) == heading.partition(" on ")[0].partition(" using ")[0]


def test_lost_indentation_is_said() -> None:
    found = read("\n".join(line.strip() for line in LINES))
    assert tree(only(found)) == tree(only(read(PLAN)))
    assert "indentation" in found.notes[0]


def test_two_glued_plans_and_noise_between() -> None:
    found = read(f"Why?\n{PLAN}\nsomething else: no\n{PLAN}\nThanks")
    assert [len(nodes(plan)) for plan in found.plans] == [4, 4]
    assert [line.text for line in found.unread] == ["Why?", "something else: no", "Thanks"]


@pytest.mark.parametrize("cut", range(400, 2000, 160))
def test_json_that_breaks_off(cut: int) -> None:
    text = (SAMPLES / "ctes.json.un.txt").read_text()
    found = read(text[:cut])
    assert found.plans[0].root.type == "Hash Join"
    assert "cut off" in found.notes[0]


@pytest.mark.parametrize(
    "text", ["", "hello", "[1, 2]", "{", "<explain>", "- Plan:", "->", "QUERY PLAN\n-----\n", "[" * 5000, "SELECT 1;"]
)
def test_no_plan(text: str) -> None:
    with pytest.raises(PlanError, match="Paste the whole output"):
        read_plans(text)


def test_wrong_engine_is_said() -> None:
    assert "PostgreSQL" in read_plans(PLAN, engine="oracle").notes[0]


def deep(levels: int) -> dict[str, str]:
    node = '"Actual Loops": 1, "Actual Total Time": 1.5, "Actual Rows": 1, "Plans": ['
    return {
        "text": "Limit  (cost=0.0..1.0 rows=1 width=1)\n"
        + "\n".join(" " * (2 + 6 * level) + "->  Subquery Scan on s  (cost=0.0..1.0 rows=1 width=1)" for level in range(levels)),
        "json": '{"Plan": ' + f'{{"Node Type": "Limit", {node}' * levels + '{"Node Type": "Result"}' + "]}" * levels + "}",
        "xml": '<explain xmlns="http://www.postgresql.org/2009/explain"><Query><Plan>'
        + "<Node-Type>Limit</Node-Type><Plans><Plan>" * levels
        + "<Node-Type>Result</Node-Type>"
        + "</Plan></Plans>" * levels
        + "</Plan></Query></explain>",
    }


@pytest.mark.parametrize("form", ["text", "json", "xml"])
def test_any_depth(form: str) -> None:
    assert len(nodes(only(read(deep(3000)[form])))) == 3001


@shared
@pytest.mark.parametrize("version", ["gen-pg15", "gen-pg18"])
def test_shared_variants_give_the_tree_of_their_json(version: str) -> None:
    paths = sorted((SHARED / version).glob("*/*.txt"))
    assert len(paths) == 288
    for path in paths:
        reference = SHARED / version / "full-unaligned" / f"{path.name.partition('.')[0]}.json.txt"
        document = json.loads(reference.read_text())[0]
        plan = only(read(path.read_text()))
        assert tree(plan) == json_tree(document), path
        if path.parent.name != "costs-off":
            assert estimates(plan) == json_estimates(document), path
        if path.parent.name not in ("costs-off", "estimate"):
            for (_, node), (_, expected) in zip(nodes(plan), json_nodes(document), strict=True):
                measured = (node.rows_actual or 0) * (node.loops or 0)
                # Each variant is a run of its own: workers and merge joins stop at slightly different rows.
                assert measured == pytest.approx(expected["Actual Rows"] * expected["Actual Loops"], rel=0.02, abs=3), path
        if "self_ms" in plan.totals:
            assert plan.totals["self_ms"] == pytest.approx(plan.totals["nodes_ms"], rel=0.01, abs=0.02), path


NOT_PLAN_LINES = {"bloom-004.txt": [" pg_size_pretty", " 153 MB"]}
FRAGMENTS = {"18-plan"}
"""A plan without its root: all of it hangs under its first node."""


@shared
def test_shared_pev2_and_manual() -> None:
    paths = [path for path in (SHARED / "pev2").rglob("*") if path.name.endswith("plan")]
    paths += sorted((SHARED / "postgres18-docs").iterdir())
    assert len(paths) > 90
    for path in paths:
        text = path.read_text()
        found = read_plans(text)
        assert [line.text for line in found.unread] == NOT_PLAN_LINES.get(path.name, []), path
        expected = text.count('"Node Type"') or text.count("->  ") + (path.name not in FRAGMENTS)
        assert sum(len(nodes(plan)) for plan in found.plans) == expected, path
