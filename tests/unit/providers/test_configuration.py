"""What an operator sets, and what he is told about it."""

from __future__ import annotations

import datetime
import importlib
import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from dbbuddy import providers
from dbbuddy.data_files import load_yaml
from dbbuddy.providers.catalogue import Catalogue, Entry, Prices, Rate, all_providers, catalogue
from dbbuddy.providers.chain import Chain, chain_of
from dbbuddy.providers.health import check_provider, provider_health
from dbbuddy.providers.prompt import Prompt
from dbbuddy.providers.protocol import Tokens
from dbbuddy.providers.usage import usage_of
from dbbuddy.settings import Settings
from tests.fakes.llm_server import FakeModels
from tests.unit.providers.chains import ask, chain_at, finished, settings_of, unavailable

ROOT = Path(__file__).parents[3]


def test_without_keys_nothing_is_asked_and_the_lines_say_what_to_set(prompt: Prompt) -> None:
    chain = chain_of(Settings(groq_api_key=None, huggingface_token=None, ollama_model=None))
    assert [a.result for a in unavailable(ask(chain, prompt)).attempts] == ["not_configured"] * 3
    lines = provider_health(chain)
    assert [line.state for line in lines] == ["not_configured"] * 3
    for line, variable in zip(lines, ("GROQ_API_KEY", "HUGGINGFACE_TOKEN", "OLLAMA_MODEL"), strict=True):
        assert f"DBBUDDY_{variable} is not set" in line.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"groq_api_key": SecretStr("  ")}, "DBBUDDY_GROQ_API_KEY is not set"),
        ({"groq_api_key": SecretStr("a b")}, "DBBUDDY_GROQ_API_KEY holds signs"),
        ({"groq_api_key": SecretStr("gsk_ключ")}, "DBBUDDY_GROQ_API_KEY holds signs"),
        ({"groq_base_url": "gateway:8080"}, "DBBUDDY_GROQ_BASE_URL is not"),
        ({"groq_model": " "}, "DBBUDDY_GROQ_MODEL is empty"),
        ({"huggingface_token": SecretStr("hf\n1")}, "DBBUDDY_HUGGINGFACE_TOKEN holds signs"),
        ({"huggingface_base_url": "file:///etc/passwd"}, "DBBUDDY_HUGGINGFACE_BASE_URL is not"),
        ({"ollama_host": "ftp://models"}, "DBBUDDY_OLLAMA_HOST is not"),
    ],
)
def test_a_setting_that_cannot_work_is_named(server: FakeModels, prompt: Prompt, changes: dict[str, object], said: str) -> None:
    settings = settings_of(server, groq="fine", huggingface="fine", ollama="fine").model_copy(update=changes)
    chain = chain_of(settings)
    chain.prepare()
    named = [line for line in provider_health(chain) if said in line.text]
    assert len(named) == 1
    assert finished(ask(chain, prompt)).provider != named[0].name


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost", "http://localhost:11434"),
        ("gpu-box:8080/", "http://gpu-box:8080"),
        ("[::1]", "http://[::1]:11434"),
        ("https://models.internal/", "https://models.internal"),
        ("", "http://localhost:11434"),
    ],
)
def test_ollama_host_may_be_written_short(host: str, url: str) -> None:
    (ollama,) = [provider for provider in all_providers(Settings(ollama_host=host)) if provider.name == "ollama"]
    assert ollama.base_url == url  # type: ignore[attr-defined]


def test_groq_base_url_may_be_written_with_its_path(server: FakeModels, prompt: Prompt) -> None:
    settings = settings_of(server, groq="fine").model_copy(update={"groq_base_url": f"{server.url}/openai/v1/"})
    assert finished(ask(chain_of(settings), prompt)).provider == "groq"
    assert [request.path for request in server.requests] == ["/openai/v1/chat/completions"]


def test_requests_are_what_the_services_expect(server: FakeModels, prompt: Prompt) -> None:
    for name in ("groq", "huggingface", "ollama"):
        ask(chain_at(server, **{name: "fine"}), prompt)
    groq, hugging_face, ollama = server.requests
    assert groq.headers["Authorization"] == "Bearer gsk-test"
    assert hugging_face.headers["authorization"] == "Bearer hf-test"
    limits = catalogue().limits
    assert groq.json["max_completion_tokens"] == hugging_face.json["max_tokens"] == limits.answer_tokens
    assert ollama.json["options"]["num_predict"] == limits.answer_tokens
    assert ollama.json["options"]["num_ctx"] >= limits.answer_tokens + limits.prompt_tokens  # else it cuts without a word
    assert all(request.json["stream"] and request.json["model"] == "fine" for request in server.requests)


def test_a_key_is_in_no_line_and_no_repr(server: FakeModels) -> None:
    chain = chain_at(server, groq="http-401", huggingface="http-500")
    shown = [repr(check_provider(chain, name)) for name in ("groq", "huggingface")]
    shown += [repr(link.provider) for link in chain.links] + [repr(chain.status())]
    assert not any("gsk-test" in text or "hf-test" in text for text in shown)


def test_a_check_sends_nothing_of_a_user_and_counts_as_no_answer(server: FakeModels) -> None:
    chain = chain_at(server, groq="fine", ollama="http-404", huggingface="length")
    assert [check_provider(chain, name).state for name in ("groq", "ollama", "huggingface")] == ["ready", "misconfigured", "ready"]
    assert {request.prompt for request in server.requests if "chat" in request.path} == {"Answer with the one word: ready"}
    assert [line.answers for line in provider_health(chain)] == [0, 0, 0]
    with pytest.raises(KeyError):
        check_provider(chain, "nobody")


def test_adding_a_provider_is_one_file_and_an_entry(
    tmp_path: Path, prompt: Prompt, monkeypatch: pytest.MonkeyPatch, server: FakeModels
) -> None:
    (tmp_path / "parrot.py").write_text(
        """
from dataclasses import dataclass
from dbbuddy.providers.protocol import Chunk

@dataclass(frozen=True)
class Parrot:
    name: str = "parrot"
    model: str = "grey"
    is_local: bool = True

    def problem(self):
        return None

    def prepare(self):
        pass

    def stream(self, messages, options, connection):
        yield Chunk("You said: ")
        yield Chunk(messages[-1].content[:20], finish="stop")

def build(settings, entry):
    return Parrot()
"""
    )
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    raw = load_yaml("providers.yaml")
    raw["providers"] = {
        "parrot": {"title": "Parrot", "base_url": "", "connect_seconds": 1, "first_token_seconds": 5},
        **raw["providers"],
    }
    content = Catalogue.model_validate(raw)
    chain = Chain(all_providers(settings_of(server, groq="fine"), content), mode="local", content=content)

    end = finished(ask(chain, prompt))

    assert (end.provider, end.text[:10]) == ("parrot", "You said: ")
    assert end.usage is not None
    assert end.usage.estimated


def test_the_catalogue_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError):
        Entry(title="x", base_url="", connect_seconds=1, first_token_seconds=1, retries=2)  # type: ignore[call-arg]


def test_every_wait_together_fits_the_budget() -> None:
    content = catalogue()
    waits = [entry.first_token_seconds for entry in content.providers.values()]
    assert sum(waits) <= Settings.model_fields["first_content_seconds"].default <= 4.5
    assert all(entry.connect_seconds < entry.first_token_seconds for entry in content.providers.values())
    assert (content.limits.gap_seconds + 0.1) * len(waits) < 5


def test_cost_is_shown_only_at_a_rate_of_the_operator() -> None:
    prices = Prices(currency="EUR", as_of=datetime.date(2026, 1, 31), rates={"groq": {"m": Rate(prompt=2.0, answer=4.0)}})

    def usage(tokens: Tokens | None, model: str = "m") -> tuple[int, int, bool, float | None]:
        found = usage_of(tokens, prompt_chars=2_250, answer_chars=225, provider="groq", model=model, prices=prices)
        return found.prompt_tokens, found.answer_tokens, found.estimated, found.cost

    assert usage(Tokens(1_000_000, 500_000)) == (1_000_000, 500_000, False, 4.0)
    assert usage(None) == (1_000, 100, True, pytest.approx(0.0024))
    assert usage(Tokens(0, 50)) == (1_000, 50, True, pytest.approx(0.0022))
    assert usage(Tokens(10, 10), "other") == (10, 10, False, None)
    assert catalogue().prices.rates == {}  # none are shipped: nobody licenses them


def test_every_setting_of_a_provider_is_documented() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text()
    names = [n for n in Settings.model_fields if re.match("groq|huggingface|ollama|mode|hybrid|first_content", n)]
    assert len(names) >= 10
    assert [name for name in names if f"`DBBUDDY_{name.upper()}`" not in documented] == []


def test_telemetry_of_the_hub_is_off(server: FakeModels, prompt: Prompt) -> None:
    """Only the configured address is asked: no mapping of models, no report."""
    assert finished(ask(chain_at(server, huggingface="fine"), prompt)).provider == "huggingface"
    assert [request.path for request in server.requests] == ["/v1/chat/completions"]
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
