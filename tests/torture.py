"""Killing the app while 32 threads write, again and again, and filling its disk: is all there that was confirmed?

python -m tests.torture [--cycles 50]     prints what was found; exits with 1 if anything was lost or torn
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbbuddy.store.duckdb_backend import DuckDBBackend
from dbbuddy.store.errors import DelayedError, StoreError
from dbbuddy.store.store import Store, utc_now
from tests.disks import NoSmallDiskError, fill, small_disk
from tests.unit.store.elsewhere import opened_elsewhere, written_until_killed

THREADS = 32
_TORN = """
    SELECT count(*) FROM exchanges e LEFT JOIN conversations c ON c.id = e.conversation_id WHERE c.id IS NULL
"""


def main() -> int:
    """Run all, print a line each; 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=50)
    cycles = parser.parse_args().cycles
    lost = kills(cycles)
    try:
        lost += full_disks(max(1, cycles // 10))
    except NoSmallDiskError:
        print("full disk: left out, since only root can make a small disk here")
    return 1 if lost else 0


def kills(cycles: int) -> int:
    """Kill the process that has the store while its threads write; how much was lost or torn."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"duckdb:///{folder}/store.duckdb"
        confirmed: set[str] = set()
        opening: list[float] = []
        for cycle in range(cycles):
            confirmed.update(written_until_killed(url, random.Random(cycle).randint(1, 600), threads=THREADS))
            start = time.perf_counter()
            store = Store(url)
            opening.append(time.perf_counter() - start)
            refused = opened_elsewhere(url)
            assert "in use by another process" in refused, refused
            kept = {row[0] for row in store.read("SELECT id FROM exchanges", limit_seconds=60)}
            torn = store.read(_TORN, limit_seconds=60)[0][0]
            store.close()
            lost = len(confirmed - kept)
            if lost or torn:
                print(f"cycle {cycle}: {lost} confirmed exchanges lost, {torn} torn")
                return lost + int(torn)
    print(
        f"kill -9: {cycles} times while {THREADS} threads wrote: {len(confirmed)} exchanges confirmed, 0 lost, 0 torn; "
        f"{cycles} second processes refused; opened again in {sorted(opening)[cycles // 2] * 1000:.0f} ms (median)"
    )
    return 0


def full_disks(cycles: int) -> int:
    """Fill the disk while the store is written to, in the log and in a checkpoint; how much was lost."""
    confirmed = lost = 0
    for cycle in range(cycles):
        for leave, size in ((300_000, 20_000), (20_000_000, 400_000)):
            with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder) / "disk", megabytes=64) as disk:
                found, missing = _full_disk(disk, leave + cycle * 7_000, size)
                confirmed, lost = confirmed + found, lost + missing
    print(f"full disk: {cycles * 2} times, in the log and in the checkpoint: {confirmed} units confirmed, {lost} lost, no restart")
    return lost


def _full_disk(disk: Path, leave: int, size: int) -> tuple[int, int]:
    confirmed: set[str] = set()
    with _opened(disk) as store:
        filler = fill(disk, leave)
        for number in range(2_000):
            try:
                store.append(_row(f"r{number}", size))
            except DelayedError:
                break
            confirmed.add(f"r{number}")
        else:
            raise AssertionError("the disk was never full")
        filler.unlink()
        until = time.monotonic() + 30
        while store.health().state != "ok":
            assert time.monotonic() < until, store.health()
            time.sleep(0.05)
        store.append(_row("after", size))
        confirmed.add("after")
    with _opened(disk) as store:
        kept = {row[0] for row in store.read("SELECT id FROM projections", limit_seconds=60)}
    return len(confirmed), len(confirmed - kept)


def _row(name: str, size: int) -> dict[str, list[dict[str, object]]]:
    content = random.Random(name).randbytes(size // 2).hex()
    return {"projections": [{"id": name, "user_id": "u", "name": "", "saved_at": utc_now(), "content": content}]}


@contextmanager
def _opened(disk: Path) -> Iterator[Store]:
    store = Store.over(DuckDBBackend(disk / "store.duckdb", reserve=0))
    try:
        yield store
    finally:
        store.close()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StoreError as problem:
        sys.exit(f"the store did not open again: {problem}")
