"""Texts as people paste them: what must go goes, what an answer needs stays."""

from __future__ import annotations

from functools import cache

import pytest

from dbbuddy.privacy import Redacted, Vault, redact
from tests.unit.privacy.cases import Case, cases

CASES = cases()
EVERY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@cache
def _redacted(case: Case) -> tuple[Redacted, Vault]:
    vault = Vault()
    return redact(case.text, vault), vault


def _covered(case: Case) -> set[int]:
    return {place for span in _redacted(case)[0].spans for place in range(span.start, span.end)}


def test_there_are_enough_cases_with_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 500
    assert sum(not case.remove for case in CASES) >= 100


@EVERY
def test_secrets_and_personal_data_are_taken_out(case: Case) -> None:
    covered = _covered(case)
    needed = {(start, end): {i for i in range(start, end) if case.text[i].isalnum()} for start, end in case.remove}
    assert not [case.text[start:end] for (start, end), places in needed.items() if places - covered]


@EVERY
def test_what_an_answer_needs_stays(case: Case) -> None:
    covered = _covered(case)
    assert not [case.text[start:end] for start, end in case.keep if covered & set(range(start, end))]
    if not case.remove:
        assert _redacted(case)[0].text == case.text


@EVERY
def test_a_redacted_text_is_stable_and_can_be_restored(case: Case) -> None:
    redacted, vault = _redacted(case)
    assert redact(redacted.text).text == redacted.text
    assert vault.restore(redacted.text) == case.text
