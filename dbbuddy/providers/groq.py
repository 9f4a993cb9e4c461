"""Groq, through its official client."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import httpx

from dbbuddy.providers.catalogue import Entry
from dbbuddy.providers.connection import Connection, tls
from dbbuddy.providers.openai_shape import chunk_of, key_problem, url_problem
from dbbuddy.providers.protocol import Chunk, Message, Options
from dbbuddy.settings import Settings


@dataclass(frozen=True, repr=False)
class Groq:
    """One model at Groq, or behind a gateway that speaks its protocol at `base_url` + `/openai/v1`."""

    key: str
    model: str
    base_url: str
    name: str = "groq"
    is_local: bool = False

    def problem(self) -> str | None:
        return (
            key_problem(self.key, "DBBUDDY_GROQ_API_KEY")
            or url_problem(self.base_url, "DBBUDDY_GROQ_BASE_URL")
            or (None if self.model else "DBBUDDY_GROQ_MODEL is empty")
        )

    def prepare(self) -> None:
        from groq import Groq as Client

        with Client(api_key="none", http_client=httpx.Client(verify=tls())) as client:
            _ = client.chat.completions  # its modules are loaded at the first use

    def stream(self, messages: Sequence[Message], options: Options, connection: Connection) -> Generator[Chunk]:
        import groq

        http = httpx.Client(
            timeout=connection.timeout(httpx),
            event_hooks=connection.hooks(httpx, events=True),
            follow_redirects=False,
            verify=tls(),
        )
        with http, groq.Groq(api_key=self.key, base_url=self.base_url, http_client=http, max_retries=0) as client:
            events = client.chat.completions.create(
                model=self.model,
                messages=[{"role": m.role, "content": m.content} for m in messages],  # type: ignore[misc]
                max_completion_tokens=options.answer_tokens,
                temperature=options.temperature,
                stream=True,
            )
            yield from map(chunk_of, events)


def build(settings: Settings, entry: Entry) -> Groq:
    """Groq as it is configured."""
    key = settings.groq_api_key.get_secret_value().strip() if settings.groq_api_key else ""
    url = (settings.groq_base_url or entry.base_url).strip().rstrip("/").removesuffix("/openai/v1")
    return Groq(key, settings.groq_model.strip(), url)
