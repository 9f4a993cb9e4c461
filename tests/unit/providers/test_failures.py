"""Every way in which a provider fails, for every provider: it is called by its name, and the next one answers."""

from __future__ import annotations

import pytest

from dbbuddy.providers.events import Restarted, Started
from dbbuddy.providers.prompt import Prompt
from tests.fakes.llm_server import FAILURES, FakeModels, refused_url
from tests.unit.providers.chains import LONG, NAMES, ask, chain_at, finished, limited, prompt_of, text_of

# What each failure is, and whether text was shown before it.
KINDS: dict[str, tuple[str, bool]] = {
    "no-first-byte": ("timeout", False),
    "headers-only": ("timeout", False),
    "stall": ("timeout", True),
    "reset": ("truncated", True),
    "close": ("truncated", True),
    "nothing": ("truncated", False),
    "no-marker": ("truncated", True),
    "malformed": ("malformed", True),
    "error-in-stream": ("server", True),
    "error-at-once": ("server", False),
    "html": ("malformed", False),
    "html-403": ("refused", False),
    "empty": ("empty", False),
    "no-choices": ("truncated", False),
    "context-overflow": ("too_large", False),
    "decommissioned": ("misconfigured", False),
    "filtered": ("refused", True),
    "endless-line": ("malformed", False),
    "compressed": ("malformed", False),
    "redirect": ("misconfigured", False),
    "http-400": ("refused", False),
    "http-401": ("misconfigured", False),
    "http-402": ("rate_limited", False),
    "http-403": ("misconfigured", False),
    "http-404": ("misconfigured", False),
    "http-408": ("timeout", False),
    "http-413": ("too_large", False),
    "http-422": ("refused", False),
    "http-429": ("rate_limited", False),
    "http-498": ("rate_limited", False),
    "http-500": ("server", False),
    "http-502": ("server", False),
    "http-503": ("server", False),
    "http-504": ("timeout", False),
}
ANSWERS = {"endless", "length", "tokens-per-minute"}
SILENT = {"no-first-byte", "headers-only", "stall"}
# Ollama's protocol has no choices; a line without a message breaks it.
OTHER_KINDS = {("ollama", "no-choices"): "malformed"}


def test_every_failure_is_in_the_table() -> None:
    assert set(FAILURES) == set(KINDS) | ANSWERS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("failure", KINDS)
def test_failure_is_named_and_the_next_provider_answers(server: FakeModels, prompt: Prompt, failure: str, name: str) -> None:
    other = "groq" if name != "groq" else "huggingface"
    soon = 0.3 if failure in SILENT else LONG
    chain = chain_at(server, content=limited(first=soon, gap=soon, patient=other), **{name: failure, other: "fine"})

    events = ask(chain, prompt)

    kind, shown = KINDS[failure]
    kind = OTHER_KINDS.get((name, failure), kind)
    end = finished(events)
    assert [(a.provider, a.result) for a in end.attempts[:2]] == [(name, kind), (other, "answered")]
    assert (end.outcome, end.provider, end.text) == ("complete", other, "The sort spills to disk.\nRaise work_mem.")
    restarts = [event for event in events if isinstance(event, Restarted)]
    assert [(restart.provider, restart.kind, bool(restart.partial)) for restart in restarts] == [(name, kind, True)] * shown
    after = events[max(n for n, event in enumerate(events) if isinstance(event, Started)) :]
    assert text_of(after) == end.text  # never spliced: the answer is whole without what was shown before
    assert chain.status().providers[0].gate.failures == {kind: 1}


@pytest.mark.parametrize("name", NAMES)
def test_refused_connection(server: FakeModels, prompt: Prompt, name: str) -> None:
    gone = refused_url()
    other = "groq" if name != "groq" else "huggingface"
    failing = chain_at(gone, **{name: "fine"}).links[0]
    chain = chain_at(server, **{other: "fine"})
    chain.links = (failing, *chain.links)

    end = finished(ask(chain, prompt))

    assert [(a.provider, a.result) for a in end.attempts[:2]] == [(name, "unreachable"), (other, "answered")]


@pytest.mark.parametrize("name", NAMES)
def test_length_limit_of_the_provider_is_said(server: FakeModels, prompt: Prompt, name: str) -> None:
    end = finished(ask(chain_at(server, **{name: "length"}), prompt))
    assert (end.outcome, end.text) == ("token_limit", "The sort spills because")


@pytest.mark.parametrize("name", NAMES)
def test_an_endless_answer_is_cut(server: FakeModels, prompt: Prompt, name: str) -> None:
    end = finished(ask(chain_at(server, content=limited(chars=5_000), **{name: "endless"}), prompt))
    assert (end.outcome, len(end.text)) == ("length_limit", 5_000)


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_that_is_too_large_is_shortened_once(server: FakeModels, name: str) -> None:
    long = prompt_of("\n".join(f"line {n}: ERROR something broke in table t{n}" for n in range(400)))
    assert long.chars > server.small

    end = finished(ask(chain_at(server, **{name: "tokens-per-minute"}), long))

    assert end.outcome == "complete"
    sizes = [len(request.prompt) for request in server.requests if request.path != "/api/show"]
    assert len(sizes) == 2
    assert sizes[1] <= sizes[0] / 2 + 1


@pytest.mark.parametrize("name", NAMES)
def test_hidden_reasoning_is_a_sign_of_life_and_not_text(server: FakeModels, prompt: Prompt, name: str) -> None:
    end = finished(ask(chain_at(server, **{name: "thinking"}), prompt))
    assert end.text == "The sort spills to disk.\nRaise work_mem."


@pytest.mark.parametrize(
    "pieces", [["<think>let me see</think>\n\nYes."], list("<think>let < me</think>\n\nYes."), ["<thi", "nk>", "a</", "think>Yes."]]
)
def test_reasoning_in_tags_is_not_shown(server: FakeModels, prompt: Prompt, pieces: list[str]) -> None:
    server.answer(pieces)
    assert finished(ask(chain_at(server, groq="fine"), prompt)).text == "Yes."


def test_text_that_only_begins_like_a_tag_is_shown(server: FakeModels, prompt: Prompt) -> None:
    server.answer(["<thi", "s> is text"])
    assert finished(ask(chain_at(server, groq="fine"), prompt)).text == "<this> is text"


@pytest.mark.parametrize("name", NAMES)
def test_tokens_are_taken_from_where_each_protocol_counts_them(server: FakeModels, prompt: Prompt, name: str) -> None:
    usage = finished(ask(chain_at(server, **{name: "fine"}), prompt)).usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.answer_tokens, usage.estimated) == (len(server.requests[-1].prompt) // 3, 11, False)
