"""Which playbooks fit a text, how well, and why.

A playbook's score is the sum of its signals (codes, phrases, findings) and its lexical nearness. Confidence is the
chance that the best one is right: a logistic model of what the score stands on, fitted on the project's development
cases (`python -m tests.eval.calibrate`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from dbbuddy.advice import Evidence
from dbbuddy.context import Category, Engine
from dbbuddy.diagnosis.compose import Match
from dbbuddy.diagnosis.lexical import LexicalIndex
from dbbuddy.diagnosis.library import Library
from dbbuddy.diagnosis.playbook import PhraseSignal, Playbook
from dbbuddy.diagnosis.terms import correct_typos, words
from dbbuddy.intake.patterns import PatternSet
from dbbuddy.intake.read import Reading

# Chosen on the development cases; anything from 30 to 75 does as well.
LEXICAL_WEIGHT = 40.0
# A phrase that fires on n other playbooks' symptoms counts 1 / (1 + n * this).
FOREIGN_DISCOUNT = 0.3
# Each further signal counts this share of the one before it.
DECAY = 0.5
CATEGORY_BONUS = 1.5
# Constant, signals, lexical, lead, engine known, log of the words: printed by tests.eval.calibrate.
CONFIDENCE_WEIGHTS = (-5.56, -0.078, 0.109, 0.341, 2.308, 0.89)
_QUOTE_LENGTH = 90
# Quotes of long lines begin near multiples of this, so that hits close to each other give the same quote.
_QUOTE_STEP = 40
_MAX_EVIDENCE = 4


@dataclass
class _Score:
    weights: list[float] = field(default_factory=list)
    negative: float = 0.0
    lexical: float = 0.0
    bonus: float = 0.0
    evidence: list[Evidence] = field(default_factory=list)

    def signals(self) -> float:
        """The strongest signal counts in full, each further one a share of the one before."""
        return sum(weight * DECAY**rank for rank, weight in enumerate(sorted(self.weights, reverse=True)))

    def total(self) -> float:
        return self.signals() + self.lexical + self.bonus - self.negative


class Matcher:
    """Matches texts against a library. Built once per library; holds nothing of any text."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._playbooks = list(library.playbooks.values())
        self._signals = [(p, s, False) for p in self._playbooks for s in p.head.signals.phrases]
        self._signals += [(p, s, True) for p in self._playbooks for s in p.head.signals.negative]
        self._patterns = PatternSet([signal.match for _, signal, _ in self._signals])
        self._codes: dict[tuple[str, Engine], list[tuple[Playbook, float]]] = defaultdict(list)
        for playbook in self._playbooks:
            for code in playbook.head.signals.codes:
                self._codes[code.code.upper(), code.engine].append((playbook, code.weight))
        self.known_codes = frozenset(code for code, _ in self._codes)
        self.lexical = LexicalIndex(self._playbooks)
        self._precision = self._phrase_precision()

    def match(self, reading: Reading, findings: Iterable[str] = (), category: Category | None = None) -> list[Match]:
        """Fitting playbooks, best first. Playbooks of other engines than the reading's are never among them."""
        scores: dict[str, _Score] = defaultdict(_Score)
        engine = reading.context.engine
        corrected = correct_typos(reading.text, self.lexical.known_words)
        self._score_codes(reading, scores)
        self._score_phrases(reading, corrected, scores)
        self._score_findings(set(findings), scores)
        lexical = self.lexical.scores(reading.text + "\n" + corrected)
        for position, playbook in enumerate(self._playbooks):
            if lexical[position] > 0:
                scores[playbook.slug].lexical = float(lexical[position]) * LEXICAL_WEIGHT
            if category and playbook.head.category == category:
                scores[playbook.slug].bonus = CATEGORY_BONUS
        ranked = [
            (self.library[slug], score, score.total())
            for slug, score in scores.items()
            if engine is None or engine in self.library[slug].head.engines
        ]
        ranked.sort(key=lambda row: -row[2])
        return _with_confidence(ranked[:8], engine is not None, len(set(words(reading.text))))

    def _score_codes(self, reading: Reading, scores: dict[str, _Score]) -> None:
        seen: set[tuple[str, str]] = set()
        for code in reading.codes:
            for engine in code.engines:
                if reading.context.engine not in (None, engine):
                    continue
                for playbook, weight in self._codes.get((code.value, engine), ()):
                    if (playbook.slug, code.value) in seen:
                        continue
                    seen.add((playbook.slug, code.value))
                    scores[playbook.slug].weights.append(weight)
                    quote = _quote(reading.text, code.start, code.end)
                    scores[playbook.slug].evidence.append(
                        Evidence(quote=quote, place=_place(reading.text, code.start), signal=f"code {code.value}")
                    )

    def _score_phrases(self, reading: Reading, corrected: str, scores: dict[str, _Score]) -> None:
        engine = reading.context.engine
        hits = dict.fromkeys(self._patterns.hits(reading.text), reading.text)
        for index in self._patterns.hits(corrected):
            hits.setdefault(index, corrected)
        for index, where in hits.items():
            playbook, signal, negative = self._signals[index]
            if not _applies(signal, playbook, engine):
                continue
            score = scores[playbook.slug]
            if negative:
                score.negative += signal.weight
                continue
            score.weights.append(signal.weight * self._precision[index])
            span = self._patterns.find(index, where)
            if span and where is reading.text:
                quote = _quote(where, *span)
                score.evidence.append(Evidence(quote=quote, place=_place(where, span[0]), signal="wording"))

    def _score_findings(self, findings: set[str], scores: dict[str, _Score]) -> None:
        for playbook in self._playbooks:
            for signal in playbook.head.signals.findings:
                if signal.id in findings:
                    scores[playbook.slug].weights.append(signal.weight)

    def _phrase_precision(self) -> list[float]:
        """How far each phrase can be trusted: less, the more other playbooks' symptoms it fires on."""
        foreign: list[set[str]] = [set() for _ in self._signals]
        for playbook in self._playbooks:
            for symptom in playbook.head.symptoms:
                for index in self._patterns.hits(symptom):
                    owner = self._signals[index][0]
                    if owner is not playbook and set(owner.head.engines) & set(playbook.head.engines):
                        foreign[index].add(playbook.slug)
        return [1 / (1 + FOREIGN_DISCOUNT * len(slugs)) for slugs in foreign]


def _applies(signal: PhraseSignal, playbook: Playbook, engine: Engine | None) -> bool:
    return signal.engine is None or engine is None or signal.engine == engine


def _with_confidence(ranked: list[tuple[Playbook, _Score, float]], engine_known: bool, word_count: int) -> list[Match]:
    matches: list[Match] = []
    for position, (playbook, score, total) in enumerate(ranked):
        rival = ranked[0][2] if position else (ranked[1][2] if len(ranked) > 1 else 0.0)
        evidence = _distinct(score.evidence)
        strength = Strength(score.signals(), score.lexical, total - rival, engine_known, word_count)
        matches.append(Match(playbook, total, confidence(strength), evidence))
    return matches


def _distinct(evidence: list[Evidence]) -> tuple[Evidence, ...]:
    """The first few quotes that do not lie within one another."""
    kept: list[Evidence] = []
    for item in evidence:
        if not any(item.quote in other.quote or other.quote in item.quote for other in kept):
            kept.append(item)
    return tuple(kept[:_MAX_EVIDENCE])


@dataclass(frozen=True)
class Strength:
    """What a match stands on: its signals, its lexical nearness, its lead, and how much was said."""

    signals: float
    lexical: float
    lead: float
    engine_known: bool
    word_count: int

    def features(self) -> tuple[float, ...]:
        """As the confidence model takes them."""
        return (
            1.0,
            min(self.signals, 12.0),
            min(self.lexical, 20.0),
            max(min(self.lead, 12.0), -12.0),
            float(self.engine_known),
            math.log1p(self.word_count),
        )


def confidence(strength: Strength) -> float:
    """The chance that a match of this strength is right, between 0.02 and 0.98."""
    odds = sum(weight * feature for weight, feature in zip(CONFIDENCE_WEIGHTS, strength.features(), strict=True))
    return round(min(max(1 / (1 + math.exp(-odds)), 0.02), 0.98), 2)


def _quote(text: str, start: int, end: int) -> str:
    """The words around a hit, cut at its line and at a readable length."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if line_end - line_start <= _QUOTE_LENGTH:
        return text[line_start:line_end].strip()
    begin = max(line_start, (start // _QUOTE_STEP) * _QUOTE_STEP)
    begin = begin if begin == line_start else text.find(" ", begin, start + 1) + 1 or start
    stop = min(line_end, max(end, begin + _QUOTE_LENGTH))
    return text[begin:stop][: 2 * _QUOTE_LENGTH].strip()


def _place(text: str, position: int) -> str:
    return f"line {text.count(chr(10), 0, position) + 1}"
