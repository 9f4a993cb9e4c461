"""Chains over the fake server, with times that fit a test."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import SecretStr

from dbbuddy.advice import Advice, CodeBlock, Diagnosis, Evidence, Fix
from dbbuddy.context import SystemContext
from dbbuddy.privacy.redact import redact
from dbbuddy.providers.catalogue import Catalogue, all_providers, catalogue
from dbbuddy.providers.chain import Chain
from dbbuddy.providers.events import Event, Finished, Text, Unavailable
from dbbuddy.providers.prompt import Material, Prompt, build_prompt
from dbbuddy.settings import Mode, Settings
from tests.fakes.llm_server import FakeModels

NAMES = ("groq", "huggingface", "ollama")
LONG = 20.0  # seconds; for what must not happen by the clock


def settings_of(server: FakeModels | str, *, mode: Mode = "cloud", **models: str) -> Settings:
    """Settings with these models at the fake server; providers without a model are not configured."""
    url = server if isinstance(server, str) else server.url
    return Settings(
        mode=mode,
        groq_api_key=SecretStr("gsk-test") if "groq" in models else None,
        groq_base_url=url,
        groq_model=models.get("groq", ""),
        huggingface_token=SecretStr("hf-test") if "huggingface" in models else None,
        huggingface_base_url=f"{url}/v1",
        huggingface_model=models.get("huggingface", ""),
        ollama_host=url,
        ollama_model=models.get("ollama"),
    )


def limited(*, first: float = LONG, gap: float = LONG, answer: float = LONG, chars: int = 12_000, patient: str = "") -> Catalogue:
    """The shipped catalogue with other times; the provider named `patient` is always waited for."""
    content = catalogue()
    limits = content.limits.model_copy(update={"gap_seconds": gap, "answer_seconds": answer, "answer_chars": chars})
    entries = {
        name: entry.model_copy(update={"first_token_seconds": LONG if name == patient else first, "connect_seconds": 5.0})
        for name, entry in content.providers.items()
    }
    return content.model_copy(update={"limits": limits, "providers": entries})


def chain_at(
    server: FakeModels | str, *, mode: Mode = "cloud", content: Catalogue | None = None, seconds: float = LONG, **models: str
) -> Chain:
    """A chain over the fake server; its providers are asked in the order in which their models are named."""
    by_name = {provider.name: provider for provider in all_providers(settings_of(server, mode=mode, **models))}
    order = [*models, *(name for name in NAMES if name not in models)]
    chain = Chain([by_name[name] for name in order], mode=mode, first_content_seconds=seconds, content=content or limited())
    chain.prepare()
    return chain


def ask(chain: Chain, prompt: Prompt, *, sensitive: bool = False, production: bool = False) -> list[Event]:
    return list(chain.elaborate(prompt, sensitive=sensitive, production=production))


def text_of(events: Iterable[Event]) -> str:
    return "".join(event.piece for event in events if isinstance(event, Text))


def finished(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1]


def unavailable(events: list[Event]) -> Unavailable:
    assert isinstance(events[-1], Unavailable), events[-1]
    return events[-1]


def advice(**changes: object) -> Advice:
    """A small checked answer."""
    first = Diagnosis(
        slug="pg-sort-spill",
        title="A sort spills to disk",
        category="query_optimization",
        confidence=0.9,
        summary="work_mem is too small for the sort.",
        root_cause="The sort needs more than `work_mem` and writes temporary files.",
        evidence=(Evidence(quote="Sort Method: external merge  Disk: 91200kB", place="line 2", signal="phrase"),),
    )
    fix = Fix(
        horizon="immediate",
        what="Raise work_mem for the session",
        blocks=(CodeBlock(language="sql", engine="postgresql", code="SET work_mem = '128MB';"),),
    )
    context = SystemContext.of(engine="postgresql", version="16", environment="staging")
    whole = Advice(status="answered", context=context, diagnoses=(first,), fixes=(fix,))
    return whole.model_copy(update=changes)


def prompt_of(text: str = "My report is slow.\nSort Method: external merge  Disk: 91200kB", budget_tokens: int = 6_000) -> Prompt:
    return build_prompt(Material(advice(), redact(text)), budget_tokens=budget_tokens)
