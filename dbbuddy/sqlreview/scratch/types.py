"""Declared types as types of the scratch database. Nothing but this list ever reaches it."""

from __future__ import annotations

import re2

_KNOWN = {
    "smallint": "smallint", "int2": "smallint", "smallserial": "smallint", "integer": "integer", "int": "integer",
    "int4": "integer", "serial": "integer", "serial4": "integer", "bigint": "bigint", "int8": "bigint", "bigserial": "bigint",
    "serial8": "bigint", "real": "real", "float4": "real", "double precision": "double precision", "float8": "double precision",
    "float": "double precision", "numeric": "numeric", "decimal": "numeric", "dec": "numeric", "money": "money",
    "boolean": "boolean", "bool": "boolean", "text": "text", "citext": "text", "name": "name", "varchar": "varchar",
    "character varying": "varchar", "char": "char", "character": "char", "bpchar": "char", "bytea": "bytea", "uuid": "uuid",
    "json": "json", "jsonb": "jsonb", "xml": "text", "date": "date", "time": "time", "timetz": "timetz",
    "timestamp": "timestamp", "timestamptz": "timestamptz", "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz", "time without time zone": "time", "time with time zone": "timetz",
    "interval": "interval", "inet": "inet", "cidr": "cidr", "macaddr": "macaddr", "tsvector": "tsvector", "tsquery": "tsquery",
    "int4range": "int4range", "int8range": "int8range", "numrange": "numrange", "tsrange": "tsrange", "tstzrange": "tstzrange",
    "daterange": "daterange", "bit": "bit", "bit varying": "bit varying", "varbit": "bit varying", "point": "point",
    "box": "box", "polygon": "polygon", "oid": "oid",
}  # fmt: skip
_WITH_LENGTH = ("varchar", "char", "numeric", "bit", "bit varying")
_SHAPE = re2.compile(
    r"^([a-z][a-z0-9_ ]*?)\s*(?:\(\s*(\d{1,5})\s*(?:,\s*(\d{1,4})\s*)?\))?( (?:with|without) time zone)?"
    r"\s*((?:\[\d*\]|\s+array)*)$"
)

_NUMBERS = ("smallint", "integer", "bigint", "real", "double precision", "numeric", "money")
_MOMENTS = ("date", "timestamp", "timestamptz")


def scratch_type(declared: str) -> tuple[str, bool]:
    """The type to create, and whether it is the declared one; what is not known (enums, domains) becomes text."""
    found = _SHAPE.search(declared.strip().lower())
    if not found:
        return "text", False
    name, length, scale, zone, array = found.groups()
    base = _KNOWN.get(f"{name}{zone or ''}".strip())
    if base is None:
        return "text" + ("[]" if array else ""), False
    arguments = ""
    if length and base in _WITH_LENGTH:
        arguments = f"({length},{scale})" if scale and base == "numeric" else f"({length})"
    return base + arguments + ("[]" if array else ""), True


def kind_of(scratch: str) -> str:
    """`number`, `moment`, `boolean`, `document`, `array` or `text`."""
    base = scratch.partition("(")[0]
    if scratch.endswith("[]"):
        return "array"
    if base in _NUMBERS:
        return "number"
    if base in _MOMENTS:
        return "moment"
    return base if base == "boolean" else "document" if base in ("json", "jsonb", "tsvector") else "text"
