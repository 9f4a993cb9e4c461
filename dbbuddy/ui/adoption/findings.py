"""What the charts of the adoption page say, in a sentence each."""

from __future__ import annotations

from statistics import mean

from dbbuddy.analytics import wording
from dbbuddy.analytics.overview import AdoptionFigures

_LATER = 4


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _working_days(found: AdoptionFigures) -> float:
    counts = [row.people for row in found.days if row.day.weekday() < 5]
    return mean(counts) if counts else 0.0


def days(now: AdoptionFigures, before: AdoptionFigures | None) -> str:
    """How many people ask on a working day, and whether that is more than before."""
    usual = _working_days(now)
    sentence = f"{usual:.1f} people ask on a working day with questions"
    if before is None or not before.days:
        return sentence
    earlier = _working_days(before)
    if abs(usual - earlier) < 0.05:
        return f"{sentence}, as many as in the period before"
    return f"{sentence}, {'up' if usual > earlier else 'down'} from {earlier:.1f} in the period before"


def weeks(now: AdoptionFigures) -> str:
    """What became of the newest whole week."""
    whole = [week for week in now.weeks if week.whole]
    if not whole:
        return "No whole week lies in the period"
    last = whole[-1]
    came = f"{last.new} new, {last.back} back; {last.lost} lost"
    return f"In the week from {wording.day(last.week)} {_people(last.people)} asked: {came}"


def months(now: AdoptionFigures) -> str:
    """The best month."""
    if not now.months:
        return "Nobody asked in these months"
    best = max(now.months, key=lambda month: month.people)
    return f"Most people asked in {best.month:%B %Y}: {best.people:,}"


def retention(now: AdoptionFigures) -> str:
    """How many ask again some weeks later, over all cohorts that are old enough."""
    old = [cohort for cohort in now.cohorts if len(cohort.weeks) > _LATER and cohort.size]
    if not old:
        return "The first cohorts are not yet four weeks old"
    size = sum(cohort.size for cohort in old)
    kept = sum(cohort.weeks[_LATER] for cohort in old) / size
    return f"{wording.value(kept, 'share')} of {size:,} new people asked in the fourth week after their first"


def no_cohorts(now: AdoptionFigures) -> str:
    """Why no cohort is drawn."""
    if now.cohorts:
        return "In no week of the period did 5 or more people ask for the first time; smaller groups are hidden."
    return "Nobody asked for the first time in this period."


def funnel(now: AdoptionFigures) -> str:
    """Where most people are lost."""
    drops = [
        (before.people - step.people, before.name, step.name) for before, step in zip(now.funnel, now.funnel[1:], strict=False)
    ]
    lost, before, after = max(drops, default=(0, "", ""))
    if not lost:
        return "Everybody who opened the app got to the end"
    return f"Most people are lost between “{before}” and “{after}”: {lost:,}"


def active_days(now: AdoptionFigures) -> str:
    """How many come regularly."""
    regular = sum(now.active_days[_LATER - 1 :])
    return f"{_people(regular)} of {sum(now.active_days):,} asked on {_LATER} or more of the last 28 days"


def teams(now: AdoptionFigures) -> str:
    """Which teams are highest and lowest."""
    shown = sorted(((row.share.value or 0.0, row.team) for row in now.teams if row.share.value is not None), reverse=True)
    (high, best), (low, least) = shown[0], shown[-1]
    if len(shown) == 1:
        return f"{wording.name(best)} is at {wording.value(high, 'share')}"
    return f"From {wording.name(least)} at {wording.value(low, 'share')} to {wording.name(best)} at {wording.value(high, 'share')}"


def no_teams(now: AdoptionFigures) -> str:
    """Why no team is drawn."""
    if not any(row.eligible for row in now.teams):
        return "The access file names no teams with a head count, so a share of the eligible developers cannot be told."
    return "All teams are too small to be shown."


def without_heads(now: AdoptionFigures) -> str:
    """What is missing where the share has no value."""
    if now.eligible_share.value is None and not now.eligible_share.suppressed:
        return "Needs the teams' head counts in the access file."
    return ""
