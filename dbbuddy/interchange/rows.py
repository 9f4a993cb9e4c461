"""Fields of an object that came in, and JSON that goes out."""

from __future__ import annotations

import json
from typing import Any

from dbbuddy.context import ENGINES, Engine
from dbbuddy.intake.text import InputError


def json_text(value: Any) -> str:
    """The value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, default=str)


def text_of(row: dict[str, Any], key: str = "text") -> str:
    """The string under that key.

    Raises:
        InputError: there is none.
    """
    text = row.get(key)
    if not isinstance(text, str):
        raise InputError(f"{key} is missing or is not a string")
    return text


def engine_of(told: object) -> Engine | None:
    """The engine with that id; none if none is told.

    Raises:
        InputError: there is no such engine.
    """
    if told is None:
        return None
    engine = next((name for name in ENGINES if name == told), None)
    if engine is None:
        raise InputError(f"engine is none of {', '.join(ENGINES)}")
    return engine
