"""Text as terms for lexical ranking: stems, concepts of the vocabulary, and typos put right."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import Stemmer
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from dbbuddy.data_files import load_yaml
from dbbuddy.intake.patterns import compiled

# Python's own `re`, several times as fast for many short matches; this pattern cannot backtrack.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+(?:'[a-z]+)?|\d{2,5}")
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "gets",
        "getting",
        "got",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "me",
        "my",
        "need",
        "not",
        "now",
        "of",
        "on",
        "or",
        "our",
        "out",
        "so",
        "some",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "too",
        "us",
        "use",
        "used",
        "using",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "please",
        "help",
        "thanks",
        "hello",
        "hi",
        "after",
        "all",
        "also",
        "any",
        "before",
        "since",
        "still",
        "only",
        "one",
        "two",
        "same",
        "every",
        "each",
        "more",
        "most",
        "much",
        "many",
        "lot",
        "over",
        "under",
        "about",
        "again",
        "always",
        "db",
        "database",
        "databases",
        "sql",
    ]
)
_MIN_TYPO_LENGTH = 5
_MAX_TYPOS = 30


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


@cache
def _concepts() -> tuple[tuple[str, Any], ...]:
    return tuple(("@" + name, compiled(pattern)) for name, pattern in load_yaml("vocabulary.yaml").items())


def words(text: str) -> list[str]:
    """Lower-case words; identifiers fall into their parts (`idle_in_transaction` is three words)."""
    return [word for word in _WORD.findall(text.lower()) if word not in _STOP]


def concepts(text: str) -> list[str]:
    """The vocabulary's concepts that the text speaks of, marked so that no word equals them."""
    return [name for name, pattern in _concepts() if pattern.search(text)]


def stems(text: str) -> list[str]:
    """The words of a text without their endings."""
    found: list[str] = _stemmer().stemWords(words(text))
    return found


def terms(text: str) -> list[str]:
    """Stems and concepts, as indexed and as searched."""
    return [*stems(text), *concepts(text)]


def correct_typos(text: str, known: frozenset[str], limit: int = _MAX_TYPOS) -> str:
    """Replace words that no playbook knows by the nearest known word, if one is clearly near."""
    unknown = [w for w in dict.fromkeys(words(text)) if w not in known and len(w) >= _MIN_TYPO_LENGTH and w.isalpha()]
    candidates = sorted(known)
    corrected = text.lower()
    for word in unknown[:limit]:
        nearest = process.extractOne(word, candidates, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=0.78)
        if nearest and abs(len(nearest[0]) - len(word)) <= 2 and nearest[0][0] == word[0]:
            corrected = corrected.replace(word, nearest[0])
    return corrected
