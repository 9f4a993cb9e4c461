"""The optional recognition of names: off by default, prose only, and closed if it cannot work."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from dbbuddy.privacy import recognised_names
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.vault import Vault
from dbbuddy.privacy.view import RedactionError
from dbbuddy.settings import settings

PROSE = "Yesterday Ulvhild Brannstad moved the big table over and since then everything crawls."
LOG = "ERROR: relation Ulvhild Brannstad does not exist; SELECT * FROM orders"


def _finds(name: str) -> Any:
    def recognise(text: str) -> Any:
        at = text.find(name)
        found = [SimpleNamespace(label_="PERSON", text=name, start_char=at)] if at >= 0 else []
        return SimpleNamespace(ents=[SimpleNamespace(label_="ORG", text="table", start_char=0), *found])

    return recognise


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setenv("DBBUDDY_NAME_MODEL", "some_model")
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def test_without_a_model_a_rare_name_stays() -> None:
    assert redact(PROSE, Vault()).text == PROSE


def test_a_recognised_name_goes_from_prose_only(configured: pytest.MonkeyPatch) -> None:
    configured.setattr(recognised_names, "model", lambda name: _finds("Ulvhild Brannstad"))
    assert redact(f"{PROSE}\nIt is slow now, and Nobody knows why that is.", Vault()).text.startswith("Yesterday <PERSON_1> moved")
    assert redact(LOG, Vault()).text == LOG


def test_a_model_that_cannot_be_loaded_lets_nothing_pass(configured: pytest.MonkeyPatch) -> None:
    with pytest.raises(RedactionError, match="DBBUDDY_NAME_MODEL"):
        redact(PROSE, Vault())


def test_the_real_model_finds_a_name(configured: pytest.MonkeyPatch) -> None:
    pytest.importorskip("spacy", reason="pip install spacy en_core_web_sm")
    configured.setenv("DBBUDDY_NAME_MODEL", "en_core_web_sm")
    settings.cache_clear()
    text = "Yesterday Jonathan Whitfield moved the big table over and since then everything crawls."
    assert "Whitfield" not in redact(text, Vault()).text
