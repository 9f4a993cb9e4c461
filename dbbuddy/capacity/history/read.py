"""From a file or a pasted text to histories: columns guessed, and correctable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dbbuddy.capacity.adjustment import Adjustment, adjustment
from dbbuddy.capacity.history import clouds
from dbbuddy.capacity.history.dates import DateOrder, Dates, dates
from dbbuddy.capacity.history.model import History, HistoryError, Values, from_points
from dbbuddy.capacity.history.naming import named, unit_in
from dbbuddy.capacity.history.numerals import Numerals, numerals
from dbbuddy.capacity.history.table import table_of_file, table_of_text
from dbbuddy.capacity.metric import FACTS, Metric
from dbbuddy.capacity.units import UnitError, factor, is_known, is_rate_of_size, is_size
from dbbuddy.intake.text import decode

MOST_SERIES = 24
_PROBED = 3_000
_DATED = 0.6
_NUMERIC = 0.6
Rows = NDArray[Any]


@dataclass(frozen=True)
class Mapping:
    """Which column is what, as guessed or as a user put it right.

    `values` name one series each; `key` splits the rows into series; `unit` and `metric` overrule what names tell;
    `total` is what is allotted, where the values tell what is free.
    """

    time: str
    values: tuple[str, ...]
    key: str | None = None
    unit: str | None = None
    metric: Metric | None = None
    date_order: DateOrder | None = None
    total: float | None = None


@dataclass(frozen=True)
class Reading:
    """The histories of a table, the mapping that gave them, and what only the user can decide."""

    histories: tuple[History, ...]
    mapping: Mapping
    columns: tuple[str, ...]
    questions: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def load_file(name: str, data: bytes) -> pd.DataFrame:
    """The table in a CSV, TSV, Excel or JSON file, or in a client's output.

    Raises:
        InputError: empty, too large, or no table.
    """
    if data[:200].lstrip()[:1] in (b"{", b"["):
        return clouds.table_of_json(decode(name, data))
    return table_of_file(name, data)


def load_text(text: str) -> pd.DataFrame:
    """The table in a pasted text.

    Raises:
        HistoryError: there is none.
    """
    return clouds.table_of_json(text) if text.lstrip()[:1] in ("{", "[") else table_of_text(text)


def guess(table: pd.DataFrame) -> Mapping:
    """Which columns hold the time, the values and the key.

    Raises:
        HistoryError: no column holds dates, or none numbers.
    """
    head = _probe(table)
    columns = [str(column) for column in table.columns]
    dated = {name: dates(head[name]) for name in columns}
    time = max(columns, key=lambda name: (dated[name].share + 0.3 * _sounds_like_time(name), -columns.index(name)))
    if dated[time].share + 0.3 * _sounds_like_time(time) < _DATED:
        raise HistoryError(f"None of the columns holds dates: {_listed(columns)}. Choose or add one, such as 2026-11-30.")
    rest = [name for name in columns if name != time and not _twin(dated[name], name)]
    numeric = {name: numerals(head[name]) for name in rest}
    counted = [name for name in rest if numeric[name].share >= _NUMERIC]
    values = [name for name in counted if not _is_id(name, numeric[name])] or counted
    if not values:
        raise HistoryError(f"No column beside {time} holds numbers: {_listed(columns)}. Choose or add one with the sizes.")
    key = next((name for name in rest if name not in values and _is_key(head[name], dated[time])), None)
    exact = [name for name in values if "pretty" not in name.lower()]
    known = [name for name in exact or values if named(name) or unit_in(name)]
    chosen = tuple(known or values)[:MOST_SERIES]
    if clouds.VALUE in chosen and clouds.SERIES in columns:
        key = clouds.SERIES if table[clouds.SERIES].nunique() > 1 else key
    return Mapping(time, chosen[:1] if key else chosen, key)


def histories(table: pd.DataFrame, mapping: Mapping | None = None) -> Reading:
    """The histories in a table; the largest ones where there are many.

    Args:
        table: of texts, from `load_file` or `load_text`.
        mapping: what the user chose, guessed if left out.

    Raises:
        HistoryError: a column does not exist or holds nothing usable.
    """
    mapping = mapping or guess(table)
    columns = tuple(str(column) for column in table.columns)
    for name in (mapping.time, *mapping.values, *([mapping.key] if mapping.key else [])):
        if name not in columns:
            raise HistoryError(f"There is no column {name}. Choose among {_listed(columns)}.")
    when = dates(table[mapping.time], mapping.date_order)
    if when.share == 0:
        raise HistoryError(f"Column {mapping.time} holds no dates that can be read. Write them as 2026-11-30.")
    questions = []
    if when.ambiguous:
        questions.append(f"{mapping.time}: {table[mapping.time].iloc[0]} can be read day first or month first. Which one?")
    found = [history for name in mapping.values for history in _series_of(table, name, mapping, when)]
    if not found:
        raise HistoryError("No line holds both a date and a number. Choose the columns for date and value.")
    if any(_counts_down(history.name) for history in found) and mapping.total is None:
        questions.append("This counts free space down. Give what is allotted in all, so that what is used can be projected.")
    notes = [f"Only the {MOST_SERIES} largest of {len(found)} series are kept."] if len(found) > MOST_SERIES else []
    kept = sorted(found, key=lambda history: -abs(float(history.values[-1])))[:MOST_SERIES] if notes else found
    settled = replace(mapping, date_order=mapping.date_order or when.order)
    return Reading(tuple(kept), settled, columns, tuple(questions), tuple(notes))


def _series_of(table: pd.DataFrame, name: str, mapping: Mapping, when: Dates) -> Iterator[History]:
    """One history for each key of a value column, or one for the column."""
    numbers = numerals(table[name])
    labels = table[mapping.key].to_numpy(object) if mapping.key else None
    for label, rows in _groups(labels, len(table)):
        title = str(label) if label is not None else _label(table, name)
        units = [numbers.units[i] for i in rows] if numbers.units is not None else _column_units(table, name, rows)
        values = numbers.values[rows]
        if np.isfinite(values).any() and not np.isnat(when.times[rows]).all():
            yield _history(name, title, when, rows, values, units, mapping)


def _groups(labels: Rows | None, count: int) -> Iterator[tuple[object, Rows]]:
    """The rows of each label, all of them where there is none."""
    if labels is None:
        yield None, np.arange(count)
    else:
        for label, rows in pd.Series(np.arange(count)).groupby(labels).indices.items():
            yield label, np.asarray(rows)


def _history(
    column: str, title: str, when: Dates, rows: Rows, values: Values, units: list[str] | None, mapping: Mapping
) -> History:
    told = named(title) or named(column)
    metric: Metric = mapping.metric or (told.metric if told else _metric_of(mapping.unit or unit_in(column), units))
    source = mapping.unit or unit_in(column) or (told.unit if told and metric == told.metric else "")
    unit = FACTS[metric].unit if source and _same(source, FACTS[metric].unit) else source or FACTS[metric].unit
    if source in ("share", "%", "percent", "Percent"):
        unit = "%"
    values, unit, found = _converted(values, units, source, unit)
    if when.zones:
        found.append(adjustment("time_zone", None, "the times carry several offsets from UTC", "all are read as UTC"))
    if told and told.free and mapping.total is not None:
        values = mapping.total - values
    return from_points(when.times[rows], values, metric, unit, None, title, found)


def _metric_of(unit: str, units: list[str] | None) -> Metric:
    """What a unit alone tells."""
    known = {unit, *(units or [])} - {""}
    if known and all(is_size(name) for name in known):
        return "storage"
    return "throughput" if known and all(is_rate_of_size(name) for name in known) else "other"


def _converted(values: Values, units: list[str] | None, source: str, unit: str) -> tuple[Values, str, list[Adjustment]]:
    """All values in one unit, and what had to be converted for it."""
    named_units = sorted({unit_name for unit_name in units or [] if unit_name})
    if not named_units:
        by = factor(source, unit) if source and _same(source, unit) else 1.0
        return values * by, unit, []
    target = unit if unit and all(_same(name, unit) for name in named_units) else named_units[0]
    factors = {name: factor(name, target) if _same(name, target) else np.nan for name in named_units} | {"": 1.0}
    scaled = values * np.array([factors[name] for name in units or []])
    if len(named_units) == 1:
        return scaled, target, []
    return (
        scaled,
        target,
        [adjustment("unit", None, f"units are mixed: {', '.join(named_units)}", f"all in {target}, 1 GB = 1,024 MB")],
    )


def _column_units(table: pd.DataFrame, name: str, rows: Rows) -> list[str] | None:
    """The units that a column of its own names."""
    for column in table.columns:
        if str(column).strip().lower() in ("unit", "units", "einheit") and column != name:
            texts = [text.strip() for text in table[column].iloc[rows].tolist()]
            if any(texts) and all(not text or is_known(text) for text in texts):
                return texts
    return None


def _same(one: str, other: str) -> bool:
    try:
        factor(one, other)
    except UnitError:
        return False
    return True


def _label(table: pd.DataFrame, column: str) -> str:
    """A column's name; the series' where a cloud's answer has just one."""
    if column == clouds.VALUE and clouds.SERIES in table.columns:
        return str(table[clouds.SERIES].iloc[0]) or column
    return column


def _probe(table: pd.DataFrame) -> pd.DataFrame:
    """Some of the rows, from everywhere."""
    if len(table) <= _PROBED:
        return table
    return table.iloc[np.unique(np.linspace(0, len(table) - 1, _PROBED).astype(int))]


def _sounds_like_time(name: str) -> bool:
    return any(word in name.lower() for word in ("time", "date", "day", "datum", "month", "week", "snap", "when", "taken", "ts"))


def _twin(found: Dates, name: str) -> bool:
    """A second column of dates, such as the end of a backup."""
    return found.share >= 0.9 and _sounds_like_time(name)


def _is_id(name: str, numbers: Numerals) -> bool:
    """Snapshot and object numbers: called so, or whole numbers that go up by one."""
    plain = name.lower()
    if plain in ("id", "oid", "datid", "#", "nr", "no") or plain.endswith(("_id", " id", "snap_id", "dbid")):
        return True
    known = numbers.values[np.isfinite(numbers.values)]
    return known.size > 3 and numbers.units is None and named(name) is None and bool((np.diff(known) == 1).all())


def _is_key(column: pd.Series[str], when: Dates) -> bool:
    """Texts that tell rows of the same time apart."""
    texts = column.str.strip()
    several = texts[texts != ""].nunique()
    rows = pd.DataFrame({"when": when.times, "key": texts.to_numpy(object)})
    times = int(rows["when"].nunique())
    return 1 < several <= 500 and times < len(rows) and len(rows.drop_duplicates()) > max(times, 0.5 * len(rows))


def _counts_down(name: str) -> bool:
    told = named(name)
    return told is not None and told.free


def _listed(columns: list[str] | tuple[str, ...]) -> str:
    return ", ".join(columns[:12]) + (" …" if len(columns) > 12 else "")
