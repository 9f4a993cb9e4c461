"""Every SQL in a model's text, wherever it stands, through the guard and the parser of the user's engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import re2

from dbbuddy.context import ENGINE_NAMES, Engine
from dbbuddy.elaboration.engines import SQL_LANGUAGES, engine_notes, engine_of_language, language_note
from dbbuddy.elaboration.notes import Note, checks, note, once
from dbbuddy.elaboration.safe_ways import safe_way
from dbbuddy.sqlreview.guard import StatementVerdict, classify
from dbbuddy.sqlreview.reading import Script, Statement, read_script

# Statements that are looked at in one piece of a text, and how long one may be there (characters).
MOST = 60
LONGEST = 4000

# What stands between the words of a statement in prose: emphasis, code marks, comments, the bars of a table.
_DRESS = re2.compile(r"(?s)(?i:<br\s*/?>)|`|\*\*|__|/\*[^!].*?\*/|/\*\*/|\|")
_PLACEHOLDER = re2.compile(r"<([A-Z][A-Z_]+_[1-9][0-9]*)>")
_NEUTRAL = re2.compile(r"_([A-Z][A-Z_]+_[1-9][0-9]*)_")
_TYPES = (
    "table|database|schema|index|view|user|role|login|tablespace|sequence|function|procedure|trigger|column|partition|type|extension"
    "|materialized\\s+view|owned\\s+by|constraint|package|synonym|publication|subscription|event|policy|temporary\\s+table|pluggable\\s+database"
)
# Where a statement may begin that changes or stops something, also in the middle of a sentence, a string or a command line.
_BEGINNING = re2.compile(
    rf"(?i)\b(?:drop\s+(?:{_TYPES})\b|truncate\b|delete\s+(?:from\b|top\b)|update\s+\S+\s+set\b|alter\s+(?:table|database|system|user|login|role|tablespace|index)\b"
    r"|merge\s+into\b|exec(?:ute)?\s+\S|call\s+\S+\s*\(|insert\s+(?:into|overwrite)\b|replace\s+into\b|grant\s+\S|revoke\s+\S|kill\s+\S|shutdown\b"
    r"|with\s+\w+\s+as\b|select\s+\S|explain\s+analy[sz]e\b|copy\s+\S+\s+(?:to|from)\b|load\s+data\b|do\s+\$|begin\b|declare\b|create\s+\S|flashback\s+\S|purge\s+\S"
    r"|restore\s+(?:database|log)\b|dbcc\s+\S|reset\s+(?:master|slave|replica)\b|flush\s+\S|set\s+(?:global|persist)\b|startup\s+force\b|recover\s+\S|xp_cmdshell\b)"
    r"|/\*M?!"
)
_NAME = re2.compile(
    r"(?i)^\S+(?:\s+(?:table|database|schema|index|view|user|role|from|concurrently|if\s+exists|only|into|materialized))*\s+[\"`\[]?([a-z_$#@<][\w$#@.]*|\d+)"
)
_QUERIES = frozenset(["SELECT", "WITH", "EXPLAIN"])
_QUERY = re2.compile(r"(?is)^(?:select\s.*\sfrom\s|select\s+[\w.]+\s*\(|with\s+\w+\s+as\s*\(|explain\s+analy[sz]e\s+\w)")
_ALONE = frozenset(["SHUTDOWN", "XP_CMDSHELL", "BEGIN", "DECLARE", "DO"])
# Verbs that begin English sentences too: in lower case they need their `;`.
_ENGLISH_VERBS = frozenset(
    [
        "TRUNCATE",
        "KILL",
        "PURGE",
        "FLUSH",
        "RECOVER",
        "GRANT",
        "REVOKE",
        "CALL",
        "EXEC",
        "EXECUTE",
        "CREATE",
        "RESTORE",
        "FLASHBACK",
    ]
)
_STATEMENT_LINE = re2.compile(
    r"(?im)^\s*(?:select|insert\s+into|update\s+\S+|delete\s+from|merge\s+into|create|alter|drop|truncate|with\s+\w+|grant|revoke|exec|call|begin|declare|explain|analyze|vacuum)\b"
)
_QUOTES = "\"'`"


def code_notes(code: str, language: str, engine: Engine | None, allowed: str = "") -> tuple[Note, ...]:
    """Notes on a fenced block: dangers first, then what is not for the engine or cannot be read."""
    text = _neutral(code)
    if language not in SQL_LANGUAGES and not _looks_like_sql(text, language):
        return once(_named([*_embedded(text, engine, anywhere=True), *engine_notes(text, engine, "code", allowed)]))
    judged = engine or engine_of_language(language)
    script = read_script(text, judged)
    dangers = _dangers(text, script, judged or script.engine, is_sql=language in SQL_LANGUAGES)
    foreign = [*language_note(language, engine), *engine_notes(text, engine, "sql", allowed)]
    unparsed = [] if foreign or any(each.kind == "not_understood" for each in dangers) else _not_parsed(script, engine)
    return once(_named([*dangers[:MOST], *foreign, *unparsed]))


def prose_notes(text: str, engine: Engine | None, allowed: str = "") -> tuple[Note, ...]:
    """Notes on SQL that stands unfenced or as inline code in prose, and on names of another engine."""
    plain = _neutral(text)
    spans = plain.split("`")[1::2]
    inline = [found for span in spans[:MOST] for found in _embedded(span, engine, anywhere=True)]
    told = _embedded(_DRESS.sub(" ", plain), engine, anywhere=False)
    new = [each for each in told if not any(known.quote and each.quote.startswith(known.quote) for known in inline)]
    return once(_named([*inline, *new, *engine_notes(plain, engine, "prose", allowed)]))


def _neutral(text: str) -> str:
    """The text with placeholders as names, so that it can be parsed; as long as before."""
    return str(_PLACEHOLDER.sub(r"_\1_", text))


def _named(notes: list[Note]) -> list[Note]:
    """The notes with the placeholders as they were."""
    found = []
    for each in notes:
        way = each.safe_way
        way = way and replace(way, preview=_with_placeholders(way.preview), transaction=_with_placeholders(way.transaction))
        found.append(replace(each, quote=_with_placeholders(each.quote), safe_way=way))
    return found


def _with_placeholders(text: str) -> str:
    return str(_NEUTRAL.sub(r"<\1>", text))


def _looks_like_sql(text: str, language: str) -> bool:
    return language in ("", "text", "txt", "plaintext", "none", "code", "output", "console") and bool(_STATEMENT_LINE.search(text))


def _dangers(text: str, script: Script, engine: Engine | None, *, is_sql: bool) -> list[Note]:
    verdict = classify(text, engine)
    notes = []
    for judged in verdict.statements:
        if judged.danger == "destructive":
            notes.append(_destroys(text, judged, script, engine))
        elif judged.danger == "unknown" and is_sql and engine is not None:
            notes.append(note("not_understood", _short(text[judged.start : judged.end]), reason=_reasons(judged)))
    return notes


def _destroys(text: str, judged: StatementVerdict, script: Script, engine: Engine | None) -> Note:
    statement = _statement_at(script, judged)
    way = safe_way(statement, engine) if statement is not None else None
    return note("destroys", _short(text[judged.start : judged.end]), way, reason=_reasons(judged))


def _statement_at(script: Script, judged: StatementVerdict) -> Statement | None:
    """The statement that was judged; none where the guard judged a part of it, or something hidden in it."""
    for statement in script.statements:
        if statement.parent is None and (statement.start, statement.end) == (judged.start, judged.end):
            return statement
    return None


def _not_parsed(script: Script, engine: Engine | None) -> list[Note]:
    """Queries and changes that the engine's parser does not read. Other statements it knows too few of to tell."""
    if engine is None:
        return []
    found = []
    for statement in script.statements:
        wanted = statement.kind in ("select", "insert", "update", "delete", "merge") and statement.tree is None
        if wanted and statement.problem and statement.problem.startswith("not understood ("):
            reason = statement.problem.removeprefix("not understood (").partition("): read")[0]
            found.append(note("not_parsed", _short(statement.text), engine=ENGINE_NAMES[engine], reason=reason))
    return found[:3]


def _embedded(text: str, engine: Engine | None, *, anywhere: bool) -> list[Note]:
    """Destructive statements inside of a sentence, a string or a command line.

    `anywhere`: the text is code, in which any case counts; in prose, lower case may be English.
    """
    notes: list[Note] = []
    covered = -1
    for number, start in enumerate(_beginnings(text)):
        if number >= MOST:
            return [*notes, note("unchecked")]
        if start < covered:
            continue
        end = _end(text, start, anywhere)
        fragment = text[start:end]
        if not _is_statement(fragment, anywhere):
            continue
        for judged in _judged(fragment, engine):
            if judged.danger == "destructive":
                notes.append(_destroys(fragment, judged, read_script(fragment, engine), engine))
                covered = end
    return notes


def _judged(fragment: str, engine: Engine | None) -> tuple[StatementVerdict, ...]:
    """The verdicts; what the user's engine does not know may be a command of another."""
    verdict = classify(fragment, engine)
    return classify(fragment).statements if verdict.danger == "unknown" else verdict.statements


def _beginnings(text: str) -> Iterator[int]:
    return (match.start() for match in _BEGINNING.finditer(text))


def _end(text: str, start: int, anywhere: bool) -> int:
    """Where a statement ends that begins at `start`: at its `;`, the quote it stands in, a blank line; in a sentence, its line."""
    limit = min(len(text), start + LONGEST)
    before = text[start - 1 : start]
    ends = [limit, text.find("\n\n", start, limit)]
    semicolon = text.find(";", start, limit)
    ends.append(semicolon + 1 if semicolon >= 0 else -1)
    if before in _QUOTES and before:
        ends.append(text.find(before, start, limit))
    begins_line = not text[text.rfind("\n", 0, start) + 1 : start].strip(" *->0123456789.)")
    if not anywhere and not begins_line:
        line = text.find("\n", start, limit)
        ends.append(line if semicolon < 0 or (0 <= line < semicolon and not _goes_on(text, line)) else -1)
    return min(end for end in ends if end >= 0)


def _goes_on(text: str, line: int) -> bool:
    """True if the next line continues SQL rather than prose."""
    return bool(re2.match(r"(?i)\n\s*(?:from|where|set|and|or|values|using|join|table|cascade|;)\b", text[line : line + 80]))


def _is_statement(fragment: str, anywhere: bool) -> bool:
    """Whether a stretch is SQL rather than a mention of a keyword or an English sentence."""
    if fragment.startswith("/*"):
        return True
    verb = fragment.split(None, 1)[0].rstrip(";")
    shouted = verb.isupper()
    if verb.upper() in _QUERIES:
        return bool(_QUERY.match(fragment)) and (anywhere or shouted)
    if verb.upper() in _ALONE:
        return anywhere or shouted
    name = _NAME.match(fragment)
    if name is None or name[1].lower().rstrip(".") in _no_names():
        return False
    return anywhere or shouted or verb.upper() not in _ENGLISH_VERBS or fragment.rstrip().endswith(";")


@cache
def _no_names() -> frozenset[str]:
    return frozenset(checks()["no_names"].split())


def _reasons(judged: StatementVerdict) -> str:
    return "; ".join(judged.reasons[:2]) or "it removes what it names"


def _short(sql: str) -> str:
    flat = " ".join(sql.split())
    return flat if len(flat) <= 200 else flat[:199] + "…"
