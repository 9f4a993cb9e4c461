"""Limits of engines, services, classes and volumes, and that every row of the catalogue has its source."""

from __future__ import annotations

from datetime import date

import pytest

from dbbuddy.capacity.catalogue import caps, connection_rules, shape_named, shapes, shapes_for, storage_for, storage_types
from dbbuddy.capacity.limits import Volume, connections_of, limits_for, with_thresholds
from dbbuddy.capacity.recovery import Recovery, recovery_limits, restore_hours
from dbbuddy.capacity.units import is_known
from dbbuddy.context import SystemContext, services


def named(limits: object) -> dict[tuple[str, str], float]:
    return {(limit.metric, limit.name): limit.value for limit in limits}  # type: ignore[attr-defined]


def lowest(context: SystemContext, metric: str, **more: object) -> float:
    return min(limit.value for limit in limits_for(context, **more) if limit.metric == metric)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("service", "name", "expected"),
    [
        # AWS: LEAST(DBInstanceClassMemory / 9531392, 5000); Byte Ebi's table for t4g.medium and larger.
        ("rds-postgresql", "db.t4g.medium", 450),
        ("rds-postgresql", "db.t4g.xlarge", 1802),
        ("aurora-postgresql", "db.r6g.16xlarge", 5000),
        ("rds-mysql", "db.r6g.large", 1365),
        # AWS, Aurora MySQL, table of classes.
        ("aurora-mysql", "db.t4g.medium", 90),
        ("aurora-mysql", "db.r6g.large", 1000),
        ("aurora-mysql", "db.r6g.12xlarge", 6000),
        # Azure, flexible server limits.
        ("azure-postgresql", "D4ds_v5", 1718),
        ("azure-postgresql", "E8ds_v5", 5000),
        ("cloudsql-postgresql", "db-custom-8-30720", 600),
    ],
)
def test_connections_of_a_class(service: str, name: str, expected: int) -> None:
    shape = shape_named(name)
    assert shape
    assert lowest(SystemContext.of(service=service), "connections", instance=shape) == expected


def test_a_volume_sets_size_iops_and_throughput() -> None:
    context = SystemContext.of(service="rds-postgresql")
    gp3 = storage_for(context)[0]
    small, large = Volume(gp3, 300), Volume(gp3, 500, iops=20_000)
    assert (lowest(context, "iops", storage=small), lowest(context, "throughput", storage=small)) == (3000, 125)
    assert (lowest(context, "iops", storage=large), lowest(context, "throughput", storage=large)) == (20_000, 500)
    assert (lowest(context, "storage", storage=small), lowest(context, "storage")) == (300, 65_536)


@pytest.mark.parametrize(
    ("version", "edition", "expected"), [("2019", "express", 10), ("2025", "Express", 50), ("2019", "standard", 536_854_528)]
)
def test_editions_of_sql_server(version: str, edition: str, expected: float) -> None:
    context = SystemContext.of(engine="sqlserver", deployment="on_premises", version=version)
    assert lowest(context, "storage", edition=edition) == expected


def test_tables_columns_and_files_are_limits_of_their_own() -> None:
    postgresql = SystemContext.of(engine="postgresql", deployment="on_premises")
    assert not [limit for limit in limits_for(postgresql) if limit.value == 32_768]
    assert [limit.value for limit in limits_for(postgresql, scopes=("table",))] == [32_768]
    assert [limit.value for limit in limits_for(postgresql, scopes=("column",))] == [2_147_483_647]
    oracle = SystemContext.of(engine="oracle", deployment="on_premises")
    assert [limit.value for limit in limits_for(oracle, scopes=("file",))] == [32]


def test_wraparound_has_three_levels() -> None:
    found = [limit for limit in limits_for(SystemContext.of(engine="postgresql")) if limit.metric == "transaction_id_age"]
    assert [(limit.level, limit.value) for limit in found] == [
        ("warning", 200_000_000),
        ("critical", 2_107_483_647),
        ("full", 2_144_483_647),
    ]


def test_thresholds_stand_before_full_limits_only() -> None:
    found = with_thresholds(limits_for(SystemContext.of(service="rds-mysql"), shape_named("db.r6g.large")))
    cpu = sorted((limit.value, limit.level) for limit in found if limit.metric == "cpu")
    assert cpu == [(80, "warning"), (90, "critical"), (100, "full")]


def test_backup_window_and_rto_limit_the_size() -> None:
    # 100 MB/s for 4 h are 1,406 GiB; a restore at 50 MB/s has 3.5 h of an RTO of 4 h.
    agreed = Recovery(backup_mb_s=100, backup_window_hours=4, restore_mb_s=50, rto_hours=4)
    assert [round(limit.value) for limit in recovery_limits(agreed)] == [1406, 615]
    assert restore_hours(615.2, agreed) == pytest.approx(4, abs=0.01)
    assert recovery_limits(Recovery()) == ()
    assert recovery_limits(Recovery(restore_mb_s=50, rto_hours=0.25))[0].value == 0
    with pytest.raises(ValueError, match="above zero"):
        Recovery(backup_mb_s=0)


@pytest.mark.parametrize("service", sorted(services()))
def test_every_service_has_shapes_storage_and_limits(service: str) -> None:
    context = SystemContext.of(service=service).completed()
    found = shapes_for(context)
    assert found
    assert [shape.vcpu for shape in found] == sorted(shape.vcpu for shape in found)
    assert storage_for(context)
    for limit in limits_for(context, found[0]):
        assert limit.value > 0
        assert limit.source
        assert is_known(limit.unit) or limit.unit == ""
    known = connections_of(context, found[0])
    assert known is None or known[0] > 0


def test_every_fact_has_a_source_a_date_and_says_how_sure_it_is() -> None:
    facts = [*shapes(), *storage_types(), *caps(), *connection_rules()]
    assert len(facts) > 250
    for fact in facts:
        assert len(fact.source) > 10
        assert date(2026, 1, 1) <= fact.verified_on <= date(2027, 12, 31)
    assert sum(fact.confidence == "confirmed" for fact in facts) > 80


def test_names_of_shapes_are_unique() -> None:
    names = [(shape.services, shape.name) for shape in shapes()]
    assert len(names) == len(set(names))
    assert {service for shape in shapes() for service in shape.services} <= {*services(), "vm-aws", "vm-azure", "vm-gcp"}
