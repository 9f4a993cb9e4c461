"""Where the page stands after a run: a long answer is read from its start, and on a phone nothing covers it."""

from __future__ import annotations

import streamlit as st

# The place is taken again while elements still arrive, until the reader moves the page. The moment is kept on the
# element, so that a rerun which changes nothing does not move the reader. Where the sidebar covers the page it is closed.
# The script is the same for every place, so that a content security policy can name its hash.
SCRIPT = """
(() => {
  const {key, moment} = document.querySelector("[data-moment]").dataset;
  const target = () => document.querySelector(`.st-key-${key}`);
  if (target()?.dataset.shown === moment) return;
  const sidebar = document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
  if (sidebar && innerWidth < 768) sidebar.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  let moved = false;
  for (const event of ["wheel", "touchstart", "keydown", "pointerdown"])
    addEventListener(event, () => { moved = true; }, {once: true, capture: true, passive: true});
  const settle = () => {
    const place = target();
    if (!place || moved) return;
    place.style.scrollMarginTop = "4rem";
    place.scrollIntoView({block: "start"});
  };
  for (let delay = 0; delay < 1200; delay += 100) setTimeout(settle, delay);
  setTimeout(() => { if (target()) target().dataset.shown = moment; }, 1200);
})();
"""


def show(key: str, moment: str) -> None:
    """Bring the container with this key into view, once for each `moment`. Both: letters, digits and hyphens."""
    order = f'<span hidden data-key="{key}" data-moment="{moment}"></span>'
    st.html(f"{order}<script>{SCRIPT}</script>", unsafe_allow_javascript=True)
