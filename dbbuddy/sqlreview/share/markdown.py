"""A review as Markdown, for the terminal, pull requests and tickets; no name in it can act as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dbbuddy.context import ENGINE_NAMES
from dbbuddy.plans.describe import count, shortened
from dbbuddy.plans.prose import safe_markdown
from dbbuddy.rendering import code_span
from dbbuddy.severity import SEVERITIES, Severity
from dbbuddy.sqlreview.finding import Finding
from dbbuddy.sqlreview.indexes.measure import measuring_index
from dbbuddy.sqlreview.indexes.model import IndexAdvice
from dbbuddy.sqlreview.review import Review
from dbbuddy.sqlreview.scratch.model import IndexVerification
from dbbuddy.sqlreview.scratch.sway import SWAY
from dbbuddy.sqlreview.share.changes import change_of

# Findings of a severity that are written out; of the rest the titles stand in a list.
_WRITTEN_OUT: tuple[Severity, ...] = ("critical", "high", "medium", "low")
_MOST_WRITTEN_OUT = 200


def to_markdown(review: Review) -> str:
    """Everything that the review says: findings with their changes, indexes with the planner's word, what was not read."""
    parts = [f"# {headline(review)}", *(f"> {safe_markdown(note)}" for note in review.notes)]
    if review.not_read:
        parts.append("**Not read fully**, so no finding there is no promise:\n\n" + _bullets(map(code_span, review.not_read)))
    written = [finding for finding in review.findings if finding.severity in _WRITTEN_OUT][:_MOST_WRITTEN_OUT]
    if written:
        parts.append("## Findings")
        parts += [_finding(number, finding, review) for number, finding in enumerate(written, 1)]
    brief = review.findings[len(written) :]
    if brief:
        parts += ["## To know", _bullets(map(_brief, brief[:_MOST_WRITTEN_OUT]))]
    parts += _indexes(review)
    return "\n\n".join(parts) + "\n"


def headline(review: Review) -> str:
    """How many findings of which severity, in how many statements."""
    engine = f" ({ENGINE_NAMES[review.engine]})" if review.engine else ""
    number = len(review.statements)
    where = f"{number:,} statement{'s' * (number != 1)}"
    return f"SQL review{engine}: {counts(review)} in {where}"


def counts(review: Review) -> str:
    """`1 critical, 3 high and 2 info findings`."""
    by_severity = Counter(finding.severity for finding in review.findings)
    parts = [f"{by_severity[severity]:,} {severity}" for severity in SEVERITIES if by_severity[severity]]
    if not parts:
        return "no findings"
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{listed} finding{'s' * (len(review.findings) != 1)}"


def verdict(verification: IndexVerification | None) -> str:
    """What the planner says of an index, in a sentence; costs are its own units, never a time."""
    if verification is None:
        return "Not verified: the planner was not asked."
    if not verification.verified:
        return f"Not verified: {verification.reason}."
    if not verification.used:
        return "PostgreSQL's planner does not use it with these statistics."
    if not verification.needed:
        return "PostgreSQL's planner uses it alone, but no longer once the other indexes are there."
    before, after, ratio = verification.cost_before or 0, verification.cost_after or 0, verification.ratio or 0
    if not verification.worthwhile:
        return f"PostgreSQL's planner uses it, but the cost only goes from {count(before)} to {count(after)}."
    beside = " together with the other indexes" if verification.together else ""
    return (
        f"Verified: PostgreSQL's planner uses it{beside}; the cost falls from {count(before)} to {count(after)}, "
        f"{_times(ratio)} cheaper{_range(verification)}."
    )


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.1f} times"


def _range(verification: IndexVerification) -> str:
    """How far the gain reaches if what was assumed is wrong."""
    if verification.ratio_range is None:
        return ""
    least, most = (f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}" for ratio in verification.ratio_range)
    if least == most:
        return ""
    return f" ({least} to {most} times, should assumed numbers of distinct values be {SWAY:.0f} times off and VACUUM late or not)"


def _finding(number: int, finding: Finding, review: Review) -> str:
    place = f"line {finding.span.line}, column {finding.span.column}"
    parts = [
        f"### {number}. {safe_markdown(finding.title)}",
        f"**{finding.severity}**, {place}, `{finding.rule}`: {code_span(finding.evidence)}",
        safe_markdown(finding.why),
        f"**What to do.** {safe_markdown(finding.fix)}",
    ]
    change = change_of(finding, review)
    if change is not None and change.diff is not None:
        parts.append(fenced("diff", change.diff))
    elif change is not None:
        parts += [f"{change.name}:", fenced("sql", change.sql)]
    return "\n\n".join(parts)


def _brief(finding: Finding) -> str:
    return f"{finding.severity}, line {finding.span.line}: {safe_markdown(finding.title)} (`{finding.rule}`)"


def _indexes(review: Review) -> Iterator[str]:
    advised = review.advised
    if advised.indexes:
        yield "## Indexes"
    for number, advice in enumerate(advised.indexes, 1):
        yield _index(number, advice, review)
    if advised.superfluous:
        yield "## Indexes that can go"
        for known in advised.superfluous:
            yield f"{safe_markdown(known.reason)}\n\n{fenced('sql', known.sql)}"
    if advised.declined:
        yield "## Indexes that would not help\n\n" + _bullets(map(safe_markdown, advised.declined))


def _index(number: int, advice: IndexAdvice, review: Review) -> str:
    lines = [f"Size: {advice.size}", f"Writing: {advice.write_cost.text}", f"Undo: {code_span(advice.rollback)}"]
    lines += [f"Change first: {text}" for text in advice.rewrites]
    lines += [f"Makes superfluous: {name}" for name in advice.replaces]
    lines += [f"Note: {text}" for text in advice.notes]
    lines += [f"Assumed: {text}" for text in advice.assumptions]
    parts = [
        f"### {number}. {code_span(shortened(advice.table, 80))} on {code_span(', '.join(advice.columns))}",
        fenced("sql", advice.sql),
        safe_markdown(advice.reason),
        f"**{safe_markdown(verdict(advice.verified))}**",
    ]
    best = advice.verified.best if advice.verified else None
    if best and best.before and best.after:
        lines.append(f"Plan before: {best.before.shape}; after: {best.after.shape}")
    measured = measuring_index(advice, review)
    after = [f"Measure it, before and after:\n\n{fenced('sql', measured)}"] if measured else []
    return "\n\n".join([*parts, _bullets(map(safe_markdown, lines)), *after])


def fenced(language: str, text: str) -> str:
    """A code block that its text cannot end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _bullets(lines: Iterator[str] | map[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
