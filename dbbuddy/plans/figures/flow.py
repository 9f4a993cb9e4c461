"""The row flow: how many rows each step hands to the next, and how many it throws away."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field

import plotly.graph_objects as go

from dbbuddy.plans.describe import count, operator, shortened, step
from dbbuddy.plans.figures import palette
from dbbuddy.plans.figures.folding import Fold, fold
from dbbuddy.plans.figures.measures import Measures

MOST = 28
# Below this share of the widest stream a stream would not be seen.
_THINNEST = 0.006
# Steps whose rows differ from their input's by no more than this share pass them on as they came.
_SAME = 0.05
_REMOVED = "Rows Removed"


@dataclass
class _Links:
    source: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    rows: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)

    def add(self, source: int, target: int, rows: float, note: str, colour: str) -> None:
        self.source.append(source)
        self.target.append(target)
        self.rows.append(rows)
        self.notes.append(note)
        self.colours.append(colour)


def discarded(measures: Measures, number: int) -> float:
    """Rows that a step read and threw away, over all loops; 0 if the plan does not tell."""
    node = measures.nodes[number]
    removed = [value for name, value in node.details.items() if name.startswith(_REMOVED) and isinstance(value, (int, float))]
    read = node.details.get("ActualRowsRead")
    if isinstance(read, (int, float)) and node.rows_actual is not None:
        return max(0.0, read - node.rows_actual * (node.loops or 1.0))
    return float(sum(removed)) * (1.0 if node.loops is None else node.loops)


def title(measures: Measures) -> str:
    """What the rows tell: read and thrown away, or the most that any step passes on, against the result."""
    result = measures.rows(0)
    passed = [measures.rows(number) or 0.0 for number in range(len(measures.nodes))]
    most = max(passed)
    verb = "" if measures.view.ran else " (estimated)"
    thrown = [discarded(measures, number) for number in range(len(measures.nodes))]
    worst = max(range(len(thrown)), key=lambda number: thrown[number])
    name = shortened(step(measures.nodes[worst], measures.plan.engine), 50)
    if thrown[worst] > max(most, 100.0):
        return f"{name} reads and throws away {count(thrown[worst])} rows; the result has {count(result or 0.0)}"
    if result is not None and most > 10 * max(result, 1.0):
        widest = passed.index(most)
        name = shortened(step(measures.nodes[widest], measures.plan.engine), 50)
        return f"{name} passes on {count(most)} rows{verb} for a result of {count(result)}"
    return f"{count(most)} rows{verb} at the widest place, {count(result or 0.0)} in the result"


def flow(measures: Measures, *, dark: bool = False) -> go.Figure:
    """A Sankey from the tables on the left to the result on the right. Widths are rows; streams too thin to see get a minimum."""
    shown = _without_idle(measures, fold(measures, MOST))
    place = {number: index for index, number in enumerate(shown.shown)}
    labels = [_label(measures, number, shown) for number in shown.shown]
    links = _links(measures, shown, place, labels)
    widest = max(links.rows, default=1.0) or 1.0
    figure = go.Figure(
        go.Sankey(
            orientation="h",
            textfont={"color": palette.TEXT_ON_DARK if dark else palette.TEXT_ON_LIGHT, "shadow": "none", "size": 12},
            arrangement="snap",
            node={
                "label": labels,
                "color": [palette.STEP] * len(shown.shown) + [palette.FOLDED] * (len(labels) - len(shown.shown)),
                "pad": 14,
                "thickness": 12,
                "line": {"width": 0},
                "hovertemplate": "%{label}<extra></extra>",
            },
            link={
                "source": links.source,
                "target": links.target,
                "value": [max(rows, widest * _THINNEST) for rows in links.rows],
                "customdata": links.notes,
                "color": links.colours,
                "hovertemplate": "%{customdata}<extra></extra>",
            },
        )
    )
    leaves = len(set(links.source) - set(links.target)) + links.colours.count(palette.DISCARDED)
    height = min(900, max(260, 44 * max(leaves, 1 + math.isqrt(len(labels))) + 60))
    figure.update_layout(margin={"l": 4, "r": 4, "t": 8, "b": 8}, height=height)
    return figure


def _without_idle(measures: Measures, shown: Fold) -> Fold:
    """Without the steps that pass their only input's rows on as they came: they would only stretch the picture."""
    inputs: dict[int, list[int]] = {}
    for number in shown.shown[1:]:
        inputs.setdefault(measures.parents[number], []).append(number)
    kept = []
    for number in shown.shown:
        below = inputs.get(number, [])
        idle = number > 0 and len(below) == 1 and number not in shown.hidden_steps and discarded(measures, number) < 1
        rows, came = measures.rows(number), measures.rows(below[0]) if len(below) == 1 else None
        if not (idle and rows is not None and came is not None and abs(rows - came) <= _SAME * max(rows, came)):
            kept.append(number)
    return Fold(kept, shown.hidden_steps, shown.hidden_weight)


def _target(measures: Measures, number: int, place: dict[int, int]) -> int:
    """The nearest step above that is drawn."""
    above = measures.parents[number]
    while above not in place:
        above = measures.parents[above]
    return above


def _label(measures: Measures, number: int, shown: Fold) -> str:
    """Short, as streams stand close on a phone: the table or index, else the operator, and the rows."""
    rows = measures.rows(number)
    node = measures.nodes[number]
    name = html.escape(shortened(node.relation or node.index or operator(node, measures.plan.engine), 24))
    more = f" +{shown.hidden_steps[number]:,}" if number in shown.hidden_steps else ""
    return name + more + ("" if rows is None else f" · {count(rows)}")


def _links(measures: Measures, shown: Fold, place: dict[int, int], labels: list[str]) -> _Links:
    links = _Links()
    for number in shown.shown:
        rows = measures.rows(number)
        name = shortened(step(measures.nodes[number], measures.plan.engine), 50)
        if number:
            note = f"{html.escape(name)}: {'rows unknown' if rows is None else count(rows) + ' rows'}"
            links.add(place[number], place[_target(measures, number, place)], rows or 0.0, note, palette.ROWS)
        thrown = discarded(measures, number)
        if thrown >= 1:
            labels.append(f"thrown away · {count(thrown)}")
            links.add(
                place[number], len(labels) - 1, thrown, f"{html.escape(name)}: {count(thrown)} rows thrown away", palette.DISCARDED
            )
    return links
