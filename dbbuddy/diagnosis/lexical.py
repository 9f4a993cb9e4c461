"""Lexical nearness of a text to each playbook: BM25 over their symptoms, one by one and together."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np

from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.diagnosis.terms import terms, words

Scores = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_MAX_TERMS = 120
# The nearest single symptom against the playbook as a whole.
_SYMPTOM_SHARE = 0.4
# A query of n terms is held to this many matched ones, so that long texts are not at an advantage.
_FULL_MATCH = 8.0
_FULL_MATCH_PER_TERM = 1.2


class LexicalIndex:
    """Built once per library; positions are those of the playbooks given."""

    def __init__(self, playbooks: Sequence[Playbook]) -> None:
        documents = [_document(playbook) for playbook in playbooks]
        symptoms = [(position, text) for position, p in enumerate(playbooks) for text in (*p.head.symptoms, p.head.title)]
        self.known_words = frozenset(word for document in documents for word in words(document))
        self._count = len(playbooks)
        self._owners = np.array([position for position, _ in symptoms], dtype=np.int64)
        self._whole = _index([terms(document) for document in documents])
        self._single = _index([terms(text) for _, text in symptoms])
        self._vocabulary = set(self._whole.vocab_dict)

    def scores(self, text: str) -> Scores:
        """Each playbook's nearness, 0 to about 1."""
        query = [term for term in dict.fromkeys(terms(text)) if term in self._vocabulary][:_MAX_TERMS]
        if not query or not self._count:
            return np.zeros(self._count)
        whole = np.asarray(self._whole.get_scores(query), dtype=np.float64)[: self._count]
        each = np.asarray(self._single.get_scores(query), dtype=np.float64)[: len(self._owners)]
        nearest = np.zeros(self._count)
        np.maximum.at(nearest, self._owners, each)
        combined: Scores = (1 - _SYMPTOM_SHARE) * whole + _SYMPTOM_SHARE * nearest
        return combined / (_FULL_MATCH + _FULL_MATCH_PER_TERM * len(query))


def _index(documents: list[list[str]]) -> bm25s.BM25:
    index = bm25s.BM25()
    index.index(documents or [["nothing"]], show_progress=False)
    return index


def _document(playbook: Playbook) -> str:
    head = playbook.head
    return "\n".join([head.title, head.title, head.summary, *head.symptoms, head.slug.replace("-", " ")])
