"""What the guard knows by name (`data/sql_guard/words.yaml`): commands, procedures and functions with effects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import re2

from dbbuddy.data_files import load_yaml

Danger = Literal["read_only", "writing", "destructive", "unknown"]
Rule = tuple[Danger, str]

READ: Rule = ("read_only", "")
REMOVES: Rule = ("destructive", "removes what it names for good")
OUTSIDE: Rule = ("destructive", "runs a command or writes a file outside of the database")
CODE: Rule = ("unknown", "runs code that is not in the text")
_NO_REASON = "reads"
_LONGEST_COMMAND = 4
# A name with one of these words is taken for what it says.
_HARMFUL = re2.compile(r"(?:^|_)(?:drop|delete|remove|purge|truncate|kill|terminate|wipe|erase|destroy|shutdown)(?:_|$)")


@dataclass(frozen=True)
class Vocabulary:
    """The lists of the data file; see there for their meaning."""

    commands: dict[str, Rule]
    dbcc: dict[str, Rule]
    anywhere: dict[str, tuple[tuple[tuple[str, ...], Rule], ...]]
    functions: dict[str, Rule]
    dropped: frozenset[str]
    harmless: frozenset[str]
    caches: frozenset[str]
    dynamic: frozenset[str]
    sqlplus: frozenset[str]
    sqlplus_set: frozenset[str]
    procedures: tuple[tuple[re2._Regexp, Rule], ...]

    def command(self, words: list[str]) -> Rule | None:
        """What a statement with these first words does; the longest beginning that is known decides."""
        for length in range(min(_LONGEST_COMMAND, len(words)), 0, -1):
            rule = self.commands.get(" ".join(words[:length]))
            if rule is not None:
                return rule
        return None

    def procedure(self, name: str) -> Rule:
        """What a procedure does; one that is not known runs code that is not in the text."""
        for pattern, rule in self.procedures:
            if pattern.match(name.lower()):
                return rule
        return "unknown", f"calls {name}, whose code is not in the text"

    def function(self, name: str, whole: str = "") -> Rule | None:
        """What a function does beside giving a value; `None` for those without an effect. `whole` has the names before its dots."""
        plain = name.lower()
        if whole.lower().removeprefix("sys.") in self.harmless:
            return None
        if plain in self.functions:
            return self.functions[plain]
        if plain not in self.harmless and _HARMFUL.search(plain):
            return "destructive", f"{name}() removes or stops something, to judge by its name"
        return None


@cache
def vocabulary() -> Vocabulary:
    """The data file, read once."""
    data = load_yaml("sql_guard/words.yaml")
    anywhere: dict[str, list[tuple[tuple[str, ...], Rule]]] = {}
    for text, rule in _flat(data["anywhere"]).items():
        group = tuple(text.split())
        anywhere.setdefault(group[0], []).append((group, rule))
    return Vocabulary(
        commands=_flat(data["commands"]),
        dbcc=_flat(data["dbcc"]),
        anywhere={first: tuple(groups) for first, groups in anywhere.items()},
        functions=_flat(data["functions"]),
        dropped=frozenset(data["dropped"]),
        harmless=frozenset(data["harmless"]),
        caches=frozenset(data["caches"]),
        dynamic=frozenset(data["dynamic"]),
        sqlplus=frozenset(data["sqlplus"]),
        sqlplus_set=frozenset(data["sqlplus_set"]),
        procedures=tuple(
            (re2.compile(f"(?:{entry['name']})$"), _rule(entry["verdict"], entry["reason"])) for entry in data["procedures"]
        ),
    )


def _rule(danger: Danger, reason: str) -> Rule:
    return danger, "" if reason == _NO_REASON else reason


def _flat(groups: dict[Danger, dict[str, Any]]) -> dict[str, Rule]:
    return {
        name: _rule(danger, reason) for danger, reasons in groups.items() for reason, names in reasons.items() for name in names
    }
