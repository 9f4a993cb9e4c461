"""Why a text was matched to a playbook: what fired, what spoke against it, which words were near."""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.context import Category
from dbbuddy.diagnosis.matching import DECAY, LEXICAL_WEIGHT, Fired, Matcher, Score, quote
from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.diagnosis.terms import terms, words
from dbbuddy.intake.read import Reading

_TOP_TERMS = 8


@dataclass(frozen=True)
class Signal:
    """A signal that fired. `points` is what it adds to the score after the stronger ones; `quote` is where it was seen.

    The quote is empty if it was seen only once typos were put right.
    """

    kind: str
    pattern: str
    weight: float
    points: float
    quote: str = ""
    line: int = 0


@dataclass(frozen=True)
class Term:
    """A word of the text, or an idea behind its words, that is typical of the playbook; `share` is of all such terms."""

    name: str
    points: float
    share: float


@dataclass(frozen=True)
class Explanation:
    """A playbook's score and all that it is the sum of. `lexical` is what all terms give, `bonus` the asked category."""

    playbook: Playbook
    score: float
    confidence: float
    signals: tuple[Signal, ...]
    against: tuple[Signal, ...]
    lexical: float
    bonus: float
    terms: tuple[Term, ...]

    @property
    def signal_points(self) -> float:
        return sum(signal.points for signal in self.signals)

    @property
    def against_points(self) -> float:
        return sum(signal.points for signal in self.against)


def explain(matcher: Matcher, reading: Reading, category: Category | None = None, limit: int = 10) -> tuple[Explanation, ...]:
    """The best playbooks for a text, best first, as `Matcher.match` ranks them."""
    searched = reading.text + "\n" + matcher.corrected(reading)
    by_term = matcher.lexical.by_term(searched)
    positions = {slug: position for position, slug in enumerate(matcher.library.playbooks)}
    names = _spelled(searched)
    found = []
    for score, sure in matcher.rated(reading, category=category)[:limit]:
        position = positions[score.playbook.slug]
        points = {names.get(term, term): float(part[position]) * LEXICAL_WEIGHT for term, part in by_term.items()}
        found.append(
            Explanation(
                playbook=score.playbook,
                score=score.total(),
                confidence=sure,
                signals=_signals(score, reading.text),
                against=tuple(_signal(fired, -fired.weight, reading.text) for fired in score.against),
                lexical=score.lexical,
                bonus=score.bonus,
                terms=_top_terms(points),
            )
        )
    return tuple(found)


def _signals(score: Score, text: str) -> tuple[Signal, ...]:
    strongest_first = sorted(score.fired, key=lambda fired: -fired.weight)
    return tuple(_signal(fired, fired.weight * DECAY**rank, text) for rank, fired in enumerate(strongest_first))


def _signal(fired: Fired, points: float, text: str) -> Signal:
    if fired.start is None or fired.end is None:
        return Signal(fired.kind, fired.pattern, fired.weight, points)
    line = text.count("\n", 0, fired.start) + 1
    return Signal(fired.kind, fired.pattern, fired.weight, points, quote(text, fired.start, fired.end), line)


def _top_terms(points: dict[str, float]) -> tuple[Term, ...]:
    total = sum(points.values())
    best = sorted(points.items(), key=lambda item: -item[1])[:_TOP_TERMS]
    return tuple(Term(name, value, value / total) for name, value in best if value > 0)


def _spelled(text: str) -> dict[str, str]:
    """How the text spells each stem; ideas of the vocabulary by their names."""
    spelled: dict[str, str] = {}
    for word in words(text):
        spelled.setdefault(terms(word)[0], word)
    return spelled | {term: f"idea: {term[1:].replace('_', ' ')}" for term in terms(text) if term.startswith("@")}
