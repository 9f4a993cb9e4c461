"""What a script and an IDE get: answers with a token, clear refusals without, nothing secret kept or repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from dbbuddy.advisor import Advisor
from dbbuddy.rate_limit import RateLimit
from dbbuddy.serving.api import api
from dbbuddy.serving.desk import Desk
from dbbuddy.serving.gatekeeper import Gatekeeper
from dbbuddy.serving.ide import Guarded, ide_app, ide_server
from dbbuddy.serving.tokens import TokensError, new_token, tokens_of
from dbbuddy.store.store import Store

TOKEN, DIGEST = new_token()
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
CANARY = "s3cr3t-Canary-0815"
DEADLOCK = f"ERROR: deadlock detected on postgres 16, postgresql://app:{CANARY}@db/orders"

Client = Callable[..., TestClient]


@pytest.fixture
def desk(advisor: Advisor, store: Store) -> Desk:
    return Desk(lambda: advisor, lambda: store)


@pytest.fixture
def client(desk: Desk) -> TestClient:
    return TestClient(api(lambda: desk, Gatekeeper({DIGEST: "ci"}, RateLimit(5, 60))), raise_server_exceptions=False)


def test_a_question_is_answered_and_kept_without_its_secret(client: TestClient, store: Store) -> None:
    answer = client.post("/ask", json={"text": DEADLOCK}, headers=WITH_TOKEN)
    assert answer.status_code == 200
    assert answer.json()["diagnoses"][0]["slug"] == "pg-deadlock"
    [(user, question)] = store.read("SELECT user_id, question FROM exchanges")
    assert user == "api:ci"
    assert CANARY not in question + answer.text


def test_a_conversation_is_answered_turn_by_turn(client: TestClient, store: Store) -> None:
    told = {"turns": ["sorry, too many clients already", "the pool is already at 20"], "context": {"engine": "postgresql"}}
    answer = client.post("/ask", json=told, headers=WITH_TOKEN).json()
    assert len(answer["answers"]) == 2
    assert answer["context"]["engine"] == "postgresql"
    assert store.read("SELECT count(*) FROM exchanges") == [(2,)]


def test_a_plan_is_explained(client: TestClient) -> None:
    plan = "Seq Scan on t  (cost=0.00..9.00 rows=1 width=4) (actual time=0.010..9.000 rows=1 loops=1)"
    answer = client.post("/explain", json={"text": plan}, headers=WITH_TOKEN).json()
    assert (answer["engine"], answer["plan"]["type"]) == ("postgresql", "Seq Scan")


def test_sql_is_reviewed(client: TestClient) -> None:
    told = {"sql": "DELETE FROM t", "engine": "postgresql", "schema": "CREATE TABLE t (id int)", "stats": {"t": 1000}}
    answer = client.post("/review", json=told, headers=WITH_TOKEN).json()
    assert "dml.no-where" in [finding["rule"] for finding in answer["findings"]]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer dbb_wrong"}, {"Authorization": TOKEN}])
def test_without_a_valid_token_nothing_is_answered(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/ask", json={"text": DEADLOCK}, headers=headers)
    assert answer.status_code == 401
    assert "token" in answer.json()["error"]


def test_without_any_configured_token_the_interface_is_closed(desk: Desk) -> None:
    closed = TestClient(api(lambda: desk, Gatekeeper({}, RateLimit(5, 60))))
    answer = closed.post("/ask", json={"text": DEADLOCK}, headers=WITH_TOKEN)
    assert (answer.status_code, "python -m dbbuddy token" in answer.json()["error"]) == (401, True)


def test_who_asks_too_often_is_told_when_to_come_back(client: TestClient) -> None:
    answers = [client.post("/explain", json={"text": "x"}, headers=WITH_TOKEN) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, "text is missing"),
        ({"text": 5}, "text"),
        ({"text": "", "context": {}}, ""),
        ({"text": "slow", "context": {"engine": "oracel"}}, "engine"),
        ({"text": "slow", "contxt": {}}, "contxt"),
        ({"turns": []}, "turns"),
    ],
)
def test_unfit_input_is_refused_with_the_reason(client: TestClient, told: dict[str, Any], reason: str) -> None:
    answer = client.post("/ask", json=told, headers=WITH_TOKEN)
    assert answer.status_code == 422
    assert reason in answer.json()["error"]


def test_a_refusal_does_not_repeat_a_secret(client: TestClient) -> None:
    told = {"text": "slow", "context": {"engine": f"postgresql://app:{CANARY}@db/x"}}
    answer = client.post("/ask", json=told, headers=WITH_TOKEN)
    assert answer.status_code == 422
    assert CANARY not in answer.text


def test_the_interface_describes_itself(client: TestClient) -> None:
    assert set(client.get("/openapi.json").json()["paths"]) == {"/ask", "/explain", "/review"}


def test_an_answer_comes_although_the_store_is_gone(advisor: Advisor) -> None:
    alone = TestClient(api(lambda: Desk(lambda: advisor, lambda: None), Gatekeeper({DIGEST: "ci"}, RateLimit(5, 60))))
    assert alone.post("/ask", json={"text": DEADLOCK}, headers=WITH_TOKEN).status_code == 200


@pytest.mark.parametrize("setting", ["ci", "ci=", "=" + "a" * 64, "ci=" + "a" * 63, f"ci={'a' * 64},x=1"])
def test_a_wrong_token_setting_is_named(setting: str) -> None:
    with pytest.raises(TokensError, match="part [12]"):
        tokens_of(setting)


def test_several_tokens_are_told_apart() -> None:
    assert tokens_of(f"ci={DIGEST}, nightly={'a' * 64}") == {DIGEST: "ci", "a" * 64: "nightly"}


@pytest.fixture
def ide(desk: Desk) -> Iterator[Client]:
    server = ide_server(lambda: desk)
    guarded = Guarded(ide_app(server), Gatekeeper({DIGEST: "ide"}, RateLimit(50, 60)))
    app = Starlette(routes=[Mount("/mcp", guarded)], lifespan=lambda _: server.session_manager.run())
    with TestClient(app) as opened:
        yield lambda method, headers=WITH_TOKEN, **params: opened.post(
            "/mcp/",
            json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
            headers={"Accept": "application/json, text/event-stream", **headers},
        )


def test_an_ide_finds_the_three_tools(ide: Client) -> None:
    tools = ide("tools/list").json()["result"]["tools"]
    assert {tool["name"] for tool in tools} == {"ask", "explain", "review"}
    assert all(tool["description"] for tool in tools)


def test_an_ide_gets_an_answer(ide: Client, store: Store) -> None:
    result = ide("tools/call", name="ask", arguments={"text": DEADLOCK}).json()["result"]
    assert result["structuredContent"]["diagnoses"][0]["slug"] == "pg-deadlock"
    assert store.read("SELECT user_id FROM exchanges") == [("mcp:ide",)]


def test_an_ide_is_told_what_does_not_fit(ide: Client) -> None:
    result = ide("tools/call", name="explain", arguments={"text": f"no plan, password={CANARY}"}).json()["result"]
    assert result["isError"]
    assert CANARY not in str(result)


def test_an_ide_without_a_token_is_refused(ide: Client) -> None:
    assert ide("tools/list", headers={}).status_code == 401
