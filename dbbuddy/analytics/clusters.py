"""Texts that ask much the same, found by the words they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from dbbuddy.diagnosis.terms import terms

NEAR = 0.35
"""Cosine of two texts from which on they belong together. Fitted by eye on the development questions: those of one diagnosis
lie at 0.2 to 0.6, those of different ones mostly below 0.15.
"""
_MAX_CHARS = 4_000
_MAX_TERMS = 60

Vectors = Any
"""A numpy matrix of float32: a row of length 1 for each text, a column for each term."""


def clusters(texts: Sequence[str], near: float = NEAR) -> list[list[int]]:
    """Group the positions of the texts, the largest group first; within a group the most typical text comes first.

    Leaders: texts with the most near neighbours found a group each and take all texts that are near to them and not taken yet.
    A text near to nobody is a group of its own. The cost grows with the square of their number: 1,500 texts take about 0.1 s.
    """
    if not texts:
        return []
    vectors = _vectors(texts)
    nearness = vectors @ vectors.T
    close = nearness >= near
    np.fill_diagonal(close, True)
    free = np.ones(len(texts), dtype=bool)
    found = []
    while free.any():
        neighbours = (close[:, free].sum(axis=1)) * free
        leader = int(np.argmax(neighbours))
        members = np.flatnonzero(close[leader] & free)
        free[members] = False
        found.append(sorted(members.tolist(), key=lambda place: (place != leader, -nearness[leader, place], place)))
    return sorted(found, key=lambda group: (-len(group), group[0]))


def common_terms(texts: Sequence[str], most: int = 6) -> list[str]:
    """The words that most of the texts have."""
    counts = Counter(term for text in texts for term in set(_terms(text)) if term.isalpha())
    return [term for term, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]]


def _terms(text: str) -> list[str]:
    return terms(text[:_MAX_CHARS])[: _MAX_TERMS * 4]


def _vectors(texts: Sequence[str]) -> Vectors:
    """TF-IDF with sublinear counts, each row scaled to length 1; a text without words is a row of zeros."""
    counted = [Counter(_terms(text)) for text in texts]
    rarity = Counter(term for counts in counted for term in counts)
    columns = {term: place for place, term in enumerate(sorted(term for term, n in rarity.items() if n > 1))}
    vectors = np.zeros((len(texts), len(columns)), dtype=np.float32)
    for row, counts in enumerate(counted):
        for term, n in counts.items():
            if term in columns:
                vectors[row, columns[term]] = (1 + np.log(n)) * np.log(1 + len(texts) / rarity[term])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
