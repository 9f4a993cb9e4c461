"""Which way in is open, and that nobody gets in by a careless set-up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dbbuddy.access.configuration import Server, providers, way_in
from dbbuddy.access.errors import ConfigurationError
from dbbuddy.access.place import check_local
from dbbuddy.settings import Settings

AUTH: dict[str, Any] = {
    "redirect_uri": "https://dbbuddy.example.com/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "dbbuddy",
    "client_secret": "y",
    "server_metadata_url": "https://login.example.com/.well-known/openid-configuration",
}
FILE = Path("access.yaml")
NAMED = {
    "redirect_uri": AUTH["redirect_uri"],
    "cookie_secret": AUTH["cookie_secret"],
    "okta": {"client_id": "a"},
    "entra": {"client_id": "b"},
}
HEADER: dict[str, Any] = {"identity_header": "X-Identity", "identity_header_key": SecretStr("k")}


def test_each_way_in() -> None:
    assert way_in(Settings(), Server({})) == "local"
    assert way_in(Settings(access_file=FILE), Server(AUTH)) == "oidc"
    assert way_in(Settings(access_file=FILE), Server(NAMED)) == "oidc"
    assert way_in(Settings(access_file=FILE, **HEADER), Server({})) == "header"
    assert providers(NAMED) == ("okta", "entra")
    assert providers(AUTH) == ()


@pytest.mark.parametrize(
    ("settings", "auth", "told"),
    [
        ({}, AUTH, "DBBUDDY_ACCESS_FILE"),
        (HEADER, {}, "DBBUDDY_ACCESS_FILE"),
        ({"access_file": FILE, **HEADER}, AUTH, "Choose one"),
        ({"access_file": FILE, "identity_header": "X-Identity"}, {}, "both"),
        ({"access_file": FILE, "identity_header_key": SecretStr("k")}, {}, "both"),
        ({"access_file": FILE}, AUTH | {"cookie_secret": "short"}, "cookie_secret"),
        ({"access_file": FILE}, AUTH | {"cookie_secret": ""}, "lacks cookie_secret"),
        ({"access_file": FILE}, {"client_id": "dbbuddy"}, "lacks redirect_uri, cookie_secret, client_secret"),
        ({"access_file": FILE}, AUTH | {"redirect_uri": "http://dbbuddy.example.com/oauth2callback"}, "https"),
        ({"access_file": FILE}, AUTH | {"redirect_uri": "https://dbbuddy.example.com/"}, "oauth2callback"),
        ({"access_file": FILE}, AUTH | {"redirect_uri": "https://[bad/oauth2callback"}, "oauth2callback"),
    ],
)
def test_a_careless_set_up_lets_nobody_in(settings: dict[str, Any], auth: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        way_in(Settings(**settings), Server(auth))


def test_users_from_bare_headers_are_never_trusted() -> None:
    with pytest.raises(ConfigurationError, match="trustedUserHeaders"):
        way_in(Settings(access_file=FILE), Server(AUTH, trusts_bare_headers=True))


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "::1", "127.1.2.3", "LOCALHOST"])
@pytest.mark.parametrize("host", [None, "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "dbbuddy.localhost"])
def test_this_machine_needs_no_login(address: str, host: str | None) -> None:
    check_local(address, {"Host": host} if host else {})


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "10.0.0.7", "db.example.com", "localhost.example.com", "127.0.0.1.nip.io"]
)
def test_a_server_open_to_others_needs_a_login(address: str | None) -> None:
    with pytest.raises(ConfigurationError, match="other machines"):
        check_local(address, {"Host": "localhost:8501"})


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "dbbuddy.example.com"},
        {"Host": "10.0.0.7:8501"},
        {"Host": "rebound.example:8501"},
        {"Host": "localhost:8501@evil.example"},
        {"Host": "[bad"},
        {"Host": ""},
        {"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.9"},
        {"Host": "localhost:8501", "Forwarded": "for=10.0.0.9"},
    ],
)
def test_a_proxy_or_a_foreign_name_needs_a_login(headers: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="no login is set up"):
        check_local("localhost", headers)
