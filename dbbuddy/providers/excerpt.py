"""Shortening a pasted text to a budget: what tells most stays, what is left out is marked, placeholders stay whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import re2

from dbbuddy.privacy.redact import placeholders_in

MARK = "[… {count} lines cut …]"
CHARS_MARK = "[… {count} characters cut …]"
LONGEST_LINE = 1_500
_AROUND = 3

_ERROR = re2.compile(
    r"(?i)\b(?:error|fatal|panic|severe|critical|exception|failed|failure|denied|refused|deadlock|killed|timeout|timed out|"
    r"ora-\d+|tns-\d+|msg \d+|sqlstate|caused by)\b"
)
_PLAN_TIME = re2.compile(r"actual time=[\d.]+\.\.([\d.]+) rows=\S+ loops=(\d+)")
_SCHEMA = re2.compile(r"(?i)^\s*(?:create|alter)\s+(?:\w+\s+){0,3}?(?:table|index|view|type)\b")
_MARKED = re2.compile(r"\[… (\d{1,9}) lines cut …\]")
_HOT_NODES = 8
_MOST_LINES = 5_000
_SIDE_LINES = 1_000
_HITS = 100
_CRIES = ("ERROR", "Error", "error", "FATAL", "Fatal", "PANIC", "ORA-", "eadlock", "xception", "ailed", "FAILED", "Msg ")


def excerpt(text: str, budget: int, important: Iterable[str] = ()) -> str:
    """The text in at most `budget` characters.

    First come the lines that hold an `important` string, then error lines with three lines around them, the plan nodes that
    take longest, schema statements, and then the start and the end. Every gap says how many lines it leaves out; marks of
    an earlier excerpt count for the lines that they stand for.
    """
    if len(text) <= budget:
        return text
    wanted = [words for words in important if words]
    raw = _bounded(text, wanted).split("\n")
    # Of few lines, as in a plan on one line, each may be long.
    longest = max(min(LONGEST_LINE, budget // 2), budget // len(raw) - 2 * len(MARK) - len(str(len(raw))))
    lines = [shortened_line(line, max(longest, 0)) for line in raw]
    return _Selection(lines, budget).filled(_by_importance(lines, wanted)).text()


def shortened_line(line: str, most: int) -> str:
    """A line of at most `most` characters: its start and its end, cut outside of placeholders."""
    if len(line) <= most:
        return line
    room = most - len(CHARS_MARK.format(count=len(line)))
    if room < 2:
        return ""
    start, end = room * 2 // 3, len(line) - room // 3
    for placeholder in placeholders_in(line):
        start = _outside(line, placeholder, start, before=True)
        end = _outside(line, placeholder, end, before=False)
    return line[:start] + CHARS_MARK.format(count=end - start) + line[end:]


def _outside(line: str, placeholder: str, place: int, *, before: bool) -> int:
    """The place, moved out of the occurrence of a placeholder that it lies in."""
    begins = line.find(placeholder, max(place - len(placeholder) + 1, 0), place + len(placeholder) - 1)
    if begins < 0 or not begins < place < begins + len(placeholder):
        return place
    return begins if before else begins + len(placeholder)


def _bounded(text: str, important: Sequence[str]) -> str:
    """Of a text of very many lines the start, the end, and what cries in between: looking at each line would take seconds."""
    lines = text.split("\n")
    if len(lines) <= _MOST_LINES:
        return text
    kept = {*range(_SIDE_LINES), *range(len(lines) - _SIDE_LINES, len(lines))}
    for words in (*important, *_CRIES):
        place = line = 0
        for _ in range(_HITS):
            found = text.find(words, place)
            if found < 0:
                break
            line += text.count("\n", place, found)
            kept.update(range(max(line - _AROUND, 0), min(line + _AROUND + 1, len(lines))))
            place = found + len(words)
            line += words.count("\n")
    return _joined(lines, kept, [1] * len(lines))


def _by_importance(lines: Sequence[str], important: Sequence[str]) -> Iterator[int]:
    """Line numbers, those that tell most first; some more than once."""
    yield from (n for n, line in enumerate(lines) if any(words in line for words in important))
    errors = [n for n, line in enumerate(lines) if _ERROR.search(line)]
    yield from errors
    for distance in range(1, _AROUND + 1):
        yield from (n + side for n in errors for side in (distance, -distance) if 0 <= n + side < len(lines))
    yield from _hot_nodes(lines)
    yield from (n for n, line in enumerate(lines) if _SCHEMA.search(line))
    for n in range((len(lines) + 1) // 2):
        yield n
        yield len(lines) - 1 - n


def _hot_nodes(lines: Sequence[str]) -> list[int]:
    """The nodes of a plan in text form with the longest times over all their loops."""
    times = [(float(m[1]) * int(m[2]), n) for n, line in enumerate(lines) if (m := _PLAN_TIME.search(line)) and _is_number(m[1])]
    return [n for _, n in sorted(times, reverse=True)[:_HOT_NODES]]


def _is_number(text: str) -> bool:
    return text.count(".") <= 1 and text.strip(".") != "" and len(text) < 20


def _lines_in(line: str) -> int:
    """How many lines of the whole text a line stands for."""
    mark = _MARKED.fullmatch(line) if line.startswith("[") else None
    return int(mark[1]) if mark else 1


class _Selection:
    """Lines that are kept within a budget, which counts the marks of the gaps too."""

    def __init__(self, lines: Sequence[str], budget: int) -> None:
        self._lines = lines
        self._kept: set[int] = set()
        self._counts = [_lines_in(line) for line in lines]
        self._mark = len(MARK.format(count=sum(self._counts))) + 1
        self._left = budget + 1 - self._mark
        self._budget = budget

    def filled(self, wanted: Iterable[int]) -> _Selection:
        """Keep what fits of the wanted lines, in this order."""
        misses = 0
        for n in wanted:
            if n in self._kept:
                continue
            cost = len(self._lines[n]) + 1 + self._mark * self._gaps_made(n)
            if cost <= self._left:
                self._kept.add(n)
                self._left -= cost
                misses = 0
            else:
                misses += 1
            # Nothing much fits any more; a text can have millions of lines.
            if misses > 200:
                break
        return self

    def text(self) -> str:
        if not self._kept and self._mark - 1 > self._budget:
            return ""
        return _joined(self._lines, self._kept, self._counts)

    def _gaps_made(self, n: int) -> int:
        """How many gaps more there are when line `n` is kept: -1, 0 or 1."""
        open_sides = (n > 0 and n - 1 not in self._kept) + (n < len(self._lines) - 1 and n + 1 not in self._kept)
        return open_sides - 1


def _joined(lines: Sequence[str], kept: Iterable[int], counts: Sequence[int]) -> str:
    """The kept lines with a mark in every gap; `counts` says how many lines of the whole text each stands for."""
    parts: list[str] = []
    last = -1
    for n in [*sorted(kept), len(lines)]:
        if n - last > 1:
            parts.append(MARK.format(count=sum(counts[last + 1 : n])))
        if n < len(lines):
            parts.append(lines[n])
        last = n
    return "\n".join(parts)
