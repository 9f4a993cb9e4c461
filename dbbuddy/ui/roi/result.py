"""The result: tiles, the plan's figure beside it, and the charts that say where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dbbuddy.analytics.definitions import definitions
from dbbuddy.analytics.roi import findings, tables
from dbbuddy.analytics.roi.assess import LEAST_DAYS, Assessment, Result, State
from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.roi.example import Step, plan
from dbbuddy.analytics.tables import Origin
from dbbuddy.ui.analytics import drawing, table
from dbbuddy.ui.roi import charts

_NOT_YET: dict[State, str] = {
    "open": "No problem of this period is settled yet. A problem counts when nobody came back to it for 7 whole days.",
    "early": f"Fewer than {LEAST_DAYS} days of this period are settled. A pace for the year would be a guess; "
    "choose a longer period.",
}


@dataclass(frozen=True)
class _Tile:
    """A headline figure: its definition, the middle value, from what to what, and a remark."""

    id: str
    value: str
    interval: str
    note: str = ""
    title: str = ""
    delta: str = ""


def draw(found: Assessment, before: Assessment | None, assumptions: Assumptions, origin: Origin) -> None:
    """The result, or why there is none yet."""
    if found.result is None:
        st.info(_NOT_YET.get(found.state, "There is nothing to compute."), icon=":material/hourglass_empty:")
        return
    _tiles(found, found.result, before.result if before else None)
    for note in findings.weak_ground(found):
        st.caption(f":material/info: {note}")
    _beside_the_plan(found.result, origin)
    left, right = st.columns(2, gap="large")
    with left:
        note = "Means, so that the steps add up. Grey: the claim; red takes away, green adds; teal is a sum."
        drawing.show(charts.waterfall(found.result), "roi-waterfall", findings.waterfall(found.result), note)
    with right:
        note = "Every hour stands on the rung of its weakest evidence. " + "; ".join(
            f"{findings.RUNG_NAMES[rung]}: {meaning}" for rung, meaning in findings.RUNG_MEANINGS.items()
        )
        drawing.show(charts.ladder(found.result), "roi-ladder", findings.ladder(found.result), f"{note}.")
    left, right = st.columns(2, gap="large")
    with left:
        note = "1 or -1: the return follows the lever alone. Teal: more of it is better. From the ranges under Assumptions."
        drawing.show(charts.tornado(found.result, assumptions), "roi-tornado", findings.tornado(found.result, assumptions), note)
    with right:
        if found.ledger.launch:
            note = f"At the pace of the period from the launch on, undiscounted. {_present_value(found.result, assumptions)}"
            drawing.show(
                charts.break_even(found.result, found.ledger.launch),
                "roi-break-even",
                findings.break_even(found.result.payback),
                note,
            )
    _tables(found, found.result, assumptions, origin)


def _tiles(found: Assessment, result: Result, before: Result | None) -> None:
    year = f"{findings.number(result.hours_a_year.middle)} h a year at this pace"
    earned = f"positive in {100 * result.positive:.0f} of 100 cases"
    never = f"never in {100 * result.payback.never:.0f} of 100 cases"
    tiles = [
        _Tile(
            "dba_hours",
            f"{findings.number(result.hours.middle)} h",
            f"{findings.between(result.hours, 'hours')} h",
            year,
            delta=f"{result.hours.middle - before.hours.middle:+,.0f} h" if before else "",
        ),
        _Tile(
            "capacity_value",
            findings.money(result.capacity.middle),
            findings.between(result.capacity, "money"),
            "capacity, not cash",
            title="Capacity value a year",
        ),
        _Tile(
            "roi",
            findings.percent(result.roi.middle) if result.roi else "–",
            findings.between(result.roi, "percent") if result.roi else "nothing costs anything",
            earned,
            delta=_points(result, before),
        ),
        _Tile(
            "payback",
            findings.moment(result.payback.middle),
            f"{findings.moment(result.payback.early)} to {findings.moment(result.payback.late)}",
            never,
        ),
    ]
    for column, tile in zip(st.columns(len(tiles)), tiles, strict=True):
        with column:
            _draw_tile(tile, found)


def _points(result: Result, before: Result | None) -> str:
    if before is None or result.roi is None or before.roi is None:
        return ""
    return f"{100 * (result.roi.middle - before.roi.middle):+,.0f} points"


def _draw_tile(tile: _Tile, found: Assessment) -> None:
    definition = definitions()[tile.id]
    meaning = (
        f"{definition.text}\n\nComputed as: {definition.computed}.\n\nDefinition `{tile.id}`, version {definition.version}."
    ).replace("$", "\\$")
    with st.container(border=True, height="stretch", gap="small"):
        value = tile.value.replace("$", "\\$")
        st.metric(
            tile.title or definition.title,
            f":gray[{value}]" if found.few else value,
            delta=tile.delta or None,
            delta_color="off" if found.few else "normal",
            delta_description="to the period before" if tile.delta else None,
            help=meaning,
        )
        few = ", under 30" if found.few else ""
        said = f"8 of 10 cases: {tile.interval} · n = {found.ledger.settled:,} {definition.n}{few} · {tile.note}"
        st.caption(said.replace("$", "\\$"))


def _beside_the_plan(result: Result, origin: Origin) -> None:
    example = plan()
    with st.container(border=True):
        st.markdown(f"##### {findings.headline(result)}")
        st.caption(
            f"The plan's example: {example.hours:g} h × \\${example.dollars_an_hour:g} = \\${example.value:,.0f} against "
            f"\\${example.cost:,.0f}, that is {findings.percent(example.roi)}. It takes every number as certain, every issue as a "
            "DBA's, every freed hour as used, and building as the only cost. Each line below changes one of these."
        )
        st.table([_step(step) for step in result.bridge], border="horizontal", hide_index=True)
        table.draw(tables.bridge(result), origin)


def _step(step: Step) -> dict[str, str]:
    told = f"{step.what}: {step.hours:,.0f} h a year, {findings.money(step.benefit)} against {findings.money(step.cost)}"
    return {
        "Return": "–" if step.roi is None else findings.percent(step.roi).replace(" ", "\u00a0"),
        "Computed as": told.replace("$", "\\$"),
    }


def _present_value(result: Result, assumptions: Assumptions) -> str:
    years, rate = assumptions.fixed["horizon_years"].value, assumptions.fixed["discount"].value
    value = result.net_present_value
    amount = f"{findings.money(value.middle)} ({findings.between(value, 'money')})"
    text = f"Net present value over {years:g} years at {100 * rate:g} %: {amount}."
    return text.replace("$", "\\$")


def _tables(found: Assessment, result: Result, assumptions: Assumptions, origin: Origin) -> None:
    for one in (
        tables.totals(result),
        tables.categories(found),
        tables.ladder(result),
        tables.waterfall(result),
        tables.costs(result),
        tables.sensitivities(result, assumptions),
        tables.course(result),
    ):
        table.draw(one, origin)
