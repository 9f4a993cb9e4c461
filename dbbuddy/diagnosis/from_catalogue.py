"""An answer from the error catalogue, for a code that no playbook explains well enough.

A code belongs to the engine that is told or that alone writes it so; a number that several engines have is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass

import re2

from dbbuddy.advice import Advice, CodeBlock, Diagnosis, Evidence, Fix, Question
from dbbuddy.context import ENGINE_NAMES, ENGINES, Engine
from dbbuddy.diagnosis.clarify import engine_question
from dbbuddy.diagnosis.errors import Depth, ErrorEntry, catalogue, explain
from dbbuddy.intake.codes import Code, stands_alone
from dbbuddy.intake.read import Reading

# The chance that the code is the problem, by how much is known of it; less where the engine is only the likely one.
_CONFIDENCE: dict[Depth, float] = {"own": 0.8, "name": 0.65, "family": 0.55}
_LIKELY = 0.1
# A log can hold thousands of codes; the first ones tell.
_MOST = 200
_QUOTE = 120

_FRAMES_OF_DRIVERS = ("DPY-", "DPI-", "NJS-")
_PAIR: frozenset[Engine] = frozenset({"mysql", "mariadb"})
_NUMBERED: frozenset[Engine] = _PAIR | {"sqlserver"}
_STATE: frozenset[Engine] = frozenset({"postgresql"})
_NUMBER = re2.compile(r"-?\d{1,6}$")
_NO_ERROR = re2.compile(r"(?i)\b(?:exit|exited|return|status|http|https|response|zip|postal|country)\b[^\n]{0,20}$")
_POSTGRESQL_CLASS = re2.compile(r"\b(?:errors|exceptions|PG)(?:\.|::)([A-Z][A-Za-z]+?)(?:Error)?\b")
_POSTGRESQL_LINE = re2.compile(r"(?:[A-Z]+: +|PostgresException\b.*: )[0-9A-Z]{5}:$")
_AFTER_A_PROCESS = re2.compile(r"\]:? *(?:\[|\(|[A-Z]{3,}:|\w+@)")
_MYSQL_SYMBOL = re2.compile(r"\b((?:ER|CR|WARN)_[A-Z0-9_]{3,})\b")
_LEVEL = re2.compile(r"(?i)\b(?:level|severity|class)[ :]{1,2}(\d{1,2})\b")
_HUMP = re2.compile(r"([a-z0-9])([A-Z])")


@dataclass(frozen=True)
class _Mention:
    """A code in the text with what it is on each engine that it can belong to; `certain` by the way it is written."""

    value: str
    start: int
    end: int
    entries: dict[Engine, ErrorEntry]
    certain: bool

    @property
    def best(self) -> ErrorEntry:
        return next(iter(self.entries.values()))

    def rank(self) -> tuple[bool, bool, bool, int, int]:
        """Causes before the codes that only frame them; one engine before several; known before guessed."""
        depth = list(_CONFIDENCE).index(self.best.depth)
        return (
            any(e.frame for e in self.entries.values()),
            self.value.startswith(_FRAMES_OF_DRIVERS),
            len(self.entries) > 1,
            depth,
            self.start,
        )


def from_catalogue(reading: Reading) -> Advice | None:
    """What the error codes of the text mean; the question which engine it is, if that decides; `None` without a code."""
    mentions = sorted(_mentions(reading), key=_Mention.rank)
    if not mentions:
        return None
    first, *others = mentions
    if len(first.entries) > 1:
        return _which_engine(first, reading)
    return _answer(first, others, reading)


def named_codes(reading: Reading) -> tuple[Code, ...]:
    """The codes of errors that the text names in words: `psycopg.errors.UniqueViolation`, `ER_DUP_ENTRY`."""
    written = {code.value for code in reading.codes}
    named = [m for m in _named(reading)[:_MOST] if m.value not in written]
    return tuple(Code(m.value, frozenset({m.best.engine}), m.start, m.end) for m in named)


def engine_of_codes(reading: Reading) -> Engine | None:
    """The one engine that knows the error codes of the text; `None` if there are none, or if several engines do."""
    engines = {engine for mention in _mentions(reading) if mention.best.depth != "family" for engine in mention.entries}
    if engines == _PAIR:
        return "mysql"
    return engines.pop() if len(engines) == 1 else None


def _mentions(reading: Reading) -> list[_Mention]:
    found = [*_named(reading), *_written(reading)]
    return list({(m.value, m.best.engine): m for m in reversed(found)}.values())


def _written(reading: Reading) -> list[_Mention]:
    """The codes that stand in the text as error codes."""
    mentions: list[_Mention] = []
    for code in reading.codes[:_MOST]:
        lead = reading.text[max(code.start - 30, 0) : code.end - len(code.value)]
        if _NO_ERROR.search(lead) or _is_chance(code, reading.text):
            continue
        told = "postgresql" if _POSTGRESQL_LINE.match(reading.text[code.start : code.end + 1]) else reading.context.engine
        entries = _entries(code.value, code.engines, told)
        if entries:
            mentions.append(_Mention(code.value, code.start, code.end, entries, _is_certain(code.engines, reading)))
    return mentions


def _is_chance(code: Code, text: str) -> bool:
    """Whether five digits are a count or a process id rather than a state."""
    if not code.value.isdigit() or code.engines != _STATE:
        return False
    if text[code.start] == "[":
        entry = explain(code.value, "postgresql")
        return entry is None or entry.depth == "family" or bool(_AFTER_A_PROCESS.match(text[code.end :]))
    return code.start == code.end - len(code.value) and not stands_alone(text, code.start, code.end)


def _is_certain(engines: frozenset[Engine], reading: Reading) -> bool:
    return reading.context.engine is not None or engines <= _PAIR or len(engines) == 1


def _entries(code: str, engines: frozenset[Engine], told: Engine | None) -> dict[Engine, ErrorEntry]:
    """What the code is, by engine. Without an engine told, the best-known readings of it."""
    if told:
        fits = told in engines or (len(engines) > 2 and told == "oracle") or (engines == _STATE and told != "oracle")
        entry = explain(code, told) if fits else None
        return _with_mariadb(entry) if entry else {}
    known = _known(code, engines | _others(code, engines))
    if not known and engines == _PAIR:
        known = _known(code, _NUMBERED)
    if not known and (engines == _PAIR or len(engines) == 1):
        known = _all(code, engines)
    return _without_twin(known)


def _others(code: str, engines: frozenset[Engine]) -> frozenset[Engine]:
    """Engines that the way of writing does not name but that have the code as well."""
    if engines == _STATE:
        return frozenset(e for e in ("mysql", "sqlserver") if (entry := explain(code, e)) and entry.depth == "own")
    return frozenset({"oracle"}) if _NUMBER.match(code) and len(engines) > 2 else frozenset()


def _known(code: str, engines: frozenset[Engine]) -> dict[Engine, ErrorEntry]:
    """The entries of the engines that have a text or a name for the code."""
    return {engine: entry for engine, entry in _all(code, engines).items() if entry.depth != "family"}


def _all(code: str, engines: frozenset[Engine]) -> dict[Engine, ErrorEntry]:
    return {engine: entry for engine in ENGINES if engine in engines and (entry := explain(code, engine))}


def _with_mariadb(entry: ErrorEntry) -> dict[Engine, ErrorEntry]:
    """The entry, and MariaDB's where MySQL has the number for something rare: many say MySQL and run MariaDB."""
    twin = explain(entry.code, "mariadb") if entry.engine == "mysql" and entry.depth != "own" else None
    return {entry.engine: entry} | ({"mariadb": twin} if twin and twin.depth == "own" else {})


def _without_twin(entries: dict[Engine, ErrorEntry]) -> dict[Engine, ErrorEntry]:
    """MariaDB's entry is left out where it says what MySQL's says."""
    mysql, mariadb = entries.get("mysql"), entries.get("mariadb")
    if mysql and mariadb and (mysql.name, mysql.meaning) == (mariadb.name, mariadb.meaning):
        return {engine: entry for engine, entry in entries.items() if engine != "mariadb"}
    return entries


def _named(reading: Reading) -> list[_Mention]:
    """Errors by name: `psycopg.errors.UniqueViolation`, `ER_DUP_ENTRY`."""
    told = reading.context.engine
    mentions: list[_Mention] = []
    for match in _POSTGRESQL_CLASS.finditer(reading.text):
        name = _HUMP.sub(r"\1_\2", match.group(1)).lower()
        code = catalogue("postgresql").code_of.get(name)
        entry = explain(code, "postgresql") if code and told in (None, "postgresql") else None
        if entry:
            mentions.append(_Mention(entry.code, match.start(), match.end(), {"postgresql": entry}, certain=True))
    for match in _MYSQL_SYMBOL.finditer(reading.text):
        engine: Engine = "mariadb" if told == "mariadb" else "mysql"
        code = catalogue(engine).code_of.get(match.group(1))
        entry = explain(code, engine) if code and told in (None, engine) else None
        if entry:
            mentions.append(_Mention(entry.code, match.start(), match.end(), {engine: entry}, certain=True))
    return mentions


def _which_engine(mention: _Mention, reading: Reading) -> Advice:
    lines = [
        f"- {ENGINE_NAMES[engine]}: **{entry.title}**. {_first_sentence(entry.meaning)}"
        for engine, entry in mention.entries.items()
    ]
    return Advice(
        status="needs_details",
        context=reading.context,
        category="troubleshooting",
        situation="\n".join([f"{mention.value} is a different error on each engine:", "", *lines]),
        questions=(engine_question(),),
        notes=reading.notes,
    )


def _answer(mention: _Mention, others: list[_Mention], reading: Reading) -> Advice:
    entry = mention.best
    context = reading.context if reading.context.engine else reading.context.updated(engine=entry.engine)
    questions = [] if mention.certain else [engine_question()]
    return Advice(
        status="answered",
        context=context,
        category="troubleshooting",
        situation=_situation(entry, others),
        diagnoses=(_diagnosis(mention, reading),),
        fixes=(_fix(entry),),
        questions=(*questions, Question(text=entry.question)),
        sources=(entry.source,),
        notes=reading.notes,
    )


def _situation(entry: ErrorEntry, others: list[_Mention]) -> str:
    known = f"This is an error of {ENGINE_NAMES[entry.engine]}, class: {entry.class_name}."
    if entry.depth == "family":
        known += " The catalogue has no text for this code itself, only for its class."
    seen = [f"{m.best.title}" for m in others if len(m.entries) == 1 and m.best.engine == entry.engine]
    return known + (f" Also in the text: {'; '.join(dict.fromkeys(seen))}." if seen else "")


def _diagnosis(mention: _Mention, reading: Reading) -> Diagnosis:
    entry = mention.best
    causes = "\n".join(f"- {cause[0].upper()}{cause[1:]}" for cause in entry.causes)
    meaning = " ".join(filter(None, [entry.meaning, _severity(entry, mention, reading.text)]))
    return Diagnosis(
        slug=f"error-{entry.engine}-{entry.code.lower()}",
        title=entry.title,
        category="troubleshooting",
        confidence=round(_CONFIDENCE[entry.depth] - (0.0 if mention.certain else _LIKELY), 2),
        summary=_first_sentence(entry.meaning),
        root_cause=f"{meaning}\n\nUsual causes:\n\n{causes}" if causes else meaning,
        evidence=(_evidence(mention, reading.text),),
    )


def _severity(entry: ErrorEntry, mention: _Mention, text: str) -> str:
    """`Level 16: …` where the text gives a level right behind the number and the engine has such levels."""
    level = _LEVEL.search(text[mention.end : mention.end + 40])
    says = catalogue(entry.engine).severity(int(level.group(1))) if level else ""
    return f"Level {level.group(1)}: {says}." if level and says else ""


def _evidence(mention: _Mention, text: str) -> Evidence:
    begin = text.rfind("\n", 0, mention.start) + 1
    end = text.find("\n", mention.end)
    line = text[begin : len(text) if end < 0 else end]
    offset = max(min(mention.start - begin, len(line) - _QUOTE), 0) if len(line) > _QUOTE else 0
    place = f"line {text.count(chr(10), 0, mention.start) + 1}"
    return Evidence(quote=line[offset : offset + _QUOTE].strip(), place=place, signal=f"code {mention.value}")


def _fix(entry: ErrorEntry) -> Fix:
    what = _first_sentence(entry.next_step)
    rest = entry.next_step[len(what) :].strip()
    blocks = (CodeBlock(language="sql", engine=entry.engine, code=entry.query),) if entry.query else ()
    return Fix(horizon="immediate", what=what, why=rest, blocks=blocks)


def _first_sentence(text: str) -> str:
    head, dot, _ = text.partition(". ")
    return head + "." if dot else text
