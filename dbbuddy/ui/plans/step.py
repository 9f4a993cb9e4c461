"""The step that is looked at: its numbers, what the operator does, its findings, properties and lines of the paste."""

from __future__ import annotations

import streamlit as st

from dbbuddy.plans.describe import count, details_of, duration, factor, operator, percent, subject, value_text
from dbbuddy.plans.insights.view import misestimate, rows_out
from dbbuddy.plans.operators import explanation
from dbbuddy.plans.prose import safe_markdown
from dbbuddy.rendering import code_span
from dbbuddy.ui.plans import session
from dbbuddy.ui.plans.findings import draw_body, label
from dbbuddy.ui.plans.session import Opened, Shown
from dbbuddy.ui.text import plain

_MOST_IN_LIST = 500
# Properties that say what a step does, shown first; the rest folds away.
_TELLING = (
    "Cond",
    "Filter",
    "Predicate",
    "Key",
    "condition",
    "Join Type",
    "Warnings",
    "OrderBy",
    "GroupBy",
    "Sort Method",
    "Disk",
    "Rows Removed",
    "access_type",
    "Extra",
)


def draw(opened: Opened, shown: Shown) -> None:
    """The panel of the step at hand."""
    number = session.step(shown)
    _choose(shown, number)
    node = shown.measures.nodes[number]
    st.markdown(f"##### {plain(operator(node, shown.plan.engine))}")
    if subject(node):
        st.markdown(code_span(subject(node)))
    _numbers(shown, number)
    _explain(shown, number)
    for finding in shown.findings_on(number):
        with st.expander(label(shown, finding), key=f"plans-step-finding-{shown.moment}-{finding.id}-{number}"):
            draw_body(finding)
    _properties(shown, number)
    _lines(opened, shown, number)


def _choose(shown: Shown, number: int) -> None:
    """The list of steps, for keyboards and screen readers; of a large plan the costliest."""
    total = len(shown.measures.nodes)
    offered = list(range(total)) if total <= _MOST_IN_LIST else sorted({number, *shown.measures.top(_MOST_IN_LIST)})
    key = f"plans-step-list-{shown.moment}"
    st.session_state[key] = number

    def chosen() -> None:
        session.look_at(shown, st.session_state[key])

    def name(at: int) -> str:
        node = shown.measures.nodes[at]
        return f"{at + 1}. {operator(node, shown.plan.engine)} {subject(node)}"

    st.selectbox("Step", offered, format_func=name, key=key, on_change=chosen)


def _numbers(shown: Shown, number: int) -> None:
    measures, node = shown.measures, shown.measures.nodes[number]
    rows: dict[str, str] = {}
    if measures.weight in ("time", "cost"):
        noun = "time" if measures.weight == "time" else "cost"
        rows[f"Own {noun}"] = f"{measures.amount(measures.own[number])} ({percent(measures.share(number))})"
        if node.children:
            below = measures.inclusive[number]
            rows["With all below"] = f"{measures.amount(below)} ({percent(measures.share_below(number))})"
    if node.loops == 0:
        rows["Executed"] = "never"
    elif node.loops is not None and node.loops > 1:
        rows["Loops"] = count(node.loops)
    if node.rows_estimated is not None:
        rows["Rows estimated"] = count(node.rows_estimated)
    if node.rows_actual is not None and node.loops != 0:
        total = rows_out(node) or 0.0
        several = node.loops is not None and node.loops > 1
        rows["Rows found"] = f"{count(node.rows_actual)} a loop, {count(total)} in all" if several else count(total)
    off = misestimate(node)
    if off is not None:
        rows["Estimate"] = factor(off)
    if node.total_cost is not None and measures.weight != "cost":
        rows["Cost"] = count(node.total_cost)
    if node.startup_ms is not None:
        rows["First row after"] = duration(node.startup_ms)
    if rows:
        st.table([{"": name, " ": value} for name, value in rows.items()], hide_index=True, hide_header=True, width="stretch")


def _explain(shown: Shown, number: int) -> None:
    told = explanation(shown.plan.engine, shown.measures.nodes[number])
    if told is None:
        return
    with st.expander(f"What is “{plain(told.name)}”?", icon=":material/school:", expanded=True):
        st.markdown(safe_markdown(told.does))
        if told.good:
            st.markdown(f"**Good when** {safe_markdown(told.good)}")
        if told.look:
            st.markdown(f"**Look at** {safe_markdown(told.look)}")


def _properties(shown: Shown, number: int) -> None:
    properties = details_of(shown.measures.nodes[number])
    first = [(name, value) for name, value in properties if any(word in name for word in _TELLING)][:12]
    for name, value in first:
        st.caption(plain(name))
        st.code(value, language=None, wrap_lines=True)
    rest = [entry for entry in properties if entry not in first]
    if rest:
        with st.expander(f"{len(rest)} more propert{'ies' if len(rest) != 1 else 'y'}", icon=":material/list:"):
            st.table([{"Property": plain(name), "Value": plain(value_text(value, 600))} for name, value in rest], hide_index=True)


def _lines(opened: Opened, shown: Shown, number: int) -> None:
    lines = sorted(line for line, owner in opened.step_of_line(shown).items() if owner == number)
    if not lines:
        return
    with st.expander(f"In the text: line {_span(lines)}", icon=":material/notes:"):
        st.code(
            "\n".join(opened.lines[line - 1] for line in lines[:60] if line <= len(opened.lines)), language=None, wrap_lines=True
        )


def _span(lines: list[int]) -> str:
    together = lines[-1] - lines[0] == len(lines) - 1
    return (f"{lines[0]} to {lines[-1]}" if len(lines) > 1 else str(lines[0])) if together else ", ".join(map(str, lines[:12]))
