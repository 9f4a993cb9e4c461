"""How figures and filters read: the same words on the pages, in the files and in the report."""

from __future__ import annotations

from datetime import date
from typing import Literal

from dbbuddy.analytics.definitions import Unit
from dbbuddy.analytics.figures import Figure
from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.context import CATEGORY_NAMES, ENGINE_NAMES

UNKNOWN = "unknown"
"""How the value `""` of a filter is named: what was not known when the question was asked."""

Verdict = Literal["met", "not met", "too early"]

NAMES: dict[str, str] = {
    **{str(name): text for name, text in CATEGORY_NAMES.items()},
    **{str(name): text for name, text in ENGINE_NAMES.items()},
    "rules": "Rules (no model)",
    "groq": "Groq",
    "huggingface": "Hugging Face",
    "ollama": "Ollama",
    "development": "Development",
    "staging": "Staging",
    "production": "Production",
    "needs_details": "asked back",
    "out_of_scope": "declined",
    "handed_over": "handed over",
    "not_solved": "not solved",
    "first": "first words of a model",
    "whole": "end of a model's answer",
    "answer": "answer of the rules",
}
"""Names of ids, of all kinds: they do not overlap."""


def name(id: str) -> str:
    """The name of a category, an engine, a provider, a state; other text as it stands."""
    return NAMES.get(id, id) if id else UNKNOWN


def verdict(figure: Figure) -> Verdict | None:
    """Whether the target is met: only if the whole interval clears it, and missed only if none of it does.

    With too few observations it is too early. None without a target or a value.
    """
    if figure.value is None or figure.met is None:
        return None
    if figure.few:
        return "too early"
    if figure.met:
        return "met"
    target, low, high = figure.definition.target, figure.low, figure.high
    if target is None or low is None or high is None:
        return None
    missed = high < target.at_least if target.at_least is not None else low > (target.at_most or 0.0)
    return "not met" if missed else "too early"


def value(number: float | None, unit: Unit) -> str:
    """A number in its unit; a dash where there is none."""
    if number is None:
        return "–"
    if unit == "share":
        return f"{100 * number:.0f} %" if abs(number) >= 0.0995 or number == 0 else f"{100 * number:.1f} %"
    if unit == "stars":
        return f"{number:.2f}"
    if unit == "milliseconds":
        return f"{number / 1000:,.1f} s" if number >= 1000 else f"{number:,.0f} ms"
    if unit == "minutes":
        return f"{number:,.0f} min"
    if unit == "dollars":
        return f"${number:,.2f}" if abs(number) < 100 else f"${number:,.0f}"
    return f"{number:,.0f}"


def figure_value(figure: Figure) -> str:
    """The value of a figure, or that it is hidden."""
    return "hidden" if figure.suppressed else value(figure.value, figure.definition.unit)


def interval(figure: Figure) -> str:
    """From what to what the true value lies in 95 of 100 cases; empty where there is no interval."""
    if figure.low is None or figure.high is None:
        return ""
    unit = figure.definition.unit
    low, high = value(figure.low, unit), value(figure.high, unit)
    return low if low == high else f"{low} to {high}"


def target(figure: Figure) -> str:
    """The value to reach; empty if there is none."""
    wanted = figure.definition.target
    if wanted is None:
        return ""
    if wanted.at_least is not None:
        return f"at least {value(wanted.at_least, figure.definition.unit)}"
    return f"at most {value(wanted.at_most, figure.definition.unit)}"


def observations(figure: Figure) -> str:
    """What was counted: `n = 312 ratings`."""
    return f"n = {figure.n:,} {figure.definition.n}"


def difference(figure: Figure, before: Figure | None) -> str:
    """By how much a figure has changed, with its sign; shares in points. Empty if one of the two has no value."""
    if before is None or figure.value is None or before.value is None:
        return ""
    change = figure.value - before.value
    unit = figure.definition.unit
    sign = "-" if change < 0 else "+"
    if unit == "share":
        return f"{sign}{abs(100 * change):.1f} points"
    text = value(abs(change), unit)
    return f"{sign}{text}"


def meaning(figure: Figure) -> str:
    """The definition, how it is computed, and its version."""
    definition = figure.definition
    return f"{definition.text}\n\nComputed as: {definition.computed}.\n\nDefinition `{figure.id}`, version {definition.version}."


def day(moment: date) -> str:
    """`3 Nov 2026`."""
    return f"{moment.day} {moment:%b %Y}"


def period(chosen: Period) -> str:
    """`25 Oct 2026 – 23 Nov 2026`, or the one day."""
    return day(chosen.first) if chosen.first == chosen.last else f"{day(chosen.first)} – {day(chosen.last)}"


def parts(chosen: Filter) -> tuple[tuple[str, str], ...]:
    """What is chosen beside the period: name of the dimension and the values in words; nothing where all pass."""
    dimensions = (
        ("Team", chosen.teams),
        ("Category", chosen.categories),
        ("Engine", chosen.engines),
        ("Environment", chosen.environments),
        ("Provider", chosen.providers),
    )
    return tuple((title, ", ".join(map(name, values))) for title, values in dimensions if values)
