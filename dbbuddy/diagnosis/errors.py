"""The error catalogue: what an engine's error code means, its usual causes and the next step.

The texts are `data/errors/<engine>.yaml`, one code a line; a code without texts of its own has those of its family.
A catalogue is read when its engine is first asked about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from dbbuddy.advice import Source
from dbbuddy.context import Engine
from dbbuddy.data_files import DATA, load_yaml

# How much is known of a code itself: its texts, its name, or only the family that its number is in.
Depth = Literal["own", "name", "family"]

_SEPARATOR = " | "
_CODE_FIELDS = ("title", "meaning", "causes", "next", "query")
_FAMILY_FIELDS = ("id", "class", "match", "meaning", "causes", "next", "ask", "query")
_RANGE = re.compile(r"(?:([A-Z]+)-)?(-?\d+)(?:-(\d+))?$")
_ORACLE_CODE = re.compile(r"([A-Z]{3,4})-0*(\d+)$")
_LOG_CODE = re.compile(r"MY-(\d{6})$")
_STATE = re.compile(r"[0-9A-Z]{5}$")
# From this number on MySQL and MariaDB give the same number to different errors.
_PARTED = 1880
_FRAMES = ("the code ", "the error ", "the line", "that code", "see the n")
_FILES: dict[Engine, str] = {"mariadb": "mysql"}


@dataclass(frozen=True)
class ErrorEntry:
    """One error of one engine. `frame` says that the code only stands around the one that is the cause."""

    engine: Engine
    code: str
    name: str
    meaning: str
    class_name: str
    causes: tuple[str, ...]
    next_step: str
    query: str | None
    question: str
    source: Source
    depth: Depth
    frame: bool

    @property
    def title(self) -> str:
        """`23514 check_violation`; with the class where the code has no name."""
        return f"{self.code} {self.name}" if self.name else f"{self.code} ({self.class_name})"


@dataclass(frozen=True)
class _Family:
    """The codes of one class: by number, or by a pattern of code and name."""

    texts: dict[str, str]
    pattern: re.Pattern[str] | None
    ranges: tuple[tuple[str, int, int], ...]

    def holds(self, code: str, name: str) -> bool:
        if self.pattern:
            return bool(self.pattern.search(f"{code} {name}"))
        prefix, number = _split(code)
        return number is not None and any(p == prefix and low <= number <= high for p, low, high in self.ranges)


class Catalogue:
    """One engine's codes and families."""

    def __init__(self, engine: Engine) -> None:
        self.engine: Engine = engine
        raw = load_yaml(f"errors/{_FILES.get(engine, engine)}.yaml")
        self._queries: dict[str, str] = raw["queries"]
        self._manual: dict[str, str] = raw.get(f"{engine}_manual", raw["manual"])
        self._families = tuple(map(_family, raw["families"].splitlines()))
        self._severities: dict[int, str] = raw.get("severities", {})
        self.names = _symbols(engine)
        self._rows = _rows(raw["codes"])
        if engine == "mariadb":
            other = _symbols("mysql")
            rows = self._rows.items()
            self._rows = {code: row for code, row in rows if _is_shared(code) or self.names.get(code) == other.get(code)}
            self._rows |= _rows(raw["mariadb_codes"])

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that has texts or a name of its own."""
        return tuple(dict.fromkeys([*self._rows, *self.names]))

    @cached_property
    def code_of(self) -> dict[str, str]:
        """The code by its name: `unique_violation` is 23505, `ER_DUP_ENTRY` is 1062."""
        if self.names:
            return {name: code for code, name in self.names.items()}
        return {name: code for code in self._rows for name in [self._row(code)["name"]]}

    def find(self, code: str) -> ErrorEntry | None:
        """The entry of a code as people write it."""
        key = _key(code, self.engine)
        row = self._row(key)
        name = self.names.get(key) or row.get("name", "")
        family = self._family_of(key, name)
        if family is None:
            return None
        depth: Depth = "own" if row.get("meaning") else "name" if name else "family"
        texts = family.texts
        causes = row.get("causes") or texts["causes"]
        query = row.get("query") or texts["query"]
        return ErrorEntry(
            engine=self.engine,
            code=key,
            name=name,
            meaning=row.get("meaning") or _meaning_by_name(name, texts["meaning"]),
            class_name=texts["class"],
            causes=tuple(cause for cause in causes.split("; ") if cause not in ("none", "see text")),
            next_step=row.get("next") or texts["next"],
            query=self._queries.get(query),
            question=texts["ask"],
            source=self._source(texts),
            depth=depth,
            frame=causes.startswith(_FRAMES) or texts["id"] == "state",
        )

    def severity(self, level: int) -> str:
        """What a severity level says; empty where the engine has none."""
        if not self._severities:
            return ""
        return self._severities.get(level, "information, no error" if level < 10 else "")

    def _row(self, key: str) -> dict[str, str]:
        if key not in self._rows:
            return {}
        fields = dict(zip(_CODE_FIELDS, self._rows[key].split(_SEPARATOR), strict=False))
        fields["name"] = fields.pop("title").partition(" ")[2]
        return fields

    def _family_of(self, key: str, name: str) -> _Family | None:
        if self.engine == "postgresql":
            return next((f for f in self._families if f.texts["id"] == key[:2]), None) if _STATE.match(key) else None
        return next((family for family in self._families if family.holds(key, name)), None)

    def _source(self, texts: dict[str, str]) -> Source:
        section = self._manual["section"].replace("{family}", texts["id"]).replace("{class}", texts["class"])
        return Source(title=self._manual["title"], section=section, url=self._manual["url"])


@cache
def catalogue(engine: Engine) -> Catalogue:
    """The catalogue of an engine, read on first use."""
    return Catalogue(engine)


def explain(code: str, engine: Engine) -> ErrorEntry | None:
    """What the code means on that engine; `None` if it is not one of its codes."""
    return catalogue(engine).find(code)


def _is_shared(code: str) -> bool:
    """Whether MySQL and MariaDB mean the same by it: old numbers and SQLSTATEs."""
    return bool(_STATE.match(code)) or (int(code) < _PARTED and (len(code) < 4 or code in _symbols("mariadb")))


def _rows(block: str) -> dict[str, str]:
    return {line.split(" ", 1)[0]: line for line in block.splitlines()}


@cache
def _symbols(engine: Engine) -> dict[str, str]:
    path = DATA / "errors" / f"{engine}_symbols.txt"
    if not path.exists():
        return {}
    return dict(line.split(" ", 1) for line in path.read_text(encoding="utf-8").splitlines())


def _family(line: str) -> _Family:
    texts = dict(zip(_FAMILY_FIELDS, line.split(_SEPARATOR), strict=True))
    match = texts["match"]
    if match.startswith("/"):
        return _Family(texts, re.compile(match.strip("/")), ())
    return _Family(texts, None, tuple(_range(part) for part in match.split(", ") if _RANGE.match(part)))


def _range(part: str) -> tuple[str, int, int]:
    found = _RANGE.match(part)
    assert found is not None
    low = int(found[2])
    return found[1] or "", low, int(found[3] or low)


def _key(code: str, engine: Engine) -> str:
    """The code as the catalogue writes it: ORA codes with five digits, driver codes and numbers without zeros in front."""
    code = code.strip().upper()
    if engine == "oracle":
        prefixed = _ORACLE_CODE.match(code if "-" in code else f"ORA-{code}")
        if prefixed is None:
            return code
        width = {"DPY": 4, "DPI": 4, "NJS": 3}.get(prefixed[1], 5)
        return f"{prefixed[1]}-{prefixed[2].zfill(width)}"
    logged = _LOG_CODE.match(code)
    if logged and int(logged[1]) < 10_000:
        return str(int(logged[1]))
    return code


def _split(code: str) -> tuple[str, int | None]:
    prefixed = _ORACLE_CODE.match(code)
    if prefixed:
        return prefixed[1], int(prefixed[2])
    return "", int(code) if code.lstrip("-").isdigit() else None


def _meaning_by_name(name: str, family: str) -> str:
    words = re.sub(r"^(ER|CR|WARN)_", "", name).replace("_", " ").lower()
    return f"By its name: {words}. {family}" if words else family
