"""The answer in a sentence, and the sentences below it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from dbbuddy.capacity.history.model import History
from dbbuddy.capacity.metric import FACTS
from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.study import Answer, Reached, series_title
from dbbuddy.capacity.wall import Wall

UNNAMED = "limit"
_PLURAL = ("Rows", "IOPS", "Connections", "Transactions")


@dataclass(frozen=True)
class Sentence:
    """What stands at the top: the headline and what it rests on."""

    headline: str
    below: str


def sentence(answer: Answer) -> Sentence:
    """When what is full, how sure that is, and until when something has to be ordered."""
    several = len(answer.projections) > 1
    if answer.first is not None:
        return Sentence(_headline(answer.first, several), _below(answer, answer.first, several))
    projection = answer.projections[0]
    if not answer.reached:
        return Sentence(_growth(projection, several), _no_limit(projection))
    nearest = max(answer.reached, key=lambda each: each.wall.probability)
    return Sentence(
        f"No limit is reached before {day(nearest.wall.horizon)}",
        f"Nearest: {nearest.wall.limit.name or 'the limit'} ({figure(nearest.wall.value, nearest.wall.limit.unit)}), "
        f"with a probability of {odds(nearest.wall.probability)} by then. {_growth(nearest.projection, several)}.",
    )


def day(date: dt.date) -> str:
    """`3 April 2027`."""
    return f"{date.day} {date:%B} {date.year}"


def between(early: dt.date, late: dt.date) -> str:
    """`3 and 21 April 2027`, without what both share."""
    if (early.year, early.month) == (late.year, late.month):
        return f"{early.day} and {day(late)}"
    return f"{early.day} {early:%B} and {day(late)}" if early.year == late.year else f"{day(early)} and {day(late)}"


def spoken_unit(history: History) -> str:
    """The unit, unless the metric's name says it already: 350 connections of connections."""
    return "" if history.unit.lower() == FACTS[history.metric].title.lower() else history.unit


def figure(value: float, unit: str = "") -> str:
    """A number that can be read at a glance: `1,240 GB`, `3.5 %`, `1.2e18 rows`."""
    size = abs(value)
    if size >= 1e15:
        text = f"{value:.3g}"
    elif size >= 100 or value == round(value):
        text = f"{value:,.0f}"
    else:
        text = f"{value:,.3g}"
    return f"{text} {unit}".strip()


def percent(share: float) -> str:
    """`3 %`; what is neither none nor all is never shown as such."""
    if 0 < share < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= share < 1 else f"{share:.0%}".replace("%", " %")


def odds(probability: float) -> str:
    """A chance that was estimated by simulation: never certain, either way."""
    return "under 1 %" if probability < 0.005 else percent(min(probability, 0.999))


def wall_told(wall: Wall) -> str:
    """When a limit is met, in a few words."""
    if wall.already:
        return "reached already"
    if wall.never or wall.early is None:
        return f"not before {day(wall.horizon)} ({odds(wall.probability)})"
    if wall.late is None:
        return f"from {day(wall.early)} on ({odds(wall.probability)} by {day(wall.horizon)})"
    return f"{day(wall.early)} if early, {day(wall.likely or wall.late)} likely, {day(wall.late)} if late"


def _subject(history: History, several: bool) -> str:
    """What is talked of: the metric, and the series' own name where there are several."""
    title = FACTS[history.metric].title
    if history.metric == "other" or (several and history.name):
        return series_title(history)
    return title


def _verb(history: History, several: bool, singular: str, plural: str) -> str:
    return plural if _subject(history, several) in _PLURAL else singular


def _headline(first: Reached, several: bool) -> str:
    wall, history = first.wall, first.projection.history
    what, limit = _subject(history, several), figure(wall.value, spoken_unit(history))
    if wall.already:
        return f"{what} {_verb(history, several, 'is', 'are')} at the limit of {limit} already"
    full = wall.limit.level == "full" and history.metric == "storage"
    verb = f"{what} is full ({limit})" if full else f"{what} {_verb(history, several, 'reaches', 'reach')} {limit}"
    early = wall.early or wall.horizon
    if wall.likely is None:
        return f"{what} may reach {limit} after {day(early)}"
    if wall.late is None:
        return f"{verb} after {day(early)}, likely by {day(wall.likely)}"
    return f"{verb} between {between(early, wall.late)}" if early != wall.late else f"{verb} on {day(early)}"


def _below(answer: Answer, first: Reached, several: bool) -> str:
    wall, parts = first.wall, []
    if wall.limit.name and wall.limit.name != UNNAMED:
        parts.append(
            f"{wall.limit.name[0].upper() + wall.limit.name[1:] if ' ' in wall.limit.name else f'Limit: {wall.limit.name}'}."
        )
    if wall.already:
        parts.append("Act now: see the roadmap.")
    elif wall.late is None or wall.likely is None:
        parts.append(f"{odds(wall.probability)} sure that it happens by {day(wall.horizon)}.")
    else:
        parts.append(f"80 % sure; most likely {day(wall.likely)}.")
    if answer.order and not wall.already:
        order = answer.order
        parts.append(
            "Order now: the lead time has begun."
            if order.late
            else f"Order by {day(order.order_by)} ({order.lead_days} days ahead)."
        )
    parts.append(_growth(first.projection, several) + ".")
    return " ".join(parts)


def _growth(projection: Projection, several: bool) -> str:
    history, now, then = projection.history, float(projection.clean[-1]), float(projection.mean[-1])
    what, unit = _subject(history, several), spoken_unit(history)
    until = day(projection.dates[-1])
    if figure(now) == figure(then):
        return f"{what} {_verb(history, several, 'stays', 'stay')} at {figure(now, unit)} until {until}"
    verb = _verb(history, several, "grows", "grow") if then > now else _verb(history, several, "falls", "fall")
    rate = figure(abs(projection.growth_per_month), unit)
    return f"{what} {verb} from {figure(now, unit)} to {figure(then, unit)} by {until}, {rate} a month"


def _no_limit(projection: Projection) -> str:
    unit = spoken_unit(projection.history)
    low, high = figure(float(projection.lo80[-1]), unit), figure(float(projection.hi80[-1]), unit)
    thing = FACTS[projection.history.metric].title.lower()
    return f"80 % sure: between {low} and {high} by then. Give a limit for {thing}, and you see when it is reached."
