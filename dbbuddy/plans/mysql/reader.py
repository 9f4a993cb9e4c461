"""Finding the plans in a paste, and what each line of it is."""

from __future__ import annotations

import re2

from dbbuddy.plans.model import Plan, PlanError, PlanNode, ReadPlans
from dbbuddy.plans.mysql import grids, json_plan, json_v2, noise, tabular, tree
from dbbuddy.plans.mysql.json_text import JsonText
from dbbuddy.plans.mysql.json_values import Members
from dbbuddy.plans.mysql.lines import Line, is_border, lines_of, unframed
from dbbuddy.plans.mysql.operations import is_operation, split_numbers
from dbbuddy.plans.mysql.tree_text import read_tree_lines, starts_tree
from dbbuddy.plans.paste_lines import PasteLines

NO_PLAN = (
    "No plan of MySQL or MariaDB found. Paste the whole output of EXPLAIN, EXPLAIN ANALYZE or EXPLAIN FORMAT=JSON (MySQL), or of "
    "ANALYZE FORMAT=JSON (MariaDB), with its first line."
)
_LABEL = re2.compile(r"^\s*['\"|]?\s*(?:EXPLAIN|ANALYZE|SHOW EXPLAIN|QUERY PLAN)\s*:\s*")
_MARKUP = re2.compile(r"(?i)<t[hd]\b[^>]*>\s*(?:select_type|explain|analyze)\s*<|<field name=\"(?:select_type|explain|analyze)\"")


class Reader:
    """Goes over the lines once; each part it knows takes as many as it needs."""

    def __init__(self, text: str) -> None:
        self.paste = PasteLines(text)
        self.lines = lines_of(self.paste)
        self.plans: list[Plan] = []
        self.notes: list[str] = []
        self.statement: list[str] = []
        self.mariadb = "MariaDB [" in text
        self.json = JsonText(self.lines)

    def read(self) -> ReadPlans:
        if _MARKUP.search("\n".join(self.paste.texts)):
            self._markup()
        position = 0
        while position < len(self.lines):
            position = max(self._at(position), position + 1)
        if not self.plans:
            raise PlanError(NO_PLAN)
        if self.mariadb:
            for plan in self.plans:
                plan.engine = "mariadb"
        return ReadPlans(self.plans, self.paste.unread(), list(dict.fromkeys(self.notes)))

    def _take(self, *positions: int) -> None:
        for position in positions:
            self.paste.take(self.lines[position].place)

    def _at(self, position: int) -> int:
        text = self.lines[position].text
        if not text.strip():
            return position + 1
        if is_border(text):
            self._take(position)
            return position + 1
        if (typed := noise.prompt(text)) is not None or noise.is_statement(text):
            return self._statement(position, text if typed is None else typed)
        if grids.is_vertical(text):
            return self._vertical(position)
        if header := grids.header_at(self.lines, position):
            return self._grid(position, *header)
        label = _LABEL.match(text)
        if label and label.end() < len(text):
            self.lines[position] = Line(text[label.end() :], self.lines[position].place)
            self._take(position)
        if (end := self._json(position)) is not None:
            return end
        if starts_tree(self.lines, position):
            return self._tree(position)
        if noise.is_noise(text) or noise.is_noise(unframed(text)):
            self._take(position)
        elif told := noise.warning(text):
            self._take(position)
            self._warning(*told)
        return position + 1

    def _add(self, plan: Plan) -> None:
        if self.statement and plan.statement is None:
            plan.statement = "\n".join(self.statement).strip()
        self.statement = []
        self.plans.append(plan)

    def _statement(self, position: int, first: str) -> int:
        """What was typed, up to its semicolon; a tree whose arrows look like the client's prompts is not part of it."""
        typed = [first]
        current = position + 1
        while current < len(self.lines) and not noise.ends_statement(typed[-1]):
            text = self.lines[current].text
            arrow = text.lstrip().startswith("->")
            words = text.lstrip().removeprefix("->").strip() if arrow else text
            if not text.strip() or is_border(text) or grids.is_vertical(text) or grids.header_at(self.lines, current):
                break
            if noise.prompt(text) is not None or noise.is_noise(text) or text.lstrip().startswith(("{", "| ")):
                break
            if arrow and (split_numbers(words).has_numbers or is_operation(words)):
                break
            typed.append(words)
            current += 1
        self._take(*range(position, current))
        if any(noise.is_statement(part) for part in typed[:3]):
            self.statement = typed
        return current

    def _grid(self, position: int, separator: str, kind: str) -> int:
        grid = grids.read_grid(self.lines, position, separator)
        self._take(*grid.taken)
        self._rows(
            grid.rows, kind, frozenset(name.strip().lower() for name in grids.cells_of(self.lines[position].text, separator))
        )
        return grid.end

    def _vertical(self, position: int) -> int:
        grid = grids.read_vertical(self.lines, position)
        rows = [row for row in grid.rows if row.cells]
        kind = grids.kind_of(list(rows[0].cells)) if rows else None
        if kind is not None or not rows:
            self._take(*grid.taken)
        if kind is not None:
            self._rows(rows, kind)
        return grid.end

    def _rows(self, rows: list[grids.Row], kind: str, names: frozenset[str] = frozenset()) -> None:
        if kind == "warnings":
            for row in rows:
                self._warning(*(str(row.cells.get(name) or "") for name in ("level", "code", "message")))
            return
        for statement in tabular.statements([row for row in rows if row.cells]):
            self._add(tabular.plan_of(statement, names))

    def _warning(self, level: str, code: str, message: str) -> None:
        if not self.plans:
            return
        plan = self.plans[-1]
        if code == "1003":
            plan.statement = message
        else:
            plan.details.setdefault("Warnings", []).append(f"{level} {code}: {message}")

    def _markup(self) -> None:
        """HTML and XML: everything from the first tag to the last is the result, whatever its lines hold."""
        rows = grids.read_markup("\n".join(self.paste.texts))
        self._rows([row for row in rows if "select_type" in row.cells], "plan")
        for row in rows:
            for name in ("explain", "analyze"):
                for plan in _nested(str(row.cells.get(name) or "")):
                    self._add(plan)
        if not self.plans:
            return
        tagged = [index for index, text in enumerate(self.paste.texts) if "<" in text and ">" in text]
        for index in range(tagged[0], tagged[-1] + 1):
            self.paste.take(index)
        self.lines = [line for line in self.lines if not tagged[0] <= line.place <= tagged[-1]]
        self.json = JsonText(self.lines)

    def _json(self, position: int) -> int | None:
        found = self.json.at(position)
        if found is None:
            return None
        plans = [plan for document in found.documents for plan in self._documents(document)]
        if not plans:
            return found.end if not found.whole else None
        self._take(*range(position, found.end))
        if not found.whole:
            self.notes.append("The JSON breaks off or is damaged: what could be read of it is shown.")
        for plan in plans:
            self._add(plan)
        return found.end

    def _documents(self, document: object) -> list[Plan]:
        """The plans in a parsed value: a plan itself, rows of a table as objects, or a driver's rows that hold plans as text."""
        if isinstance(document, Members) and json_plan.is_plan(document):
            return [json_plan.plan_of(document)]
        if isinstance(document, Members) and json_v2.is_plan(document):
            return [json_v2.plan_of(document)]
        rows = [item for item in document if isinstance(item, Members)] if isinstance(document, list) else [document]
        rows = [item for item in rows if isinstance(item, Members)]
        if rows and all("select_type" in row for row in rows):
            cells = [grids.Row({name.lower(): value for name, value in row.items()}) for row in rows]
            return [tabular.plan_of(statement) for statement in tabular.statements(cells)]
        plans: list[Plan] = []
        for row in rows:
            for value in row.values():
                if isinstance(value, Members) and (json_plan.is_plan(value) or json_v2.is_plan(value)):
                    plans += self._documents(value)
                elif isinstance(value, str) and ("query_block" in value or "query_plan" in value or "-> " in value):
                    plans += _nested(value)
        return plans

    def _tree(self, position: int) -> int:
        rows, end = read_tree_lines(self.lines, position)
        self._take(*range(position, end))
        self._add(tree.plan_of(rows, self.notes))
        return end


def _nested(text: str) -> list[Plan]:
    """The plans of a text inside a driver's JSON; their lines are not those of the paste."""
    try:
        plans = Reader(text).read().plans
    except PlanError:
        return []
    for plan in plans:
        for node in plan.root.walk():
            _without_lines(node)
    return plans


def _without_lines(node: PlanNode) -> None:
    node.lines = ()
