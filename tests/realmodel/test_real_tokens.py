"""Real tokens through the official clients: streams, ends, counts, stops and the model's own window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from dbbuddy.providers.catalogue import catalogue
from dbbuddy.providers.chain import Chain
from dbbuddy.providers.events import Text
from dbbuddy.providers.health import check_provider
from tests.unit.providers.chains import ask, chain_at, finished, limited, prompt_of, text_of, unavailable

NAMES = ("groq", "huggingface")
PATIENCE = 300.0


@pytest.fixture(scope="module")
def gateway(url: str) -> Iterator[str]:
    """The same server where the Groq client looks for it: `/openai/v1` leads to `/v1`."""
    target = urlsplit(url)

    class PathFix(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            upstream = HTTPConnection(target.hostname or "", target.port, timeout=PATIENCE)
            upstream.request("POST", self.path.removeprefix("/openai"), body, {"Content-Type": "application/json"})
            answer = upstream.getresponse()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.getheader("Content-Type", ""))
            self.end_headers()
            try:
                while data := answer.read1(4096):
                    self.wfile.write(data)
            except OSError:
                pass  # the reader has stopped
            finally:
                upstream.close()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the output belongs to the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), PathFix)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def patient_chain(gateway: str, name: str, answer_tokens: int = 40) -> Chain:
    content = limited(first=PATIENCE, gap=PATIENCE, answer=PATIENCE)
    limits = content.limits.model_copy(update={"answer_tokens": answer_tokens})
    return chain_at(gateway, content=content.model_copy(update={"limits": limits}), seconds=PATIENCE, **{name: "smollm2"})


@pytest.mark.parametrize("name", NAMES)
def test_real_tokens_arrive_one_by_one(gateway: str, name: str) -> None:
    prompt = prompt_of("The report is slow.", budget_tokens=1_500)
    events = ask(patient_chain(gateway, name), prompt)
    end = finished(events)
    assert end.provider == name
    assert end.outcome in ("complete", "token_limit")
    assert sum(isinstance(event, Text) for event in events) >= 5
    assert text_of(events) == end.text
    assert len(end.text.split()) >= 5
    assert end.usage is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_stop_ends_a_real_stream(gateway: str, name: str) -> None:
    stop = Event()
    seen = 0
    events = patient_chain(gateway, name, 2_000).elaborate(
        prompt_of("The report is slow.", budget_tokens=1_500), sensitive=False, production=False, cancelled=stop
    )
    for event in events:
        seen += isinstance(event, Text)
        if seen == 3:
            stop.set()
    assert 3 <= seen < 30


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_over_the_window_is_no_empty_success(gateway: str, name: str) -> None:
    """Asked for a stream, llama.cpp's server says 200 and ends it at once; only without streaming it says what is wrong."""
    lines = "\n".join(f"ERROR: relation t{n} does not exist at character {n * 7}" for n in range(2_000))
    end = unavailable(ask(patient_chain(gateway, name), prompt_of(lines, budget_tokens=20_000)))
    assert [a.result for a in end.attempts if a.provider == name] == ["truncated"]


def test_the_fullest_prompt_fits_the_window_that_is_asked_for(url: str) -> None:
    """Counted by the model's own tokenizer, which takes each digit for a token, on a log full of numbers."""
    limits = catalogue().limits
    log = "\n".join(
        f"2026-01-0{n % 9 + 1} 12:{n % 60:02d}:07.{n * 37 % 1000:03d} UTC [{n * 7919}] ERROR:  deadlock detected"
        for n in range(300)
    )
    for text in ("The report is slow.", log):
        prompt = prompt_of(text)
        sent = "\n".join(message.content for message in prompt.messages)
        request = Request(
            f"{url}/extras/tokenize/count", json.dumps({"input": sent}).encode(), {"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=PATIENCE) as answer:
            tokens = json.load(answer)["count"]
        print(f"{prompt.chars} characters, {tokens} tokens, {prompt.chars / tokens:.2f} a token")
        assert tokens + limits.answer_tokens <= limits.context_tokens


def test_a_check_asks_the_real_model(gateway: str) -> None:
    assert check_provider(patient_chain(gateway, "groq"), "groq", seconds=PATIENCE).state == "ready"
