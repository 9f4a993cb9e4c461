"""Hugging Face's inference router, or an endpoint of one's own that speaks its protocol, through the official client."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from typing import Any

from dbbuddy.providers.catalogue import Entry
from dbbuddy.providers.connection import Connection, tls
from dbbuddy.providers.openai_shape import chunk_of, key_problem, url_problem
from dbbuddy.providers.protocol import Chunk, Message, Options
from dbbuddy.settings import Settings

# The client has one HTTP session for the whole process; this tells its hooks whose request they see.
_current: ContextVar[Connection] = ContextVar("_current")


@dataclass(frozen=True, repr=False)
class HuggingFace:
    """One model behind a base URL. The URL is always given to the client, so that it looks nothing up on the hub."""

    token: str
    model: str
    base_url: str
    name: str = "huggingface"
    is_local: bool = False

    def problem(self) -> str | None:
        return (
            key_problem(self.token, "DBBUDDY_HUGGINGFACE_TOKEN")
            or url_problem(self.base_url, "DBBUDDY_HUGGINGFACE_BASE_URL")
            or (None if self.model else "DBBUDDY_HUGGINGFACE_MODEL is empty")
        )

    def prepare(self) -> None:
        _set_up()

    def stream(self, messages: Sequence[Message], options: Options, connection: Connection) -> Generator[Chunk]:
        hub, httpx2 = _set_up()
        _current.set(connection)
        with hub.InferenceClient(base_url=self.base_url, api_key=self.token) as client:
            client.timeout = connection.timeout(httpx2)
            events = client.chat_completion(
                [{"role": m.role, "content": m.content} for m in messages],
                model=self.model,
                max_tokens=options.answer_tokens,
                temperature=options.temperature,
                stream=True,
                stream_options={"include_usage": True},
            )
            yield from map(chunk_of, events)


_setting_up = threading.Lock()


@cache
def _loaded() -> tuple[Any, Any]:
    # Read when the library is imported. Nothing is used that would report or look anything up; this makes sure of it.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    hub, httpx2 = import_module("huggingface_hub"), import_module("httpx2")

    def call(kind: str, message: Any) -> None:
        for hook in _current.get().hooks(httpx2, events=True)[kind]:
            hook(message)

    def client() -> Any:
        hooks = {kind: [partial(call, kind)] for kind in ("request", "response")}
        # A connection for each request, since it is closed to stop an answer.
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        return httpx2.Client(event_hooks=hooks, follow_redirects=False, limits=limits, verify=tls())

    hub.set_client_factory(client)
    _ = hub.InferenceClient  # its modules are loaded at the first use
    return hub, httpx2


def _set_up() -> tuple[Any, Any]:
    """The client library, with an HTTP session that follows no redirects and can be closed per request."""
    with _setting_up:
        return _loaded()


def build(settings: Settings, entry: Entry) -> HuggingFace:
    """Hugging Face as it is configured."""
    token = settings.huggingface_token.get_secret_value().strip() if settings.huggingface_token else ""
    url = (settings.huggingface_base_url or entry.base_url).strip().rstrip("/")
    return HuggingFace(token, settings.huggingface_model.strip(), url)
