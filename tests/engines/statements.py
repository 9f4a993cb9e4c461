"""Cut the SQL of a code block into statements, as the client programs of each engine do."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      (?P<comment>--[^\n]*|/\*.*?\*/|(?<![\w@])\#[^\n]*)
    | (?P<dollar>\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$)
    | (?P<string>[eE]?'(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]\n]*\])
    | (?P<end>;)
    | (?P<word>[A-Za-z_][\w$]*)
    """,
    re.X | re.S,
)
_ROUTINE = re.compile(r"\s*CREATE\b(?:\s+OR\s+REPLACE)?[^;(]*?\b(PROCEDURE|FUNCTION|TRIGGER|EVENT|PACKAGE)\b", re.I)
_DELIMITER = re.compile(r"^[ \t]*DELIMITER[ \t]+(\S+)[ \t]*$", re.I | re.M)
_OPENS = {"BEGIN", "CASE", "IF", "LOOP", "WHILE", "REPEAT"}


def split(sql: str, engine: str) -> list[str]:
    r"""The statements of a block, without their terminators; comments stay with the statement that follows.

    Semicolons in strings, comments, dollar quotes and routine bodies do not count. MySQL's `DELIMITER` and `\G`,
    SQL Server's `GO` and Oracle's `/` lines are understood.
    """
    if engine == "sqlserver":
        batches = re.split(r"^[ \t]*GO[ \t]*(?:\d+[ \t]*)?$", sql, flags=re.I | re.M)
        return [one for batch in batches for one in _sqlserver_batch(batch)]
    if engine in ("mysql", "mariadb"):
        return [one for part, delimiter in _by_delimiter(sql) for one in _mysql_part(part, delimiter)]
    if engine == "oracle":
        parts = _filled(re.split(r"^[ \t]*/[ \t]*$", sql, flags=re.M))
        return [one for part in parts for one in _oracle_part(part)]
    return _at_semicolons(sql, engine)


def is_blank(statement: str) -> bool:
    """Only comments and blanks."""
    return not re.sub(r"--[^\n]*|/\*.*?\*/|(?<![\w@])#[^\n]*", "", statement, flags=re.S).strip()


def without_text(statement: str) -> str:
    """The statement with strings, comments and quoted bodies emptied, so that words can be looked for."""
    return _TOKEN.sub(lambda m: m[0] if m["word"] or m["end"] else "''" if m["string"] or m["dollar"] else " ", statement)


def _filled(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts if not is_blank(part)]


def _by_delimiter(sql: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    delimiter, start = ";", 0
    for match in _DELIMITER.finditer(sql):
        parts.append((sql[start : match.start()], delimiter))
        delimiter, start = match[1], match.end()
    return [*parts, (sql[start:], delimiter)]


def _mysql_part(sql: str, delimiter: str) -> list[str]:
    if delimiter != ";":
        return _filled(sql.split(delimiter))
    return _at_semicolons(re.sub(r"\\G(?=\s|;|$)", ";", sql), "mysql")


def _sqlserver_batch(batch: str) -> list[str]:
    """Statements end at semicolons, but a batch with control flow or a routine stays whole."""
    if re.search(r"\b(BEGIN(?!\s+TRAN)|WHILE|IF|PROC|PROCEDURE|FUNCTION|TRIGGER)\b(?!\s+EXISTS)", without_text(batch), re.I):
        return _filled([batch])
    return _at_semicolons(batch, "sqlserver")


def _oracle_part(sql: str) -> list[str]:
    """Plain statements end at semicolons; PL/SQL runs to the end of the part, which is the next `/` line."""
    found: list[str] = []
    for start, end in _spans(sql, "oracle"):
        code = without_text(sql[start:end]).lstrip()
        if re.match(r"(BEGIN|DECLARE)\b", code, re.I) or _ROUTINE.match(code):
            return _filled([*found, sql[start:]])
        found.append(sql[start:end])
    return _filled(found)


def _at_semicolons(sql: str, engine: str) -> list[str]:
    return _filled([sql[start:end] for start, end in _spans(sql, engine)])


def _spans(sql: str, engine: str) -> list[tuple[int, int]]:
    """Where statements start and end, without their semicolons."""
    found: list[tuple[int, int]] = []
    start = depth = 0
    previous = ""
    for match in _tokens(sql, engine):
        if match["end"] and depth == 0:
            found.append((start, match.start()))
            start, previous = match.end(), ""
        elif match["word"]:
            word = match["word"].upper()
            depth = _depth(depth, word, previous, sql[start : match.start()], engine)
            previous = word
    return [*found, (start, len(sql))]


def _tokens(sql: str, engine: str) -> list[re.Match[str]]:
    """`#` starts a comment in MySQL only, and `[` quotes a name in SQL Server only."""
    tokens: list[re.Match[str]] = []
    position = 0
    while match := _TOKEN.search(sql, position):
        foreign = (match[0].startswith("#") and engine != "mysql") or (match[0].startswith("[") and engine != "sqlserver")
        position = match.start() + 1 if foreign else match.end()
        if not foreign:
            tokens.append(match)
    return tokens


def _depth(depth: int, word: str, previous: str, so_far: str, engine: str) -> int:
    """How deep we stand in BEGIN ... END blocks; they are counted inside a routine's body only."""
    if word == "END":
        return max(depth - 1, 0)
    if previous == "END":
        return depth
    if depth:
        return depth + (word in _OPENS)
    if word == "ATOMIC" and previous == "BEGIN":
        return 1
    mysql_body = engine == "mysql" and word == "BEGIN" and (_ROUTINE.match(without_text(so_far)) or previous == "NOT")
    return 1 if mysql_body else 0
