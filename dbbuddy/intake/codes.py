"""Error codes in a text, each with the engine it can belong to. The same number in two engines is two codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import re2

from dbbuddy.context import Engine


@dataclass(frozen=True)
class Code:
    """`engines` are those in which the code can exist by the way it is written; `start` is where it stands."""

    value: str
    engines: frozenset[Engine]
    start: int
    end: int


_MYSQL: frozenset[Engine] = frozenset({"mysql", "mariadb"})
_NUMBERED: frozenset[Engine] = _MYSQL | {"sqlserver"}
_STATE: frozenset[Engine] = frozenset({"postgresql"})
_ORACLE: frozenset[Engine] = frozenset({"oracle"})
_SQLSERVER: frozenset[Engine] = frozenset({"sqlserver"})

# Group 1 is the code. A pattern binds it to the engines that write their codes that way.
_PATTERNS: tuple[tuple[str, frozenset[Engine]], ...] = (
    (r"\b(?:ERROR|FATAL|PANIC|WARNING|NOTICE): +([0-9][0-9A-Z]{4}|XX\d{3}|HV[0-9A-Z]{3}|[FP]0\d{3}): ", _STATE),
    (r"(?i)\b((?:ora|tns|pls|rman|crs|dpi|dpy|njs|drg|kup)-\d{1,5})\b", _ORACLE),
    (r"(?i)\bora[ _:]?(\d{4,5})\b", _ORACLE),
    (r"(?i)\bmsg ?(\d{2,5}), ?level", _SQLSERVER),
    (r"(?i)\berror number: ?(-?\d{1,5}), ?state", _SQLSERVER),
    (r"\((\d{1,5})\) \(SQL[A-Z]\w+\)", _SQLSERVER),
    (r"\b(MY-\d{6})\b", _MYSQL),
    (r"\bSQLSTATE\[[0-9A-Z]{5}\](?: \[|: [^:\n]{1,60}: )(\d{4})(?:\]| )", _MYSQL),
    (r"(?i)\berror:? (\d{2,5}), ?severity", _SQLSERVER),
    (r"(?i)\bsql ?(?:server)? ?error:? ?\(?(\d{2,5})\b", _NUMBERED),
    (r"\b(?i:error|err)[ :]+(\d{4})[ :]*\((?:[0-9A-Z]{5})\)", _MYSQL),
    (r"\((\d{4}), ?u?[\"']", _MYSQL),
    (r"(?i)\b(?:errno|errcode|mysql error|error code)[ :=#\"'(]*(\d{4})\b", _MYSQL),
    (r"(?i)\b(\d{4}) (?:deadlock found|lock wait timeout|duplicate entry|too many connections)", _MYSQL),
    (r"(?i)\b(?:sqlexception|sqlclient|number|error number|native error|nativeerror)[ :=#\"']{1,4}(-?\d{1,5})\b", _NUMBERED),
    (r"(?i)\b(?:error|err|code|fehler|erreur|login failed)[ :.=#\"'(\[]{1,3}(\d{2,5})\b", _NUMBERED),
    (r"(?i)\bsqlstate[ :=\[(\"']{0,3}([0-9A-Z]{5})\b", _STATE),
    (r"\bPostgresException\b[^\n]{0,40}: ([0-9A-Z]{5}): ", _STATE),
    (r"\[([0-9][0-9A-Z]{4}|[A-Z]{2}[0-9]{3})\]", _STATE),
    (r"(?i)\bcode:? ?['\"]([0-9][0-9A-Z]{4})['\"]", _STATE),
    (r"\b((?:08|22|23|25|28|40|42|53|54|55|57|58)(?:P\d{2}|0[0-9A-Z]\d)|40001|XX00\d)\b", _STATE),
)
_COMPILED = tuple((re2.compile(pattern), engines) for pattern, engines in _PATTERNS)
_BARE = re2.compile(r"\b\d{4,5}\b")
_NUMBER_ALONE = re2.compile(r"\b\d{3,5}\b")
_STATE_ALONE = re2.compile(r"\b(?:[0-9][0-9A-Z]{4}|XX\d{3}|HV[0-9A-Z]{3}|P000\d|HY\w{3})\b")
_SHORT = 120
_YEAR = re2.compile(r"(?:19|20[0-3])\d+$")
_AROUND_A_CODE = re2.compile(
    r"(?i)\b(?:what(?:'?s| is| does)?|why|how|explain|meaning|means?|of|the|an?|in|on|is|does|for|to|fix|help|with|error|err|code|number|"
    r"sqlstate|state|postgres(?:ql)?|pg|mysql|mariadb|sql ?server|mssql|t-?sql|oracle|azure sql|database|db)\b|[^0-9A-Za-z]"
)


def find_codes(text: str, known: frozenset[str], engine: Engine | None) -> list[Code]:
    """Codes as written, and bare numbers that are a `known` code when the engine is told.

    `known` holds the codes that some playbook or catalogue entry is about.
    """
    found: dict[tuple[str, int], Code] = {}
    for pattern, engines in _COMPILED:
        for match in pattern.finditer(text):
            value = _normal(match.group(1), engines)
            key = (value, match.start(1))
            if key not in found:
                found[key] = Code(value, engines, match.start(), match.end(1))
            elif found[key].engines == _NUMBERED and engines == _STATE:  # `code: '23505'` may be either
                found[key] = replace(found[key], engines=_NUMBERED | _STATE)
    for code in _bare_numbers(text, known, engine):
        found.setdefault((code.value, code.start), code)
    return list(found.values()) or _alone(text, engine)


def _alone(text: str, engine: Engine | None) -> list[Code]:
    """The code of a text that is little more than a code: `1205`, `what is 23505 in postgres`."""
    for pattern, engines in ((_NUMBER_ALONE, _NUMBERED | _STATE | _ORACLE), (_STATE_ALONE, _STATE)):
        match = pattern.search(text[:_SHORT])
        if match and not _YEAR.match(match.group(0)) and stands_alone(text, match.start(), match.end()):
            told = frozenset({engine}) if engine else engines
            return [Code(match.group(0), told, match.start(), match.end())]
    return []


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether nothing is said around that place but which engine it is and what it means."""
    return len(text) <= _SHORT and not _AROUND_A_CODE.sub("", text[:start] + text[end:])


def _bare_numbers(text: str, known: frozenset[str], engine: Engine | None) -> Iterator[Code]:
    if engine in (None, "postgresql"):
        return
    for match in _BARE.finditer(text):
        if match.group(0) in known:
            yield Code(match.group(0), frozenset({engine}), match.start(), match.end())


def _normal(code: str, engines: frozenset[Engine]) -> str:
    """Oracle codes with their prefix and five digits; SQLSTATEs in capitals."""
    if engines == _ORACLE:
        prefix, _, digits = code.upper().rpartition("-")
        return f"{prefix or 'ORA'}-{digits.zfill(5)}"
    return code.upper()
