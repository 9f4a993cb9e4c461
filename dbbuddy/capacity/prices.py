"""The price book: dated prices with their source, from `data/capacity/prices.csv` or as a user uploads it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from dbbuddy.capacity.interval import Interval
from dbbuddy.data_files import DATA

Unit = Literal["hour", "month", "year", "gb_month", "iops_month", "vcpu_hour"]
PriceConfidence = Literal["list", "derived", "user"]
HOURS_A_MONTH = 730.0

# How far a price may be off: the base of its kind, and this much more for each year of its age, both ways.
BASE_ERROR: dict[PriceConfidence, float] = {"list": 0.03, "derived": 0.10, "user": 0.0}
ERROR_A_YEAR = 0.03
_MOST_ROWS = 20_000
_MOST_BYTES = 5_000_000
_MOST_ERRORS = 10
COLUMNS = ("provider", "region", "sku", "engine", "term", "unit", "price", "currency", "as_of", "source", "licence", "confidence")


class PriceBookError(ValueError):
    """A price book that can not be read; the message names the lines and what to write."""


class Price(BaseModel):
    """One price. `engine` is a service id, or `any`; `term` names how it is paid (`on_demand`, `3yr_all_upfront`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    provider: str = Field(min_length=1, max_length=40)
    region: str = Field(max_length=60)
    sku: str = Field(min_length=1, max_length=80)
    engine: str = Field("any", max_length=60)
    term: str = Field("on_demand", max_length=40)
    unit: Unit
    price: float = Field(gt=0, lt=1e9)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    as_of: date
    source: str = Field(min_length=1, max_length=300)
    licence: str = Field("", max_length=80)
    confidence: PriceConfidence = "user"

    @field_validator("price")
    @classmethod
    def _finite(cls, value: float) -> float:
        if value != value:
            raise ValueError("must be a number")
        return value

    def monthly(self, today: date, vcpus: float = 1) -> Interval:
        """The band of a month's price for one unit, in the price's currency."""
        factor = {"hour": HOURS_A_MONTH, "year": 1 / 12, "vcpu_hour": HOURS_A_MONTH * vcpus}.get(self.unit, 1.0)
        error = self.error(today)
        middle = self.price * factor
        return Interval(middle * max(1 - error, 0), middle, middle * (1 + error))

    def error(self, today: date) -> float:
        """How far off it may be, as a share: its kind's base and 3 % for each year since `as_of`."""
        years = max((today - self.as_of).days, 0) / 365.25
        return BASE_ERROR[self.confidence] + ERROR_A_YEAR * years

    def badge(self, today: date) -> str:
        """What stands beside every amount: `prices as of 2026-06-06, ±4 %, list, 3yr_all_upfront, us-east-1`."""
        where = f", {self.region}" if self.region else ""
        return f"price as of {self.as_of.isoformat()}, ±{self.error(today):.0%}, {self.confidence}, {self.term}{where}"


@dataclass(frozen=True)
class PriceBook:
    """All prices; later ones win, so a user's rows can be added behind the built-in ones."""

    prices: tuple[Price, ...]

    def with_own(self, own: Iterable[Price]) -> PriceBook:
        """The book with a user's prices before all others."""
        return PriceBook((*self.prices, *own))

    def find(
        self, sku: str, services: Sequence[str], *, provider: str | None = None, region: str | None = None, term: str | None = None
    ) -> Price | None:
        """The last price for this SKU and one of these services; one for `any` service does too. SKUs are compared without case."""
        for price in reversed(self.prices):
            if price.sku.lower() != sku.lower() or price.engine not in (*services, "any"):
                continue
            wanted = ((provider, price.provider), (region, price.region), (term, price.term))
            if all(asked is None or asked == given for asked, given in wanted):
                return price
        return None

    def regions(self) -> tuple[str, ...]:
        """Regions that have a price."""
        return tuple(sorted({price.region for price in self.prices if price.region}))


def read_prices(text: str) -> tuple[Price, ...]:
    """The prices of a CSV text with the columns of `prices.csv`; lines that begin with `#` are comments.

    Raises:
        PriceBookError: it is no such table; the message says which lines and what is wrong with them.
    """
    if len(text.encode("utf-8", "replace")) > _MOST_BYTES:
        raise PriceBookError("the file is larger than 5 MB; keep only the prices that you need")
    lines = [(number, line) for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1) if line.strip() and line[0] != "#"]
    if not lines:
        raise PriceBookError(f"the file is empty; its first line must be: {','.join(COLUMNS)}")
    if len(lines) > _MOST_ROWS:
        raise PriceBookError(f"the file has more than {_MOST_ROWS:,} rows; keep only the prices that you need")
    header = [name.strip().lower() for name in next(csv.reader([lines[0][1]]))]
    needed = {"provider", "sku", "unit", "price", "currency", "as_of", "source"}
    if missing := sorted(needed - set(header)):
        raise PriceBookError(f"the first line has no column {', '.join(missing)}; it must be: {','.join(COLUMNS)}")
    if unknown := sorted(set(header) - set(COLUMNS)):
        raise PriceBookError(f"unknown column {', '.join(unknown)}; allowed are: {', '.join(COLUMNS)}")
    return _read_rows(header, lines[1:])


def _read_rows(header: list[str], lines: list[tuple[int, str]]) -> tuple[Price, ...]:
    prices, errors = [], []
    for number, line in lines:
        row = dict(zip(header, next(csv.reader([line])), strict=False))
        given = {"region": "", **{name: value for name, value in row.items() if value.strip()}}
        try:
            prices.append(Price.model_validate(given))
        except ValidationError as error:
            first = error.errors()[0]
            field = first["loc"][0] if first["loc"] else "row"
            errors.append(f"line {number}, {field}: {first['msg']}")
            if len(errors) == _MOST_ERRORS:
                break
    if errors:
        raise PriceBookError("; ".join(errors))
    return tuple(prices)


def write_prices(prices: Iterable[Price]) -> str:
    """The prices as CSV that `read_prices` reads."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(price.model_dump(mode="json") for price in prices)
    return out.getvalue()


@cache
def built_in_prices() -> PriceBook:
    """The prices that ship with the app."""
    return PriceBook(read_prices((DATA / "capacity" / "prices.csv").read_text(encoding="utf-8")))
