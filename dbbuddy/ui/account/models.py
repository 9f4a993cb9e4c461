"""The language models as an administrator sees them: what is configured, how it is, and a check that really asks."""

from __future__ import annotations

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.providers.chain import default_chain
from dbbuddy.providers.health import HealthLine, State, check_provider, provider_health
from dbbuddy.ui.text import plain

_SIGNS: dict[State, str] = {
    "ready": ":green[:material/check_circle:]",
    "resting": ":orange[:material/hourglass:]",
    "misconfigured": ":red[:material/error:]",
    "not_configured": ":gray[:material/remove:]",
    "not_allowed": ":gray[:material/block:]",
}


def draw(user: User) -> None:
    """A line for each provider; nothing for anybody but an administrator."""
    if "admin" not in user.roles:
        return
    st.subheader("Language models", anchor=False)
    with st.container(border=True):
        for line in provider_health(default_chain()):
            _line(line)
        st.caption("Counted since this server started. Answers are complete without a language model.")


def _line(line: HealthLine) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_text(line), width="stretch")
        if line.state in ("ready", "resting", "misconfigured") and st.button(
            "Check", icon=":material/network_check:", type="tertiary", key=f"check-{line.name}", help="Asks it for one word."
        ):
            with st.spinner("Asking", show_time=True):
                check_provider(default_chain(), line.name)
            st.rerun()


def _text(line: HealthLine) -> str:
    failures = sum(line.failures.values())
    said = f"{_SIGNS[line.state]} **{plain(line.title)}** {plain(line.model)}: {plain(line.text)}"
    if line.answers or failures:
        said += f" {line.answers:,} answers, {failures:,} failures."
    if line.last_error and line.last_error_at:
        said += f" Last, {line.last_error_at:%Y-%m-%d %H:%M} UTC: {plain(line.last_error)}"
    return said
