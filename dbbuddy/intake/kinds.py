"""What kind of text was pasted."""

from __future__ import annotations

from typing import Literal

import re2

Kind = Literal["question", "error", "sql", "plan", "ddl", "config"]

KIND_NAMES: dict[Kind, str] = {
    "question": "question",
    "error": "error or log",
    "sql": "SQL",
    "plan": "execution plan",
    "ddl": "table definition",
    "config": "configuration",
}

# In order of precedence: a plan holds SQL words, an error may quote SQL.
_MARKS: tuple[tuple[Kind, str], ...] = (
    (
        "plan",
        r"(?im)\(cost=\d+\.\d+\.\.\d|actual time=\d|\"Plan\": ?\{|<ShowPlanXML|^\s*\| *id *\| *select_type|"
        r"^plan hash value|\"query_block\": ?\{|^\|?\s*Id\s*\|\s*Operation\s*\||\|--(Clustered )?Index (Seek|Scan)|-> .*\(cost=",
    ),
    (
        "error",
        r"(?im)\b(ora|tns|pls)-\d{4,5}\b|\berror \d{3,5}\b|^\s*(error|fatal|panic):|\bsqlstate\b|traceback \(most recent|"
        r"exception\b.*:|^\s+at [\w$.]+\(|\bmsg \d+, ?level|\berror:|\bfatal:|\berr(or)?[ :]+\d{3,5}\b|task timed out",
    ),
    (
        "ddl",
        r"(?im)^\s*(create|alter|drop)\s+(unique\s+|clustered\s+|or replace\s+)?(table|index|view|materialized|sequence|partition)\b",
    ),
    ("config", r"(?im)(^\s*[a-z][\w.]*\s*=\s*\S+\s*$\n?){3,}|^\[mysqld\]|^\s*shared_buffers\s*="),
    ("sql", r"(?is)\b(select\b.{1,900}?\bfrom\b|insert\s+into\b|update\s+\S+\s+set\b|delete\s+from\b|with\s+\w+\s+as\s*\()"),
)


_COMPILED = tuple((kind, re2.compile(pattern)) for kind, pattern in _MARKS)


def kinds_of(text: str) -> tuple[Kind, ...]:
    """Every kind that the text holds, the telling one first; `("question",)` if it is prose alone."""
    found = tuple(kind for kind, pattern in _COMPILED if pattern.search(text))
    return found or ("question",)
