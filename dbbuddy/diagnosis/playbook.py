"""A playbook: what one diagnosis is recognised by and what to do about it, as one Markdown file."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from dbbuddy.context import Category, Engine
from dbbuddy.diagnosis import placeholders
from dbbuddy.diagnosis.arithmetic import CALCULATIONS, INDEX_FOR_QUERY
from dbbuddy.diagnosis.body import FIX_SECTIONS, REQUIRED_SECTIONS, Body, BodyError, Piece, Step, parse_body
from dbbuddy.diagnosis.problem import Problem
from dbbuddy.intake.patterns import compile_pattern

MAX_CHARS = 200_000
_MAX_DEPTH = 20
# With fewer brackets, dashes and indents than this, no nesting can overflow the stack; counting levels costs a second parse.
_SURELY_SHALLOW = 1_000
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Weight = Annotated[float, Field(gt=0, le=10)]


class PlaybookError(ValueError):
    """A playbook that cannot be used; `problems` say where and what to change."""

    def __init__(self, name: str, *problems: Problem) -> None:
        super().__init__(f"{name}: {'; '.join(map(str, problems))}")
        self.problems = problems


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
    """The facts that lead to the body's `## Branch: <id>` section. `later` keeps it for follow-ups: it takes for granted
    that the first answer was tried.
    """

    id: str
    when: tuple[str, ...]
    later: bool = False


class SourceRef(_Strict):
    """A manual's section; `engines` limits it to their readers."""

    engines: tuple[Engine, ...] = ()
    title: str
    section: str
    url: str | None = None


class FrontMatter(_Strict):
    """The YAML head of a playbook file."""

    slug: str = Field(pattern=_SLUG, max_length=80)
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
    """A playbook with a valid head. The body is read on first use, so that a library of hundreds loads fast."""

    head: FrontMatter
    front: str
    markdown: str
    path: Path

    @property
    def slug(self) -> str:
        return self.head.slug

    @property
    def text(self) -> str:
        """The whole file."""
        return f"---\n{self.front}\n---\n{self.markdown}"

    @cached_property
    def body(self) -> Body:
        return parse_body(self.markdown, self.front.count("\n") + 4)


def read_playbook(path: Path) -> Playbook:
    """Load one file; the head is checked now, the body on first use (or by `check`).

    Raises:
        PlaybookError: the file cannot be read, or its head is not valid.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PlaybookError(path.name, Problem(0, f"cannot be read ({error.strerror})")) from None
    except UnicodeDecodeError:
        raise PlaybookError(path.name, Problem(0, "is not UTF-8 text")) from None
    return parse_playbook(text, path)


def parse_playbook(text: str, path: Path) -> Playbook:
    """As `read_playbook`, for a text at hand (a new or edited playbook).

    Raises:
        PlaybookError: it has no valid head, or is too long.
    """
    if len(text) > MAX_CHARS:
        raise PlaybookError(path.name, Problem(0, f"has {len(text):,} characters; a playbook has at most {MAX_CHARS:,}"))
    text = text.replace("\r\n", "\n")
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise PlaybookError(path.name, Problem(1, "starts with no YAML head between two lines '---'"))
    front, _, markdown = text[4:].partition("\n---\n")
    try:
        _check_depth(front)
        head = FrontMatter.model_validate(yaml.load(front, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise PlaybookError(path.name, Problem(line, f"the YAML head is broken: {error.problem}")) from None
    except ValidationError as error:
        raise PlaybookError(path.name, *sorted(_head_problems(front, error))) from None
    except (yaml.YAMLError, ValueError) as error:
        raise PlaybookError(path.name, Problem(1, f"the YAML head is broken: {' '.join(str(error).split())}")) from None
    return Playbook(head, front, markdown, path)


def _check_depth(front: str) -> None:
    """The YAML library follows nesting on the C stack, which a text of brackets alone would overflow.

    Raises:
        ValueError: there is more nesting than any head has.
    """
    longest = max(map(len, front.split("\n")))
    if front.count("[") + front.count("{") + longest < _SURELY_SHALLOW:
        return
    depth = 0
    for event in yaml.parse(front, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise ValueError(f"more than {_MAX_DEPTH} levels within one another")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _head_problems(front: str, error: ValidationError) -> Iterator[Problem]:
    lines = _Lines(front)
    details = error.errors(include_url=False)
    places = [detail["loc"] for detail in details]
    for detail in details:
        place = detail["loc"]
        if detail["type"] == "too_short" and any(place == other[: len(place)] for other in places if other != place):
            continue  # its items are the problem
        field = ".".join(map(str, place)) or "the head"
        yield Problem(lines.of(*place), f"{field} {_said_plainly(detail)}")


def _said_plainly(detail: ErrorDetails) -> str:
    """A validation error in a playbook author's words."""
    limits = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of a playbook"
        case "literal_error":
            return f"is {reprlib.repr(detail['input'])}; it must be {limits['expected']}"
        case "too_short":
            return f"needs at least {limits['min_length']}, has {limits['actual_length']}"
        case "string_type":
            return "must be text; put it in quotes"
        case "tuple_type":
            return "must be a list"
        case "model_type" | "dict_type":
            return "must be fields with values"
        case "string_pattern_mismatch":
            return "must be lower-case words and numbers joined by hyphens"
    return f"is not valid: {detail['msg']}"


class _Lines:
    """Where the fields of a head stand in the file."""

    def __init__(self, front: str) -> None:
        self._root = yaml.compose(front, Loader=yaml.CSafeLoader)

    def of(self, *place: str | int) -> int:
        """The line of a field; of one that is missing, the line of what it is missing from."""
        node, line = self._root, 1
        for step in place:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == step), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                found = (node.value[step], node.value[step])
            else:
                found = None
            if found is None:
                break
            line, node = found[0].start_mark.line + 2, found[1]
        return line


def check(playbook: Playbook) -> list[Problem]:
    """Everything that makes a playbook unfit, by line; an empty list if it is fine.

    Checks what one file shows by itself; links between playbooks are the library's.
    """
    lines = _Lines(playbook.front)
    problems = [*_head_faults(playbook, lines), *_pattern_problems(playbook.head, lines)]
    try:
        body = playbook.body
    except BodyError as error:
        return sorted([*problems, *error.problems])
    given = {*body.prose, *(name for name, horizon in FIX_SECTIONS.items() if any(s.horizon == horizon for s in body.steps))}
    problems += [Problem(0, f"section '## {name}' is missing") for name in REQUIRED_SECTIONS if name not in given]
    problems += _branch_problems(playbook.head, body, lines)
    problems += _text_problems(playbook.head, body, lines)
    problems += [
        Problem(step.line, f"step {step.title!r} changes something but has no 'Rollback:' line")
        for step in body.all_steps()
        if step.risk != "none" and not step.rollback
    ]
    return sorted(problems)


def _head_faults(playbook: Playbook, lines: _Lines) -> Iterator[Problem]:
    head = playbook.head
    if playbook.path.stem != head.slug:
        yield Problem(lines.of("slug"), f"slug {head.slug!r} is not the file's name {playbook.path.stem!r}")
    for number, signal in enumerate(head.signals.codes):
        if signal.engine not in head.engines:
            where = lines.of("signals", "codes", number)
            yield Problem(where, f"signals: code {signal.code} is for {signal.engine}, which is not in engines")
    for number, name in enumerate(head.calculations):
        if name not in {*CALCULATIONS, INDEX_FOR_QUERY}:
            yield Problem(lines.of("calculations", number), f"unknown calculation {name!r}")


def _pattern_problems(head: FrontMatter, lines: _Lines) -> Iterator[Problem]:
    """Patterns that RE2 cannot compile, and those that would fire on everything."""
    signals = head.signals
    patterns = [(("signals", "phrases", n), signal.match) for n, signal in enumerate(signals.phrases)]
    patterns += [(("signals", "negative", n), signal.match) for n, signal in enumerate(signals.negative)]
    found: list[tuple[tuple[str | int, ...], str]] = [*patterns]
    found += [(("branches", n, "when", m), p) for n, branch in enumerate(head.branches) for m, p in enumerate(branch.when)]
    found += [(("asks", n, "unless"), ask.unless) for n, ask in enumerate(head.asks) if ask.unless]
    for place, pattern in found:
        try:
            everywhere = compile_pattern(pattern).search("")
        except re2.error as error:
            yield Problem(lines.of(*place), f"not a valid RE2 pattern: {pattern!r} ({_reason(error)})")
            continue
        if everywhere:
            yield Problem(lines.of(*place), f"the pattern {pattern!r} matches an empty text, so it fires on everything")


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else error
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def _branch_problems(head: FrontMatter, body: Body, lines: _Lines) -> Iterator[Problem]:
    declared = [branch.id for branch in head.branches]
    for number, name in enumerate(declared):
        if name not in body.branches:
            yield Problem(lines.of("branches", number), f"branch {name!r} has no '## Branch: {name}' section")
    for name, branch in body.branches.items():
        if name not in declared:
            yield Problem(branch.line, f"section '## Branch: {name}' has no entry in branches")


def _text_problems(head: FrontMatter, body: Body, lines: _Lines) -> Iterator[Problem]:
    """Placeholders that do not exist, and parts marked for engines that the head does not name."""
    texts = [(lines.of("summary"), head.summary)]
    for number, ask in enumerate(head.asks):
        texts.append((lines.of("asks", number), " ".join([ask.question, ask.why, *ask.sql.values()])))
    texts += [(piece.line, piece.text) for piece in body.all_pieces()]
    texts += [(step.line, " ".join([step.title, step.risk_note, step.rollback])) for step in body.all_steps()]
    for line, text in texts:
        names = placeholders.unknown(text)
        if names:
            yield Problem(line, f"unknown placeholder {', '.join(names)}")
    parts: list[Piece | Step] = [*body.all_pieces(), *body.all_steps()]
    for part in parts:
        foreign = sorted(part.selector.engines - set(head.engines))
        if foreign:
            yield Problem(part.line, f"marked for {', '.join(foreign)}, which is not in engines")
