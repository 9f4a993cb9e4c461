"""Plans as they arrive when a paste went wrong."""

from hypothesis import strategies as st


@st.composite
def damaged(draw: st.DrawFn, sources: list[str], noise: st.SearchStrategy[str]) -> str:
    """One or two plans with lines taken out, noise put in, and the end cut off."""
    lines: list[str] = []
    for source in draw(st.lists(st.sampled_from(sources), min_size=1, max_size=2)):
        kept = source.split("\n")
        for _ in range(draw(st.integers(0, 6))):
            if kept:
                kept.pop(draw(st.integers(0, len(kept) - 1)))
        lines += kept
    for _ in range(draw(st.integers(0, 4))):
        lines.insert(draw(st.integers(0, len(lines))), draw(noise))
    text = "\n".join(lines)
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text
