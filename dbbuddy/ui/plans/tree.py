"""The plan as a tree and as the pasted lines: small components that show texts and report which step was clicked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from dbbuddy.plans.describe import percent
from dbbuddy.plans.figures import Measures
from dbbuddy.plans.outline import Row, outline
from dbbuddy.ui.plans import session
from dbbuddy.ui.plans.session import MORE, Opened, Shown

_ASSETS = Path(__file__).parent.parent / "assets"
_SHOWN_LINES = 1_500
_LONGEST_LINE = 1_000


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


_TREE = st.components.v2.component(
    "plan_tree",
    html='<div class="tree" role="tree" aria-label="Plan"></div>\n',
    css=_asset("plan_tree.css"),
    js=_asset("plan_tree.js"),
)
_LINES = st.components.v2.component(
    "plan_lines", html='<div class="lines" tabindex="0"></div>\n', css=_asset("plan_lines.css"), js=_asset("plan_lines.js")
)


def draw_tree(shown: Shown) -> None:
    """The tree; a click looks at a step, "more" unfolds what was left out of a large plan."""
    unfolded: list[int] = st.session_state.get(MORE, {}).get(shown.moment, [])
    rows = outline(shown.measures, shown.findings, unfolded)
    key = f"plans-tree-{shown.moment}"

    def picked() -> None:
        session.look_at(shown, int(st.session_state[key]["picked"]))

    def opened() -> None:
        st.session_state[MORE] = {shown.moment: [*unfolded, int(st.session_state[key]["opened"])]}

    weight = {"time": "Own time", "cost": "Own cost", "rows": "Share of rows", "steps": ""}[shown.measures.weight]
    _TREE(
        key=key,
        data={
            "plan": shown.moment,
            "selected": session.step(shown),
            "own": weight,
            "rowsHead": "Rows: plan → real" if shown.measures.view.ran else "Rows, estimated",
            "rows": [_row(row, bare=shown.measures.weight == "steps") for row in rows],
        },
        on_picked_change=picked,
        on_opened_change=opened,
    )
    hidden = sum(row.hidden for row in rows)
    if hidden:
        st.caption(
            f"The {len(rows):,} weightiest steps and those with findings are shown; {hidden:,} lighter ones are folded away."
        )


def draw_still(measures: Measures, key: str) -> None:
    """The tree of a plan beside which no step is looked at."""
    rows = outline(measures)
    _TREE(
        key=key,
        data={
            "plan": key,
            "selected": -1,
            "own": {"time": "Own time", "cost": "Own cost", "rows": "Share of rows", "steps": ""}[measures.weight],
            "rowsHead": "Rows: plan → real" if measures.view.ran else "Rows, estimated",
            "rows": [_row(row, bare=measures.weight == "steps") for row in rows],
        },
    )


def _row(row: Row, *, bare: bool) -> dict[str, Any]:
    return {
        "number": row.number,
        "depth": row.depth,
        "role": row.role,
        "operator": row.operator,
        "subject": row.subject,
        "share": 0 if bare else row.share,
        "percent": "" if bare else percent(row.share),
        "own": row.own,
        "rows": row.rows,
        "off": row.off,
        "loops": row.loops,
        "never": row.never,
        "severity": row.severity,
        "children": row.children,
        "hidden": row.hidden,
        "hiddenPercent": percent(row.hidden_share),
    }


def draw_lines(opened: Opened, shown: Shown) -> None:
    """The pasted text with its lines linked to steps; lines that were not understood are marked."""
    unread = {line.number for line in opened.paste.read.unread}
    texts, links = opened.lines, opened.step_of_line(shown)
    chosen = session.step(shown)
    first = _window([line for line, number in links.items() if number == chosen], len(texts))
    key = f"plans-lines-{shown.moment}"

    def picked() -> None:
        session.look_at(shown, int(st.session_state[key]["picked"]))

    if unread:
        places = ", ".join(map(str, sorted(unread)[:20])) + (" …" if len(unread) > 20 else "")
        st.caption(f"Not understood, marked in colour: line{'s' * (len(unread) != 1)} {places}.")
    if not links:
        st.caption("The lines of this format are not linked to steps.")
    _LINES(
        key=key,
        data={
            "plan": shown.moment,
            "selected": chosen,
            "lines": [
                {
                    "number": number,
                    "text": text[:_LONGEST_LINE] + ("…" if len(text) > _LONGEST_LINE else ""),
                    "step": links.get(number),
                    "unread": number in unread,
                }
                for number, text in enumerate(texts[first : first + _SHOWN_LINES], first + 1)
            ],
        },
        on_picked_change=picked,
    )
    if len(texts) > _SHOWN_LINES:
        st.caption(f"Lines {first + 1:,} to {min(first + _SHOWN_LINES, len(texts)):,} of {len(texts):,}, around the step at hand.")


def _window(of_step: list[int], lines: int) -> int:
    """The index of the first line that is shown, so that the step's own lines are among them."""
    if lines <= _SHOWN_LINES or not of_step:
        return 0
    return max(0, min(of_step[0] - _SHOWN_LINES // 2, lines - _SHOWN_LINES))
