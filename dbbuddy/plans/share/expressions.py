"""Conditions and statements of any engine, token by token: which tokens are names and literals, which are the language."""

from __future__ import annotations

import re
from collections import Counter

# Python's own engine: it gives tokens ten times faster, and no alternative can go back over more than its own token.
_TOKEN = re.compile(
    r"(?s)(?P<comment>--[^\n]*|/\*(?:[^*]|\*(?!/)){0,10000}\*/)"
    r"|(?P<string>'(?:[^']|'')*'?)"
    r'|(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\[\]\n]*\])'
    r"|(?P<bind>\$\d+|:\w+|@@?\w+|#\w+)"
    r"|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[^\W\d][\w$#]*)"
    r"|(?P<cast>::)"
    r"|(?P<blank>\s+)"
    r"|(?P<sign>.)"
)
_KEYWORDS = """
    ALL AND ANY AS ASC BETWEEN BOTH BY CASE CAST COLLATE CROSS CUBE CURRENT CURRENT_DATE CURRENT_TIMESTAMP CURRENT_USER
    DEFAULT DELETE DESC DISTINCT ELSE END ESCAPE EXCEPT EXISTS FALSE FETCH FOLLOWING FOR FROM FULL GROUP GROUPING HAVING
    ILIKE IN INNER INSERT INTERSECT INTERVAL INTO IS ISNULL JOIN LATERAL LEADING LEFT LIKE LIMIT LOCKED MATCHED MERGE MINUS
    NATURAL NOT NOTNULL NOWAIT NULL NULLS OF OFFSET ON ONLY OR ORDER ORDINALITY OUTER OVER PARTITION PRECEDING
    RANGE RECURSIVE REGEXP RETURNING RIGHT RLIKE ROLLUP ROW ROWS SELECT SET SETS SIMILAR SOME SYSDATE TABLE THEN TIES
    TO TOP TRAILING TRUE UNBOUNDED UNION UNIQUE UPDATE USING VALUES WHEN WHERE WINDOW WITH WITHIN XOR ROWNUM ROWID APPLY
    PIVOT UNPIVOT HASHED SUBPLAN INITPLAN RETURNS ALTERNATIVESUBPLAN EXPLAIN ANALYZE
"""
_TYPES = """
    bigint bigserial bit blob bool boolean box bpchar bytea char character citext cidr clob date datetime datetime2 datetimeoffset
    decimal double enum float float4 float8 geography geometry image inet int int2 int4 int8 integer interval json jsonb
    jsonpath long longtext mediumint money name nchar number numeric nvarchar nvarchar2 oid point polygon precision raw real
    regclass serial signed smalldatetime smallint sql_variant text time timestamp timestamptz tinyint tsquery tsvector unsigned
    uniqueidentifier utf8mb4 utf8mb3 uuid varbinary varchar varchar2 xml
"""
KEYWORDS = frozenset(_KEYWORDS.split())
TYPES = frozenset(_TYPES.split())
# After these a name stands, also before a bracket: INSERT INTO orders (id).
_BEFORE_NAMES = frozenset(("FROM", "INTO", "JOIN", "UPDATE", "TABLE"))
# Words of types in several words, each with those that it may follow: timestamp with time zone, character varying.
_TYPE_TAILS = {
    "varying": ("CHARACTER", "BIT"),
    "precision": ("DOUBLE",),
    "without": ("TIMESTAMP", "TIME", ")"),
    "time": ("WITHOUT", "WITH"),
    "zone": ("TIME",),
}
# Names that engines make up themselves.
_MADE_UP = re.compile(
    r"(?i)(Expr|Act|Segment|Uniq|Bmk|Union|Chk|IsBaseRow|RowNumber|RowRefSrc|partialagg|globalagg|ConstExpr|Bitmap|Opt_Bitmap|"
    r"WindowCount|Top|BF)\d{4,}|(SEL|INS|UPD|DEL|MRG|SET)\$[0-9A-F]{1,8}|SYS_TEMP_[0-9A-F]+_[0-9A-F]+|"
    r"(derived|union|subquery|auto_key)\d+|distinct_key|group_key|NULL|PRIMARY"
)
_LITERAL_PREFIXES = frozenset("NEBXUR")


class Names:
    """Which token stands for which name: the same name (whatever its case) has the same token all through a plan."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._used: Counter[str] = Counter()

    def token(self, name: str, kind: str) -> str:
        """The token of a name; names that engines make up stand for themselves."""
        plain = unquoted(name)
        if not plain or plain.startswith("<") or _MADE_UP.fullmatch(plain):
            return plain
        key = f"'{plain}" if kind == "value" else plain.lower()
        if key not in self._tokens:
            self._used[kind] += 1
            self._tokens[key] = f"{kind}_{self._used[kind]}"
        return self._tokens[key]

    def known(self, name: str) -> str | None:
        """The token of a name that was met before."""
        return self._tokens.get(unquoted(name).lower())

    def in_prose(self, text: str) -> str:
        """Text of the engine's own with the names that are known replaced."""
        return "".join(
            (self.known(found.group()) or found.group()) if found.lastgroup in ("word", "quoted") else found.group()
            for found in _TOKEN.finditer(text)
        )


def unquoted(name: str) -> str:
    """A name without the quotes or brackets around it."""
    if len(name) > 1 and name[0] + name[-1] in ('""', "``", "[]"):
        return name[1:-1].replace(name[-1] * 2, name[-1])
    return name


def hidden(text: str, names: Names) -> str:
    """A condition, a list of columns or a statement with its names and literals replaced.

    Operators, functions, types and parameters' signs stay; comments go. Wildcards at the ends of a pattern stay, as they
    decide whether an index can serve.
    """
    tokens = [(found.lastgroup or "sign", found.group()) for found in _TOKEN.finditer(text)]
    parts: list[str] = []
    before = ""
    for place, (kind, token) in enumerate(tokens):
        if kind == "comment":
            continue
        following = _next(tokens, place)
        parts.append(_replacement(kind, token, before, following, names))
        if kind not in ("blank", "comment"):
            before = token.upper() if kind == "word" else "::" if kind == "cast" else token
    return "".join(parts)


def _next(tokens: list[tuple[str, str]], place: int) -> str:
    for kind, token in tokens[place + 1 : place + 4]:
        if kind != "blank":
            return token
    return ""


def _replacement(kind: str, token: str, before: str, following: str, names: Names) -> str:
    if kind == "string":
        return _literal(token, names)
    if kind == "number":
        return names.token(token, "value")
    if kind == "bind":
        return token if token[0] == "$" or token[1:].isdigit() else token[0] + names.token(token.lstrip("@:#"), "parameter")
    if kind == "quoted":
        return names.token(token, "column")
    return _word(token, before, following, names) if kind == "word" else token


def _word(token: str, before: str, following: str, names: Names) -> str:
    upper, lower = token.upper(), token.lower()
    if before == "." and following != "(":
        return names.token(token, "column")
    if upper in KEYWORDS or (following[:1] == "'" and (upper in _LITERAL_PREFIXES or lower in TYPES)):
        return token
    if before in _TYPE_TAILS.get(lower, ()) or (before in ("::", "AS") and lower in TYPES):
        return token
    if before == "::":
        return names.token(token, "type")
    known = names.known(token)
    if following == "(" and before not in _BEFORE_NAMES and known is None:
        return token
    return known or names.token(token, "column")


def _literal(token: str, names: Names) -> str:
    inner = token[1:].removesuffix("'")
    head = inner[:1] if inner[:1] in ("%", "_") else ""
    tail = inner[-1:] if len(inner) > 1 and inner[-1:] in ("%", "_") else ""
    core = inner[len(head) : len(inner) - len(tail)]
    return f"'{head}{names.token(core, 'value') if core else ''}{tail}'"
