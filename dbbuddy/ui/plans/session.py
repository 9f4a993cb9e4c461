"""The plan at hand: what was pasted, which plan of it is shown and which step is looked at. All in the session's memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import streamlit as st

from dbbuddy.context import Engine
from dbbuddy.plans.figures import Colouring, Measures
from dbbuddy.plans.files import Paste, read_paste
from dbbuddy.plans.insights import Insight, find_insights
from dbbuddy.plans.line_links import step_of_line
from dbbuddy.plans.model import Plan

_KEY = "plans-opened"
_STEP = "plans-step"
_MOMENT = "plans-moment"
VIEW = "plans-view"
CHOSEN = "plans-chosen"
MORE = "plans-more"
VIEWS = ("Tree", "Flame", "Table", "Row flow", "Text", "Compare")


@dataclass
class Shown:
    """One plan with all that is computed of it, once."""

    plan: Plan
    moment: str

    @cached_property
    def measures(self) -> Measures:
        return Measures(self.plan)

    @cached_property
    def findings(self) -> tuple[Insight, ...]:
        return find_insights(self.plan)

    @cached_property
    def colourings(self) -> list[Colouring]:
        return self.measures.colourings()

    def findings_on(self, number: int) -> list[Insight]:
        return [finding for finding in self.findings if finding.number == number]

    @property
    def first_step(self) -> int:
        """The step to look at first: the one of the first finding, else the costliest."""
        of_findings = [finding.number for finding in self.findings if finding.number is not None]
        return (of_findings or self.measures.top(1) or [0])[0]


@dataclass
class Opened:
    """A paste and its plans. `moment` tells one paste from another, for the keys of what is drawn of it."""

    paste: Paste
    moment: str
    links: dict[str, dict[int, int]] = field(default_factory=dict)
    shown: dict[int, Shown] = field(default_factory=dict)

    @cached_property
    def lines(self) -> list[str]:
        return self.paste.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def step_of_line(self, shown: Shown) -> dict[int, int]:
        """The step that a line of the text speaks of, by line number."""
        if shown.moment not in self.links:
            self.links[shown.moment] = step_of_line(self.paste.read.plans, shown.plan, self.paste.text)
        return self.links[shown.moment]

    def plan(self, index: int) -> Shown:
        if index not in self.shown:
            self.shown[index] = Shown(self.paste.read.plans[index], f"{self.moment}-{index}")
        return self.shown[index]


def open_text(text: str, engine: Engine | None = None) -> None:
    """Read a text and show its first plan.

    Raises:
        PlanError: there is no plan to read in it.
    """
    paste = read_paste(text, engine)
    st.session_state[_MOMENT] = moment = st.session_state.get(_MOMENT, 0) + 1
    st.session_state[_KEY] = Opened(paste, str(moment))
    for name in (_STEP, MORE, CHOSEN):
        st.session_state.pop(name, None)
    st.session_state[VIEW] = VIEWS[0]


def opened() -> Opened | None:
    """What was read last, if anything."""
    held: Opened | None = st.session_state.get(_KEY)
    return held


def step(shown: Shown) -> int:
    """The number of the step that is looked at."""
    number: int = st.session_state.get(_STEP, {}).get(shown.moment, shown.first_step)
    return min(number, len(shown.measures.nodes) - 1)


def look_at(shown: Shown, number: int) -> None:
    """Look at a step."""
    st.session_state[_STEP] = {shown.moment: number}


def look_at_in_tree(shown: Shown, number: int) -> None:
    """Look at a step, in the tree."""
    look_at(shown, number)
    st.session_state[VIEW] = VIEWS[0]
    st.session_state["plans-jump"] = f"{shown.moment}-{number}"
