"""Sizing against published worked examples, and the choice of a class over the horizon."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dbbuddy.capacity.catalogue import Shape, shape_named, shapes_for, storage_for
from dbbuddy.capacity.interval import Interval
from dbbuddy.capacity.limits import connections_of
from dbbuddy.capacity.sizing.choice import Choice, choose
from dbbuddy.capacity.sizing.demand import demand_of
from dbbuddy.capacity.sizing.pools import pool_size
from dbbuddy.capacity.sizing.queueing import (
    ceiling,
    cores_for,
    response_factor,
    square_root_staffing,
    utilisation_for,
    waiting_probability,
)
from dbbuddy.capacity.sizing.replicas import replicas_for
from dbbuddy.capacity.sizing.usl import fit_usl
from dbbuddy.capacity.sizing.volumes import size_volume
from dbbuddy.capacity.sizing.workload import Workload
from dbbuddy.context import SystemContext

AURORA = SystemContext.of(service="aurora-postgresql", environment="production")

# Gunther, "Guerrilla Capacity Planning" (Springer 2007), chapter 5: SPEC SDM91 on a 16-way server, users and scripts/hour.
SDM91 = ([1, 18, 36, 72, 108, 144, 216], [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2])


@pytest.mark.parametrize(
    ("agents", "erlangs", "waiting"),
    # Textbook call-centre example: 10 erlangs and 14 agents, 17.4 % wait; one server waits as often as it is busy.
    [(14, 10, 0.174), (1, 0.5, 0.5), (2, 1, 1 / 3), (5, 4, 0.554)],
)
def test_erlang_c(agents: int, erlangs: float, waiting: float) -> None:
    assert waiting_probability(agents, erlangs) == pytest.approx(waiting, abs=0.001)


@pytest.mark.parametrize(
    ("cores", "twice", "one_and_a_half"),
    [(1, 0.50, 0.33), (2, 0.71, 0.58), (4, 0.83, 0.75), (8, 0.91, 0.85), (16, 0.95, 0.92), (32, 0.97, 0.95)],
)
def test_how_busy_a_server_may_be(cores: int, twice: float, one_and_a_half: float) -> None:
    assert utilisation_for(cores) == pytest.approx(twice, abs=0.006)
    assert utilisation_for(cores, 1.5) == pytest.approx(one_and_a_half, abs=0.006)


def test_the_lowest_of_three_rules_decides() -> None:
    assert (ceiling(2).rule, ceiling(32).rule) == ("queueing", "policy")
    assert ceiling(32, 2, shared=True).rule == "failover"
    assert ceiling(32, 2, shared=True).utilisation == 0.5
    assert ceiling(32, 2, shared=False).utilisation == 0.8


@given(st.floats(0, 500), st.sampled_from((1.5, 2.0, 3.0)), st.floats(0.3, 0.9))
def test_cores_are_the_fewest_that_hold(load: float, factor: float, policy: float) -> None:
    cores = cores_for(load, factor=factor, policy=policy)
    assert load <= cores * policy + 1e-9
    assert response_factor(cores, load / cores) <= factor
    if cores > 1:
        fewer = cores - 1
        assert load > fewer * policy or response_factor(fewer, load / fewer) > factor


def test_square_root_staffing() -> None:
    # Halfin and Whitt: 100 busy servers need 110 with one root of reserve.
    assert square_root_staffing(100) == 110


def test_usl_gives_the_textbooks_answer() -> None:
    fit = fit_usl(*SDM91)
    assert fit.rate == pytest.approx(89.995, abs=0.01)
    assert fit.contention == pytest.approx(0.02773, abs=0.00001)
    assert fit.coherency == pytest.approx(1.0437e-4, abs=1e-8)
    assert fit.peak == pytest.approx(96.5, abs=0.05)
    assert 0 < fit.contention_error < fit.contention
    assert fit.throughput(96.5) == pytest.approx(1884, rel=0.01)


def test_usl_of_perfect_scaling_has_no_peak() -> None:
    fit = fit_usl([1, 2, 4, 8, 16, 32], [100, 200, 400, 800, 1600, 3200])
    assert fit.peak is None
    assert fit.contention == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("loads", "rates"), [([1, 2, 3], [1, 2, 3]), ([1] * 8, [2] * 8), ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, -6]), ([], [])]
)
def test_usl_asks_for_enough_points(loads: list[float], rates: list[float]) -> None:
    with pytest.raises(ValueError, match="at least 6 different loads|above zero"):
        fit_usl(loads, rates)


def test_pools_follow_the_cores() -> None:
    # HikariCP's wiki: 4 cores and one disk make 9 connections.
    advice = pool_size(4, app_instances=3, connections=200, max_connections=100)
    assert (advice.active, advice.per_instance, advice.needs_pooler) == (9, 3, True)
    assert any("does not fit" in line for line in advice.working)
    assert not pool_size(16, connections=40, max_connections=500).needs_pooler


def test_reads_leave_a_primary_that_is_too_small() -> None:
    small = replicas_for(Interval.of(10), 0.2, 50, production=True, wanted_nodes=2)
    large = replicas_for(Interval.of(100), 0.2, 60, production=True, wanted_nodes=2)
    assert (small.standbys, small.read_replicas) == (1, 0)
    assert large.read_replicas == 1
    assert large.primary_load == pytest.approx(52)
    assert any("shard" in line for line in replicas_for(Interval.of(900), 0.9, 60, production=True, wanted_nodes=2).working)


def chosen(workload: Workload, context: SystemContext = AURORA) -> Choice:
    assert context.engine

    def cap(shape: Shape) -> int | None:
        known = connections_of(context, shape)
        return known[0] if known else shape.max_connections

    return choose(shapes_for(context), demand_of(workload, context.engine), workload, connection_cap=cap)


def test_a_certain_workload_gets_the_class_that_arithmetic_gives() -> None:
    # 2,000 queries/s x 5 ms = 10 busy cores; at most 80 % busy: 12.5, so 16 vCPUs. 60 GB / 75 % = 80 GiB: a 128 GiB class.
    steady = Workload(
        queries_per_second=2000,
        cpu_ms_per_query=5,
        storage_gb=500,
        working_set_gb=60,
        growth_per_year=1,
        horizon_months=12,
        connections=50,
    )
    choice = chosen(steady)
    assert choice.chosen
    assert (choice.chosen.shape.vcpu, choice.chosen.shape.ram_gib) == (16, 128)
    assert choice.chosen.holds_months == 13
    assert len(choice.stages) == 1
    excuses = {verdict.shape.name: verdict.excuse for verdict in choice.rejected}
    assert "10.0 busy cores needed" in excuses["db.r7g.2xlarge"]
    assert "costs 2.0 times" in excuses["db.r7g.8xlarge"]
    assert "burstable" in excuses["db.t4g.large"]
    assert all(excuses.values())


def test_growth_makes_stages_and_more_doubt_buys_more() -> None:
    base = {"queries_per_second": 2000, "cpu_ms_per_query": 2, "storage_gb": 200, "working_set_gb": 20, "horizon_months": 24}
    sure = chosen(Workload.model_validate(base | {"growth_per_year": 2}))
    vague = chosen(Workload.model_validate(base | {"growth_per_year": [1.2, 2, 6]}))
    assert [stage.month for stage in sure.stages] == sorted(stage.month for stage in sure.stages)
    assert len(sure.stages) > 1
    assert sure.chosen
    assert vague.chosen
    assert vague.chosen.shape.vcpu >= sure.chosen.shape.vcpu
    months = [p for stage in sure.stages if stage.shape for p in (stage.shape.vcpu,)]
    assert months == sorted(months)


def test_what_no_class_holds_is_said() -> None:
    choice = chosen(Workload(queries_per_second=1_000_000, cpu_ms_per_query=10, storage_gb=10))
    assert choice.chosen is None
    assert choice.stages[0].shape is None


def test_the_same_seed_gives_the_same_futures() -> None:
    workload = Workload(queries_per_second=(10, 20, 90), cpu_ms_per_query=1, storage_gb=10)
    one, same, other = (demand_of(workload, "mysql", seed=seed).samples["busy_cores"] for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_intervals_keep_their_quantiles() -> None:
    draws = np.random.default_rng(3).standard_normal(20_000)
    back = Interval.of_samples(Interval(10, 30, 200).sample(draws))
    assert (back.low, back.mid, back.high) == pytest.approx((10, 30, 200), rel=0.05)
    assert Interval(0, 5, 9).sample(draws).min() >= 0
    assert Interval(0, 0, 9).sample(draws).min() >= 0


@pytest.mark.parametrize("value", [(3, 2, 1), (-1, 0, 1), (0, 1), float("nan"), (0, 1, float("inf"))])
def test_an_interval_must_make_sense(value: object) -> None:
    with pytest.raises(ValueError, match="give"):
        Interval.of(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        {"storage_gb": -1},
        {"storage_gb": 1, "queries_per_second": 5},
        {"storage_gb": 1, "cpu_percent_now": 50},
        {"storage_gb": 1, "growth_per_year": 40},
        {"storage_gb": 1, "horizon_months": 0},
        {"storage_gb": float("nan")},
        {"storage_gb": 1, "connection": 5},
    ],
)
def test_a_workload_must_make_sense(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Workload.model_validate(fields)


@pytest.mark.parametrize(
    ("service", "size", "iops", "kind", "provisioned", "extra"),
    [
        # RDS: 3,000 IOPS below 400 GiB, 12,000 from there on (AWS, RDS storage).
        ("rds-postgresql", 100, 2000, "gp3", 125, 0),
        ("rds-postgresql", 100, 6000, "gp3", 400, 0),
        ("rds-postgresql", 800, 20_000, "gp3", 1000, 12_000),
        ("rds-postgresql", 800, 150_000, "io2", 1000, 179_000),
        # Azure: 2,300 IOPS at 512 GiB, 5,000 at 1 TiB (Azure, Premium SSD).
        ("azure-postgresql", 200, 3000, "azure-premium-ssd", 513, 0),
        # Cloud SQL: 30 IOPS for each GB.
        ("cloudsql-postgresql", 100, 9000, "cloudsql-ssd", 360, 0),
    ],
)
def test_storage_has_the_iops_that_are_needed(
    service: str, size: float, iops: float, kind: str, provisioned: int, extra: int
) -> None:
    best = size_volume(storage_for(SystemContext.of(service=service)), Interval.of(size), Interval.of(iops), None)[0]
    assert (best.kind.id, best.size_gb, best.extra_iops, best.excuse) == (kind, provisioned, extra, "")


def test_storage_that_nobody_sells_is_excused() -> None:
    advised = size_volume(storage_for(SystemContext.of(service="rds-mysql")), Interval.of(200_000), None, None)
    assert all("65,536 GB at most" in volume.excuse for volume in advised)


def test_a_shape_is_found_by_its_name() -> None:
    found = shape_named(" DB.R6G.xLarge ")
    assert found
    assert (found.vcpu, found.ram_gib) == (4, 32)
