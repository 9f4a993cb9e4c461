"""The SQL files of this room: named statements with named parameters, the same text on both databases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

SQL = Path(__file__).parent / "sql"

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_PARAMETER = re.compile(r"\$([a-z_]+)")
_FRAGMENT = re.compile(r"\[([a-z_]+)\]")
_COMMENT = re.compile(r"^--.*$", re.MULTILINE)

Row = tuple[Any, ...]


class Reads(Protocol):
    """Where a query runs: the store."""

    def read(self, sql: str, parameters: tuple[Any, ...] = (), *, limit_seconds: float = 5.0) -> list[Row]: ...


@dataclass(frozen=True)
class Query:
    """A statement with `$1`, `$2` ... and the names of these parameters in order."""

    sql: str
    names: tuple[str, ...]

    def values(self, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values in the statement's order.

        Raises:
            KeyError: one is missing.
        """
        return tuple(parameters[name] for name in self.names)

    def read(self, store: Reads, parameters: Mapping[str, Any]) -> list[Row]:
        """The rows of the query."""
        return store.read(self.sql, self.values(parameters))


@cache
def queries(file: str) -> dict[str, Query]:
    """The statements of `sql/<file>.sql` by name, in the order of the file."""
    parts = _NAME.split((SQL / f"{file}.sql").read_text(encoding="utf-8"))
    return {name: _query(_COMMENT.sub("", text)) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def _query(text: str) -> Query:
    text = _FRAGMENT.sub(lambda found: _fragment(found[1]), text)
    names = tuple(dict.fromkeys(_PARAMETER.findall(text)))
    sql = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", text)
    return Query(sql.strip().rstrip(";"), names)


@cache
def _fragment(name: str) -> str:
    """The text of `sql/<name>.sql`, which stands in several queries."""
    return _COMMENT.sub("", (SQL / f"{name}.sql").read_text(encoding="utf-8")).strip()
