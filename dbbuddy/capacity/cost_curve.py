"""The cost of a plan over the months: which class runs when, and what else has to be paid for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from statistics import median

from dbbuddy.capacity.catalogue import Shape
from dbbuddy.capacity.cost import EXTENDED_SUPPORT, Item, MonthCost, cost_of, month_day, price_of, support_end
from dbbuddy.capacity.interval import Interval
from dbbuddy.capacity.prices import PriceBook
from dbbuddy.capacity.sizing.choice import Choice, Cost, relative_cost
from dbbuddy.capacity.sizing.demand import Demand
from dbbuddy.capacity.sizing.replicas import ReplicaAdvice
from dbbuddy.capacity.sizing.volumes import VolumeAdvice
from dbbuddy.capacity.sizing.workload import Workload
from dbbuddy.context import SystemContext


def costs_for_choice(shapes: Sequence[Shape], context: SystemContext, book: PriceBook) -> Cost:
    """What each shape costs when they are compared.

    The price where there is one; for the others their vCPUs and RAM at the median rate of those that have a price; without
    any price vCPUs and RAM alone. Prices of another currency or term than the first one are not compared.
    """
    found = {shape.name: price for shape in shapes if (price := price_of(shape.name, book, context))}
    first = next(iter(found.values()), None)
    if first is None:
        return relative_cost
    same = {name: price for name, price in found.items() if (price.currency, price.term) == (first.currency, first.term)}
    known = {shape.name: same[shape.name].monthly(same[shape.name].as_of).mid for shape in shapes if shape.name in same}
    rate = median(known[shape.name] / relative_cost(shape) for shape in shapes if shape.name in known)
    return lambda shape: known.get(shape.name, relative_cost(shape) * rate)


def cost_curve(
    context: SystemContext,
    workload: Workload,
    demand: Demand,
    choice: Choice,
    target: Shape,
    replicas: ReplicaAdvice,
    volumes: Sequence[VolumeAdvice],
    book: PriceBook,
    today: date,
    backup_copies: float,
) -> tuple[MonthCost, ...]:
    """One cost a month, today first."""
    nodes = max(workload.nodes, 1 + replicas.standbys) + replicas.read_replicas
    end = support_end(context)
    curve = []
    for month in range(demand.months + 1):
        shape = _shape_at(choice, target, month)
        items = [Item(f"{nodes} x {shape.name}", shape.name, Interval.of(nodes), "hour")]
        items += _storage_items(demand, volumes, month, backup_copies)
        if end and month_day(today, month) >= end.ends:
            name = f"Extended support of version {context.version} (from {end.ends.isoformat()})"
            items.append(Item(name, EXTENDED_SUPPORT, Interval.of(nodes), "vcpu_hour", shape.vcpu))
        curve.append(cost_of(items, book, context, month, today))
    return tuple(curve)


def _shape_at(choice: Choice, target: Shape, month: int) -> Shape:
    """The chosen class as long as it holds, then that of the stage."""
    if choice.chosen is None or month < choice.chosen.holds_months:
        return target
    stage = next((stage for stage in reversed(choice.stages) if stage.month <= month), None)
    return stage.shape if stage and stage.shape else target


def _storage_items(demand: Demand, volumes: Sequence[VolumeAdvice], month: int, backup_copies: float) -> list[Item]:
    used = demand.at("storage_gb", month) or Interval.of(0)
    if not volumes:
        return []
    advised, items = volumes[0], []
    kind = advised.kind
    if not kind.tied_to_class or used.high:
        size = used if kind.elastic or kind.tied_to_class else Interval.of(advised.size_gb)
        items.append(Item(f"{kind.name}, {size.text('GB')}", kind.price_sku or kind.id, size, "gb_month"))
    if advised.extra_iops:
        items.append(Item(f"{advised.extra_iops:,} IOPS on top", f"{kind.id} iops", Interval.of(advised.extra_iops), "iops_month"))
    if backup_copies:
        items.append(Item("Backups", "backup", used.times(backup_copies), "gb_month"))
    return items
