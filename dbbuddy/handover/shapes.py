"""The shapes in which receivers want a ticket: templates in `data/webhooks/`, filled from it and kept within their limits.

A template is YAML. In its `body`, `${name}` in a text stands for one of the ticket's texts, and a text that is `${ticket}` alone
for the whole ticket as an object. The texts are put in after the YAML was read, so that no text can change the form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dbbuddy.data_files import DATA
from dbbuddy.handover.ticket import Ticket, as_markdown, facts, tried

SHAPES = DATA / "webhooks"
_PLACE = re2.compile(r"\$\{([a-z.]+)\}")
_CUT = "\n… (shortened; DB-Buddy has the whole ticket)"
_ROUNDS = 8


class ShapeError(ValueError):
    """There is no such shape, or it cannot be filled; the message says what to set."""


class Shape(BaseModel):
    """A template. `longest` tells how many characters a text may have, `replace` what must not stand in one.

    `fields` names the settings of the receiver that it needs (`DBBUDDY_WEBHOOK_FIELDS`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    largest_bytes: int = Field(gt=0)
    longest: dict[str, int] = {}
    replace: dict[str, str] = {}
    fields: tuple[str, ...] = ()
    body: dict[str, Any]


@cache
def shape(name: str) -> Shape:
    """The template of this name.

    Raises:
        ShapeError: there is none, or it is not written as a template should be.
    """
    known = sorted(path.stem for path in SHAPES.glob("*.yaml"))
    if name not in known:
        raise ShapeError(f"DBBUDDY_WEBHOOK_SHAPE is {name!r}; there are {', '.join(known)}.")
    try:
        return Shape.model_validate(yaml.safe_load((SHAPES / f"{name}.yaml").read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ShapeError(f"data/webhooks/{name}.yaml is not usable: {' '.join(str(error).split())}") from error


def payload(ticket: Ticket, name: str, fields: Mapping[str, str]) -> str:
    """The ticket in a shape, as JSON. Texts are shortened until it is within the receiver's limit.

    Raises:
        ShapeError: there is no such shape, or a field that it needs is not set, or the rest of it is too large already.
    """
    form = shape(name)
    missing = [field for field in form.fields if not fields.get(field)]
    if missing:
        example = json.dumps(dict.fromkeys(form.fields, "..."))
        raise ShapeError(f"{form.name} needs {' and '.join(missing)}: set DBBUDDY_WEBHOOK_FIELDS to {example}.")
    texts = _texts(ticket, form, fields)
    share = 1.0
    for _ in range(_ROUNDS):
        limits = {name: int(form.longest.get(name, len(text) + 1) * share) for name, text in texts.items()}
        whole: Any = ticket.model_dump(mode="json") if share == 1.0 else {"id": ticket.id, "shortened": True}
        made = json.dumps(_filled(form.body, {n: _cut(t, limits[n]) for n, t in texts.items()}, whole), ensure_ascii=False)
        if len(made.encode()) <= form.largest_bytes:
            return made
        share /= 2
    raise ShapeError(f"The ticket does not fit into the {form.largest_bytes} bytes that {form.name} takes.")


def _texts(ticket: Ticket, form: Shape, fields: Mapping[str, str]) -> dict[str, str]:
    nothing = "(texts are not kept on this server)" if not ticket.texts_kept else "(nothing)"
    texts = {
        "id": ticket.id,
        "headline": ticket.headline,
        "facts": facts(ticket),
        "report": "\n\n".join(filter(None, (ticket.comment, ticket.report))) or nothing,
        "tried": tried(ticket),
        "answer": ticket.answer or nothing,
        "markdown": as_markdown(ticket),
        "urgency": ticket.urgency,
    }
    for old, new in form.replace.items():
        texts = {name: text.replace(old, new) for name, text in texts.items()}
    return texts | {f"field.{name}": str(value) for name, value in fields.items()}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: max(longest - len(_CUT), 0)] + _CUT[: max(longest, 0)]


def _filled(part: Any, texts: Mapping[str, str], ticket: Any) -> Any:
    if isinstance(part, dict):
        return {name: _filled(value, texts, ticket) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, texts, ticket) for value in part]
    if not isinstance(part, str):
        return part
    if part == "${ticket}":
        return ticket
    pieces, place = [], 0
    for found in _PLACE.finditer(part):
        if found.group(1) not in texts:
            raise ShapeError(f"The template asks for ${{{found.group(1)}}}, which no ticket has.")
        pieces += [part[place : found.start()], texts[found.group(1)]]
        place = found.end()
    return "".join([*pieces, part[place:]])
