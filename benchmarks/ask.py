"""How fast rule-based answers are: loading, an answer after warm-up, a long log, the command line's cold start, memory.

python benchmarks/ask.py            prints a table; needs nothing but the app's own requirements
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dbbuddy.advisor import Advisor  # noqa: E402
from dbbuddy.context import SystemContext  # noqa: E402
from dbbuddy.diagnosis.library import load_library  # noqa: E402
from dbbuddy.intake.kinds import kinds_of  # noqa: E402

ROUNDS = 5
SHARED = ROOT.parent / "shared" / "eval" / "advice_dev.jsonl"


def main() -> None:
    """Print each figure on a line of its own."""
    print(f"{platform.python_version()} on {platform.machine()}")
    loads = [timed(load_library) for _ in range(ROUNDS)]
    library = load_library()
    print(f"load {len(library.playbooks)} playbooks: median {statistics.median(loads):.0f} ms")
    built = timed(lambda: Advisor(library))
    advisor = Advisor(library)
    print(f"build the matcher: {built:.0f} ms")
    questions = cases()
    for text, context in questions:
        advisor.ask(text, context)
    times = sorted(timed(lambda t=text, c=context: advisor.ask(t, c)) for _ in range(ROUNDS) for text, context in questions)
    print(
        f"answer, {len(questions)} questions × {ROUNDS}: p50 {times[len(times) // 2]:.1f} ms, "
        f"p95 {times[int(len(times) * 0.95)]:.1f} ms, max {times[-1]:.1f} ms"
    )
    log = long_log()
    print(f"answer to a log of {len(log) / 1e6:.1f} MB: {timed(lambda: advisor.ask(log)):.0f} ms")
    colds = [timed(cold_start) for _ in range(ROUNDS)]
    print(f"cold start of the command line with an answer: median {statistics.median(colds):.0f} ms")
    for name in ("words", "all"):
        told = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=True).stdout.strip()
        print(f"memory of a process that answered these questions, {MEMORY[name]}: {told} MB")


MEMORY = {"words": "those without SQL and plans", "all": "all of them"}


def print_memory(name: str) -> None:
    """Answer the questions once in this fresh process and print the most that it has held, in MB."""
    advisor = Advisor(load_library())
    for text, context in cases():
        if name == "all" or not {"sql", "ddl", "plan"} & set(kinds_of(text)):
            advisor.ask(text, context)
    status = Path("/proc/self/status").read_text(encoding="ascii")  # unlike getrusage, not inherited from the parent
    print(f"{int(status.partition('VmHWM:')[2].split()[0]) / 1024:.0f}")


def timed(work) -> float:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def cases() -> list[tuple[str, SystemContext]]:
    """The shared development questions where they are, else the project's own."""
    files = [SHARED] if SHARED.exists() else sorted((ROOT / "tests" / "eval" / "cases").glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    questions = []
    for row in rows:
        context = SystemContext.of(**{k: v for k, v in row["context"].items() if v})
        questions.append((row.get("text") or row["turns"][0]["text"], context))
    return questions


def long_log() -> str:
    """A PostgreSQL log of about 5 MB with one telling error far from its end."""
    line = "2026-11-22 10:00:{:02d}.{:03d} UTC [{}] app@shop LOG:  duration: {}.{:03d} ms  statement: "
    line += "SELECT * FROM orders WHERE id = {}\n"
    lines = [line.format(i % 60, i % 1000, 1000 + i % 50, i % 90, i % 1000, i) for i in range(40_000)]
    lines.insert(9_000, "2026-11-22 10:03:00.000 UTC [77] app@shop FATAL:  sorry, too many clients already\n")
    return "".join(lines)[: 5 * 1024 * 1024 - 1]


def cold_start() -> None:
    command = [sys.executable, "-m", "dbbuddy", "ask", "--json"]
    subprocess.run(command, input=b"ORA-01000: maximum open cursors exceeded", cwd=ROOT, check=True, capture_output=True)


if __name__ == "__main__":
    print_memory(sys.argv[1]) if sys.argv[1:] else main()
