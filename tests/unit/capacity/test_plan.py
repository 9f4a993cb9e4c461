"""The whole plan: what a page shows for each service, from full figures, from two numbers, and from nonsense."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from dbbuddy.capacity.limit import Limit
from dbbuddy.capacity.plan import Options, capacity_plan
from dbbuddy.capacity.recovery import Recovery
from dbbuddy.capacity.roadmap import WallDate
from dbbuddy.capacity.sizing.workload import Workload
from dbbuddy.context import SystemContext, services

TODAY = date(2026, 11, 23)
FULL = Workload(
    kind="oltp",
    queries_per_second=(3000, 4000, 5500),
    cpu_ms_per_query=1.2,
    storage_gb=800,
    working_set_gb=(60, 90, 130),
    connections=400,
    iops=6000,
    growth_per_year=(1.2, 1.4, 1.8),
    latency_ms=5,
)


def numbers(value: Any) -> list[float]:
    """Every float anywhere in a result."""
    if isinstance(value, float):
        return [value]
    if is_dataclass(value) and not isinstance(value, type):
        return [number for field in fields(value) for number in numbers(getattr(value, field.name))]
    if isinstance(value, (tuple, list)):
        return [number for part in value for number in numbers(part)]
    return []


def test_a_growing_aurora_gets_everything_a_page_needs() -> None:
    context = SystemContext.of(service="aurora-postgresql", version="13.4", environment="production")
    full = Limit("storage", "Agreed size", 1000, "GB")
    options = Options(
        walls=(WallDate(full, TODAY + timedelta(days=90), TODAY + timedelta(days=150), now=800),),
        app_instances=10,
        recovery=Recovery(restore_mb_s=100, rto_hours=4),
        archivable_share=0.3,
        configuration="work_mem = 4MB\nmax_connections = 400",
    )
    plan = capacity_plan(context, FULL, TODAY, options)
    assert plan.choice.chosen
    assert plan.target == plan.choice.chosen.shape
    # 90 / 0.75 = 120 GiB in the middle today, up to about 320 at the end: 256 GiB now, the next class later.
    assert plan.target.ram_gib == 256
    assert plan.configuration.text.startswith("aws rds modify-db-cluster-parameter-group")
    assert {row.name for row in plan.configuration.differences if row.current} == {"work_mem", "max_connections"}
    assert len(plan.costs) == FULL.horizon_months + 1
    assert plan.costs[0].total
    assert plan.costs[-1].total
    assert plan.costs[-1].total.mid > plan.costs[0].total.mid
    assert plan.costs[0].currency == "USD"
    assert any("Extended support" in line.item.name for line in plan.costs[0].lines)
    assert any("RTO" in limit.name for limit in plan.limits)
    assert any("Standard support" in warning for warning in plan.warnings)
    assert [step.title for step in plan.roadmap.steps if step.title.startswith("Move to db.")]
    assert {"CPU", "Memory", "Storage", "Choice", "Replicas", "Pools"} == {reason.topic for reason in plan.reasons}
    assert all(reason.line and reason.source for reason in plan.reasons)
    assert {code.system for code in plan.alert_code} >= {"CloudWatch, Terraform", "Prometheus rules"}
    assert plan.pool.per_instance == plan.pool.active // 10


@pytest.mark.parametrize("service", sorted(services()))
def test_two_numbers_are_enough_for_every_service(service: str) -> None:
    plan = capacity_plan(SystemContext.of(service=service), Workload(storage_gb=200, storage_growth_gb_per_month=10), TODAY)
    assert plan.configuration.text
    assert plan.configuration.memory.fits
    assert any("not sized" in reason.line for reason in plan.reasons)
    assert plan.demand[1].months[-1].mid == pytest.approx(200 + 18 * 10)
    assert all(math.isfinite(number) for number in numbers(plan))


@pytest.mark.parametrize(
    "workload",
    [
        Workload(storage_gb=0),
        Workload(storage_gb=1e9, connections=1_000_000),
        Workload(storage_gb=1, queries_per_second=0, cpu_ms_per_query=0),
        Workload(storage_gb=5, cpu_percent_now=100, cores_now=2048, growth_per_year=(0.1, 1, 20), horizon_months=120),
        Workload(storage_gb=5, queries_per_second=(0, 0, 1e6), cpu_ms_per_query=(0, 1, 1e4)),
        Workload(storage_gb=1e18 / 1e10, iops=1e12, throughput_mb_s=1e12, log_rate_mb_s=1e12),
    ],
)
@pytest.mark.parametrize("service", ["aurora-postgresql", "azure-sql-database", "self-oracle"])
def test_extreme_figures_end_in_a_plan_without_nan(workload: Workload, service: str) -> None:
    plan = capacity_plan(SystemContext.of(service=service), workload, TODAY)
    assert all(math.isfinite(number) for number in numbers(plan))
    assert plan.configuration.memory.fits
    if plan.choice.chosen is None:
        assert plan.warnings[0].startswith("No class of this service holds")


def test_own_machines_in_a_cloud_get_its_virtual_machines_and_prices() -> None:
    context = SystemContext.of(engine="postgresql", cloud="aws", deployment="cloud", hosting="vm")
    plan = capacity_plan(context, Workload(storage_gb=100, queries_per_second=500, cpu_ms_per_query=2), TODAY)
    assert plan.target.services == ("vm-aws",)
    assert plan.costs[0].total
    assert "on_demand" in plan.costs[0].lines[0].note
    assert "shared_buffers = " in plan.configuration.text


def test_the_same_input_gives_the_same_plan() -> None:
    context = SystemContext.of(service="rds-mysql")
    assert capacity_plan(context, FULL, TODAY) == capacity_plan(context, FULL, TODAY)


def test_production_gets_no_burstable_class_but_development_may() -> None:
    small = Workload(storage_gb=5, queries_per_second=10, cpu_ms_per_query=1, connections=10, growth_per_year=1)
    for environment, burstable in (("production", False), ("development", True)):
        context = SystemContext.of(service="rds-postgresql", environment=environment)
        assert capacity_plan(context, small, TODAY).target.burstable is burstable


def test_an_engine_is_needed() -> None:
    with pytest.raises(ValueError, match="choose the database engine"):
        capacity_plan(SystemContext(), FULL, TODAY)


def test_an_unknown_class_of_today_is_said() -> None:
    plan = capacity_plan(SystemContext.of(service="rds-mysql"), FULL, TODAY, Options(current_shape="db.z9.huge"))
    assert any("not in the catalogue" in warning for warning in plan.warnings)
