"""What the charts and tiles of the ROI page say, in words."""

from __future__ import annotations

from datetime import date

from dbbuddy.analytics import wording
from dbbuddy.analytics.roi.assess import Assessment, Band, Payback, Result
from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.roi.example import plan

RUNG_NAMES = {
    "tickets": "Ticket system",
    "verified": "Graded by a DBA",
    "confirmed": "Confirmed by the user",
    "assumed": "Assumed",
    "estimated": "Estimated",
}
RUNG_MEANINGS = {
    "tickets": "tickets fell by as many",
    "verified": "a DBA graded the answer",
    "confirmed": "the user said it was solved",
    "assumed": "answered, nothing said, nobody came back within 7 days",
    "estimated": "no handling time is recorded for the category, so its minutes are a claim",
}
_LEVERS = {"problems": "Number of problems", "fall": "Fall in tickets"}
_FOR_SURE = ("tickets", "verified")


def money(amount: float) -> str:
    """Dollars, rounded so that no more digits are shown than the range supports."""
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    if size >= 999_500:
        return f"{sign}${size / 1e6:,.2f} m"
    step = 100 if size >= 10_000 else 10 if size >= 1_000 else 1
    return f"{sign}${round(size / step) * step:,.0f}"


def percent(share: float) -> str:
    """A return as a percentage; thousands of percent without false precision."""
    return f"{100 * share:,.0f} %"


def number(value: float) -> str:
    """A number with as many digits as matter."""
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:,.1f}" if abs(value) >= 1 else f"{value:,.2g}"


def between(band: Band, form: str) -> str:
    """`P10 to P90`, as hours, money or percent."""
    show = {"hours": number, "money": money, "percent": percent}[form]
    return f"{show(band.low)} to {show(band.high)}"


def lever(name: str, assumptions: Assumptions) -> str:
    """How a lever is called."""
    found = next((one.lever for key, one in assumptions.ranges.items() if key == name), None)
    return found or _LEVERS[name]


def headline(result: Result) -> str:
    """The return beside the plan's figure."""
    example = f"{percent(plan().roi)} in the plan's example"
    if result.roi is None:
        return f"Nothing costs anything in the assumptions, so there is no return to set beside {example}"
    return (
        f"The logs support a return of {between(result.roi, 'percent')} in the first year, "
        f"{percent(result.roi.middle)} in the middle, not the {example}"
    )


def waterfall(result: Result) -> str:
    """From gross to net."""
    gross = result.waterfall[0][1]
    net = sum(amount for _, amount in result.waterfall)
    left = f"{money(net)} is left" if net >= 0 else f"{money(-net)} is lacking"
    return (
        f"Of {money(gross)} if every problem were a saved issue, {money(result.capacity.mean)} is freed DBA time; {left} after all"
    )


def ladder(result: Result) -> str:
    """How much stands on firm ground."""
    total = sum(rung.hours for rung in result.rungs)
    if total <= 0:
        return "Nothing can be credited in this period"
    firm = sum(rung.hours for rung in result.rungs if rung.rung in _FOR_SURE) / total
    weak = sum(rung.hours for rung in result.rungs if rung.rung in ("assumed", "estimated")) / total
    return f"{100 * firm:.0f} % of the money rests on tickets or graded answers, {100 * weak:.0f} % is assumed or estimated"


def tornado(result: Result, assumptions: Assumptions) -> str:
    """What moves it most."""
    names = [lever(one.lever, assumptions).lower().replace("dba", "DBA") for one in result.sensitivities[:2]]
    return f"{' and '.join(names)} move the result most".capitalize().replace("dba", "DBA") if names else "Nothing moves the result"


def break_even(payback: Payback) -> str:
    """When building is paid for."""
    if payback.middle is None:
        return f"Building is not paid back at this pace in {100 * payback.never:.0f} of 100 cases"
    late = f"and {moment(payback.late)}" if payback.late else "and never"
    return f"Building is paid back by {moment(payback.middle)}; 8 of 10 cases lie between {moment(payback.early)} {late}"


def moment(day: date | None) -> str:
    """A day, or that it never comes."""
    return wording.day(day) if day else "never"


def weak_ground(found: Assessment) -> tuple[str, ...]:
    """What makes the result weaker than it could be, and what to do about it."""
    ledger, notes = found.ledger, []
    unrecorded = [line for line in ledger.lines if line.minutes is None and line.settled]
    if not ledger.recorded:
        notes.append(
            "No handling times from before the launch are recorded, so every hour is an estimate from the plan's 2 to 4 hours "
            "an issue. Record them under **Baseline**."
        )
    elif unrecorded:
        share = sum(line.settled for line in unrecorded) / ledger.settled
        notes.append(f"For {100 * share:.0f} % of the problems no handling time is recorded; their hours are estimates.")
    if ledger.ticket_share == 0:
        notes.append(
            "Nothing is set against the ticket system: tickets of the weeks before and after the launch are missing, or the filter "
            "is narrower than tickets are counted (by week and category only)."
        )
    grades = ledger.assumed_grades
    if not grades.enough:
        notes.append(
            f"{grades.n} of the 30 graded answers are there that would replace the judgement on assumed solutions. "
            "DBAs grade them on the page Knowledge, under **Review answers**."
        )
    if ledger.part < 1:
        notes.append(
            f"This choice has {100 * ledger.part:.0f} % of the settled problems, so it carries as much of building, running "
            "and upkeep."
        )
    return tuple(notes)
