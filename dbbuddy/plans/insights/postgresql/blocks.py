"""Rules about input and output: caches, bloat, writes, storage, remote rows, locks."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.facts import (
    BLOCK_BYTES,
    MATTERS,
    basis,
    count,
    given,
    kilobytes,
    loops,
    milliseconds,
    number,
    own_blocks,
    percent,
    portion,
    quoted,
    removed,
    severity,
    table,
    text,
    title,
)
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

_READ_TIMES = ("I/O Read Time", "Shared I/O Read Time")


def _read_ms(node: PlanNode) -> float:
    """Time of reading shared blocks, under its name before version 17 or since."""
    return sum(number(node, key) for key in _READ_TIMES)


def cold_cache(view: PlanView, *, blocks: float = 1000, missed: float = 0.5, io_share: float = 0.25) -> Iterator[Found]:
    """Most blocks came from outside the cache, and reading them took a quarter of the time, or is slow by itself.

    1 ms for a block of 8 kB (8 MB/s) is what a disk that seeks, or throttled cloud storage, needs; flash takes a tenth of it.
    """
    root = view.plan.root
    hit, read, spent = number(root, "Shared Hit Blocks"), number(root, "Shared Read Blocks"), _read_ms(root)
    if not view.ran or read == 0:
        return
    share = min(1.0, spent / view.total_ms) if view.measured and spent else None
    node = max(view.nodes, key=lambda one: own_blocks(one, "Shared Read Blocks"))
    size = read * BLOCK_BYTES / 1024
    said = [f"Buffers: shared hit={count(hit)} read={count(read)} ({kilobytes(size)})"]
    if spent:
        said.append(f"I/O Timings: shared read={milliseconds(spent)}, {size / 1024 / (spent / 1000):,.0f} MB/s")
    said.append(f"most of it in {title(node)}: read={count(own_blocks(node, 'Shared Read Blocks'))}")
    values = {
        "read": kilobytes(size),
        "missed": percent(read / (hit + read)),
        "rate": f"{size / 1024 / (spent / 1000):,.0f}" if spent else "",
    }
    if spent and read >= 100 and spent / read >= 1.0 and (share or 0.0) >= 0.1:
        yield Found("slow-storage", node, tuple(said), share, severity(view, share), values=values)
    elif read >= blocks and read >= missed * (hit + read) and (share is None or share >= io_share):
        quick = bool(spent) and spent / read < 0.05
        yield Found("cold-cache", node, tuple(said), share, severity(view, share, "low" if quick else "high"), values=values)


def many_blocks_per_row(view: PlanView, *, blocks: float = 1000, per_row: float = 2, per_index_row: float = 10) -> Iterator[Found]:
    """More blocks than rows. A row of a table lies in one block; one found by an index takes a few more to descend to it."""
    for node in view.of_type("Seq Scan", "Index Scan", "Index Only Scan"):
        if not view.ran or view.share(node) < MATTERS:
            continue
        rows = given(node) + removed(node)
        touched = own_blocks(node, "Shared Hit Blocks", "Shared Read Blocks")
        if node.type == "Seq Scan":
            bloated = touched >= per_row * max(1.0, rows)
        else:
            searches = max(loops(node), number(node, "Index Searches"))
            bloated = touched >= per_index_row * (rows + searches + number(node, "Rows Removed by Index Recheck") * loops(node))
        if touched < blocks or not bloated:
            continue
        share = view.share(node) * max(0.0, 1 - (rows + loops(node)) / touched)
        said = (
            f"{title(node)}: {count(touched)} blocks ({kilobytes(touched * BLOCK_BYTES / 1024)}) for {count(rows)} rows",
            portion(view, view.share(node)),
        )
        sql = f"VACUUM (VERBOSE, ANALYZE) {table(node)};"
        if node.index:
            sql += f"\nREINDEX INDEX CONCURRENTLY {_index(node)};"
        values = {"table": node.relation or "", "blocks": count(touched), "rows": count(rows)}
        yield Found("many-blocks-per-row", node, said, share, severity(view, share, "high"), values=values, sql=sql)


def _index(node: PlanNode) -> str:
    schema = f"{quoted(node.schema)}." if node.schema and node.schema != "public" else ""
    return schema + quoted(node.index or "")


def _writes(view: PlanView) -> bool:
    return bool(view.of_type("ModifyTable", "LockRows"))


def writes_in_select(view: PlanView, *, blocks: float = 100) -> Iterator[Found]:
    """A query that changes no row and still dirties or writes blocks: hint bits, pruning, or no clean buffer to be had."""
    if not view.ran or _writes(view):
        return
    root = view.plan.root
    dirtied, written = number(root, "Shared Dirtied Blocks"), number(root, "Shared Written Blocks")
    if dirtied + written < blocks:
        return
    node = max(view.nodes, key=lambda one: own_blocks(one, "Shared Dirtied Blocks", "Shared Written Blocks"))
    said = (f"Buffers: shared dirtied={count(dirtied)} written={count(written)}", f"most of it in {title(node)}")
    sql = f"VACUUM {table(node)};" if node.relation and node.type != "Foreign Scan" else ""
    yield Found("writes-in-select", node, said, None, "low", values={"dirtied": count(dirtied), "written": count(written)}, sql=sql)


def full_page_images(view: PlanView, *, images: float = 100, part: float = 0.5) -> Iterator[Found]:
    """Over half of the WAL that the statement wrote is images of whole pages, as after each checkpoint."""
    root = view.plan.root
    made, size = number(root, "WAL FPI"), number(root, "WAL Bytes")
    if made < images or size == 0 or made * BLOCK_BYTES < part * size:
        return
    said = (f"WAL: records={count(number(root, 'WAL Records'))} fpi={count(made)} bytes={count(size)}",)
    yield Found("full-page-images", root, said, None, "low", values={"images": count(made), "size": kilobytes(size / 1024)})


def repeated_index_searches(
    view: PlanView, *, times: float = 10, searches: float = 100, searches_of_list: float = 1000
) -> Iterator[Found]:
    """An index descended many times in each loop: a skip over a leading column, or a list of values (from version 18 on)."""
    for node in view.of_type("Index Scan", "Index Only Scan", "Bitmap Index Scan"):
        made = number(node, "Index Searches")
        listed = "ANY (" in text(node, "Index Cond")
        if made < (searches_of_list if listed else searches) or made < times * max(1.0, loops(node)) or view.share(node) < MATTERS:
            continue
        share = view.share(node)
        said = (
            f"{title(node)}: Index Searches: {count(made)}, loops={count(loops(node))}",
            f"Index Cond: {text(node, 'Index Cond')}",
            portion(view, share),
        )
        values = {"index": node.index or "", "searches": count(made), "remedy": _LIST if listed else _SKIP}
        yield Found("repeated-index-searches", node, said, share, severity(view, share, "medium"), values=values)


_LIST = "Join with the list as a table, `JOIN unnest(ARRAY[..]) AS wanted(id) ON ..`, so that a hash join can be chosen."
_SKIP = "Make an index that begins with the columns of the condition, so that one search finds all."


def remote_rows(view: PlanView, *, rows: float = 1000, share: float = 0.1) -> Iterator[Found]:
    """A foreign table whose rows were fetched to be filtered here."""
    for node in view.of_type("Foreign Scan"):
        gone = removed(node)
        if not text(node, "Filter") or view.share(node) < share:
            continue
        if view.ran and (gone < rows or gone < given(node)):
            continue
        saved = view.share(node) * (gone / (gone + given(node)) if view.ran else 1.0)
        remote = text(node, "Remote SQL")
        said = [f"{title(node)}: Filter: {text(node, 'Filter')}"]
        if remote:
            said.append(f"Remote SQL: {remote[:300]}")
        if view.ran:
            said.append(f"Rows Removed by Filter: {count(number(node, 'Rows Removed by Filter'))}")
        yield Found(
            "remote-rows", node, (*said, portion(view, view.share(node))), saved, severity(view, saved), basis(view),
            {"table": node.relation or "", "filter": text(node, "Filter")}, _analyze(node) if view.ran else "",
        )  # fmt: skip


def _analyze(node: PlanNode) -> str:
    return f"ANALYZE {table(node)};"


def lock_wait(view: PlanView, *, per_row_ms: float = 1.0, least_ms: float = 100, share: float = 0.25) -> Iterator[Found]:
    """Locking took over 1 ms for each row, a hundred times what it takes without a wait."""
    for node in view.of_type("LockRows"):
        own = node.self_ms or 0.0
        if own < least_ms or own < per_row_ms * max(1.0, given(node)) or view.share(node) < share:
            continue
        said = (f"{title(node)}: {milliseconds(own)} itself for {count(given(node))} rows", portion(view, view.share(node)))
        yield Found("lock-wait", node, said, view.share(node), severity(view, view.share(node)), values={"time": milliseconds(own)})
