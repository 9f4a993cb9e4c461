"""PostgreSQL plans in any format and client dress: what the paste holds, each part given to its reader."""

from __future__ import annotations

import json
from bisect import bisect_right

import re2

from dbbuddy.plans.model import Plan, PlanError, ReadPlans
from dbbuddy.plans.numbers import CAREFUL, has_extremes
from dbbuddy.plans.paste_lines import PasteLines
from dbbuddy.plans.postgresql import frames, logs, structured, surroundings, yaml_text
from dbbuddy.plans.postgresql.headings import could_be_root
from dbbuddy.plans.postgresql.lines import Balance, Line
from dbbuddy.plans.postgresql.loose_json import read_json
from dbbuddy.plans.postgresql.text import read_text
from dbbuddy.plans.postgresql.times import attribute
from dbbuddy.plans.postgresql.xml_text import read_xml

NOTHING = (
    "No PostgreSQL plan was found. Paste the whole output of EXPLAIN (ANALYZE, BUFFERS) in any format, "
    "from its first line (the operator at the top) to `Execution Time`."
)
_JSON_SIGNS = ('"Plan"', '"Node Type"', '"QUERY PLAN"', '"Query Text"', '"query_plan"', "(cost=", '"message"', '"Plan', '"No')
_SEARCHED_CHARACTERS = 4000
_FAILED_JSON_ALLOWED = 50
_LONGEST_STATEMENT = 400
_COMMENT = re2.compile(r"/\*.*?\*/")
_SIGNS = re2.compile(
    r"\(cost=[\d.]+(?:\.\.|…)[\d.]+ +rows=[\d.]+ +width=|\"Node Type\"\"?\s*:|<Node-Type>|Node Type: \"|"
    r"http://www.postgresql.org/2009/explain|(?m:^[ |│║+\"-]*QUERY PLAN)"
)
_OPERATOR = re2.compile(
    r"(?:Seq Scan|Index(?: Only)? Scan|Bitmap (?:Heap|Index) Scan|Tid (?:Range )?Scan|CTE Scan|Function Scan|Values Scan|"
    r"Subquery Scan|Foreign Scan|Sample Scan)(?: Backward| using | on | *\()|"
    r"(?m:^\W*->  ?(?:Parallel |Partial |Finalize )?"
    r"(?:Append|Hash|HashAggregate|Sort|Materialize|Memoize|Nested Loop|Result|Gather|"
    r"Limit|Unique|Aggregate|GroupAggregate|WindowAgg|(?:Hash|Merge) (?:\w+ )*Join)(?:  \(.*| *[|│║\"+]*)$)"
)


# MySQL's tree tells the rows last in its parentheses; PostgreSQL adds their width.
_MYSQL = re2.compile(r"-> [^\n]*\((?:cost=[^\s()]+ +)?rows=[\d.e+]+\)")


def looks_like(text: str) -> bool:
    """True if the text shows signs that only PostgreSQL's plans have."""
    if " width=" not in text and _MYSQL.search(text):
        return False
    return _SIGNS.search(text) is not None or _OPERATOR.search(text) is not None or could_be_root(text.strip(), strict=False)


def read(text: str) -> ReadPlans:
    """Every plan in the text. `PlanError` if there is none."""
    if text.lstrip()[:1] in ("[", "{"):
        found = _whole_json(text)
        if found is not None:
            return found
    return _Reading(PasteLines(text)).run()


def _whole_json(text: str) -> ReadPlans | None:
    """The plans of a text that is one sound JSON value and nothing else, which needs no look at its lines."""
    try:
        documents = structured.find_documents(json.loads(text, **(CAREFUL if has_extremes(text) else {})))
    except (ValueError, RecursionError):
        return None
    if not documents:
        return None
    plans = [structured.build(document, "json") for document in documents]
    for plan in plans:
        attribute(plan)
    return ReadPlans(plans)


def _is_one_json(text: str) -> bool:
    """True for an export of log entries as one document, other than PostgreSQL's own log of one object a line."""
    start = text.lstrip()[:400]
    return start[:1] == "[" or (start[:1] == "{" and '"message"' not in start.split("\n")[0])


class _Reading:
    def __init__(self, paste: PasteLines, nested: bool = False) -> None:
        self._paste = paste
        self._nested = nested
        self._plans: list[Plan] = []
        self._notes: list[str] = []
        self._statement: str | None = None
        self._duration: float | None = None
        self._strict = False
        self._may_end = True
        self._failed_json = 0
        self._lines: list[Line] = []
        self._joined: str | None = None
        self._starts: list[int] = []

    def run(self) -> ReadPlans:
        whole = "\n".join(self._paste.texts)
        self._may_end = any(sign in whole for sign in surroundings.ENDS)
        if logs.is_log(whole) and not _is_one_json(whole):
            self._lines, others = logs.entries(self._paste)
            self._strict = True
            if others:
                self._notes.append(f"Log entries passed over since they hold no plan: {others}.")
        else:
            self._lines = frames.unframe(self._paste)
        self._scan()
        if not self._plans:
            raise PlanError(NOTHING)
        for plan in self._plans:
            attribute(plan)
        unread = self._paste.unread()
        return ReadPlans(self._plans, unread, list(dict.fromkeys(self._notes)))

    def _take(self, lines: list[Line]) -> None:
        for line in lines:
            for index in range(line.first, line.last + 1):
                self._paste.take(index)

    def _scan(self) -> None:
        lines = self._lines
        position = 0
        around: list[Line] = []
        while position < len(lines):
            line = lines[position]
            stripped = line.text.strip()
            if line.boundary or not stripped:
                position += 1
                continue
            if stripped[0] in "[{" and self._is_json(position):
                end = self._json(position, around)
            elif stripped.startswith(("<explain", "<?xml", "<Query>", "<Plan>")):
                end = self._xml(position, around)
            elif stripped[0] in "-PQN" and yaml_text.opens_document(lines, position):
                end = self._yaml(position, around)
            elif (stripped.startswith("->") or could_be_root(stripped, strict=self._strict)) and not self._in_query(
                position, around
            ):
                end = self._text(position, around)
            else:
                end = position
            if end == position:
                if "duration: " in stripped and logs.duration_of(stripped) is not None:
                    self._duration = logs.duration_of(stripped)
                    around = []
                else:
                    around.append(line)
                position += 1
            else:
                around = []
                position = end
        self._surroundings(around)

    def _in_query(self, position: int, around: list[Line]) -> bool:
        """True if a log entry's statement has a string open here, which holds what only looks like a plan."""
        if not self._strict or not around or not around[0].text.lstrip().startswith("Query Text:"):
            return False
        if len(around) > _LONGEST_STATEMENT:
            return False
        statement = Balance()
        for line in around:
            text = _COMMENT.sub("", line.text)
            comment = text.find("--")
            plain = comment >= 0 and not statement.in_string and text.count("'", 0, comment) % 2 == 0
            statement.feed(text[:comment] if plain else text)
        if not statement.in_string:
            return False
        for line in self._lines[position : position + _LONGEST_STATEMENT]:
            if line.boundary:
                return False
            if statement.in_string:
                statement.feed(line.text)
            elif could_be_root(line.text, strict=True) and not line.text.startswith(" "):
                return True
        return False

    def _surroundings(self, around: list[Line]) -> None:
        found = surroundings.read(around)
        self._take(found.understood)
        self._statement = found.statement

    def _add(self, plans: list[Plan], around: list[Line]) -> None:
        self._surroundings(around)
        for plan in plans:
            if plan.statement is None:
                plan.statement = self._statement
            if self._duration is not None:
                plan.totals["duration_ms"] = self._duration
            self._plans.append(plan)
            self._statement = self._duration = None

    def _text(self, position: int, around: list[Line]) -> int:
        lines, may_end = self._lines, self._may_end
        end = position
        while end < len(lines) and not lines[end].boundary:
            if end > position and ((may_end and surroundings.ends_plan(lines[end].text)) or self._opens_document(end)):
                break
            end += 1
        found = read_text(lines[position:end], self._strict)
        if not found.plans:
            return position
        for index in found.taken:
            self._paste.take(index)
        self._notes.extend(found.notes)
        self._add(found.plans, around)
        taken = set(found.taken)
        self._take(surroundings.read([line for line in lines[position:end] if line.first not in taken]).understood)
        return end

    def _opens_document(self, position: int) -> bool:
        """True if a plan in JSON, XML or YAML begins at the line, behind one in text."""
        sign = self._lines[position].text[:1]
        if sign in ("[", "{"):
            return self._is_json(position)
        if sign == "<":
            return self._lines[position].text.startswith("<explain")
        return sign == "-" and yaml_text.opens_document(self._lines, position)

    def _yaml(self, position: int, around: list[Line]) -> int:
        reader = yaml_text.YamlReader(self._lines)
        reader.read(position)
        documents = [document for value in reader.documents for document in structured.find_documents(value)]
        if not documents:
            return position
        self._take(reader.taken)
        self._add([structured.build(document, "yaml") for document in documents], around)
        return max(reader.stop, position + 1)

    def _xml(self, position: int, around: list[Line]) -> int:
        lines = self._lines
        end = position
        while end < len(lines) and not lines[end].boundary:
            end += 1
            if "</explain>" in lines[end - 1].text:
                break
        documents, stopped = read_xml("\n".join(line.text for line in lines[position:end]))
        if stopped is not None:
            self._notes.append("The XML breaks off; the plan is shown as far as it could be read.")
        found = [inner for document in documents for inner in structured.find_documents(document)]
        if not found:
            return position
        self._take(lines[position : end if stopped is None else min(end, position + stopped)])
        self._add([structured.build(document, "xml") for document in found], around)
        return end

    def _is_json(self, position: int) -> bool:
        if self._failed_json > _FAILED_JSON_ALLOWED:
            return False
        start = self._offset(position)
        assert self._joined is not None
        head = self._joined[start : start + _SEARCHED_CHARACTERS]
        return any(sign in head for sign in _JSON_SIGNS)

    def _offset(self, position: int) -> int:
        if self._joined is None:
            self._joined = "\n".join(line.text for line in self._lines)
            offset = 0
            for line in self._lines:
                self._starts.append(offset)
                offset += len(line.text) + 1
        text = self._lines[position].text
        return self._starts[position] + len(text) - len(text.lstrip())

    def _json(self, position: int, around: list[Line]) -> int:
        start = self._offset(position)
        assert self._joined is not None
        value, end, whole = read_json(self._joined, start)
        documents = structured.find_documents(value)
        stop = bisect_right(self._starts, max(start, end - 1))
        plans = [structured.build(document, "json") for document in documents]
        if not plans and not self._nested:
            plans = self._inner(value)
        if not plans:
            self._failed_json += 1
            return position
        if not whole:
            self._notes.append("The JSON is cut off or broken; the plan is shown as far as it could be read.")
        self._take(self._lines[position:stop])
        self._add(plans, around)
        return stop

    def _inner(self, value: object) -> list[Plan]:
        plans: list[Plan] = []
        for text in structured.find_texts(value):
            try:
                found = _Reading(PasteLines(text), nested=True).run()
            except PlanError:
                continue
            for plan in found.plans:
                for node in plan.root.walk():
                    node.lines = ()
                plan.details.pop("Lines", None)
            plans.extend(found.plans)
            self._notes.extend(found.notes)
            self._notes.extend(f"Not understood: {line.text}" for line in found.unread[:20])
        return plans
