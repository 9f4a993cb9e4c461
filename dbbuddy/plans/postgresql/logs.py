"""Plans that auto_explain wrote into a server log, freed of what the log put around them."""

from __future__ import annotations

import json

import re2

from dbbuddy.plans.paste_lines import PasteLines
from dbbuddy.plans.postgresql.frames import indented
from dbbuddy.plans.postgresql.headings import to_float
from dbbuddy.plans.postgresql.lines import Line

_ENTRY = re2.compile(r"duration: ([\d.]+) ms  plan:")
_SEVERITY = re2.compile(
    r"\b(?:LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DETAIL|HINT|STATEMENT|CONTEXT|DEBUG[1-5]?|QUERY|LOCATION|BACKTRACE): "
)
_SYSLOG = re2.compile(r"^(?:<\d+>)?(?:\d+ )?[A-Z]?[\w:.+-]+ .{0,120}?\[\d+\]: \[\d+-\d+\] ?(?:#011)?")
_CONTAINER = re2.compile(r"^[\w./-]+ +\| ")
_CSV_ENTRY = re2.compile(r'^\d{4}-\d\d-\d\d [\d:.]+ \w+,.*,"duration: [\d.]+ ms  plan:')
_CSV_START = re2.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \w+,")


def is_log(text: str) -> bool:
    """True if auto_explain entries are in the text."""
    return _ENTRY.search(text) is not None


def duration_of(text: str) -> float | None:
    """The milliseconds of a line that opens an auto_explain entry."""
    found = _ENTRY.search(text)
    return None if found is None else to_float(found.group(1))


def entries(paste: PasteLines) -> tuple[list[Line], int]:
    """The lines of the auto_explain entries, parted by boundaries, and the number of other log entries.

    An entry begins with its line `duration: .. ms  plan:`. Lines outside any log entry are kept between boundaries.
    """
    reader = _LogReader(paste)
    reader.run()
    return reader.out, reader.others


class _LogReader:
    def __init__(self, paste: PasteLines) -> None:
        self._paste = paste
        self._inside = False
        self._skipping = False
        self._tabbed = False
        self.out: list[Line] = []
        self.others = 0

    def run(self) -> None:
        texts = self._paste.texts
        container = all(_CONTAINER.match(text) for text in texts if text.strip())
        index = 0
        while index < len(texts):
            text = texts[index]
            if container:
                text = _CONTAINER.sub("", text)
            if text.startswith("{") and '"message"' in text:
                self._json_entry(index, text)
            elif _CSV_START.match(text):
                index = self._csv_entry(index)
                continue
            else:
                self._line(index, text)
            index += 1

    def _line(self, index: int, text: str) -> None:
        found = _ENTRY.search(text)
        syslog = _SYSLOG.match(text)
        if found is not None and "plan:" in text:
            self._open(index, text[found.start() :])
            return
        if syslog is not None and self._inside and "#011" in syslog.group():
            self._keep(index, text[syslog.end() :])
            return
        if syslog is not None and not _SEVERITY.search(text):
            text = text[syslog.end() :]
        elif not text.startswith("\t") and _SEVERITY.search(text[:400]):
            self._other(index)
            return
        if text.startswith("\t"):
            if self._inside:
                self._tabbed = True
                self._keep(index, text[1:])
                return
            if self._skipping:
                self._paste.take(index)
                return
        elif self._tabbed and text.strip():
            self._end(index)
        self._skipping = False
        self._keep(index, text)

    def _open(self, index: int, text: str) -> None:
        self._end(index)
        self._inside = True
        self._skipping = self._tabbed = False
        self._paste.take(index)
        self.out.append(Line(text.rstrip(), index, index))

    def _end(self, index: int) -> None:
        self._inside = self._tabbed = False
        self.out.append(Line("", index, index, boundary=True))

    def _other(self, index: int) -> None:
        self._end(index)
        self._skipping = True
        self._paste.take(index)
        self.others += 1

    def _keep(self, index: int, text: str) -> None:
        self.out.append(Line(indented(text.replace("#011", "\t")).rstrip(), index, index))

    def _json_entry(self, index: int, text: str) -> None:
        try:
            message = json.loads(text).get("message", "")
        except (ValueError, RecursionError, AttributeError):
            self._line(index, text)
            return
        if not isinstance(message, str) or not is_log(message):
            self._other(index)
            return
        parts = message.split("\n")
        self._open(index, parts[0])
        for part in parts[1:]:
            self._keep(index, part.removeprefix("\t"))
        self._end(index)

    def _csv_entry(self, index: int) -> int:
        """Read the entry of a CSV log that begins at `index`; gives the index of the line after it."""
        texts = self._paste.texts
        end = index
        odd = texts[end].count('"') % 2
        while odd and end + 1 < len(texts) and not _CSV_START.match(texts[end + 1]):
            end += 1
            odd = (odd + texts[end].count('"')) % 2
        if not _CSV_ENTRY.match(texts[index]):
            for number in range(index, end + 1):
                self._paste.take(number)
            self._other(index)
            return end + 1
        first = texts[index]
        self._open(index, first[first.find('"duration: ') + 1 :])
        closed = False
        for number in range(index + 1, end + 1):
            text = texts[number]
            if closed:
                self._paste.take(number)
                continue
            close = _closing_quote(text)
            closed = close >= 0
            self._keep(number, (text[:close] if closed else text).replace('""', '"'))
        self._end(end)
        return end + 1


def _closing_quote(text: str) -> int:
    position = text.find('"')
    while position >= 0:
        if text[position + 1 : position + 2] != '"':
            return position
        position = text.find('"', position + 2)
    return -1
