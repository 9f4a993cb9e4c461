"""What an operator does, in plain words: `data/plan_operators/<engine>.yaml`."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import re2
from pydantic import BaseModel, ConfigDict

from dbbuddy.context import Engine
from dbbuddy.data_files import load_yaml
from dbbuddy.plans.model import PlanNode

_FILES: dict[Engine, tuple[str, ...]] = {"mariadb": ("mariadb", "mysql")}
_POSTGRESQL_PREFIX = re2.compile(r"^(Parallel|Partial|Finalize|Simple|Async) ")


class Explanation(BaseModel):
    """One operator. `match` is an RE2 pattern over the whole name, upper or lower case; the first that fits is taken.

    `does` is a sentence or two; `good` completes "Good when ..."; `look` completes "Look at ...".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: str
    name: str
    does: str
    good: str = ""
    look: str = ""


@cache
def explanations(engine: Engine) -> tuple[tuple[Any, Explanation], ...]:
    """The operators of an engine with their compiled patterns, in file order."""
    entries = [Explanation(**entry) for file in _FILES.get(engine, (engine,)) for entry in load_yaml(f"plan_operators/{file}.yaml")]
    return tuple((re2.compile(f"(?i){entry.match}"), entry) for entry in entries)


def explanation(engine: Engine, node: PlanNode) -> Explanation | None:
    """What the node's operator does; `None` if it is not in the file."""
    logical = node.details.get("LogicalOp")
    access = node.details.get("access_type")
    for name in (_named(node), logical, access):
        found = _lookup(engine, str(name)) if name else None
        if found is not None:
            return found
    return None


def _named(node: PlanNode) -> str:
    """The operator's name without what varies: `Parallel`, `Partial`; with the strategy of an aggregate or a lookup."""
    name: str = _POSTGRESQL_PREFIX.sub("", node.type)
    strategy = node.details.get("Strategy")
    if name == "Aggregate" and strategy in ("Hashed", "Sorted", "Mixed"):
        return f"{strategy} Aggregate"
    if node.details.get("Lookup") is True:
        return f"{name} (Key Lookup)"
    return name


@lru_cache(maxsize=2048)
def _lookup(engine: Engine, name: str) -> Explanation | None:
    return next((entry for pattern, entry in explanations(engine) if pattern.fullmatch(name)), None)
