"""A proposed parameter, and the check of what memory all of them may take at worst."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from dbbuddy.capacity.parameters.machine import GB, KB, MB
from dbbuddy.context import Engine
from dbbuddy.data_files import load_yaml

FOLDER = "capacity/parameters"


class Text(BaseModel):
    """What is said of a parameter: why, from where, whether it needs a restart, what can go wrong, and its base unit.

    `restart_until` is the version from which on no restart is needed any more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str
    source: str
    restart: bool
    restart_until: str = ""
    risk: str
    unit: Literal["", "B", "kB", "8kB", "MB"] = ""

    def needs_restart(self, version: tuple[int, ...] | None) -> bool:
        """Does a change need a restart in this version? Where it is not known, the careful answer."""
        if not self.restart_until or version is None:
            return self.restart
        return self.restart and version < tuple(int(part) for part in self.restart_until.split("."))


@dataclass(frozen=True)
class Value:
    """What an engine's rules propose: a number (bytes for sizes) or a word, how it was reached, and why it was lowered."""

    name: str
    value: int | float | str
    formula: str
    lowered: str = ""


@dataclass(frozen=True)
class MemoryCheck:
    """What all parameters may take at the same time, in bytes, line by line, against the RAM."""

    parts: tuple[tuple[str, int], ...]
    ram: int
    budget: int

    @property
    def total(self) -> int:
        return sum(size for _, size in self.parts)

    @property
    def fits(self) -> bool:
        return self.total <= self.budget


@dataclass(frozen=True)
class Proposal:
    """What an engine's rules return: its values, the memory check, and warnings for people."""

    values: tuple[Value, ...]
    memory: MemoryCheck
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """A parameter as a reader sees it.

    `shown` is how it is written in the engine's own file, `base` in its base unit, as parameter groups want it.
    `service_note` says that the managed service sets it itself; then it is not in the text.
    """

    name: str
    value: int | float | str
    shown: str
    base: str
    formula: str
    reason: str
    source: str
    restart: bool
    risk: str
    lowered: str = ""
    service_note: str = ""


@dataclass
class Budget:
    """Lowering what does not fit: remembers what was lowered and why."""

    notes: dict[str, str] = field(default_factory=dict)

    def lower(self, name: str, wanted: int, allowed: int, floor: int) -> int:
        """`wanted` if it fits, else what is allowed, never under the floor; the change is noted."""
        if wanted <= allowed:
            return wanted
        value = max(allowed, min(floor, wanted))
        self.notes[name] = f"lowered from {plain(wanted)}: the worst case would not fit the RAM"
        return value


def plain(size: int) -> str:
    """Bytes for people and for configuration files: the largest unit that divides evenly (`5041kB`, `4GB`)."""
    for unit, name in ((GB, "GB"), (MB, "MB"), (KB, "kB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)


def in_gib(size: float) -> str:
    """`3.4 GiB`, or MiB below one."""
    return f"{size / GB:,.1f} GiB" if size >= GB else f"{size / MB:,.0f} MiB"


@cache
def texts(engine: Engine) -> dict[str, Text]:
    """What is said of the engine's parameters, by name."""
    name = "mysql" if engine == "mariadb" else engine
    raw: dict[str, Any] = load_yaml(f"{FOLDER}/{name}.yaml")
    return {parameter: Text.model_validate(text) for parameter, text in raw.items()}
