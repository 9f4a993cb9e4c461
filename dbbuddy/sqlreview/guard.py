"""Judges any SQL before it is shown: does it only read, does it write, or can it destroy?

What cannot be judged is `unknown` and counts as destructive. Everything that the project emits passes through `classify`; nothing
here runs SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dbbuddy.context import Engine
from dbbuddy.sqlreview.guarding.judge import Judge
from dbbuddy.sqlreview.guarding.vocabulary import CODE, OUTSIDE, READ, Danger, Rule, vocabulary
from dbbuddy.sqlreview.reading import Script, read_script

_ORDER: tuple[Danger, ...] = ("read_only", "writing", "unknown", "destructive")
_ALL_ENGINES: tuple[Engine, ...] = ("postgresql", "mysql", "sqlserver", "oracle")
_DEEPEST = 4
_TEMPLATES = (("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("${", "}"), ("#{", "}"))
_HARMLESS_META = frozenset("dlxt?hzqacpw")


@dataclass(frozen=True)
class StatementVerdict:
    """The verdict on one statement. Offsets count in the whole text; `reasons` say why it is not read-only."""

    danger: Danger
    reasons: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Verdict:
    """The worst of the statements' verdicts. A text without any statement is read-only."""

    danger: Danger
    statements: tuple[StatementVerdict, ...]

    @property
    def counts_as_destructive(self) -> bool:
        """True for what must not be shown without a warning: destructive, or not understood."""
        return self.danger in ("destructive", "unknown")

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, without repeats, the worst first."""
        ordered = sorted(self.statements, key=lambda statement: -_ORDER.index(statement.danger))
        return tuple(dict.fromkeys(reason for statement in ordered for reason in statement.reasons))


def classify(sql: str, engine: Engine | None = None) -> Verdict:
    """Judge a text. Without an engine it is read as each of them would, and the worst verdict holds."""
    engines = _ALL_ENGINES if engine is None else (engine,)
    verdicts = (_classify(text, each, 0) for each in engines for text in _by_line_ends(sql))
    return max(verdicts, key=lambda verdict: _ORDER.index(verdict.danger))


def _by_line_ends(sql: str) -> tuple[str, ...]:
    """The text as servers read it that end a line, and with it a comment, at a lone carriage return, and as the others do."""
    plain = sql.replace("\r\n", " \n")
    return (plain.replace("\r", "\n"), plain.replace("\r", " ")) if "\r" in plain else (sql,)


def _classify(sql: str, engine: Engine, depth: int) -> Verdict:
    if depth > _DEEPEST:
        return Verdict("unknown", (StatementVerdict("unknown", ("nested too deeply to be read",), 0, len(sql)),))

    def inner(text: str) -> tuple[Danger, tuple[str, ...]]:
        verdict = _classify(text, engine, depth + 1)
        return verdict.danger, verdict.reasons

    rest, verdicts = _client_commands(sql, engine)
    verdicts.extend(_hidden(rest, engine, depth))
    verdicts.extend(_in_templates(rest, engine, depth))
    for script in _readings(rest, engine):
        for statement in script.statements:
            if statement.parent is None:
                verdicts.append(_verdict(Judge(statement, engine, inner).rules(), statement.start, statement.end))
    verdicts.sort(key=lambda verdict: verdict.start)
    return Verdict(_worst(verdict.danger for verdict in verdicts), tuple(verdicts))


def _readings(text: str, engine: Engine) -> Iterator[Script]:
    """The script; with executable comments also as a server reads it that is too old for them."""
    yield read_script(text, engine)
    if engine in ("mysql", "mariadb") and ("/*!" in text or "/*M!" in text):
        yield read_script(text, engine, executed=False)


def _worst(dangers: Iterable[Danger]) -> Danger:
    return max(dangers, key=_ORDER.index, default="read_only")


def _verdict(rules: Iterable[Rule], start: int, end: int) -> StatementVerdict:
    """The worst of the rules; the reasons are those of the worst first."""
    known = sorted(rules, key=lambda rule: -_ORDER.index(rule[0]))
    return StatementVerdict(
        _worst(danger for danger, _ in known), tuple(dict.fromkeys(reason for _, reason in known if reason)), start, end
    )


def _client_commands(sql: str, engine: Engine) -> tuple[str, list[StatementVerdict]]:
    """Lines that a client acts on by itself (those of psql with a backslash, `!` and `@` of SQL*Plus), judged and blanked."""
    lines: list[str] = []
    verdicts: list[StatementVerdict] = []
    at = 0
    for line in sql.splitlines(keepends=True):
        rule = _client(line.strip(), engine)
        if rule is not None:
            verdicts.append(_verdict([rule], at, at + len(line)))
        lines.append(line if rule is None else "".join(char if char == "\n" else " " for char in line))
        at += len(line)
    return "".join(lines), verdicts


def _client(line: str, engine: Engine) -> Rule | None:
    if line.startswith("\\") and len(line) > 1:
        command = line[1:].split(maxsplit=1)[0] if line[1:].strip() else ""
        if command.startswith("!") or command in ("w", "write") or "`" in line:
            return OUTSIDE
        if command.startswith("copy"):
            return OUTSIDE if " program " in line.lower() else ("writing", "copies between the server and a file")
        return READ if command[:1] in _HARMLESS_META else CODE
    if line.startswith("!") or (engine == "oracle" and line.upper().startswith(("HOST ", "HO "))):
        return OUTSIDE
    if engine != "oracle":
        return None
    if line.startswith("@"):
        return CODE
    first, second = (*line.upper().rstrip(";").split(maxsplit=2), "", "")[:2]
    known = vocabulary()
    return READ if first in known.sqlplus or (first == "SET" and second in known.sqlplus_set) else None


def _in_templates(text: str, engine: Engine, depth: int) -> Iterator[StatementVerdict]:
    """Statements in what looks like a template: a client that fills in none ends a statement at each `;` in it."""
    for opening, closing in _TEMPLATES:
        at = text.find(opening)
        while at >= 0:
            end = text.find(closing, at)
            end = len(text) if end < 0 else end
            first = text.find(";", at, end)
            if first >= 0:
                inner = _classify(text[first:end], engine, depth + 1)
                if inner.danger != "read_only":
                    yield StatementVerdict(inner.danger, ("a template holds a statement", *inner.reasons), at, end)
            at = text.find(opening, end)


def _hidden(text: str, engine: Engine, depth: int) -> Iterator[StatementVerdict]:
    """Code of MySQL that other engines take for a comment: `/*! ... */`, and `--x`."""
    if engine not in ("mysql", "mariadb"):
        return
    for opening in ("/*!", "/*M!"):
        at = text.find(opening)
        while at >= 0:
            end = text.find("*/", at)
            end = len(text) if end < 0 else end
            inner = _classify(text[at + len(opening) : end].lstrip("0123456789"), engine, depth + 1)
            yield StatementVerdict(inner.danger, ("runs the code in an executable comment", *inner.reasons), at, end)
            at = text.find(opening, end)
    start = 0
    for line in text.splitlines(keepends=True):
        at = line.find("--")
        if at >= 0 and line[at + 2 : at + 3].strip() and ";" in line[at:]:
            inner = _classify(line[line.index(";", at) :], engine, depth + 1)
            if inner.danger != "read_only":
                yield StatementVerdict(
                    inner.danger, ("`--` opens no comment without a blank", *inner.reasons), start, start + len(line)
                )
        start += len(line)
