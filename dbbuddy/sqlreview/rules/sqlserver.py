"""What only SQL Server knows: hints, settings, identity, windows, cursors, temporary tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.lexer import Token, word_set
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at

_SETTINGS = word_set(
    "ROWCOUNT FORCEPLAN DATEFORMAT DATEFIRST IDENTITY_INSERT ANSI_NULLS ANSI_PADDING ANSI_WARNINGS QUOTED_IDENTIFIER"
    " ARITHABORT CONCAT_NULL_YIELDS_NULL NUMERIC_ROUNDABORT"
)
_ON_IS_RIGHT = frozenset(
    ["ANSI_NULLS", "ANSI_PADDING", "ANSI_WARNINGS", "QUOTED_IDENTIFIER", "ARITHABORT", "CONCAT_NULL_YIELDS_NULL"]
)
# Ranking functions and the navigation of LAG and LEAD take no frame.
_FRAMELESS = (exp.RowNumber, exp.Lag, exp.Lead)
_FRAMELESS_NAMES = frozenset(
    ("RANK", "DENSE_RANK", "NTILE", "CUME_DIST", "PERCENT_RANK", "LAG", "LEAD", "PERCENTILE_CONT", "ROW_NUMBER")
)


def words(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """NOLOCK and its kin, @@IDENTITY, SET options that change meaning, TOP 100 PERCENT, four-part names."""
    if context.engine != "sqlserver":
        return
    tokens, upper = statement.tokens, statement.words
    if statement.kind == "block":
        return
    for index, token in enumerate(tokens):
        word = upper[index]
        if word in ("NOLOCK", "READUNCOMMITTED") and token.kind == "word":
            yield at("ms.nolock", statement, token)
        elif word == "@@IDENTITY":
            yield at("ms.identity", statement, token)
        elif (word == "PERCENT" and upper[max(0, index - 3) : index] in (["(", "100", ")"], ["TOP", "100"])) or (
            word == "PERCENT" and upper[index - 1] == "100"
        ):
            yield at("ms.top-100-percent", statement, token)
    yield from _server_names(statement)
    if upper[0] == "SET" and len(upper) > 2:
        yield from _setting(statement, upper)
    if upper[:3] == ["SET", "TRANSACTION", "ISOLATION"] and "UNCOMMITTED" in upper:
        yield at("ms.nolock", statement, tokens[0])


def _setting(statement: Statement, upper: list[str]) -> Iterator[Found]:
    name, value = upper[1], upper[-1]
    if (
        name not in _SETTINGS
        or (name in _ON_IS_RIGHT and value != "OFF")
        or (name in ("NUMERIC_ROUNDABORT", "FORCEPLAN") and value != "ON")
    ):
        return
    if (name == "ROWCOUNT" and value == "0") or (name == "IDENTITY_INSERT" and value == "OFF"):
        return
    yield at("ms.set-option", statement, statement.tokens[0], option=name, value=value)


def _server_names(statement: Statement) -> Iterator[Found]:
    """server.database.schema.table"""
    run: list[Token] = []
    for token in [*statement.tokens, None]:
        if token is not None and (token.kind in ("word", "quoted") if len(run) % 2 == 0 else token.text == "."):
            run.append(token)
            continue
        if len(run) >= 7 and len(run) % 2:
            yield at("join.cross-server", statement, run[0], name="".join(part.text for part in run))
        run = [token] if token is not None and token.kind in ("word", "quoted") else []


def windows(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A window with ORDER BY and no frame, or with RANGE: rows spool to disk, and equal keys count together."""
    view = context.view(statement)
    if context.engine != "sqlserver":
        return
    for window in view.nodes(exp.Window):
        function = window.this
        if not window.args.get("order") or isinstance(function, _FRAMELESS) or function.name.upper() in _FRAMELESS_NAMES:
            continue
        if type(function).__name__.upper() in ("RANK", "DENSERANK", "NTILE", "CUMEDIST", "PERCENTRANK"):
            continue
        spec = window.args.get("spec")
        if spec is None:
            yield at("ms.implicit-range", statement, window)
        elif str(spec.args.get("kind", "")).upper() == "RANGE":
            yield at("ms.explicit-range", statement, window)


def routines(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Inside of routines: no SET NOCOUNT ON, CASE without ELSE, a variable set to itself, cursors, names on temporary tables."""
    if context.engine != "sqlserver" or statement.parent is not None:
        return
    tokens, upper = statement.tokens, statement.words
    if statement.kind == "block" and upper[0] in ("CREATE", "ALTER") and {"PROCEDURE", "PROC", "TRIGGER"} & set(upper[:5]):
        if not _pair(upper, "NOCOUNT", "ON"):
            yield at("ms.nocount", statement, tokens[0])
        transaction = "TRAN" in upper or ("TRANSACTION" in upper and "BEGIN" in upper)
        if transaction and not _pair(upper, "XACT_ABORT", "ON") and "CATCH" not in upper:
            yield at("ms.xact-abort", statement, tokens[0])
    yield from _cases(statement, upper)
    yield from _cursors(statement, upper)
    for index in range(len(upper) - 3):
        if (
            upper[index] == "SET"
            and upper[index + 1].startswith("@")
            and upper[index + 2] == "="
            and upper[index + 3] == upper[index + 1]
        ):
            ends = index + 4 >= len(upper) or upper[index + 4] in (";", "END") or tokens[index + 4].first
            if ends:
                yield at("ms.self-assign", statement, tokens[index], variable=tokens[index + 1].text)
    yield from _temporary_names(statement, upper)


def _pair(upper: list[str], first: str, second: str) -> bool:
    return any(upper[index] == first and upper[index + 1] == second for index in range(len(upper) - 1))


def _cases(statement: Statement, upper: list[str]) -> Iterator[Found]:
    stack: list[tuple[int, bool, bool]] = []
    for index, word in enumerate(upper):
        if statement.tokens[index].kind != "word":
            continue
        if word == "CASE":
            stack.append((index, False, True))
        elif word == "BEGIN":
            stack.append((index, True, False))
        elif word == "ELSE" and stack and stack[-1][2]:
            stack[-1] = (stack[-1][0], True, True)
        elif word == "END" and stack:
            start, complete, is_case = stack.pop()
            if is_case and not complete:
                yield at("style.case-without-else", statement, statement.tokens[start])


def _cursors(statement: Statement, upper: list[str]) -> Iterator[Found]:
    selected: dict[str, int] = {}
    for index, word in enumerate(upper):
        if word == "CURSOR" and index and upper[index - 2 : index - 1] == ["DECLARE"]:
            options = upper[index : index + 6]
            if not {"FAST_FORWARD", "STATIC", "READ_ONLY", "INSENSITIVE"} & set(options):
                yield at("ms.cursor", statement, statement.tokens[index - 2], cursor=statement.tokens[index - 1].name)
            selected[upper[index - 1]] = _listed(upper, index, ("SELECT",), ("FROM",))
        if word == "FETCH":
            into = next((i for i in range(index, min(index + 8, len(upper))) if upper[i] == "INTO"), None)
            name = upper[into - 1] if into else ""
            if into is not None and selected.get(name):
                count = 1 + sum(1 for i in _run(upper, into))
                if count != selected[name]:
                    yield at(
                        "ms.fetch-mismatch",
                        statement,
                        statement.tokens[index],
                        cursor=name.lower(),
                        columns=selected[name],
                        variables=count,
                    )


def _run(upper: list[str], into: int) -> Iterator[int]:
    index = into + 2
    while index + 1 < len(upper) and upper[index] == "," and upper[index + 1].startswith("@"):
        yield index
        index += 2


def _listed(upper: list[str], start: int, opens: tuple[str, ...], closes: tuple[str, ...]) -> int:
    """How many items stand between the next SELECT and its FROM; 0 if that cannot be told."""
    begin = next((index for index in range(start, len(upper)) if upper[index] in opens), None)
    if begin is None:
        return 0
    depth, count = 0, 1
    for word in upper[begin + 1 : begin + 400]:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word == ",":
            count += 1
        if word == "*" and depth == 0:
            return 0
        if depth == 0 and word in closes:
            return count
    return 0


def _temporary_names(statement: Statement, upper: list[str]) -> Iterator[Found]:
    """A named constraint on a #table: two sessions at once clash, since the name is unique in tempdb."""
    index = 0
    while index < len(upper) - 4:
        if upper[index : index + 2] == ["CREATE", "TABLE"] and upper[index + 2].startswith("#"):
            depth, position = 0, index + 3
            while position < len(upper):
                depth += (upper[position] == "(") - (upper[position] == ")")
                if depth <= 0 and position > index + 3:
                    break
                if upper[position] == "CONSTRAINT":
                    yield at(
                        "ms.temp-constraint-name", statement, statement.tokens[position], table=statement.tokens[index + 2].text
                    )
                position += 1
            index = position
        index += 1


def dynamic_sql(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A string with SQL in it, joined with a variable: whoever fills the variable writes the statement."""
    if statement.parent is not None or context.engine not in ("sqlserver", "oracle", "mysql", "mariadb", None):
        return
    tokens, upper = statement.tokens, statement.words
    joiners = ("+",) if context.engine == "sqlserver" else ("||", "+")
    for index, token in enumerate(tokens):
        if token.kind != "string" or not _sql_start(token):
            continue
        following = upper[index + 1 : index + 2]
        concatenated = following and following[0] in joiners and _variable(tokens, index + 2)
        in_concat = following == [","] and "CONCAT" in " ".join(upper[max(0, index - 6) : index]) and _variable(tokens, index + 2)
        if concatenated or in_concat:
            yield at("dml.string-concat-sql", statement, token)


def _sql_start(token: Token) -> bool:
    text = token.text.lstrip("Nn").strip("'\" \n\t").upper()
    return text.startswith(
        ("SELECT ", "UPDATE ", "DELETE ", "INSERT ", "EXEC ", "DROP ", "ALTER ", "CREATE ", "TRUNCATE ", "MERGE ")
    )


def _variable(tokens: list[Token], index: int) -> bool:
    """A variable stands there, possibly inside of a function that does not quote it."""
    for token in tokens[index : index + 3]:
        if token.kind == "param":
            return True
        if token.upper in ("QUOTENAME", "QUOTE", "ENQUOTE_NAME", "ENQUOTE_LITERAL"):
            return False
        if token.kind == "op" and token.text not in ("(",):
            return False
    return index < len(tokens) and tokens[index].kind == "word" and tokens[index].upper.startswith(("P_", "V_", "L_"))


RULES = (words, windows, routines, dynamic_sql)
