"""Parameters for a machine: values, texts, memory check, ready text, and what differs from the user's configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dbbuddy.capacity.parameters import mysql, oracle, postgresql, sqlserver
from dbbuddy.capacity.parameters.current import Difference, differences, read_configuration
from dbbuddy.capacity.parameters.machine import KB, MB, Machine
from dbbuddy.capacity.parameters.managed import Managed, managed_for
from dbbuddy.capacity.parameters.render import ready_text
from dbbuddy.capacity.parameters.setting import MemoryCheck, Parameter, Proposal, Text, Value, plain, texts
from dbbuddy.context import Engine

_RULES: dict[Engine, Callable[[Machine], Proposal]] = {
    "postgresql": postgresql.propose,
    "mysql": mysql.propose,
    "mariadb": mysql.propose,
    "sqlserver": sqlserver.propose,
    "oracle": oracle.propose,
}


@dataclass(frozen=True)
class Configuration:
    """Everything a page shows: the parameters, the memory check, warnings, and the text with its kind (`ini`, `sql`, `bash`)."""

    engine: Engine
    parameters: tuple[Parameter, ...]
    memory: MemoryCheck
    warnings: tuple[str, ...]
    service_note: str
    text: str
    text_kind: str
    differences: tuple[Difference, ...] = ()

    @property
    def restart(self) -> bool:
        """Does anything that we would set need a restart?"""
        return any(parameter.restart and not parameter.service_note for parameter in self.parameters)


def recommend(machine: Machine, current: str = "") -> Configuration:
    """The configuration for a machine; `current` is the user's own as pasted.

    Raises:
        ValueError: the context names no engine.
    """
    engine = machine.context.engine
    if engine is None:
        raise ValueError("choose the database engine first")
    proposal = _RULES[engine](machine)
    managed = managed_for(machine.context)
    told = texts(engine)
    parameters = tuple(_parameter(value, told[value.name], machine, managed) for value in proposal.values)
    text, kind = ready_text(parameters, engine, managed)
    now = read_configuration(current) if current.strip() else {}
    return Configuration(
        engine,
        parameters,
        proposal.memory,
        proposal.warnings,
        managed.note if managed else "",
        text,
        kind,
        differences(parameters, now, told) if now else (),
    )


def _parameter(value: Value, text: Text, machine: Machine, managed: Managed | None) -> Parameter:
    return Parameter(
        value.name,
        value.value,
        _shown(value.value, text, machine.context.engine),
        _base(value.value, text),
        value.formula,
        text.reason,
        text.source,
        text.needs_restart(machine.version),
        text.risk,
        value.lowered,
        managed.sets.get(value.name, "") if managed else "",
    )


def _shown(value: int | float | str, text: Text, engine: Engine | None) -> str:
    """As the engine's own file writes it: MySQL and Oracle know K, M and G only."""
    if not text.unit or not isinstance(value, int):
        return f"{value:g}" if isinstance(value, float) else str(value)
    size = plain(value)
    return size if engine == "postgresql" else size.replace("kB", "K").replace("MB", "M").replace("GB", "G")


def _base(value: int | float | str, text: Text) -> str:
    """In the unit that parameter groups and flags want."""
    divisor = {"kB": KB, "8kB": 8 * KB, "MB": MB}.get(text.unit, 1)
    if isinstance(value, int):
        return str(value // divisor)
    return f"{value:g}" if isinstance(value, float) else value
