"""Texts as people paste them: what must go goes, what an answer needs stays."""

from __future__ import annotations

import pytest

from dbbuddy.privacy import Redacted, Vault, redact
from tests.unit.privacy.cases import Case, cases

CASES = cases()
EVERY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def _covered(redacted: Redacted) -> set[int]:
    return {place for span in redacted.spans for place in range(span.start, span.end)}


def test_there_are_enough_cases_with_names_of_their_own() -> None:
    assert len(CASES) >= 400
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(not case.remove for case in CASES) >= 60


@EVERY
def test_secrets_and_personal_data_are_taken_out(case: Case) -> None:
    covered = _covered(redact(case.text))
    left = [
        case.text[start:end] for start, end in case.remove if {i for i in range(start, end) if case.text[i].isalnum()} - covered
    ]
    assert not left


@EVERY
def test_what_an_answer_needs_stays(case: Case) -> None:
    covered = _covered(redact(case.text))
    damaged = [case.text[start:end] for start, end in case.keep if covered & set(range(start, end))]
    assert not damaged
    if not case.remove:
        assert redact(case.text).text == case.text


@EVERY
def test_a_redacted_text_is_stable_and_can_be_restored(case: Case) -> None:
    vault = Vault()
    redacted = redact(case.text, vault)
    assert redact(redacted.text).text == redacted.text
    assert vault.restore(redacted.text) == case.text
