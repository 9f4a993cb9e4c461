"""Ollama, through its official client: models on this machine or a private network."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import httpx

from dbbuddy.providers.addresses import may_be_private, require_private
from dbbuddy.providers.catalogue import Entry
from dbbuddy.providers.connection import Connection, tls
from dbbuddy.providers.errors import ProviderError
from dbbuddy.providers.openai_shape import finish_of, url_problem
from dbbuddy.providers.protocol import Chunk, Message, Options, Tokens
from dbbuddy.settings import Settings


@dataclass(frozen=True)
class Ollama:
    """One model at an Ollama server. Ollama also passes prompts on to its own cloud: such a model is not local."""

    model: str
    base_url: str
    name: str = "ollama"

    @property
    def is_local(self) -> bool:
        return may_be_private(self.base_url) and not self.model.endswith(("-cloud", ":cloud"))

    def problem(self) -> str | None:
        if not self.model:
            return "DBBUDDY_OLLAMA_MODEL is not set"
        return url_problem(self.base_url, "DBBUDDY_OLLAMA_HOST")

    def prepare(self) -> None:
        import_module("ollama")
        tls()

    def stream(self, messages: Sequence[Message], options: Options, connection: Connection) -> Generator[Chunk]:
        import ollama

        if connection.only_local:
            self._require_local(connection)
        with ollama.Client(self.base_url, **_http(connection)) as client:
            for part in client.chat(
                self.model,
                [{"role": m.role, "content": m.content} for m in messages],
                stream=True,
                think=False,
                # Without num_ctx Ollama cuts a long prompt at its default window, and says nothing.
                options={
                    "num_ctx": options.context_tokens,
                    "num_predict": options.answer_tokens,
                    "temperature": options.temperature,
                },
            ):
                tokens = Tokens(part.prompt_eval_count or 0, part.eval_count or 0) if part.done else None
                yield Chunk(part.message.content or "", finish_of(part.done_reason) if part.done else None, tokens)

    def _require_local(self, connection: Connection) -> None:
        """Make sure that neither the host nor the server sends the prompt out of the house.

        Raises:
            ProviderError: it would, or it cannot be told.
        """
        require_private(self.base_url)
        # The client's `show` drops the field that names where a model really runs.
        with httpx.Client(base_url=self.base_url, **_http(connection)) as client:
            shown = client.post("/api/show", json={"model": self.model}).json()
        if shown.get("remote_host"):
            raise ProviderError("misconfigured", "Ollama would send the prompt to a cloud: choose a model that runs here")


def _http(connection: Connection) -> dict[str, Any]:
    """Arguments of an HTTP client. Proxies of the environment are for the outside, and are not asked."""
    return {
        "timeout": connection.timeout(httpx),
        "event_hooks": connection.hooks(httpx),
        "follow_redirects": False,
        "trust_env": False,
        "verify": tls(),
    }


def build(settings: Settings, entry: Entry) -> Ollama:
    """Ollama as it is configured. Its host may be written without scheme or port, as Ollama itself allows."""
    host = settings.ollama_host.strip().rstrip("/") or entry.base_url
    if "://" not in host:
        host = f"http://{host}" + ("" if ":" in host.rpartition("]")[2] else ":11434")
    return Ollama((settings.ollama_model or "").strip(), host)
