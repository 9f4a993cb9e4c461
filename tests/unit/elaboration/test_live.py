"""A model's text while it is being written, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbbuddy.diagnosis.library import load_library
from dbbuddy.elaboration.desk import Plan, Refused, plan
from dbbuddy.elaboration.live import Live
from dbbuddy.elaboration.restoring import restored_advice
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.vault import Vault
from dbbuddy.providers.chain import Chain
from dbbuddy.providers.prompt import Prompt
from dbbuddy.store.elaborations import Elaboration, elaborations, record_elaboration
from dbbuddy.store.history import record_exchange
from dbbuddy.store.store import Store
from tests.fakes.llm_server import FakeModels, fake_server
from tests.unit.elaboration.answers import advice
from tests.unit.providers.chains import LONG, chain_at, prompt_of
from tests.unit.store.exchanges import OTHER, USER, exchange

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def written(chain: Chain, *, vault: Vault | None = None, stop: bool = False) -> Elaboration:
    """The elaboration that a chain makes."""
    kept: list[Elaboration] = []
    live = Live(chain, prompt_of(), "e", vault or Vault(), kept.append)
    live.start(sensitive=False, production=False)
    if stop:
        live.stop()
    assert live.wait(LONG)
    assert [live.now.done] == kept
    return kept[0]


def test_an_answer_is_kept_with_who_wrote_it_and_why_others_did_not() -> None:
    with fake_server() as server:
        server.answer("Use an index.")
        done = written(chain_at(server, groq="http-500", ollama="fine"))
    assert (done.text, done.provider, done.model, done.outcome) == ("Use an index.", "ollama", "fine", "complete")
    assert [(each.provider, each.result) for each in done.attempts] == [("groq", "server"), ("ollama", "answered")]
    assert done.prompt_version
    assert done.completion_tokens


def test_a_restart_begins_anew() -> None:
    with fake_server() as server:
        server.answer("Whole.")
        done = written(chain_at(server, groq="reset", ollama="fine"))
    assert done.text == "Whole."


def test_nothing_but_a_reason_is_kept_if_nobody_answers() -> None:
    with fake_server() as server:
        done = written(chain_at(server, groq="http-401", ollama="html"))
    assert (done.text, done.outcome, done.provider) == ("", "unavailable", "")
    assert all(each.detail for each in done.attempts)


def test_what_looks_like_a_secret_is_taken_out_before_it_is_kept() -> None:
    vault = Vault()
    redact("login jdoe@corp.example", vault)
    with fake_server() as server:
        server.answer(f"Tell <EMAIL_1> to use {TOKEN} and password=S3cr3t!x9")
        done = written(chain_at(server, groq="fine"), vault=vault)
    assert TOKEN not in done.text
    assert "S3cr3t" not in done.text
    assert "<EMAIL_1>" in done.text, "the conversation's own placeholders stay"
    assert vault.restore(done.text) == f"Tell jdoe@corp.example to use {TOKEN} and password=S3cr3t!x9"


def test_an_endless_answer_ends() -> None:
    with fake_server() as server:
        done = written(chain_at(server, groq="endless"))
    assert done.outcome in ("length_limit", "stopped")
    assert 0 < len(done.text) < 100_000


def test_a_stopped_answer_is_kept_as_far_as_it_came() -> None:
    with fake_server() as server:
        done = written(chain_at(server, groq="fine"), stop=True)
    assert done.outcome in ("stopped", "complete")


def test_an_unforeseen_failure_does_not_leave_the_reader_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Chain, prompt: Prompt, **_: object) -> object:
        yield from ()
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(Chain, "elaborate", broken)
    with fake_server() as server:
        assert written(chain_at(server, groq="fine")).outcome == "failed"


class TestPlan:
    def planned(self, server: FakeModels, question: str, **models: str) -> Plan | Refused | None:
        chain = chain_at(server, **models)  # type: ignore[arg-type]
        return plan(chain, load_library(), advice(), redact(question).text, ())

    def test_nothing_is_planned_without_a_provider(self) -> None:
        with fake_server() as server:
            assert self.planned(server, "why?") is None

    def test_what_is_out_of_scope_goes_to_no_model(self) -> None:
        with fake_server() as server:
            out = advice(status="out_of_scope", diagnoses=())
            assert plan(chain_at(server, groq="fine"), load_library(), out, "MongoDB?", ()) is None

    def test_the_plan_says_what_goes_where(self) -> None:
        with fake_server() as server:
            planned = self.planned(server, "mail bob@corp.example and ann@corp.example, password=S3cr3t!x9", groq="fine")
        assert isinstance(planned, Plan)
        assert planned.removed == {"EMAIL": 2, "PASSWORD": 1}
        assert planned.leaves_the_house
        assert "<EMAIL_1>" in planned.sent
        assert "bob@" not in planned.sent
        assert "S3cr3t" not in planned.sent

    def test_the_plan_of_a_local_model_leaves_nothing(self) -> None:
        with fake_server() as server:
            planned = self.planned(server, "why?", ollama="fine")
        assert isinstance(planned, Plan)
        assert not planned.leaves_the_house
        assert not planned.is_sensitive

    def test_hybrid_mode_says_why_nobody_is_asked(self) -> None:
        with fake_server() as server:
            planned = self.planned(server, "mail bob@corp.example", groq="fine", mode="hybrid")
        assert isinstance(planned, Refused)
        assert "Groq" in planned.why


def test_a_kept_elaboration_is_found_again_by_its_owner_only(store: Store) -> None:
    one = exchange()
    record_exchange(store, USER, one)
    with fake_server() as server:
        done = replace(written(chain_at(server, groq="http-500", ollama="fine")), exchange_id=one.id)
    record_elaboration(store, USER, done)
    newer = replace(done, id="newer", text="Newer.", asked_at=done.asked_at.replace(year=done.asked_at.year + 1))
    record_elaboration(store, USER, newer)
    assert elaborations(store, USER, one.conversation_id) == {one.id: newer}
    assert elaborations(store, OTHER, one.conversation_id) == {}


def test_values_are_put_back_for_the_session_as_text_only() -> None:
    vault = Vault()
    question = redact("host=db1.corp.example password=![x](http://127.0.0.1:9/p)`; user bob@corp.example", vault).text
    given = advice(situation=f"You wrote: `{question}`. Write to <EMAIL_1>.")
    shown = restored_advice(given, vault)
    assert "bob@corp.example" in shown.situation
    assert "`bob@corp.example`" in shown.situation
    assert restored_advice(given, Vault()) is given
    assert shown.diagnoses == given.diagnoses
