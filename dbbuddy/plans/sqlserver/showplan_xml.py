"""Showplan XML: whole files, result sets with several documents, a fragment out of SSMS, a document that is cut off."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from dbbuddy.plans import loose_xml
from dbbuddy.plans.model import Plan, PlanError, PlanNode, ReadPlans
from dbbuddy.plans.paste_lines import PasteLines
from dbbuddy.plans.sqlserver.counters import share_estimates, time_nodes
from dbbuddy.plans.sqlserver.operators import name_roles, read_operator, read_warnings, unquote

_OPENING = "ShowPlanXML"
_FRAGMENTS = ("<StmtSimple", "<StmtCond", "<StmtCursor", "<BatchSequence", "<Batch>", "<Statements>", "<QueryPlan", "<RelOp")
_STATEMENTS = {"StmtSimple", "StmtCond", "StmtCursor", "StmtReceive", "StmtUseDb"}
_WITH_PLAN = {"QueryPlan", "CursorPlan", "ReceivePlan", "StoredProc", "UDF", "Then", "Else"}
_SKIPPED_PARTS = {"RelOp", "MissingIndexes", "Warnings", "WaitStats", "ParameterList", "QueryTimeStats"}
_TOTALS = {
    "ElapsedTime": "execution_ms",
    "CpuTime": "cpu_ms",
    "UdfElapsedTime": "udf_ms",
    "UdfCpuTime": "udf_cpu_ms",
}


def looks_like(text: str) -> bool:
    """Whether showplan XML, or a part of it, is in the text."""
    return f"<{_OPENING}" in text or f"&lt;{_OPENING}" in text or any(start in text for start in _FRAGMENTS)


def read(text: str) -> ReadPlans:
    """The plan of each statement of each document in the text."""
    text = loose_xml.unescape_paste(text, _OPENING)
    lines = PasteLines(text)
    loose_xml.take_prolog(lines)
    result = ReadPlans(plans=[])
    lines_before = counted_to = 0
    for start, end in _documents(text):
        lines_before += text.count("\n", counted_to, start)
        counted_to = start
        _read_document(text[start:end], lines_before, lines, result)
    if not result.plans:
        raise PlanError(
            "The showplan XML holds no operators. Paste it from <ShowPlanXML to </ShowPlanXML>, or upload the .sqlplan file; "
            "statements such as SET and DECLARE have no plan of their own."
        )
    result.unread = lines.unread()
    return result


def _documents(text: str) -> list[tuple[int, int]]:
    """Where each document starts and ends; text between them belongs to none."""
    found = loose_xml.documents(text, _OPENING)
    if found:
        return found
    start = min(position for opening in _FRAGMENTS if (position := text.find(opening)) >= 0)
    last = text.rfind(">")
    return [(start, last + 1 if last > start else len(text))]


def _read_document(document: str, lines_before: int, lines: PasteLines, result: ReadPlans) -> None:
    parsed = loose_xml.parse(document)
    stopped_at = loose_xml.take_lines(lines, document, lines_before, parsed)
    before = len(result.plans)
    without_plan = _read_statements(parsed.root, result.plans)
    if stopped_at is not None:
        operators = sum(1 for plan in result.plans[before:] for _ in plan.root.walk())
        result.notes.append(
            f"The XML breaks off or is damaged at line {stopped_at}; what stands before it was read ({operators} operators)."
        )
    if without_plan:
        result.notes.append(f"{without_plan} statements without a plan of their own (SET, DECLARE, IF and the like).")


def _read_statements(root: Element, plans: list[Plan]) -> int:
    """Walk to every `QueryPlan` with the statement that it belongs to; returns how many statements had none."""
    batch = next(root.iter(_OPENING), None)
    build = dict(batch.attrib) if batch is not None else {}
    without_plan = 0
    waiting: list[tuple[Element, Element | None, dict[str, Any]]] = [(root, None, {})]
    while waiting:
        element, statement, around = waiting.pop()
        if element.tag in _STATEMENTS:
            statement, around = element, {}
            without_plan += not any(child.tag in _WITH_PLAN for child in element)
        elif element.tag in {"CursorPlan", "Operation", "UDF", "StoredProc"}:
            around = around | {name: loose_xml.number(text) for name, text in element.attrib.items()}
        if element.tag == "QueryPlan":
            plans.extend(_read_plan(element, statement, around, build))
        elif element.tag == "RelOp":
            plans.append(_plan_of(element, None, statement, around, build))
        else:
            waiting.extend((child, statement, around) for child in reversed(element))
    return without_plan


def _read_plan(query_plan: Element, statement: Element | None, around: dict[str, Any], build: dict[str, str]) -> list[Plan]:
    operators = [child for child in query_plan if child.tag == "RelOp"]
    return [_plan_of(operator, query_plan, statement, around, build) for operator in operators]


def _plan_of(
    operator: Element, query_plan: Element | None, statement: Element | None, around: dict[str, Any], build: dict[str, str]
) -> Plan:
    nodes = _read_tree(operator)
    measured = any(node.loops is not None for node in nodes)
    if measured:
        share_estimates(nodes)
        time_nodes(nodes)
    plan = Plan("sqlserver", "xml actual" if measured else "xml estimated", nodes[0])
    details = plan.details
    if build:
        details["Showplan"] = {name: text for name, text in build.items() if name in ("Version", "Build")}
    details |= around
    if statement is not None:
        plan.statement = statement.attrib.get("StatementText")
        details |= {name: loose_xml.number(text) for name, text in statement.attrib.items() if name != "StatementText"}
        for child in statement:
            if child.tag in {"StatementSetOptions", "Dispatcher"}:
                details[child.tag] = loose_xml.plain(child)
    if query_plan is not None:
        _read_plan_parts(query_plan, plan)
    return plan


def _read_tree(top: Element) -> list[PlanNode]:
    """The operator and all below it, parents before children, whatever the depth."""
    nodes: list[PlanNode] = []
    waiting: list[tuple[Element, PlanNode | None]] = [(top, None)]
    while waiting:
        element, parent = waiting.pop()
        node, inputs = read_operator(element)
        nodes.append(node)
        if parent is not None:
            parent.children.append(node)
        waiting.extend((below, node) for below in reversed(inputs))
    for node in nodes:
        name_roles(node)
    return nodes


def _read_plan_parts(query_plan: Element, plan: Plan) -> None:
    details = plan.details
    details |= {name: loose_xml.number(text) for name, text in query_plan.attrib.items()}
    if isinstance(details.get("CompileTime"), int | float):
        plan.totals["planning_ms"] = float(details["CompileTime"])
    for part in query_plan:
        if part.tag == "MissingIndexes":
            details["MissingIndexes"] = [index for group in part for index in _missing_indexes(group)]
        elif part.tag == "Warnings":
            details["Warnings"] = read_warnings(part)
        elif part.tag == "WaitStats":
            details["WaitStats"] = [loose_xml.plain(wait) for wait in part]
        elif part.tag == "ParameterList":
            details["ParameterList"] = [loose_xml.plain(parameter) for parameter in part]
        elif part.tag == "OptimizerStatsUsage":
            details["OptimizerStatsUsage"] = [loose_xml.plain(statistics) for statistics in part]
        elif part.tag == "QueryTimeStats":
            for name, text in part.attrib.items():
                value = loose_xml.number(text)
                if isinstance(value, int | float):
                    plan.totals[_TOTALS.get(name, name)] = float(value)
        elif part.tag not in _SKIPPED_PARTS:
            details[part.tag] = loose_xml.plain(part)


def _missing_indexes(group: Element) -> list[dict[str, Any]]:
    """The index that the optimizer missed: the share of the cost it expects to save, the table, and the columns by usage."""
    found: list[dict[str, Any]] = []
    for index in group.iter("MissingIndex"):
        entry: dict[str, Any] = {"Impact": loose_xml.number(group.attrib.get("Impact", ""))}
        entry |= {name: unquote(text) for name, text in index.attrib.items()}
        for usage in ("EQUALITY", "INEQUALITY", "INCLUDE"):
            entry[usage] = []
        for columns_of_usage in index:
            usage = columns_of_usage.attrib.get("Usage", columns_of_usage.tag)
            entry[usage] = [unquote(column.attrib.get("Name")) for column in columns_of_usage]
        found.append(entry)
    return found
