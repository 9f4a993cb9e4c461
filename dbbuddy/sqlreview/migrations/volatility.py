"""Whether a default is worked out once for all rows, or anew for each: then the whole table is rewritten.

PostgreSQL evaluates immutable and stable expressions once when the column is added; SQL Server does so for runtime constants.
"""

from __future__ import annotations

from dbbuddy.context import Engine
from dbbuddy.sqlreview.ddl.cursor import words
from dbbuddy.sqlreview.lexer import tokens_of

_POSTGRESQL = words(
    "now transaction_timestamp statement_timestamp current_timestamp localtimestamp current_date current_time localtime "
    "current_user session_user user current_schema current_database current_setting version timezone date_trunc date_part "
    "extract age to_timestamp to_date to_char to_number make_date make_time make_timestamp make_timestamptz make_interval "
    "justify_interval abs ceil ceiling floor round trunc sign sqrt power mod greatest least coalesce nullif cast lower "
    "upper initcap trim btrim ltrim rtrim lpad rpad length left right substr substring replace translate concat concat_ws "
    "format md5 sha256 encode decode repeat reverse split_part array array_fill array_append string_to_array cardinality "
    "jsonb_build_object jsonb_build_array json_build_object json_build_array to_json to_jsonb row_to_json int4range "
    "int8range numrange tsrange tstzrange daterange hstore interval date timestamp row inet_server_addr point box circle "
    "varchar char character numeric decimal bit time timestamptz float text pg_current_xact_id to_tsvector "
)
_SQLSERVER = words(
    "getdate sysdatetime getutcdate sysutcdatetime sysdatetimeoffset current_timestamp suser_sname suser_name user_name "
    "system_user session_user current_user host_name app_name db_name convert cast isnull coalesce dateadd datefromparts "
    "datetimefromparts char nchar left right lower upper abs round floor ceiling concat str replicate space switchoffset "
    "todatetimeoffset eomonth year month day "
)
_CONSTANT: dict[Engine, frozenset[str]] = {"postgresql": _POSTGRESQL, "sqlserver": _SQLSERVER}


def volatile_call(expression: str, engine: Engine) -> str | None:
    """The first function in an expression that may give another value for each row; `None` if there is none."""
    tokens = tokens_of(expression, engine)
    known = _CONSTANT[engine]
    for at, token in enumerate(tokens[:-1]):
        if tokens[at + 1].text != "(" or token.kind not in ("word", "quoted"):
            continue
        before = tokens[at - 1].text if at else ""
        if before == "::" or token.upper in ("IN", "ANY", "ALL", "AND", "OR", "NOT", "AS", "VALUES", "THEN", "ELSE", "WHEN"):
            continue
        qualified = before == "." and tokens[at - 2].text.lower() not in ("pg_catalog", "sys")
        if qualified or token.upper.lower() not in known:
            return token.text
    return None
