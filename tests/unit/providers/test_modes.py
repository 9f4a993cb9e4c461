"""Where a text may go: modes, sensitivity, redirects, proxies, and Ollama models that do not run at home."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dbbuddy.providers.addresses import is_private_address, may_be_private, require_private
from dbbuddy.providers.chain import chain_of
from dbbuddy.providers.errors import ProviderError
from dbbuddy.providers.health import check_provider, provider_health
from dbbuddy.providers.prompt import Prompt
from tests.fakes.llm_server import FakeModels, fake_server
from tests.unit.providers.chains import ask, chain_at, finished, settings_of, unavailable


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that is looked up or connected to; only this machine is let through."""
    seen: list[str] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: tuple[str, int]) -> None:
        seen.append(address[0])
        assert address[0] in ("127.0.0.1", "::1"), f"connection to {address}"
        connect(self, address)

    def guarded_look_up(host: str, *args: object, **kwargs: object) -> object:
        seen.append(host)
        assert host in ("127.0.0.1", "localhost"), f"look-up of {host}"
        return look_up(host, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    return seen


def test_local_mode_opens_no_connection_but_to_ollama(server: FakeModels, prompt: Prompt, connected: list[str]) -> None:
    """Even with keys for the outside, and real addresses."""
    settings = settings_of(server, mode="local", groq="fine", huggingface="fine", ollama="fine")
    chain = chain_of(settings.model_copy(update={"groq_base_url": None, "huggingface_base_url": None}))
    chain.prepare()

    end = finished(ask(chain, prompt))
    for name in ("groq", "huggingface"):
        check_provider(chain, name)

    assert [(a.provider, a.result) for a in end.attempts] == [
        ("groq", "not_allowed"),
        ("huggingface", "not_allowed"),
        ("ollama", "answered"),
    ]
    assert set(connected) == {"127.0.0.1"}
    assert {request.path for request in server.requests} == {"/api/show", "/api/chat"}
    assert [line.state for line in provider_health(chain)] == ["not_allowed", "not_allowed", "ready"]


def test_local_mode_without_ollama_opens_no_connection_at_all(server: FakeModels, prompt: Prompt, connected: list[str]) -> None:
    end = unavailable(ask(chain_at(server, mode="local", groq="fine", huggingface="fine"), prompt))
    assert [a.result for a in end.attempts] == ["not_allowed", "not_allowed", "not_configured"]
    assert connected == []


def test_libraries_for_the_outside_are_not_even_loaded_in_local_mode() -> None:
    code = """
import sys
from dbbuddy.providers.chain import default_chain
default_chain()
print(sorted({"groq", "huggingface_hub", "ollama"} & set(sys.modules)))
"""
    environment = {
        "DBBUDDY_MODE": "local",
        "DBBUDDY_GROQ_API_KEY": "k",
        "DBBUDDY_HUGGINGFACE_TOKEN": "t",
        "DBBUDDY_OLLAMA_MODEL": "m",
        "PATH": "",
    }
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=root, check=True)
    assert done.stdout.strip() == "['ollama']"


@pytest.mark.parametrize(
    ("sensitive", "production", "keeps_production", "asked"),
    [
        (False, False, True, ["groq"]),
        (True, False, True, ["ollama"]),
        (False, True, True, ["ollama"]),
        (False, True, False, ["groq"]),
        (True, True, False, ["ollama"]),
    ],
)
def test_hybrid_keeps_what_is_sensitive_at_home(
    server: FakeModels, prompt: Prompt, sensitive: bool, production: bool, keeps_production: bool, asked: list[str]
) -> None:
    settings = settings_of(server, mode="hybrid", groq="fine", ollama="fine")
    chain = chain_of(settings.model_copy(update={"hybrid_keeps_production": keeps_production}))
    chain.prepare()

    end = finished(ask(chain, prompt, sensitive=sensitive, production=production))

    assert [a.provider for a in end.attempts if a.result == "answered"] == asked
    assert {"ollama" if "/api/" in request.path else "groq" for request in server.requests} == set(asked)
    would = chain.candidates(sensitive=sensitive, production=production)
    assert next(candidate.name for candidate in would if not candidate.skip) == asked[0]


def test_hybrid_without_a_local_model_sends_nothing_sensitive(server: FakeModels, prompt: Prompt) -> None:
    chain = chain_at(server, mode="hybrid", groq="fine", huggingface="fine")
    end = unavailable(ask(chain, prompt, sensitive=True))
    assert server.requests == []
    assert end.attempts[0].detail == "what is sensitive stays in the house"


@pytest.mark.parametrize("mode", ["local", "hybrid"])
def test_ollama_on_a_public_host_is_not_local(prompt: Prompt, connected: list[str], mode: str) -> None:
    for host in ("http://8.8.8.8:11434", "https://[2001:4860:4860::8888]"):
        chain = chain_at(host, mode=mode, ollama="fine")  # type: ignore[arg-type]
        end = unavailable(ask(chain, prompt, sensitive=True))
        assert end.attempts[-1].result in ("not_allowed", "not_configured")
    assert connected == []


def test_a_name_that_leads_to_a_public_address_is_refused_before_connecting(
    prompt: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[object] = []
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", ("10.0.0.5", 0)), (2, 1, 6, "", ("93.184.215.14", 0))]
    )
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: attempts.append(address))
    end = unavailable(ask(chain_at("http://models.corp:11434", mode="local", ollama="fine"), prompt))
    attempt = end.attempts[0]
    assert (attempt.provider, attempt.result) == ("ollama", "misconfigured")
    assert "93.184.215.14" in attempt.detail
    assert attempts == []


def test_a_name_that_changes_its_mind_is_refused_after_connecting(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: private when it is looked up, public when it is connected to. Nothing is sent."""
    with fake_server() as server:
        monkeypatch.setattr("dbbuddy.providers.connection.is_private_address", lambda address: False)
        end = unavailable(ask(chain_at(server, mode="local", ollama="fine"), prompt))
        assert (end.attempts[0].provider, end.attempts[0].result) == ("ollama", "misconfigured")
        assert server.requests == []


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "glm-4.6:cloud", "my-hosted-alias"])
def test_ollama_models_that_run_in_its_cloud_are_not_local(server: FakeModels, prompt: Prompt, model: str) -> None:
    end = unavailable(ask(chain_at(server, mode="local", ollama=model), prompt))
    assert end.attempts[0].result in ("not_allowed", "misconfigured")
    assert not any("chat" in request.path for request in server.requests)
    assert finished(ask(chain_at(server, mode="cloud", ollama=model), prompt)).provider == "ollama"


def test_redirects_are_not_followed(server: FakeModels, prompt: Prompt) -> None:
    with fake_server() as elsewhere:
        for path in ("/openai/v1/chat/completions", "/v1/chat/completions", "/api/chat"):
            server.redirect_to = elsewhere.url + path
            models = {"groq": "redirect", "huggingface": "redirect", "ollama": "redirect"}
            assert [a.result for a in unavailable(ask(chain_at(server, **models), prompt)).attempts] == ["misconfigured"] * 3
        assert elsewhere.requests == []


def test_ollama_is_reached_past_the_proxy_for_the_outside(
    server: FakeModels, prompt: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert finished(ask(chain_at(server, mode="local", ollama="fine"), prompt)).provider == "ollama"
        assert proxy.requests == []


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("172.31.0.9", True),
        ("192.168.1.1", True),
        ("100.64.0.1", True),
        ("fd00::1", True),
        ("fe80::1%eth0", True),
        ("::ffff:10.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("172.32.0.1", False),
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
    ],
)
def test_private_addresses(address: str, private: bool) -> None:
    assert is_private_address(address) is private
    assert may_be_private(f"http://[{address}]:1" if ":" in address else f"http://{address}:1") is private


def test_an_unknown_host_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ProviderError) as raised:
        require_private("http://nowhere.internal:11434")
    assert raised.value.kind == "unreachable"
