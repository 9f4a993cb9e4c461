"""The endpoint for IDEs and assistants: the Model Context Protocol over HTTP, with the three questions as tools."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Annotated, Any

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import Field
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dbbuddy import telemetry
from dbbuddy.serving.desk import Desk
from dbbuddy.serving.gatekeeper import Gatekeeper, RefusedError

_INSTRUCTIONS = (
    "Database advice for PostgreSQL, MySQL, MariaDB, SQL Server and Oracle from checked playbooks, plan analysis and SQL review. "
    "Pass the user's text, plan or SQL unchanged. Nothing is executed; ask the user before running any SQL that is returned."
)
_caller: ContextVar[str] = ContextVar("caller", default="unknown")

Engine = Annotated[str | None, Field(description="postgresql, mysql, mariadb, sqlserver or oracle, if it is known")]


def ide_server(desk: Callable[[], Desk]) -> MCPServer[Any]:
    """The protocol's server with its tools."""
    server: MCPServer[Any] = MCPServer("db-buddy", title="DB-Buddy", version="1", instructions=_INSTRUCTIONS)

    async def run(work: Callable[[], str]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = json.loads(await anyio.to_thread.run_sync(work))
        except ValueError as error:
            raise ToolError(desk().safe(str(error))) from None
        return answer

    @server.tool(title="Ask about a database problem", structured_output=True)
    async def ask(
        text: Annotated[str, Field(description="A question, an error, a log, a slow query, a plan or a configuration")],
        engine: Engine = None,
    ) -> dict[str, Any]:
        """The root cause with its evidence, and fixes with SQL for the user's engine, as data and as Markdown."""
        row = {"text": text, "context": {"engine": engine} if engine else {}}
        return await run(partial(desk().ask, row, _caller.get(), "mcp", time.perf_counter()))

    @server.tool(title="Read an execution plan", structured_output=True)
    async def explain(
        text: Annotated[str, Field(description="The output of EXPLAIN, in any format")], engine: Engine = None
    ) -> dict[str, Any]:
        """The plan as a tree, and what is wrong with it, ranked by the time that could be saved."""
        return await run(partial(desk().explain, {"text": text, "engine": engine}))

    @server.tool(title="Review SQL", structured_output=True)
    async def review(
        sql: Annotated[str, Field(description="A query, a script or a migration")],
        engine: Engine = None,
        schema: Annotated[str | None, Field(description="CREATE TABLE and CREATE INDEX statements")] = None,
    ) -> dict[str, Any]:
        """Findings with the place in the SQL, rewrites, the locks of a migration, and indexes that would help."""
        row = {"sql": sql, "engine": engine, **({"schema": schema} if schema else {})}
        return await run(partial(desk().review, row))

    return server


def ide_app(server: MCPServer[Any]) -> Starlette:
    """The protocol over HTTP without sessions, so that any replica can answer; the bearer token is what guards it."""
    return server.streamable_http_app(
        streamable_http_path="/",
        json_response=True,
        stateless_http=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )


class Guarded:
    """Lets only admitted callers through to the application behind."""

    def __init__(self, app: ASGIApp, gate: Gatekeeper) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                _caller.set(self._gate.admit(Headers(scope=scope).get("authorization")))
            except RefusedError as error:
                telemetry.refused("mcp", error.reason)
                await JSONResponse({"error": str(error)}, error.status, headers=error.headers)(scope, receive, send)
                return
        await self._app(scope, receive, send)
