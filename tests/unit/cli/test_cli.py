"""The command line, exactly as the design states it: what goes in, what comes out, and the exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.diagnosis.library import BUILT_IN
from tests.unit.cli.running import Run, lines, run
from tests.unit.diagnosis.sample import SAMPLE

ROOT = Path(__file__).parents[3]
FIELDS = {"id", "status", "category", "context", "diagnoses", "questions", "provider", "elapsed_ms"}
DEADLOCK = "postgres deadlock detected 40P01"


def ask_lines(*rows: Any) -> Run:
    return run("ask", "--jsonl", stdin=lines(*rows))


def process(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a user does."""
    command = [sys.executable, "-m", "dbbuddy", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=ROOT, env={**os.environ, **environment}, check=False)


def test_a_question_from_standard_input() -> None:
    done = run("ask", stdin=DEADLOCK)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("### ")
    assert "40P01" in done.out


def test_a_question_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "question.txt"
    file.write_text(DEADLOCK)
    assert run("ask", str(file)).out == run("ask", stdin=DEADLOCK).out


def test_one_json_object() -> None:
    done = run("ask", "--json", "--offline", stdin=DEADLOCK)
    (row,) = done.rows
    assert set(row) == FIELDS | {"markdown"}
    assert row["id"] is None
    assert (row["status"], row["category"], row["provider"]) == ("answered", "troubleshooting", "rules")
    assert row["diagnoses"][0]["slug"] == "pg-deadlock"
    assert row["markdown"] == run("ask", stdin=DEADLOCK).out
    assert isinstance(row["elapsed_ms"], float)


def test_context_flags() -> None:
    flags = [
        "--engine",
        "Postgres",
        "--version",
        "16",
        "--service",
        "Aurora",
        "--deployment",
        "Cloud",
        "--cloud",
        "AWS",
        "--environment",
        "prod",
    ]
    context = run("ask", "--json", *flags, stdin="connection timed out on lambda").rows[0]["context"]
    assert context == {
        "engine": "postgresql",
        "version": "16",
        "service": "aurora-postgresql",
        "deployment": "cloud",
        "cloud": "aws",
        "environment": "production",
        "hosting": "managed",
    }


def test_one_line_per_line_in_order() -> None:
    rows = [
        {"id": n, "text": text}
        for n, text in enumerate([DEADLOCK, "it is slow", "write me a poem", "ORA-01555 snapshot too old"] * 3)
    ]
    done = ask_lines(*rows)
    assert [row["id"] for row in done.rows] == list(range(12))
    assert [row["status"] for row in done.rows] == ["answered", "needs_details", "out_of_scope", "answered"] * 3
    assert all(set(row) == FIELDS | {"markdown"} for row in done.rows)
    assert (done.status, done.err) == (0, "")


def test_lines_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(lines({"id": "a", "text": DEADLOCK}))
    assert [row["id"] for row in run("ask", "--jsonl", str(file)).rows] == ["a"]


def test_blank_lines_and_a_byte_order_mark_are_skipped() -> None:
    data = b"\xef\xbb\xbf" + lines("", {"id": 1, "text": DEADLOCK}, "   ", {"id": 2, "text": DEADLOCK}).encode()
    done = run("ask", "--jsonl", stdin=data)
    assert [row["id"] for row in done.rows] == [1, 2]
    assert done.status == 0


def test_no_lines_give_no_lines() -> None:
    done = run("ask", "--jsonl", stdin=b"\n\n")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_the_last_line_needs_no_end() -> None:
    assert len(run("ask", "--jsonl", stdin=lines({"text": DEADLOCK}).rstrip()).rows) == 1


def test_a_lines_context_adds_to_the_flags() -> None:
    row = {"id": 1, "text": "too many connections", "context": {"cloud": "aws", "engine": None, "odd": 1}}
    context = run("ask", "--jsonl", "--engine", "mysql", "--environment", "dev", stdin=lines(row)).rows[0]["context"]
    assert (context["engine"], context["cloud"], context["environment"]) == ("mysql", "aws", "development")


def test_a_lines_version_may_be_a_number() -> None:
    row = {"text": "too many clients", "context": {"engine": "pg", "version": 16}}
    assert ask_lines(row).rows[0]["context"]["version"] == "16"


@pytest.mark.parametrize(
    "turns",
    [
        ["Lambda connection timed out to RDS postgres", "security groups are fine"],
        [
            {"role": "user", "text": "Lambda connection timed out to RDS postgres"},
            {"role": "user", "text": "security groups are fine"},
        ],
        [
            {"text": "Lambda connection timed out to RDS postgres"},
            {"role": "assistant", "text": "Have you looked at the security groups?"},
            "security groups are fine",
        ],
    ],
)
def test_dialogues_by_turns(turns: list[Any]) -> None:
    (row,) = ask_lines({"id": "d", "turns": turns}).rows
    assert set(row) == FIELDS | {"answers"}
    assert len(row["answers"]) == 2
    assert "security group" in row["answers"][0]
    assert "connections or CPU ran out" in row["answers"][1]
    assert row["status"] == "answered"


def test_a_dialogue_starts_with_its_context() -> None:
    (row,) = ask_lines({"turns": ["too many connections", "that did not help"], "context": {"engine": "mariadb"}}).rows
    assert row["context"]["engine"] == "mariadb"
    assert row["answers"][0] != row["answers"][1]


BAD_LINES = [
    "not json",
    "[1, 2]",
    '"text"',
    "null",
    "12",
    "{",
    "[" * 50_000,
    {"id": 1},
    {"id": 1, "text": None},
    {"id": 1, "text": ""},
    {"id": 1, "text": " \n "},
    {"id": 1, "text": 5},
    {"id": 1, "text": ["a"]},
    {"id": 1, "text": "\x00\x01\x02"},
    {"id": 1, "text": "a" * 5_300_000},
    {"id": 1, "turns": []},
    {"id": 1, "turns": None},
    {"id": 1, "turns": "abc"},
    {"id": 1, "turns": [None]},
    {"id": 1, "turns": [{"role": "user"}]},
    {"id": 1, "turns": [{"role": "user", "text": None}]},
    {"id": 1, "turns": [{"role": "assistant", "text": "hi"}]},
    {"id": 1, "turns": [DEADLOCK, ""]},
    {"id": 1, "text": DEADLOCK, "context": "postgres"},
    {"id": 1, "text": DEADLOCK, "context": {"engine": "foxpro"}},
    {"id": 1, "text": DEADLOCK, "context": {"engine": ["pg"]}},
    {"id": 1, "text": DEADLOCK, "context": {"version": "9" * 5000}},
    {"id": 1, "text": DEADLOCK, "context": {"service": {"a": 1}}},
]


@pytest.mark.parametrize("bad", BAD_LINES, ids=lambda line: str(line)[:40])
def test_a_bad_line_gets_a_line_and_spoils_no_other(bad: Any) -> None:
    done = ask_lines({"id": "before", "text": DEADLOCK}, bad, {"id": "after", "text": DEADLOCK})
    assert [row["status"] for row in done.rows] == ["answered", "error", "answered"]
    error = done.rows[1]
    assert set(error) == {"id", "status", "error"}
    assert error["id"] == (bad.get("id") if isinstance(bad, dict) else None)
    assert error["error"]
    assert done.status == 2
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("dbbuddy: ")


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    (row,) = run("ask", "--jsonl", stdin=b'{"id": 1, "text": "postgres deadlock detected \xff\xfe 40P01"}\n').rows
    assert row["status"] == "answered"


def test_lone_surrogates_come_back_as_escapes() -> None:
    done = run("ask", "--jsonl", stdin=b'{"id": "x\\ud800", "text": "postgres deadlock \\udfff detected 40P01"}\n')
    (row,) = done.rows
    assert row["id"] == "x\ud800"
    assert row["status"] == "answered"


@pytest.mark.parametrize(
    ("arguments", "stdin", "reason"),
    [
        (["ask"], b"", "no text"),
        (["ask"], b" \n\t", "no text"),
        (["ask"], bytes(range(256)) * 10, "binary"),
        (["ask"], b"a" * 5_300_000, "5 MB"),
        (["ask", "--engine", "foxpro"], b"x", "unknown engine 'foxpro'; one of: postgresql, mysql, mariadb, sqlserver, oracle"),
        (["ask", "--service", "dbase"], b"x", "unknown service"),
        (["ask", "nowhere.txt"], b"", "nowhere.txt: cannot be read (No such file or directory)"),
        (["ask", "--jsonl", "nowhere.jsonl"], b"", "nowhere.jsonl: cannot be read"),
        (["ask", "."], b"", "cannot be read"),
        (["ask", "--bogus"], b"x", "unrecognized arguments: --bogus"),
        (["nonsense"], b"", "invalid choice: 'nonsense'"),
        ([], b"", "required: command"),
        (["playbooks", "show", "nonsense"], b"", "nonsense"),
        (["redact"], bytes(range(256)) * 10, "binary"),
    ],
)
def test_bad_input_is_status_2_with_one_line_of_reason(arguments: list[str], stdin: bytes, reason: str) -> None:
    done = run(*arguments, stdin=stdin)
    assert (done.status, done.out) == (2, "")
    assert reason in done.err
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("dbbuddy: ")


@pytest.mark.parametrize("name", ["a.exe", "a.png", "a"])
def test_a_wrong_file_type_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(DEADLOCK)
    done = run("ask", str(file))
    assert (done.status, done.out) == (2, "")
    assert "file type cannot be read" in done.err


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "text": JSON | st.just(DEADLOCK),
        "turns": JSON
        | st.lists(st.just("it is slow") | st.fixed_dictionaries({"role": st.just("user") | JSON, "text": JSON}), max_size=3),
        "context": JSON
        | st.dictionaries(st.sampled_from(["engine", "version", "service", "cloud", "hosting", "deployment"]), JSON),
    },
)


@settings(max_examples=40)
@given(st.lists(ROWS.map(json.dumps) | JSON.map(json.dumps) | st.text(max_size=20), max_size=4))
def test_any_lines_give_as_many_lines(texts: list[str]) -> None:
    data = "\n".join(text.replace("\n", " ") for text in texts).encode("utf-8", "replace")
    expected = [line for line in data.split(b"\n") if line.decode("utf-8-sig", "replace").strip()]
    done = run("ask", "--jsonl", stdin=data)
    assert len(done.out.splitlines()) == len(done.rows) == len(expected)
    for line, row in zip(expected, done.rows, strict=True):
        assert row["status"] in ("answered", "needs_details", "out_of_scope", "error")
        sent = _object(line)
        assert row["id"] == sent.get("id")
    assert done.status == (2 if any(row["status"] == "error" for row in done.rows) else 0)


def _object(line: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(line.decode("utf-8-sig", "replace"))
    except ValueError:
        sent = {}
    return sent if isinstance(sent, dict) else {}


@settings(max_examples=30)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered_or_refused(data: bytes) -> None:
    done = run("ask", stdin=data)
    assert done.status in (0, 2)
    assert bool(done.out) == (done.status == 0)
    assert len(done.err.splitlines()) == (0 if done.status == 0 else 1)


def test_playbooks_check_says_nothing_of_good_ones_and_names_faults(tmp_path: Path) -> None:
    good, bad = tmp_path / "full-disk.md", tmp_path / "bad.md"
    good.write_text(SAMPLE)
    bad.write_text("no head")
    assert (run("playbooks", "check", str(good)).status, run("playbooks", "check", str(good)).out) == (0, "")
    done = run("playbooks", "check", str(good), str(bad))
    assert done.status == 2
    assert "bad.md" in done.out
    assert "full-disk" not in done.out


def test_playbooks_show_reads_as_one_engines_users_see_it() -> None:
    slug = next(BUILT_IN.rglob("lambda-connection-timeout.md")).stem
    done = run("playbooks", "show", slug, "--engine", "postgresql")
    assert done.status == 0
    assert "pg_stat_activity" in done.out
    assert "processlist" not in done.out


def test_redact_takes_a_password_out() -> None:
    secret = "postgres://app:hunter2secret@db.example.internal/shop"
    done = run("redact", "--json", stdin=f"cannot connect to {secret}")
    (row,) = done.rows
    assert set(row) == {"id", "text", "spans"}
    assert "hunter2secret" not in done.out
    assert all(set(span) == {"start", "end", "type", "placeholder"} for span in row["spans"])


def test_as_a_user_runs_it() -> None:
    done = process("ask", "--jsonl", stdin=lines({"id": 1, "text": DEADLOCK}, "bad").encode(), PYTHONIOENCODING="ascii", LC_ALL="C")
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [row["status"] for row in rows] == ["answered", "error"]
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


def test_markdown_is_utf8_whatever_the_locale_says() -> None:
    done = process("ask", stdin=DEADLOCK.encode(), PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith("### ")
