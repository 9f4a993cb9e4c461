"""What the name of a column or counter says: its metric and its unit."""

from __future__ import annotations

from functools import cache
from typing import Any

import re2
from pydantic import BaseModel, ConfigDict, TypeAdapter

from dbbuddy.capacity.metric import Metric
from dbbuddy.capacity.units import is_known, is_rate_of_size, is_size
from dbbuddy.data_files import load_yaml

_WORDS = re2.compile(r"[A-Za-z%][A-Za-z%/]*")
_BRACKETED = re2.compile(r"[(\[]\s*([^)\]]{1,20}?)\s*[)\]]")


class Named(BaseModel):
    """An entry of `data/capacity/metric_names.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    word: str
    metric: Metric
    unit: str = ""
    free: bool = False


@cache
def _names() -> list[Named]:
    content: Any = load_yaml("capacity/metric_names.yaml")
    return TypeAdapter(list[Named]).validate_python(content)


def named(name: str) -> Named | None:
    """What the name tells, None if nothing."""
    plain = name.lower()
    for sign in " ./-:":
        plain = plain.replace(sign, "_")
    return next((entry for entry in _names() if entry.word in plain), None)


def unit_in(name: str) -> str:
    """The unit that a name ends in or holds in brackets: `size_mb`, `Used (GiB)`, `cpu %`; "" if none."""
    told = _BRACKETED.search(name)
    if told and is_known(told.group(1)):
        return str(told.group(1))
    words = [str(word) for word in _WORDS.findall(name.replace("_", " "))]
    units = [word for word in words if is_size(word) or is_rate_of_size(word) or word.lower() in ("%", "percent", "pct")]
    return units[-1] if units else ""
