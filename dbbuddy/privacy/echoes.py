"""Values that were found somewhere and stand elsewhere without the words that gave them away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import re2

from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.values import looks_random
from dbbuddy.privacy.view import Pattern, View

_MOST = 400


def echoes(view: View, known: Iterable[tuple[str, str]]) -> Iterator[Find]:
    """Other occurrences of values that cannot be mistaken for a word; `known` are values with their types."""
    telling = {value: kind for value, kind in known if _telling(value, kind)}
    for value, kind in list(telling.items()):
        machine = value.partition(".")[0]
        if kind == "HOST" and machine != value and _telling(machine, kind):
            telling.setdefault(machine, kind)
    wanted = list(telling)[-_MOST:]
    if not wanted:
        return
    pattern = Pattern("|".join(re2.escape(value) for value in sorted(wanted, key=len, reverse=True)), case=True)
    for hit in pattern.each(view):
        around = view.text[max(0, hit.start() - 1) : hit.start()] + view.text[hit.end() : hit.end() + 1]
        if not any(c.isalnum() or c == "_" for c in around):
            yield Find(*hit.span(), telling[hit.text()], Rank.CONTACT)


def _telling(value: str, kind: str) -> bool:
    if not value.isascii() or "\n" in value or len(value) > 200:
        return False
    if kind in ("PASSWORD", "TOKEN"):
        return len(value) >= 6 and looks_random(value)
    if kind == "HOST":
        return len(value) >= 6 and any(c.isdigit() or c in ".-" for c in value) and any(c.isalpha() for c in value)
    return kind == "PERSON" and " " in value
