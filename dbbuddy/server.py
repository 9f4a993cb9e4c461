"""The app for production, `python -m dbbuddy serve`: the pages with the machine interfaces, probes and headers around them.

`streamlit run Home.py` serves the pages alone. With Home.py this is the only room outside `ui/` that knows Streamlit.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

from dbbuddy.data_files import DATA
from dbbuddy.providers.chain import default_chain
from dbbuddy.providers.health import provider_health
from dbbuddy.rate_limit import RateLimit
from dbbuddy.serving import logs
from dbbuddy.serving.api import api
from dbbuddy.serving.desk import Desk
from dbbuddy.serving.gatekeeper import Gatekeeper
from dbbuddy.serving.headers import SecurityHeaders, inline_scripts, security_headers
from dbbuddy.serving.ide import Guarded, ide_app, ide_server
from dbbuddy.serving.probes import ModelState, probes
from dbbuddy.serving.tokens import tokens_of
from dbbuddy.settings import settings
from dbbuddy.ui import go_to, resources, scroll

_log = logging.getLogger("dbbuddy.server")
_SHELL = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


def _models() -> list[ModelState]:
    chain = default_chain()
    states = {line.name: line.state for line in provider_health(chain)}
    return [ModelState(one.name, states[one.name], one.gate.breaker) for one in chain.status().providers]


def _playbooks() -> int:
    return len(resources.advisor().library.playbooks)


def _warm() -> None:
    """Load what the first user would wait for, then keep the garbage collector away from it."""
    import plotly.graph_objects  # noqa: F401

    import dbbuddy.sqlreview.review  # noqa: F401

    _log.info("%d playbooks loaded", _playbooks())
    default_chain()
    opened = resources.store_of_process()
    _log.info("the store is %s", opened.health().state if opened else "unavailable")
    gc.collect()
    gc.freeze()


logs.configure()
_desk = Desk(resources.advisor, resources.store_of_process)
_tokens = settings().api_tokens
_gate = Gatekeeper(
    tokens_of(_tokens.get_secret_value()) if _tokens else {},
    RateLimit(settings().api_requests_per_minute, 60),
)
_ide = ide_server(lambda: _desk)
_ide_app = ide_app(_ide)


@asynccontextmanager
async def _lifespan(app: st.App) -> AsyncIterator[dict[str, Any]]:
    await anyio.to_thread.run_sync(_warm)
    async with _ide.session_manager.run():
        yield {}
    await anyio.to_thread.run_sync(resources.close_store)
    _log.info("stopped; the store is written")


app = st.App(
    DATA.parent / "Home.py",
    lifespan=_lifespan,
    routes=[
        *probes(resources.store_of_process, _playbooks, _models),
        Mount("/api/v1", api(lambda: _desk, _gate)),
        Mount("/mcp", Guarded(_ide_app, _gate)),
    ],
    middleware=[Middleware(SecurityHeaders, headers=security_headers([*inline_scripts(_SHELL), scroll.SCRIPT, go_to.SCRIPT]))],
)
