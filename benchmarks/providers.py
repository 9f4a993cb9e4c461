"""How soon there is content when a provider fails: every failure mode × every provider, over a local server that fails so.

python benchmarks/providers.py      prints two tables; needs the requirements of the tests, and no network

The checked answer is on the page before any model is asked; its time is the first line (`benchmarks/ask.py` has more). In the
first table one provider fails and the others answer: how long until the first word of the answer that stands, and until the
whole is there. In the second all providers fail in the same way: how long until it is said that none answers.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dbbuddy.advisor import default_advisor  # noqa: E402
from dbbuddy.privacy.redact import redact  # noqa: E402
from dbbuddy.providers.chain import Chain, chain_of  # noqa: E402
from dbbuddy.providers.events import Finished, Text, Unavailable  # noqa: E402
from dbbuddy.providers.material import sections_of  # noqa: E402
from dbbuddy.providers.prompt import Material, Prompt, build_prompt  # noqa: E402
from dbbuddy.settings import Settings  # noqa: E402
from tests.fakes.llm_server import FAILURES, FakeModels, fake_server, refused_url  # noqa: E402

NAMES = ("groq", "huggingface", "ollama")
QUESTION = "FATAL: sorry, too many clients already. PostgreSQL 16 on RDS, production, max_connections 200, 8 pods."
FIRST, WHOLE = 1.0, 5.0


def main() -> None:
    """Print the tables; a time over the demand is marked."""
    advisor = default_advisor()
    redacted = redact(QUESTION)
    advisor.ask(redacted.text)
    began = time.perf_counter()
    advice = advisor.ask(redact(QUESTION).text)
    checked = time.perf_counter() - began
    began = time.perf_counter()
    prompt = build_prompt(Material(advice, redacted, (), sections_of(advice, advisor.library)))
    print(f"the checked answer, which is first content in every case: {checked * 1000:.0f} ms (demand: {FIRST:.0f} s)")
    print(f"the prompt: {prompt.chars:,} characters in {(time.perf_counter() - began) * 1000:.0f} ms")
    with fake_server() as server:
        chain_at(server, {}).prepare()
        worst = one_fails(server, prompt)
        worst = max(worst, all_fail(server, prompt))
    print(f"\nslowest of all: {worst:.2f} s (demand: {WHOLE:.0f} s)")


def one_fails(server: FakeModels, prompt: Prompt) -> float:
    """One provider fails, the next answers. Times in seconds: first word of the answer that stands / whole answer."""
    print("\none provider fails, the others answer: first model word / complete (s), who answered")
    print(f"{'failure':20}" + "".join(f"{name:>28}" for name in NAMES))
    worst = 0.0
    for failure in ("none", "refused", *FAILURES):
        cells = []
        for name in NAMES:
            # The failing one is asked first, so that its failure is always met.
            order = (name, *(other for other in NAMES if other != name))
            first, whole, who = timed(chain_at(server, {name: failure}, order), prompt)
            worst = max(worst, whole)
            cells.append(f"{first:6.2f} / {whole:5.2f}{'!' if whole > WHOLE else ' '} {who:11}")
        print(f"{failure:20}" + "".join(f"{cell:>28}" for cell in cells))
    return worst


def all_fail(server: FakeModels, prompt: Prompt) -> float:
    """All fail alike. Then the checked answer stands alone, and why is said."""
    print("\nall fail in the same way: until it is said (s), then for the next question, and for the fifth")
    worst = 0.0
    for failure in ("refused", *FAILURES):
        chain = chain_at(server, dict.fromkeys(NAMES, failure))
        _, whole, who = timed(chain, prompt)
        again = timed(chain, prompt)[1]
        for _ in range(2):
            timed(chain, prompt)
        rested = timed(chain, prompt)[1]
        worst = max(worst, whole)
        print(f"{failure:20} {whole:6.2f}{'!' if whole > WHOLE else ' '} {who:12} next {again:5.2f}, fifth {rested:5.2f}")
    return worst


def timed(chain: Chain, prompt: Prompt) -> tuple[float, float, str]:
    """Seconds to the first word of the answer that stands, to the end, and who gave it."""
    began = time.perf_counter()
    first = 0.0
    for event in chain.elaborate(prompt, sensitive=False, production=False):
        if isinstance(event, Text):
            first = first or time.perf_counter() - began
        elif isinstance(event, Finished):
            return (event.first_token_ms or 0) / 1000, time.perf_counter() - began, event.provider or event.outcome
        elif isinstance(event, Unavailable):
            return first, time.perf_counter() - began, "none"
    raise AssertionError("the chain ended without an end")


def chain_at(server: FakeModels, failing: dict[str, str], order: tuple[str, ...] = NAMES) -> Chain:
    """The chain as it is shipped, over the fake server."""
    environment = server.environment()
    for name, failure in failing.items():
        if failure == "refused":
            gone = refused_url()
            address = {"groq": ("BASE_URL", gone), "huggingface": ("BASE_URL", f"{gone}/v1"), "ollama": ("HOST", gone)}[name]
            environment[f"DBBUDDY_{name}_{address[0]}".upper()] = address[1]
        elif failure != "none":
            environment[f"DBBUDDY_{name}_MODEL".upper()] = failure
    os.environ.update(environment)
    chain = chain_of(Settings())
    chain.links = tuple(sorted(chain.links, key=lambda link: order.index(link.provider.name)))
    return chain


if __name__ == "__main__":
    main()
