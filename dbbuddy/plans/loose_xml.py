"""XML out of a paste: without its declaration, cut off, several documents, control characters; never an entity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

import re2
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from dbbuddy.plans.model import PlanError
from dbbuddy.plans.numbers import bounded
from dbbuddy.plans.paste_lines import PasteLines

_DECLARATION = re2.compile(r"<\?xml[^>]*\?>")
_FORBIDDEN_REFERENCE = re2.compile(r"&#(?:[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));")
_CONTROL = {code: " " for code in range(32) if chr(code) not in "\t\n\r"} | {0xFFFE: " ", 0xFFFF: " "}
_WRAPPER = "_paste"
_NAMES = {"Alias", "Column", "Database", "Index", "Name", "Schema", "Server", "Statistics", "Table", "Value", "name"}

SMALL_NUMBERS: dict[str, int | bool] = {"true": True, "false": False} | {str(value): value for value in range(1000)}
"""The texts of small numbers and truth values, of which plans are full."""


@dataclass(frozen=True)
class ParsedXml:
    """The elements of an XML text under one root of our own, and the line (from 1) where reading had to stop, if it had."""

    root: Element
    stopped_at: int | None


def parse(text: str) -> ParsedXml:
    """Read as far as it can be read; tags lose their namespaces. `PlanError` if the text defines entities.

    Entities can only be defined in a document type: the faster parser of the standard library reads what has none.
    """
    text = text.translate(_CONTROL).encode("utf-8", "replace").decode("utf-8")
    text = _FORBIDDEN_REFERENCE.sub("?", text)
    text = _DECLARATION.sub(lambda found: "\n" * found.group().count("\n"), text)
    builder = TreeBuilder()
    guarded = "<!DOCTYPE" in text or "<!ENTITY" in text
    parser = DefusedXMLParser(target=builder, forbid_dtd=True) if guarded else XMLParser(target=builder)
    stopped_at = None
    try:
        parser.feed(f'<{_WRAPPER} xmlns:xsi="xsi" xmlns:xsd="xsd" xmlns:sp="sp">')
        parser.feed(text)
        parser.feed(f"</{_WRAPPER}>")
        parser.close()
    except ParseError as error:
        stopped_at = error.position[0]
    except DefusedXmlException as error:
        raise PlanError("The XML defines a document type or entities, which no plan does; paste the plan alone.") from error
    root: Element = builder.close()
    local: dict[str, str] = {}
    for element in root.iter():
        tag = element.tag
        if tag not in local:
            local[tag] = tag.rpartition("}")[2]
        element.tag = local[tag]
    return ParsedXml(root, stopped_at)


def documents(text: str, opening: str) -> list[tuple[int, int]]:
    """Where each `<opening ...>` starts and where it ends, or at least ends at the latest if it is cut off."""
    starts: list[int] = []
    start = text.find(f"<{opening}")
    while start >= 0:
        behind = start + len(opening) + 1
        if text[behind : behind + 1] in ("", " ", ">", "/", "\n", "\r", "\t"):
            starts.append(start)
        start = text.find(f"<{opening}", behind)
    found: list[tuple[int, int]] = []
    closing = f"</{opening}>"
    for start, limit in zip(starts, [*starts[1:], len(text)], strict=False):
        end = text.find(closing, start, limit)
        found.append((start, limit if end < 0 else end + len(closing)))
    return found


def take_prolog(lines: PasteLines) -> None:
    """Mark XML declarations and comments that stand on lines of their own as understood."""
    comment: list[int] = []
    for index, text in enumerate(lines.texts):
        stripped = text.strip("\ufeff \t")
        if comment or stripped.startswith("<!--"):
            comment.append(index)
            if stripped.endswith("-->"):
                for line in comment:
                    lines.take(line)
                comment = []
        elif stripped.startswith("<?xml") and stripped.endswith("?>"):
            lines.take(index)


def take_lines(lines: PasteLines, document: str, lines_before: int, parsed: ParsedXml) -> int | None:
    """Mark the lines of a document as understood as far as it was read; returns the line where reading stopped, if it did."""
    span = document.rstrip().count("\n") + 1
    readable = span
    if parsed.stopped_at is not None and parsed.stopped_at <= span:
        readable = parsed.stopped_at - 1
    for index in range(readable):
        lines.take(lines_before + index)
    return None if parsed.stopped_at is None else lines_before + min(parsed.stopped_at, span)


def unescape_paste(text: str, opening: str) -> str:
    """Undo what a grid, a web page or a JSON string did to the quotes and brackets of XML that has `<opening` inside."""
    if f"<{opening}" not in text and f"&lt;{opening}" in text:
        for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
            text = text.replace(entity, sign)
    start = text.find(f"<{opening}")
    head = text[start : text.find(">", start) + 1] if start >= 0 else ""
    if '=""' in head and '""' in head.replace('=""', "", 1):
        return text.replace('""', '"')
    if '=\\"' in head:
        return text.replace("\\r\\n", "  \n ").replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"').replace("\\/", "/")
    return text


def plain(element: Element, text_of: Callable[[Element], Any | None] | None = None) -> Any:
    """An element as dictionaries, lists and texts; `text_of` may give a shorter reading of an element.

    A child that stands once is a value, one that stands several times is a list. Any depth is safe.
    """
    results: dict[int, Any] = {}
    waiting: list[tuple[Element, bool]] = [(element, False)]
    while waiting:
        current, children_done = waiting.pop()
        if not children_done:
            short = text_of(current) if text_of else None
            if short is not None:
                results[id(current)] = short
                continue
            waiting.append((current, True))
            waiting.extend((child, False) for child in current)
            continue
        value: dict[str, Any] = {
            name: text if name in _NAMES else number(text)
            for name, text in ((name.rpartition("}")[2], text) for name, text in current.attrib.items())
        }
        repeated: set[str] = set()
        for child in current:
            result = results.pop(id(child))
            if child.tag in repeated:
                value[child.tag].append(result)
            elif child.tag in value:
                value[child.tag] = [value[child.tag], result]
                repeated.add(child.tag)
            else:
                value[child.tag] = result
        content = (current.text or "").strip()
        if content:
            results[id(current)] = {**value, "text": content} if value else number(content)
        else:
            results[id(current)] = value
    return results[id(element)]


def number(text: str) -> Any:
    """A decimal number as a number (`true` and `false` as truth values), anything else as it stands."""
    known = SMALL_NUMBERS.get(text)
    if known is not None:
        return known
    if text and text[-1] in "0123456789." and text[0] in "-.0123456789" and len(text) < 40 and "_" not in text:
        try:
            value = int(text) if text.lstrip("-").isdecimal() else float(text)
            return text if bounded(value) is None else value
        except ValueError:
            return text
    return text
