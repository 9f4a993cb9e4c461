"""A server that speaks the protocols of Groq, Hugging Face and Ollama, and fails in every way they are known to fail.

    with fake_server() as server:
        server.answer("Use an index.")          # what any model says from now on; or a list of pieces, or per model
        ...                                     # point the app at server.environment("groq", "ollama")
        server.requests[0].body                 # what was sent, to be searched for canaries

The failure is chosen by the model's name (`FAILURES` lists them); every other name answers. Groq's root is `server.url`,
Hugging Face's base URL `server.url + "/v1"`, Ollama's host `server.url`.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Protocol = Literal["groq", "huggingface", "ollama"]

PATHS: dict[str, Protocol] = {
    "/openai/v1/chat/completions": "groq",
    "/v1/chat/completions": "huggingface",
    "/api/chat": "ollama",
}
REMOTE = "https://ollama.com:443"  # where Ollama says that a model runs whose name holds "hosted"
STATUSES = (400, 401, 402, 403, 404, 408, 413, 422, 429, 498, 500, 502, 503, 504)
FAILURES: tuple[str, ...] = (
    "no-first-byte",  # the request is accepted, nothing comes back
    "headers-only",  # status and headers, then nothing
    "stall",  # two pieces, then nothing
    "reset",  # two pieces, then RST
    "close",  # two pieces, then FIN in the middle of a chunk
    "nothing",  # status 200 and an orderly end at once, as llama.cpp's server does when a prompt is too long
    "no-marker",  # two pieces, then an orderly end without finish reason and end marker
    "malformed",  # two pieces, then a line that is no JSON
    "error-in-stream",  # two pieces, then an error object
    "error-at-once",  # status 200 with an error object instead of a stream
    "html",  # status 200 with a web page, as a captive portal does
    "html-403",  # a web application firewall's page
    "empty",  # an orderly end without any text
    "no-choices",  # only chunks without choices, then the end marker
    "context-overflow",  # 400: the prompt is longer than the model's window
    "tokens-per-minute",  # 413 unless the prompt is short: see `FakeModels.small`
    "decommissioned",  # 400: the model is no longer served
    "filtered",  # ended by the content filter
    "endless",  # text without end, as fast as it is read
    "endless-line",  # one line without end
    "compressed",  # a stream in gzip that nobody asked for
    "redirect",  # 307 to another host
    "length",  # cut at the token limit: not a failure, but to be said
    *(f"http-{status}" for status in STATUSES),
)
_REASONING = "thinking"  # pieces of reasoning before the text
_SLOW = "slow"  # one piece every `FakeModels.pause` seconds


@dataclass(frozen=True)
class Recorded:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def prompt(self) -> str:
        """All messages, one after the other."""
        return "\n\n".join(message["content"] for message in self.json["messages"])


Answer = str | Sequence[str] | Callable[[Recorded], str | Sequence[str]]


@dataclass
class FakeModels:
    """The server's address, what its models say, and what was asked of them.

    `pause` is in seconds; `small` is the prompt's length in characters up to which `tokens-per-minute` answers.
    """

    url: str = ""
    requests: list[Recorded] = field(default_factory=list)
    pause: float = 0.02
    retry_after: str | None = "7"
    small: int = 6_000
    redirect_to: str = "http://127.0.0.1:9/"
    closed_early: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    _answers: dict[str | None, Answer] = field(
        default_factory=lambda: {None: ("The sort ", "spills to disk.\n", "Raise work_mem.")}
    )

    def answer(self, said: Answer, model: str | None = None) -> None:
        """What a model says, or every model without an answer of its own: a text, its pieces, or a function of the request."""
        self._answers[model] = said

    def pieces(self, model: str, request: Recorded) -> list[str]:
        said = self._answers.get(model, self._answers[None])
        said = said(request) if callable(said) else said
        return [said] if isinstance(said, str) else list(said)

    @property
    def bodies(self) -> bytes:
        """All request bodies in one, with what JSON escapes undone too."""
        raw = [request.body for request in self.requests]
        plain = [request.prompt.encode() for request in self.requests if request.path in PATHS]
        return b"\n".join([*raw, *plain])

    def environment(self, *providers: Protocol, model: str = "fine") -> dict[str, str]:
        """Settings that make the app use these providers at this server; without names all three."""
        settings = {
            "groq": {"API_KEY": "gsk-test", "BASE_URL": self.url, "MODEL": model},
            "huggingface": {"TOKEN": "hf-test", "BASE_URL": f"{self.url}/v1", "MODEL": model},
            "ollama": {"HOST": self.url, "MODEL": model},
        }
        chosen = providers or tuple(settings)
        return {f"DBBUDDY_{name}_{key}".upper(): value for name in chosen for key, value in settings[name].items()}


@contextmanager
def fake_server() -> Iterator[FakeModels]:
    """A running server on a free port of this machine; stopped at the end."""
    models = FakeModels()
    server = _Server(("127.0.0.1", 0), _Handler, models)
    models.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake-models", daemon=True)
    thread.start()
    try:
        yield models
    finally:
        models.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def refused_url() -> str:
    """An address of this machine at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], models: FakeModels) -> None:
        super().__init__(address, handler)
        self.models = models

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Recorded("POST", self.path, dict(self.headers), body)
        self.models.requests.append(request)
        protocol = PATHS.get(self.path)
        if self.path == "/api/show":
            self._reply(200, {"details": {"family": "llama"}, **({"remote_host": REMOTE} if b"hosted" in body else {})})
            return
        if protocol is None:
            self._reply(404, {"error": "not found"})
            return
        try:
            _Reply(self, protocol, request).run(request.json["model"])
        except OSError:
            self.models.closed_early += 1
            self.close_connection = True

    def do_GET(self) -> None:
        self.models.requests.append(Recorded("GET", self.path, dict(self.headers), b""))
        self._reply(200, {"version": "0.13.0"} if self.path == "/api/version" else {"models": []})

    @property
    def models(self) -> FakeModels:
        return self.server.models

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the output belongs to the tests."""

    def _reply(self, status: int, content: object, headers: dict[str, str] | None = None, kind: str = "application/json") -> None:
        data = content.encode("latin-1") if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class _Reply:
    """One answer in one protocol."""

    def __init__(self, handler: _Handler, protocol: Protocol, request: Recorded) -> None:
        self.handler, self.protocol, self.request = handler, protocol, request
        self.models = handler.models
        self.model = ""

    def run(self, model: str) -> None:
        self.model = model
        if model.startswith("http-"):
            self._status(int(model.removeprefix("http-")))
        elif special := _AT_ONCE.get(model):
            special(self)
        else:
            self._start()
            _STREAMS.get(model, _Reply._fine)(self)

    # Whole replies.

    def _status(self, status: int) -> None:
        headers = {"Retry-After": self.models.retry_after} if status == 429 and self.models.retry_after else {}
        self.handler._reply(status, self._error(f"status {status} for the test"), headers)

    def _error(self, message: str, code: str = "error") -> dict[str, Any]:
        return {"error": message} if self.protocol == "ollama" else {"error": {"message": message, "type": code, "code": code}}

    def _silence(self) -> None:
        self._until_closed()

    def _overflow(self) -> None:
        message = "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens."
        self.handler._reply(400, self._error(message, "context_length_exceeded"))

    def _per_minute(self) -> None:
        if len(self.request.prompt) > self.models.small:
            self.handler._reply(413, self._error("Request too large: tokens per minute (TPM): limit 12000", "rate_limit_exceeded"))
        else:
            self._start()
            self._fine()

    def _decommissioned(self) -> None:
        self.handler._reply(
            400, self._error("The model has been decommissioned and is no longer supported.", "model_decommissioned")
        )

    def _page(self, status: int) -> None:
        self.handler._reply(status, "<!doctype html><title>Log in</title><p>Accept the terms", kind="text/html; charset=utf-8")

    def _redirect(self) -> None:
        self.handler._reply(307, "", {"Location": self.models.redirect_to})

    def _compressed(self) -> None:
        kind = "application/x-ndjson" if self.protocol == "ollama" else "text/event-stream"
        self.handler._reply(200, gzip.compress(b" " * 10_000_000).decode("latin-1"), {"Content-Encoding": "gzip"}, kind)

    # Streams.

    def _start(self) -> None:
        self.handler.send_response(200)
        kind = "application/x-ndjson" if self.protocol == "ollama" else "text/event-stream"
        self.handler.send_header("Content-Type", kind)
        self.handler.send_header("Transfer-Encoding", "chunked")
        self.handler.end_headers()

    def _fine(self) -> None:
        pieces = self.models.pieces(self.model, self.request)
        if self.protocol != "ollama":
            self._event(self._chunk({"role": "assistant", "content": ""}))
        if self.model == _REASONING:
            for word in ("Let me ", "think."):
                self._event(self._chunk({"content": "", "thinking" if self.protocol == "ollama" else "reasoning": word}))
        for piece in pieces:
            self._event(self._chunk({"content": piece}))
            if self.model == _SLOW:
                time.sleep(self.models.pause)
        self._finish("stop", sum(map(len, pieces)) // 4 + 1)

    def _two(self) -> None:
        for piece in ("The sort ", "spills"):
            self._event(self._chunk({"content": piece}))
            time.sleep(0.005)

    def _stall(self) -> None:
        self._two()
        self._until_closed()

    def _reset(self) -> None:
        self._two()
        time.sleep(0.03)
        # SO_LINGER with zero seconds makes close() send RST.
        self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._hang_up()

    def _close(self) -> None:
        self._two()
        self._write(b"40\r\n" + b"half a chunk")
        self._hang_up()

    def _no_marker(self) -> None:
        self._two()
        self._end()

    def _malformed(self) -> None:
        self._two()
        self._line('{"choices": [{"delta": {"cont')
        self._end()

    def _error_inside(self) -> None:
        self._two()
        self._event(self._error("the worker died", "server_error"))
        self._end()

    def _empty(self) -> None:
        self._event(self._chunk({"content": ""}))
        self._finish("stop", 0)

    def _no_choices(self) -> None:
        self._event({"choices": []} if self.protocol != "ollama" else {"model": self.model, "done": False})
        if self.protocol != "ollama":
            self._line("[DONE]")
        self._end()

    def _filtered(self) -> None:
        self._event(self._chunk({"content": "I"}))
        self._finish("content_filter", 1)

    def _endless(self) -> None:
        while not self.models.stopping.is_set():
            self._event(self._chunk({"content": "and so on " * 20}))

    def _endless_line(self) -> None:
        self._write_chunk(b"data: " if self.protocol != "ollama" else b'{"message": "')
        while not self.models.stopping.is_set():
            self._write_chunk(b"x" * 65_536)

    def _length(self) -> None:
        self._event(self._chunk({"content": "The sort spills because"}))
        self._finish("length", 5)

    # The protocols.

    def _chunk(self, delta: dict[str, str]) -> dict[str, Any]:
        if self.protocol == "ollama":
            message = {"role": "assistant", **delta}
            return {"model": self.model, "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}
        return self._choices([{"index": 0, "delta": delta, "finish_reason": None}])

    def _choices(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        fixed = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "system_fingerprint": "fp"}
        return {**fixed, "model": self.model, "choices": choices}

    def _finish(self, reason: str, answer_tokens: int) -> None:
        prompt_tokens = len(self.request.prompt) // 3
        if self.protocol == "ollama":
            counts = {"prompt_eval_count": prompt_tokens, "eval_count": answer_tokens}
            self._event({**self._chunk({"content": ""}), "done": True, "done_reason": reason, **counts})
        else:
            usage = {"prompt_tokens": prompt_tokens, "completion_tokens": answer_tokens}
            usage["total_tokens"] = prompt_tokens + answer_tokens
            last = self._choices([{"index": 0, "delta": {}, "finish_reason": reason}])
            self._event({**last, "x_groq": {"id": "req_1", "usage": usage}} if self.protocol == "groq" else last)
            if self.request.json.get("stream_options", {}).get("include_usage"):
                self._event({**self._choices([]), "usage": usage})
            self._line("[DONE]")
        self._end()

    def _event(self, content: dict[str, Any]) -> None:
        self._line(json.dumps(content))

    def _line(self, line: str) -> None:
        self._write_chunk((line + "\n" if self.protocol == "ollama" else f"data: {line}\n\n").encode())

    def _write_chunk(self, data: bytes) -> None:
        self._write(b"%x\r\n%s\r\n" % (len(data), data))

    def _end(self) -> None:
        self._write(b"0\r\n\r\n")

    def _write(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def _hang_up(self) -> None:
        self.handler.close_connection = True
        with suppress(OSError):
            self.handler.rfile.close()
            self.handler.connection.close()

    def _until_closed(self) -> None:
        """Say nothing until the client goes away or the test is over."""
        connection = self.handler.connection
        connection.settimeout(0.02)
        while not self.models.stopping.is_set():
            with suppress(TimeoutError):
                if not connection.recv(1):
                    self.models.closed_early += 1
                    break
        self.handler.close_connection = True


_AT_ONCE: dict[str, Callable[[_Reply], None]] = {
    "no-first-byte": _Reply._silence,
    "error-at-once": lambda reply: reply.handler._reply(200, reply._error("the worker died", "server_error")),
    "html": lambda reply: reply._page(200),
    "html-403": lambda reply: reply._page(403),
    "context-overflow": _Reply._overflow,
    "tokens-per-minute": _Reply._per_minute,
    "decommissioned": _Reply._decommissioned,
    "compressed": _Reply._compressed,
    "redirect": _Reply._redirect,
}
_STREAMS: dict[str, Callable[[_Reply], None]] = {
    "headers-only": _Reply._silence,
    "stall": _Reply._stall,
    "reset": _Reply._reset,
    "close": _Reply._close,
    "nothing": _Reply._end,
    "no-marker": _Reply._no_marker,
    "malformed": _Reply._malformed,
    "error-in-stream": _Reply._error_inside,
    "empty": _Reply._empty,
    "no-choices": _Reply._no_choices,
    "filtered": _Reply._filtered,
    "endless": _Reply._endless,
    "endless-line": _Reply._endless_line,
    "length": _Reply._length,
}
