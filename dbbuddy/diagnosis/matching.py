"""Which playbooks fit a text, how well, and why.

The playbooks lexically nearest to the text, and those that know one of its codes, are candidates. A candidate's score
is its lexical nearness plus its signals (codes, phrases, findings). Confidence is the chance that the best one is
right: a logistic model of what the score stands on, fitted on the project's development cases
(`python -m tests.eval.calibrate`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from dbbuddy.advice import Evidence
from dbbuddy.context import Category, Engine
from dbbuddy.diagnosis.compose import Match
from dbbuddy.diagnosis.lexical import LexicalIndex
from dbbuddy.diagnosis.library import Library
from dbbuddy.diagnosis.playbook import PhraseSignal, Playbook
from dbbuddy.diagnosis.terms import correct_typos, words
from dbbuddy.intake.patterns import PatternSet, compiled
from dbbuddy.intake.read import Reading

# The right playbook was among the lexically nearest 11 in every development case.
CANDIDATES = 30
# Chosen on the development cases; anything from 22 to 75 does as well.
LEXICAL_WEIGHT = 36.0
# Each further signal counts this share of the one before it.
DECAY = 0.5
CATEGORY_BONUS = 1.5
# A playbook for so many engines is right or wrong whatever the engine, most of all one of these categories.
SERVES_MOST = 3
DESIGN: frozenset[Category] = frozenset({"architecture_design", "security_hardening", "capacity_planning"})
# Constant, signals, lexical, lead, engine settled, log of the words: printed by tests.eval.calibrate.
CONFIDENCE_WEIGHTS = (-7.682, 0.028, 0.186, 0.327, 2.206, 1.231)

# A branch with this relevance to a first question answers a fact that it tells.
TOLD = 1.25

# Findings of a pasted plan: how much of a signal's weight each counts.
NO_FINDINGS: Mapping[str, float] = MappingProxyType({})

_QUOTE_LENGTH = 90
# Quotes of long lines begin near multiples of this, so that hits close to each other give the same quote.
_QUOTE_STEP = 40
_MAX_EVIDENCE = 4


@dataclass(frozen=True)
class Fired:
    """A signal that the text gave: `start` and `end` are its place in the text, if it stands there as written."""

    kind: str
    pattern: str
    weight: float
    start: int | None = None
    end: int | None = None


@dataclass
class Score:
    """What speaks for a playbook."""

    playbook: Playbook
    lexical: float = 0.0
    bonus: float = 0.0
    fired: list[Fired] = field(default_factory=list)
    against: list[Fired] = field(default_factory=list)

    def signals(self) -> float:
        """The strongest signal counts in full, each further one a share of the one before."""
        weights = sorted((signal.weight for signal in self.fired), reverse=True)
        return sum(weight * DECAY**rank for rank, weight in enumerate(weights))

    def total(self) -> float:
        """Everything for it, less what speaks against it."""
        return self.signals() + self.lexical + self.bonus - sum(signal.weight for signal in self.against)


@dataclass(frozen=True)
class Strength:
    """What a match stands on: its signals, its lexical nearness, its lead, and how much was said.

    `engine_settled` tells how little an unknown engine matters: 1 if it is known, or if it is a question of design that
    has the same answer on most engines; 0.5 for other playbooks of most engines; 0 otherwise.
    """

    signals: float
    lexical: float
    lead: float
    engine_settled: float
    word_count: int

    def features(self) -> tuple[float, ...]:
        """As the confidence model takes them."""
        return (
            1.0,
            min(self.signals, 12.0),
            min(self.lexical, 20.0),
            max(min(self.lead, 12.0), -12.0),
            self.engine_settled,
            math.log1p(self.word_count),
        )


class _Phrases:
    """One playbook's patterns, compiled when they are first needed."""

    def __init__(self, playbook: Playbook) -> None:
        signals = playbook.head.signals
        self._signals = [(signal, False) for signal in signals.phrases] + [(signal, True) for signal in signals.negative]

    @cached_property
    def _patterns(self) -> PatternSet:
        return PatternSet([signal.match for signal, _ in self._signals])

    def apply(self, score: Score, text: str, corrected: str, engine: Engine | None) -> None:
        """Add the phrases that occur in the text, or in the text with its typos put right."""
        as_written = self._patterns.hits(text)
        for index in dict.fromkeys([*as_written, *self._patterns.hits(corrected)]):
            signal, negative = self._signals[index]
            if not _applies(signal, engine):
                continue
            span = self._patterns.find(index, text) if index in as_written else None
            fired = Fired("phrase", signal.match, signal.weight, *(span or (None, None)))
            (score.against if negative else score.fired).append(fired)


class Matcher:
    """Matches texts against a library. Built once per library; holds nothing of any text."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._playbooks = list(library.playbooks.values())
        self._phrases = {playbook.slug: _Phrases(playbook) for playbook in self._playbooks}
        self._codes: dict[tuple[str, Engine], list[tuple[Playbook, float]]] = defaultdict(list)
        for playbook in self._playbooks:
            for code in playbook.head.signals.codes:
                self._codes[code.code.upper(), code.engine].append((playbook, code.weight))
        self.known_codes = frozenset(code for code, _ in self._codes)
        self.lexical = LexicalIndex(self._playbooks)

    def match(self, reading: Reading, findings: Mapping[str, float] = NO_FINDINGS, category: Category | None = None) -> list[Match]:
        """Fitting playbooks, best first. Playbooks of other engines than the reading's are never among them."""
        rated = self.rated(reading, findings, category)[:8]
        return [
            Match(s.playbook, s.total(), sure, _evidence(s, reading.text), self._told_branch(s.playbook, reading.text))
            for s, sure in rated
        ]

    def _told_branch(self, playbook: Playbook, text: str) -> str | None:
        """The branch whose fact a question tells by itself: one of its patterns fits, and it speaks of the same things."""
        told = {
            branch.id: self.lexical.relevance(playbook.body.branches[branch.id].text, text)
            for branch in playbook.head.branches
            if not branch.later and any(compiled(pattern).search(text) for pattern in branch.when)
        }
        nearest = max(told, key=lambda name: told[name], default=None)
        return nearest if nearest and told[nearest] >= TOLD else None

    def rated(
        self, reading: Reading, findings: Mapping[str, float] = NO_FINDINGS, category: Category | None = None
    ) -> list[tuple[Score, float]]:
        """The candidates, best first, each with the chance that it is right."""
        ranked = self.scores(reading, findings, category)
        totals = [score.total() for score in ranked]
        said = len(set(words(reading.text)))
        rated: list[tuple[Score, float]] = []
        for position, score in enumerate(ranked):
            rival = totals[0] if position else (totals[1] if len(totals) > 1 else 0.0)
            lead = totals[position] - rival
            strength = Strength(score.signals(), score.lexical, lead, _engine_settled(score.playbook, reading), said)
            rated.append((score, confidence(strength)))
        return rated

    def scores(
        self, reading: Reading, findings: Mapping[str, float] = NO_FINDINGS, category: Category | None = None
    ) -> list[Score]:
        """The candidates with all that speaks for and against them, best first."""
        engine = reading.context.engine
        corrected = self.corrected(reading)
        found: dict[str, Score] = {}
        self._add_nearest(found, reading.text + "\n" + corrected, engine)
        self._add_codes(found, reading)
        self._add_findings(found, findings, engine)
        for score in found.values():
            self._phrases[score.playbook.slug].apply(score, reading.text, corrected, engine)
            for signal in score.playbook.head.signals.findings:
                if signal.id in findings:
                    score.fired.append(Fired("finding", signal.id, signal.weight * findings[signal.id]))
            score.bonus = CATEGORY_BONUS if category and score.playbook.head.category == category else 0.0
        return sorted(found.values(), key=lambda score: -score.total())

    def _add_findings(self, found: dict[str, Score], findings: Mapping[str, float], engine: Engine | None) -> None:
        if not findings:
            return
        for playbook in self._playbooks:
            if engine in (None, *playbook.head.engines) and any(s.id in findings for s in playbook.head.signals.findings):
                found.setdefault(playbook.slug, Score(playbook))

    def corrected(self, reading: Reading) -> str:
        """The text with its typos put right, in lower case."""
        return correct_typos(reading.text, self.lexical.known_words)

    def _add_nearest(self, found: dict[str, Score], text: str, engine: Engine | None) -> None:
        nearness = self.lexical.scores(text)
        fitting = [i for i, playbook in enumerate(self._playbooks) if engine is None or engine in playbook.head.engines]
        for index in sorted(fitting, key=lambda i: -nearness[i])[:CANDIDATES]:
            if nearness[index] > 0:
                playbook = self._playbooks[index]
                found[playbook.slug] = Score(playbook, lexical=float(nearness[index]) * LEXICAL_WEIGHT)

    def _add_codes(self, found: dict[str, Score], reading: Reading) -> None:
        seen: set[tuple[str, str]] = set()
        for code in reading.codes:
            for engine in sorted(code.engines):
                if reading.context.engine not in (None, engine):
                    continue
                for playbook, weight in self._codes.get((code.value, engine), ()):
                    if (playbook.slug, code.value) not in seen:
                        seen.add((playbook.slug, code.value))
                        score = found.setdefault(playbook.slug, Score(playbook))
                        score.fired.append(Fired("code", code.value, weight, code.start, code.end))


def _engine_settled(playbook: Playbook, reading: Reading) -> float:
    if reading.context.engine is not None:
        return 1.0
    if len(playbook.head.engines) < SERVES_MOST:
        return 0.0
    return 1.0 if playbook.head.category in DESIGN else 0.5


def confidence(strength: Strength) -> float:
    """The chance that a match of this strength is right, between 0.02 and 0.98."""
    odds = sum(weight * feature for weight, feature in zip(CONFIDENCE_WEIGHTS, strength.features(), strict=True))
    return round(min(max(1 / (1 + math.exp(-odds)), 0.02), 0.98), 2)


def quote(text: str, start: int, end: int) -> str:
    """The words around a place in a text, cut at its line and at a readable length."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if line_end - line_start <= _QUOTE_LENGTH:
        return text[line_start:line_end].strip()
    begin = max(line_start, (start // _QUOTE_STEP) * _QUOTE_STEP)
    begin = begin if begin == line_start else text.find(" ", begin, start + 1) + 1 or start
    stop = min(line_end, max(end, begin + _QUOTE_LENGTH))
    return text[begin:stop][: 2 * _QUOTE_LENGTH].strip()


def _applies(signal: PhraseSignal, engine: Engine | None) -> bool:
    return signal.engine is None or engine is None or signal.engine == engine


def _evidence(score: Score, text: str) -> tuple[Evidence, ...]:
    """The first few quotes of what fired that do not lie within one another."""
    kept: list[Evidence] = []
    for signal in sorted(score.fired, key=lambda fired: -fired.weight):
        if signal.start is None or signal.end is None:
            continue
        words_there = quote(text, signal.start, signal.end)
        if not any(words_there in other.quote or other.quote in words_there for other in kept):
            place = f"line {text.count(chr(10), 0, signal.start) + 1}"
            named = f"code {signal.pattern}" if signal.kind == "code" else "wording"
            kept.append(Evidence(quote=words_there, place=place, signal=named))
    return tuple(kept[:_MAX_EVIDENCE])
