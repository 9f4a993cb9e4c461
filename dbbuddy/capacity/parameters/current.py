"""Reading the configuration that a user has now, and comparing it with the proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import re2

from dbbuddy.capacity.parameters.machine import GB, KB, MB
from dbbuddy.capacity.parameters.setting import Parameter, Text

# Far more than any server has; a pasted log is not read to its end.
_MOST_LINES = 5_000
_MOST_CHARACTERS = 400
_UNITS = {"b": 1, "k": KB, "kb": KB, "m": MB, "mb": MB, "g": GB, "gb": GB, "t": 1024 * GB, "tb": 1024 * GB, "8kb": 8 * KB}
# `name = value`, `name | value | unit`, `name<tab>value`, `*.name=value`, `ALTER SYSTEM SET name = value`.
_ASSIGNED = re2.compile(r"^\s*\|?\s*(?i:alter\s+system\s+set\s+)?(?:\*\.)?([A-Za-z][A-Za-z0-9_.-]*)\s*(?:=|:|\|)\s*(.*?)\s*\|?\s*$")
_TABBED = re2.compile(r"^\s*([A-Za-z][A-Za-z0-9_.-]*)\s+(?:big integer|integer|string|boolean)?\s*(\S.*?)\s*$")
_SP_CONFIGURE = re2.compile(r"^\s*([A-Za-z][A-Za-z ()]*?[A-Za-z)])\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(?:\s+(-?\d+))?\s*$")
_EXEC = re2.compile(r"(?i)sp_configure\s+N?'([^']+)'\s*,\s*(-?\d+)")
_SIZE = re2.compile(r"^(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)$")

Change = Literal["set", "raise", "lower", "change", "same"]


@dataclass(frozen=True)
class Difference:
    """A parameter now and as proposed. `current` is `None` where the user's configuration does not name it."""

    name: str
    current: str | None
    proposed: str
    change: Change
    restart: bool
    risk: str


def read_configuration(text: str) -> dict[str, str]:
    """Names and values of a configuration file, `SHOW ALL`, `SHOW VARIABLES`, `sp_configure` or `show parameter`.

    Names are lower case; a later line wins. Lines that are none of these are passed over.
    """
    found: dict[str, str] = {}
    for line in text.splitlines()[:_MOST_LINES]:
        line = line[:_MOST_CHARACTERS]
        if line.lstrip().startswith(("#", "--", ";", "[")):
            continue
        option = _EXEC.search(line) or _SP_CONFIGURE.search(line)
        if option:
            groups = [group for group in option.groups() if group is not None]
            found[groups[0].lower()] = groups[-1]
            continue
        assigned = _ASSIGNED.search(line) or _TABBED.search(line)
        if assigned:
            found[assigned.group(1).lower().replace("-", "_")] = _cleaned(assigned.group(2))
    return found


def differences(parameters: tuple[Parameter, ...], current: dict[str, str], texts: dict[str, Text]) -> tuple[Difference, ...]:
    """Each parameter that we would set, against the user's value; what has to be changed first."""
    rows = []
    for parameter in parameters:
        if parameter.service_note:
            continue
        now = current.get(parameter.name.lower())
        change = _change(parameter, now, texts[parameter.name].unit)
        rows.append(Difference(parameter.name, now, parameter.shown, change, parameter.restart, parameter.risk))
    return tuple(sorted(rows, key=lambda row: (row.change == "same", row.change == "set")))


def _cleaned(value: str) -> str:
    value = value.split("#")[0].split(" --")[0].strip().rstrip(";").strip()
    # The second column of a table is the unit: `16384 | 8kB`.
    parts = [part.strip() for part in value.split("|")]
    if len(parts) > 1 and parts[1].lower() in _UNITS and parts[0].isdigit():
        return f"{int(parts[0]) * _UNITS[parts[1].lower()]}B"
    first = parts[0]
    for word in (" SCOPE=", " scope="):
        first = first.split(word)[0]
    return first.strip().strip("'\"")


def _change(parameter: Parameter, now: str | None, unit: str) -> Change:
    if now is None:
        return "set"
    if isinstance(parameter.value, str):
        return "same" if now.lower() == parameter.value.lower() else "change"
    number = _number(now, unit)
    if number is None:
        return "change"
    if abs(number - parameter.value) <= 0.01 * abs(parameter.value):
        return "same"
    return "raise" if number < parameter.value else "lower"


def _number(text: str, unit: str) -> float | None:
    """Bytes for sizes (without a unit in the parameter's own), else the number; `None` for words."""
    matched = _SIZE.search(text.replace(",", "").strip())
    if not matched:
        return {"on": 1.0, "off": 0.0}.get(text.lower())
    figure, written = float(matched.group(1)), matched.group(2).lower()
    if written:
        return figure * _UNITS[written] if written in _UNITS else None
    return figure * _UNITS.get(unit.lower(), 1)
