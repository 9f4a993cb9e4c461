"""What would have to be true for a stated return."""

from __future__ import annotations

import streamlit as st

from dbbuddy.analytics.roi import findings, tables
from dbbuddy.analytics.roi.assess import Assessment
from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.roi.example import plan
from dbbuddy.analytics.roi.solver import Answer, Together
from dbbuddy.analytics.tables import Origin
from dbbuddy.ui.analytics import table
from dbbuddy.ui.roi import figures


def draw(found: Assessment, assumptions: Assumptions, origin: Origin) -> None:
    """Ask for a return, and say what it takes."""
    if found.result is None:
        st.info("There is no result yet to start from.", icon=":material/hourglass_empty:")
        return
    target = st.number_input(
        "Return in the first year (%)",
        min_value=-100,
        max_value=100_000,
        value=round(100 * plan().roi),
        step=50,
        key="roi-target",
        width=260,
        help="0 % is break-even: the first year pays for itself.",
    )
    answer = figures.answer(found.ledger, assumptions, target / 100, waiting=found.waiting)
    if answer is None:
        st.info("Nothing costs anything in the assumptions, so there is no return.", icon=":material/info:")
        return
    st.markdown(f"##### {_finding(answer)}")
    table.content(tables.requirements(answer, assumptions), origin)
    st.markdown(f"##### {_together(answer)}")
    _values(answer.together, assumptions)
    st.caption("Middle values (P50) of 2,000 draws. Counts and tickets stay as they were measured in the combination.")


def _finding(answer: Answer) -> str:
    alone = [one for one in answer.alone if one.needed is not None]
    now = f"The middle is {findings.percent(answer.now)} now"
    if not alone:
        return f"{now}; no lever alone leads to {findings.percent(answer.target)}"
    what = "1 lever" if len(alone) == 1 else f"{len(alone)} levers"
    return f"{now}; {what} of {len(answer.alone)} could alone lead to {findings.percent(answer.target)}"


def _together(answer: Answer) -> str:
    together = answer.together
    if together.part is None:
        return f"Even with every assumption at its favourable end the return is {findings.percent(together.best)}"
    if together.part == 0:
        return "All assumptions together: the likely values are enough"
    return f"All assumptions together: {100 * together.part:.0f} % of the way from the likely to the favourable end"


def _values(together: Together, assumptions: Assumptions) -> None:
    lines = [
        f"- {findings.lever(name, assumptions)}: **{tables.amount(value, tables.unit_of(name, assumptions))}**"
        for name, value in together.values.items()
    ]
    st.markdown("\n".join(lines).replace("$", "\\$"))
