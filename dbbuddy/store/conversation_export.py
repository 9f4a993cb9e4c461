"""A conversation as a file: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import re2

from dbbuddy.rendering import to_markdown
from dbbuddy.store.history import Exchange

_BACKTICKS = re2.compile("`+")
_NOT_KEPT = "*The text was not kept (storage mode metadata).*"


def as_markdown(title: str, exchanges: Sequence[Exchange]) -> str:
    """Questions and answers in order. Questions stand in code blocks, where they cannot act as Markdown."""
    parts = [f"# {one_line_markdown(title)}"]
    for number, exchange in enumerate(exchanges, 1):
        given = [f"{exchange.stars} of 5 stars" if exchange.stars else "", (exchange.outcome or "").replace("_", " ")]
        said = "; ".join(filter(None, [f"{exchange.asked_at:%Y-%m-%d %H:%M} UTC", exchange.advice.context.label(), *given]))
        parts.append(f"## {number}. {said}")
        parts.append(fenced(exchange.question) if exchange.question else _NOT_KEPT)
        parts.append(to_markdown(exchange.advice))
    return "\n\n".join(parts).rstrip() + "\n"


def as_json(title: str, exchanges: Sequence[Exchange]) -> str:
    """Questions and answers in order, as data."""
    return json.dumps(
        {"title": title, "exchanges": [exchange_data(exchange) for exchange in exchanges]}, indent=2, ensure_ascii=False
    )


def exchange_data(exchange: Exchange) -> dict[str, Any]:
    """An exchange as plain values."""
    return {
        "id": exchange.id,
        "asked_at": exchange.asked_at.isoformat() + "Z",
        "question": exchange.question,
        "advice": exchange.advice.model_dump(mode="json"),
        "provider": exchange.provider,
        "stars": exchange.stars,
        "outcome": exchange.outcome,
    }


def fenced(text: str) -> str:
    """A code block whose fence is longer than any in the text."""
    longest = max((len(found.group()) for found in _BACKTICKS.finditer(text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}text\n{text}\n{fence}"


def one_line_markdown(text: str) -> str:
    """A title as a heading: it cannot end the line or begin an HTML tag, an image or a link."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("<", "\\<").replace("[", "\\[").replace("`", "\\`")
