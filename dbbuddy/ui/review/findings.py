"""The SQL with its findings below their lines, and beside it the finding at hand: why, what to do, the change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from dbbuddy.plans.describe import shortened
from dbbuddy.plans.prose import safe_markdown
from dbbuddy.rendering import code_span
from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Finding
from dbbuddy.sqlreview.share import change_of
from dbbuddy.sqlreview.share.annotated import MOST_LINES, Line, annotated
from dbbuddy.ui.plans.findings import SEVERITY_BADGES
from dbbuddy.ui.review.session import Opened
from dbbuddy.ui.text import plain

_ASSETS = Path(__file__).parent.parent / "assets"
_MOST = 500
_LONGEST_CHANGE = 30_000
_SQL = st.components.v2.component(
    "sql_lines",
    html='<div class="sql"></div>\n',
    css=(_ASSETS / "sql_lines.css").read_text(encoding="utf-8"),
    js=(_ASSETS / "sql_lines.js").read_text(encoding="utf-8"),
)


@st.fragment
def draw(opened: Opened) -> None:
    """SQL and finding side by side; only this runs again when a finding is chosen."""
    shown = opened.numbered(set(_chosen_severities(opened)))[:_MOST]
    numbers = [number for number, _ in shown]
    key = f"review-finding-{opened.moment}"
    if st.session_state.get(key) not in numbers:
        st.session_state.pop(key, None)
    sql, panel = st.columns([6, 5], gap="medium")
    with panel:
        chosen = _panel(opened, shown, key)
    with sql:
        _draw_sql(opened, shown, chosen, key)


def _chosen_severities(opened: Opened) -> list[Severity]:
    """The severities to be shown: all but mere information, unless there is nothing else."""
    found = opened.severities
    if len(found) < 2:
        return found
    by_severity = {severity: len(opened.numbered({severity})) for severity in found}
    chosen = st.pills(
        "Findings shown",
        found,
        selection_mode="multi",
        default=[severity for severity in found if severity != "info"],
        format_func=lambda severity: f"{severity} :gray[{by_severity[severity]:,}]",
        key=f"review-severities-{opened.moment}",
        label_visibility="collapsed",
    )
    return list(chosen)


def _panel(opened: Opened, shown: list[tuple[int, Finding]], key: str) -> int | None:
    """The finding at hand; returns its number."""
    if not opened.review.findings:
        st.success("No rule found anything to change.", icon=":material/check_circle:")
        return None
    if not shown:
        st.info("Choose above which findings are shown.", icon=":material/filter_alt:")
        return None
    findings = dict(shown)
    chosen = st.selectbox(
        f"Finding 1 of {len(shown)}" if len(shown) == 1 else f"{len(shown)} findings, the worst first",
        list(findings),
        format_func=lambda number: _label(findings[number]),
        key=key,
        filter_mode=None,
    )
    with st.container(border=True, key="review-panel"):
        _draw_finding(opened, findings[chosen])
    return chosen


def _label(finding: Finding) -> str:
    return f"{finding.severity} · line {finding.span.line} · {shortened(finding.title, 90)}"


def _draw_finding(opened: Opened, finding: Finding) -> None:
    st.markdown(f"##### {plain(finding.title)}")
    st.markdown(
        f"{SEVERITY_BADGES[finding.severity]} line {finding.span.line}, column {finding.span.column} · {code_span(finding.rule)}"
    )
    st.markdown(code_span(finding.evidence))
    st.markdown(safe_markdown(finding.why))
    st.markdown(f"**What to do.** {safe_markdown(finding.fix)}")
    _draw_change(opened, finding)
    if finding.source:
        st.caption(plain(finding.source))


def _draw_change(opened: Opened, finding: Finding) -> None:
    if finding.rewrite is not None and len(finding.rewrite) > _LONGEST_CHANGE:
        st.caption("The rewritten statement is too long to be shown.")
        return
    change = change_of(finding, opened.review)
    if change is None:
        return
    if change.diff is None:
        st.markdown(f"**{change.name}**")
        st.code(change.sql, language="sql", wrap_lines=True)
        return
    difference, whole = st.tabs(["What changes", change.name])
    with difference:
        st.code(change.diff, language="diff", wrap_lines=True)
    with whole:
        st.code(change.sql, language="sql", wrap_lines=True)


def _draw_sql(opened: Opened, shown: list[tuple[int, Finding]], chosen: int | None, key: str) -> None:
    findings = dict(shown)
    around = findings[chosen].span.line if chosen is not None else 1
    lines = annotated(opened.lines, shown, around)
    name = f"review-lines-{opened.moment}"

    def picked() -> None:
        st.session_state[key] = int(st.session_state[name]["picked"])

    _SQL(
        key=name,
        data={"review": opened.moment, "selected": chosen, "lines": [_line(line, findings) for line in lines]},
        on_picked_change=picked,
    )
    total = len(opened.lines)
    if total > MOST_LINES:
        st.caption(f"Lines {lines[0].number:,} to {lines[-1].number:,} of {total:,}, around the finding at hand.")
    hidden = len(opened.review.findings) - len(shown)
    if hidden:
        st.caption(f"{hidden:,} more finding{'s are' if hidden != 1 else ' is'} not shown here; choose the severities above.")


def _line(line: Line, findings: dict[int, Finding]) -> dict[str, Any]:
    return {
        "number": line.number,
        "text": line.text,
        "marks": [
            {"from": mark.start, "to": mark.end, "severity": mark.severity, "findings": list(mark.findings)} for mark in line.marks
        ],
        "notes": [
            {
                "finding": number,
                "severity": findings[number].severity,
                "title": findings[number].title,
                "line": findings[number].span.line,
                "column": findings[number].span.column,
            }
            for number in line.notes
        ],
    }
