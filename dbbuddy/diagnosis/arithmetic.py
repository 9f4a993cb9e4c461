"""Sums over the numbers that the user gave, shown with their working."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dbbuddy.context import SystemContext
from dbbuddy.intake.numbers import Facts

# Bytes a row takes besides its columns. PostgreSQL: 23-byte tuple header padded to 24 plus a 4-byte line pointer
# (manual, "Database Page Layout"). InnoDB: 5-byte record header, 6-byte transaction id, 7-byte roll pointer
# (MySQL manual, "InnoDB Row Formats"). SQL Server: 4-byte row header, 3 or more bytes of null bitmap, 2-byte slot
# (documentation, "Estimate the Size of a Heap"). Oracle: 3-byte row header plus a length byte a column, about 10.
_ROW_OVERHEAD = {"postgresql": 28, "mysql": 18, "mariadb": 18, "sqlserver": 9, "oracle": 10}
# Bytes of one entry of an index over one or two fixed-width columns, with the page's free space.
_INDEX_ENTRY = 24
_SPARE = 1.3

# What multiplies a pool, from the whole to the part.
_MULTIPLIERS = (("services", "services"), ("instances", "instances"), ("processes", "processes each"), ("pools", "pools each"))

Calculation = Callable[[Facts, SystemContext], list[str]]


def connection_demand(facts: Facts, context: SystemContext) -> list[str]:
    """Pool size x processes x instances, against the limit if it is known."""
    pool = facts.get("pool_size") or facts.get("threads")
    factors = [(facts.get(fact), name) for fact, name in _MULTIPLIERS]
    known = [(number, name) for number, name in factors if number]
    if not pool or not known:
        return []
    total = pool
    for number, _ in known:
        total *= number
    each = f"a pool of {pool:,.0f}" if facts.get("pool_size") else f"{pool:,.0f} threads with a connection each"
    working = " × ".join([*(f"{number:,.0f} {name}" for number, name in known), each])
    limit = facts.get("max_connections")
    lines = [f"{working} = **{total:,.0f} connections** at full load" + (_against(total, limit) if limit else ".")]
    clients = total / pool
    if limit and total > limit * 0.8:
        share = max(int(limit * 0.8 / clients), 1)
        lines.append(f"80 % of {limit:,.0f} over {clients:,.0f} pools leaves **{share:,} connections per pool**.")
    elif total > 100:
        lines.append(
            f"With fewer, 2 to 5 connections per pool, the same {clients:,.0f} pools open {clients * 2:,.0f} to {clients * 5:,.0f}."
        )
    return lines


def _against(total: float, limit: float) -> str:
    verdict = f"over by {total - limit:,.0f}" if total > limit else f"{total / limit:.0%} of it"
    return f", against max_connections = {limit:,.0f} ({verdict})."


def pool_sizing(facts: Facts, context: SystemContext) -> list[str]:
    """Connections that the database's cores can work on at once."""
    cores = facts.get("cores")
    if not cores:
        return []
    return [
        f"{cores:,.0f} cores × 2 + 1 ≈ **{cores * 2 + 1:,.0f} active connections** in all is where throughput peaks; "
        "more of them only queue."
    ]


def row_rate(facts: Facts, context: SystemContext) -> list[str]:
    """Rows a second as rows a day and a year."""
    rate = facts.get("rows_per_second")
    if not rate:
        return []
    day = rate * 86_400
    return [f"{rate:,.0f} rows a second = **{day:,.0f} rows per day** = {day * 30:,.0f} in 30 days = {day * 365:,.0f} a year."]


def storage_growth(facts: Facts, context: SystemContext) -> list[str]:
    """Disk for the stated rate, row size and time; with overhead, indexes and head-room named one by one."""
    rate, row_bytes = facts.get("rows_per_second"), facts.get("row_bytes")
    lines = row_rate(facts, context)
    if not rate or not row_bytes:
        return lines
    overhead = _ROW_OVERHEAD.get(context.engine or "", 20)
    indexes = facts.get("indexes") or 1
    per_row = row_bytes + overhead + indexes * _INDEX_ENTRY
    months = facts.get("months") or 12
    day = rate * 86_400 * per_row
    total = day * 30.4 * months
    lines.append(
        f"A row takes {row_bytes:,.0f} B + {overhead} B overhead + "
        f"{indexes:,.0f} index(es) × about {_INDEX_ENTRY} B = {per_row:,.0f} B, "
        f"so **{_size(day)} per day** and **{_size(total)} in {months:,.0f} months**."
    )
    lines.append(
        f"With 30 % head-room for bloat, maintenance and log: **plan {_size(total * _SPARE)}**, replicas and backups extra."
    )
    return lines


def memory_budget(facts: Facts, context: SystemContext) -> list[str]:
    """Memory that idle connections alone hold, at about 10 MB a session."""
    limit = facts.get("max_connections")
    return [f"{limit:,.0f} sessions × about 10 MB = {_size(limit * 10e6)} for the sessions alone."] if limit else []


# Named in a playbook's calculations, but worked out from a pasted query, not from numbers.
INDEX_FOR_QUERY = "index_for_query"

CALCULATIONS: dict[str, Calculation] = {
    "connection_demand": connection_demand,
    "pool_sizing": pool_sizing,
    "row_rate": row_rate,
    "storage_growth": storage_growth,
    "memory_budget": memory_budget,
}


def calculate(names: Iterable[str], facts: Facts, context: SystemContext) -> tuple[str, ...]:
    """The lines of the named calculations for which the text gives the numbers, each once."""
    lines = [line for name in names if name != INDEX_FOR_QUERY for line in CALCULATIONS[name](facts, context)]
    return tuple(dict.fromkeys(lines))


def _size(number: float) -> str:
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if number >= factor:
            return f"{number / factor:,.1f} {unit}"
    return f"{number / 1e3:,.0f} kB"
