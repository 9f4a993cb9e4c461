"""SQL Monitor reports and DBMS_XPLAN plans as XML."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from dbbuddy.plans import loose_xml
from dbbuddy.plans.model import Plan, PlanError, PlanNode, ReadPlans
from dbbuddy.plans.oracle.times import share_estimates, times_from_activity
from dbbuddy.plans.oracle.tree import Tree, grow, measure, name_object
from dbbuddy.plans.oracle.values import decimal, seconds_in_ms
from dbbuddy.plans.paste_lines import PasteLines

_OPENINGS = ("report", "sql_monitor_report", "plan", "plan_monitor")
_OPERATION = "<operation "
_TOTALS = {
    "elapsed_time": "database_ms",
    "cpu_time": "cpu_ms",
    "user_io_wait_time": "io_wait_ms",
    "concurrency_wait_time": "concurrency_wait_ms",
    "application_wait_time": "application_wait_ms",
    "other_wait_time": "other_wait_ms",
    "buffer_gets": "buffers",
}
_DETAILS = {
    "starts": "Starts",
    "cardinality": "A-Rows",
    "card": "E-Rows",
    "bytes": "Bytes",
    "cpu_cost": "CPU Cost",
    "io_cost": "IO Cost",
    "time": "Time",
    "temp_space": "TempSpc",
    "temp": "TempSpc",
    "qblock": "Query Block",
    "object_alias": "Object Alias",
    "project": "Column Projection",
    "partition_start": "Pstart",
    "partition_stop": "Pstop",
    "distrib": "PQ Distrib",
    "read_reqs": "Read Reqs",
    "read_bytes": "Read Bytes",
    "write_reqs": "Write Reqs",
    "write_bytes": "Write Bytes",
    "max_memory": "Mem (Max)",
    "max_temp": "Temp (Max)",
    "max_tempseg": "Temp (Max)",
    "memory": "Mem",
    "dop": "DOP",
}


def looks_like(text: str) -> bool:
    """Whether there are operations of a plan in Oracle's XML."""
    return (_OPERATION in text or "&lt;operation " in text) and (
        "sql_monitor_report" in text or "<plan" in text or "&lt;plan" in text
    )


def read(text: str) -> ReadPlans:
    """The plan of each report in the text."""
    text = loose_xml.unescape_paste(text, "report")
    lines = PasteLines(text)
    loose_xml.take_prolog(lines)
    result = ReadPlans(plans=[])
    spans = next((found for name in _OPENINGS if (found := loose_xml.documents(text, name))), [])
    lines_before = counted_to = 0
    for start, end in spans:
        lines_before += text.count("\n", counted_to, start)
        counted_to = start
        document = text[start:end]
        parsed = loose_xml.parse(document)
        stopped_at = loose_xml.take_lines(lines, document, lines_before, parsed)
        if stopped_at is not None:
            result.notes.append(f"The XML breaks off or is damaged at line {stopped_at}; what stands before it was read.")
        for report in _reports(parsed.root):
            plan = _read_report(report, result.notes)
            if plan is not None:
                result.plans.append(plan)
    if not result.plans:
        raise PlanError("The XML holds no operations of a plan. Paste the SQL Monitor report from <report to </report>.")
    result.notes = list(dict.fromkeys(result.notes))
    result.unread = lines.unread()
    return result


def _reports(root: Element) -> list[Element]:
    """The outermost reports; the root if the operations stand in none."""
    found: list[Element] = []
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag == "sql_monitor_report":
            found.append(element)
        else:
            waiting.extend(reversed(element))
    return found or [root]


def _read_report(report: Element, notes: list[str]) -> Plan | None:
    """A plan with what `<plan>` says of the estimates and `<plan_monitor>` of the run."""
    explained = next(report.iter("plan"), None)
    monitored = next(report.iter("plan_monitor"), None)
    main = monitored if monitored is not None and len(monitored) else explained
    if main is None:
        return None
    estimates = {_id(operation): operation for operation in explained or () if operation.tag == "operation"}
    nodes: list[PlanNode] = []
    depths: list[int] = []
    activity: list[float] = []
    by_id: dict[int, PlanNode] = {}
    details: dict[str, Any] = {}
    for operation in main:
        if operation.tag != "operation":
            continue
        number = _id(operation)
        node = PlanNode(" ".join(filter(None, (operation.attrib.get("name"), operation.attrib.get("options")))) or "OPERATION")
        node.details["Id"] = number
        if operation.attrib.get("skp") == "1":
            node.details["Inactive"] = True
        if main is monitored and number in estimates:
            _estimate(estimates[number], node, details)
        samples = _operation(operation, node, details) if main is monitored else _estimate(operation, node, details)
        nodes.append(node)
        depths.append(int(decimal(operation.attrib.get("depth", "")) or 0))
        activity.append(samples)
        by_id.setdefault(number, node)
    if not nodes:
        return None
    tree = grow(nodes, depths, by_id)
    plan = Plan("oracle", "sql monitor xml" if main is monitored else "dbms_xplan xml", tree.root, details=details)
    _read_target(report, plan)
    _times(plan, tree, activity, notes)
    return plan


def _id(operation: Element) -> int:
    return int(decimal(operation.attrib.get("id", "")) or 0)


def _times(plan: Plan, tree: Tree, activity: list[float], notes: list[str]) -> None:
    share_estimates(tree.nodes, one_run=True)
    elapsed = plan.totals.get("execution_ms") or plan.totals.get("database_ms")
    if elapsed and any(activity):
        samples = activity if tree.has_own_root else [0.0, *activity]
        times_from_activity(tree.nodes, samples, elapsed)
        notes.append("Times of operations are worked out of the activity samples of SQL Monitor.")


def _estimate(operation: Element, node: PlanNode, plan_details: dict[str, Any]) -> float:
    """An operation of `<plan>`: what the optimizer expected, the predicates, and (on one of them) the outline."""
    for part in operation:
        text = (part.text or "").strip()
        if part.tag == "card":
            node.rows_estimated = decimal(text)
        elif part.tag == "cost":
            node.total_cost = decimal(text)
        elif part.tag == "object":
            name_object(node, text)
        elif part.tag == "predicates":
            node.details[f"{part.attrib.get('type', 'other').capitalize()} Predicates"] = text
        elif part.tag == "other_xml":
            _other(part, plan_details)
        elif part.tag == "partition":
            node.details |= {"Pstart": part.attrib.get("start"), "Pstop": part.attrib.get("stop")}
        elif text and not len(part):
            node.details[_DETAILS.get(part.tag, part.tag)] = _value(text)
        else:
            node.details[part.tag] = loose_xml.plain(part)
    alias = node.details.get("Object Alias")
    if isinstance(alias, str):
        node.alias = alias.rpartition("@")[0].strip('"') or alias
    width = node.details.get("Bytes")
    if isinstance(width, int | float) and node.rows_estimated:
        node.width = round(width / node.rows_estimated)
    return 0.0


def _other(part: Element, plan_details: dict[str, Any]) -> None:
    """`<other_xml>`: facts on the whole plan, the outline, the hints and what became of them."""
    plan_details.setdefault("Info", {}).update(
        {info.attrib.get("type", "info"): (info.text or "").strip() for info in part.iter("info")}
    )
    outline = [(hint.text or "").strip() for data in part.iter("outline_data") for hint in data.iter("hint")]
    if outline:
        plan_details["Outline"] = outline
    for child in part:
        if child.tag not in {"info", "outline_data"}:
            plan_details[child.tag] = loose_xml.plain(child)


def _operation(operation: Element, node: PlanNode, plan_details: dict[str, Any]) -> float:
    """An operation of `<plan_monitor>`: what it did; returns how many activity samples fell on it."""
    samples = 0.0
    stats: dict[str, Any] = {}
    for part in operation:
        if part.tag == "object":
            owner = part.findtext("owner")
            node.schema = owner.strip() if owner else None
            name_object(node, (part.findtext("name") or part.text or "").strip())
        elif part.tag == "optimizer":
            estimates = {child.tag: (child.text or "").strip() for child in part}
            node.rows_estimated = decimal(estimates.pop("cardinality", "")) or node.rows_estimated
            node.total_cost = decimal(estimates.pop("cost", "")) or node.total_cost
            for name, text in estimates.items():
                node.details.setdefault(_DETAILS.get(name, name), _value(text))
        elif part.tag == "stats":
            stats = {stat.attrib.get("name", "stat"): _value((stat.text or "").strip()) for stat in part}
        elif part.tag == "activity_sampled":
            shares = {
                child.attrib.get("event") or child.attrib.get("class", "activity"): decimal(child.text or "") or 0.0
                for child in part
                if child.tag == "activity"
            }
            samples = sum(shares.values()) or decimal(part.attrib.get("count", "")) or 0.0
            node.details["Activity"] = shares
        elif part.tag == "rwsstats":
            node.details["Row Source Statistics"] = _row_source(part)
        else:
            node.details[part.tag] = loose_xml.plain(part)
    node.details |= {_DETAILS.get(name, name): value for name, value in stats.items()}
    starts, rows = stats.get("starts"), stats.get("cardinality")
    measure(
        node,
        starts if isinstance(starts, int | float) else None,
        rows if isinstance(rows, int | float) else None,
    )
    return samples


def _row_source(part: Element) -> dict[str, Any]:
    names = {stat.attrib.get("id"): stat.attrib.get("name", "") for stat in part.iter("stat") if "name" in stat.attrib}
    return {
        names.get(stat.attrib.get("id")) or str(stat.attrib.get("id")): _value((stat.text or "").strip())
        for stat in part.iter("stat")
        if "name" not in stat.attrib
    }


def _value(text: str) -> Any:
    value = decimal(text)
    return text if value is None else value


def _read_target(report: Element, plan: Plan) -> None:
    """The statement, its identity, and the totals of the run."""
    target = next(report.iter("target"), None)
    if target is not None:
        plan.details |= dict(target.attrib)
        for part in target:
            text = (part.text or "").strip()
            if part.tag == "sql_fulltext":
                plan.statement = text
            elif part.tag == "duration":
                milliseconds = seconds_in_ms(text)
                if milliseconds is not None:
                    plan.totals["execution_ms"] = milliseconds
            elif part.tag == "optimizer_env":
                plan.details["Optimizer Environment"] = {
                    item.attrib.get("name", ""): (item.text or "").strip() for item in part.iter("param")
                }
            else:
                plan.details[part.tag] = loose_xml.plain(part)
    for stats in report:
        if stats.tag == "stats":
            for stat in stats:
                value = decimal((stat.text or "").strip())
                name = stat.attrib.get("name", "")
                if value is not None:
                    key = _TOTALS.get(name, name)
                    plan.totals[key] = value / 1000 if key.endswith("_ms") else value
        elif stats.tag in {"activity_sampled", "parallel_info", "error", "binds", "stattype"}:
            plan.details[stats.tag] = loose_xml.plain(stats)
