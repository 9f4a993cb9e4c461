"""The plan from several sides: tree, flame, table, row flow, text, comparison; beside them the step at hand."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

from dbbuddy.plans.describe import operator, subject
from dbbuddy.plans.figures import Colouring, bars, flame, flow
from dbbuddy.plans.figures.bars import title as bars_title
from dbbuddy.plans.figures.flame import title as flame_title
from dbbuddy.plans.figures.flow import title as flow_title
from dbbuddy.plans.insights.view import misestimate
from dbbuddy.ui import scroll
from dbbuddy.ui.plans import comparing, session, step, tree
from dbbuddy.ui.plans.session import VIEW, VIEWS, Opened, Shown
from dbbuddy.ui.text import plain

_TABLE_ROWS = 1_000
_COUNTS = ("Rows est.", "Rows", "Loops", "Blocks", "Cost")
_COLOUR_NAMES: dict[Colouring, str] = {
    "time": "Time",
    "rows": "Rows",
    "cost": "Cost",
    "buffers": "Buffers",
    "misestimate": "Misestimate",
}
_COLOUR_MEANS: dict[Colouring, str] = {
    "time": "Yellow: a large share of the time.",
    "rows": "Yellow: many rows, counted in powers of ten.",
    "cost": "Yellow: a large share of the estimated cost.",
    "buffers": "Yellow: many blocks read, counted in powers of ten.",
    "misestimate": "Orange: more rows than planned; blue: fewer; grey: as planned.",
}


@st.fragment
def draw(opened: Opened, shown: Shown) -> None:
    """The views; only what is drawn here runs again when a step is chosen."""
    with st.container(key="plans-views"):
        sides = dict(zip(VIEWS, st.tabs(VIEWS, key=VIEW, on_change="rerun"), strict=True))
        _draw_beside(opened, shown, sides)
    if "plans-jump" in st.session_state:
        scroll.show("plans-views", st.session_state.pop("plans-jump"))


def _draw_beside(opened: Opened, shown: Shown, sides: dict[str, TabContainer]) -> None:
    """The open tab: the view with the step at hand beside it, the comparison alone."""
    for name, side in sides.items():
        if not side.open:
            continue
        with side:
            if name == "Compare":
                comparing.draw(shown)
                return
            view, panel = st.columns([5, 3], gap="medium")
            with view:
                _VIEWS[name](opened, shown)
            with panel, st.container(border=True, key="plans-step"):
                step.draw(opened, shown)


def _draw_tree(opened: Opened, shown: Shown) -> None:
    tree.draw_tree(shown)


def _draw_flame(opened: Opened, shown: Shown) -> None:
    if shown.measures.weight == "steps":
        st.info("This plan tells neither times nor costs nor rows, so there is nothing to draw by size.", icon=":material/info:")
        return
    by = _colouring(shown)
    st.markdown(f"**{plain(flame_title(shown.measures))}**")
    st.plotly_chart(
        flame(shown.measures, by),
        key=f"plans-flame-{shown.moment}-{by}",
        alt=flame_title(shown.measures),
        config={"displayModeBar": False},
    )
    area = {"time": "time", "cost": "estimated cost", "rows": "rows"}[shown.measures.weight]
    st.caption(f"Width: {area} with everything below. Click a step to enlarge it, the bar above to go back.")
    st.markdown(f"**{plain(bars_title(shown.measures))}**")
    key = f"plans-bars-{shown.moment}-{by}"
    st.plotly_chart(
        bars(shown.measures, by),
        key=key,
        on_select=lambda: _pick(shown, key),
        selection_mode="points",
        alt=bars_title(shown.measures),
        config={"displayModeBar": False},
    )
    st.caption("Click a bar to see its step.")


def _colouring(shown: Shown) -> Colouring:
    by: Colouring | None = st.segmented_control(
        "Colour by",
        shown.colourings,
        format_func=lambda name: _COLOUR_NAMES[name],
        default=shown.colourings[0],
        required=True,
        key=f"plans-colour-{shown.moment}",
    )
    chosen = by or shown.colourings[0]
    st.caption(_COLOUR_MEANS[chosen])
    return chosen


def _pick(shown: Shown, key: str) -> None:
    """Look at the step of the bar that was clicked."""
    points = st.session_state[key]["selection"]["points"]
    if points:
        session.look_at(shown, int(points[0]["customdata"][0]))


def _draw_table(opened: Opened, shown: Shown) -> None:
    measures = shown.measures
    total = len(measures.nodes)
    numbers = list(range(total)) if total <= _TABLE_ROWS else sorted(measures.top(_TABLE_ROWS))
    timed = measures.weight == "time"
    rows = []
    for number in numbers:
        node = measures.nodes[number]
        rows.append(
            {
                "#": number + 1,
                "Step": operator(node, measures.plan.engine),
                "On": subject(node),
                "Share": measures.share(number),
                "Own": measures.own[number],
                "With below": measures.inclusive[number],
                "Rows est.": node.rows_estimated,
                "Rows": node.rows_actual,
                "Off by": misestimate(node),
                "Loops": node.loops,
                "Blocks": measures.buffers[number],
                "Cost": node.total_cost,
            }
        )
    columns = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    key = f"plans-table-{shown.moment}"

    def picked() -> None:
        chosen = st.session_state[key]["selection"]["rows"]
        if chosen:
            session.look_at(shown, numbers[chosen[0]])

    unit = "ms" if timed else measures.weight
    st.dataframe(
        [{name: row[name] for name in columns} for row in rows],
        hide_index=True,
        height=min(600, 36 * len(rows) + 40),
        key=key,
        on_select=picked,
        selection_mode="single-row",
        column_config={
            "#": st.column_config.NumberColumn(width=50),
            "Step": st.column_config.TextColumn(width="medium"),
            "Share": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width="small"),
            "Own": st.column_config.NumberColumn(f"Own ({unit})", format="%,.2f" if timed else "%,.0f"),
            "With below": st.column_config.NumberColumn(f"With below ({unit})", format="%,.2f" if timed else "%,.0f"),
            "Off by": st.column_config.NumberColumn(format="%.3g x", help="Rows found for each row expected, a loop"),
            **{name: st.column_config.NumberColumn(format="localized") for name in _COUNTS},
        },
    )
    if total > _TABLE_ROWS:
        st.caption(f"The {len(rows):,} costliest of {total:,} steps. Click a column's head to sort, a row to see the step.")
    else:
        st.caption("Click a column's head to sort, the box before a row to see the step.")


def _draw_flow(opened: Opened, shown: Shown) -> None:
    if shown.measures.rows(0) is None and not any(shown.measures.rows(n) for n in range(len(shown.measures.nodes))):
        st.info("This plan tells no row counts.", icon=":material/info:")
        return
    st.markdown(f"**{plain(flow_title(shown.measures))}**")
    st.plotly_chart(
        flow(shown.measures, dark=st.context.theme.type == "dark"),
        key=f"plans-flow-{shown.moment}",
        alt=flow_title(shown.measures),
        config={"displayModeBar": False},
    )
    st.caption(
        f"Width: rows {'' if shown.measures.view.ran else 'as estimated '}over all loops, from the tables on the left to "
        "the result on the right. Orange: read and thrown away. The thinnest streams are widened so that they can be seen."
    )


def _draw_text(opened: Opened, shown: Shown) -> None:
    tree.draw_lines(opened, shown)


_VIEWS = {"Tree": _draw_tree, "Flame": _draw_flame, "Table": _draw_table, "Row flow": _draw_flow, "Text": _draw_text}
