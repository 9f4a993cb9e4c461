"""The head of the page: which plan, its totals, whether its times add up, and what the reader should know of the reading."""

from __future__ import annotations

import streamlit as st

from dbbuddy.context import ENGINE_NAMES
from dbbuddy.plans.describe import count, duration, percent, shortened, steps
from dbbuddy.plans.figures.flame import title as flame_title
from dbbuddy.ui.plans.session import CHOSEN, Opened, Shown
from dbbuddy.ui.text import plain, show_warning

_LONGEST_STATEMENT = 20_000


def draw_headline(opened: Opened | None) -> None:
    """What this page is for or, once a plan is open, the answer: where its time goes."""
    shown = None if opened is None else opened.plan(st.session_state.get(CHOSEN) or 0)
    text = "Where does the time go?" if shown is None else flame_title(shown.measures)
    st.header(plain(text), anchor=False)


def choose(opened: Opened) -> Shown:
    """The plan that is shown; where the paste holds several, the user chooses."""
    plans = opened.paste.read.plans
    if len(plans) == 1:
        return opened.plan(0)

    def name(index: int) -> str:
        plan = plans[index]
        told = plan.totals.get("execution_ms") or plan.root.total_ms
        cost = f"cost {count(plan.root.total_cost)}" if plan.root.total_cost else plan.root.type
        return f"{index + 1}. {duration(told) if told else cost} · {shortened(plan.statement or plan.root.type, 80)}"

    chosen = st.selectbox(f"{len(plans)} plans in the text", range(len(plans)), format_func=name, key=CHOSEN, filter_mode=None)
    return opened.plan(chosen or 0)


def draw(opened: Opened, shown: Shown) -> None:
    """Totals, the sum check, the statement, notes and what was not understood."""
    plan, measures = shown.plan, shown.measures
    for note in opened.paste.read.notes:
        st.info(plain(note), icon=":material/info:")
    with st.container(horizontal=True, gap="small", key="plans-totals"):
        for label, value, meaning in _totals(shown):
            st.metric(label, value, help=meaning, border=True)
    st.caption(f"{ENGINE_NAMES[plan.engine]}, {plain(_format_name(plan.format))}. {sum_check(shown)}")
    if not measures.view.ran:
        st.info(
            "This statement was not executed: shares are of the planner's estimated cost, and row counts are estimates. "
            "For measured times, run it as shown under “How to get a plan with times”."
            if measures.weight == "cost"
            else "This plan holds no times. What it says of access paths and row counts is shown.",
            icon=":material/science:",
        )
    unread = opened.paste.read.unread
    if unread:
        lines = "1 line was" if len(unread) == 1 else f"{len(unread):,} lines were"
        show_warning(f"{lines} not understood and left out. See them in the tab “Text”.")
    if opened.paste.removed:
        st.caption(f"Taken out before anything was read: {', '.join(map(plain, opened.paste.removed[:12]))}.")
    if plan.statement:
        with st.expander("The statement", icon=":material/code:"):
            st.code(plan.statement[:_LONGEST_STATEMENT], language="sql", wrap_lines=True)


def _format_name(name: str) -> str:
    """A reader's name of its format as people write it."""
    small = ("text", "explain", "analyze", "actual", "estimated", "tree", "tabular", "log")
    return " ".join(word if word in small else word.upper() for word in name.split())


def _totals(shown: Shown) -> list[tuple[str, str, str | None]]:
    plan, measures = shown.plan, shown.measures
    found: list[tuple[str, str, str | None]] = []
    told = plan.totals.get("execution_ms") or (plan.root.total_ms if measures.view.measured else None)
    if told:
        found.append(("Execution", duration(told), "The statement's time on the server, without planning."))
    elif plan.root.total_cost:
        found.append(("Estimated cost", count(plan.root.total_cost), "In the planner's own units; not a time."))
    for name, label in (("planning_ms", "Planning"), ("jit_ms", "JIT"), ("cpu_ms", "CPU")):
        if plan.totals.get(name):
            found.append((label, duration(plan.totals[name]), None))
    rows = measures.rows(0)
    if rows is not None:
        found.append(("Rows" if measures.view.ran else "Rows, estimated", count(rows), "What the statement returns or changes."))
    found.append(("Steps", f"{len(measures.nodes):,}", "Operators of the plan."))
    return found


def sum_check(shown: Shown) -> str:
    """Whether the self times make up the total, in a sentence; empty where there are no times."""
    check = shown.measures.sum_check
    if check is None:
        return steps(len(shown.measures.nodes)) + "."
    summed, total = check
    share = summed / total
    sentence = f"Self times of all steps add up to {100 * share:.1f} % of the total ({duration(summed)} of {duration(total)})"
    if 0.99 <= share <= 1.01:
        return sentence + "."
    if share < 1:
        return (
            f"{sentence}. The other {percent(1 - share)}, {duration(total - summed)}, went to what is no step: starting up, "
            "triggers, compiling, sending rows, or the measuring itself."
        )
    return f"{sentence}. Steps ran at the same time, or the times are rounded."
