"""Columns of numbers as people and tools write them: decimal commas, thousand separators, units behind the number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dbbuddy.capacity.history.model import Values
from dbbuddy.capacity.units import is_known, split_quantity

_SAMPLE = 2_000
_SPACES = "   '_"


@dataclass(frozen=True)
class Numerals:
    """(n,) numbers, NaN where there is none, and the unit behind each ("" for none), None if no number has one."""

    values: Values
    units: list[str] | None
    share: float


def numerals(column: pd.Series[str]) -> Numerals:
    """Read a column of texts.

    Whether a comma is a decimal sign is decided by the whole column: by numbers that hold both signs, by groups that are
    not of three digits, else it separates thousands where every number has groups of three after it.
    """
    plain = pd.to_numeric(column, errors="coerce")
    filled = int((column.str.strip() != "").sum())
    if filled and plain.notna().sum() >= filled:
        return Numerals(plain.to_numpy(float), None, 1.0)
    texts = column.tolist()
    pairs = [split_quantity(text) for text in texts]
    named = any(unit for _, unit in pairs) and all(not unit or is_known(unit) for _, unit in pairs)
    numbers = [_bare(number) for number, _ in pairs] if named else [_bare(text.strip()) for text in texts]
    comma = _decimal_comma([number for number in numbers[:_SAMPLE] if number])
    drop, point = (".", ",") if comma else (",", ".")
    tidy = [number.replace(drop, "").replace(point, ".") if point == "," else number.replace(drop, "") for number in numbers]
    values = pd.to_numeric(pd.Series(tidy, dtype=object), errors="coerce").to_numpy(float)
    share = float(np.isfinite(values).sum()) / max(filled, 1)
    return Numerals(values, [unit for _, unit in pairs] if named else None, share)


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign not in _SPACES) if any(sign in text for sign in _SPACES) else text


def _decimal_comma(numbers: list[str]) -> bool:
    both = [number for number in numbers if "," in number and "." in number]
    if both:
        return sum(number.rfind(",") > number.rfind(".") for number in both) > len(both) / 2
    commas = [number for number in numbers if "," in number]
    if commas:
        return not all(_in_thousands(number, ",") for number in commas)
    points = [number for number in numbers if "." in number]
    return any(number.count(".") > 1 for number in points)


def _in_thousands(number: str, sign: str) -> bool:
    head, *groups = number.lstrip("+-").split(sign)
    return 1 <= len(head) <= 3 and head != "0" and all(len(group) == 3 and group.isdigit() for group in groups)
