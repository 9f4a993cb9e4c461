"""What the charts of the quality page say, in a sentence each."""

from __future__ import annotations

from dbbuddy.analytics import wording
from dbbuddy.analytics.overview import QualityFigures

_TRUSTED = 0.75


def _percent(number: float) -> str:
    return wording.value(number, "share")


def outcomes(found: QualityFigures) -> str:
    """How many settled problems needed no DBA."""
    total = found.outcomes.total
    if found.solved.value is None:
        return "No problem of this period is settled yet"
    return (
        f"{_percent(found.solved.value)} of {total.settled:,} settled problems were solved without a DBA; {total.open:,} are open"
    )


def satisfaction(found: QualityFigures) -> str:
    """The mean rating, and of how many answers there is one."""
    rate = found.answers.counts.response_rate
    stars = found.answers.satisfaction
    if stars.value is None:
        return "Ratings are hidden" if stars.suppressed else "Nobody has rated an answer yet"
    return f"{stars.value:.2f} of 5 stars; {_percent(rate.value or 0.0)} of the answers were rated or had an outcome told"


def states(found: QualityFigures) -> str:
    """What share of messages got an answer at once."""
    share = found.answers.counts.answered_share.value
    return f"{_percent(share)} of the messages were answered" if share is not None else "No messages in this period"


def calibration(found: QualityFigures) -> str:
    """Whether high confidence means solved."""
    sure = [point for point in found.calibration if point.low >= _TRUSTED - 1e-9]
    n = sum(point.confirmed.n for point in sure)
    if not n:
        return "Nobody told the outcome of a confident answer yet"
    solved = sum((point.confirmed.value or 0.0) * point.confirmed.n for point in sure) / n
    return f"Of {n:,} problems diagnosed with 80 % confidence or more, {_percent(solved)} were confirmed as solved"


def deflection(found: QualityFigures) -> str:
    """By how much tickets fell."""
    figure = found.deflection.total
    if figure.value is None:
        return "Fewer tickets to DBAs: not known"
    if figure.value < 0:
        return f"Tickets to DBAs rose by {_percent(-figure.value)} against before the launch"
    return f"Tickets to DBAs fell by {_percent(figure.value)} against before the launch"


def no_tickets(found: QualityFigures) -> str:
    """What is missing to compare tickets."""
    if found.deflection.launch is None:
        return "Nobody has asked yet, so there is no launch to compare with."
    return "Needs ticket counts of weeks before the launch and of weeks in this period: enter them in the baseline on the ROI page."


def times(found: QualityFigures) -> str:
    """How fast a model's first words come, or the rules if there are no models."""
    first, rules = found.fast["first"], found.fast["answer"]
    if first.value is not None:
        return f"{_percent(first.value)} of the models' answers began in under 5 seconds"
    return f"{_percent(rules.value or 0.0)} of the answers came in under 5 seconds"
