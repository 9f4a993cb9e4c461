"""The two or three numbers that a text states: how large it is, how much it grows, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass

import re2

from dbbuddy.capacity.units import UnitError, convert, quantity
from dbbuddy.context import SystemContext

_MOST_CHARACTERS = 20_000
_LARGEST_GB = 1e9
_DAYS_A_MONTH = 365.25 / 12
_SIZE = r"(\d[\d.,]*)\s*([KMGTP]i?B)\b"
_EVERY = (
    r"\s*(?:of (?:data|new data|growth)\s*)?(?:more\s*|new\s*|extra\s*)?(?:per|an?|every|each|/)\s*"
    r"(day|week|month|quarter|year|night)\b"
)
_DAYS = {"day": 1.0, "night": 1.0, "week": 7.0, "month": _DAYS_A_MONTH, "quarter": 365.25 / 4, "year": 365.25}
_GROWTH = re2.compile(r"(?i)" + _SIZE + _EVERY)
_MONTHLY = re2.compile(
    r"(?i)\b(daily|weekly|monthly|yearly|annual)\s+growth\s*(?:is|of|:|=|about|around)?\s*(?:about |around |~)?" + _SIZE
)
_SHARE = re2.compile(
    r"(?i)\b(?:grow(?:s|ing|n|th)?|increas(?:es|ing|e))\b[^.\n%]{0,30}?(\d{1,3}(?:\.\d+)?)\s*(?:%|percent)" + _EVERY
)
_FULL = re2.compile(
    r"(?i)\b(?:out of|of|limit(?:ed)?(?: is| of| to)?|max(?:imum)?(?: is| of)?|capacity(?: is| of)?|(?:disk|volume|storage|drive)"
    r"(?: size)?(?: is| of| has)|provisioned|allocated)\s*:?\s*(?:an? |the |its )?(?:total |max )?" + _SIZE
)
_FULL_AFTER = re2.compile(
    r"(?i)" + _SIZE + r"\s+(?:disk|volume|drive|limit|allocated|provisioned|max\b|ebs|gp[23]|of (?:disk|storage|allocated))"
)
_USED = re2.compile(r"(?i)\b(\d{1,2}(?:\.\d+)?)\s*(?:%|percent)\s*(?:full|used|of (?:it|the (?:disk|volume|storage)))")
_ANY = re2.compile(r"(?i)" + _SIZE)
_NOT_DATA = re2.compile(r"(?i)^\s*(?:of )?(?:ram|memory|shared_buffers|buffer|sga|pga|swap|/s|per second|wal|log)\b")
_MEMORY_BEFORE = re2.compile(r"(?i)(?:ram|memory|shared_buffers|buffer_pool\w*|sga\w*|pga\w*|work_mem)\s*(?:is|of|=|:)?\s*$")


@dataclass(frozen=True)
class Stated:
    """Storage in GB, growth in GB a month; `None` for what the text does not say. One of the two at least is there."""

    today: float | None
    growth: float | None
    full: float | None = None

    def told(self) -> str:
        """The numbers in words."""
        parts = []
        if self.today is not None:
            parts.append(f"{self.today:,.6g} GB today")
        if self.growth is not None:
            parts.append(f"{self.growth:,.4g} GB more a month")
        if self.full is not None:
            parts.append(f"full at {self.full:,.6g} GB")
        return ", ".join(parts)

    def parameters(self, context: SystemContext) -> dict[str, str]:
        """The address of the capacity page that shows them, for this system."""
        numbers = {"today": self.today, "growth": self.growth, "full": self.full}
        found = {name: f"{value:.6g}" for name, value in numbers.items() if value is not None}
        where = {
            "service": context.service,
            "engine": context.engine,
            "environment": context.environment,
            "version": context.version,
        }
        return found | {name: str(value) for name, value in where.items() if value}


def stated(text: str) -> Stated | None:
    """The numbers of a text in any words; `None` if it states neither a size nor a growth of the data."""
    text = text[:_MOST_CHARACTERS]
    taken: list[tuple[int, int]] = []
    growth = _growth(text, taken)
    full = _full(text, taken)
    today = _today(text, taken)
    if today is None and full is not None and (used := _USED.search(text)):
        today = full * float(used.group(1)) / 100
    share = _SHARE.search(text)
    if growth is None and today is not None and share:
        growth = today * float(share.group(1)) / 100 * _DAYS_A_MONTH / _DAYS[share.group(2).lower()]
    if today is not None and full is not None and today > full and today != full:
        today, full = full, today
    return Stated(_rounded(today), _rounded(growth), _rounded(full)) if today is not None or growth is not None else None


def _growth(text: str, taken: list[tuple[int, int]]) -> float | None:
    match = _GROWTH.search(text)
    if match:
        taken.append(match.span())
        size = _gigabytes(match.group(1), match.group(2))
        return None if size is None else size * _DAYS_A_MONTH / _DAYS[match.group(3).lower()]
    match = _MONTHLY.search(text)
    if not match:
        return None
    taken.append(match.span())
    days = {"daily": 1.0, "weekly": 7.0, "monthly": _DAYS_A_MONTH}.get(match.group(1).lower(), 365.25)
    size = _gigabytes(match.group(2), match.group(3))
    return None if size is None else size * _DAYS_A_MONTH / days


def _full(text: str, taken: list[tuple[int, int]]) -> float | None:
    for pattern in (_FULL, _FULL_AFTER):
        for match in pattern.finditer(text):
            if not _overlaps(match.span(), taken) and not _about_memory(text, match.span()):
                taken.append(match.span())
                return _gigabytes(match.group(1), match.group(2))
    return None


def _today(text: str, taken: list[tuple[int, int]]) -> float | None:
    for match in _ANY.finditer(text):
        if not _overlaps(match.span(), taken) and not _about_memory(text, match.span()):
            return _gigabytes(match.group(1), match.group(2))
    return None


def _about_memory(text: str, span: tuple[int, int]) -> bool:
    return bool(_NOT_DATA.search(text[span[1] : span[1] + 30]) or _MEMORY_BEFORE.search(text[max(span[0] - 30, 0) : span[0]]))


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


def _gigabytes(number: str, unit: str) -> float | None:
    try:
        value, named = quantity(f"{number.rstrip('.,')} {unit}")
        size = convert(value, named, "GB")
    except UnitError:
        return None
    return size if 0 <= size <= _LARGEST_GB else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
