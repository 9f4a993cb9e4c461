"""Prices and costs: dated, banded, never a bare figure; a user's own price book."""

from __future__ import annotations

from datetime import date

import pytest

from dbbuddy.capacity.cost import Item, cost_of, month_day, price_of, storage_savings, support_end
from dbbuddy.capacity.interval import Interval
from dbbuddy.capacity.prices import PriceBook, PriceBookError, built_in_prices, read_prices, write_prices
from dbbuddy.context import SystemContext

TODAY = date(2026, 11, 23)
AURORA = SystemContext.of(service="aurora-postgresql", version="13.4").completed()
HEAD = "provider,region,sku,engine,term,unit,price,currency,as_of,source\n"


def test_a_price_of_the_book_has_its_date_term_source_and_licence() -> None:
    price = price_of("db.r6g.xlarge", built_in_prices(), AURORA)
    assert price
    # service-capacity-modeling 0.3.212: 1,585.33 USD a year, three years reserved.
    assert price.monthly(price.as_of).mid == pytest.approx(1585.33 / 12)
    assert (price.term, price.licence, price.as_of.isoformat()) == ("3yr_all_upfront", "Apache-2.0", "2026-06-06")
    assert "as of 2026-06-06" in price.badge(TODAY)
    assert "±4%" in price.badge(TODAY)
    assert all(price.licence and price.source for price in built_in_prices().prices)


def test_a_price_gets_wider_with_its_age() -> None:
    price = read_prices(HEAD + "aws,,x,any,on_demand,month,100,USD,2020-01-01,me")[0].model_copy(update={"confidence": "list"})
    assert price.error(date(2020, 1, 1)) == pytest.approx(0.03)
    assert price.error(date(2025, 1, 1)) == pytest.approx(0.03 + 5 * 0.03, abs=0.001)
    assert price.monthly(date(2100, 1, 1)).low == 0
    band = price.monthly(date(2025, 1, 1))
    assert (band.low, band.mid, band.high) == pytest.approx((82, 100, 118), abs=0.1)


def test_a_line_without_a_price_asks_for_the_rate() -> None:
    items = [Item("2 x class", "db.r6g.xlarge", Interval.of(2), "hour"), Item("Volume", "aurora", Interval(10, 20, 30), "gb_month")]
    month = cost_of(items, built_in_prices(), AURORA, 0, TODAY)
    assert month.total
    assert month.total.mid == pytest.approx(2 * 1585.33 / 12)
    assert month.total.low < month.total.mid < month.total.high
    assert [line.note for line in month.missing] == ["enter your rate per GB and month for aurora"]
    nothing = cost_of(items[1:], built_in_prices(), AURORA, 0, TODAY)
    assert nothing.total is None


def test_own_rates_go_before_the_book() -> None:
    own = read_prices(HEAD + "aws,eu-west-1,db.r6g.xlarge,aurora-postgresql,on_demand,hour,0.5,EUR,2026-11-01,our contract")
    month = cost_of([Item("class", "DB.R6G.XLARGE", Interval.of(1), "hour")], built_in_prices().with_own(own), AURORA, 0, TODAY)
    assert month.currency == "EUR"
    assert month.total
    assert month.total.mid == pytest.approx(365)


def test_currencies_are_not_added_up() -> None:
    own = read_prices(HEAD + "aws,,a,any,on_demand,month,10,EUR,2026-11-01,me\naws,,b,any,on_demand,month,10,USD,2026-11-01,me")
    items = [Item("a", "a", Interval.of(1), "month"), Item("b", "b", Interval.of(1), "month")]
    month = cost_of(items, PriceBook(own), AURORA, 0, TODAY)
    assert (month.currency, month.total and round(month.total.mid)) == ("EUR", 10)


def test_a_book_survives_its_own_export() -> None:
    prices = built_in_prices().prices
    assert read_prices(write_prices(prices)) == prices


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("a,b\n1,2", "has no column as_of, currency"),
        (HEAD.strip() + ",colour\n", "unknown column colour"),
        (HEAD + "aws,,x,any,on_demand,month,dear,USD,2026-01-01,me", "line 2, price"),
        (HEAD + "aws,,x,any,on_demand,month,-1,USD,2026-01-01,me", "line 2, price"),
        (HEAD + "aws,,x,any,on_demand,month,nan,USD,2026-01-01,me", "line 2, price"),
        (HEAD + "aws,,x,any,on_demand,week,1,USD,2026-01-01,me", "line 2, unit"),
        (HEAD + "aws,,x,any,on_demand,month,1,$,2026-01-01,me", "line 2, currency"),
        (HEAD + "\n# note\naws,,x,any,on_demand,month,1,USD,yesterday,me", "line 4, as_of"),
        (HEAD + "aws,,x\n" * 30, "line 11"),
        ("provider\n" * 20_002, "more than 20,000 rows"),
        ("x" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_a_bad_price_book_says_what_to_mend(text: str, message: str) -> None:
    with pytest.raises(PriceBookError, match=message.replace("(", r"\(")):
        read_prices(text)


def test_excels_byte_order_mark_is_no_trouble() -> None:
    assert len(read_prices("\ufeff" + HEAD + "aws,,x,any,on_demand,month,1,USD,2026-01-01,me\r\n")) == 1


def test_savings_of_growing_in_steps_and_of_archiving() -> None:
    months = [Interval.of(size) for size in (100, 150, 200)]
    price = read_prices(HEAD + "aws,,gp3,any,on_demand,gb_month,0.1,USD,2026-11-23,me")[0]
    grow, archive = storage_savings(months, 250, price, TODAY, 0.3)
    assert (grow.gb_months.mid, archive.gb_months.mid) == (300, pytest.approx(135))
    assert grow.money
    assert grow.money.mid == pytest.approx(30)
    assert storage_savings(months, 250, None, TODAY)[0].money is None
    assert storage_savings([], 250, price, TODAY) == ()


def test_the_end_of_support_is_known() -> None:
    end = support_end(AURORA)
    assert end
    assert end.ends == date(2026, 2, 28)
    assert support_end(SystemContext.of(service="rds-mysql", version="8.0.36"))
    assert support_end(SystemContext.of(service="rds-mysql", version="8.4")) is None
    assert support_end(SystemContext.of(service="rds-postgresql", version="1")) is None


def test_months_are_dated() -> None:
    assert month_day(TODAY, 12) == date(2027, 11, 23)
