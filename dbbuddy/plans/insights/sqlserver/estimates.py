"""Where the row estimates go wrong, and why."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.facts import (
    amount,
    at_most,
    counted,
    did_run,
    found,
    is_join,
    is_lookup,
    is_scan,
    named,
    node_warnings,
    operation,
    percent,
    plan_warnings,
    predicate,
    predicate_text,
    receivers,
    rows_read,
    rows_total,
    shortened,
    spill_warnings,
    statement_code,
    table,
)
from dbbuddy.plans.insights.sqlserver.names import quoted, table_name
from dbbuddy.plans.insights.view import PlanView, misestimate
from dbbuddy.plans.model import PlanNode


def row_misestimates(view: PlanView, *, factor: float = 10, empty_rows: float = 100, scan_share: float = 0.5) -> Iterator[Found]:
    """Estimates ten times off that did harm (PerformanceStudio rules 5 and 32), at the operator where they start.

    Harm: the operator or one it feeds spilled, or a join was chosen for the wrong number of rows. A scan that takes half of
    the time for under a tenth of the rows it was expected to give counts too (rule 32). An operator whose input is off by
    the same factor only passes the error on.
    """
    for node in view.nodes:
        ratio = misestimate(node)
        if ratio is None or 1 / factor < ratio < factor or is_lookup(node):
            continue
        if _starts_below(node, ratio, factor):
            continue
        harm = _harm(view, node, ratio, empty_rows) or _costly_scan(view, node, scan_share)
        if harm is None:
            continue
        off = max(ratio, 1 / ratio)
        actual = (node.rows_actual or 0.0) * node.loops_per_estimate
        reached = (node, *receivers(view, node)) if ratio > 1 else (node,)
        affected = max(map(view.share_below, reached))
        yield found(
            view,
            "row-misestimate",
            node,
            [
                f"{named(node)}: {counted(node.rows_estimated or 0)} rows estimated, "
                f"{counted(actual)} came, {counted(off)} times {'more' if ratio > 1 else 'fewer'}",
                harm,
                f"Predicate: {shortened(predicate_text(node))}" if predicate_text(node) else "",
            ],
            affected,
            at_most("critical" if ratio > 1 else "high", affected),
            sql=f"UPDATE STATISTICS {table(node)} WITH FULLSCAN;" if _has_statistics(node) else "",
            estimated=counted(node.rows_estimated or 0),
            actual=counted(actual),
            harm=harm,
        )


def _has_statistics(node: PlanNode) -> bool:
    return node.relation is not None and not node.relation.startswith("@") and "function" not in node.type.lower()


def _starts_below(node: PlanNode, ratio: float, factor: float) -> bool:
    """Whether an input is off in the same direction, and this operator makes it no `factor` worse."""
    for child in node.children:
        below = child
        while misestimate(below) is None and len(below.children) == 1:
            below = below.children[0]
        inner = misestimate(below)
        if inner is None or is_lookup(below):
            continue
        if (ratio >= factor and inner >= factor and ratio < inner * factor) or (
            ratio <= 1 / factor and inner <= 1 / factor and ratio > inner / factor
        ):
            return True
    return False


def _harm(view: PlanView, node: PlanNode, ratio: float, empty_rows: float) -> str | None:
    above = view.parent(node)
    if above is None:
        return None
    if not node.rows_actual:
        allocates = node.type.startswith(("Hash", "Sort")) or node.type.endswith("Spool")
        if allocates and (node.rows_estimated or 0.0) >= empty_rows:
            return "memory was set aside for rows that never came"
        if node.rows_actual == 0:
            return None
    if spill_warnings(node):
        return "it spilled: its memory was sized by the estimate"
    if "Sort" in node.type or "Hash" in node.type:
        return None
    if is_join(node):
        return None if node.type == "Adaptive Join" else "the join was chosen for the estimate"
    for receiver in receivers(view, node):
        if is_join(receiver):
            return None if receiver.type == "Adaptive Join" else f"{receiver.type} above it was chosen for the estimate"
        if spill_warnings(receiver):
            return f"{receiver.type} above it spilled"
    return None


def _costly_scan(view: PlanView, node: PlanNode, scan_share: float) -> str | None:
    """PerformanceStudio rule 32: half of the plan, ten times overestimated, under 10 % of the rows read kept."""
    if not is_scan(node) or view.share(node) < scan_share or not rows_read(node):
        return None
    kept = rows_total(node) / rows_read(node)
    over = (node.rows_estimated or 0.0) >= 10 * max(1.0, rows_total(node))
    return f"a scan was chosen although only {percent(kept)} of the rows were needed" if over and kept < 0.1 else None


_GUESSES = (
    (0.29, 0.31, "30 %, the guess for an inequality"),
    (0.155, 0.175, "16.4 %, the guess for two inequalities"),
    (0.098, 0.102, "10 %, the guess for a comparison of two columns"),
    (0.088, 0.092, "9 %, the guess for BETWEEN or LIKE"),
    (0.009, 0.011, "1 %, the guess for several conditions"),
)


def default_estimates(view: PlanView, *, min_rows: float = 100_000, min_share: float = 0.5) -> Iterator[Found]:
    """A scan whose estimate is a fixed share of the table (PerformanceStudio rule 33), and guesses that the engine admits."""
    for node in view.nodes:
        if any(warning["Warning"] == "SpatialGuess" for warning in node_warnings(node)):
            yield found(
                view, "default-estimate", node, ["Warning: SpatialGuess"], severity="low", guess="a guess for a spatial index"
            )
        rows, whole = node.rows_estimated or 0.0, amount(node, "TableCardinality")
        if did_run(node) is not None or not is_scan(node) or not predicate_text(node) or whole < min_rows:
            continue
        guess = next((text for low, high, text in _GUESSES if low <= rows / whole <= high), None)
        if guess is not None and view.share(node) >= min_share:
            columns = list(dict.fromkeys(predicate(view, node).columns()))
            yield found(
                view,
                "default-estimate",
                node,
                [f"{counted(rows)} of {counted(whole)} rows estimated: {guess}", f"Predicate: {shortened(predicate_text(node))}"],
                view.share(node),
                "medium",
                sql=_create_statistics(node.schema, node.relation or "", columns[:1]),
                guess=guess,
            )


def missing_statistics(view: PlanView) -> Iterator[Found]:
    """`ColumnsWithNoStatistics`: the estimate is made without knowing the column."""
    for node, warning in _told(view, "ColumnsWithNoStatistics"):
        columns = _columns_of(warning)
        schema, relation = (node.schema, node.relation) if node is not None else (None, None)
        yield found(
            view,
            "missing-statistics",
            node,
            [f"ColumnsWithNoStatistics: {shortened(str(warning.get('Columns', '')))}"],
            severity="medium",
            sql=_create_statistics(schema, relation or "", columns) if relation else "",
            columns=", ".join(map(quoted, columns)) or "some columns",
        )


def stale_statistics(view: PlanView, *, modifications: float = 100_000, factor: float = 10) -> Iterator[Found]:
    """`ColumnsWithStaleStatistics`, or statistics with over 100,000 changes since (sp_BlitzCache) below a misestimate."""
    for node, warning in _told(view, "ColumnsWithStaleStatistics"):
        yield found(
            view,
            "stale-statistics",
            node,
            [f"ColumnsWithStaleStatistics: {shortened(str(warning.get('Columns', '')))}"],
            severity="medium",
            sql=f"UPDATE STATISTICS {table(node)};" if node is not None and node.relation else "EXEC sp_updatestats;",
            statistics="its statistics",
        )
    used = [entry for entry in view.plan.details.get("OptimizerStatsUsage", ()) if isinstance(entry, dict)]
    changed = [entry for entry in used if amount(entry, "ModificationCount") > modifications]
    if not changed:
        return
    off = {node.relation for node in view.nodes if node.relation and not 1 / factor < (misestimate(node) or 1.0) < factor}
    reader = {node.relation: node for node in reversed(view.nodes)}
    for entry in changed:
        relation, schema = _bare(entry, "Table"), _bare(entry, "Schema")
        if view.ran and relation not in off:
            continue
        yield found(
            view,
            "stale-statistics",
            reader.get(relation),
            [
                f"ModificationCount {amount(entry, 'ModificationCount'):,.0f} since {entry.get('LastUpdate', '?')} in "
                f"{_bare(entry, 'Statistics')} of {relation}, sampled {amount(entry, 'SamplingPercent'):.3g} %"
            ],
            severity="medium",
            sql=f"UPDATE STATISTICS {table_name(schema, relation)};",
            statistics=_bare(entry, "Statistics"),
        )


def _bare(entry: dict[str, object], name: str) -> str:
    return str(entry.get(name, "")).strip("[]")


def _told(view: PlanView, name: str) -> Iterator[tuple[PlanNode | None, dict[str, object]]]:
    for warning in plan_warnings(view.plan):
        if warning["Warning"] == name:
            yield None, warning
    for node in view.nodes:
        for warning in node_warnings(node):
            if warning["Warning"] == name:
                yield node, warning


def _columns_of(warning: dict[str, object]) -> list[str]:
    return [part.rpartition("[")[2].rstrip("]") for part in str(warning.get("Columns", "")).split(", ") if part]


def _create_statistics(schema: str | None, relation: str, columns: list[str]) -> str:
    if not relation or not columns or relation.startswith("@"):
        return ""
    name = quoted("_".join(["ST", relation.lstrip("#"), *columns])[:128])
    return f"CREATE STATISTICS {name} ON {table_name(schema, relation)} ({', '.join(map(quoted, columns))});"


def unseen_values(view: PlanView, *, min_cost: float = 1) -> Iterator[Found]:
    """Local variables without RECOMPILE and OPTIMIZE FOR UNKNOWN (PerformanceStudio rules 20 and 27), from cost 1 on."""
    code = statement_code(view.plan)
    if "OPTIMIZE" in code and "UNKNOWN" in code.split("OPTIMIZE", 1)[1]:
        yield found(view, "local-variables", None, ["OPTIMIZE FOR UNKNOWN"], severity="low", names="OPTIMIZE FOR UNKNOWN")
    cost = amount(view.plan.details, "StatementSubTreeCost") or view.plan.root.total_cost or 0.0
    if cost < min_cost or "RECOMPILE" in code:
        return
    parameters = [entry for entry in view.plan.details.get("ParameterList", ()) if isinstance(entry, dict)]
    unseen = [str(entry.get("Column")) for entry in parameters if entry.get("ParameterCompiledValue") in (None, "")]
    if unseen:
        names = ", ".join(unseen)
        yield found(
            view, "local-variables", None, [f"no ParameterCompiledValue for {shortened(names)}"], severity="medium", names=names
        )


def parameter_sniffing(view: PlanView, *, factor: float = 10, severe: float = 100, min_ms: float = 1000) -> Iterator[Found]:
    """The plan was compiled for other values than it ran with, and its estimates are ten times off."""
    differing = [
        entry
        for entry in view.plan.details.get("ParameterList", ())
        if isinstance(entry, dict)
        and entry.get("ParameterCompiledValue") not in (None, "")
        and entry.get("ParameterRuntimeValue") not in (None, "", entry.get("ParameterCompiledValue"))
    ]
    if not differing:
        return
    ratios = [(max(ratio, 1 / ratio), node) for node in view.nodes if (ratio := misestimate(node)) and not is_lookup(node)]
    worst, node = max(ratios, key=lambda pair: pair[0], default=(1.0, view.plan.root))
    if worst < factor:
        return
    share = max((view.share_below(above) for above in (node, *receivers(view, node))), default=0.0)
    heavy = worst >= severe and view.total_ms >= min_ms
    yield found(
        view,
        "parameter-sniffing",
        None,
        [
            *(
                f"{one.get('Column')}: compiled for {one['ParameterCompiledValue']}, ran with {one['ParameterRuntimeValue']}"
                for one in differing[:4]
            ),
            f"{node.type} was {counted(worst)} times off",
        ],
        share,
        at_most("high" if heavy else "medium", share),
        names=", ".join(str(entry.get("Column")) for entry in differing),
        operation=operation(node),
    )


def estimate_only(view: PlanView) -> Iterator[Found]:
    """Nothing was measured: costs and rows are what the optimizer expects."""
    if not view.ran:
        yield found(view, "estimate-only", None, [f"format: {view.plan.format}, no RunTimeInformation"], severity="info")
