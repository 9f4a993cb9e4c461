"""What surrounds SQL in a paste and is none: prompts of clients, prefixes of logs, frames of Markdown.

It is blanked, never removed, so that every offset keeps its meaning.
"""

from __future__ import annotations

import re2

_TIME = r"\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[^ ]*"

# A marker that must occur in the text, and the pattern of what is blanked. Each of these begins a new statement.
_BEGINNINGS: tuple[tuple[str, str], ...] = (
    (">", r"(?mi)^(?:mysql|mariadb(?: \[[^\]\n]{0,64}\])?|sql|sqlite)> "),
    ("=# ", r"(?m)^[\w-]{1,64}=# "),
    ("=> ", r"(?m)^[\w-]{1,64}=> "),
    (">", r"(?m)^1> "),
    ("Hibernate", r"(?m)^.{0,200}?\bHibernate: ?"),
    ("sqlalchemy", r"(?m)^.{0,60}\bINFO\b.{0,20}sqlalchemy\.engine\S* (?:\[[^\]\n]*\] )?"),
    ("ms)", r"(?m)^.{0,60}?\(\d+(?:\.\d+)?ms\) +"),
    ("(", r"(?m)^\(\d+\.\d+\) "),
    ("Execut", r"(?m)^.{0,60}?\bExecut(?:ing|ed) \([^)\n]*\): "),
    ("DbCommand", r"(?m)^.{0,60}?\bExecut(?:ing|ed) DbCommand \(.*$"),
    ("prisma:query", r"(?m)^.{0,40}?\bprisma:query "),
    (
        "LOG",
        r"(?m)^.{0,200}?\bLOG: +(?:duration: [\d.]+ ms +)?(?:statement|(?:execute|parse|bind) [^:\n]{1,80}): ",
    ),
    ("query:", r"(?m)^query: "),
    ("Query", rf"(?m)^(?:{_TIME})?\s+\d+ (?:Query|Execute)\s"),
    ("==>", r"(?m)^.{0,120}?==>  ?Preparing: "),
)

# These continue a statement, or stand between statements.
_NOISE: tuple[tuple[str, str], ...] = (
    ("->", r"(?m)^ {2,}-> "),
    ("=# ", r"(?m)^[\w-]{1,64}[-('\"]# "),
    ("=> ", r"(?m)^[\w-]{1,64}[-('\"]> "),
    (">", r"(?m)^\d{1,4}> "),
    ("```", r"(?m)^\s*```\w*\s*$"),
    ("generated", r"(?m)^.{0,100}\[(?:generated in|cached since|raw sql).*$"),
    ("; args=", r"(?m); args=.*$"),
    ('  [["', r'(?m)  \[\[".*$'),
    ("-- PARAMETERS", r"(?m)-- PARAMETERS.*$"),
    ("Parameters", r"(?m)^.{0,120}?==> Parameters: .*$"),
    ("Total", r"(?m)^.{0,120}?<==      Total: .*$"),
    ("DETAIL", r"(?m)^.{0,200}?\bDETAIL:  .*$"),
    ("# ", r"(?m)^# (?:Time|User@Host|Query_time|Thread_id|Bytes_sent|Schema|Rows_affected): .*$"),
    ("SET timestamp", r"(?m)^SET timestamp=\d+;$"),
    (" row", r"(?m)^\(?\d+ rows?(?: in set.*|\))?$"),
    ("Query OK", r"(?m)^Query OK.*$"),
)
_COMPILED = tuple(
    (marker, re2.compile(pattern), begins) for begins, group in ((False, _NOISE), (True, _BEGINNINGS)) for marker, pattern in group
)


_QUOTED = re2.compile(r"(?m)^>+ ?")
_COPY = re2.compile(r"(?mi)^[ \t]*COPY\b[^;]+\bFROM\s+STDIN\b[^;]*;[^\n]*\n")


def without_surroundings(text: str) -> str:
    """The text with prompts and log prefixes blanked; where such a prefix begins a statement, a `;` ends the one before."""
    text = text.replace("\r", "\n")
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    if text.startswith(">") and all(line.startswith(">") for line in text.split("\n") if line.strip()):
        text = _blanked(text, _QUOTED, False, least=1)
    if "\n\\." in text:
        text = _without_copy_data(text)
    for marker, pattern, begins in _COMPILED:
        if marker in text:
            text = _blanked(text, pattern, begins)
    return text


def _without_copy_data(text: str) -> str:
    """Without the rows between `COPY ... FROM stdin;` and the line that ends them, which are no SQL."""
    pieces: list[str] = []
    last = 0
    for match in _COPY.finditer(text):
        end = text.find("\n\\.", match.end() - 1)
        if match.start() < last or end < 0:
            continue
        rows = text[match.end() : end + 3]
        pieces += [text[last : match.end()], "".join("\n" if char == "\n" else " " for char in rows)]
        last = match.end() + len(rows)
    return "".join([*pieces, text[last:]])


def _blanked(text: str, pattern: re2._Regexp, begins: bool, least: int = 2) -> str:
    pieces: list[str] = []
    last = 0
    for match in pattern.finditer(text):
        start, end = match.span()
        if end - start < least:
            continue
        blanks = "".join("\n" if char == "\n" else " " for char in text[start:end])
        if begins and _something_before(text, start):
            blanks = ";" + blanks[1:] if blanks[0] != "\n" else blanks
        pieces += [text[last:start], blanks]
        last = end
    return "".join([*pieces, text[last:]]) if pieces else text


def _something_before(text: str, position: int) -> bool:
    """True if something stands before the position that a `;` could end."""
    return bool(text[max(0, position - 200) : position].strip())
