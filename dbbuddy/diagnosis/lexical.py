"""Lexical nearness of a text to each playbook: BM25 over what it is found by."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np

from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.diagnosis.terms import stems, terms, words

Scores = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_MAX_TERMS = 120
# What is no word in a pattern.
_SYNTAX = re.compile(r"\\[bBwWsSdD]|[\\\[\]{}().*+?|^$0-9,]")
# A query of n terms is held to this many matched ones, so that long texts are not at an advantage.
_FULL_MATCH = 8.0
_FULL_MATCH_PER_TERM = 1.2


class LexicalIndex:
    """Built once per library; positions are those of the playbooks given."""

    def __init__(self, playbooks: Sequence[Playbook]) -> None:
        documents = [_document(playbook) for playbook in playbooks]
        causes = [_cause(playbook) for playbook in playbooks]
        self.known_words = frozenset(word for document in (*documents, *causes) for word in words(document))
        self._count = len(playbooks)
        self._bm25 = bm25s.BM25()
        document_terms = [[*terms(head), *stems(cause)] for head, cause in zip(documents, causes, strict=True)]
        self._bm25.index(document_terms or [["nothing"]], show_progress=False)
        self._vocabulary = set(self._bm25.vocab_dict)
        counts = Counter(term for found in document_terms for term in set(found))
        self._rarity = {term: math.log(1 + self._count / count) for term, count in counts.items()}
        self._rarest = math.log(1 + self._count)

    def scores(self, text: str) -> Scores:
        """Each playbook's nearness, 0 to about 0.5; 0.2 and more is near."""
        query = self._query(text)
        if not query or not self._count:
            return np.zeros(self._count)
        return self._nearness(query, len(query))

    def by_term(self, text: str) -> dict[str, Scores]:
        """The parts of `scores` that each term gives; they sum up to it."""
        query = self._query(text)
        return {term: self._nearness([term], len(query)) for term in query} if self._count else {}

    def _query(self, text: str) -> list[str]:
        return [term for term in dict.fromkeys(terms(text)) if term in self._vocabulary][:_MAX_TERMS]

    def _nearness(self, query: list[str], length: int) -> Scores:
        raw: Scores = np.asarray(self._bm25.get_scores(query), dtype=np.float64)
        return raw / (_FULL_MATCH + _FULL_MATCH_PER_TERM * length)

    def relevance(self, passage: str, text: str) -> float:
        """How much a passage speaks of what the text speaks of: shared terms, the rare ones counting more."""
        passage_terms = set(terms(passage))
        shared = passage_terms & set(terms(text))
        weight = sum(self._rarity.get(term, self._rarest) for term in shared)
        return weight / math.sqrt(10.0 + len(passage_terms))


def _document(playbook: Playbook) -> str:
    """What a playbook is found by: its head, and the words of its patterns."""
    head = playbook.head
    patterns = [_SYNTAX.sub(" ", signal.match) for signal in head.signals.phrases]
    return "\n".join([head.title, head.title, head.summary, *head.symptoms, head.slug.replace("-", " "), *patterns])


def _cause(playbook: Playbook) -> str:
    """How it explains the cause; its words count, but not the concepts that a reporter would use."""
    return playbook.markdown.partition("## Root cause\n")[2].partition("\n## ")[0]
