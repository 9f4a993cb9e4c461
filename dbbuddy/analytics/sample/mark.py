"""The mark of a store of sample data."""

from __future__ import annotations

from dbbuddy.analytics.queries import Reads

LABEL = "sample"
"""The kind of the annotation that marks a store as one of sample data."""


def is_sample(store: Reads) -> bool:
    """Whether the store holds sample data. Every page that shows it has to say so."""
    return bool(store.read("SELECT 1 FROM annotations WHERE kind = $1 LIMIT 1", (LABEL,)))
