"""The insights into plans of Oracle, a rule a finding."""

from __future__ import annotations

from dbbuddy.plans.insights.find import Rule
from dbbuddy.plans.insights.oracle import conversions, estimates, joins, memory, parallel, planner, scans, waits

RULES: tuple[Rule, ...] = (
    scans.scan_discards_rows,
    scans.many_blocks_per_row,
    scans.large_scan,
    scans.full_index_scan,
    scans.index_discards_rows,
    scans.row_lookup,
    scans.partitions_not_pruned,
    conversions.wrapped_columns,
    conversions.leading_wildcard,
    estimates.row_misestimate,
    estimates.default_estimate,
    estimates.estimate_only,
    estimates.never_executed,
    joins.cartesian_product,
    joins.join_without_index,
    joins.nested_loop_explosion,
    joins.correlated_subquery,
    joins.rebuilt_intermediate,
    joins.buffered_rows,
    memory.spills,
    parallel.broadcast,
    parallel.serial_part,
    parallel.servers_missing,
    parallel.server_skew,
    parallel.repeated_coordinator,
    parallel.forced_serial,
    waits.dominant_node,
    waits.cold_cache,
    waits.lock_wait,
    waits.remote_rows,
    waits.storage_without_offload,
    planner.plan_notes,
    planner.missing_statistics,
    planner.unused_hints,
)
