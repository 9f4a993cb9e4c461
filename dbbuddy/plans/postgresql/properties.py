"""The property lines of the text format, under the names and units that the JSON format uses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import re2

from dbbuddy.plans.postgresql.headings import read_actual, to_float

Details = dict[str, Any]

_BLOCKS = {"hit": "Hit", "read": "Read", "dirtied": "Dirtied", "written": "Written"}
_ORIGINALLY = re.compile(r"(\d+) *\(originally (\d+)\)")
_SIZE = re.compile(r"(-?\d+) *(kB|MB|GB|bytes)?\Z")
_UNITS = {"kB": 1, "MB": 1024, "GB": 1024 * 1024}
_TRIGGER = re2.compile(r"^Trigger (.*?):?\s+(?:time=([\d.]+) )?calls=(\d+)$")
_SETTING = re2.compile(r"([\w.]+) = '((?:[^']|'')*)'")
_TIMED = re2.compile(r"(\w+) ([\d.]+) ms(?: \(Deform ([\d.]+) ms\))?")
_COMBINED_KEYS = {
    "Buckets": ("Buckets", "Batches", "Memory Usage", "Disk Usage"),
    "Batches": ("Batches", "Memory Usage", "Disk Usage"),
    "Planned Partitions": ("Planned Partitions", "Batches", "Memory Usage", "Disk Usage"),
    "Hits": ("Hits", "Misses", "Evictions", "Overflows", "Memory Usage"),
    "Storage": ("Storage", "Maximum Storage"),
    "Sort Method": ("Sort Method", "Memory", "Disk"),
    "Memory Usage": ("Memory Usage", "Disk Usage"),
    "Full-sort Groups": (),
    "Pre-sorted Groups": (),
}
_TEXTS = (
    "Cache Key", "Conflict Filter", "Filter", "Function Call", "Group Key", "Hash Cond", "Hash Key", "Index Cond", "Join Filter",
    "Merge Cond", "One-Time Filter", "Order By", "Output", "Params Evaluated", "Presorted Key", "Recheck Cond", "Remote SQL",
    "Run Condition", "Sort Key", "TID Cond", "Table Function Call",
)  # fmt: skip
_NAMES = {
    "Memory Usage": "Peak Memory Usage",
    "Hits": "Cache Hits",
    "Misses": "Cache Misses",
    "Evictions": "Cache Evictions",
    "Overflows": "Cache Overflows",
}


def scalar(text: str) -> Any:
    """A number as a number, `true` and `false` as truth values, everything else as printed."""
    if text and text[-1] in "0123456789" and text[0] in "-0123456789" and len(text) < 24 and "_" not in text:
        try:
            return int(text)
        except ValueError:
            number = to_float(text)
            return text if number is None else number
    return {"true": True, "false": False}.get(text, text)


def _size(text: str) -> Any:
    found = _SIZE.match(text)
    if found is None:
        return scalar(text)
    number, unit = found.groups()
    return int(number[:19]) * _UNITS.get(unit, 1) if unit in _UNITS else scalar(number)


def add(details: Details, key: str, value: Any) -> None:
    """Keep a property; one that is printed several times becomes a list."""
    if key in details and details[key] != value:
        old = details[key]
        details[key] = [*old, value] if isinstance(old, list) else [old, value]
    else:
        details[key] = value


def read_property(details: Details, key: str, value: str) -> None:
    """Add what a line `key: value` of a node says."""
    special = _SPECIAL.get(key)
    if special is not None:
        special(details, key, value)
    else:
        add(details, key, scalar(value))


def _combined(details: Details, key: str, value: str) -> None:
    for name, text in _pairs(f"{key}: {value}", _COMBINED_KEYS[key]):
        original = _ORIGINALLY.match(text)
        if name in ("Buckets", "Batches") and key == "Buckets":
            details[f"Hash {name}"] = int(original.group(1)[:19]) if original else scalar(text)
            details[f"Original Hash {name}"] = int(original.group(2)[:19]) if original else scalar(text)
        elif name == "Batches":
            details["HashAgg Batches"] = scalar(text)
        elif name == "Sort Method":
            details["Sort Method"] = text
        elif key == "Sort Method":
            details["Sort Space Used"] = _size(text)
            details["Sort Space Type"] = name
        else:
            details[_NAMES.get(name, name)] = _size(text)


def _pairs(text: str, keys: tuple[str, ...]) -> list[tuple[str, str]]:
    found: list[tuple[int, str]] = []
    for key in keys:
        position = text.find(f"{key}: ") if not found else text.find(f" {key}: ")
        if position >= 0:
            found.append((position, key))
    found.sort()
    ends = [position for position, _ in found[1:]] + [len(text)]
    return [(key, text[position:end].lstrip()[len(key) + 1 :].strip()) for (position, key), end in zip(found, ends, strict=True)]


def _groups(details: Details, key: str, value: str) -> None:
    count, _, rest = value.partition("  ")
    group: Details = {"Group Count": scalar(count)}
    space = ""
    for part in rest.split("  "):
        name, _, text = part.strip().partition(": ")
        if name in ("Sort Method", "Sort Methods"):
            group["Sort Methods Used"] = text.split(", ")
        elif name.startswith(("Average ", "Peak ")):
            kind, _, space = name.partition(" ")
            group.setdefault(f"Sort Space {space}", {})[f"{kind} Sort Space Used"] = _size(text)
        elif name:
            group[name] = scalar(text)
    details[key] = group


def _assignments(value: str) -> list[tuple[str, str]]:
    pairs = []
    for part in value.replace(",", " ").split():
        name, equals, text = part.partition("=")
        if equals:
            pairs.append((name, text))
    return pairs


def _buffers(details: Details, key: str, value: str) -> None:
    for scope, name, text in _scoped(value):
        details[f"{scope} {_BLOCKS.get(name, name)} Blocks"] = scalar(text)


def _scoped(value: str) -> list[tuple[str, str, str]]:
    scope = ""
    out = []
    for part in value.replace(",", " ").split():
        name, equals, text = part.partition("=")
        if equals:
            out.append((scope, name, text))
        else:
            scope = part.capitalize()
    return out


def _io_timings(details: Details, key: str, value: str) -> None:
    for scope, name, text in _scoped(value):
        prefix = "" if scope in ("", "Shared/local") else f"{scope} "
        details[f"{prefix}I/O {name.capitalize()} Time"] = to_float(text)


def _wal(details: Details, key: str, value: str) -> None:
    names = {"records": "WAL Records", "fpi": "WAL FPI", "bytes": "WAL Bytes", "full": "WAL Buffers Full"}
    for name, text in _assignments(value):
        details[names.get(name, f"WAL {name}")] = scalar(text)


def _heap_blocks(details: Details, key: str, value: str) -> None:
    for name, text in _assignments(value):
        details[f"{name.capitalize()} Heap Blocks"] = scalar(text)


def _tuples(details: Details, key: str, value: str) -> None:
    for name, text in _assignments(value):
        details[f"Tuples {name.capitalize()}"] = scalar(text)


def _sampling(details: Details, key: str, value: str) -> None:
    method, _, rest = value.partition(" (")
    details["Sampling Method"] = method
    if rest:
        details["Sampling Parameters"] = rest.partition(")")[0] if " REPEATABLE " in rest else rest[:-1]
        if " REPEATABLE " in rest:
            details["Repeatable Seed"] = rest.partition(" REPEATABLE ")[2].strip("()")


def _memory(details: Details, key: str, value: str) -> None:
    for name, text in _assignments(value):
        details[f"Memory {name.capitalize()}"] = _size(text)


_SPECIAL: dict[str, Callable[[Details, str, str], None]] = {
    **dict.fromkeys(_TEXTS, add),
    "Buffers": _buffers,
    "I/O Timings": _io_timings,
    "WAL": _wal,
    "Heap Blocks": _heap_blocks,
    "Tuples": _tuples,
    "Sampling": _sampling,
    "Memory": _memory,
    **dict.fromkeys(_COMBINED_KEYS, _combined),
    "Full-sort Groups": _groups,
    "Pre-sorted Groups": _groups,
}


def read_worker(details: Details, key: str, value: str) -> Details:
    """Open the part of a node that speaks of one worker and give it."""
    worker: Details | None = None
    number = scalar(key[7:].strip())
    workers: list[Details] = details.setdefault("Workers", [])
    for known in workers[-64:]:
        if known["Worker Number"] == number:
            worker = known
    if worker is None:
        worker = {"Worker Number": number}
        workers.append(worker)
    value = value.strip()
    if value.startswith("actual"):
        measured = read_actual(value)
        if measured is not None:
            first, last, worker["Actual Rows"], worker["Actual Loops"] = measured
            if first is not None:
                worker["Actual Startup Time"], worker["Actual Total Time"] = first, last
    elif value:
        inner, _, text = value.partition(": ")
        read_property(worker, inner, text.strip())
    return worker


def read_trigger(text: str) -> Details | None:
    """What a line `Trigger .. : time=.. calls=..` says, or `None` if it is no such line."""
    found = _TRIGGER.match(text)
    if found is None:
        return None
    name, time, calls = found.groups()
    trigger: Details = {}
    name, _on, relation = name.rpartition(" on ") if " on " in name else (name, "", "")
    if name.startswith("for constraint "):
        trigger["Constraint Name"] = name[15:]
    else:
        head, with_constraint, constraint = name.partition(" for constraint ")
        trigger["Trigger Name"] = head
        if with_constraint:
            trigger["Constraint Name"] = constraint
    if relation:
        trigger["Relation"] = relation
    if time is not None:
        trigger["Time"] = to_float(time)
    trigger["Calls"] = scalar(calls)
    return trigger


def read_settings(value: str) -> dict[str, str]:
    """The settings of a line `Settings: a = 'x', b = 'y'`."""
    return {name: text.replace("''", "'") for name, text in _SETTING.findall(value)}


def read_jit(details: Details, key: str, value: str) -> None:
    """Add a line of the `JIT:` part."""
    if key == "Options":
        details["Options"] = {
            name: flag == "true" for name, _, flag in (part.strip().partition(" ") for part in value.split(",")) if flag
        }
    elif key == "Timing":
        timing: Details = {}
        for name, time, deform in _TIMED.findall(value):
            number = to_float(time)
            timing[name] = {"Deform": to_float(deform), "Total": number} if deform else number
        details["Timing"] = timing
    else:
        text = value.removesuffix(" ms")
        details[key] = scalar(text)


def read_serialization(value: str) -> Details:
    """What the line `Serialization: time=.. ms  output=..kB  format=..` says."""
    details: Details = {}
    for name, text in _assignments(value):
        if name == "time":
            details["Time"] = to_float(text)
        elif name == "output":
            details["Output Volume"] = _size(text)
        else:
            details[name.capitalize()] = text
    return details
