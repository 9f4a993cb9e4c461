"""Many people at once: real sessions that open a page, ask, follow up, rate and switch, on the app and on a minimal echo chat.

    python benchmarks/load.py [--sessions 100] [--think 10] [--seconds 120] [--seed 1]

Latency is from sending to the end of the page's run, as the browser sees it. CPU per answer is that of the server's process over
the answers in the time measured, page switches included; it is compared with the echo chat in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.load_sessions.client import PageError, Tab
from benchmarks.load_sessions.servers import Server, served

QUESTIONS = (
    "ERROR: deadlock detected on postgres 16, process 123 waits for ShareLock on transaction 99",
    "FATAL: sorry, too many clients already, PostgreSQL 15 on RDS, max_connections is 200",
    "MySQL 8.0: Lock wait timeout exceeded; try restarting transaction, error 1205",
    "SQL Server 2019: tempdb is full, PAGELATCH_UP waits on 2:1:1",
    "ORA-01555: snapshot too old in a nightly report on Oracle 19c",
    "How do I size a connection pool for PostgreSQL 16 with 8 cores?",
    "Seq Scan on orders takes 9 seconds, postgres 14, filter on customer_id",
)
FOLLOW_UPS = ("The pool is already at 20.", "It still happens after that change.", "We are on RDS and cannot change that.")


@dataclass
class Measured:
    """Seconds by kind of step, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def add(self, step: str, seconds: float) -> None:
        self.seconds.setdefault(step, []).append(seconds)

    def p(self, step: str, share: float) -> float:
        """A percentile in milliseconds; 0 if the step did not happen."""
        values = sorted(self.seconds.get(step, ()))
        return values[min(int(len(values) * share), len(values) - 1)] * 1000 if values else 0.0


async def person(server: Server, app: bool, think: float, until: float, measured: Measured, chance: random.Random) -> None:
    """One user until the end: asks, follows up, rates, looks at another page, comes back."""
    tab = Tab(server.base)
    try:
        await asyncio.sleep(chance.random() * min(think, 10))
        run = await tab.open("chat" if app else "")
        measured.add("open", run.seconds)
        while time.monotonic() < until:
            for step, words in (("ask", QUESTIONS), ("follow up", FOLLOW_UPS)):
                await asyncio.sleep(think * (0.5 + chance.random()))
                run = await tab.send(chance.choice(words), run)
                measured.add(step, run.seconds)
                if app and not run.widgets.get("feedback"):
                    raise PageError("no answer on the page")
            if app:
                await asyncio.sleep(think / 4)
                measured.add("rate", (await tab.rate(4, run)).seconds)
                await asyncio.sleep(think / 4)
                measured.add("switch", (await tab.switch("plans")).seconds)
                run = await tab.switch("chat")
                measured.add("switch", run.seconds)
    except Exception as error:  # every failure of a session is a result
        measured.errors.append(f"{type(error).__name__}: {error}")
    finally:
        if hasattr(tab, "_socket"):
            await tab.close()


async def measure(server: Server, app: bool, sessions: int, think: float, seconds: float, seed: int) -> Measured:
    """All sessions side by side."""
    measured = Measured()
    until = time.monotonic() + seconds
    people = (person(server, app, think, until, measured, random.Random(seed + number)) for number in range(sessions))
    await asyncio.gather(*people)
    return measured


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sessions", type=int, default=100)
    options.add_argument("--think", type=float, default=10.0, help="seconds between a user's messages")
    options.add_argument("--seconds", type=float, default=90.0)
    options.add_argument("--seed", type=int, default=1)
    told = options.parse_args()
    print(f"{told.sessions} sessions, thinking about {told.think:.0f} s, {told.seconds:.0f} s each\n")
    print("| server | step | n | p50 ms | p95 ms | max ms |\n| --- | --- | --- | --- | --- | --- |")
    cost: dict[str, float] = {}
    notes = []
    for name in ("echo", "app"):
        with tempfile.TemporaryDirectory() as folder, served(name, Path(folder)) as server:
            asyncio.run(measure(server, name == "app", 1, 0.2, 2, 0))
            before, began = server.cpu_seconds(), time.monotonic()
            measured = asyncio.run(measure(server, name == "app", told.sessions, told.think, told.seconds, told.seed))
            spent, took = server.cpu_seconds() - before, time.monotonic() - began
            answers = sum(len(measured.seconds.get(step, ())) for step in ("ask", "follow up"))
            cost[name] = spent / max(answers, 1) * 1000
            for step, values in measured.seconds.items():
                print(
                    f"| {name} | {step} | {len(values)} | {measured.p(step, 0.5):.0f} | {measured.p(step, 0.95):.0f} "
                    f"| {max(values) * 1000:.0f} |"
                )
            notes.append(
                f"{name}: {answers} answers in {took:.0f} s, {cost[name]:.1f} ms CPU an answer, server CPU {spent / took:.0%}, "
                f"memory {server.memory_mb():.0f} MB, {len(measured.errors)} errors {measured.errors[:3] or ''}"
            )
    print("\n" + "\n".join(notes) + f"\nCPU an answer: {cost['app'] / cost['echo']:.1f} times the echo chat")


if __name__ == "__main__":
    main()
