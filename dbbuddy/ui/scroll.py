"""Where the page stands after a run. Streamlit keeps a chat page at its end; a long answer is read from its start."""

from __future__ import annotations

import streamlit as st

# Streamlit scrolls to the end while elements arrive, so the place is taken again until the page is at rest or the
# reader moves it.
_SCRIPT = """<script data-run="%(run)s">
(() => {
  let moved = false;
  for (const event of ["wheel", "touchmove", "keydown"]) addEventListener(event, () => { moved = true; }, {once: true});
  const settle = () => {
    const target = document.querySelector(".st-key-%(key)s");
    if (!target || moved) return;
    target.style.scrollMarginTop = "4.5rem";
    target.scrollIntoView({block: "start"});
  };
  for (let delay = 0; delay <= 3000; delay += 200) setTimeout(settle, delay);
})();
</script>"""


def show_from(key: str, run: str) -> None:
    """Scroll to the container with this key. The same `run` scrolls once. Both: letters, digits and hyphens."""
    st.html(_SCRIPT % {"key": key, "run": run}, unsafe_allow_javascript=True)
