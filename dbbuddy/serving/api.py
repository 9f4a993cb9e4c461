"""The HTTP interface: ask, explain and review for scripts and pipelines. Its description stands at `/api/v1/openapi.json`."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import anyio
from anyio import CapacityLimiter
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from dbbuddy import telemetry
from dbbuddy.serving.desk import Desk
from dbbuddy.serving.gatekeeper import Gatekeeper, RefusedError

MAX_TEXT = 5_000_000
_AT_ONCE = 2


class Context(BaseModel):
    """Where the database runs; everything may be left out and is then read from the text."""

    model_config = ConfigDict(extra="forbid")

    engine: str | None = Field(None, description="postgresql, mysql, mariadb, sqlserver or oracle")
    version: str | None = None
    service: str | None = None
    deployment: str | None = Field(None, description="cloud or on_premises")
    cloud: str | None = Field(None, description="aws, azure or gcp")
    environment: str | None = Field(None, description="development, staging or production")


class Question(BaseModel):
    """A question, an error, a log, a query, a plan: anything; or a whole conversation."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(None, max_length=MAX_TEXT)
    turns: list[str] | None = Field(None, max_length=50, description="what the user said, in order, instead of `text`")
    context: Context = Context()


class PlanText(BaseModel):
    """The output of EXPLAIN, of any engine and format."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=MAX_TEXT)
    engine: str | None = None


class Script(BaseModel):
    """SQL to review, with its tables and row counts where they are known."""

    model_config = ConfigDict(extra="forbid")

    sql: str = Field(max_length=MAX_TEXT)
    engine: str | None = None
    version: str | None = None
    schema_sql: str | None = Field(
        None, alias="schema", max_length=MAX_TEXT, description="CREATE TABLE and CREATE INDEX statements"
    )
    stats: dict[str, Any] | None = Field(None, description="rows by table, or objects with rows and columns")


def _caller(request: Request, authorization: Annotated[str | None, Header()] = None) -> str:
    gate: Gatekeeper = request.app.state.gate
    return gate.admit(authorization)


Caller = Annotated[str, Depends(_caller)]


def api(desk: Callable[[], Desk], gate: Gatekeeper) -> FastAPI:
    """The application to mount. `desk` is asked for at each request, so that the server may start before it."""
    app = FastAPI(
        title="DB-Buddy",
        version="1",
        description="Answers of the deterministic engine; nothing is sent to a language model.",
        docs_url=None,
        redoc_url=None,
    )
    limiter = CapacityLimiter(_AT_ONCE)

    app.state.gate = gate

    async def run(work: Callable[[], str]) -> Response:
        return Response(await anyio.to_thread.run_sync(work, limiter=limiter), media_type="application/json")

    @app.post("/ask", summary="Answer a question")
    async def ask(question: Question, caller: Caller) -> Response:
        row = question.model_dump(exclude_none=True)
        return await run(partial(desk().ask, row, caller, "api", time.perf_counter()))

    @app.post("/explain", summary="Read an execution plan")
    async def explain(plan: PlanText, caller: Caller) -> Response:
        return await run(partial(desk().explain, plan.model_dump(exclude_none=True)))

    @app.post("/review", summary="Review SQL")
    async def review(script: Script, caller: Caller) -> Response:
        return await run(partial(desk().review, script.model_dump(exclude_none=True, by_alias=True)))

    @app.exception_handler(RefusedError)
    async def refused(request: Request, error: RefusedError) -> JSONResponse:
        telemetry.refused("api", error.reason)
        return JSONResponse({"error": str(error)}, error.status, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        """What does not fit and where; never the value, which may hold what must not be repeated."""
        telemetry.refused("api", "input")
        told = [f"{'.'.join(str(part) for part in one['loc'][1:]) or 'body'}: {one['msg']}" for one in error.errors()]
        return JSONResponse({"error": "; ".join(told)}, 422)

    @app.exception_handler(ValueError)
    async def unfit(request: Request, error: ValueError) -> JSONResponse:
        telemetry.refused("api", "input")
        return JSONResponse({"error": desk().safe(str(error))}, 422)

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"error": error.detail}, error.status_code)

    return app
