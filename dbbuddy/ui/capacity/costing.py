"""What it costs: a band for each month, the prices it rests on, and one's own rates."""

from __future__ import annotations

import streamlit as st

from dbbuddy.capacity.cost import UNIT_NAMES, CostLine, MonthCost
from dbbuddy.capacity.plan import CapacityPlan
from dbbuddy.capacity.prices import Price, PriceBookError, built_in_prices, read_prices, write_prices
from dbbuddy.capacity.sentence import percent
from dbbuddy.capacity.study import Answer
from dbbuddy.intake.text import InputError, decode
from dbbuddy.ui import charts
from dbbuddy.ui.capacity import figures, session, workload
from dbbuddy.ui.capacity.session import Opened
from dbbuddy.ui.capacity.workload import PRICES
from dbbuddy.ui.text import plain, show_error

_PROBLEM = "capacity-price-problem"
_FILE = "capacity-price-file"
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "INR", "JPY", "AUD", "CAD")


def draw(opened: Opened, known: Answer) -> None:
    """Chart, lines, cheaper ways, and the price book."""
    if not session.context().engine:
        workload.ask_for_engine("What it costs")
        return
    with st.container(horizontal=True, gap="small"):
        st.number_input(
            "Backups kept, times the data", 0.0, 50.0, 0.0, 0.5, key="capacity-backups", width=220, persist_state="page"
        )
        st.number_input("Could be archived, % of the data", 0, 90, 0, 5, key="capacity-archivable", width=220, persist_state="page")
    plan = workload.plan(known)
    if plan is None:
        return
    _curve(plan, opened)
    first = plan.costs[0]
    st.dataframe(
        [_row(line, first) for line in first.lines],
        hide_index=True,
        height="content",
        alt="The bill of the first month, line by line",
    )
    _rates(first)
    _cheaper(plan)
    _book()


def headline(plan: CapacityPlan) -> str:
    """The bill at the beginning and at the end, as bands."""
    first, last = plan.costs[0], plan.costs[-1]
    if first.total is None or last.total is None:
        return "No price is known for this: enter your rates below"
    lacks = "" if not first.missing else ", without what has no rate yet"
    if first.total == last.total:
        return f"{first.total.text(first.currency)} a month{lacks}"
    return f"{first.total.text(first.currency)} a month now, {last.total.text(last.currency)} at the end{lacks}"


def _curve(plan: CapacityPlan, opened: Opened) -> None:
    st.markdown(f"**{plain(headline(plan))}**")
    if any(month.total for month in plan.costs):
        st.plotly_chart(figures.cost(plan.costs), key=f"capacity-cost-{opened.moment}", alt=headline(plan), config=charts.CONFIG)
        st.caption("A band, never one figure: it widens with the demand's interval and with the age of each price.")


def _row(line: CostLine, month: MonthCost) -> dict[str, object]:
    return {
        "What": line.item.name,
        f"A month{f' ({month.currency})' if month.currency else ''}": line.monthly.text() if line.monthly else "–",
        "Price": line.note,
    }


def _rates(month: MonthCost) -> None:
    """An input for each rate that is missing, and for those that were typed in."""
    typed = {price.sku: price for price in st.session_state.get(PRICES, {}).get("typed", [])}
    wanted = {line.item.sku: line for line in month.lines if line.monthly is None or line.item.sku in typed}
    if not wanted:
        return
    st.markdown("**Your rates**")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        currency = st.selectbox("Currency", CURRENCIES, key="capacity-currency", filter_mode=None, width=110, persist_state="page")
        for sku, line in wanted.items():
            key = f"capacity-rate-{sku}"
            st.number_input(
                plain(f"{line.item.sku}, per {UNIT_NAMES[line.item.unit]}"),
                value=typed[sku].price if sku in typed else None,
                min_value=0.0, max_value=1e8, format="%.10g", key=key, width=260,
                on_change=_type_rate, args=(sku, line, key, currency),
            )  # fmt: skip


def _type_rate(sku: str, line: CostLine, key: str, currency: str) -> None:
    """Keep a rate, or forget it when its field is emptied."""
    held = st.session_state.setdefault(PRICES, {})
    others = [price for price in held.get("typed", []) if price.sku != sku]
    value = st.session_state[key]
    if value:
        own = Price(
            provider=session.context().cloud or "own",
            region="",
            sku=sku,
            unit=line.item.unit,
            price=value,
            currency=currency,
            as_of=session.today(),
            source="typed in",
        )
        others.append(own)
    held["typed"] = others


def _cheaper(plan: CapacityPlan) -> None:
    rows = [
        {"Instead": one.name, "Saves": f"{percent(one.saves)} of the class", "What it risks": one.risk} for one in plan.alternatives
    ]
    for saving in plan.savings:
        worth = f"{saving.money.text(saving.currency)} over the horizon" if saving.money else saving.gb_months.text("GB-months")
        rows.append({"Instead": f"{saving.name}: {saving.how}", "Saves": worth, "What it risks": saving.risk})
    if rows:
        st.markdown("**Cheaper, and what that risks**")
        st.dataframe(rows, hide_index=True, height="content", alt="Cheaper alternatives with their risk")


def _book() -> None:
    """The prices behind it: their age, one's own file, and what ships."""
    book = built_in_prices()
    newest = max(price.as_of for price in book.prices)
    with st.expander(
        f"Price book: {len(book.prices)} prices, the newest of {newest.isoformat()}", icon=":material/sell:", key="capacity-book"
    ):
        st.caption(
            "Only prices from licensed public sources ship with the app. Your own go before them: a CSV with the same columns. "
            "A list price counts as up to 3 % off, and 3 % more for each year of its age."
        )
        st.file_uploader("Your price book (CSV)", key=_FILE, on_change=_read_book, max_upload_size=5)
        held = st.session_state.get(PRICES, {}).get("file", [])
        if held:
            st.success(f"{len(held)} prices of yours count.", icon=":material/check:")
        if _PROBLEM in st.session_state:
            show_error(st.session_state.pop(_PROBLEM))
        st.download_button(
            "Download the price book", data=lambda: write_prices([*book.prices, *workload.own_prices()]), file_name="prices.csv",
            mime="text/csv", icon=":material/download:", on_click="ignore", key="capacity-book-download",
        )  # fmt: skip


def _read_book() -> None:
    file = st.session_state.get(_FILE)
    held = st.session_state.setdefault(PRICES, {})
    if file is None:
        held["file"] = []
        return
    try:
        held["file"] = list(read_prices(decode(file.name[:80], file.getvalue())))
    except (PriceBookError, InputError) as error:
        st.session_state[_PROBLEM] = str(error)
