"""Rules for MySQL and MariaDB.

- `scans.py`: how tables are read; `joins.py`; `estimates.py`; `memory.py`: sorts, temporary and derived tables
- `subqueries.py`; `planner.py`: paging, planning, disk, locks, notes
- `access.py`: the tables of a plan in one shape for all its formats; `conditions.py`: what a condition asks of columns
- `facts.py`: shares of the work, severities, names for SQL
"""

from __future__ import annotations

from dbbuddy.plans.insights.find import Rule
from dbbuddy.plans.insights.mysql import estimates, joins, memory, planner, scans, subqueries

RULES: tuple[Rule, ...] = (
    scans.scan_discards_rows,
    scans.large_scan,
    scans.full_index_scan,
    scans.index_discards_rows,
    scans.several_indexes_combined,
    scans.hindered_index,
    scans.converted_by_warning,
    scans.partitions_not_pruned,
    joins.join_without_index,
    joins.cartesian_product,
    joins.nested_loop_explosion,
    joins.join_discards_rows,
    estimates.row_misestimate,
    estimates.estimate_only,
    memory.sort_spills,
    memory.avoidable_sort,
    memory.temporary_table,
    memory.derived_table,
    subqueries.correlated_subquery,
    subqueries.cache_misses,
    subqueries.rebuilt_intermediate,
    subqueries.not_in_subquery,
    subqueries.recursion_runaway,
    planner.deep_offset,
    planner.planning_time,
    planner.cold_cache,
    planner.useless_rowid_filter,
    planner.locks_rows_read,
    planner.empty_result,
    planner.never_executed,
    planner.dominant_node,
)
