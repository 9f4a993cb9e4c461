"""The next answer of a conversation: it moves on from what was said, and never repeats it."""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.advice import Advice, Fix, Horizon, Question
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.compose import Match, answer, branch_fixes, diagnosis
from dbbuddy.diagnosis.matching import Matcher
from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.diagnosis.selection import Reader
from dbbuddy.diagnosis.terms import words
from dbbuddy.intake.patterns import compiled
from dbbuddy.intake.platform import guess_engine
from dbbuddy.intake.read import Reading

# With this confidence on the new text alone, another playbook takes the conversation over.
_TAKES_OVER = 0.8
# With this one it does so even where the playbook of before has something to say to it.
_TAKES_OVER_SURELY = 0.95
# A cause not shown yet is offered next if it has this share of the best one's score on everything said.
_WORTH_A_TRY = 0.35
_LEAST_CHANCE = 0.1
# A passage with this relevance to a message is about it.
_SPEAKS_OF = 2.0
# Fewer words than this, common ones not counted, tell no facts.
_FEW_WORDS = 4
CONTINUED = "continued"
# What comes after what the user was told to do first.
_LATER: tuple[Horizon, ...] = ("medium_term", "long_term")
_CORRECTION = (
    r"\b(sorry|actually|correction|i meant|it.?s (really |in fact )?(a |on )?|we (are on|use|run)|wrong engine|"
    r"not (postgres\w*|mysql|oracle|sql server))\b"
)
# "MySQL, not Postgres" speaks of MySQL.
_RULED_OUT = (
    r"\b(not|instead of|rather than|no longer|isn.?t) (a |an |on |using |really )*"
    r"(postgres\w*|pg|mysql|mariadb|oracle|sql ?server|mssql)\b"
)
# Said when a message brings nothing that leads further; never one of them twice in a row.
_NOTHING_NEW = (
    "What you added does not lead to another answer yet. If the problem is solved, you are done; if not, the answer to this would "
    "lead further.",
    "Nothing has come up yet that leads beyond what was said. Answer this, or hand the conversation over to a DBA, who will see "
    "all of it.",
)
_NO_HELP = r"\b(did ?n.?t|does ?n.?t|not|no|nope|still|same|already|again|without success|neither)\b"


@dataclass(frozen=True)
class Turn:
    """One exchange that has been answered."""

    text: str
    advice: Advice


def corrected_context(context: SystemContext, text: str) -> SystemContext:
    """The context after "sorry, it is MySQL": an engine that the new text corrects replaces the old one."""
    engine = guess_engine(compiled(_RULED_OUT).sub(" ", text)).engine
    if engine and context.engine and engine != context.engine and compiled(_CORRECTION).search(text):
        return context.updated(engine=engine, version=None)
    return context


def next_answer(
    turns: list[Turn], new: Reading, everything: Reading, matcher: Matcher, *, same_cause: bool = False
) -> Advice | None:
    """The answer that the new facts lead to; `None` if the conversation should be diagnosed afresh.

    `same_cause` says that this was tried and found the same cause again, so that its further steps are the answer.
    """
    last = next((turn.advice for turn in reversed(turns) if turn.advice.status == "answered"), turns[-1].advice)
    current = matcher.library.playbooks.get(last.diagnoses[0].slug) if last.diagnoses else None
    if last.status != "answered" or current is None or last.context.engine != new.context.engine:
        return None
    reader = Reader(new.context, everything.names)
    shown = {turn.advice.diagnoses[0].slug for turn in turns if turn.advice.diagnoses}
    new_matches = matcher.match(new)
    better = next((m for m in new_matches if m.playbook.slug not in shown and m.confidence >= _TAKES_OVER), None)
    branch = _branch(current, new.text, turns, matcher)
    surely = better is not None and better.confidence >= _TAKES_OVER_SURELY
    if better and (branch is None or surely or better.playbook.slug not in current.head.related):
        others = tuple(m for m in new_matches[:2] if m is not better)
        return _moved_on(better, others, reader, new.text, "The new facts point to another cause.")
    untried = _untried(matcher.match(everything), shown)
    match = Match(current, 0.0, last.diagnoses[0].confidence)
    if branch:
        return _branch_answer(match, branch, untried[:1], reader)
    if same_cause or compiled(_NO_HELP).search(new.text):
        return _continued(match, untried, turns, reader, _Steps(matcher, new.text))
    return None


def repeats(advice: Advice, turns: list[Turn]) -> bool:
    """Whether it tells what an earlier answer told, whatever its notes say. To return to another engine is not to repeat."""
    if advice.status == "out_of_scope" or advice.context.engine != turns[-1].advice.context.engine:
        return False
    return any(_told(advice) == _told(turn.advice) or _same_branch(advice, turn.advice) for turn in turns)


def _same_branch(advice: Advice, former: Advice) -> bool:
    """Whether both say the same to the same fact, one of them within the whole answer."""
    if advice.branch in (None, CONTINUED) or advice.branch != former.branch:
        return False
    return [d.slug for d in advice.diagnoses[:1]] == [d.slug for d in former.diagnoses[:1]]


def _told(advice: Advice) -> tuple[object, ...]:
    cause = next(((d.slug, d.root_cause) for d in advice.diagnoses), None)
    return advice.status, advice.situation, cause, advice.calculations, advice.fixes, advice.questions


def tells_facts(new: Reading) -> bool:
    """Whether a message says more than "thanks" or "how long does it take?"."""
    return len(set(words(new.text))) >= _FEW_WORDS


def nothing_new(advice: Advice, turns: list[Turn], open_questions: tuple[Question, ...]) -> Advice:
    """In place of a repeated answer: that it still stands, and what would lead further."""
    last = turns[-1].advice.situation
    return Advice(
        status="needs_details",
        context=advice.context,
        category=advice.category,
        situation=next(text for text in _NOTHING_NEW if text != last),
        questions=open_questions,
    )


def _untried(matches: list[Match], shown: set[str]) -> tuple[Match, ...]:
    """Causes that fit everything said so far, with a chance worth a try, and were not the answer yet."""
    best = max((m.score for m in matches), default=0.0)
    left = (m for m in matches if m.playbook.slug not in shown)
    return tuple(m for m in left if m.score >= best * _WORTH_A_TRY and m.confidence >= _LEAST_CHANCE)[:2]


def _branch(playbook: Playbook, text: str, turns: list[Turn], matcher: Matcher) -> str | None:
    """The branch, not taken before, that the text leads to: by its patterns, else by what it speaks of."""
    taken = {turn.advice.branch for turn in turns}
    branches = [branch for branch in playbook.head.branches if branch.id not in taken]
    spoken = {branch.id: matcher.lexical.relevance(playbook.body.branches[branch.id].text, text) for branch in branches}
    for branch in branches:
        if any(compiled(pattern).search(text) for pattern in branch.when):
            spoken[branch.id] += _SPEAKS_OF
    nearest = max(spoken, key=lambda name: spoken[name], default=None)
    return nearest if nearest and spoken[nearest] >= _SPEAKS_OF else None


@dataclass(frozen=True)
class _Steps:
    """Ranks fixes by how much they speak of the newest message."""

    matcher: Matcher
    text: str

    def fit(self, fix: Fix) -> float:
        return self.matcher.lexical.relevance("\n".join([fix.what, fix.why, *(block.code for block in fix.blocks)]), self.text)


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


def _continued(match: Match, untried: tuple[Match, ...], turns: list[Turn], reader: Reader, ranking: _Steps) -> Advice:
    """Nothing helped yet: the steps that speak of the new facts, or if that was said before, the next likely cause."""
    title = match.playbook.head.title
    if untried and any(turn.advice.branch == CONTINUED for turn in turns):
        note = f"“{title}” does not explain it any more, so the next likely cause follows."
        return _moved_on(untried[0], untried[1:], reader, ranking.text, note)
    full = answer(match, untried, reader, ranking.text)
    first = full.fixes_of("immediate")
    urgent = tuple(fix for fix in first if ranking.fit(fix) >= _SPEAKS_OF)
    later = sorted((fix for fix in full.fixes if fix.horizon != "immediate"), key=ranking.fit, reverse=True)
    brief = full.diagnoses[0].model_copy(update={"root_cause": full.diagnoses[0].summary, "confirm": ""})
    return full.model_copy(
        update={
            "notes": ("That leaves these steps, the ones that fit your new facts first. Skip what you have done already.",),
            "situation": "",
            "diagnoses": (brief, *full.diagnoses[1:]),
            "fixes": tuple(fix.model_copy(update={"horizon": "immediate"}) for fix in (*urgent, *later)),
            "branch": CONTINUED,
        }
    )


def _moved_on(match: Match, others: tuple[Match, ...], reader: Reader, text: str, note: str) -> Advice:
    return answer(match, others, reader, text).model_copy(update={"notes": (note,)})
