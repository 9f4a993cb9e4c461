"""What stands around a plan and is no part of it: prompts and statements, row counts, SHOW WARNINGS."""

from __future__ import annotations

import re2

_PROMPT = re2.compile(
    r"^\s*(?:mysql|MariaDB(?: \[[^\]]*\])?|root@[^>]{1,40}|[\w.@-]*mysql[\w.@ -]*|MySQL\s.{0,40}(?:SQL|JS|Py))\s?"
    r"(?:\[[^\]]{0,64}\])?\s?>\s?(.*)$"
)
_STATEMENT = re2.compile(
    r"(?is)^\s*(?:--\s.*|/\*.*|#\s.*)?(?:EXPLAIN|ANALYZE|DESC|DESCRIBE)\s+"
    r"(?:(?:EXTENDED|PARTITIONS|ANALYZE|FORMAT\s*=?\s*'?\w+'?|INTO\s+@\w+|FOR)\s+)*"
    r"(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|TABLE|VALUES|CONNECTION|\(|/\*|\d).*$"
)
_COUNT = re2.compile(
    r"(?i)^\s*\(?(?:\d+|empty|no) (?:rows?|results?|set)\b.{0,60}$|^\s*Empty set.{0,60}$|^\s*Query OK.{0,100}$|"
    r"^\s*Time: [\d.]+ ?\w*$|"
    r"^\s*\d+ row\(s\) (?:returned|fetched).{0,80}$|^\s*Time taken.{0,40}$"
)
_WARNING = re2.compile(r"(?s)^\s*(Note|Warning|Error)(?:\s*\(Code:?\s*(\d+)\):?|\t(\d+)\t?)\s*(.*)$")
_WORDS = re2.compile(
    r"(?i)^\s*[#\"'|]?\s*(?:Warnings?:|EXPLAIN|ANALYZE|QUERY PLAN|SHOW WARNINGS;?|Reading table information.*|Bye|"
    r"delimiter.{0,5}|```.*|id:?|Database changed|Note: .*end of plan.*)\s*[:;]?\s*[\"'|]?\s*$"
)
_FRAME_ENDS = ("|", "│", "'", '"', "`", ">", "',", '",', "';", "||")
_ENDS = (";", "\\G", "\\g", "\\G;")


def prompt(text: str) -> str | None:
    """What was typed after a client's prompt, `None` if the line has none."""
    found = _PROMPT.match(text) if ">" in text[:80] else None
    return found.group(1) if found else None


def is_statement(text: str) -> bool:
    """Whether the line begins the statement whose plan follows."""
    return _STATEMENT.match(text) is not None


def ends_statement(text: str) -> bool:
    """Whether a semicolon, or the like, closes the statement here."""
    return text.rstrip().endswith(_ENDS)


def is_noise(text: str) -> bool:
    """Words of a client around the plan: headings, row counts."""
    return text.strip() in _FRAME_ENDS or _COUNT.match(text) is not None or _WORDS.match(text) is not None


def warning(text: str) -> tuple[str, str, str] | None:
    """Level, code and message of a line of SHOW WARNINGS printed without a table."""
    found = _WARNING.match(text)
    return (found.group(1), found.group(2) or found.group(3) or "", found.group(4)) if found else None
