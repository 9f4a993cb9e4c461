"""The tab of the knowledge page that shows how a text is read and why its best playbooks are the best."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dbbuddy.advisor import ANSWERS_FROM, Advisor
from dbbuddy.context import CATEGORY_NAMES, ENGINE_NAMES, ENGINES, SystemContext
from dbbuddy.diagnosis.explain import Explanation, Signal
from dbbuddy.intake.kinds import KIND_NAMES
from dbbuddy.intake.read import Reading
from dbbuddy.intake.text import InputError
from dbbuddy.rendering import code_span
from dbbuddy.ui import context_fields
from dbbuddy.ui.text import plain, show_error

Explained = tuple[Reading, tuple[Explanation, ...]]

_FIELDS = "explain-context"
_EXPLAINED = "explained"
_KIND_NAMES = {"code": "Error code", "phrase": "Phrase", "finding": "Finding"}


def draw(advisor: Advisor) -> None:
    """The input, and below it the explanation of the text that was last sent."""
    text = st.text_area(
        "Text",
        placeholder="Paste what a user asked, or an error, query, plan or log",
        height=150,
        key="explain-text",
    )
    with st.expander("System, if the text does not tell it", icon=":material/tune:"):
        context = context_fields.draw(_FIELDS)
    if st.button("Explain the match", type="primary", icon=":material/troubleshoot:", key="explain-send"):
        st.session_state[_EXPLAINED] = _explain(advisor, text or "", context)
    explained: Explained | str | None = st.session_state.get(_EXPLAINED)
    if explained is None:
        st.caption("You see how the text is read, which playbooks come near, and which words and signals brought each there.")
        return
    if isinstance(explained, str):
        show_error(explained)
        return
    reading, found = explained
    _draw_reading(reading)
    if not found:
        st.info("No playbook shares a word or a signal with this text.", icon=":material/search_off:")
        return
    _draw_ranking(found)


def _explain(advisor: Advisor, text: str, context: SystemContext) -> Explained | str:
    """The explanation, or why there is none."""
    try:
        return advisor.explain(text, context)
    except InputError as error:
        return str(error)


def _draw_reading(reading: Reading) -> None:
    st.markdown("##### How it is read")
    scores = {name: reading.engine_scores[name] for name in ENGINES if name in reading.engine_scores}
    rows = {
        "Kind": ", ".join(KIND_NAMES[kind] for kind in reading.kinds),
        "System": plain(reading.context.label()) if reading.context != SystemContext() else "",
        "Engine scores": ", ".join(f"{ENGINE_NAMES[name]} {score:g}" for name, score in scores.items()),
        "Codes": ", ".join(
            f"{code_span(code.value)} ({', '.join(ENGINE_NAMES[e] for e in ENGINES if e in code.engines)})"
            for code in dict.fromkeys(reading.codes)
        ),
        "Names": ", ".join(f"{name} {code_span(value)}" for name, value in reading.names.items()),
        "Numbers": ", ".join(f"{name.replace('_', ' ')} {value:,.10g}" for name, value in reading.facts.values.items()),
    }
    st.table(
        [{"Part": name, "Read": value or "–"} for name, value in rows.items()], hide_index=True, hide_header=True, width="content"
    )
    for note in reading.notes:
        st.caption(plain(note))


def _draw_ranking(found: Sequence[Explanation]) -> None:
    st.markdown("##### Which playbooks come near")
    ranking_table(found)
    sure = found[0].confidence
    st.caption(
        f"The first one is {sure:.0%} sure, enough to answer from."
        if sure >= ANSWERS_FROM
        else f"The first one is {sure:.0%} sure. Below {ANSWERS_FROM:.0%} the user is asked for more."
    )
    chosen = st.selectbox(
        "What speaks for and against",
        range(len(found)),
        format_func=lambda index: f"{index + 1}. {found[index].playbook.head.title}",
        key=f"explain-chosen-{found[0].playbook.slug}-{len(found)}",
        filter_mode=None,
    )
    draw_reasons(found[chosen or 0])


def ranking_table(found: Sequence[Explanation]) -> None:
    """The playbooks with the parts of their scores."""
    best = max(found[0].score, 1.0)
    st.dataframe(
        [
            {
                "Playbook": row.playbook.head.title,
                "Sure": row.confidence,
                "Score": max(row.score, 0.0),
                "Signals": row.signal_points,
                "Words": row.lexical,
                "Against": row.against_points,
                "Category": CATEGORY_NAMES[row.playbook.head.category],
            }
            for row in found
        ],
        hide_index=True,
        column_config={
            "Playbook": st.column_config.TextColumn(width="medium"),
            "Sure": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width="small"),
            "Score": st.column_config.ProgressColumn(format="%.1f", min_value=0, max_value=best, width="small"),
            **{name: st.column_config.NumberColumn(format="%.1f", width="small") for name in ("Signals", "Words", "Against")},
        },
    )


def draw_reasons(row: Explanation) -> None:
    """Every signal and the words that make up one playbook's score."""
    st.markdown(
        f":gray-badge[signals {row.signal_points:.1f}] :gray-badge[words {row.lexical:.1f}] "
        f":gray-badge[against {row.against_points:.1f}] :blue-badge[score {row.score:.1f}]"
    )
    signals = (*row.signals, *row.against)
    if signals:
        st.table([_signal_row(signal) for signal in signals], hide_index=True)
    else:
        st.caption("No code or phrase fired. The words alone brought it here.")
    if row.terms:
        st.dataframe(
            [{"Word": term.name, "Share of all words": 100 * term.share, "Points": term.points} for term in row.terms],
            hide_index=True,
            column_config={
                "Share of all words": st.column_config.ProgressColumn(
                    format="%.0f %%", min_value=0, max_value=100 * row.terms[0].share
                ),
                "Points": st.column_config.NumberColumn(format="%.1f"),
            },
        )


def _signal_row(signal: Signal) -> dict[str, str]:
    name = "Speaks against" if signal.points < 0 else _KIND_NAMES.get(signal.kind, signal.kind)
    seen = f"{plain(signal.quote)} (line {signal.line})" if signal.quote else "once typos were put right"
    return {
        "Signal": f"{name} {code_span(signal.pattern)}",
        "Weight": f"{signal.weight:g}",
        "Points": f"{signal.points:+.1f}",
        "Seen": seen,
    }
