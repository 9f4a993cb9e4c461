"""Tables and their indexes as they are declared."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.ddl.actions import AddColumn, AddConstraint, ChangeColumn, Constraint, TableOption
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateTable, SetVariable
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at
from dbbuddy.sqlreview.rules.columns import token_of
from dbbuddy.sqlreview.schema import Index, Table

MOST_COLUMNS = 80
MOST_TEXTS = 6
MOST_KEY_COLUMNS = 5
LOBS = (
    "text",
    "blob",
    "mediumtext",
    "longtext",
    "tinytext",
    "tinyblob",
    "mediumblob",
    "longblob",
    "json",
    "xml",
    "ntext",
    "image",
    "clob",
)
_GOOD_CHARSETS = ("utf8mb4", "binary", "")
_GOOD_COLLATIONS = ("utf8mb4_", "uca1400_", "utf8mb4", "binary")


def keys(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """No primary key; a wide, textual or random one; a foreign key as a reminder."""
    change = context.change(statement)
    if isinstance(change, AlterTable):
        yield from _altered_key(statement, context, change)
    if not isinstance(change, CreateTable) or change.as_select or change.copied or change.partition_of:
        return
    table = change.table
    final = context.schema.table(table.name)
    name = token_of(statement, table.name, 2)
    key = table.primary_key or (final.primary_key if final is not None else None)
    dropped = final is None and bool(context.schema.tables)
    if key is None and not dropped and not change.temporary and not table.name.startswith("#") and table.columns:
        unique = any(index.unique for index in (final or table).indexes)
        yield at("ddl.no-pk", statement, name, severity="low" if unique else None, table=table.name)
    elif key is not None:
        yield from _key(statement, context, table, key)


def _altered_key(statement: Statement, context: ReviewContext, change: AlterTable) -> Iterator[Found]:
    """A primary key that ALTER TABLE adds or changes."""
    table = context.schema.table(change.table)
    constraints: list[Constraint] = []
    for action in change.actions:
        constraints += [action.constraint] if isinstance(action, AddConstraint) else []
        constraints += action.definition.constraints if isinstance(action, AddColumn | ChangeColumn) else []
    if table is not None and table.primary_key is not None and any(constraint.kind == "primary key" for constraint in constraints):
        yield from _key(statement, context, table, table.primary_key)


def _key(statement: Statement, context: ReviewContext, table: Table, key: Index) -> Iterator[Found]:
    names = [name for name in key.columns if name]
    where = token_of(statement, names[0] if names else table.name, 2)
    most = context.limit("ddl.pk-too-wide", MOST_KEY_COLUMNS)
    if len(names) > most:
        yield at("ddl.pk-too-wide", statement, where, table=table.name, count=len(names))
    clustered = context.engine in ("mysql", "mariadb", "sqlserver", None)
    for name in names:
        column = table.column(name)
        if column is None:
            continue
        base = column.type.partition("(")[0]
        random = base in ("uuid", "uniqueidentifier") or any(
            word in (column.default or "").lower() for word in ("newid", "gen_random_uuid", "uuid(", "uuid_generate_v4", "sys_guid")
        )
        sequential = any(word in (column.default or "").lower() for word in ("newsequentialid", "uuidv7", "uuid_v7"))
        identifier = (
            base in ("char", "varchar", "binary") and column.type.endswith(("(36)", "(32)", "(16)")) and "id" in name.lower()
        )
        if clustered and (random or identifier) and not sequential:
            yield at("ddl.random-uuid-clustered", statement, where, table=table.name, column=name, type=column.type)
        elif base in ("char", "varchar", "nvarchar", "varchar2", "text", "character varying", "character", "nchar"):
            yield at(
                "ddl.text-pk",
                statement,
                where,
                severity=None if clustered else "info",
                table=table.name,
                column=name,
                type=column.type,
            )


def shape(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Too many columns, a design of attribute and value, the engine, the character set, the start of AUTO_INCREMENT."""
    change = context.change(statement)
    if isinstance(change, CreateTable):
        table = change.table
        name = token_of(statement, table.name, 2)
        texts = sum(column.type.partition("(")[0].strip() in LOBS for column in table.columns.values())
        if texts > context.limit("ddl.too-many-text-columns", MOST_TEXTS):
            yield at("ddl.too-many-text-columns", statement, name, table=table.name, count=texts)
        if change.partitioned and context.mysql:
            yield at("my.partitions", statement, name, table=table.name)
        if len(table.columns) > context.limit("ddl.too-many-columns", MOST_COLUMNS):
            yield at("ddl.too-many-columns", statement, name, table=table.name, count=len(table.columns))
        lower = {column.lower() for column in table.columns}
        if lower & {"attribute", "attribute_name", "attr_name", "attr", "meta_key", "property_name"} and lower & {
            "value",
            "meta_value",
            "attr_value",
        }:
            yield at("ddl.enum-csv-eav", statement, name, table=table.name, kind="attributes as rows", column=table.name, type="")
        if not change.as_select and "comment" not in table.options and context.engine in ("mysql", "mariadb", None):
            yield at("style.no-comment", statement, name, what=f"table {table.name}")
        yield from _options(statement, table.name, {name.lower(): value for name, value in table.options.items()})
        times = [d for d in change.definitions if d.on_update]
        if len(times) > 1:
            yield at("my.on-update-twice", statement, token_of(statement, times[1].column.name, 2), table=table.name)
    elif isinstance(change, AlterTable):
        for action in change.actions:
            if isinstance(action, TableOption):
                yield from _options(statement, change.table, {action.name: action.value}, altered=True)
    elif statement.words[:2] in (["ALTER", "DATABASE"], ["CREATE", "DATABASE"], ["ALTER", "SCHEMA"], ["CREATE", "SCHEMA"]):
        yield from _options(statement, "the database", _spoken_options(statement.words))
    elif isinstance(change, SetVariable) and change.name.endswith("storage_engine") and change.value.upper() != "INNODB":
        yield at("my.engine", statement, statement.tokens[0], table="new tables", engine=change.value)


def _spoken_options(words: list[str]) -> dict[str, str]:
    """CHARACTER SET and COLLATE by their words."""
    found: dict[str, str] = {}
    for index, word in enumerate(words[:-1]):
        behind = [w for w in words[index + 1 : index + 4] if w != "="]
        if word in ("CHARSET", "COLLATE") and behind:
            found["charset" if word == "CHARSET" else "collate"] = behind[0].lower()
        elif word == "CHARACTER" and behind[:1] == ["SET"] and len(behind) > 1:
            found["charset"] = behind[1].lower()
    return found


def _options(statement: Statement, table: str, options: dict[str, str], *, altered: bool = False) -> Iterator[Found]:
    if statement.engine not in ("mysql", "mariadb", None):
        return
    engine = options.get("engine")
    if engine is not None and engine.upper() not in ("INNODB", "ROCKSDB", "NDB", "NDBCLUSTER", "MEMORY"):
        yield at("my.engine", statement, token_of(statement, engine, 2), table=table, engine=engine)
    for name in ("charset", "convert", "character set"):
        charset = (
            options.get(name, "")
            .lower()
            .removeprefix("to ")
            .removeprefix("character set ")
            .removeprefix("charset ")
            .partition(" ")[0]
        )
        if charset and charset not in _GOOD_CHARSETS:
            yield at("my.utf8mb3", statement, statement.tokens[0], table=table, charset=charset)
        if name in options and altered and name != "convert":
            yield at("my.default-charset-only", statement, statement.tokens[0], table=table)
    collation = options.get("collate", "").lower()
    if collation and not collation.startswith(_GOOD_COLLATIONS):
        yield at("my.collation", statement, statement.tokens[0], table=table, collation=collation)
    if collation and altered and not any("convert" in name for name in options):
        yield at("my.default-charset-only", statement, statement.tokens[0], table=table)
    start = options.get("auto_increment", "")
    if start.isdigit() and int(start) > 1 and not altered:
        yield at("my.auto-increment-start", statement, token_of(statement, "AUTO_INCREMENT", 2), table=table, value=start)


RULES = (keys, shape)
