"""The labelled texts of `cases.txt`: what must be taken out of them and what must stay."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_MARKS = {"⟪": "remove", "⟫": "remove", "⟦": "keep", "⟧": "keep"}


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    remove: tuple[tuple[int, int], ...]
    keep: tuple[tuple[int, int], ...]


def _case(name: str, marked: str) -> Case:
    text = ""
    found: dict[str, list[tuple[int, int]]] = {"remove": [], "keep": []}
    start = 0
    for char in marked:
        if char in "⟪⟦":
            start = len(text)
        elif char in "⟫⟧":
            found[_MARKS[char]].append((start, len(text)))
        else:
            text += char
    return Case(name, text, tuple(found["remove"]), tuple(found["keep"]))


def cases() -> list[Case]:
    content = Path(__file__).with_name("cases.txt").read_text(encoding="utf-8")
    parts = re.split(r"(?m)^=== ", re.sub(r"(?m)^#---.*\n", "", content))[1:]
    return [_case(name, marked.strip("\n")) for name, _, marked in (part.partition("\n") for part in parts)]
