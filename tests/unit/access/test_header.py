"""The signed header of a proxy: what is believed, and every way to lie."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from dbbuddy.access.errors import ConfigurationError, LoginError
from dbbuddy.access.header import SignedHeader
from tests.unit.access.logins import NOW, claims

SECRET = "a shared secret of more than 32 bytes"
RSA = RSAKey.generate_key(2048, {"kid": "one"})
EC = ECKey.generate_key("P-256")
OKP = OKPKey.generate_key("Ed25519")


def signed(algorithm: str = "HS256", key: Any = None, /, **changed: Any) -> str:
    made = claims(**{"iat": int(NOW), "exp": int(NOW) + 60, **changed})
    header = {"alg": algorithm} | ({"kid": key.kid} if key is not None and key.kid else {})
    return jwt.encode(header, made, key or OctKey.import_key(SECRET), algorithms=[algorithm])


def pem(key: RSAKey | ECKey | OKPKey) -> str:
    return key.as_pem(private=False).decode()


def proxy(key: str = SECRET, audience: str | None = None) -> SignedHeader:
    return SignedHeader(key, audience)


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_token_with_the_shared_secret_is_believed() -> None:
    assert proxy().claims(signed())["sub"] == "a-1"
    assert proxy().claims(f"Bearer {signed('HS512')}")["email"] == "alice@example.com"


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (OKP, "Ed25519")])
def test_a_token_of_an_identity_provider_is_believed(key: Any, algorithm: str) -> None:
    token = signed(algorithm, key)
    assert proxy(pem(key), "dbbuddy").claims(token)["sub"] == "a-1"
    sets = json.dumps(KeySet([key, ECKey.generate_key("P-384")]).as_dict(private=False))
    if key is RSA:  # among several keys the token has to name its own
        assert proxy(sets, "dbbuddy").claims(token)["sub"] == "a-1"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "alice",
        "a.b.c",
        "." * 100_000,
        f"{part({'alg': 'none'})}.{part(claims())}.",
        signed("HS256", OctKey.import_key("another shared secret of 32 bytes")),
        signed("RS256", RSA),
        signed()[:-2] + "AA",
        signed().replace(".", ".A", 1),
        ".".join([signed().split(".")[0], part(claims(sub="root-id")), signed().split(".")[2]]),
        signed() + ", " + signed(),
        "\u0430.\u0431.\u0432",
    ],
)
def test_what_the_proxy_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(LoginError, match="vouched"):
        proxy().claims(token)


def test_a_public_key_is_no_secret() -> None:
    """The classic forgery: the public key, which everybody has, used as the secret of an HMAC."""
    said = f"{part({'alg': 'HS256'})}.{part(claims())}"
    code = hmac.digest(pem(RSA).strip().encode(), said.encode(), "sha256")
    forged = f"{said}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"
    with pytest.raises(LoginError, match="vouched"):
        proxy(pem(RSA), "dbbuddy").claims(forged)


def test_a_token_for_another_app_is_refused() -> None:
    for audience in (None, "payroll", ["payroll"], {"dbbuddy": 1}):
        with pytest.raises(LoginError, match="another app"):
            proxy(pem(RSA), "dbbuddy").claims(signed("RS256", RSA, aud=audience))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"exp": int(NOW)}, "expired"),
        ({"iat": int(NOW) - 7200, "exp": int(NOW) - 7140}, "expired"),
        ({"nbf": int(NOW) + 600}, "expired"),
        ({"exp": int(NOW) + 301}, "lives longer"),
        ({"exp": None}, "how long"),
        ({"iat": None}, "how long"),
        ({"exp": "tomorrow"}, "how long"),
    ],
)
def test_an_old_or_endless_token_opens_no_session(changed: dict[str, Any], told: str) -> None:
    reader = proxy()
    found = reader.claims(signed(**changed))
    with pytest.raises(LoginError, match=told):
        reader.admit(found, "s-1", NOW)


def test_a_token_that_was_used_opens_no_other_session() -> None:
    reader = proxy()
    found = reader.claims(signed(jti="once"))
    reader.admit(found, "s-1", NOW)
    reader.admit(found, "s-1", NOW + 1)
    with pytest.raises(LoginError, match="used before"):
        reader.admit(found, "s-2", NOW + 2)
    with pytest.raises(LoginError, match="expired"):
        reader.admit(found, "s-2", NOW + 61)
    reader.admit(reader.claims(signed(jti="another")), "s-2", NOW)


def test_an_identity_providers_token_comes_with_every_request() -> None:
    reader = proxy(pem(RSA), "dbbuddy")
    found = reader.claims(signed("RS256", RSA, jti="j", exp=int(NOW) + 3600))
    reader.admit(found, "s-1", NOW)
    reader.admit(found, "s-2", NOW)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("brief", "shorter than 32 bytes"),
        (RSA.as_pem(private=True).decode(), "private key"),
        (json.dumps(RSA.as_dict(private=True)), "private"),
        (json.dumps({"kty": "oct", "k": "c2VjcmV0"}), "secret"),
        ("{}", "neither a secret nor"),
        ("{", "neither a secret nor"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "neither a secret nor"),
    ],
)
def test_an_unfit_key_is_told(key: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        proxy(key, "dbbuddy")
    assert key not in str(caught.value) or key in "{}"


def test_a_public_key_needs_an_audience() -> None:
    with pytest.raises(ConfigurationError, match="AUDIENCE"):
        proxy(pem(RSA))
