"""Who may use the machine interfaces: named tokens, of which only the hash is configured."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping

PREFIX = "dbb_"


class TokensError(ValueError):
    """The setting with the tokens does not read; the message says where."""


def new_token() -> tuple[str, str]:
    """A token to hand out, and its hash for the configuration."""
    token = PREFIX + secrets.token_urlsafe(32)
    return token, digest(token)


def digest(token: str) -> str:
    """The SHA-256 of a token, hexadecimal. Tokens are random, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def tokens_of(setting: str) -> dict[str, str]:
    """The names by hash, from `name=hash,name=hash`.

    Raises:
        TokensError: a part is not of that form.
    """
    names: dict[str, str] = {}
    for number, part in enumerate(filter(None, (part.strip() for part in setting.split(","))), 1):
        name, _, hashed = part.partition("=")
        if not name or len(hashed) != 64 or not all(digit in "0123456789abcdef" for digit in hashed):
            raise TokensError(f"DBBUDDY_API_TOKENS: part {number} is not name=hash; make one with: python -m dbbuddy token NAME")
        names[hashed] = name
    return names


def caller_of(authorization: str | None, names: Mapping[str, str]) -> str | None:
    """The name of the token in an `Authorization: Bearer` header; none if it is not known."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    hashed = digest(token.strip())
    return next((name for known, name in names.items() if hmac.compare_digest(known, hashed)), None)
