"""What a plan costs: quantity band x price band, line by line and month by month; and where it could cost less.

No amount stands without its date, term and band. Where no price is known the line says which rate to enter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dbbuddy.capacity.catalogue import catalogue_key, service_of
from dbbuddy.capacity.interval import Interval
from dbbuddy.capacity.prices import Price, PriceBook, Unit
from dbbuddy.capacity.sizing.choice import Choice
from dbbuddy.context import SystemContext
from dbbuddy.data_files import load_yaml

DAYS_A_MONTH = 30.44
EXTENDED_SUPPORT = "extended-support"
# A class that is more likely than this to be too small today is no alternative.
_MOST_SHORT_TODAY = 0.5
UNIT_NAMES: dict[Unit, str] = {
    "hour": "hour",
    "month": "month",
    "year": "year",
    "gb_month": "GB and month",
    "iops_month": "IOPS and month",
    "vcpu_hour": "vCPU and hour",
}


@dataclass(frozen=True)
class Item:
    """Something to pay for in a month: how much of which SKU. `vcpus` counts for prices per vCPU hour."""

    name: str
    sku: str
    quantity: Interval
    unit: Unit
    vcpus: float = 1


@dataclass(frozen=True)
class CostLine:
    """An item with its price and the band of a month; without a price `monthly` is `None` and `note` says what to enter."""

    item: Item
    price: Price | None
    monthly: Interval | None
    note: str


@dataclass(frozen=True)
class MonthCost:
    """A month's lines and the band of those that have a price; `None` if none has."""

    month: int
    day: date
    lines: tuple[CostLine, ...]
    total: Interval | None
    currency: str

    @property
    def missing(self) -> tuple[CostLine, ...]:
        """Lines without a price: the total lacks them."""
        return tuple(line for line in self.lines if line.monthly is None)


@dataclass(frozen=True)
class Alternative:
    """Something cheaper: the share of the bill it saves, and what it risks."""

    name: str
    saves: float
    risk: str


@dataclass(frozen=True)
class Saving:
    """Storage that need not be paid for: GB-months over the horizon, the money if there is a price, how, and the risk."""

    name: str
    gb_months: Interval
    money: Interval | None
    currency: str
    how: str
    risk: str


class SupportEnd(BaseModel):
    """When the standard support of a version ends on a service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    services: tuple[str, ...]
    version: str
    ends: date
    source: str
    verified_on: date
    confidence: Literal["confirmed", "recalled"]


def month_day(start: date, month: int) -> date:
    """The day that lies `month` months after `start`."""
    return start + timedelta(days=round(month * DAYS_A_MONTH))


def cost_of(items: Sequence[Item], book: PriceBook, context: SystemContext, month: int, start: date) -> MonthCost:
    """The cost of a month. Prices age from their date to `start`, today; a later month does not make them older.

    Lines in another currency than the first are left out of the total and say so.
    """
    lines = [_line(item, book, context, start) for item in items]
    currency = next((line.price.currency for line in lines if line.price), "")
    summed = [line.monthly for line in lines if line.monthly and line.price and line.price.currency == currency]
    total = Interval(*(sum(getattr(band, part) for band in summed) for part in ("low", "mid", "high"))) if summed else None
    return MonthCost(month, month_day(start, month), tuple(lines), total, currency)


def price_of(sku: str, book: PriceBook, context: SystemContext) -> Price | None:
    """The price of a SKU where this system runs; own servers in a cloud have the prices of its virtual machines."""
    service = service_of(context) or ""
    services = ("vm", "vm-disk") if (catalogue_key(context) or "").startswith("vm-") else ()
    return book.find(sku, (service, *services), provider=context.cloud)


def _line(item: Item, book: PriceBook, context: SystemContext, today: date) -> CostLine:
    price = price_of(item.sku, book, context)
    if price is None:
        return CostLine(item, None, None, f"enter your rate per {UNIT_NAMES[item.unit]} for {item.sku}")
    band = price.monthly(today, item.vcpus)
    monthly = Interval(item.quantity.low * band.low, item.quantity.mid * band.mid, item.quantity.high * band.high)
    return CostLine(item, price, monthly, f"{price.badge(today)}, {price.source}")


def cheaper(choice: Choice, nodes: int) -> tuple[Alternative, ...]:
    """Smaller shapes, largest first, and fewer nodes, with the risk of each; nothing if nothing was chosen."""
    if choice.chosen is None:
        return ()
    found = []
    smaller = sorted((v for v in choice.rejected if v.relative_cost < 0.999), key=lambda v: (-v.relative_cost, v.regret))
    seen: set[float] = set()
    for verdict in smaller:
        odds = verdict.short_probability
        if round(verdict.relative_cost, 2) in seen or not odds or odds[0] > _MOST_SHORT_TODAY:
            continue
        seen.add(round(verdict.relative_cost, 2))
        risk = f"{verdict.excuse}; too small with a probability of {odds[0]:.0%} today, {odds[-1]:.0%} at the end"
        found.append(Alternative(verdict.shape.name, 1 - verdict.relative_cost, risk))
    if nodes > 1:
        found.append(
            Alternative(f"{nodes - 1} instead of {nodes} nodes", 1 / nodes, "an outage or a rebuild lasts longer: no N + 1")
        )
    return tuple(found[:4])


def storage_savings(
    storage: Sequence[Interval], provisioned_gb: float, price: Price | None, today: date, archivable_share: float = 0.0
) -> tuple[Saving, ...]:
    """What growing in steps and archiving save over the horizon. `storage` has the size of each month in GB.

    `provisioned_gb` is 0 where nothing is provisioned.
    """
    currency = price.currency if price else ""
    found = []
    if provisioned_gb > 0 and storage:
        parts = ("high", "mid", "low")
        unused = Interval(*(sum(max(provisioned_gb - getattr(size, part), 0.0) for size in storage) for part in parts))
        how = "provision what is used and let it grow, instead of the whole horizon at once"
        risk = "a volume never shrinks, and the next growth step may have to wait six hours: set a maximum and an alarm"
        found.append(Saving("Storage autoscaling", unused, _worth(unused, price, today), currency, how, risk))
    if archivable_share > 0 and storage:
        gone = Interval(*(sum(getattr(size, part) for size in storage) * archivable_share for part in ("low", "mid", "high")))
        found.append(
            Saving(
                "Retention and archive",
                gone,
                _worth(gone, price, today),
                currency,
                f"move the oldest {archivable_share:.0%} to partitions that are detached and kept in object storage",
                "reports that need old rows must read the archive; a managed volume must be rebuilt to become smaller",
            )
        )
    return tuple(found)


def _worth(gb_months: Interval, price: Price | None, today: date) -> Interval | None:
    if price is None or price.unit != "gb_month":
        return None
    band = price.monthly(today)
    return Interval(gb_months.low * band.low, gb_months.mid * band.mid, gb_months.high * band.high)


@cache
def support_ends() -> tuple[SupportEnd, ...]:
    """The calendar of standard support."""
    return tuple(SupportEnd.model_validate(row) for row in load_yaml("capacity/extended_support.yaml"))


def support_end(context: SystemContext) -> SupportEnd | None:
    """When the standard support of this system's version ends; `None` if that is not known."""
    service, version = service_of(context), context.version or ""
    for end in support_ends():
        if service in end.services and (version == end.version or version.startswith(end.version + ".")):
            return end
    return None
