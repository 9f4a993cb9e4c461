"""Which pieces of a playbook are for this context, and how they read with the user's names filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dbbuddy.advice import CodeBlock, Fix
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.body import Piece, Step
from dbbuddy.diagnosis.placeholders import fill
from dbbuddy.diagnosis.selectors import Selector


@dataclass(frozen=True)
class Reader:
    """Whom a playbook is read for: a context, and the names that the user's text gave for placeholders."""

    context: SystemContext
    names: Mapping[str, str]

    def sees(self, selector: Selector) -> bool:
        """Parts for an engine are shown only if that engine is known to be the user's."""
        if selector.engines and self.context.engine not in selector.engines:
            return False
        return selector.holds(self.context) is not False

    def label(self, selector: Selector) -> str:
        """Words for what the context leaves open; empty if the part surely applies."""
        return selector.label(self.context)

    def fill(self, text: str) -> str:
        return fill(text, self.names)


def prose(pieces: Iterable[Piece], reader: Reader) -> str:
    """The paragraphs and lists that apply, as Markdown, without code."""
    parts: list[str] = []
    previous = ""
    number = 0
    for piece in pieces:
        if piece.kind == "code" or not reader.sees(piece.selector):
            continue
        text = _labelled(piece, reader)
        number = number + 1 if piece.kind == "number" else 0
        marker = {"item": "- ", "number": f"{number}. ", "text": ""}[piece.kind]
        glue = "\n" if piece.kind != "text" and previous == piece.kind else "\n\n"
        parts.append((glue if parts else "") + marker + text)
        previous = piece.kind
    return "".join(parts)


def points(pieces: Iterable[Piece], reader: Reader) -> tuple[str, ...]:
    """Each paragraph or item that applies, one by one."""
    return tuple(_labelled(p, reader) for p in pieces if p.kind != "code" and reader.sees(p.selector))


def blocks(pieces: Iterable[Piece], reader: Reader) -> tuple[CodeBlock, ...]:
    """The code that applies."""
    return tuple(_block(p, reader) for p in pieces if p.kind == "code" and reader.sees(p.selector))


def fixes(steps: Iterable[Step], reader: Reader) -> tuple[Fix, ...]:
    """The steps that apply. A step whose every block is for others, and that says nothing itself, is left out."""
    return tuple(_fix(step, reader) for step in steps if reader.sees(step.selector) and _speaks(step, reader))


def _speaks(step: Step, reader: Reader) -> bool:
    return not step.pieces or any(reader.sees(piece.selector) for piece in step.pieces)


def _fix(step: Step, reader: Reader) -> Fix:
    return Fix(
        horizon=step.horizon,
        what=reader.fill(step.title),
        why=prose(step.pieces, reader),
        blocks=blocks(step.pieces, reader),
        risk=step.risk,
        risk_note=reader.fill(step.risk_note),
        rollback=reader.fill(step.rollback),
        only_on=reader.label(step.selector),
    )


def _block(piece: Piece, reader: Reader) -> CodeBlock:
    engine = "any" if piece.any_engine or reader.context.engine is None else reader.context.engine
    only_on = reader.label(piece.selector)
    if piece.needs:
        only_on = "; ".join(filter(None, [only_on, f"needs {piece.needs}"]))
    return CodeBlock(language=piece.language, engine=engine, code=reader.fill(piece.text), only_on=only_on)


def _labelled(piece: Piece, reader: Reader) -> str:
    label = reader.label(piece.selector)
    text = reader.fill(piece.text)
    return f"*{label[0].upper()}{label[1:]}:* {text}" if label else text
