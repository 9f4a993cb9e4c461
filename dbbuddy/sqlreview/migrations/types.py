"""Which change of a type keeps the stored rows as they are."""

from __future__ import annotations

import re2

_ALIASES = {
    "character varying": "varchar",
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
    "decimal": "numeric",
    "timestamptz": "timestamp with time zone",
    "bpchar": "char",
    "character": "char",
}
_SIZED = re2.compile(r"^([^(]+?)\s*(?:\(\s*([\d, ]+)\s*\))?((?:\s+with(?:out)? time zone)?)$")


def parts(type_: str) -> tuple[str, tuple[int, ...]]:
    """A type's plain name and its arguments: `numeric(10, 2)` is numeric and 10, 2."""
    match = _SIZED.match(type_.strip().lower())
    if match is None:
        return type_.strip().lower(), ()
    name = (match.group(1) + (match.group(3) or "")).strip()
    name = _ALIASES.get(name, name).removesuffix(" without time zone")
    arguments = tuple(int(part) for part in (match.group(2) or "").replace(" ", "").split(",") if part)
    return name, arguments


def widens(old: str, new: str) -> bool:
    """True if PostgreSQL changes the type without a rewrite: longer varchar, varchar to text, more numeric digits, same type."""
    (old_name, old_size), (new_name, new_size) = parts(old), parts(new)
    if (old_name, old_size) == (new_name, new_size):
        return True
    if old_name == "varchar" and new_name in ("varchar", "text"):
        return new_name == "text" or not new_size or (bool(old_size) and new_size[0] >= old_size[0])
    if old_name == "text" and new_name == "varchar":
        return not new_size
    if old_name == new_name == "numeric":
        scale = (*old_size, 0)[1:2] == (*new_size, 0)[1:2]
        return not new_size or (bool(old_size) and new_size[0] >= old_size[0] and scale)
    if old_name == new_name and old_name in ("varbit", "timestamp", "timestamp with time zone", "time", "interval"):
        return not new_size or (bool(old_size) and new_size[0] >= old_size[0])
    return (old_name, new_name) == ("cidr", "inet")
