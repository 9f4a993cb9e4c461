"""Names in playbook SQL that stand for the user's own: `{{table}}` becomes the table that the text names."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")

# A name compared with a catalog's column (`relname = '{{table}}'`), which holds it without its schema.
_COMPARED = re.compile(r"(?<==\s')\{\{(table2?|index|sequence|partition)\}\}(?='(?!::))")

# What is shown when the text does not say. The names double as the list of what a playbook may use.
DEFAULTS: dict[str, str] = {
    "schema": "your_schema",
    "database": "your_database",
    "table": "your_table",
    "table2": "other_table",
    "column": "your_column",
    "column2": "second_column",
    "column3": "third_column",
    "index": "your_index",
    "constraint": "your_constraint",
    "sequence": "your_sequence",
    "partition": "your_partition",
    "user": "app_user",
    "role": "app_role",
    "host": "your-host",
    "pid": "12345",
    "serial": "6789",
    "sql_id": "your_sql_id",
    "query_id": "42",
    "slot": "your_slot",
    "tablespace": "your_tablespace",
    "file": "your_file",
    "backup_path": "/backup/your_database",
    "instance": "your-instance",
    "parameter_group": "your-parameter-group",
    "value": "a_value",
    "number": "100",
}


def fill(text: str, names: Mapping[str, str]) -> str:
    """Put the user's names, or the defaults, in place of the placeholders; without schema where a catalog is searched.

    Raises:
        KeyError: the text uses a placeholder that is not in `DEFAULTS`.
    """
    bare = _COMPARED.sub(lambda match: (names.get(match[1]) or DEFAULTS[match[1]]).rpartition(".")[2], text)
    return PLACEHOLDER.sub(lambda match: names.get(match[1]) or DEFAULTS[match[1]], bare)


def unknown(text: str) -> list[str]:
    """Placeholders in the text that are not in `DEFAULTS`."""
    return sorted({name for name in PLACEHOLDER.findall(text) if name not in DEFAULTS})
