"""JSON of MySQL and MariaDB out of a paste: keys that come twice are kept, end markers, bare words and a missing end are borne."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from json.decoder import JSONDecodeError
from typing import Any, NamedTuple

from dbbuddy.plans.numbers import CAREFUL, bounded, has_extremes

# Each alternative begins with another sign and none can fail once begun, so that this needs one pass.
_TOKEN = re.compile(r'(?s)"(?:[^"\\]+|\\.)*"?|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/)?|[{}\[\]]|[^\s,:"{}\[\]/]+|/')
_STRICT = {"true": True, "false": False, "null": None}


class Members(dict[str, Any]):
    """A JSON object. `pairs` holds its members as they stood, a repeated key (MariaDB's `table`) as often as it came."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()) -> None:
        self.pairs = list(pairs)
        super().__init__(self.pairs)

    def add(self, key: str, value: Any) -> None:
        """One more member."""
        self.pairs.append((key, value))
        self[key] = value


class Read(NamedTuple):
    """A value, where its text ends, and whether it was complete."""

    value: Any
    end: int
    whole: bool


_DECODER = json.JSONDecoder(object_pairs_hook=Members, strict=False)
_CAREFUL_DECODER = json.JSONDecoder(object_pairs_hook=Members, strict=False, **CAREFUL)


def strict_json(text: str, start: int) -> Read | None:
    """The value that begins at `start`, if it is sound."""
    try:
        value, end = _DECODER.raw_decode(text, start)
        if has_extremes(text[start:end]):
            value, end = _CAREFUL_DECODER.raw_decode(text, start)
    except (JSONDecodeError, RecursionError, ValueError):
        return None
    return Read(value, end, True)


def read_json(text: str, start: int) -> Read:
    """The value that begins at `start`, which must be a `{` or a `[`."""
    return strict_json(text, start) or _read_loosely(text, start)


class _Open:
    """An object or array whose end has not come yet."""

    def __init__(self, sign: str) -> None:
        self.value: Any = Members() if sign == "{" else []
        self.key: str | None = None

    def put(self, value: Any) -> None:
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is None:
            self.key = str(value)
        else:
            self.value.add(self.key, value)
            self.key = None


def _read_loosely(text: str, start: int) -> Read:
    """Token by token, without recursion. An object that never closes is given as far as it went."""
    waiting: list[_Open] = []
    end = start
    for found in _TOKEN.finditer(text, start):
        token = found.group()
        end = found.end()
        if token in ("{", "["):
            opened = _Open(token)
            if waiting:
                waiting[-1].put(opened.value)
            waiting.append(opened)
        elif token in ("}", "]"):
            if isinstance(waiting[-1].value, list) != (token == "]"):
                continue
            closed = waiting.pop()
            if not waiting:
                return Read(closed.value, end, True)
        elif token.startswith("/") or token in ('"', "|"):
            continue
        else:
            waiting[-1].put(_plain(token))
    return Read(waiting[0].value if waiting else None, end, False)


def _plain(token: str) -> Any:
    if token.startswith('"'):
        return _string(token)
    if token in _STRICT:
        return _STRICT[token]
    try:
        value = float(token)
        return token if bounded(value) is None else int(token) if token.isdecimal() else value
    except ValueError:
        return token


def _string(token: str) -> str:
    if "\\" not in token:
        return token.strip('"')
    try:
        return str(json.loads(token, strict=False))
    except (JSONDecodeError, ValueError):
        return token.strip('"')
