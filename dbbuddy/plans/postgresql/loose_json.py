"""JSON out of a paste: deep, cut off, with line breaks inside strings; read without recursion, as far as it goes."""

from __future__ import annotations

import json
import math
import re
from json.decoder import JSONDecodeError
from typing import Any, NamedTuple

from dbbuddy.plans.numbers import CAREFUL, bounded, has_extremes

_DECODER = json.JSONDecoder(strict=False)
_CAREFUL_DECODER = json.JSONDecoder(strict=False, **CAREFUL)
_SPACE = re.compile(r"[\s,:\x00]*")
_WORD = re.compile(r"[-+.\w]+")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "NaN": None}


class LooseJson(NamedTuple):
    """A value, where its text ends, and whether the text broke off or had to be guessed at."""

    value: Any
    end: int
    whole: bool


def read_json(text: str, start: int) -> LooseJson:
    """The JSON value that begins at `start`."""
    try:
        value, end = _DECODER.raw_decode(text, start)
        if has_extremes(text[start:end]):
            value, end = _CAREFUL_DECODER.raw_decode(text, start)
        return LooseJson(value, end, True)
    except (JSONDecodeError, RecursionError, ValueError):
        return _Reader(text, start).read()


class _Reader:
    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._position = start
        self._whole = True
        self._open: list[Any] = []
        self._keys: list[str | None] = []
        self._root: Any = None

    def read(self) -> LooseJson:
        text, end = self._text, len(self._text)
        while True:
            space = _SPACE.match(text, self._position)
            self._position = space.end() if space else end
            if self._position >= end:
                self._whole = False
                break
            sign = text[self._position]
            if sign in "{[":
                self._value({} if sign == "{" else [], opens=True)
                self._position += 1
            elif sign in "}]":
                self._position += 1
                if self._close(sign):
                    break
            elif sign == '"':
                self._string()
            elif not self._word():
                break
        return LooseJson(self._root, self._position, self._whole)

    def _close(self, sign: str) -> bool:
        if not self._open or isinstance(self._open[-1], dict) != (sign == "}"):
            self._whole = False
            return not self._open
        self._open.pop()
        self._keys.pop()
        return not self._open

    def _value(self, value: Any, opens: bool = False) -> None:
        if not self._open:
            self._root = value
        elif isinstance(self._open[-1], list):
            self._open[-1].append(value)
        else:
            key = self._keys[-1]
            if key is None:
                if isinstance(value, str):
                    self._keys[-1] = value
                else:
                    self._whole = False
                return
            self._open[-1][key] = value
            self._keys[-1] = None
        if opens:
            self._open.append(value)
            self._keys.append(None)

    def _string(self) -> None:
        try:
            value, self._position = _DECODER.raw_decode(self._text, self._position)
        except JSONDecodeError as error:
            unterminated = error.msg.startswith("Unterminated")
            self._position = len(self._text) if unterminated else error.pos + 1
            self._whole = False
            return
        if "\n" in value:
            value = value.replace("\r", "").replace("\n", "")
            self._whole = False
        self._value(value)

    def _word(self) -> bool:
        found = _WORD.match(self._text, self._position)
        if found is None:
            self._whole = False
            return False
        self._position = found.end()
        word = found.group()
        if word in _WORDS:
            self._value(_WORDS[word])
            return True
        try:
            number = float(word) if any(sign in word for sign in ".eE") else int(word) if len(word) < 400 else math.inf
            self._value(word if bounded(number) is None else number)
        except ValueError:
            self._whole = False
            return False
        return True
