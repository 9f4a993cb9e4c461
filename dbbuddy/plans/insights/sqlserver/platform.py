"""Whether a plan is from Azure SQL, and what is set elsewhere there: it has no server-level settings."""

from __future__ import annotations

from dbbuddy.plans.model import Plan

_AZURE_BUILD = "12.0.2000"
_SQL_2014 = 1.2
"""Showplan version of SQL Server 2014, whose first release has the same build number as Azure SQL."""

_ADVICE = {
    "memory": (
        "If many statements need such grants, cap them with Resource Governor (REQUEST_MAX_MEMORY_GRANT_PERCENT) or the hint "
        "OPTION (MAX_GRANT_PERCENT = 10).",
        "Azure SQL grants memory by the service objective: cap this statement with OPTION (MAX_GRANT_PERCENT = 10) before you pay "
        "for a larger one.",
    ),
    "tempdb": (
        "Check that tempdb has several files of equal size on fast storage.",
        "In Azure SQL tempdb grows with the service objective and cannot be configured.",
    ),
    "parallelism": (
        "Server-wide limits are 'max degree of parallelism' and 'cost threshold for parallelism' (sp_configure).",
        "In Azure SQL the limit is set per database: ALTER DATABASE SCOPED CONFIGURATION SET MAXDOP; there is no sp_configure.",
    ),
    "storage": (
        "If the table is small enough for memory, look at 'max server memory' and at the latency in sys.dm_io_virtual_file_stats.",
        "In Azure SQL memory and I/O come with the service objective: look at avg_data_io_percent in sys.dm_db_resource_stats.",
    ),
}


def is_azure(plan: Plan) -> bool:
    """Azure SQL always says build 12.0.2000; SQL Server 2014 RTM does too, but with the showplan version of 2014."""
    build = plan.details.get("Showplan")
    if not isinstance(build, dict) or not str(build.get("Build", "")).startswith(_AZURE_BUILD):
        return False
    try:
        return float(build.get("Version", 0)) > _SQL_2014
    except ValueError:
        return False


def advice_for(plan: Plan, topic: str) -> str:
    """The sentence on server-side settings that fits where the plan is from."""
    return _ADVICE[topic][is_azure(plan)]
