"""Whether the app can be reached from this machine only: without a login everybody who reaches it has every role."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from dbbuddy.access.errors import ConfigurationError

_LOCAL_NAMES = ("localhost", "localhost.localdomain")
_OF_A_PROXY = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")
_HOW = "Set up a login (docs/access.md), or serve this machine only: --server.address localhost."


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    name = host.strip().rstrip(".").lower()
    if name in _LOCAL_NAMES or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def check_local(address: str | None, headers: Mapping[str, str]) -> None:
    """Let a visitor pass who sits at this machine, as far as the server's address and the request's headers tell.

    The `Host` header gives away a proxy that passes visitors on, and a foreign web page whose name was pointed at
    127.0.0.1 (DNS rebinding); other headers are those that proxies add.

    Raises:
        ConfigurationError: others can reach the app, and no login is set up.
    """
    if not address or not is_loopback(address):
        raise ConfigurationError(f"This server can be reached from other machines, and no login is set up. {_HOW}")
    host = headers.get("Host")
    if host is not None and not is_loopback(_name(host)):
        raise ConfigurationError(f"This request came by another name than localhost, and no login is set up. {_HOW}")
    if any(headers.get(name) for name in _OF_A_PROXY):
        raise ConfigurationError(f"This request came through a proxy, and no login is set up. {_HOW}")


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
