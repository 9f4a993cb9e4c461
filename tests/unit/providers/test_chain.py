"""What the reader of an answer gets from the chain: stops, limits, gates, and threads that go away."""

from __future__ import annotations

import threading
import time

import pytest

from dbbuddy.providers.events import Finished, Started, Text
from dbbuddy.providers.health import check_provider, provider_health
from dbbuddy.providers.prompt import Prompt
from tests.fakes.llm_server import FakeModels
from tests.unit.providers.chains import LONG, NAMES, ask, chain_at, finished, limited, unavailable


def provider_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("provider-")]


def until(condition: object, seconds: float = LONG) -> bool:
    """Wait for something that must come soon, however loaded the machine is."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(condition())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("model", ["no-first-byte", "headers-only", "stall", "endless"])
def test_stop_closes_the_connection_and_leaves_no_thread(server: FakeModels, prompt: Prompt, model: str, name: str) -> None:
    stop = threading.Event()
    chain = chain_at(server, content=limited(chars=10**9), **{name: model})
    threading.Timer(0.1, stop.set).start()

    end = finished(list(chain.elaborate(prompt, sensitive=False, production=False, cancelled=stop)))

    assert end.outcome == "stopped"
    assert bool(end.text) == (model in ("stall", "endless"))
    assert end.provider == (name if end.text else None)
    assert until(lambda: server.closed_early == 1), "the server was never told"
    assert until(lambda: not provider_threads())
    assert chain.status().providers[0].gate.failures == {}  # to stop is no failure of the provider
    assert chain.status().outcomes == {"stopped": 1}


def test_stop_by_a_function_before_anything_is_sent(server: FakeModels, prompt: Prompt) -> None:
    chain = chain_at(server, groq="fine")
    events = list(chain.elaborate(prompt, sensitive=False, production=False, cancelled=lambda: True))
    assert finished(events).outcome == "stopped"
    assert server.requests == []


def test_leaving_the_generator_closes_the_connection(server: FakeModels, prompt: Prompt) -> None:
    chain = chain_at(server, groq="stall")
    events = chain.elaborate(prompt, sensitive=False, production=False)
    assert any(isinstance(event, Text) for event in (next(events), next(events)))
    events.close()
    assert until(lambda: server.closed_early == 1)
    assert until(lambda: not provider_threads())


def test_a_slow_reader_slows_the_stream_and_loses_nothing(server: FakeModels, prompt: Prompt) -> None:
    server.answer([f"{n} " for n in range(500)])
    pieces = []
    for event in chain_at(server, groq="fine").elaborate(prompt, sensitive=False, production=False):
        if isinstance(event, Text):
            pieces.append(event.piece)
            time.sleep(0.001)
    assert "".join(pieces).split() == [str(n) for n in range(500)]


def test_an_answer_that_drips_is_cut_by_time(server: FakeModels, prompt: Prompt) -> None:
    server.pause = 0.05
    server.answer(["word "] * 1000)
    end = finished(ask(chain_at(server, content=limited(answer=0.4), groq="slow"), prompt))
    assert end.outcome == "time_limit"
    assert end.text.startswith("word word")


def test_when_all_are_silent_the_budget_ends_it_and_each_is_named(server: FakeModels, prompt: Prompt) -> None:
    models = dict.fromkeys(NAMES, "no-first-byte")
    chain = chain_at(server, content=limited(first=0.15), seconds=0.5, **models)
    end = unavailable(ask(chain, prompt))
    assert [(a.provider, a.result) for a in end.attempts] == [(name, "timeout") for name in NAMES]
    assert chain.status().outcomes == {"unavailable": 1}


def test_what_is_left_of_the_budget_belongs_to_the_last_provider(server: FakeModels, prompt: Prompt) -> None:
    """A model that starts slowly has a chance if nobody comes after it."""
    server.answer(lambda _: time.sleep(0.5) or "At last.")
    chain = chain_at(server, content=limited(first=0.1), ollama="fine")
    assert finished(ask(chain, prompt)).text == "At last."


def test_no_time_left_is_said(server: FakeModels, prompt: Prompt) -> None:
    chain = chain_at(server, content=limited(first=LONG), seconds=0.2, groq="no-first-byte", ollama="fine")
    end = unavailable(ask(chain, prompt))
    assert [a.result for a in end.attempts] == ["timeout", "no_time", "not_configured"]


def test_after_three_outages_a_provider_is_left_alone_until_a_check_finds_it_back(server: FakeModels, prompt: Prompt) -> None:
    chain = chain_at(server, groq="http-500", ollama="fine")
    for _ in range(3):
        ask(chain, prompt)
    asked = len(server.requests)

    end = finished(ask(chain, prompt))

    assert (end.attempts[0].result, end.attempts[1].result) == ("resting", "answered")
    assert len(server.requests) == asked + 1
    assert provider_health(chain)[0].state == "resting"
    assert check_provider(chain, "groq").state == "resting"  # still broken
    object.__setattr__(chain.links[0].provider, "model", "fine")
    assert check_provider(chain, "groq").state == "ready"
    assert finished(ask(chain, prompt)).provider == "groq"


def test_too_many_requests_pauses_for_as_long_as_told(server: FakeModels, prompt: Prompt) -> None:
    for retry_after, least, most in (("7", 5, 7), ("100000", 55, 60), (None, 10, 15), ("soon", 10, 15)):
        server.retry_after = retry_after
        chain = chain_at(server, groq="http-429", ollama="fine")
        ask(chain, prompt)
        asked = len(server.requests)
        end = finished(ask(chain, prompt))
        assert end.attempts[0].result == "resting"
        assert len(server.requests) == asked + 1
        assert least < chain.status().providers[0].gate.pause_seconds <= most
        assert chain.status().providers[0].gate.breaker == "closed"  # no outage


@pytest.mark.parametrize("model", ["http-401", "http-403", "http-404", "decommissioned", "redirect"])
def test_a_wrong_key_or_model_is_not_tried_again(server: FakeModels, prompt: Prompt, model: str) -> None:
    chain = chain_at(server, huggingface=model, ollama="fine")
    assert [finished(ask(chain, prompt)).attempts[0].result for _ in range(3)] == ["misconfigured", "resting", "resting"]
    assert sum("/v1/" in request.path for request in server.requests) == 1
    line = provider_health(chain)[0]
    assert line.state == "misconfigured"
    assert chain.status().providers[0].gate.breaker == "closed"


def test_one_request_tries_whether_a_provider_is_back(server: FakeModels, prompt: Prompt) -> None:
    content = limited()
    content = content.model_copy(update={"breaker": content.breaker.model_copy(update={"failures": 1, "rest_seconds": 0.05})})
    chain = chain_at(server, content=content, groq="http-500", ollama="fine")
    ask(chain, prompt)
    time.sleep(0.1)
    object.__setattr__(chain.links[0].provider, "model", "stall")
    trying = chain.elaborate(prompt, sensitive=False, production=False)
    assert isinstance(next(trying), Started)
    assert isinstance(next(trying), Text)

    meanwhile = finished(ask(chain, prompt))

    assert meanwhile.attempts[0].detail == "another request is trying whether it is back"
    trying.close()
    object.__setattr__(chain.links[0].provider, "model", "fine")
    assert finished(ask(chain, prompt)).provider == "groq"
    assert chain.status().providers[0].gate.breaker == "closed"


def test_many_at_once_share_one_chain(server: FakeModels, prompt: Prompt) -> None:
    chain = chain_at(server, groq="fine")
    ends: list[Finished] = []
    threads = [threading.Thread(target=lambda: ends.append(finished(ask(chain, prompt)))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [end.provider for end in ends] == ["groq"] * 12
    assert chain.status().providers[0].gate.answers == 12
    assert until(lambda: not provider_threads())
