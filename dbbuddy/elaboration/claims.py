"""What a model claims against the checked answer: a cause without evidence, what the answer advises against, other numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from dbbuddy.advice import Advice
from dbbuddy.diagnosis.terms import stems
from dbbuddy.elaboration.notes import Note, checks, first_hit, note, once
from dbbuddy.intake.patterns import compiled
from dbbuddy.rendering import to_markdown

# A sentence recommends what a "do not" forbids if it tells to do it and holds this share of its other terms.
_SAME = 0.75
_LEAST = 3
# A sentence names another cause if less than this share of its terms is the answer's own.
_OWN_WORDS = 0.34
_LEAST_CAUSE = 4
# Numbers that differ by less are taken for rounded.
_ROUNDED = 0.06
_MOST_SENTENCES = 400

_SENTENCE_END = re2.compile(r"(?:[.!?:;]|\*\*)\s+|\n+")
_RESULT = re2.compile(r"\*\*(?:plan )?([\d,.]+) ?([A-Za-z]+)[^*]*\*\*")
_NUMBER = re2.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([A-Za-z]+)(?:\s+([a-z]+))?")
_ANY_NUMBER = re2.compile(r"\d[\d,]*(?:\.\d+)?")
_PER = frozenset(["per", "each", "a", "every", "of"])
_FORBIDS = re2.compile(r"(?i)^(?:do not|don't|never|avoid|no)\s+")


@dataclass(frozen=True)
class Forbidden:
    """A "do not" of the answer: its line, the stem of what not to do, and the stems of what not to do it with."""

    line: str
    verb: str
    terms: frozenset[str]


@dataclass(frozen=True)
class Ground:
    """What the checked answer says, made ready to be compared with."""

    text: str
    terms: frozenset[str]
    do_nots: tuple[Forbidden, ...]
    results: tuple[tuple[float, str, str], ...]
    numbers: frozenset[float]

    @classmethod
    def of(cls, advice: Advice, question: str = "") -> Ground:
        """From an answer and what was asked."""
        text = f"{to_markdown(advice)}\n{question}"
        return cls(
            text=" ".join(text.lower().split()),
            terms=frozenset(stems(text)),
            do_nots=tuple(each for line in advice.do_nots if (each := _forbidden(line)) is not None),
            results=tuple(_results(advice.calculations)),
            numbers=frozenset(_value(found.group()) for found in _ANY_NUMBER.finditer(text)),
        )


def claim_notes(text: str, ground: Ground) -> tuple[Note, ...]:
    """Notes on the claims of a stretch of prose."""
    found: list[Note] = []
    quote = first_hit(checks()["discredits"], text)
    if quote:
        found.append(note("discredits", quote))
    for sentence in _sentences(text):
        terms = frozenset(stems(sentence))
        found += _against_do_nots(sentence, terms, ground)
        found += _other_cause(sentence, terms, ground)
        found += _other_numbers(sentence, ground)
    return once(found)


def _sentences(text: str) -> Iterator[str]:
    """The sentences; one that ends with `?` keeps it."""
    place = 0
    for number, match in enumerate(_SENTENCE_END.finditer(text)):
        if number >= _MOST_SENTENCES:
            return
        yield text[place : match.start() + text[match.start() : match.end()].startswith("?")]
        place = match.end()
    yield text[place:]


def _forbidden(line: str) -> Forbidden | None:
    """What a "do not" forbids, without its reasons; `None` if that is too little to recognise."""
    clause = line.split(":", 1)[0].split(";", 1)[0].split(". ", 1)[0].split(", because", 1)[0]
    first, *others = stems(_FORBIDS.sub("", clause)) or [""]
    return Forbidden(line, first, frozenset(others)) if _FORBIDS.match(clause) and len(others) >= _LEAST - 1 else None


def _against_do_nots(sentence: str, terms: frozenset[str], ground: Ground) -> list[Note]:
    near = [each for each in ground.do_nots if each.verb in terms and len(each.terms & terms) >= max(2, _SAME * len(each.terms))]
    if not near or sentence.rstrip().endswith("?") or compiled(checks()["negation"]).search(sentence):
        return []
    told = frozenset(stems(" ".join(found.group(1) for found in compiled(checks()["told_to"]).finditer(sentence))))
    return [note("do_not", sentence.strip(), what=each.line) for each in near if each.verb in told]


def _other_cause(sentence: str, terms: frozenset[str], ground: Ground) -> list[Note]:
    match = compiled(checks()["names_cause"]).search(sentence)
    if match is None or compiled(checks()["negation"]).search(sentence):
        return []
    named = frozenset(stems(sentence[match.end() :] if match.end() < len(sentence) * 0.7 else sentence)) or terms
    if len(named) < _LEAST_CAUSE and len(terms) < _LEAST_CAUSE + 1:
        return []
    return [note("other_cause", sentence.strip())] if len(named & ground.terms) < _OWN_WORDS * len(named) else []


def _results(lines: Iterable[str]) -> Iterator[tuple[float, str, str]]:
    """The results of the calculations: number, unit, and the line."""
    for line in lines:
        for found in _RESULT.finditer(line):
            yield _value(found[1]), found[2].lower().rstrip("s"), line.replace("**", "")


def _other_numbers(sentence: str, ground: Ground) -> list[Note]:
    if not ground.results or not compiled(checks()["totals"]).search(sentence):
        return []
    found = []
    for match in _NUMBER.finditer(sentence.replace("**", "")):
        value, unit = _value(match[1]), match[2].lower().rstrip("s")
        if match[3] in _PER or _is_known(value, ground.numbers):
            continue
        same = [(result, line) for result, of, line in ground.results if of == unit]
        if same and all(result < value * 20 and value < result * 20 for result, _ in same[:1]):
            found.append(note("number", sentence.strip(), what=same[0][1]))
    return found


def _is_known(value: float, numbers: frozenset[float]) -> bool:
    return any(abs(value - known) <= _ROUNDED * max(abs(known), 1) for known in numbers)


def _value(text: str) -> float:
    plain = text.replace(",", "").strip(".")
    return float(plain) if plain and plain.count(".") <= 1 else 0.0
