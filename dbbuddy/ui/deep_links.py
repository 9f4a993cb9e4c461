"""The page that somebody wanted who had to sign in first: after the login the browser comes back to the start page.

Kept in this process for minutes, under the digest of a random cookie that every browser of ours holds; nothing of it grants
anything. Only pages of the navigation are led to. Elsewhere, and on another replica, one lands on the start page.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict

import streamlit as st

_COOKIE = "_streamlit_xsrf"
_TOKEN_BYTES = 16
_SECONDS = 600.0
_MOST = 2_000
_LONGEST = 500

_wanted: OrderedDict[str, tuple[float, str, dict[str, str]]] = OrderedDict()
_lock = threading.Lock()


def remember(path: str) -> None:
    """Note that this browser wants the page, with the parameters in its address."""
    browser = _browser()
    parameters = {name: value for name, value in st.query_params.to_dict().items() if isinstance(value, str)}
    if not browser or sum(map(len, (*parameters, *parameters.values()))) > _LONGEST:
        return
    with _lock:
        _wanted[browser] = (time.monotonic() + _SECONDS, path, parameters)
        _wanted.move_to_end(browser)
        while len(_wanted) > _MOST:
            _wanted.popitem(last=False)


def recall() -> tuple[str, dict[str, str]] | None:
    """The page that this browser wanted and its parameters, once."""
    with _lock:
        until, path, parameters = _wanted.pop(_browser(), (0.0, "", {}))
    return (path, parameters) if time.monotonic() < until else None


def _browser() -> str:
    """The digest of the random token in Streamlit's cookie against forged requests; empty if there is none.

    The cookie's text changes with every response: `2|mask|token XOR mask|time`, in hexadecimal.
    """
    parts = str(st.context.cookies.get(_COOKIE, "")).split("|")
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except (IndexError, ValueError):
        return ""
    if not mask or len(masked) < _TOKEN_BYTES:
        return ""
    token = bytes(byte ^ mask[place % len(mask)] for place, byte in enumerate(masked))
    return hashlib.sha256(token).hexdigest()
