"""What stands in blocks and branches: DO, BEGIN ... END, IF, WHILE. Each statement in them is cut out to be judged by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbbuddy.sqlreview.ddl.cursor import key, words
from dbbuddy.sqlreview.guarding.calls import dotted
from dbbuddy.sqlreview.guarding.vocabulary import Rule, vocabulary
from dbbuddy.sqlreview.lexer import Token

FLOW = words("IF ELSE WHILE BEGIN END DECLARE LOOP FOR FOREACH CASE THEN TRY CATCH REPEAT ELSIF ELSEIF EXCEPTION WHEN UNTIL")
_STARTS = words(
    "SELECT INSERT UPDATE DELETE MERGE TRUNCATE DROP CREATE ALTER EXEC EXECUTE CALL GRANT REVOKE DENY KILL SHUTDOWN DBCC BACKUP "
    "RESTORE WITH REPLACE USE PERFORM COPY PURGE LOAD VACUUM FLASHBACK"
)
_CUTS = words("END ELSE BEGIN PRINT ELSIF ELSEIF EXCEPTION RETURN RAISERROR THROW LOOP DECLARE")
_JOINED = words("FOR AS UNION ALL ON OR AND , . = EXCEPT INTERSECT MINUS ( BEFORE AFTER OF GRANT REVOKE IS")
_SILENT = words("NULL COMMIT ROLLBACK RETURN RAISE EXIT CONTINUE CLOSE FETCH OPEN SAVEPOINT LEAVE ITERATE GOTO PRINT SET")


def pieces(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The statements inside: from a word that begins one to the next such word, a word of the flow, or a `;`."""
    start: int | None = None
    depth = cases = 0
    for at, token in enumerate(tokens):
        word = key(token)
        depth += (word == "(") - (word == ")")
        cases += word == "CASE" and key(tokens[at - 1]) != "END"
        if word == "END" and cases:
            cases -= 1
            continue
        if depth > 0 or cases or at == 0:
            continue
        begins = word in _STARTS and not _is_joined(tokens, start, at) and not _continues(tokens, start, at, word)
        if start is not None and (begins or word in _CUTS or word == ";"):
            yield start, at
            start = None
        if begins:
            start = at
    if start is not None:
        yield start, len(tokens)


def _is_joined(tokens: Sequence[Token], start: int | None, at: int) -> bool:
    """True if the word before is one that no statement ends with; `SET NOCOUNT ON` ends with what else joins."""
    before = key(tokens[at - 1])
    if before == "ON" and start is None:
        return key(tokens[0]) in ("CREATE", "ALTER")
    return before in _JOINED


def _continues(tokens: Sequence[Token], start: int | None, at: int, word: str) -> bool:
    """True for the SELECT of an INSERT, the verb behind WITH, the branches of a MERGE, the options of ALTER."""
    if start is None:
        return False
    first = key(tokens[start])
    if first in ("INSERT", "WITH", "REPLACE", "CREATE"):
        return word in ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "EXEC", "REPLACE") and not tokens[at].first
    if first == "MERGE":
        return word in ("INSERT", "UPDATE", "DELETE")
    return first in ("ALTER", "GRANT", "REVOKE", "BACKUP", "RESTORE", "COPY", "DROP") and not tokens[at].first


def plain_calls(tokens: Sequence[Token]) -> Iterator[Rule]:
    """Calls that are statements of a block by themselves: `package.procedure(...);`."""
    for at in range(len(tokens) - 1):
        if key(tokens[at]) not in ("BEGIN", "THEN", "ELSE", "LOOP", ";"):
            continue
        name, behind = dotted(tokens, at + 1)
        if _is_call(name, tokens, behind):
            yield vocabulary().procedure(name)


def _is_call(name: str, tokens: Sequence[Token], behind: int) -> bool:
    first = name.upper().partition(".")[0]
    if not name or behind >= len(tokens) or first in FLOW | _STARTS | _SILENT:
        return False
    return key(tokens[behind]) in ("(", ";")
