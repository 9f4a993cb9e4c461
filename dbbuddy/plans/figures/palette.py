"""Colours of plan figures: they differ in lightness as well as in hue, so that they read in light and dark mode, for the
colour-blind and in print.
"""

from __future__ import annotations

from itertools import pairwise

from dbbuddy.plans.figures.measures import Colouring

SEQUENTIAL = ((0.0, "#3d5a66"), (0.35, "#6f8f8a"), (0.7, "#c9b25c"), (1.0, "#ffc533"))
DIVERGING = ((0.0, "#2f6fb3"), (0.42, "#7d8c92"), (0.58, "#7d8c92"), (1.0, "#f0932b"))
UNKNOWN = "#8b979a"
FOLDED = "#8b979a"
ROWS = "rgba(79, 148, 158, 0.55)"
DISCARDED = "rgba(240, 147, 43, 0.65)"
STEP = "#3d7f89"
TEXT_ON_LIGHT = "#182326"
TEXT_ON_DARK = "#e4ecec"


def scale_of(by: Colouring) -> tuple[tuple[float, str], ...]:
    """The colour scale for a colouring: two-sided for misestimates, one-sided for amounts."""
    return DIVERGING if by == "misestimate" else SEQUENTIAL


def limits(by: Colouring, values: list[float | None]) -> tuple[float, float]:
    """The values at the ends of the scale: a share of 0 to at least 40 %, three powers of ten to both sides of a right estimate."""
    if by == "misestimate":
        return -3.0, 3.0
    known = [value for value in values if value is not None]
    if by in ("time", "cost"):
        return 0.0, max([0.4, *known])
    return 0.0, max([1.0, *known])


def colour(value: float | None, by: Colouring, ends: tuple[float, float]) -> str:
    """The colour of one value as `#rrggbb`."""
    if value is None:
        return UNKNOWN
    low, high = ends
    place = min(1.0, max(0.0, (value - low) / (high - low)))
    stops = scale_of(by)
    for (left, first), (right, second) in pairwise(stops):
        if place <= right:
            return _between(first, second, (place - left) / (right - left))
    return stops[-1][1]


def text_on(background: str) -> str:
    """Black or white, whichever reads on the colour."""
    red, green, blue = (_linear(int(background[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return "#101718" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 else "#ffffff"


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _between(first: str, second: str, place: float) -> str:
    parts = [(int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * place):02x}" for a, b in parts)
