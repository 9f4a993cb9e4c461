r"""Plans of MySQL and MariaDB: tables, `\G`, the tree of FORMAT=TREE and EXPLAIN ANALYZE, JSON of both engines.

- `reader.py`: what each line of a paste is; `lines.py`, `noise.py`: clients' prefixes, prompts, row counts
- `grids.py`: tables however drawn; `tabular.py`: their rows as a tree; `flow.py`: rows through a join of tables
- `tree_text.py`: the lines of a tree; `operations.py`: what a line says; `tree.py`: which stands below which
- `json_text.py`, `json_values.py`: JSON in a paste; `json_plan.py`: MySQL's version 1 and MariaDB's; `json_v2.py`: version 2
- `times.py`: self times
"""

from __future__ import annotations

import re2

from dbbuddy.plans.model import ReadPlans
from dbbuddy.plans.mysql.reader import Reader

__all__ = ["looks_like", "read"]

_TABLE = re2.compile(
    r"\bid\b.{0,12}\bselect_type\b|\bselect_type\b.{0,12}\btable\b|\bselect_type:|name=\"select_type\"|possible_keys"
)
_JSON = re2.compile(r'"+\\*"?(?:query_block|query_optimization|query_plan)\\*"+\s*:')
_TREE = re2.compile(
    r"(?m)(?:->\s*|^\W{0,4})(?:Nested loop (?:inner|left|semi|anti)|(?:Inner|Left) hash join|Hash (?:semi|anti)join|"
    r"(?:Covering |Single-row |Multi-range )*(?:[Ii]ndex|[Tt]able) (?:range |skip |distance )?(?:scan|lookup) |Filter: |"
    r"Limit(?:/Offset)?: |Sort(?:: | row IDs| with)|Aggregate[: ]|Group (?:aggregate|\(no)|Rows fetched before|"
    r"Zero (?:input )?rows|Stream results|Materialize|Temporary table|Window aggregate|Constant row|"
    r"Union (?:all )?materialize|Select #\d|Append\s|Insert into |Replace into |Delete from |Update \S+ \(|Full-text |"
    r"Count rows in |Remove duplicate|Batched key access)|-> \S.*\((?:cost=[\d.e+]+ )?rows=[\d.e+]+\)"
)


def looks_like(text: str) -> bool:
    """Whether the text holds something that MySQL or MariaDB prints as a plan."""
    if "QUERY PLAN" in text and "->  " in text:
        return False
    return _TABLE.search(text) is not None or _JSON.search(text) is not None or ("->" in text and _is_tree(text))


def _is_tree(text: str) -> bool:
    """PostgreSQL prints two spaces after its arrows and a width in its costs; MySQL does neither."""
    return _TREE.search(text) is not None and " width=" not in text


def read(text: str) -> ReadPlans:
    """Every plan in the text; `PlanError` if there is none."""
    return Reader(text).read()
