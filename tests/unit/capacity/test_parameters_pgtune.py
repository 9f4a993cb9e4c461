"""PostgreSQL's parameters against pgtune's published rules.

The table is pgtune's logic (le0pard/pgtune, src/features/configuration/configurationSlice.js, read 2026-11) worked out for ten
machines apart from our code; sizes in kB. Three rules differ on purpose: `io_method` stays `worker` and `wal_compression`
`on` (a server whose build has no io_uring or no lz4 would not start), and what would not fit the RAM is lowered.
"""

from __future__ import annotations

from typing import Any

import pytest

from dbbuddy.capacity.parameters.machine import Machine
from dbbuddy.capacity.parameters.recommend import recommend
from dbbuddy.context import SystemContext

Row = tuple[tuple[Any, ...], dict[str, Any]]

# (RAM in GB, cores, kind, disk, system, version, connections if given) and what pgtune gives.
PGTUNE: tuple[Row, ...] = (
    (
        (16, 8, "web", "ssd", "linux", 17),
        {
            "max_connections": 200,
            "shared_buffers": 4194304,
            "effective_cache_size": 12582912,
            "maintenance_work_mem": 1048576,
            "work_mem": 20164,
            "wal_buffers": 16384,
            "min_wal_size": 1048576,
            "max_wal_size": 4194304,
            "random_page_cost": 1.1,
            "default_statistics_target": 100,
            "huge_pages": "try",
            "wal_compression": "lz4",
            "checkpoint_completion_target": 0.9,
            "max_worker_processes": 8,
            "max_parallel_workers_per_gather": 4,
            "max_parallel_workers": 8,
            "max_parallel_maintenance_workers": 4,
            "effective_io_concurrency": 200,
            "jit": "off",
        },
    ),
    (
        (32, 8, "oltp", "nvme", "linux", 16),
        {
            "max_connections": 300,
            "shared_buffers": 8388608,
            "effective_cache_size": 25165824,
            "maintenance_work_mem": 2097152,
            "work_mem": 27235,
            "wal_buffers": 16384,
            "min_wal_size": 2097152,
            "max_wal_size": 8388608,
            "random_page_cost": 1.1,
            "default_statistics_target": 100,
            "huge_pages": "try",
            "wal_compression": "lz4",
            "checkpoint_completion_target": 0.9,
            "max_worker_processes": 8,
            "max_parallel_workers_per_gather": 4,
            "max_parallel_workers": 8,
            "max_parallel_maintenance_workers": 4,
            "effective_io_concurrency": 1000,
            "jit": "off",
            "autovacuum_work_mem": 2097152,
        },
    ),
    (
        (64, 16, "dw", "ssd", "linux", 15),
        {
            "max_connections": 40,
            "shared_buffers": 16777216,
            "effective_cache_size": 50331648,
            "maintenance_work_mem": 8388608,
            "work_mem": 149796,
            "wal_buffers": 16384,
            "min_wal_size": 4194304,
            "max_wal_size": 16777216,
            "random_page_cost": 1.1,
            "default_statistics_target": 500,
            "huge_pages": "try",
            "wal_compression": "lz4",
            "checkpoint_completion_target": 0.9,
            "max_worker_processes": 16,
            "max_parallel_workers_per_gather": 8,
            "max_parallel_workers": 16,
            "max_parallel_maintenance_workers": 4,
            "effective_io_concurrency": 200,
            "autovacuum_work_mem": 2097152,
            "autovacuum_max_workers": 4,
        },
    ),
    (
        (8, 4, "mixed", "hdd", "linux", 14),
        {
            "max_connections": 100,
            "shared_buffers": 2097152,
            "effective_cache_size": 6291456,
            "maintenance_work_mem": 524288,
            "work_mem": 10082,
            "wal_buffers": 16384,
            "min_wal_size": 1048576,
            "max_wal_size": 4194304,
            "random_page_cost": 4.0,
            "default_statistics_target": 100,
            "huge_pages": "try",
            "wal_compression": "on",
            "checkpoint_completion_target": 0.9,
            "max_worker_processes": 4,
            "max_parallel_workers_per_gather": 2,
            "max_parallel_workers": 4,
            "max_parallel_maintenance_workers": 2,
            "effective_io_concurrency": 2,
            "jit": "off",
        },
    ),
    (
        (4, 2, "desktop", "ssd", "linux", 17),
        {
            "max_connections": 20,
            "shared_buffers": 262144,
            "effective_cache_size": 1048576,
            "maintenance_work_mem": 262144,
            "work_mem": 7801,
            "wal_buffers": 7864,
            "min_wal_size": 102400,
            "max_wal_size": 2097152,
            "random_page_cost": 1.1,
            "default_statistics_target": 100,
            "huge_pages": "off",
            "wal_compression": "lz4",
            "checkpoint_completion_target": 0.9,
            "effective_io_concurrency": 200,
            "wal_level": "minimal",
            "max_wal_senders": 0,
        },
    ),
    (
        (256, 64, "web", "san", "linux", 18),
        {
            "max_connections": 200,
            "shared_buffers": 67108864,
            "effective_cache_size": 201326592,
            "maintenance_work_mem": 8388608,
            "work_mem": 254200,
            "wal_buffers": 16384,
            "min_wal_size": 1048576,
            "max_wal_size": 4194304,
            "random_page_cost": 1.1,
            "default_statistics_target": 100,
            "huge_pages": "try",
            "wal_compression": "lz4",
            "checkpoint_completion_target": 0.9,
            "max_worker_processes": 64,
            "max_parallel_workers_per_gather": 4,
            "max_parallel_workers": 64,
            "max_parallel_maintenance_workers": 4,
            "effective_io_concurrency": 300,
            "jit": "off",
            "autovacuum_work_mem": 2097152,
            "autovacuum_max_workers": 5,
        },
    ),
    (
        (256, 4, "web", "ssd", "windows", 17, 20),
        {
            "max_connections": 20,
            "shared_buffers": 67108864,
            "effective_cache_size": 201326592,
            "maintenance_work_mem": 2096128,
            "work_mem": 2096128,
            "wal_buffers": 16384,
            "min_wal_size": 1048576,
            "max_wal_size": 4194304,
            "random_page_cost": 1.1,
            "default_statistics_target": 100,
            "huge_pages": "try",
            "wal_compression": "lz4",
            "checkpoint_completion_target": 0.9,
            "max_worker_processes": 4,
            "max_parallel_workers_per_gather": 2,
            "max_parallel_workers": 4,
            "max_parallel_maintenance_workers": 2,
            "jit": "off",
        },
    ),
    (
        (128, 31, "dw", "ssd", "mac", 16),
        {
            "max_connections": 40,
            "shared_buffers": 33554432,
            "effective_cache_size": 100663296,
            "maintenance_work_mem": 8388608,
            "work_mem": 236298,
            "wal_buffers": 16384,
            "min_wal_size": 4194304,
            "max_wal_size": 16777216,
            "random_page_cost": 1.1,
            "default_statistics_target": 500,
            "huge_pages": "off",
            "wal_compression": "lz4",
            "checkpoint_completion_target": 0.9,
            "max_worker_processes": 31,
            "max_parallel_workers_per_gather": 16,
            "max_parallel_workers": 31,
            "max_parallel_maintenance_workers": 4,
            "autovacuum_work_mem": 2097152,
            "autovacuum_max_workers": 4,
        },
    ),
    (
        (16, 12, "oltp", "ssd", "linux", 18, 100),
        {
            "max_connections": 100,
            "shared_buffers": 4194304,
            "effective_cache_size": 12582912,
            "maintenance_work_mem": 1048576,
            "work_mem": 37449,
            "wal_buffers": 16384,
            "min_wal_size": 2097152,
            "max_wal_size": 8388608,
            "random_page_cost": 1.1,
            "default_statistics_target": 100,
            "huge_pages": "try",
            "wal_compression": "lz4",
            "checkpoint_completion_target": 0.9,
            "max_worker_processes": 12,
            "max_parallel_workers_per_gather": 4,
            "max_parallel_workers": 12,
            "max_parallel_maintenance_workers": 4,
            "effective_io_concurrency": 200,
            "jit": "off",
        },
    ),
    (
        (64, 32, "mixed", "nvme", "linux", 17),
        {
            "max_connections": 100,
            "shared_buffers": 16777216,
            "effective_cache_size": 50331648,
            "maintenance_work_mem": 4194304,
            "work_mem": 63550,
            "wal_buffers": 16384,
            "min_wal_size": 1048576,
            "max_wal_size": 4194304,
            "random_page_cost": 1.1,
            "default_statistics_target": 100,
            "huge_pages": "try",
            "wal_compression": "lz4",
            "checkpoint_completion_target": 0.9,
            "max_worker_processes": 32,
            "max_parallel_workers_per_gather": 4,
            "max_parallel_workers": 32,
            "max_parallel_maintenance_workers": 4,
            "effective_io_concurrency": 1000,
            "jit": "off",
            "autovacuum_work_mem": 2097152,
            "autovacuum_max_workers": 5,
        },
    ),
)

SIZES = {
    "shared_buffers",
    "effective_cache_size",
    "maintenance_work_mem",
    "autovacuum_work_mem",
    "work_mem",
    "wal_buffers",
    "min_wal_size",
    "max_wal_size",
}


def values(
    ram: float, cores: int, kind: str, disk: str, system: str, version: int, connections: int | None = None, **more: Any
) -> dict[str, Any]:
    context = SystemContext.of(engine="postgresql", deployment="on_premises", version=str(version))
    machine = Machine.model_validate(
        {
            "context": context,
            "ram_gib": ram,
            "vcpu": cores,
            "kind": kind,
            "disk": disk,
            "system": system,
            "connections": connections,
            **more,
        }
    )
    return {p.name: p.value // 1024 if p.name in SIZES else p.value for p in recommend(machine).parameters}


@pytest.mark.parametrize(("machine", "expected"), PGTUNE, ids=[f"{m[0]} GB {m[2]} {m[4]} {m[5]}" for m, _ in PGTUNE])
def test_values_are_those_of_pgtune(machine: tuple[Any, ...], expected: dict[str, Any]) -> None:
    found = values(*machine)
    assert found.pop("io_method", "worker") == "worker"
    assert found == expected | {"wal_compression": "on"}


@pytest.mark.parametrize(
    ("machine", "name", "expected"),
    [
        # pgtune's own tests (configurationSlice.test.js).
        ((256, 4, "web", "ssd", "linux", 17), "maintenance_work_mem", 8388608),
        ((256, 4, "web", "ssd", "windows", 17), "maintenance_work_mem", 2096128),
        ((256, 4, "web", "ssd", "windows", 18), "maintenance_work_mem", 8388608),
        ((16, 4, "web", "ssd", "linux", 15), "maintenance_work_mem", 1048576),
        ((256, 4, "web", "ssd", "linux", 15), "autovacuum_work_mem", 2097152),
        ((256, 4, "web", "ssd", "windows", 17, 20), "work_mem", 2096128),
        ((16, 31, "dw", "ssd", "linux", 14), "max_parallel_workers_per_gather", 16),
        ((16, 31, "dw", "ssd", "linux", 14), "max_parallel_maintenance_workers", 4),
        ((4, 4, "web", "ssd", "linux", 15), "huge_pages", "off"),
        ((128, 4, "web", "ssd", "mac", 15), "huge_pages", "off"),
    ],
)
def test_pgtunes_own_cases(machine: tuple[Any, ...], name: str, expected: Any) -> None:
    assert values(*machine)[name] == expected


def test_the_size_of_the_data_decides_sorts_and_page_cost() -> None:
    plain = values(64, 8, "oltp", "hdd", "linux", 17)
    fits = values(64, 8, "oltp", "hdd", "linux", 17, data_gb=20)
    not_fits = values(64, 8, "oltp", "hdd", "linux", 17, data_gb=500)
    assert fits["work_mem"] == pytest.approx(plain["work_mem"] * 1.3, rel=0.001)
    assert not_fits["work_mem"] == pytest.approx(plain["work_mem"] * 0.9, rel=0.001)
    assert (plain["random_page_cost"], fits["random_page_cost"], not_fits["random_page_cost"]) == (4.0, 1.1, 4.0)
    assert values(64, 8, "dw", "ssd", "linux", 17, data_gb=500)["random_page_cost"] == 4.0


def test_a_small_machine_with_many_connections_gets_less_than_pgtune_says() -> None:
    # pgtune keeps work_mem at 4 MB here, which is 39 GB for 9,999 connections on 4 GB of RAM.
    found = values(4, 4, "web", "ssd", "linux", 15, 9999)
    assert found["work_mem"] == 1024
    assert found["max_connections"] < 1000
