"""What stands around a plan in a session: the statement, prompts, answers of the server, times of the client."""

from __future__ import annotations

from typing import NamedTuple

import re2

from dbbuddy.plans.postgresql.frames import is_border
from dbbuddy.plans.postgresql.lines import Line

_PROMPT = re2.compile(r"""^(?:[\w\[(][\w@.:/\[\]() -]{0,80}[=('"*^!-]{0,2}[#>]|=?#|=>|\$|>>>)\s*""")
_NEXT_PROMPT = re2.compile(r"""^[\w@.]+[-('"*$]+[#>] ?""")
_SQL = re2.compile(
    r"(?i)^\s*(?:explain|select|with|insert|update|delete|merge|set|reset|begin|commit|rollback|create|drop|alter|analyze|"
    r"vacuum|prepare|execute|deallocate|load|show|copy|truncate|call|do|table|values|declare|fetch|start transaction|end)\b"
)
_EXPLAIN = re2.compile(r"(?i)^\s*explain\b")
_STATEMENT_OF_EXPLAIN = re2.compile(r"(?is)^\s*explain\s+(?:\((?:[^()]|\([^()]*\))*\)\s*)?(?:(?:analyze|analyse|verbose)\s+)*")
_ANSWER = re2.compile(
    r"^(?:(?:SELECT|INSERT|UPDATE|DELETE|MERGE|COPY|FETCH|MOVE)(?: \d+)+|SET|RESET|BEGIN|COMMIT|ROLLBACK|ANALYZE|VACUUM|PREPARE|"
    r"DEALLOCATE|TRUNCATE TABLE|START TRANSACTION|SAVEPOINT|RELEASE|LOCK TABLE|LOAD|DISCARD ALL|EXPLAIN|DO|CALL|GRANT|REVOKE|"
    r"(?:CREATE|DROP|ALTER)(?: [A-Z]+){1,4})$"
)
_CLIENT_TIME = re2.compile(r"^\pL+ ?: +[\d.,]+ ms(?: \([\d:.,]+\))?$")
_CLIENT = re2.compile(
    r"^(?:Timing is o(?:n|ff)\.|Expanded display is .*|Output format is .*|Pager .*|\\[a-zA-Z!?].*|psql \(.*|--.*|"
    r"/\*.*\*/)$"
)
_QUERY = re2.compile(r"^Query (?:Text|Parameters):")


ENDS = ("xplain", "XPLAIN", "duration: ", "=# ", "=> ")
"""Without one of these, no line ends a plan."""


class Surroundings(NamedTuple):
    """The statement that the lines hold, and the lines that are understood."""

    statement: str | None
    understood: list[Line]


def ends_plan(text: str) -> bool:
    """True for a line that shows that the plan before it is over: a prompt or another EXPLAIN."""
    if "xplain" in text or "XPLAIN" in text:
        return _EXPLAIN.match(text) is not None or "# explain" in text.lower()
    if "duration: " in text and " plan:" in text:
        return True
    return "=# " in text[:60] or "=> " in text[:60]


def read(lines: list[Line]) -> Surroundings:
    """Understand lines that belong to no plan."""
    understood: list[Line] = []
    statement: list[str] = []
    in_statement = in_query = False
    for line in lines:
        text = line.text.strip()
        if in_query:
            statement.append(line.text)
            understood.append(line)
            continue
        if _QUERY.match(text):
            if text.startswith("Query Text:"):
                statement = [text[len("Query Text:") :].strip()]
                in_query = True
            understood.append(line)
            continue
        bare = (_NEXT_PROMPT if in_statement else _PROMPT).sub("", text)
        if in_statement:
            continues = True
        else:
            continues = False
            if _SQL.match(bare) and not _ANSWER.match(text):
                in_statement = True
                statement = []
        if in_statement or continues:
            statement.append(bare)
            understood.append(line)
            if text.endswith(";"):
                in_statement = False
            continue
        if _ANSWER.match(text) or _CLIENT_TIME.match(text) or _CLIENT.match(text) or is_border(text) or bare == "":
            understood.append(line)
    whole = "\n".join(statement).strip()
    if in_query:
        return Surroundings(whole or None, understood)
    if whole:
        whole = _STATEMENT_OF_EXPLAIN.sub("", whole, count=1) if _EXPLAIN.match(whole) else ""
    return Surroundings(whole.rstrip("; \n") or None, understood)
