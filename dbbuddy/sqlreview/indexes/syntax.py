"""CREATE INDEX and DROP INDEX as each engine writes them, built without blocking writers where the engine can."""

from __future__ import annotations

import re2

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.assumptions import is_large
from dbbuddy.sqlreview.schema import Index, IndexKey, Table

_LONGEST_NAME: dict[Engine, int] = {"postgresql": 63, "mysql": 64, "mariadb": 64, "sqlserver": 128, "oracle": 30}
_SIMPLE = re2.compile(r"^[A-Za-z_][A-Za-z0-9_$#]*$")
_RESERVED = frozenset(
    ("order", "group", "user", "table", "select", "from", "where", "desc", "asc", "key", "index", "limit", "check", "column",
     "primary", "references", "end", "case", "when", "to", "left", "right", "rank")
)  # fmt: skip
_LENGTH = re2.compile(r"\((\d+)")
PREFIX = 100
"""Characters of a long text that a MySQL index holds; InnoDB's limit is 3072 bytes, 768 characters of utf8mb4."""
_MAX_CHARACTERS = 768


def quoted(name: str, engine: Engine | None, as_written: frozenset[str] = frozenset()) -> str:
    """A name, in the engine's quotes where it needs them. `as_written` holds the names that the user quoted."""
    plain = bool(_SIMPLE.search(name)) and name.lower() not in _RESERVED
    if plain and not (name in as_written and engine in ("postgresql", "oracle") and name != _folded(name, engine)):
        return name
    if engine in ("mysql", "mariadb"):
        return f"`{name}`"
    return f"[{name}]" if engine == "sqlserver" else f'"{name}"'


def _folded(name: str, engine: Engine | None) -> str:
    return name.upper() if engine == "oracle" else name.lower()


def table_sql(name: str, engine: Engine | None, as_written: frozenset[str] = frozenset()) -> str:
    """A table's name with its schema."""
    return ".".join(quoted(part, engine, as_written) for part in name.split("."))


def index_name(index: Index, taken: set[str], engine: Engine | None) -> str:
    """A name after table and keys, within the engine's length, that no index has yet; `taken` gets it."""
    keys = [re2.sub(r"\W+", "_", key.column or key.expression or "").strip("_").lower()[:24] for key in index.keys]
    base = "_".join([re2.sub(r"\W+", "_", index.table.rpartition(".")[2]).lower(), *keys])
    suffix = "_partial_idx" if index.where else "_idx"
    longest = _LONGEST_NAME[engine] if engine else 60
    name = base[: longest - len(suffix)].rstrip("_") + suffix
    number = 2
    while name in taken:
        name = f"{base[: longest - len(suffix) - 3].rstrip('_')}{suffix}{number}"
        number += 1
    taken.add(name)
    return name


def create_sql(index: Index, table: Table | None, engine: Engine | None, as_written: frozenset[str] = frozenset()) -> str:
    """The statement that creates the index."""
    name = quoted(index.name or "", engine, as_written)
    on = table_sql(index.table, engine, as_written)
    keys = [_key(key, index, table, engine, as_written) for key in index.keys]
    include = [quoted(column, engine, as_written) for column in index.include]
    where = f" WHERE {index.where}" if index.where else ""
    if engine in ("mysql", "mariadb"):
        return _mysql(name, on, index, keys, include, engine)
    if engine == "oracle":
        return _oracle(name, on, index, keys, include)
    covered = f" INCLUDE ({', '.join(include)})" if include else ""
    if engine == "sqlserver":
        return _sqlserver(name, on, index, keys, covered + where, table)
    concurrently = " CONCURRENTLY" if engine == "postgresql" else ""
    using = f" USING {index.method}" if index.method != "btree" else ""
    return f"CREATE INDEX{concurrently} {name} ON {on}{using} ({', '.join(keys)}){covered}{where};"


def _mysql(name: str, on: str, index: Index, keys: list[str], include: list[str], engine: Engine) -> str:
    if index.method in ("fulltext", "spatial"):
        return f"CREATE {index.method.upper()} INDEX {name} ON {on} ({', '.join(keys)});"
    expressions = [key for key in index.keys if key.column is None]
    if expressions and engine == "mariadb":
        return _generated(name, on, index, keys, "VARCHAR(255) AS ({0}) VIRTUAL", "ADD COLUMN")
    return f"CREATE INDEX {name} ON {on} ({', '.join([*keys, *include])}) ALGORITHM=INPLACE LOCK=NONE;"


def _oracle(name: str, on: str, index: Index, keys: list[str], include: list[str]) -> str:
    if index.method == "context":
        return f"CREATE INDEX {name} ON {on} ({', '.join(keys)}) INDEXTYPE IS CTXSYS.CONTEXT PARAMETERS ('SYNC (ON COMMIT)');"
    return f"CREATE INDEX {name} ON {on} ({', '.join([*keys, *include])}) ONLINE;"


def _sqlserver(name: str, on: str, index: Index, keys: list[str], rest: str, table: Table | None) -> str:
    if index.method == "fulltext":
        return f"CREATE FULLTEXT INDEX ON {on} ({', '.join(keys)}) KEY INDEX {_primary_name(index, table)};"
    if any(key.column is None for key in index.keys):
        return _generated(name, on, index, keys, "AS ({0})", "ADD", rest)
    return f"CREATE NONCLUSTERED INDEX {name} ON {on} ({', '.join(keys)}){rest} WITH (ONLINE = ON);"


def _primary_name(index: Index, table: Table | None) -> str:
    primary = table.primary_key if table else None
    return primary.name if primary and primary.name else f"PK_{index.table.rpartition('.')[2]}"


def _generated(name: str, on: str, index: Index, keys: list[str], definition: str, add: str, rest: str = "") -> str:
    """Engines without expression indexes index a computed column."""
    statements, columns = [], []
    for key, text in zip(index.keys, keys, strict=True):
        if key.column is not None:
            columns.append(text)
            continue
        column = re2.sub(r"\W+", "_", key.expression or "").strip("_").lower()[:40]
        statements.append(f"ALTER TABLE {on} {add} {column} {definition.format(key.expression)};")
        columns.append(column)
    kind = "NONCLUSTERED " if add == "ADD" else ""
    return "\n".join([*statements, f"CREATE {kind}INDEX {name} ON {on} ({', '.join(columns)}){rest};"])


def _key(key: IndexKey, index: Index, table: Table | None, engine: Engine | None, as_written: frozenset[str]) -> str:
    if key.column is None:
        plain = engine == "oracle" or index.method in ("fulltext", "gin") or (engine in ("mariadb", "sqlserver"))
        text = key.expression or ""
        wrapped = text if plain and not (index.method == "gin" and not text.endswith(")")) else f"({text})"
        if engine == "mysql" and ("->>" in text or "JSON_" in text.upper()):
            wrapped = f"(CAST({text} AS CHAR(64)) COLLATE utf8mb4_bin)"
        if engine == "postgresql" and index.method == "btree":
            wrapped = text if text.endswith(")") and _SIMPLE.search(text.partition("(")[0]) else f"({text})"
    else:
        wrapped = quoted(key.column, engine, as_written)
        if engine in ("mysql", "mariadb") and index.method == "btree":
            wrapped += _prefix_length(key.column, table)
    operator_class = f" {key.operator_class}" if key.operator_class and engine == "postgresql" else ""
    direction = " DESC" if key.descending else ""
    nulls = "" if key.nulls_first is None or engine != "postgresql" else f" NULLS {'FIRST' if key.nulls_first else 'LAST'}"
    return wrapped + operator_class + direction + nulls


def _prefix_length(name: str, table: Table | None) -> str:
    column = table.column(name) if table else None
    if column is None:
        return ""
    length = _LENGTH.search(column.type)
    wide = "char" in column.type and length is not None and int(length.group(1)) > _MAX_CHARACTERS
    return f"({PREFIX})" if wide or (is_large(name, table) and "json" not in column.type) else ""


def drop_sql(name: str, table: str, engine: Engine | None) -> str:
    """The statement that drops an index."""
    if engine in ("mysql", "mariadb", "sqlserver"):
        return f"DROP INDEX {name} ON {table};"
    if engine == "oracle":
        return f"DROP INDEX {name} ONLINE;"
    return f"DROP INDEX {'CONCURRENTLY ' if engine == 'postgresql' else ''}{name};"
