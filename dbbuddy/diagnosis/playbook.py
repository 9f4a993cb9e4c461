"""A playbook: what one diagnosis is recognised by and what to do about it, as one Markdown file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from dbbuddy.context import Category, Engine
from dbbuddy.diagnosis import placeholders
from dbbuddy.diagnosis.arithmetic import CALCULATIONS, INDEX_FOR_QUERY
from dbbuddy.diagnosis.body import REQUIRED_SECTIONS, Body, BodyError, parse_body

Weight = Annotated[float, Field(gt=0, le=10)]


class PlaybookError(ValueError):
    """A playbook that cannot be used; the message says where and what to change."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CodeSignal(_Strict):
    """An error code, bound to its engine: 1205 is two different things."""

    engine: Engine
    code: str
    weight: Weight = 10.0

    @field_validator("code", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> str:
        return str(value)


class PhraseSignal(_Strict):
    """An RE2 pattern, matched without regard to case. `engine` binds it to one engine."""

    match: str
    weight: Weight = 5.0
    engine: Engine | None = None


class FindingSignal(_Strict):
    """A finding of the plan or SQL review, by its id."""

    id: str
    weight: Weight = 5.0


class Signals(_Strict):
    """What a playbook is recognised by, and what speaks against it."""

    codes: tuple[CodeSignal, ...] = ()
    phrases: tuple[PhraseSignal, ...] = ()
    findings: tuple[FindingSignal, ...] = ()
    negative: tuple[PhraseSignal, ...] = ()


class Ask(_Strict):
    """A question that decides between causes. Not asked when `unless` matches the text."""

    question: str
    why: str = ""
    sql: dict[Engine, str] = {}
    unless: str | None = None


class BranchSignal(_Strict):
    """The facts that lead to the body's `## Branch: <id>` section."""

    id: str
    when: tuple[str, ...]


class SourceRef(_Strict):
    """A manual's section; `engines` limits it to their readers."""

    engines: tuple[Engine, ...] = ()
    title: str
    section: str
    url: str | None = None


class FrontMatter(_Strict):
    """The YAML head of a playbook file."""

    slug: str
    title: str
    category: Category
    engines: tuple[Engine, ...] = Field(min_length=1)
    summary: str
    symptoms: tuple[str, ...] = Field(min_length=3)
    signals: Signals
    calculations: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    branches: tuple[BranchSignal, ...] = ()
    related: tuple[str, ...] = ()
    sources: tuple[SourceRef, ...] = Field(min_length=2)


@dataclass(frozen=True)
class Playbook:
    """A checked playbook. The body is read on first use, so that a library of hundreds loads fast."""

    head: FrontMatter
    markdown: str
    body_line: int
    path: Path

    @property
    def slug(self) -> str:
        return self.head.slug

    @cached_property
    def body(self) -> Body:
        return parse_body(self.markdown, self.body_line)


def read_playbook(path: Path) -> Playbook:
    """Load one file; the head is checked now, the body on first use (or by `check`).

    Raises:
        PlaybookError: the file cannot be read, or its head is not valid.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlaybookError(f"{path.name}: cannot be read ({error})") from None
    return parse_playbook(text, path)


def parse_playbook(text: str, path: Path) -> Playbook:
    """As `read_playbook`, for a text at hand (a new or edited playbook)."""
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise PlaybookError(f"{path.name}: starts with no '---' block of YAML")
    front, _, markdown = text[4:].partition("\n---\n")
    try:
        head = FrontMatter.model_validate(yaml.load(front, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise PlaybookError(f"{path.name}: the YAML head is broken: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        details = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PlaybookError(f"{path.name}: {details}") from None
    return Playbook(head, markdown, front.count("\n") + 4, path)


def check(playbook: Playbook) -> list[str]:
    """Everything that makes a playbook unfit, as messages; an empty list if it is fine.

    Checks what one file shows by itself; links between playbooks are the library's.
    """
    head = playbook.head
    problems: list[str] = []
    if playbook.path.stem != head.slug:
        problems.append(f"slug {head.slug!r} is not the file's name {playbook.path.stem!r}")
    try:
        body = playbook.body
    except BodyError as error:
        return [*problems, str(error)]
    given = {*body.prose, *_fix_sections(body)}
    problems += [f"section '## {name}' is missing" for name in REQUIRED_SECTIONS if name not in given]
    problems += [
        f"signals: code {c.code} is for {c.engine}, which is not in engines"
        for c in head.signals.codes
        if c.engine not in head.engines
    ]
    problems += [f"unknown calculation {name!r}" for name in head.calculations if name not in {*CALCULATIONS, INDEX_FOR_QUERY}]
    problems += _branch_problems(head, body)
    problems += _pattern_problems(head)
    for piece in body.all_pieces():
        names = placeholders.unknown(piece.text)
        if names:
            problems.append(f"line {piece.line}: unknown placeholder {', '.join(names)}")
        foreign = sorted(piece.selector.engines - set(head.engines))
        if foreign:
            problems.append(f"line {piece.line}: marked for {', '.join(foreign)}, which is not in engines")
    problems += [
        f"step {step.title!r} (line {step.line}) changes something but has no 'Rollback:' line"
        for step in body.steps
        if step.risk != "none" and not step.rollback
    ]
    return problems


def _fix_sections(body: Body) -> set[str]:
    names = {"immediate": "Fix now", "medium_term": "Next", "long_term": "Later"}
    return {names[step.horizon] for step in body.steps}


def _branch_problems(head: FrontMatter, body: Body) -> list[str]:
    declared = {branch.id for branch in head.branches}
    problems = [f"branch {name!r} has no '## Branch: {name}' section" for name in declared - set(body.branches)]
    problems += [f"section '## Branch: {name}' has no entry in branches" for name in set(body.branches) - declared]
    return problems


def _pattern_problems(head: FrontMatter) -> list[str]:
    """Patterns that RE2 cannot compile."""
    patterns = [signal.match for signal in (*head.signals.phrases, *head.signals.negative)]
    patterns += [pattern for branch in head.branches for pattern in branch.when]
    patterns += [ask.unless for ask in head.asks if ask.unless]
    problems = []
    for pattern in patterns:
        try:
            re2.compile(pattern)
        except re2.error as error:
            problems.append(f"not a valid RE2 pattern: {pattern!r} ({error})")
    return problems
