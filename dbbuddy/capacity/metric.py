"""What is measured: the metrics, how a day's samples become one figure, and what their values can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Metric = Literal[
    "storage",
    "rows",
    "cpu",
    "memory",
    "iops",
    "throughput",
    "connections",
    "transactions",
    "log_rate",
    "sequence",
    "transaction_id_age",
    "other",
]
METRICS: tuple[Metric, ...] = get_args(Metric)
Kind = Literal["cumulative", "level"]
Aggregate = Literal["max", "p95", "last", "mean"]


@dataclass(frozen=True)
class MetricFacts:
    """A metric's own unit; whether it piles up or goes up and down; which of a day's samples counts.

    For capacity the peak of a day counts, not its mean; of what piles up, the last value.
    """

    title: str
    unit: str
    kind: Kind | None
    aggregate: Aggregate


FACTS: dict[Metric, MetricFacts] = {
    "storage": MetricFacts("Storage", "GB", "cumulative", "last"),
    "rows": MetricFacts("Rows", "rows", "cumulative", "last"),
    "cpu": MetricFacts("CPU", "%", "level", "p95"),
    "memory": MetricFacts("Memory", "GB", "level", "max"),
    "iops": MetricFacts("IOPS", "IOPS", "level", "p95"),
    "throughput": MetricFacts("Throughput", "MB/s", "level", "p95"),
    "connections": MetricFacts("Connections", "connections", "level", "max"),
    "transactions": MetricFacts("Transactions", "tps", "level", "p95"),
    "log_rate": MetricFacts("Log rate", "MB/s", "level", "p95"),
    "sequence": MetricFacts("Key or sequence value", "values", "cumulative", "last"),
    "transaction_id_age": MetricFacts("Transaction id age", "transactions", "level", "max"),
    "other": MetricFacts("Value", "", None, "last"),
}
