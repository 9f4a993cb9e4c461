"""The answer: the sentence, the fan chart, and when each limit is met."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dbbuddy.capacity.limit import LEVELS
from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.sentence import UNNAMED, day, figure, odds, percent, sentence, wall_told
from dbbuddy.capacity.study import Answer, Reached, series_title
from dbbuddy.ui import charts
from dbbuddy.ui.capacity import figures
from dbbuddy.ui.capacity.session import Opened
from dbbuddy.ui.text import plain, show_warning

HORIZONS = {"3 months": 90.0, "6 months": 183.0, "1 year": 365.0, "2 years": 730.0, "5 years": 1826.0}


def draw_question() -> None:
    """What stands at the top while nothing is asked."""
    st.header("When is it full?", anchor=False)
    st.markdown(
        "Type **today's size and its growth a month**, and you see when the limit comes and how sure that is. "
        "A history makes it sharper; everything else is optional."
    )


def draw_headline(answer: Answer) -> None:
    """The answer in a sentence."""
    told = sentence(answer)
    st.header(plain(told.headline), anchor=False)
    st.markdown(plain(told.below))


def horizon() -> float:
    """How far to look, in days."""
    chosen = st.segmented_control(
        "Look ahead",
        list(HORIZONS),
        default="1 year",
        required=True,
        key="horizon",
        bind="query-params",
    )
    return HORIZONS[chosen or "1 year"]


def draw_fan(opened: Opened, index: int, made: Projection, reached: Sequence[Reached], before: Projection | None) -> None:
    """The chart of the series at hand, with what cannot be drawn said below it."""
    own = [each for each in reached if each.projection is made]
    st.markdown(f"**{plain(_finding(made, own))}**")
    st.plotly_chart(
        figures.fan(made, own, before=before),
        key=f"capacity-fan-{opened.place(index)}",
        alt=_finding(made, own),
        config=charts.CONFIG,
    )
    notes = ["Bands: 50, 80 and 95 % of what may come."]
    if any(each.wall.early and not each.wall.already for each in own):
        notes.append("Shaded: when the limit is met, 80 % sure.")
    high = figures.too_high(made, own)
    if high:
        named = ", ".join(f"{limit.name} ({figure(limit.value, limit.unit)})" for limit in high[:3])
        notes.append(f"Too far above to be drawn: {named}.")
    st.caption(plain(" ".join(notes)))
    for warning in made.warnings:
        show_warning(warning)


def draw_when(opened: Opened, index: int, answer: Answer) -> None:
    """The runway of all limits, and how likely each of this series is met by each date."""
    if not answer.reached:
        st.info(
            "Give a limit above: yours, or the engine and class it runs on. Then you see here when each is met.",
            icon=":material/info:",
        )
        return
    today, end = answer.plan.made_on, max(made.dates[-1] for made in answer.projections)
    several = len(answer.projections) > 1
    first = next((each for each in answer.reached if each.wall.already or each.wall.early), None)
    told = f"First to break: {label(first, several)}" if first else "Nothing breaks within the horizon"
    st.markdown(f"**{plain(told)}**")
    names = [label(each, several) for each in answer.reached]
    st.plotly_chart(
        figures.runway(answer.reached, names, today, end), key=f"capacity-runway-{opened.moment}", alt=told, config=charts.CONFIG
    )
    st.caption(
        "A bar runs from the early to the late date (10 and 90 % sure), the dot is the likely one. "
        "A thin line: not within the horizon."
    )
    st.dataframe(
        [_row(each, several) for each in answer.reached],
        hide_index=True,
        height="content",
        alt="When each limit is met, as a table",
    )
    made = answer.projections[index]
    own = [each for each in answer.reached if each.projection is made and not each.wall.never]
    if own:
        hardest = max(own, key=lambda each: LEVELS.index(each.wall.limit.level))
        value = figure(hardest.wall.value, made.history.unit)
        sure = odds(hardest.wall.probability)
        told = f"{sure[0].upper()}{sure[1:]} sure that {value} is met by {day(made.dates[-1])}"
        st.markdown(f"**{plain(told)}**")
        st.plotly_chart(figures.chance(made, own), key=f"capacity-chance-{opened.place(index)}", alt=told, config=charts.CONFIG)


def label(each: Reached, several: bool) -> str:
    """A limit's name, with the series' where there are several."""
    name = each.wall.limit.name or UNNAMED
    return (
        f"{series_title(each.projection.history)}: {name}"
        if several
        else f"{name} ({figure(each.wall.value, each.wall.limit.unit)})"
    )


def draw_backtest(opened: Opened, index: int, made: Projection) -> None:
    """What this projection would have said earlier."""
    back = made.backtest
    if back is None:
        few = "two numbers" if made.history.growth_per_day is not None else f"{made.values.size} values"
        st.info(
            f"There is too little history to test on: {few}. "
            "From about a dozen values on, you see here what the projection would have said earlier.",
            icon=":material/info:",
        )
        return
    unit = made.history.unit
    said, came = float(back.mean[-1]), float(back.truth[-1])
    inside = "inside" if back.lo80[-1] <= came <= back.hi80[-1] else "outside"
    days = (back.dates[-1] - back.asked).days
    told = f"Asked {days} days ago we would have said {figure(said, unit)}; it was {figure(came, unit)}, {inside} the 80 % interval"
    st.markdown(f"**{plain(told)}**")
    st.plotly_chart(
        figures.looked_back(back, unit), key=f"capacity-back-{opened.place(index)}", alt=back.told(), config=charts.CONFIG
    )
    with st.container(horizontal=True, gap="small"):
        st.metric(
            "Inside 80 %", percent(back.cover80), border=True, help="Share of the days whose truth lay inside; 80 % is right."
        )
        st.metric("Inside 95 %", percent(back.cover95), border=True)
        if back.mase is not None and back.line_mase is not None:
            better = "The mean error as a multiple of the usual change over a season; the smaller the better."
            st.metric("Error", f"{back.mase:.2f}", border=True, help=better)
            st.metric("Error of a straight line", f"{back.line_mase:.2f}", border=True)


def draw_figures(made: Projection) -> None:
    """The numbers and how they were computed."""
    every = max(1, -(-len(made.dates) // 24))
    picked = range((len(made.dates) - 1) % every, len(made.dates), every)
    unit = f" ({made.history.unit})" if made.history.unit else ""
    rows = [
        {
            "Date": made.dates[i],
            f"Expected{unit}": float(made.mean[i]),
            "80 % from": float(made.lo80[i]),
            "80 % to": float(made.hi80[i]),
            "95 % from": float(made.lo95[i]),
            "95 % to": float(made.hi95[i]),
            "Straight line": float(made.line[i]),
        }
        for i in picked
    ]
    st.dataframe(rows, hide_index=True, height=420, alt="The projection as a table")
    st.markdown(f"**How it was computed.** {plain(made.method.told())}")
    names = ", ".join(f"{plain(name)} {share:.0%}" for name, share in made.method.weights)
    st.caption(
        f"Members of the pool: {names}. Of a {plain(made.method.step)}'s samples the {plain(made.method.aggregate)} counts. "
        "Intervals are fitted on the errors on this very history; dates come from "
        f"{made.method.paths:,} simulated paths (seed {made.method.seed})."
    )


def _row(each: Reached, several: bool) -> dict[str, object]:
    wall = each.wall
    return {
        **({"Series": series_title(each.projection.history)} if several else {}),
        "Limit": wall.limit.name,
        "At": figure(wall.value, wall.limit.unit),
        "Level": wall.limit.level,
        "When": wall_told(wall),
        "Straight line": day(wall.line) if wall.line and not wall.already else "–",
        "Probability": odds(wall.probability),
    }


def _finding(made: Projection, own: Sequence[Reached]) -> str:
    unit = made.history.unit
    end = figure(float(made.mean[-1]), unit)
    low, high = figure(float(made.lo80[-1])), figure(float(made.hi80[-1]), unit)
    return f"{series_title(made.history)}: {end} by {day(made.dates[-1])}, between {low} and {high} with 80 % probability"
