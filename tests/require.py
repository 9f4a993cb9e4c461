"""What a test needs from the machine: skip where it is missing, fail where it must be there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str, bring: str) -> NoReturn:
    """Skip the test and say how to bring what it needs; with `CI=true` in the environment, fail instead."""
    reason = f"{what} is not available here; bring it with: {bring}"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
