"""Which way in is configured, and settings under which nobody must be let in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from dbbuddy.access.errors import ConfigurationError
from dbbuddy.access.place import is_loopback
from dbbuddy.settings import Settings

WayIn = Literal["local", "oidc", "header"]

MIN_COOKIE_SECRET = 32
_REQUIRED = ("redirect_uri", "cookie_secret")
_PROVIDER = ("client_id", "client_secret", "server_metadata_url")


@dataclass(frozen=True)
class Server:
    """What the server has been told: the `[auth]` section of its secrets, and whether it takes users from bare headers."""

    auth: Mapping[str, Any]
    trusts_bare_headers: bool = False


def way_in(settings: Settings, server: Server) -> WayIn:
    """How visitors are recognised.

    Raises:
        ConfigurationError: it is set up in a way that would let strangers in, or nobody.
    """
    if server.trusts_bare_headers:
        raise ConfigurationError(
            "server.trustedUserHeaders lets anybody who reaches the port name himself. Remove it; use DBBUDDY_IDENTITY_HEADER."
        )
    signed = bool(settings.identity_header)
    if signed != bool(settings.identity_header_key):
        raise ConfigurationError("Set both DBBUDDY_IDENTITY_HEADER and DBBUDDY_IDENTITY_HEADER_KEY, or neither.")
    if signed and server.auth:
        raise ConfigurationError("Both [auth] in secrets.toml and DBBUDDY_IDENTITY_HEADER are set. Choose one of them.")
    if not signed and not server.auth:
        return "local"
    if settings.access_file is None:
        raise ConfigurationError("A login is set up, but DBBUDDY_ACCESS_FILE is not: nobody has a role (docs/access.md).")
    if server.auth:
        _check_auth(server.auth)
    return "header" if signed else "oidc"


def providers(auth: Mapping[str, Any]) -> tuple[str, ...]:
    """The named identity providers of `[auth]`; empty if it has one without a name."""
    return tuple(name for name, section in auth.items() if isinstance(section, Mapping) and "client_id" in section)


def _check_auth(auth: Mapping[str, Any]) -> None:
    missing = [name for name in _REQUIRED if not auth.get(name)]
    if not providers(auth):
        missing += [name for name in _PROVIDER if not auth.get(name)]
    if missing:
        raise ConfigurationError(f"[auth] in secrets.toml lacks {', '.join(missing)} (docs/access.md).")
    if len(str(auth["cookie_secret"])) < MIN_COOKIE_SECRET:
        raise ConfigurationError(
            f"cookie_secret in secrets.toml is shorter than {MIN_COOKIE_SECRET} characters. Whoever guesses it can be anybody: "
            "make one with “openssl rand -hex 32”."
        )
    _check_redirect(str(auth["redirect_uri"]))


def _check_redirect(address: str) -> None:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if not parts.path.endswith("/oauth2callback"):
        raise ConfigurationError("redirect_uri in secrets.toml must be the app's address with /oauth2callback.")
    if parts.scheme != "https" and not is_loopback(host):
        raise ConfigurationError("redirect_uri in secrets.toml must begin with https://, or logins travel in the clear.")
