"""`python -m dbbuddy explain`: a pasted plan in; its tree, totals and findings out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dbbuddy.data_files import DATA
from tests.unit.cli.running import lines, run

SCAN = """
 Gather  (cost=1000.00..90871.40 rows=3 width=412) (actual time=871.204..1012.233 rows=1 loops=1)
   Workers Planned: 2
   Workers Launched: 2
   ->  Parallel Seq Scan on shipments  (cost=0.00..89871.10 rows=1 width=412) (actual time=770.9..860.1 rows=0 loops=3)
         Filter: (tracking_number = 'X1'::text)
         Rows Removed by Filter: 4188210
 Execution Time: 1012.400 ms
"""
INDEXED = """
 Index Scan using shipments_tracking_idx on shipments  (cost=0.43..8.45 rows=1 width=412) (actual time=0.021..0.022 rows=1 loops=1)
   Index Cond: (tracking_number = 'X1'::text)
 Execution Time: 0.040 ms
"""
SAMPLES = sorted(path for path in (DATA / "samples" / "plans").iterdir() if path.name != "examples.yaml")


def test_the_object_holds_tree_totals_and_findings() -> None:
    (row,) = run("explain", "--json", stdin=SCAN).rows
    assert (row["id"], row["engine"], row["format"]) == (None, "postgresql", "text")
    assert row["totals"]["execution_ms"] == 1012.4
    scan = row["plan"]["children"][0]
    assert (scan["type"], scan["relation"], scan["loops"], scan["number"]) == ("Seq Scan", "shipments", 3, 1)
    finding = row["insights"][0]
    assert (finding["id"], finding["node"], finding["confidence"]) == ("scan-discards-rows", 1, "measured")
    assert finding["saving_share"] > 0.8
    assert "CREATE INDEX" in finding["sql"]
    assert row["unread_lines"] == []


def test_times_of_the_nodes_add_up_to_the_total() -> None:
    (row,) = run("explain", "--json", stdin=SCAN).rows
    waiting, total = [row["plan"]], 0.0
    while waiting:
        node = waiting.pop()
        total += node["self_ms"]
        waiting += node["children"]
    assert total == pytest.approx(row["plan"]["total_ms"], rel=0.01)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_report_in_words_for_each_engine(path: Path) -> None:
    done = run("explain", str(path))
    assert done.status == 0
    assert done.out.startswith("## ")
    assert "### Steps" in done.out


def test_lines_are_answered_in_order_and_a_bad_one_is_named() -> None:
    rows = lines({"id": 1, "text": SCAN}, {"id": 2, "text": "no plan at all"}, {"id": 3}, {"id": 4, "text": INDEXED})
    done = run("explain", "--jsonl", stdin=rows)
    assert done.status == 2
    assert [row["id"] for row in done.rows] == [1, 2, 3, 4]
    assert ["plan" in row for row in done.rows] == [True, False, False, True]
    assert "EXPLAIN" in done.rows[1]["error"]


def test_several_plans_of_one_text_are_all_given() -> None:
    (row,) = run("explain", "--json", stdin=SCAN + "\n\n" + INDEXED).rows
    assert [part["plan"]["type"] for part in row["plans"]] == ["Gather", "Index Scan"]
    assert row["plan"]["type"] == "Gather"


def test_fail_on_is_an_exit_status_for_ci() -> None:
    assert run("explain", "--fail-on", "high", stdin=SCAN).status == 1
    assert run("explain", "--fail-on", "high", stdin=INDEXED).status == 0


def test_compare_fails_only_if_the_second_plan_is_slower(tmp_path: Path) -> None:
    before, after = tmp_path / "before.txt", tmp_path / "after.txt"
    before.write_text(SCAN, encoding="utf-8")
    after.write_text(INDEXED, encoding="utf-8")
    better = run("explain", str(before), "--compare", str(after))
    worse = run("explain", str(after), "--compare", str(before), "--json")
    assert (better.status, worse.status) == (0, 1)
    assert "faster" in better.out
    assert worse.rows[0]["comparison"]["regressed"] is True


def test_a_tree_of_any_depth_is_printed() -> None:
    depth = 3_000
    nodes = [f"{' ' * (6 * n - 4 if n else 0)}{'->  ' if n else ''}Limit  (cost=0.0..1.0 rows=1 width=1)" for n in range(depth)]
    done = run("explain", "--json", stdin="\n".join(nodes))
    assert done.status == 0
    assert done.out.count('"type": "Limit"') == depth


@pytest.mark.parametrize("text", ["", "hello", "\x00\x01", "| Id | Operation |"])
def test_what_is_no_plan_says_what_to_paste(text: str) -> None:
    done = run("explain", stdin=text)
    assert done.status == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == 1


def test_the_objects_are_valid_json_with_hostile_names() -> None:
    hostile = SCAN.replace("shipments", '"a\\"b\x7f</script>"')
    assert json.loads(run("explain", "--json", stdin=hostile).out)["engine"] == "postgresql"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("name", ["a.sqlplan", "a.plan", "plan"])
def test_a_file_of_any_name_and_encoding_is_read(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes((DATA / "samples" / "plans" / "sqlserver-key-lookup.sqlplan").read_text().encode(encoding))
    (row,) = run("explain", "--json", str(path)).rows
    assert row["engine"] == "sqlserver"
    assert row["unread_lines"] == []


def test_a_plan_of_six_megabytes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_text(SCAN + "\n" + ("x" * 99 + "\n") * 60_000)
    done = run("explain", "--json", str(path))
    assert done.status == 0
    (row,) = done.rows
    assert (row["engine"], len(row["unread_lines"])) == ("postgresql", 60_000)


def test_a_lone_surrogate_in_a_line_of_json_is_read() -> None:
    (row,) = run("explain", "--jsonl", stdin='{"id": 1, "text": ' + json.dumps("\ud800" + SCAN) + "}\n").rows
    assert row["engine"] == "postgresql"
