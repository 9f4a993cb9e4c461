"""Which step a line of the pasted text speaks of, also in formats whose readers do not keep lines."""

from __future__ import annotations

from collections.abc import Sequence

import re2

from dbbuddy.plans.model import Plan

_NODE_TYPE = re2.compile(r'^[ \t+|-]*("Node Type"\s*:|<Node-Type>|Node Type:)')
_OPENS = re2.compile(r"<RelOp[ >]|</RelOp>")


def step_of_line(plans: Sequence[Plan], shown: Plan, text: str) -> dict[int, int]:
    """Line number (from 1) to the number of a step of the shown plan.

    Text formats carry their lines. In PostgreSQL's JSON, XML and YAML a step's lines begin at its node type, in SQL
    Server's XML they stand between the tags of its element; if not every step is found that way, none is linked.
    """
    own = {line: number for number, node in enumerate(shown.root.walk()) for line in node.lines}
    if own:
        return own
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    owners = _within_elements(lines) if shown.engine == "sqlserver" else _from_node_types(lines)
    counts = [sum(1 for _ in plan.root.walk()) for plan in plans]
    if not owners or max(owners.values()) + 1 != sum(counts):
        return {}
    place = next(place for place, plan in enumerate(plans) if plan is shown)
    before = sum(counts[:place])
    mine = range(before, before + counts[place])
    return {line: owner - before for line, owner in owners.items() if owner in mine}


def _from_node_types(lines: list[str]) -> dict[int, int]:
    owners: dict[int, int] = {}
    current = -1
    for number, line in enumerate(lines, 1):
        current += _NODE_TYPE.search(line) is not None
        if current >= 0:
            owners[number] = current
    return owners


def _within_elements(lines: list[str]) -> dict[int, int]:
    owners: dict[int, int] = {}
    opened: list[int] = []
    found = 0
    for number, line in enumerate(lines, 1):
        first = None
        for tag in _OPENS.findall(line):
            if tag == "</RelOp>":
                last = opened.pop() if opened else None
                first = last if first is None else first
            else:
                opened.append(found)
                first = found if first is None else first
                found += 1
        owner = first if first is not None else (opened[-1] if opened else None)
        if owner is not None:
            owners[number] = owner
    return owners
