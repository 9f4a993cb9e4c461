"""Names and forms of another engine than the user's in a model's text."""

from __future__ import annotations

from functools import cache
from typing import Literal

from dbbuddy.context import ENGINE_NAMES, Engine
from dbbuddy.data_files import load_yaml
from dbbuddy.elaboration.notes import Note, note
from dbbuddy.intake.patterns import PatternSet

Where = Literal["prose", "code", "sql"]
_LANGUAGES: dict[str, tuple[Engine, ...]] = {
    "postgresql": ("postgresql",), "postgres": ("postgresql",), "psql": ("postgresql",), "pgsql": ("postgresql",),
    "plpgsql": ("postgresql",), "mysql": ("mysql", "mariadb"), "mariadb": ("mysql", "mariadb"), "tsql": ("sqlserver",),
    "t-sql": ("sqlserver",), "mssql": ("sqlserver",), "sqlserver": ("sqlserver",), "plsql": ("oracle",), "oracle": ("oracle",),
    "sqlplus": ("oracle",),
}  # fmt: skip
SQL_LANGUAGES = frozenset({"sql", "ddl", "dml", *_LANGUAGES})
# In prose a sentence that names the other engine compares on purpose.
_COMPARED: dict[Engine, tuple[str, ...]] = {
    "postgresql": ("postgres",),
    "mysql": ("mysql", "mariadb"),
    "mariadb": ("mysql", "mariadb"),
    "sqlserver": ("sql server", "mssql", "t-sql"),
    "oracle": ("oracle",),
}


@cache
def _forms() -> tuple[PatternSet, tuple[tuple[tuple[Engine, ...], Where], ...]]:
    rows = load_yaml("elaboration/engine_forms.yaml")
    return PatternSet([row["match"] for row in rows]), tuple((tuple(row["engines"]), row.get("where", "prose")) for row in rows)


def engine_notes(text: str, engine: Engine | None, where: Where, allowed: str = "") -> tuple[Note, ...]:
    """A note for each form in the text that the user's engine does not know, each engine once.

    `where`: what the text is. `allowed` is a text whose words are no sign: what the checked answer says itself.
    """
    if engine is None:
        return ()
    patterns, rows = _forms()
    found: dict[tuple[Engine, ...], Note] = {}
    for index in patterns.hits(text):
        engines, kind = rows[index]
        wanted = where == "sql" or kind == "prose" or (where == "code" and kind == "code")
        span = patterns.find(index, text) if wanted and engine not in engines and engines not in found else None
        if span is None:
            continue
        quote = " ".join(text[slice(*span)].split())
        if quote.lower() in allowed or (where == "prose" and _is_comparison(text, span, engines)):
            continue
        other = " or ".join(ENGINE_NAMES[each] for each in engines)
        found[engines] = note("other_engine", quote, engine=ENGINE_NAMES[engine], other=other, what=quote)
    return tuple(found.values())


def language_note(language: str, engine: Engine | None) -> tuple[Note, ...]:
    """A note if the fence names the language of another engine."""
    engines = _LANGUAGES.get(language, ())
    if engine is None or not engines or engine in engines:
        return ()
    return (note("other_engine", language, engine=ENGINE_NAMES[engine], other=ENGINE_NAMES[engines[0]], what=language),)


def engine_of_language(language: str) -> Engine | None:
    """The engine whose language a fence names."""
    return _LANGUAGES.get(language, (None,))[0]


def _is_comparison(text: str, span: tuple[int, int], engines: tuple[Engine, ...]) -> bool:
    start = max(text.rfind(end, 0, span[0]) for end in (". ", "\n", "! ", "? ")) + 1
    ends = [place for end in (". ", "\n") if (place := text.find(end, span[1])) >= 0]
    sentence = text[start : min(ends, default=len(text))].lower()
    return any(name in sentence for engine in engines for name in _COMPARED[engine])
