"""An answer with this session's values in place of their placeholders. For the eyes of that session only; never stored."""

from __future__ import annotations

from typing import Any, TypeVar

import re2
from pydantic import BaseModel

from dbbuddy.advice import Advice, CodeBlock, Evidence
from dbbuddy.elaboration.markdown import Restore, code_span
from dbbuddy.privacy.vault import Vault

Part = TypeVar("Part", bound=BaseModel)
# Fields that pages draw as code: everything else is Markdown.
_CODE = {CodeBlock: {"code"}, Evidence: {"quote"}}
_CODE_SPAN = re2.compile("`[^`\n]*`")
_PLACEHOLDER = re2.compile(r"<[A-Z][A-Z_]+_[1-9][0-9]*>")


def restored_advice(advice: Advice, vault: Vault) -> Advice:
    """The answer as its own user may see it. In Markdown a value stands as code, so that nothing acts on it."""
    return advice if vault.is_empty else _restored(advice, vault.restore)


def restored_markdown(text: str, restore: Restore) -> str:
    """Markdown of ours with values put back: in a code span as they are, elsewhere as a code span of their own."""
    if "<" not in text:
        return text
    parts: list[str] = []
    place = 0
    for match in _CODE_SPAN.finditer(text):
        value = restore(match.group())
        parts += [
            _outside(text[place : match.start()], restore),
            match.group() if value == match.group() else code_span(value[1:-1]),
        ]
        place = match.end()
    return "".join([*parts, _outside(text[place:], restore)])


def _outside(text: str, restore: Restore) -> str:
    parts: list[str] = []
    place = 0
    for match in _PLACEHOLDER.finditer(text):
        value = restore(match.group())
        parts += [text[place : match.start()], match.group() if value == match.group() else code_span(value)]
        place = match.end()
    return "".join([*parts, text[place:]])


def _restored(part: Part, restore: Restore) -> Part:
    as_code = _CODE.get(type(part), set())
    changed = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        new = restore(value) if name in as_code else _value(value, restore)
        if new is not value and new != value:
            changed[name] = new
    return part.model_copy(update=changed) if changed else part


def _value(value: Any, restore: Restore) -> Any:
    if isinstance(value, str):
        return restored_markdown(value, restore)
    if isinstance(value, tuple):
        return tuple(_value(each, restore) for each in value)
    return _restored(value, restore) if isinstance(value, BaseModel) else value
