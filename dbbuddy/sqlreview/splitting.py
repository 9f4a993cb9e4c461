"""Where statements begin and end: `;`, GO and `/` lines, DELIMITER, and the statements inside of routines and blocks."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.context import Engine
from dbbuddy.sqlreview.lexer import Token, word_set

Range = tuple[int, int]

_ROUTINES = frozenset(["PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "PACKAGE", "EVENT", "BODY"])
_BEFORE_ROUTINE = word_set(
    "CREATE ALTER OR REPLACE EDITIONABLE NONEDITIONABLE DEFINER AGGREGATE TEMP TEMPORARY TYPE CONSTRAINT AFTER BEFORE"
)
_STARTERS = word_set(
    "SELECT WITH INSERT UPDATE DELETE MERGE TRUNCATE CREATE ALTER DROP EXEC EXECUTE COMMIT ROLLBACK SAVEPOINT SET DECLARE"
    " PRINT IF WHILE RETURN BEGIN END USE GRANT REVOKE RAISERROR THROW OPEN FETCH CLOSE DEALLOCATE BULK WAITFOR REPLACE CALL"
)
_TRANSACTION_BEGINNINGS = word_set("TRAN TRANSACTION WORK ISOLATION READ DEFERRABLE NOT DISTRIBUTED IMMEDIATE DEFERRED")
_FLOW = word_set("BEGIN END THEN ELSE LOOP DO TRY CATCH")
_DML = word_set("SELECT INSERT UPDATE DELETE MERGE REPLACE VALUES EXEC EXECUTE")
_JOINING = word_set("UNION ALL EXCEPT INTERSECT MINUS AS BY FOR THEN ELSE INTO AND OR NOT IN EXISTS OF AFTER BEFORE EXPLAIN")
_JOINING |= word_set("GRANT REVOKE DENY INSTEAD USING DEFAULT WITH DISTINCT FROM WHERE TO")


def statements(tokens: list[Token], engine: Engine | None) -> Iterator[Range]:
    """The ranges of tokens (first, behind the last) of each statement, a routine or a block being one."""
    start, index, count = 0, 0, len(tokens)
    slashes = any(token.kind == "end" and token.text == "/" for token in tokens)
    while index < count:
        while start < count and tokens[start].kind in ("end", "comment"):
            start += 1
        if start >= count:
            return
        end = _block_end(tokens, start, engine, slashes) if is_block(tokens, start, engine) else _plain_end(tokens, start, engine)
        yield start, end
        start = index = max(end, start + 1)


def inner_statements(tokens: list[Token], engine: Engine | None) -> Iterator[Range]:
    """The ranges of the SQL statements inside the tokens of a routine or block."""
    start = 0
    count = len(tokens)
    while start < count:
        token = tokens[start]
        if token.kind == "word" and token.upper in _STARTERS and token.upper in _SQL_VERBS and not _is_header(tokens, start):
            end = _inner_end(tokens, start, engine)
            yield start, end
            start = end
        else:
            start += 1


_SQL_VERBS = word_set("SELECT WITH INSERT UPDATE DELETE MERGE TRUNCATE EXEC EXECUTE COMMIT ROLLBACK CREATE ALTER DROP SET REPLACE")
_STATEMENT_BEFORE = word_set("BEGIN THEN ELSE LOOP DO AS IS TRY CATCH REPEAT ATOMIC IN EXISTS")


def _is_header(tokens: list[Token], index: int) -> bool:
    """True if the word at `index` cannot begin a statement here: an event of a trigger, the CREATE of the routine itself."""
    before = next((tokens[i] for i in range(index - 1, -1, -1) if tokens[i].kind != "comment"), None)
    if before is None:
        return tokens[index].upper in ("CREATE", "ALTER")
    if before.kind == "end" or before.text in (";", ")"):
        return False
    if before.text == "(":
        return False
    return before.kind == "word" and before.upper not in _STATEMENT_BEFORE and tokens[index].upper in _AMBIGUOUS


_AMBIGUOUS = word_set("INSERT UPDATE DELETE SET WITH EXECUTE REPLACE TRUNCATE")


def _inner_end(tokens: list[Token], start: int, engine: Engine | None) -> int:
    depth, cases, index, count = 0, 0, start, len(tokens)
    flat = engine in ("sqlserver", None)
    while index < count:
        token = tokens[index]
        if token.kind == "end" or token.text == ";":
            return index
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
            if depth < 0:
                return index
        elif token.kind == "word" and index > start and not depth:
            upper = token.upper
            if upper == "CASE":
                cases += 1
            elif upper == "END" and cases:
                cases -= 1
            elif (upper in ("BEGIN", "END", "LOOP") and not cases) or (flat and not cases and _begins_flat(tokens, start, index)):
                return index
        index += 1
    return count


def is_block(tokens: list[Token], start: int, engine: Engine | None) -> bool:
    """True if a routine's definition or an anonymous block begins here."""
    first = tokens[start].upper
    if first in ("CREATE", "ALTER"):
        for token in tokens[start + 1 : start + 14]:
            if token.upper in _ROUTINES:
                return True
            if (
                token.kind == "word"
                and token.upper not in _BEFORE_ROUTINE
                and "DEFINER" not in (t.upper for t in tokens[start : start + 5])
            ):
                return False
        return False
    following = _word(tokens, start + 1)
    if first == "BEGIN":
        return following not in ("", *_TRANSACTION_BEGINNINGS) and engine not in ("sqlserver", "postgresql")
    return (
        first == "DECLARE"
        and engine in ("oracle", None)
        and not (len(tokens) > start + 1 and tokens[start + 1].text.startswith("@"))
    )


def _word(tokens: list[Token], index: int) -> str:
    return tokens[index].upper if index < len(tokens) and tokens[index].kind != "end" else ""


def _plain_end(tokens: list[Token], start: int, engine: Engine | None) -> int:
    """The end of a plain statement. T-SQL needs no `;`: there a word that can only begin a statement ends the one before."""
    depth, cases, index, count = 0, 0, start, len(tokens)
    while index < count:
        token = tokens[index]
        if token.kind == "end":
            return index
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth = max(0, depth - 1)
        elif token.kind == "word":
            cases += token.upper == "CASE"
            if token.upper == "END" and cases:
                cases -= 1
            elif engine == "sqlserver" and index > start and not depth and not cases and _begins_flat(tokens, start, index):
                return index
        index += 1
    return count


def _begins_flat(tokens: list[Token], start: int, index: int) -> bool:
    """True if the word at `index` begins a statement of its own though no `;` stands before it."""
    word, before = tokens[index].upper, tokens[index - 1]
    if (
        word not in _STARTERS
        or (before.kind == "op" and before.text not in (")", "*"))
        or (before.upper in _JOINING and before.kind == "word")
    ):
        return False
    if before.upper == "ON" and word in ("UPDATE", "DELETE"):
        return False
    if index + 1 < len(tokens) and tokens[index + 1].text in ("=", ",", ".", ")") and word != "SET":
        return False
    if not tokens[index].first:
        return False
    first = tokens[start].upper
    seen = {token.upper for token in tokens[start:index] if token.kind == "word"} if index - start < 4000 else _DML
    if word == "WITH":
        return False
    if word == "SET":
        return not (first in ("UPDATE", "MERGE", "ALTER", "WITH") and "SET" not in seen) and first != "MERGE"
    if first in ("CREATE", "ALTER", "GRANT", "DROP"):
        return not (seen & {"AS"} and word in ("SELECT", "WITH")) and word in _AFTER_DDL
    if first == "MERGE":
        return False
    if first == "WITH" and word in _DML:
        return bool(set(_outside(tokens[start:index])) & (_DML - {"INSERT"} if word == "SELECT" else _DML))
    if first in ("INSERT", "REPLACE") and word in _DML:
        return bool(seen & (_DML - {first}))
    return True


def _outside(tokens: list[Token]) -> Iterator[str]:
    """The words that stand in no parentheses: behind WITH, those of the statement that its queries are for."""
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "word" and depth == 0:
            yield token.upper


_AFTER_DDL = word_set("CREATE ALTER DROP SELECT INSERT EXEC EXECUTE USE PRINT IF TRUNCATE DECLARE")


def _block_end(tokens: list[Token], start: int, engine: Engine | None, slashes: bool) -> int:
    """The end of a routine or block: GO, `/`, the client's delimiter, or the END that closes its outermost BEGIN."""
    opening = tokens[start : start + 200]
    if any(token.kind == "string" and token.text.startswith("$") for token in opening):
        return _plain_end(tokens, start, "postgresql")
    by_end = not slashes and engine != "sqlserver"
    head = [token.upper for token in opening[:14] if token.kind == "word"]
    depth, opened = (1, True) if "PACKAGE" in head else (0, False)
    for index in range(start, len(tokens)):
        token = tokens[index]
        if token.kind == "end" and (token.text != ";" or (by_end and _closed(tokens, start, index, depth, opened))):
            return index
        if token.kind != "word" or not by_end:
            continue
        if token.upper in ("BEGIN", "CASE") and tokens[index - 1].upper != "END":
            depth, opened = depth + 1, opened or token.upper == "BEGIN"
        elif token.upper == "END" and _word(tokens, index + 1) not in ("IF", "LOOP", "WHILE", "REPEAT", "FOR"):
            depth -= 1
    return len(tokens)


def _closed(tokens: list[Token], start: int, index: int, depth: int, opened: bool) -> bool:
    """True if the `;` at `index` ends the routine: its BEGIN is closed, or it consists of one statement without BEGIN."""
    if opened:
        return depth <= 0
    declares = any(token.upper in ("IS", "DECLARE", "AS") for token in tokens[start:index][:400] if token.kind == "word")
    return not declares
