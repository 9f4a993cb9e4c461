"""One `RelOp` of showplan XML as a node, without what its threads counted."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from dbbuddy.plans.loose_xml import SMALL_NUMBERS, number, plain
from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.numbers import bounded
from dbbuddy.plans.sqlserver.counters import read_counters

_FIELDS = {"PhysicalOp", "EstimateRows", "AvgRowSize", "EstimatedTotalSubtreeCost"}
_BESIDE_THE_OPERATOR = {
    "OutputList",
    "Warnings",
    "MemoryFractions",
    "RunTimeInformation",
    "RunTimePartitionSummary",
    "InternalInfo",
}
_WITHOUT_OPERATORS = {"DefinedValues", "SeekPredicates", "OrderBy", "OuterReferences", "HashKeysBuild", "HashKeysProbe"}
_ROLES = {"Nested Loops": ("Outer", "Inner"), "Merge Join": ("Outer", "Inner"), "Hash Match": ("Build", "Probe")}


def read_operator(element: Element) -> tuple[PlanNode, list[Element]]:
    """The node of a `RelOp`, and the `RelOp`s right below it in their order."""
    attributes = element.attrib
    node = PlanNode(
        type=attributes.get("PhysicalOp") or attributes.get("LogicalOp") or "RelOp",
        rows_estimated=_decimal(attributes.get("EstimateRows")),
        total_cost=_decimal(attributes.get("EstimatedTotalSubtreeCost")),
    )
    width = _decimal(attributes.get("AvgRowSize"))
    node.width = None if width is None else int(width)
    node.details = {
        name: SMALL_NUMBERS[text] if text in SMALL_NUMBERS else number(text)
        for name, text in attributes.items()
        if name not in _FIELDS
    }
    inputs: list[Element] = []
    for child in element:
        if child.tag == "RunTimeInformation":
            read_counters(child, node)
        elif child.tag == "RelOp":
            inputs.append(child)
        elif child.tag == "OutputList":
            node.details["OutputList"] = columns(child)
        elif child.tag == "Warnings":
            node.details["Warnings"] = read_warnings(child)
        elif child.tag in _BESIDE_THE_OPERATOR:
            node.details[child.tag] = plain(child)
        else:
            _read_specifics(child, node, inputs)
    return node, inputs


def name_roles(node: PlanNode) -> None:
    """Say which input of a join is which, as the showplan XML lists them in a fixed order."""
    roles = _ROLES.get(node.type)
    if roles and len(node.children) == 2:
        for child, role in zip(node.children, roles, strict=True):
            child.role = role


def _read_specifics(operator: Element, node: PlanNode, inputs: list[Element]) -> None:
    """The element that is named after the operator (`IndexScan`, `Hash`): attributes, objects, predicates, inputs."""
    details = node.details
    for name, text in operator.attrib.items():
        details.setdefault(name, number(text))
    for child in operator:
        if child.tag == "RelOp":
            inputs.append(child)
            continue
        if child.tag == "Object":
            _read_object(child, node)
            continue
        if len(child) and child.tag not in _WITHOUT_OPERATORS:
            inputs.extend(_nested_operators(child))
        value = expression(child)
        if value in ({}, "", []):
            continue
        if child.tag not in details:
            details[child.tag] = value
        elif isinstance(details[child.tag], list):
            details[child.tag].extend(value if isinstance(value, list) else [value])
        else:
            details[child.tag] = [details[child.tag], value]


def _nested_operators(element: Element) -> list[Element]:
    """`RelOp`s further down, as a subquery in a predicate has them; not those below these."""
    found: list[Element] = []
    waiting = [element]
    while waiting:
        current = waiting.pop()
        for child in current:
            if child.tag == "RelOp":
                found.append(child)
            elif len(child):
                waiting.append(child)
    return found


def _read_object(element: Element, node: PlanNode) -> None:
    attributes = element.attrib
    if "Objects" in node.details or node.relation is not None:
        node.details.setdefault("Objects", []).append(_qualified(attributes))
        return
    node.schema = unquote(attributes.get("Schema"))
    node.relation = unquote(attributes.get("Table"))
    node.index = unquote(attributes.get("Index"))
    node.alias = unquote(attributes.get("Alias"))
    for name in ("Server", "Database"):
        if name in attributes:
            node.details[name] = unquote(attributes[name])
    for name, text in attributes.items():
        if name not in {"Schema", "Table", "Index", "Alias", "Server", "Database"}:
            node.details[name] = number(text)
    node.details["Objects"] = [_qualified(attributes)]


def _qualified(attributes: dict[str, str]) -> str:
    return ".".join(attributes[name] for name in ("Server", "Database", "Schema", "Table", "Index") if name in attributes)


def unquote(name: str | None) -> str | None:
    """A name without the brackets that SQL Server puts around it."""
    if name and name.startswith("[") and name.endswith("]"):
        return name[1:-1].replace("]]", "]")
    return name or None


def columns(element: Element) -> str:
    """The columns below an element, as a list in one text."""
    found: list[str] = []
    waiting = [element]
    while waiting:
        current = waiting.pop()
        if current.tag == "ColumnReference":
            found.append(_column(current))
        elif current.tag != "RelOp":
            waiting.extend(reversed(current))
    return ", ".join(found)


def _column(element: Element) -> str:
    attributes = element.attrib
    owner = attributes.get("Alias") or attributes.get("Table")
    name = attributes.get("Column", "")
    return f"{owner}.[{name}]" if owner else name


def expression(element: Element) -> Any:
    """What an element inside an operator says, as people read it; data if it is no expression."""
    if element.tag == "DefinedValues":
        return [text for value in element if (text := _defined_value(value))]
    if element.tag == "OrderBy":
        return ", ".join(
            columns(column) + ("" if column.attrib.get("Ascending") in ("true", "1") else " DESC") for column in element
        )
    if element.tag in {"SeekPredicates", "SeekPredicate", "SeekPredicateNew", "SeekPredicatePart"}:
        return [text for keys in _seek_keys(element) if (text := _seek(keys))]
    scalars = [child for child in element if child.tag == "ScalarOperator"]
    if scalars:
        texts = [text for scalar in scalars if (text := _scalar(scalar))]
        return texts[0] if len(texts) == 1 else texts
    if element.tag == "ColumnReference" or (len(element) and all(child.tag == "ColumnReference" for child in element)):
        return columns(element)
    return plain(element, _short)


def _short(element: Element) -> Any | None:
    if element.tag == "ScalarOperator":
        return _scalar(element)
    if element.tag == "ColumnReference":
        return _column(element)
    return "(operators below)" if element.tag == "RelOp" else None


def _scalar(scalar: Element) -> str:
    return scalar.attrib.get("ScalarString") or columns(scalar)


def _defined_value(value: Element) -> str:
    if len(value) == 1 and value[0].tag == "ColumnReference":
        return _column(value[0])
    targets = ", ".join(_column(child) for child in value if child.tag == "ColumnReference")
    sources = ", ".join(_scalar(child) for child in value if child.tag == "ScalarOperator")
    if not targets:
        targets = columns(value)
    return f"{targets} = {sources}" if sources else targets


def _seek_keys(element: Element) -> list[Element]:
    found: list[Element] = []
    waiting = [element]
    while waiting:
        current = waiting.pop()
        if current.tag in {"Prefix", "StartRange", "EndRange", "IsNotNull"}:
            found.append(current)
        elif current.tag != "RelOp":
            waiting.extend(reversed(current))
    return found


_SIGNS = {"EQ": "=", "NE": "<>", "GT": ">", "GE": ">=", "LT": "<", "LE": "<="}


def _seek(keys: Element) -> str:
    """`[t].[a] = (1)`, as the seek compares column after column."""
    if keys.tag == "IsNotNull":
        return f"{columns(keys)} IS NOT NULL"
    sign = _SIGNS.get(keys.attrib.get("ScanType", ""), keys.attrib.get("ScanType", "="))
    left: list[str] = []
    right: list[str] = []
    for part in keys:
        if part.tag == "RangeColumns":
            left.extend(_column(child) for child in part.iter("ColumnReference"))
        elif part.tag == "RangeExpressions":
            right.extend(_scalar(child) for child in part if child.tag == "ScalarOperator")
    pairs = [f"{column} {sign} {value}" for column, value in zip(left, right, strict=False)]
    return " AND ".join(pairs) if pairs else ", ".join(left + right)


def read_warnings(element: Element) -> list[dict[str, Any]]:
    """Each warning with its `Warning` (the name that the XML gives it) and what it says."""
    warnings: list[dict[str, Any]] = [{"Warning": name} for name, text in element.attrib.items() if text in ("true", "1")]
    for child in element:
        warning: dict[str, Any] = {"Warning": child.tag}
        warning |= {name: number(text) for name, text in child.attrib.items()}
        names = columns(child)
        if names:
            warning["Columns"] = names
        others = [part for part in child if part.tag != "ColumnReference"]
        if others:
            warning |= {part.tag: plain(part, _short) for part in others}
        warnings.append(warning)
    return warnings


def _decimal(text: str | None) -> float | None:
    try:
        return None if text is None else bounded(float(text))
    except ValueError:
        return None
