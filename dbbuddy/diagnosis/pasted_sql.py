"""The SQL in a message: which stretches of the text are statements, and what was said beside them.

People write a statement on lines of its own, in quotes or a code fence, or in the middle of a sentence that goes on behind it.
A stretch counts only if it ends clearly or if it can be parsed; what is abbreviated (`SELECT ... FROM`) does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import re2
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dbbuddy.context import Engine
from dbbuddy.sqlreview.reading import DIALECTS

# Longer pastes (characters) are looked through on the page for reviews; the chat looks at what stands first.
LONGEST = 12_000
_MOST_STRETCHES = 12
_MOST_CUTS = 10
_START = re2.compile(
    r"(?i)\b(select\s|with\s+(recursive\s+)?\w+\s*(\([^()]*\)\s*)?as\s*((not\s+)?materialized\s*)?\(|insert\s+into\s|"
    r"replace\s+into\s|update\s+[\w.\"`\[\]]+\s+(as\s+\w+\s+|\w+\s+)?set\s|delete\s+from\s|merge\s+into\s|"
    r"create\s+((or\s+replace|unique|clustered|nonclustered|global|temporary|unlogged)\s+)*(table|index|view|procedure|function)\s|"
    r"alter\s+table\s|drop\s+(table|index|database|schema)\s|truncate\s+table\s)"
)
_DEFINES = re2.compile(r"(?i)^(create|alter|drop|truncate)\b")
_ROUTINE = re2.compile(r"(?i)^create\s+(or\s+(replace|alter)\s+)?(procedure|function)\b")
# No statement goes on behind a blank line, or into the next entry of a log.
_BREAK = re2.compile(r"\n[ \t]*\n|\n[\[(]?\d{4}-\d{2}-\d{2}[T ]")
_ABBREVIATED = re2.compile(r"\.\.\.|…")
_CUE = re2.compile(
    r"(?i)\s--\s|[.!?]\s+[A-Z][a-z]|[.!?]\s*$|\s--?>|\s[(][^()]*\)?\s*$|"
    r",?\s+(takes?|took|runs?|ran|is|was|are|has|had|gets?|got|failed|but|which|and it|and that|and this|about|around|reads?|"
    r"does|goes|went|needs|returns|hangs|fails|works|on (postgres\w*|mysql|mariadb|oracle|sql server))\b|\n"
)
# Behind a line end, these begin another statement.
_ANOTHER = re2.compile(
    r"(?i)^\s*\n\s*(commit|rollback|go|end|begin|select|insert|update|delete|create|alter|drop|set|exec|declare|with)\b"
)
_WORD = re2.compile(r"[A-Za-z]{2,}")
_ASKS_REVIEW = re2.compile(
    r"(?i)\b(review|check|wrong|improve|better|optimi[sz]e|rewrite|advice|feedback|looks? (ok|good|right)|should i change|safe)\b"
)
_FEW_WORDS = 4


@dataclass(frozen=True)
class PastedSql:
    """The statements of a text as one script, and the rest as `prose`.

    `cut` are the offsets in `sql` of stretches whose end was guessed: nothing that is missing there counts.
    """

    sql: str
    prose: str
    cut: tuple[tuple[int, int], ...] = ()

    @property
    def alone(self) -> bool:
        """True if nothing beside the SQL says what the matter is, apart from the wish to have it reviewed."""
        return len(_WORD.findall(self.prose)) < _FEW_WORDS or (
            len(self.prose) < 160 and _ASKS_REVIEW.search(self.prose) is not None
        )


def pasted_sql(text: str, engine: Engine | None) -> PastedSql | None:
    """The SQL of a text; `None` if there is none to be sure of."""
    text = text[:LONGEST]
    parts: list[str] = []
    cut: list[tuple[int, int]] = []
    prose: list[str] = []
    place = length = 0
    for found in _START.finditer(text):
        start = found.start()
        if start < place or len(parts) == _MOST_STRETCHES:
            continue
        end, sure = _end(text, start, engine)
        if end <= start:
            continue
        statement = text[start:end].rstrip().rstrip(";")
        if not sure:
            cut.append((length, length + len(statement)))
        parts.append(statement + ";\n")
        length += len(parts[-1])
        prose.append(text[place:start])
        place = end
    if not parts:
        return None
    return PastedSql("".join(parts), " ".join([*prose, text[place:]]).strip(" \n\t;`\"'"), tuple(cut))


def _end(text: str, start: int, engine: Engine | None) -> tuple[int, bool]:
    """Where the statement ends, and whether that is sure; its start if it is none."""
    quote = text[start - 1] if start else ""
    limit = len(text)
    if quote and quote in "\"'`":
        closing = text.find(quote, start)
        limit = closing if closing >= 0 else limit
    if _ROUTINE.match(text[start : start + 60]):
        return limit, True
    whole = _first(text, start, limit)
    candidate = text[start:whole]
    if _ABBREVIATED.search(candidate):
        return start, False
    behind = candidate.rfind(" --", candidate.rfind("\n") + 1)
    if behind > 0 and _reads(candidate[:behind], engine):
        return start + behind, True
    if _reads(candidate, engine):
        return whole, True
    cues = [cue.start() for cue in _CUE.finditer(candidate) if cue.start()]
    for behind in reversed(cues[:_MOST_CUTS]):
        if _reads(candidate[:behind], engine):
            return start + behind, _ANOTHER.match(text[start + behind : whole + 1][:60]) is not None
    closed = whole < limit and text[whole] == ";" and not text[:start].rpartition("\n")[2].strip()
    return (whole, True) if closed else (start, False)


def _first(text: str, start: int, limit: int) -> int:
    """The end of the statement if it is written on its own: a semicolon outside of strings, a blank line, or the
    next entry of a log.
    """
    stop = _BREAK.search(text[start:limit])
    limit = start + stop.start() if stop else limit
    inside = ""
    for place in range(start, limit):
        char = text[place]
        if inside:
            inside = "" if char == inside else inside
        elif char in "'\"":
            inside = char
        elif char == ";":
            return place
    return limit


def _reads(candidate: str, engine: Engine | None) -> bool:
    """Whether it is a statement as it stands; DDL that only the own reader knows counts by its first words."""
    try:
        trees = sqlglot.parse(candidate, dialect=DIALECTS[engine] if engine else None)
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError, KeyError):
        return False
    if len(trees) != 1 or trees[0] is None:
        return False
    tree = trees[0]
    if isinstance(tree, exp.Command):
        told = any(line.lstrip()[:1].isdigit() for line in candidate.split("\n"))
        return _DEFINES.match(candidate) is not None and not told and not _CUE.search(candidate.replace("\n", " "))
    return not isinstance(tree, exp.Select) or tree.args.get("from_") is not None or tree.args.get("from") is not None
