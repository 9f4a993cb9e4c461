"""One browser tab: it connects, runs the page, sends what a user would, and waits until the run has finished."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState


class PageError(RuntimeError):
    """The page showed an exception, or not what was expected."""


@dataclass
class Run:
    """What one run of the page sent: its time until the end, its bytes, its texts, and the widgets by kind."""

    seconds: float = 0.0
    received: int = 0
    texts: list[str] = field(default_factory=list)
    widgets: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By kind of element: widget id and the fragment it belongs to."""


class Tab:
    """A session. `pages` maps a page's name in the address to its hash once the first run is over."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._cache: dict[str, ForwardMsg] = {}
        self.pages: dict[str, str] = {}
        self._page = ""
        self._query = ""

    async def open(self, path: str = "") -> Run:
        """Connect and run the page at that path."""
        self._socket = await websockets.connect(
            f"ws://{self._base}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            origin=websockets.Origin(f"http://{self._base}"),
            max_size=None,
            compression=None,
            open_timeout=60,
        )
        return await self._run(BackMsg(rerun_script={"page_name": path}))

    async def close(self) -> None:
        await self._socket.close()

    async def switch(self, page: str) -> Run:
        """Go to another page of the app."""
        self._page, self._query = self.pages[page], ""
        return await self._run(BackMsg(rerun_script={"page_script_hash": self._page}))

    async def send(self, text: str, run: Run) -> Run:
        """Submit a message in the chat input of the last run."""
        widget = run.widgets["chat_input"][-1][0]
        return await self._set(WidgetState(id=widget, chat_input_value={"data": text}))

    async def rate(self, stars: int, run: Run) -> Run:
        """Give stars to the last answer."""
        widget, fragment = run.widgets["feedback"][-1]
        return await self._set(WidgetState(id=widget, string_value=str(stars - 1)), fragment)

    async def _set(self, state: WidgetState, fragment: str = "") -> Run:
        return await self._run(
            BackMsg(
                rerun_script={
                    "page_script_hash": self._page,
                    "query_string": self._query,
                    "widget_states": {"widgets": [state]},
                    "fragment_id": fragment,
                }
            )
        )

    async def _run(self, message: BackMsg) -> Run:
        message.rerun_script.cached_message_hashes.extend(self._cache)
        started = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        run = Run()
        while True:
            data = await asyncio.wait_for(self._socket.recv(), 60)
            assert isinstance(data, bytes)
            run.received += len(data)
            if self._read(ForwardMsg.FromString(data), run):
                run.seconds = time.perf_counter() - started
                return run

    def _read(self, message: ForwardMsg, run: Run) -> bool:
        """Take one message in; whether it ends the run."""
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            message = self._cache[message.ref_hash]
            kind = message.WhichOneof("type")
        elif message.metadata.cacheable and message.hash:
            self._cache[message.hash] = message
        if kind == "navigation":
            self._page = message.navigation.page_script_hash
            self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "new_session" and not self._page:
            self._page = message.new_session.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message, run)
        return kind == "script_finished" and message.script_finished in (
            ForwardMsg.FINISHED_SUCCESSFULLY,
            ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
        )

    @staticmethod
    def _element(message: ForwardMsg, run: Run) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type") or ""
        if kind == "exception":
            raise PageError(element.exception.type)
        if kind == "markdown":
            run.texts.append(element.markdown.body)
        widget = getattr(getattr(element, kind, None), "id", "") if kind else ""
        if widget:
            run.widgets.setdefault(kind, []).append((widget, message.delta.fragment_id))
