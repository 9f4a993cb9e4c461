"""A figure as a tile: value, how sure it is, the target and whether it is met, the change, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dbbuddy.analytics import wording
from dbbuddy.analytics.figures import FEW, Figure
from dbbuddy.analytics.suppression import FEWEST

_IN_A_ROW = 4
_FEWEST_POINTS = 3
_BADGES: dict[wording.Verdict, str] = {
    "met": ":green-badge[:material/check: Target met]",
    "not met": ":red-badge[:material/close: Target not met]",
    "too early": ":gray-badge[:material/hourglass_empty: Too early to say]",
}


@dataclass(frozen=True)
class Tile:
    """A figure, the same figure of the period before, its course by week, and a remark below it.

    `title` replaces that of the definition. `low_is_good` turns the colours of the change round.
    """

    figure: Figure
    before: Figure | None = None
    course: Sequence[float | None] = ()
    title: str = ""
    note: str = ""
    low_is_good: bool = False


def row(tiles: Sequence[Tile]) -> None:
    """Tiles beside each other; below one another on a phone."""
    wide = -(-len(tiles) // -(-len(tiles) // _IN_A_ROW)) if tiles else 1
    for start in range(0, len(tiles), wide):
        for column, tile in zip(st.columns(wide), tiles[start : start + wide], strict=False):
            with column:
                draw(tile)


def draw(tile: Tile) -> None:
    """One tile. With few observations it is grey; about too few people it says that it is hidden."""
    figure = tile.figure
    with st.container(border=True, height="stretch", gap="small"):
        shown = wording.figure_value(figure)
        grey = figure.suppressed or figure.few
        course = [point for point in tile.course if point is not None] if not figure.suppressed else []
        change = wording.difference(figure, tile.before)
        st.metric(
            tile.title or figure.definition.title,
            f":gray[{shown}]" if grey else shown,
            delta=change or None,
            delta_color="off" if grey or _is_same(change) else "inverse" if tile.low_is_good else "normal",
            delta_arrow="off" if _is_same(change) else "auto",
            delta_description="vs before" if change else None,
            help=wording.meaning(figure),
            chart_data=course if len(course) >= _FEWEST_POINTS else None,
        )
        st.caption(" · ".join(_remarks(tile)))
        found = wording.verdict(figure)
        if found:
            st.markdown(f"{_BADGES[found]} :small[:gray[{wording.target(figure)}]]")


def _is_same(change: str) -> bool:
    """Whether a change rounds to nothing."""
    return not any(sign in "123456789" for sign in change)


def _remarks(tile: Tile) -> list[str]:
    figure = tile.figure
    if figure.suppressed:
        return [f"Hidden: about fewer than {FEWEST} people, or it would tell them from others."]
    if figure.value is None:
        return [tile.note or "Nothing to measure in this period."]
    between = wording.interval(figure)
    remarks = [f"95 % sure: {between}"] if between else []
    remarks.append(wording.observations(figure) + (f", under {FEW}" if figure.few else ""))
    return [*remarks, tile.note] if tile.note else remarks
