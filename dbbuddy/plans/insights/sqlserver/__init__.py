"""Insights into plans of SQL Server and Azure SQL.

Sources of the thresholds: PerformanceStudio (erikdarlingdata, MIT; its rule numbers stand in the docstrings), sp_BlitzCache
(First Responder Kit) and the warnings of showplan XML itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver import conversions, estimates, functions, joins, memory, paging, parallel, scans, statement
from dbbuddy.plans.insights.view import PlanView

Rule = Callable[[PlanView], Iterable[Found]]

TOPICS: tuple[Rule, ...] = (
    scans.late_filter,
    scans.scans,
    scans.bare_scans,
    scans.row_lookups,
    scans.index_spools,
    scans.missing_indexes,
    conversions.not_sargable,
    conversions.converted_plans,
    conversions.mismatched_types,
    estimates.row_misestimates,
    estimates.default_estimates,
    estimates.missing_statistics,
    estimates.stale_statistics,
    estimates.unseen_values,
    estimates.parameter_sniffing,
    estimates.estimate_only,
    joins.nested_loops,
    joins.missing_conditions,
    joins.merges,
    joins.or_in_joins,
    joins.not_in,
    joins.lazy_spools,
    joins.remote_queries,
    memory.memory_grants,
    memory.grant_waits,
    memory.spills,
    parallel.serial_plans,
    parallel.thread_skew,
    parallel.few_threads,
    functions.scalar_functions,
    functions.table_functions,
    functions.table_variables,
    statement.compile_cost,
    statement.gave_up,
    statement.cursors,
    paging.tops,
    paging.missed_row_goals,
    statement.waits,
    statement.writes,
    statement.row_mode_columnstores,
    statement.unmatched_indexes,
    statement.notes,
)


def all_topics(view: PlanView) -> Iterator[Found]:
    """Every rule's findings, and then the costly operators that none of them explains."""
    explained: set[int] = set()
    for rule in TOPICS:
        for found in rule(view):
            if found.node is not None:
                explained.add(id(found.node))
            yield found
    yield from statement.dominant(view, explained)


RULES: tuple[Rule, ...] = (all_topics,)
