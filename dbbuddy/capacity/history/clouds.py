"""Answers of the clouds' monitoring tools, as JSON: CloudWatch, Azure Monitor, Cloud Monitoring, Prometheus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from dbbuddy.capacity.history.model import HistoryError

TIME, VALUE, SERIES, UNIT = "time", "value", "series", "unit"
_STATISTICS = ("Maximum", "maximum", "Average", "average", "Sum", "total", "Minimum", "minimum", "SampleCount", "count")
_Row = tuple[str, str, str, str]


def table_of_json(text: str) -> pd.DataFrame:
    """Columns time, value, series and unit.

    Raises:
        HistoryError: it is no JSON, or holds no points.
    """
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        raise HistoryError("This looks like JSON and cannot be read as such. Paste the whole answer of the command.") from None
    rows = list(_rows(answer))
    if not rows:
        raise HistoryError("This JSON holds no dated values. Paste the answer of one of the commands shown, or a CSV.")
    return pd.DataFrame(rows, columns=[TIME, VALUE, SERIES, UNIT], dtype=object)


def _rows(answer: Any) -> Iterator[_Row]:
    if isinstance(answer, dict):
        for key, read in (
            ("Datapoints", _datapoints),
            ("MetricDataResults", _metric_data),
            ("value", _azure),
            ("timeSeries", _google),
            ("data", _prometheus),
        ):
            if isinstance(answer.get(key), list | dict):
                yield from read(answer)
                return
    elif isinstance(answer, list) and answer:
        if isinstance(answer[0], dict) and "points" in answer[0]:
            yield from _google({"timeSeries": answer})
        elif isinstance(answer[0], list):
            yield from ((str(row[0]), _text(row[1]), "", "") for row in answer if isinstance(row, list) and len(row) == 2)
        else:
            yield from _objects(answer)


def _datapoints(answer: dict[str, Any]) -> Iterator[_Row]:
    """Aws cloudwatch get-metric-statistics."""
    for point in _dicts(answer["Datapoints"]):
        statistic = next((name for name in _STATISTICS if name in point), None)
        if statistic:
            yield str(point.get("Timestamp", "")), _text(point[statistic]), str(answer.get("Label", "")), _unit(point.get("Unit"))


def _metric_data(answer: dict[str, Any]) -> Iterator[_Row]:
    """Aws cloudwatch get-metric-data."""
    for result in _dicts(answer["MetricDataResults"]):
        label = str(result.get("Label") or result.get("Id", ""))
        times, values = result.get("Timestamps"), result.get("Values")
        if isinstance(times, list) and isinstance(values, list):
            yield from ((str(t), _text(v), label, "") for t, v in zip(times, values, strict=False))


def _azure(answer: dict[str, Any]) -> Iterator[_Row]:
    """Az monitor metrics list."""
    for metric in _dicts(answer["value"]):
        name = metric.get("name")
        label = str(name.get("value", "")) if isinstance(name, dict) else str(name or "")
        for series in _dicts(metric.get("timeseries")):
            for point in _dicts(series.get("data")):
                statistic = next((s for s in _STATISTICS if point.get(s) is not None), None)
                if statistic:
                    yield str(point.get("timeStamp", "")), _text(point[statistic]), label, _unit(metric.get("unit"))


def _google(answer: dict[str, Any]) -> Iterator[_Row]:
    """The Cloud Monitoring API's projects.timeSeries.list."""
    for series in _dicts(answer["timeSeries"]):
        metric, resource = series.get("metric"), series.get("resource")
        label = str(metric.get("type", "")) if isinstance(metric, dict) else ""
        labels = resource.get("labels") if isinstance(resource, dict) else None
        place = str(labels.get("database_id", "")) if isinstance(labels, dict) else ""
        for point in _dicts(series.get("points")):
            interval, value = point.get("interval"), point.get("value")
            if isinstance(interval, dict) and isinstance(value, dict) and value:
                yield (
                    str(interval.get("endTime", "")),
                    _text(next(iter(value.values()))),
                    f"{label} {place}".strip(),
                    _unit(series.get("unit")),
                )


def _prometheus(answer: dict[str, Any]) -> Iterator[_Row]:
    """Prometheus' query_range."""
    data = answer["data"]
    for result in _dicts(data.get("result") if isinstance(data, dict) else None):
        metric = result.get("metric")
        label = " ".join(str(value) for value in metric.values()) if isinstance(metric, dict) else ""
        values = result.get("values")
        for point in values if isinstance(values, list) else []:
            if isinstance(point, list) and len(point) == 2:
                yield str(point[0]), _text(point[1]), label, ""


def _objects(rows: list[Any]) -> Iterator[_Row]:
    """A list of flat objects: the first dated key and the first number."""
    for row in _dicts(rows):
        keys = [str(key) for key in row]
        time = next((key for key in keys if any(word in key.lower() for word in ("time", "date", "day", "month"))), None)
        value = next((key for key in keys if key != time and isinstance(row[key], int | float)), None)
        if time and value:
            yield str(row[time]), _text(row[value]), value, ""


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else ""


def _unit(value: Any) -> str:
    """CloudWatch's `Gigabytes`, `Count/Second` and `None`, Azure's `Bytes` and `Percent`, Google's `By`."""
    plain = str(value or "")
    return {"None": "", "Count": "", "Unspecified": "", "By": "B", "1": "", "10^2.%": "share"}.get(plain, plain)
