"""The reviewed SQL line by line: which stretches are marked, and which findings stand below which line."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dbbuddy.severity import SEVERITIES, Severity
from dbbuddy.sqlreview.finding import Finding

MOST_LINES = 1_200
LONGEST_LINE = 1_000
# A finding about more lines than this is about a statement as a whole: its first line alone is marked.
_MARKED_LINES = 4


@dataclass(frozen=True)
class Mark:
    """A stretch of a line, in characters from 0, and the findings on it, the worst first."""

    start: int
    end: int
    severity: Severity
    findings: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """A line, numbered from 1, its marks from left to right and the findings that begin on it, the worst first."""

    number: int
    text: str
    marks: tuple[Mark, ...]
    notes: tuple[int, ...]


def annotated(lines: Sequence[str], findings: Sequence[tuple[int, Finding]], around: int = 1) -> list[Line]:
    """The lines with the numbered findings; of a long text a part around a line that counts from 1."""
    first = max(0, min(around - MOST_LINES // 2, len(lines) - MOST_LINES))
    shown = range(first, min(first + MOST_LINES, len(lines)))
    starts = _starts(lines)
    notes: dict[int, list[int]] = defaultdict(list)
    stretches: dict[int, list[tuple[int, int, int, Severity]]] = defaultdict(list)
    for number, finding in findings:
        span = finding.span
        notes[span.line - 1].append(number)
        last = bisect_right(starts, max(span.start, span.end - 1)) - 1
        whole = last - span.line + 1 >= _MARKED_LINES
        for line in range(span.line - 1, span.line if whole else last + 1):
            if line in shown:
                text = lines[line]
                start = max(0, span.start - starts[line]) or len(text) - len(text.lstrip())
                end = min(len(text), LONGEST_LINE, span.end - starts[line])
                if start < end:
                    stretches[line].append((start, end, number, finding.severity))
    return [
        Line(
            line + 1,
            lines[line][:LONGEST_LINE] + ("…" if len(lines[line]) > LONGEST_LINE else ""),
            tuple(_marks(stretches[line])),
            tuple(notes[line]),
        )
        for line in shown
    ]


def _starts(lines: Sequence[str]) -> list[int]:
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _marks(stretches: list[tuple[int, int, int, Severity]]) -> list[Mark]:
    """Stretches that lie over each other, cut into marks that do not; the shortest finding of a mark is named first."""
    bounds = sorted({bound for start, end, *_ in stretches for bound in (start, end)})
    marks: list[Mark] = []
    for start, end in pairwise(bounds):
        over = sorted((other - begin, number, severity) for begin, other, number, severity in stretches if begin <= start < other)
        if over:
            worst = min((severity for _, _, severity in over), key=SEVERITIES.index)
            marks.append(Mark(start, end, worst, tuple(number for _, number, _ in over)))
    return marks
