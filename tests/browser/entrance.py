"""An app behind a login: an identity provider, people in it, and ways to come with a cookie or a header of one's own."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Page
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.browser.app import App
from tests.browser.browsing import Window

COOKIE = "_streamlit_user"
COOKIE_SECRET = "a cookie secret of more than 32 characters"
ACCESS = """
roles:
  developer: {groups: [developers]}
  dba: {groups: [dbas]}
  manager: {groups: [managers]}
  admin: {users: [erin@example.com]}
teams:
  - {name: Payments, groups: [team-payments], developers: 20}
"""
GROUPS = {
    "alice": ["dbas", "team-payments"],
    "bob": ["managers"],
    "carol": ["developers"],
    "mallory": ["guests"],
    "erin": [],
}


def said_of(person: str) -> dict[str, Any]:
    """What the identity provider says of a person."""
    return {"email": f"{person}@example.com", "email_verified": True, "name": f"{person.title()} Example", "groups": GROUPS[person]}


@contextmanager
def app_with_login(folder: Path) -> Iterator[App]:
    """The app with `st.login` over a local identity provider."""
    people = [User(sub=person, claims=said_of(person)) for person in GROUPS]
    (folder / "access.yaml").write_text(ACCESS)
    secrets = folder / "secrets.toml"
    app = App(folder, DBBUDDY_ACCESS_FILE=str(folder / "access.yaml"), STREAMLIT_SECRETS_FILES=str(secrets))
    with run_server_in_thread(user_claims=people) as provider:
        secrets.write_text(
            f"""[auth]
redirect_uri = "{app.url}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"
client_id = "dbbuddy"
client_secret = "x"
server_metadata_url = "http://localhost:{provider.server_port}/.well-known/openid-configuration"
"""
        )
        app.start()
        try:
            yield app
        finally:
            app.stop()


def bare(window: Window) -> None:
    """Do not count what the identity provider's own pages ask for."""
    window.page.context.route(re.compile(r"^https://cdn\.jsdelivr\.net/"), lambda route: route.fulfill(body=""))


def sign_in(window: Window, app: App, person: str, page: str = "") -> Page:
    """Open a page, be sent to the identity provider, and come back."""
    bare(window)
    window.open(app.page(page))
    window.page.get_by_role("button", name="Sign in").click()
    window.page.get_by_role("button", name=person, exact=True).click()
    window.page.get_by_test_id("stSidebar").get_by_text(f"{person.title()} Example").or_(
        window.page.get_by_text("No access yet")
    ).wait_for()
    window.settle()
    return window.page


def cookies(window: Window) -> list[Any]:
    """What a thief of the login would take along."""
    return [cookie for cookie in window.page.context.cookies() if str(cookie["name"]).startswith(COOKIE)]


def come_with(window: Window, app: App, value: str) -> None:
    """Bring a login cookie of one's own."""
    window.page.context.add_cookies([{"name": COOKIE, "value": value, "url": app.url}])


def cookie_of(app: App, person: str, secret: str = COOKIE_SECRET, **changed: Any) -> str:
    """A login cookie as Streamlit makes it. It can be made only by who knows the secret."""
    now = int(time.time())
    claims = {"sub": person, "aud": ["dbbuddy"], "iat": now, "exp": now + 3600, "nonce": person, **said_of(person)}
    login = {"origin": app.url, "is_logged_in": True, "provider": "default"}
    return create_signed_value(secret, COOKIE, json.dumps({**claims, **login, **changed})).decode()


class HeaderProxy:
    """A proxy as operators put it in front: takes the header out of what comes in, and adds its own where it knows the visitor."""

    def __init__(self, port: int, name: str) -> None:
        """Pass on to the app at `port`. `value` is what the proxy writes into the header `name`."""
        self.value = ""
        self._name = name
        self._target = port
        self._socket = socket.create_server(("localhost", 0))
        self.url = f"http://localhost:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more visitors."""
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self._socket.accept()
                threading.Thread(target=self._pass_on, args=(visitor,), daemon=True).start()

    def _pass_on(self, visitor: socket.socket) -> None:
        with suppress(OSError), visitor, socket.create_connection(("localhost", self._target)) as app:
            head = b""
            while b"\r\n\r\n" not in head:
                received = visitor.recv(65536)
                if not received:
                    return
                head += received
            app.sendall(self._rewritten(head))
            threading.Thread(target=_copy, args=(app, visitor), daemon=True).start()
            _copy(visitor, app)

    def _rewritten(self, head: bytes) -> bytes:
        """The first request of the connection with our header only; others do not follow on it unless it is a web socket."""
        lines, _, body = head.partition(b"\r\n\r\n")
        kept = [line for line in lines.split(b"\r\n") if not line.lower().startswith(self._name.lower().encode() + b":")]
        if b"upgrade: websocket" not in lines.lower():
            kept = [line for line in kept if not line.lower().startswith(b"connection:")] + [b"Connection: close"]
        if self.value:
            kept.append(f"{self._name}: {self.value}".encode())
        return b"\r\n".join(kept) + b"\r\n\r\n" + body


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received)
        target.shutdown(socket.SHUT_WR)
