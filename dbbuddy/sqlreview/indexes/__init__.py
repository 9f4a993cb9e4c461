"""Index advice for the four engines: what the statements ask for, merged, beside what is there already."""

from dbbuddy.sqlreview.indexes.advise import advise
from dbbuddy.sqlreview.indexes.existing import superfluous, unindexed_foreign_keys
from dbbuddy.sqlreview.indexes.model import Advised, ExistingIndex, IndexAdvice, WriteCost
from dbbuddy.sqlreview.indexes.stats import Overrides, apply_stats

__all__ = [
    "Advised",
    "ExistingIndex",
    "IndexAdvice",
    "Overrides",
    "WriteCost",
    "advise",
    "apply_stats",
    "superfluous",
    "unindexed_foreign_keys",
]
