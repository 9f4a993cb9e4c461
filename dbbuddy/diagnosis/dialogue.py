"""The next answer of a conversation: it moves on from what was said, and never repeats it."""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.advice import Advice, Horizon
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.compose import Match, answer, branch_fixes, diagnosis
from dbbuddy.diagnosis.matching import Matcher
from dbbuddy.diagnosis.playbook import BranchSignal
from dbbuddy.diagnosis.selection import Reader
from dbbuddy.intake.patterns import compiled
from dbbuddy.intake.platform import guess_engine
from dbbuddy.intake.read import Reading

# With this confidence on the new text alone, another playbook takes the conversation over.
_TAKES_OVER = 0.8
# A cause not shown yet is offered next if it has this share of the best one's score on everything said.
_WORTH_A_TRY = 0.35
# What the user was told to do first, and what comes after it.
_LATER: tuple[Horizon, ...] = ("medium_term", "long_term")
_CORRECTION = (
    r"\b(sorry|actually|correction|i meant|it.?s (really |in fact )?(a |on )?|we (are on|use|run)|wrong engine|"
    r"not (postgres\w*|mysql|oracle|sql server))\b"
)
_NO_HELP = r"\b(did ?n.?t|does ?n.?t|not|no|still|same|already|again|without success|neither)\b"


@dataclass(frozen=True)
class Turn:
    """One exchange that has been answered."""

    text: str
    advice: Advice


def corrected_context(context: SystemContext, text: str) -> SystemContext:
    """The context after "sorry, it is MySQL": an engine that the new text corrects replaces the old one."""
    engine = guess_engine(text).engine
    if engine and context.engine and engine != context.engine and compiled(_CORRECTION).search(text):
        return context.updated(engine=engine, version=None)
    return context


def next_answer(turns: list[Turn], new: Reading, everything: Reading, matcher: Matcher) -> Advice | None:
    """The answer that the new facts lead to; `None` if the conversation should be diagnosed afresh."""
    last = turns[-1].advice
    current = matcher.library.playbooks.get(last.diagnoses[0].slug) if last.diagnoses else None
    if last.status != "answered" or current is None or last.context.engine != new.context.engine:
        return None
    reader = Reader(new.context, everything.names)
    shown = {turn.advice.diagnoses[0].slug for turn in turns if turn.advice.diagnoses}
    new_matches = matcher.match(new)
    better = next((m for m in new_matches if m.playbook.slug not in shown and m.confidence >= _TAKES_OVER), None)
    branch = _branch(current.head.branches, new.text, turns)
    if better and (branch is None or better.playbook.slug not in current.head.related):
        others = tuple(m for m in new_matches[:2] if m is not better)
        return _moved_on(better, others, reader, new.text, "The new facts point to another cause.")
    untried = _untried(matcher.match(everything), shown)
    match = Match(current, 0.0, last.diagnoses[0].confidence)
    if branch:
        return _branch_answer(match, branch, untried[:1], reader)
    if compiled(_NO_HELP).search(new.text):
        return _continued(match, untried, turns, reader, new.text)
    return None


def _untried(matches: list[Match], shown: set[str]) -> tuple[Match, ...]:
    """Causes that fit everything said so far and were not the answer yet."""
    best = max((m.score for m in matches), default=0.0)
    return tuple(m for m in matches if m.playbook.slug not in shown and m.score >= best * _WORTH_A_TRY)[:2]


def _branch(branches: tuple[BranchSignal, ...], text: str, turns: list[Turn]) -> str | None:
    """The first branch that the text leads to and that was not taken before."""
    taken = {turn.advice.branch for turn in turns}
    for branch in branches:
        if branch.id not in taken and any(compiled(pattern).search(text) for pattern in branch.when):
            return branch.id
    return None


def _branch_answer(match: Match, branch_id: str, others: tuple[Match, ...], reader: Reader) -> Advice:
    """The branch's own words and steps, then the steps that come after the first aid."""
    text, blocks, steps = branch_fixes(match.playbook, branch_id, reader)
    full = answer(match, (), reader, "")
    moved = full.diagnoses[0].model_copy(update={"root_cause": text, "evidence": (), "confirm": "", "confirm_blocks": blocks})
    return full.model_copy(
        update={
            "situation": "",
            "diagnoses": (moved, *(diagnosis(other, reader) for other in others)),
            "fixes": (*steps, *(fix for horizon in _LATER for fix in full.fixes_of(horizon))),
            "questions": (),
            "branch": branch_id,
        }
    )


def _continued(match: Match, untried: tuple[Match, ...], turns: list[Turn], reader: Reader, text: str) -> Advice:
    """Nothing helped yet: the steps not yet urged, or if they were, the next likely cause."""
    title = match.playbook.head.title
    urged_before = any(turn.advice.branch == "continued" for turn in turns)
    full = answer(match, untried, reader, text)
    later = tuple(fix.model_copy(update={"horizon": "immediate"}) for horizon in _LATER for fix in full.fixes_of(horizon))
    if untried and (urged_before or not later):
        note = f"“{title}” does not explain it any more, so the next likely cause follows."
        return _moved_on(untried[0], untried[1:], reader, text, note)
    note = "The first steps did not do it. Confirm the cause with the query below, then go on with these steps."
    return full.model_copy(update={"notes": (note,), "situation": "", "fixes": later, "branch": "continued"})


def _moved_on(match: Match, others: tuple[Match, ...], reader: Reader, text: str, note: str) -> Advice:
    return answer(match, others, reader, text).model_copy(update={"notes": (note,)})
