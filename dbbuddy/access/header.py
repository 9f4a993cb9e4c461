"""A signed statement of a proxy about who the visitor is: a JSON Web Token in a header.

The key decides what is accepted: a shared secret takes HMAC signatures, a public key those of its own kind, so that a public
key can never be used as a secret. Tokens signed with the shared secret are made for one connection: they live a few minutes
and, where they carry an id, open one session. Tokens of an identity provider, verified by its public key, have to be meant
for this app (`aud`).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from dbbuddy.access.errors import ConfigurationError, LoginError
from dbbuddy.access.login import CLOCK_SKEW_SECONDS

MIN_SECRET_BYTES = 32  # as long as the digest of HS256, see RFC 7518, 3.2
MAX_SHARED_SECONDS = 300.0
"""How long a token that a proxy signs with the shared secret may live."""

_MAX_CHARS = 16_000  # web servers refuse larger headers
_SHARED = ("HS256", "HS384", "HS512")
_PUBLIC = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA", "Ed25519"),
}
_NAME = "DBBUDDY_IDENTITY_HEADER_KEY"
_UNSIGNED = "Nobody has vouched for this request. Open DB-Buddy by its usual address."

VerifyingKey = OctKey | RSAKey | ECKey | OKPKey | KeySet


class SignedHeader:
    """Reads the tokens of one proxy; safe to share between threads."""

    def __init__(self, key: str, audience: str | None) -> None:
        """Take `key`: a shared secret, a public key (PEM), or a JSON Web Key or set of them.

        Raises:
            ConfigurationError: the key is too short, private or unreadable, or a public key comes without an audience.
        """
        self._key, self._algorithms = _read_key(key.strip())
        self._audience = audience
        self._shared = isinstance(self._key, OctKey)
        if not self._shared and not audience:
            raise ConfigurationError(
                f"{_NAME} is a public key: set DBBUDDY_IDENTITY_HEADER_AUDIENCE too, or tokens for other apps would be accepted."
            )
        self._registry = JWSRegistry(algorithms=list(self._algorithms))
        self._verified = lru_cache(maxsize=2048)(self._verify)
        self._used: dict[str, tuple[str, float]] = {}
        self._using = threading.Lock()

    def claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a token whose signature and audience are right; it may have expired.

        Raises:
            LoginError: they are not.
        """
        return self._verified(token.removeprefix("Bearer ").strip())

    def admit(self, claims: Mapping[str, Any], session: str, now: float) -> None:
        """Let a token open the session named `session`: only while it is valid, and only one session where it was made for one.

        Raises:
            LoginError: it is too old, lives too long, or has opened another session.
        """
        begins, ends = _number(claims.get("iat")), _number(claims.get("exp"))
        not_before = _number(claims.get("nbf", begins))
        if now >= ends or not_before > now + CLOCK_SKEW_SECONDS:
            raise LoginError("The proxy's word for you has expired. Reload the page.")
        if not self._shared:
            return
        if ends - begins > MAX_SHARED_SECONDS:
            raise LoginError(f"The proxy's token lives longer than {MAX_SHARED_SECONDS:.0f} seconds. Ask an administrator.")
        if claims.get("jti") is not None:
            self._use(str(claims["jti"]), session, now, ends)

    def _use(self, token_id: str, session: str, now: float, ends: float) -> None:
        with self._using:
            self._used = {name: use for name, use in self._used.items() if use[1] > now}
            opened, _ = self._used.setdefault(token_id, (session, ends))
        if opened != session:
            raise LoginError("The proxy's word for you has been used before. Reload the page.")

    def _verify(self, token: str) -> Mapping[str, Any]:
        if not token or len(token) > _MAX_CHARS:
            raise LoginError(_UNSIGNED)
        try:
            claims = jwt.decode(token, self._key, registry=self._registry).claims
        except (JoseError, ValueError) as error:
            raise LoginError(_UNSIGNED) from error
        meant_for = claims.get("aud")
        audiences = [meant_for] if isinstance(meant_for, str) else meant_for if isinstance(meant_for, list) else []
        if self._audience and self._audience not in audiences:
            raise LoginError("This login is meant for another app. Open DB-Buddy by its usual address.")
        return claims


def digest(token: str) -> str:
    """A name for a token that does not give it away."""
    return hashlib.sha256(token.encode()).hexdigest()


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LoginError("The proxy's token does not say how long it is valid (iat, exp). Ask an administrator.")
    return float(value)


def _read_key(text: str) -> tuple[VerifyingKey, Collection[str]]:
    try:
        if text.startswith("{"):
            return _json_key(json.loads(text))
        if text.startswith("-----BEGIN"):
            return _pem_key(text)
        if len(text.encode()) < MIN_SECRET_BYTES:
            raise ConfigurationError(f"{_NAME} is shorter than {MIN_SECRET_BYTES} bytes: make one with “openssl rand -base64 48”.")
        return OctKey.import_key(text), _SHARED
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{_NAME} is neither a secret nor a public key as PEM or JSON.") from error


def _pem_key(text: str) -> tuple[VerifyingKey, Collection[str]]:
    if "PRIVATE KEY" in text:
        raise ConfigurationError(f"{_NAME} is a private key: give the public one, and make new keys.")
    for kind, algorithms in ((RSAKey, _PUBLIC["RSA"]), (ECKey, _PUBLIC["EC"]), (OKPKey, _PUBLIC["OKP"])):
        try:
            return kind.import_key(text), algorithms
        except (JoseError, ValueError):
            continue
    raise ValueError("no key of these kinds")


def _json_key(content: dict[str, Any]) -> tuple[VerifyingKey, Collection[str]]:
    keys = KeySet.import_key_set({"keys": content["keys"]} if "keys" in content else {"keys": [content]})
    if any(key.key_type == "oct" or key.is_private for key in keys):
        raise ConfigurationError(f"{_NAME} holds a secret or private JSON Web Key: give public keys, or the secret as plain text.")
    return keys, [name for key in keys for name in _PUBLIC[key.key_type]]
