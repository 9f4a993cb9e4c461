"""How fast SQL is reviewed: a statement by rules alone, and with the indexes tried on a real planner.

python benchmarks/review.py                     prints a table; needs nothing but the app's own requirements
python benchmarks/review.py --peers FOLDER      beside sqlfluff and squawk, if they are installed in that virtual environment

The statements are made here; files of a folder `shared/sql` beside the repository are added where it exists. The targets:
50 ms for a statement by rules alone, 1.5 s with the planner once its server is up.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dbbuddy.context import Engine  # noqa: E402
from dbbuddy.data_files import load_yaml  # noqa: E402
from dbbuddy.sqlreview.review import review  # noqa: E402
from dbbuddy.sqlreview.scratch.server import NotAvailableError, embedded_server  # noqa: E402

SHARED = ROOT.parent / "shared" / "sql"
STATIC_MS, VERIFIED_MS = 50.0, 1_500.0
SIZES = (1, 10, 100, 1_000)
PEERS = {
    # By default it skips files over 20 kB.
    "sqlfluff": ("lint", "--dialect", "postgres", "--disable-progress-bar", "--config", "{folder}/sqlfluff.cfg"),
    "squawk": (),
}

Case = tuple[str, Engine]


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peers", type=Path, help="a virtual environment with sqlfluff or squawk-cli")
    peers: Path | None = options.parse_args().peers
    print(f"{platform.python_version()} on {platform.machine()}\n")
    review("SELECT a FROM t WHERE b = 1", engine="postgresql")  # loads rules and texts
    print(f"CPU time by rules alone, a statement at a time; target {STATIC_MS:.0f} ms")
    for name, cases in {"made here": list(made()), "examples": list(examples()), "shared/sql": list(shared())}.items():
        if cases:
            row(name, [cpu_ms(case) for case in cases])
    print("\nscripts, CPU time by rules alone")
    for size in SIZES:
        script = "\n".join(sql + ";" for sql in _repeated(size))
        taken = cpu_ms((script, "postgresql"))
        print(f"{size:8,} statements {taken:10,.0f} ms in all {taken / size:8.2f} ms each")
    verified()
    beside(peers)


def row(name: str, taken: list[float]) -> None:
    ordered = sorted(taken)
    p95 = ordered[int(len(ordered) * 0.95)] if len(ordered) > 1 else ordered[0]
    print(
        f"{name:12} {len(ordered):6,} p50 {statistics.median(ordered):8.1f} ms   p95 {p95:8.1f} ms   "
        f"p99 {ordered[int(len(ordered) * 0.99)]:8.1f} ms   most {ordered[-1]:8.1f} ms"
    )


def cpu_ms(case: Case) -> float:
    return timed(partial(review, case[0], engine=case[1]), time.process_time)


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Milliseconds of the clock: `time.process_time` where nobody is waited for, as the machine may be shared."""
    started = clock()
    work()
    return (clock() - started) * 1000


def made() -> Iterator[Case]:
    """Queries, changes and DDL of growing size, in each engine."""
    engines: tuple[Engine, ...] = ("postgresql", "mysql", "mariadb", "sqlserver", "oracle")
    for engine in engines:
        for size in (1, 3, 8, 20):
            columns = ", ".join(f"t0.c{n}" for n in range(size * 3))
            joins = "".join(f" JOIN t{n} ON t{n}.id = t{n - 1}.ref" for n in range(1, min(size, 8)))
            where = " AND ".join(f"lower(t0.c{n}) = 'x{n}'" for n in range(size))
            yield f"SELECT {columns} FROM t0{joins} WHERE {where} ORDER BY t0.c1", engine
            yield f"UPDATE t0 SET {', '.join(f'c{n} = {n}' for n in range(size))} WHERE c0 NOT IN (SELECT ref FROM t1)", engine
            yield f"CREATE TABLE t{size} (id int PRIMARY KEY, {', '.join(f'c{n} varchar(40)' for n in range(size * 4))})", engine
            yield f"SELECT id FROM t0 WHERE ref IN ({', '.join(map(str, range(size * 50)))})", engine


def examples() -> Iterator[Case]:
    for example in load_yaml("samples/review/examples.yaml").values():
        yield example["sql"], example["engine"]


def shared() -> Iterator[Case]:
    """Statements and migrations that people wrote, if they are there."""
    files: dict[str, Engine] = {
        "soar/heuristic_cases.json": "mysql",
        "squawk/cases.json": "postgresql",
        "eugene/cases.json": "postgresql",
        "bytebase/cases.json": "mysql",
    }
    for name, engine in files.items():
        path = SHARED / name
        for case in json.loads(path.read_text(encoding="utf-8")) if path.exists() else ():
            sql = case.get("sql") or case.get("statement")
            if isinstance(sql, str) and sql.strip():
                yield sql, engine


def _repeated(size: int) -> list[str]:
    cases = [sql for sql, engine in made() if engine == "postgresql"][:12]
    return [cases[number % len(cases)] for number in range(size)]


def verified() -> None:
    """A query with its index tried on the scratch server, which is started before the clock runs."""
    try:
        started = timed(embedded_server)
    except NotAvailableError as error:
        print(f"\nnot verified: {error}")
        return
    print(f"\ntime with the planner; server up in {started:,.0f} ms; target {VERIFIED_MS:,.0f} ms")
    ddl = "".join(
        f"CREATE TABLE t{n} (id bigint PRIMARY KEY, ref bigint, {', '.join(f'c{m} text' for m in range(60))});" for n in range(8)
    )
    stats = {f"t{n}": 1_000_000 * (n + 1) for n in range(8)}
    queries = [sql for sql, engine in made() if engine == "postgresql" and sql.startswith(("SELECT", "UPDATE"))]
    row("without DDL", [timed(partial(review, sql, engine="postgresql", verify=True)) for sql in queries])
    row("with DDL", [timed(partial(review, sql, engine="postgresql", schema=ddl, stats=stats, verify=True)) for sql in queries])


def beside(peers: Path | None) -> None:
    """The same script through other linters, each started as its users start it."""
    script = "\n".join(sql + ";" for sql in _repeated(100)) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script, encoding="utf-8")
        (Path(folder) / "sqlfluff.cfg").write_text("[sqlfluff]\nlarge_file_skip_byte_limit = 0\n", encoding="utf-8")
        print("\na script of 100 statements, as a command from its start")
        own = [sys.executable, "-m", "dbbuddy", "review", "--engine", "postgresql", str(file)]
        print(f"{'dbbuddy':12} {timed(partial(_run, own)):10,.0f} ms")
        for name, flags in PEERS.items():
            program = peers / "bin" / name if peers else None
            if program is None or not program.exists():
                print(f"{name:12} not installed; skipped")
                continue
            command = [str(program), *(flag.format(folder=folder) for flag in flags), str(file)]
            print(f"{name:12} {timed(partial(_run, command)):10,.0f} ms")


def _run(command: list[str]) -> None:
    subprocess.run(command, cwd=ROOT, capture_output=True, timeout=600, check=False)


if __name__ == "__main__":
    main()
