r"""Encrypting single fields of the store with AES-GCM, so that a copy of the file or of a backup tells no texts.

A sealed value is `\x01e:<key id>:<base64 of nonce and ciphertext>`. It is bound to its place (table, column, row): moved to
another row it does not open. AES-GCM with a random nonce of 96 bits is safe for 2^32 values a key (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import re2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError

_SEALED = "\x01e:"
_READABLE = "\x01t:"
_MARK = "\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEY_ID = re2.compile(r"[A-Za-z0-9_.-]{1,32}")
_MAKE_ONE = "python -c \"import base64, os; print('k1:' + base64.b64encode(os.urandom(32)).decode())\""


class CipherError(StoreError):
    """A field cannot be encrypted or decrypted; the message says which key is missing or wrong."""


@dataclass(frozen=True)
class Key:
    """An AES key of 32 bytes and the id that stands with every value it sealed."""

    id: str
    secret: bytes


class Cipher:
    """Seals with the first key and opens with any. Without keys it seals nothing."""

    def __init__(self, keys: Sequence[Key] = ()) -> None:
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys}
        self._first = keys[0].id if keys else ""

    @property
    def on(self) -> bool:
        """Whether new values are encrypted."""
        return bool(self._first)

    def seal(self, text: str, place: str) -> str:
        """The value as it is stored at this place. An empty text stays empty."""
        if not self._first:
            return _READABLE + text if text.startswith(_MARK) else text
        if not text:
            return text
        nonce = os.urandom(_NONCE_BYTES)
        plain = text.encode("utf-8", "surrogatepass")
        sealed = nonce + self._ciphers[self._first].encrypt(nonce, plain, _bound(self._first, place))
        return f"{_SEALED}{self._first}:{base64.b64encode(sealed).decode()}"

    def open(self, value: str, place: str) -> str:
        """The text of a stored value, sealed or not.

        Raises:
            CipherError: its key is missing or wrong, or the value was changed or moved.
        """
        if value.startswith(_READABLE):
            return value.removeprefix(_READABLE)
        if not value.startswith(_SEALED):
            return value
        key, _, encoded = value.removeprefix(_SEALED).partition(":")
        cipher = self._ciphers.get(key)
        if cipher is None:
            raise CipherError(
                f"A stored text is encrypted with the key “{key}”, which DBBUDDY_ENCRYPTION_KEYS does not hold. Add that key to it."
            )
        try:
            sealed = base64.b64decode(encoded, validate=True)
            opened = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(key, place))
        except (InvalidTag, binascii.Error, ValueError):
            raise CipherError(
                f"A stored text cannot be decrypted: the key “{key}” in DBBUDDY_ENCRYPTION_KEYS is not the one it was encrypted "
                "with, or the text was changed in the database. Put the right key back, or restore a backup."
            ) from None
        return opened.decode("utf-8", "surrogatepass")

    def is_current(self, value: str) -> bool:
        """Whether the value is stored as this cipher would store it now."""
        if not self._first:
            return not value.startswith(_SEALED)
        return not value or value.startswith(f"{_SEALED}{self._first}:")


def _bound(key: str, place: str) -> bytes:
    return f"dbbuddy 1\n{key}\n{place}".encode()


def read_keys(text: str) -> tuple[Key, ...]:
    """The keys of `id:base64key[,id:base64key...]`.

    Raises:
        CipherError: it is not written so, or a key has not 32 bytes; no key is quoted.
    """
    keys: list[Key] = []
    for number, part in enumerate(filter(None, (part.strip() for part in text.split(","))), 1):
        name, _, encoded = part.partition(":")
        try:
            secret = base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
        except binascii.Error:
            secret = b""
        if not _KEY_ID.fullmatch(name) or len(secret) != _KEY_BYTES or name in {key.id for key in keys}:
            raise CipherError(
                f"Key {number} of DBBUDDY_ENCRYPTION_KEYS is not usable. Write id:base64key with an id of its own and 32 random "
                f"bytes; this makes one: {_MAKE_ONE}"
            )
        keys.append(Key(name, secret))
    return tuple(keys)


def cipher() -> Cipher:
    """The cipher of the settings.

    Raises:
        CipherError: DBBUDDY_ENCRYPTION_KEYS cannot be read.
    """
    keys = settings().encryption_keys
    return _cipher(keys.get_secret_value() if keys else "")


@lru_cache(maxsize=4)
def _cipher(keys: str) -> Cipher:
    return Cipher(read_keys(keys))
