"""The reading of a question: everything that can be told from the text before any diagnosis."""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.context import Engine, SystemContext
from dbbuddy.intake.codes import Code, find_codes
from dbbuddy.intake.kinds import Kind, kinds_of
from dbbuddy.intake.names import find_names
from dbbuddy.intake.numbers import Facts, find_facts
from dbbuddy.intake.platform import guess_engine, read_context
from dbbuddy.intake.text import clean


@dataclass(frozen=True)
class Reading:
    """`text` is what was read (shortened if long); `names` are values for playbook placeholders."""

    text: str
    kinds: tuple[Kind, ...]
    context: SystemContext
    engine_scores: dict[Engine, float]
    codes: tuple[Code, ...]
    names: dict[str, str]
    facts: Facts
    notes: tuple[str, ...] = ()


def read(raw: str, given: SystemContext, known_codes: frozenset[str] = frozenset()) -> Reading:
    """Read a pasted text.

    Raises:
        InputError: the text is empty, binary or over 5 MB.
    """
    text = clean(raw)
    context = read_context(text.read, given)
    return Reading(
        text=text.read,
        kinds=kinds_of(text.read),
        context=context,
        engine_scores={name: score for name, score in guess_engine(text.read).scores.items() if score},
        codes=tuple(find_codes(text.read, known_codes, context.engine)),
        names=find_names(text.read),
        facts=find_facts(text.read),
        notes=text.notes,
    )
