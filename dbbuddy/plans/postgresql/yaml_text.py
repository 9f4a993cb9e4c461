"""The YAML that PostgreSQL prints: keys, quoted texts, numbers, lists; read line by line."""

from __future__ import annotations

import json
from typing import Any

from dbbuddy.plans.postgresql.lines import Line
from dbbuddy.plans.postgresql.properties import scalar

_BROKEN_LINES = 60


def opens_document(lines: list[Line], position: int) -> bool:
    """True if a YAML plan begins at the line."""
    text = lines[position].text.strip()
    if text in ("- Plan:", "Plan:"):
        return True
    if text.startswith(("- Query Text:", "- Query Parameters:", 'Query Text: "')):
        return any(line.text.strip() == "Plan:" for line in lines[position + 1 : position + 4])
    return text.startswith(("- Node Type:", 'Node Type: "'))


class YamlReader:
    """Reads the lines of one or several documents; `taken` are the lines it understood."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self.documents: list[dict[str, Any]] = []
        self.taken: list[Line] = []
        self.stop = 0
        self._open: list[tuple[int, Any]] = []
        self._awaited: tuple[dict[str, Any], str, int] | None = None

    def read(self, position: int) -> None:
        """Read from the line at `position` until the document ends; `stop` is the first line after it."""
        base = _indent(self._lines[position].text)
        while position < len(self._lines):
            line = self._lines[position]
            stripped = line.text.strip()
            if line.boundary:
                break
            if stripped.count('"') % 2 and stripped.replace("\\\\", "").replace('\\"', "").count('"') % 2:
                line, position = self._whole_line(line, position)
                stripped = line.text.strip()
            if stripped and not self._line(line, stripped, base) and _indent(line.text) <= base and self.documents:
                break
            position += 1
        self.stop = position

    def _whole_line(self, line: Line, position: int) -> tuple[Line, int]:
        """The line with those after it that a client broke off, up to the closing quote."""
        text = line.text
        for number in range(position + 1, min(position + _BROKEN_LINES, len(self._lines))):
            following = self._lines[number]
            if following.boundary:
                break
            text += following.text
            if text.replace("\\\\", "").replace('\\"', "").count('"') % 2 == 0:
                return Line(text, line.first, following.last), number
        return line, position

    def _line(self, line: Line, stripped: str, base: int) -> bool:
        indent = _indent(line.text)
        if indent < base:
            return False
        starts_item = stripped.startswith("- ") or stripped == "-"
        content = stripped[2:].strip() if starts_item else stripped
        if starts_item and content[:1] in ('"', "["):
            return self._scalar_item(line, content, indent)
        key, colon, value = content.partition(":")
        if not colon or not key or key[:1] in "\"'[{(" or (value and not value.startswith(" ")) or len(key) > 80:
            return False
        if indent == base and not starts_item and self._open and self._open[0][0] != indent:
            return False
        container = self._new_item(indent) if starts_item else self._dictionary(indent)
        if container is None:
            return False
        value = value.strip()
        if value:
            container[key] = _value(value)
        else:
            container[key] = {}
            self._awaited = (container, key, indent + 2 if starts_item else indent)
        self._own(line)
        return True

    def _own(self, line: Line) -> None:
        self.taken.append(line)
        container = self.documents[-1]
        for _, outer in reversed(self._open):
            if isinstance(outer, dict) and "Node Type" in outer:
                container = outer
                break
        container.setdefault("Lines", []).extend(line.numbers)

    def _close(self, indent: int) -> None:
        while self._open and self._open[-1][0] > indent:
            self._open.pop()

    def _new_item(self, indent: int) -> dict[str, Any] | None:
        item: dict[str, Any] = {}
        if self._awaited is not None and indent >= self._awaited[2]:
            parent, key, _ = self._awaited
            values: list[Any] = [item]
            parent[key] = values
            self._open.append((indent, values))
        else:
            self._close(indent + 1)
            while self._open and not (self._open[-1][0] == indent and isinstance(self._open[-1][1], list)):
                if self._open[-1][0] < indent:
                    return None
                self._open.pop()
            if self._open:
                self._open[-1][1].append(item)
            else:
                self.documents.append(item)
                self._open.append((indent, self.documents))
        self._awaited = None
        self._open.append((indent + 2, item))
        return item

    def _dictionary(self, indent: int) -> dict[str, Any] | None:
        if self._awaited is not None and indent > self._awaited[2]:
            parent, key, _ = self._awaited
            inner: dict[str, Any] = {}
            parent[key] = inner
            self._open.append((indent, inner))
            self._awaited = None
            return inner
        self._awaited = None
        self._close(indent)
        if not self._open:
            item: dict[str, Any] = {}
            self.documents.append(item)
            self._open.append((indent, item))
            return item
        container = self._open[-1][1]
        return container if isinstance(container, dict) and self._open[-1][0] == indent else None

    def _scalar_item(self, line: Line, content: str, indent: int) -> bool:
        if self._awaited is not None:
            parent, key, least = self._awaited
            if indent < least:
                return False
            values: list[Any] = []
            parent[key] = values
            self._open.append((indent, values))
            self._awaited = None
        self._close(indent)
        if not self._open or not isinstance(self._open[-1][1], list):
            return False
        self._open[-1][1].append(_value(content))
        self._own(line)
        return True


def _value(text: str) -> Any:
    if text.startswith('"'):
        try:
            return json.loads(text, strict=False)
        except ValueError:
            return text.strip('"')
    if text.startswith("["):
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return text
    return scalar(text)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
