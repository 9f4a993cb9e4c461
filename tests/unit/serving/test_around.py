"""What surrounds the pages: probes, headers, logs, limits."""

from __future__ import annotations

import json
import logging
import sys

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dbbuddy import telemetry
from dbbuddy.advisor import Advisor
from dbbuddy.rate_limit import RateLimit
from dbbuddy.serving.headers import SecurityHeaders, inline_scripts, security_headers
from dbbuddy.serving.logs import JsonLines
from dbbuddy.serving.probes import ModelState, probes
from dbbuddy.store.store import Store


def test_probes_tell_how_the_process_is(advisor: Advisor, store: Store) -> None:
    states = [ModelState("groq", "ready", "open")]
    client = TestClient(Starlette(routes=probes(lambda: store, lambda: 7, lambda: states)))
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"playbooks": 7, "store": "ok", "models": {"groq": "ready"}})

    telemetry.answered("api", advisor.ask("ERROR: deadlock detected, postgres 16"), 0.2)
    telemetry.elaborated("groq", "complete", 0.4)
    lines = client.get("/metrics").text.splitlines()
    assert 'dbbuddy_answers_total{category="troubleshooting",channel="api",engine="postgresql",status="answered"}' in " ".join(
        lines
    )
    assert 'dbbuddy_breaker_state{provider="groq"} 2.0' in lines
    assert "dbbuddy_store_up 1.0" in lines
    assert lines[-1] == "# EOF"


def test_every_response_carries_the_headers() -> None:
    page = "<html><script>\n one()\n</script><script src='x.js'></script></html>"
    told = security_headers(inline_scripts(page))
    client = TestClient(Starlette(middleware=[Middleware(SecurityHeaders, headers=told)]))
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert {name: answer.headers[name] for name in told} == told
    policy = dict(part.partition(" ")[::2] for part in told["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["script-src"].count("'sha256-") == 1
    assert not any("*" in value or "http" in value for value in policy.values())


def test_a_log_line_holds_no_text_of_an_exception() -> None:
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        record = logging.LogRecord("dbbuddy.x", logging.ERROR, __file__, 1, "a page failed", None, sys.exc_info())
    line = JsonLines().format(record)
    told = json.loads(line)
    assert (told["level"], told["message"], told["error"]) == ("error", "a page failed", "ValueError")
    assert told["at"].startswith("test_around.py:")
    assert "hunter2" not in line


def test_a_caller_may_ask_so_often_and_again_later() -> None:
    now = 0.0
    limit = RateLimit(2, 60, clock=lambda: now)
    assert [limit.wait("a"), limit.wait("a"), limit.wait("b")] == [0, 0, 0]
    assert limit.wait("a") == 30
    now = 30.0
    assert limit.wait("a") == 0
