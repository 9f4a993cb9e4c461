"""The next answer of a conversation: it moves on from what was said, and never repeats it."""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.advice import Advice, Monitoring
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.compose import Match, answer, branch_fixes, diagnosis
from dbbuddy.diagnosis.matching import Matcher
from dbbuddy.diagnosis.playbook import BranchSignal
from dbbuddy.diagnosis.selection import Reader
from dbbuddy.intake.patterns import compiled
from dbbuddy.intake.platform import guess_engine
from dbbuddy.intake.read import Reading

# A playbook that the new text alone gives this score takes the conversation over.
_TAKES_OVER = 6.0
_WORTH_A_TRY = 2.0
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
    if last.status != "answered" or not last.diagnoses or last.context.engine != new.context.engine:
        return None
    reader = Reader(new.context, everything.names)
    shown = {d.diagnoses[0].slug for d in (turn.advice for turn in turns) if d.diagnoses}
    current = matcher.library.playbooks.get(last.diagnoses[0].slug)
    new_matches = matcher.match(new)
    if current:
        branch = _branch(current.head.branches, new.text, turns)
        if branch:
            others = tuple(m for m in new_matches if m.playbook.slug != current.slug and m.score >= _WORTH_A_TRY)[:1]
            return _branch_answer(Match(current, 0.0, last.diagnoses[0].confidence), branch, others, reader)
    better = next((m for m in new_matches if m.playbook.slug not in shown and m.score >= _TAKES_OVER), None)
    if better:
        return _moved_on(
            better, tuple(m for m in new_matches[:2] if m is not better), reader, new.text, "The new facts point to another cause."
        )
    if not compiled(_NO_HELP).search(new.text):
        return None
    untried = [m for m in matcher.match(everything) if m.playbook.slug not in shown and m.score >= _WORTH_A_TRY]
    if not untried:
        return None
    title = last.diagnoses[0].title
    note = f"“{title}” does not explain it any more, so the next likely cause follows."
    return _moved_on(untried[0], tuple(untried[1:2]), reader, new.text, note)


def _branch(branches: tuple[BranchSignal, ...], text: str, turns: list[Turn]) -> str | None:
    """The first branch that the text leads to and that was not taken before."""
    taken = {turn.advice.branch for turn in turns}
    for branch in branches:
        if branch.id not in taken and any(compiled(pattern).search(text) for pattern in branch.when):
            return branch.id
    return None


def _branch_answer(match: Match, branch_id: str, others: tuple[Match, ...], reader: Reader) -> Advice:
    text, blocks, steps = branch_fixes(match.playbook, branch_id, reader)
    base = diagnosis(match, reader)
    moved = base.model_copy(update={"root_cause": text, "evidence": (), "confirm": "", "confirm_blocks": blocks})
    full = answer(match, (), reader, "")
    return Advice(
        status="answered",
        context=reader.context,
        category=match.playbook.head.category,
        diagnoses=(moved, *(diagnosis(other, reader) for other in others)),
        fixes=steps,
        monitoring=Monitoring(blocks=full.monitoring.blocks[:1]) if not blocks else Monitoring(),
        sources=full.sources,
        related=full.related,
        branch=branch_id,
    )


def _moved_on(match: Match, others: tuple[Match, ...], reader: Reader, text: str, note: str) -> Advice:
    advice = answer(match, others, reader, text)
    return advice.model_copy(update={"notes": (note,)})
