"""Plans in text: what DBMS_XPLAN and SQL Monitor print, alone or in a spool file between the commands of SQL*Plus."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import re2

from dbbuddy.plans.model import Plan, PlanError, PlanNode, ReadPlans
from dbbuddy.plans.oracle.grid import Grid, PageText, is_rule, read_grid
from dbbuddy.plans.oracle.sections import read_section, section_at
from dbbuddy.plans.oracle.times import self_from_cumulative, share_estimates, times_from_activity
from dbbuddy.plans.oracle.tree import Tree, read_tree
from dbbuddy.plans.oracle.values import count, decimal, seconds_in_ms
from dbbuddy.plans.paste_lines import PasteLines

_PLAN_HEADER = re2.compile(r"^[\s>#*-]{0,40}\|\s*Id\s*\|\s*Operation\b")
_ANY_PLAN = re2.compile(r"(?m)^[^|\n]{0,40}\|\s*Id\s*\|\s*Operation\b")
_SQL_ID = re2.compile(r"^\s*SQL_ID:?\s+(\w+)(?:,\s*child number:?\s*(\d+))?")
_HASH = re2.compile(r"^\s*Plan hash value\s*:\s*(\d+)")
_ECHO = re2.compile(r"^\s{0,3}\d{1,4}\s")
_CLIENT = re2.compile(
    r"^\s*(?:\d+ rows selected\.?|no rows selected|Elapsed: [\d:.]+|Explained\.|Execution Plan|PLAN_TABLE_OUTPUT)\s*$"
)
_BASELINE = re2.compile(r"^\s*(SQL handle|SQL text|Plan name|Plan id|Enabled|Fixed|Accepted|Origin|Plan rows):\s*(.*)$")
_FACT = re2.compile(r"^\s*([A-Z][\w /#()]{1,40}?)\s*:(?:\s+(.*))?$")
_TITLE = re2.compile(
    r"^\s*(SQL Text|Global Information|Global Stats|Parallel Execution Details|Instance Drill-Down|Binds|"
    r"SQL Plan Monitoring Details|Errors?)\b.*$"
)
_MONITOR_HASH = re2.compile(r"Plan Hash Value\s*=\s*(\d+)")
_STATEMENT_STARTS = ("EXPLAINED SQL STATEMENT",)


def looks_like(text: str) -> bool:
    """Whether a plan table with the columns Id and Operation is in the text."""
    return "Operation" in text and _ANY_PLAN.search(text) is not None


@dataclass
class _Before:
    """What was told of a plan before its table came."""

    details: dict[str, Any] = field(default_factory=dict)
    statement: list[int] = field(default_factory=list)
    """Positions in the page text; taken once the plan comes."""
    totals: dict[str, float] = field(default_factory=dict)


class _Reader:
    def __init__(self, lines: PasteLines) -> None:
        self.lines = lines
        self.page = PageText(lines)
        self.plans: list[Plan] = []
        self.notes: list[str] = []
        self.before = _Before()
        self.in_statement = False
        self.in_echo = False
        self.by_id: dict[int, PlanNode] = {}
        self.facts = False

    def run(self) -> None:
        position = 0
        while position < len(self.page):
            position = self._line(position)

    def _line(self, position: int) -> int:
        page = self.page
        text = page.texts[position]
        if not text:
            self.in_echo = False
            return position + 1
        if is_rule(text):
            page.take(position)
            return position + 1
        if text.startswith("SQL>") or (self.in_echo and _ECHO.match(text)):
            page.take(position)
            self.in_echo, self.in_statement = True, False
            return position + 1
        if "Operation" in text and _PLAN_HEADER.match(text):
            return self._plan(position)
        if "SQL_ID" in text and (found := _SQL_ID.match(text)):
            self.before = _Before({"SQL_ID": found.group(1)})
            if found.group(2):
                self.before.details["Child Number"] = int(found.group(2)[:9])
            self.in_statement, self.facts = True, False
            page.take(position)
        elif "Plan hash value" in text and (found := _HASH.match(text)):
            self.before.details["Plan Hash Value"] = found.group(1)
            self.in_statement = False
            page.take(position)
        elif text.strip().startswith(_STATEMENT_STARTS):
            self.before, self.in_statement = _Before(), True
            page.take(position)
        elif text.strip() == "SQL Monitoring Report":
            self.before, self.in_statement = _Before({"Monitor": True}), False
            page.take(position)
        elif self.before.details.get("Monitor") and (found := _TITLE.match(text)):
            return self._monitor_part(found.group(1), position)
        elif self.plans and (section := section_at(page, position)):
            self.in_statement = False
            return read_section(section, page, position, self.plans[-1], self.by_id)
        elif self.in_statement:
            self.before.statement.append(position)
        elif self.facts and (found := _FACT.match(text)):
            self.before.details[found.group(1).strip()] = (found.group(2) or "").strip()
            page.take(position)
        elif ":" in text and (found := _BASELINE.match(text)):
            self.before.details[found.group(1)] = found.group(2).strip()
            page.take(position)
        elif _CLIENT.match(text):
            page.take(position)
        return position + 1

    def _plan(self, position: int) -> int:
        grid = read_grid(self.page, position)
        tree = read_tree(grid, self.lines)
        self.in_statement = self.facts = False
        if tree is None:
            return max(grid.end, position + 1)
        before, self.before = self.before, _Before()
        for line in before.statement:
            self.page.take(line)
        statement = "\n".join(self.page.texts[line].strip() for line in before.statement) or None
        monitored = before.details.pop("Monitor", False)
        if monitored:
            self.before = _Before({"Monitor": True})
        plan = Plan("oracle", _format(grid, bool(monitored)), tree.root, before.totals, statement, before.details)
        self._times(plan, tree)
        if not tree.has_own_root:
            self.notes.append("The top of a plan table is missing: the operations without a parent hang under one root.")
        elif len(tree.nodes) > 2 and all(not node.children for node in tree.nodes[1:]) and len(tree.nodes[0].children) > 1:
            self.notes.append("The indentation of a plan table is lost, so the order of its operations is all that is known.")
        self.plans.append(plan)
        self.by_id = tree.by_id
        return grid.end

    def _times(self, plan: Plan, tree: Tree) -> None:
        share_estimates(tree.nodes, one_run=plan.format == "sql monitor text")
        self_from_cumulative(tree.nodes)
        duration = seconds_in_ms(str(plan.details.get("Duration", "")))
        if duration is not None:
            plan.totals["execution_ms"] = duration
        elif tree.root.total_ms is not None:
            plan.totals["execution_ms"] = tree.root.total_ms
        activity = [_number(node.details.get("Activity (%)")) for node in tree.nodes]
        elapsed = duration or plan.totals.get("database_ms")
        if any(activity) and elapsed:
            times_from_activity(tree.nodes, activity, elapsed)
            self.notes.append("Times of operations are worked out of the activity samples of SQL Monitor.")

    def _monitor_part(self, title: str, position: int) -> int:
        page = self.page
        heading = page.texts[position].strip()
        page.take(position)
        self.in_statement, self.facts = title == "SQL Text", title == "Global Information"
        found = _MONITOR_HASH.search(heading)
        if found:
            self.before.details["Plan Hash Value"] = found.group(1)
        if "(DOP=" in heading:
            self.before.details["Parallel Execution"] = heading.partition("(")[2].rstrip(")")
        following = page.next_filled(position + 1)
        if following < len(page) and is_rule(page.texts[following]):
            following = page.next_filled(following + 1)
        if title.startswith(("SQL", "Global Information")) or following >= len(page) or not page.texts[following].startswith("|"):
            return position + 1
        if page.next_filled(position + 1) != following:
            page.take(page.next_filled(position + 1))
        grid = read_grid(page, following)
        rows = [{name: cell.strip() for name, cell in row.cells.items() if cell.strip()} for row in grid.rows]
        for row in grid.rows:
            for index in row.lines:
                self.lines.take(index)
        if title == "Global Stats" and rows:
            self.before.details[title] = rows[0]
            for name, key in (("Elapsed Time(s)", "database_ms"), ("Cpu Time(s)", "cpu_ms"), ("IO Waits(s)", "io_wait_ms")):
                milliseconds = seconds_in_ms(rows[0].get(name, ""))
                if milliseconds is not None:
                    self.before.totals[key] = milliseconds
            gets = count(rows[0].get("Buffer Gets", ""))
            if gets is not None:
                self.before.totals["buffers"] = gets
        else:
            self.before.details[title] = rows
        return grid.end


def _number(value: Any) -> float:
    if isinstance(value, int | float):
        return float(value)
    return decimal(value) or 0.0 if isinstance(value, str) else 0.0


def _format(grid: Grid, monitored: bool) -> str:
    if monitored or "Rows (Actual)" in grid.columns:
        return "sql monitor text"
    return "dbms_xplan allstats" if "A-Rows" in grid.columns else "dbms_xplan"


def read(text: str) -> ReadPlans:
    """Every plan table in the text, with the sections below it."""
    lines = PasteLines(text)
    reader = _Reader(lines)
    reader.run()
    if not reader.plans:
        raise PlanError("A plan table starts here, but none of its operations can be read. Paste it with all its lines.")
    return ReadPlans(reader.plans, lines.unread(), list(dict.fromkeys(reader.notes)))
