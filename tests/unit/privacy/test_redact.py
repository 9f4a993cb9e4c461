"""Placeholders, the vault, and what happens when redaction cannot be finished."""

from __future__ import annotations

import copy
import pickle
import sys

import pytest

from dbbuddy.privacy import RedactionError, Vault, redact
from dbbuddy.privacy import view as view_module
from dbbuddy.privacy.redact import DETECTORS, placeholders_in
from dbbuddy.privacy.view import View

MODULE = sys.modules["dbbuddy.privacy.redact"]
"""The module, which the package's function of the same name hides."""


def test_spans_are_places_of_the_original_text() -> None:
    text = "host=10.1.2.3 password=kiwi-77 and again kiwi-77"
    redacted = redact(text)
    assert redacted.text == "host=<IP_1> password=<PASSWORD_1> and again <PASSWORD_1>"
    assert [(text[s.start : s.end], s.type, s.placeholder) for s in redacted.spans] == [
        ("10.1.2.3", "IP", "<IP_1>"),
        ("kiwi-77", "PASSWORD", "<PASSWORD_1>"),
        ("kiwi-77", "PASSWORD", "<PASSWORD_1>"),
    ]


def test_the_same_value_has_the_same_placeholder_in_a_conversation() -> None:
    vault = Vault()
    first = redact("mail ann@shop.example and bob@shop.example", vault)
    second = redact("it was bob@shop.example", vault)
    assert first.text == "mail <EMAIL_1> and <EMAIL_2>"
    assert second.text == "it was <EMAIL_2>"
    assert vault.restore(second.text) == "it was bob@shop.example"


def test_a_secret_told_before_is_known_without_its_key() -> None:
    vault = Vault()
    redact("postgresql://app:Zugspitze-2962@db.acme.io/x", vault)
    later = redact("still fails, tried Zugspitze-2962 twice on db.acme.io", vault)
    assert later.text == "still fails, tried <PASSWORD_1> twice on <HOST_1>"


def test_without_a_vault_numbering_starts_anew() -> None:
    assert redact("ann@shop.example").text == redact("bob@shop.example").text == "<EMAIL_1>"


def test_a_written_placeholder_is_not_taken_for_ours() -> None:
    vault = Vault()
    text = "the log says <EMAIL_1>, mine is ann@shop.example"
    redacted = redact(text, vault)
    assert redacted.text == "the log says <EMAIL_1>, mine is <EMAIL_2>"
    assert vault.restore(redacted.text) == text


def test_a_written_placeholder_that_is_given_away_is_escaped() -> None:
    vault = Vault()
    redact("ann@shop.example", vault)
    text = "what is <EMAIL_1> for?"
    redacted = redact(text, vault)
    assert "<EMAIL_1>" not in redacted.text
    assert vault.restore(redacted.text) == text


def test_placeholders_of_an_answer_are_ours() -> None:
    vault = Vault()
    redact("ann@shop.example cannot log in", vault)
    answer = redact("Ask <EMAIL_1> again; the new one is zoe@shop.example.", vault, ours=True)
    assert answer.text == "Ask <EMAIL_1> again; the new one is <EMAIL_2>."
    assert vault.restore(answer.text) == "Ask ann@shop.example again; the new one is zoe@shop.example."


def test_unknown_placeholders_stay_as_they_are() -> None:
    assert Vault().restore("<PASSWORD_7> <NOPE_1> <EMAIL_0>") == "<PASSWORD_7> <NOPE_1> <EMAIL_0>"


def test_restoring_is_not_recursive() -> None:
    vault = Vault()
    redact("a@b.example", vault)
    escaped = redact("<EMAIL_1>", vault).text
    assert vault.restore(escaped) == "<EMAIL_1>"


def test_placeholders_in_a_text_come_once_in_order() -> None:
    assert placeholders_in("<IP_2> <EMAIL_1> <IP_2> <X_1>") == ["<IP_2>", "<EMAIL_1>"]


def test_a_vault_does_not_leave_memory() -> None:
    vault = Vault()
    redact("password=hunter-22", vault)
    assert "hunter" not in repr(vault)
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(vault)


def test_look_alikes_and_invisible_signs_do_not_hide_a_secret() -> None:
    for text, secret in (
        ("pass\u200bword=zeb\u200bra-9 ok", "zeb\u200bra-9"),
        ("ｐａｓｓｗｏｒｄ＝ｚｅｂｒａ９ ok", "ｚｅｂｒａ９"),
        ("pаsswоrd=zebra-9 ok", "zebra-9"),
        ("password=zebra\x00-9 ok", "zebra\x00-9"),
        ("password = “zebra-9” ok", "zebra-9"),
    ):
        redacted = redact(text)
        assert [text[s.start : s.end] for s in redacted.spans] == [secret]
        assert redacted.text.endswith("ok") or redacted.text.endswith("” ok")


def test_lone_surrogates_and_emoji_are_no_trouble() -> None:
    vault = Vault()
    text = "😀 \ud800 password=zebra-9 é\u0301 ann@shop.example"
    assert vault.restore(redact(text, vault).text) == text


def test_a_spent_time_budget_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "SECONDS", -1.0)
    with pytest.raises(RedactionError, match="too long"):
        redact("password=hunter-22")


def test_a_failing_detector_raises_and_says_nothing_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(view: View) -> None:
        raise ValueError(view.text)

    monkeypatch.setattr(MODULE, "DETECTORS", (*DETECTORS, broken))
    with pytest.raises(RedactionError) as caught:
        redact("password=hunter-22")
    assert "hunter" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_every_character_folds_to_one_ascii_character() -> None:
    text = "".join(chr(code) for code in range(0x20, 0x3000) if chr(code) != view_module.HIDDEN)
    view = View(text)
    assert view.text.isascii()
    start, end = view.original(0, len(view))
    assert start == 0
    assert end <= len(text)
