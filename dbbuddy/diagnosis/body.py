"""The body of a playbook: Markdown sections, read into pieces that can be selected for a context.

Grammar (`docs/playbooks.md`): `## Section` headings with fixed names; `### Step` headings in the fix sections;
paragraphs, list items and code fences. Any heading, paragraph or item may begin with a selector in brackets;
a fence names its engines after its language: ```` ```sql postgresql rds ````.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from dbbuddy.advice import Horizon, Risk
from dbbuddy.diagnosis.problem import Problem
from dbbuddy.diagnosis.selectors import EVERYWHERE, Selector

LANGUAGES = ("sql", "ini", "sh", "yaml", "json", "python", "java", "javascript", "csharp", "text")

FIX_SECTIONS: dict[str, Horizon] = {"Fix now": "immediate", "Next": "medium_term", "Later": "long_term"}
PROSE_SECTIONS = ("Situation", "Root cause", "Confirm", "Verify", "Expected", "Do not")
REQUIRED_SECTIONS = ("Root cause", "Confirm", "Fix now", "Next", "Later", "Verify", "Expected", "Do not")

_SELECTED = re.compile(r"^\[([^\]]+)\](?!\()\s*")
_RISK = re.compile(r"^Risk: (none|low|medium|high)\b[.:;,]?\s*(.*)$", re.S)
_ROLLBACK = re.compile(r"^Rollback: (.*)$", re.S)
_ITEM = re.compile(r"^[-*] ")
_NUMBER = re.compile(r"^\d+\. ")
_STARTS_PIECE = re.compile(r"^([-*] |\d+\. |Risk: |Rollback: )")


_T = TypeVar("_T")
# A heading, its line, and the lines below it.
_Part = tuple[str, int, list[str]]


class BodyError(ValueError):
    """The body does not follow the grammar; `problems` name the lines of the file."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Piece:
    """A paragraph, a bulleted or numbered item, or a code block, and whom it is for."""

    kind: Literal["text", "item", "number", "code"]
    text: str
    selector: Selector
    line: int
    language: str = ""
    any_engine: bool = False
    needs: str = ""


@dataclass(frozen=True)
class Step:
    """One fix: its heading, prose, blocks, risk and way back."""

    horizon: Horizon
    title: str
    selector: Selector
    pieces: tuple[Piece, ...]
    risk: Risk
    risk_note: str
    rollback: str
    line: int


@dataclass(frozen=True)
class Branch:
    """What to say when the user reports a fact or a fix already tried."""

    id: str
    pieces: tuple[Piece, ...]
    steps: tuple[Step, ...]
    line: int

    @property
    def text(self) -> str:
        """All its words and code, for every reader."""
        steps = [text for step in self.steps for text in (step.title, *(piece.text for piece in step.pieces))]
        return "\n".join([*(piece.text for piece in self.pieces), *steps])


@dataclass
class Body:
    """All sections of a playbook."""

    prose: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    branches: dict[str, Branch] = field(default_factory=dict)

    def all_steps(self) -> list[Step]:
        """Every step, those of branches too, for checks."""
        return [*self.steps, *(step for branch in self.branches.values() for step in branch.steps)]

    def all_pieces(self) -> list[Piece]:
        """Every piece, for checks."""
        return [
            *(piece for pieces in self.prose.values() for piece in pieces),
            *(piece for step in self.all_steps() for piece in step.pieces),
            *(piece for branch in self.branches.values() for piece in branch.pieces),
        ]


def parse_body(markdown: str, first_line: int = 1) -> Body:
    """Read the sections. `first_line` is the line of the file at which `markdown` starts.

    Raises:
        BodyError: an unknown or repeated section, a step outside a fix section, a fence without an engine.
    """
    body = Body()
    _all(lambda part: _read_section(body, *part), _split(markdown.splitlines(), "## ", first_line))
    return body


def _read_section(body: Body, title: str, line: int, lines: list[str]) -> None:
    if not title:
        if any(text.strip() for text in lines):
            raise _error(line, "text before the first '## ' section")
        return
    if title in body.prose or any(step.horizon == FIX_SECTIONS.get(title) for step in body.steps):
        raise _error(line, f"section {title!r} stands twice")
    if title in FIX_SECTIONS:
        body.steps += tuple(_steps(lines, line + 1, FIX_SECTIONS[title], title))
    elif title in PROSE_SECTIONS:
        body.prose[title] = tuple(_pieces(lines, line + 1))
    elif title.startswith("Branch: "):
        branch = _branch(title.removeprefix("Branch: ").strip(), lines, line + 1)
        body.branches[branch.id] = branch
    else:
        known = ", ".join([*PROSE_SECTIONS, *FIX_SECTIONS, "Branch: <id>"])
        raise _error(line, f"unknown section {title!r}; sections are: {known}")


def _error(line: int, what: str) -> BodyError:
    return BodyError(Problem(line, what))


def _all(read: Callable[[_Part], _T], parts: Iterable[_Part]) -> list[_T]:
    """Read every part, then raise together what was wrong with any of them."""
    results: list[_T] = []
    problems: list[Problem] = []
    for part in parts:
        try:
            results.append(read(part))
        except BodyError as error:
            problems += error.problems
    if problems:
        raise BodyError(*problems)
    return results


def _split(lines: list[str], prefix: str, first_line: int) -> list[_Part]:
    """Cut at headings outside code fences."""
    parts: list[_Part] = [("", first_line, [])]
    fenced = 0
    for number, text in enumerate(lines, first_line):
        if text.startswith("```"):
            fenced = 0 if fenced else number
        if not fenced and text.startswith(prefix):
            parts.append((text.removeprefix(prefix).strip(), number, []))
        else:
            parts[-1][2].append(text)
    if fenced:
        raise _error(fenced, "the code fence that begins here is not closed")
    return parts


def _steps(lines: list[str], first_line: int, horizon: Horizon, section: str) -> list[Step]:
    parts = _split(lines, "### ", first_line)
    lead = parts[0][2]
    if any(text.strip() for text in lead):
        raise _error(first_line, f"section {section!r} has text before its first '### ' step")
    return _all(lambda part: _step(*part, horizon), parts[1:])


def _step(heading: str, line: int, lines: list[str], horizon: Horizon) -> Step:
    selector, title = _selected(heading)
    risk: Risk = "none"
    risk_note = rollback = ""
    kept: list[Piece] = []
    for piece in _pieces(lines, line + 1):
        risk_match = _RISK.match(piece.text) if piece.kind == "text" else None
        rollback_match = _ROLLBACK.match(piece.text) if piece.kind == "text" else None
        if risk_match:
            risk, risk_note = risk_match[1], risk_match[2].strip()  # type: ignore[assignment]
        elif rollback_match:
            rollback = rollback_match[1].strip()
        else:
            kept.append(piece)
    return Step(horizon, title, selector, tuple(kept), risk, risk_note, rollback, line)


def _branch(branch_id: str, lines: list[str], first_line: int) -> Branch:
    parts = _split(lines, "### ", first_line)
    steps = _all(lambda part: _step(*part, "immediate"), parts[1:])
    return Branch(branch_id, tuple(_pieces(parts[0][2], first_line)), tuple(steps), first_line - 1)


def _pieces(lines: list[str], first_line: int) -> list[Piece]:
    pieces: list[Piece] = []
    pending: list[str] = []
    start = first_line
    fence: tuple[str, int] | None = None

    def flush() -> None:
        text = "\n".join(pending).strip()
        pending.clear()
        if text:
            marker = _ITEM.match(text) or _NUMBER.match(text)
            kind: Literal["text", "item", "number"] = "text"
            if marker:
                kind = "item" if _ITEM.match(text) else "number"
            selector, rest = _selected(text[marker.end() :] if marker else text)
            pieces.append(Piece(kind, rest, selector, start))

    for number, text in enumerate(lines, first_line):
        if text.startswith("```") and fence is None:
            flush()
            fence = (text.removeprefix("```").strip(), number)
        elif text.startswith("```") and fence is not None:
            pieces.append(_code(fence[0], fence[1], pending))
            pending.clear()
            fence = None
        elif fence is not None:
            pending.append(text)
        elif not text.strip() or (_STARTS_PIECE.match(text) and pending):
            flush()
            start = number
            if text.strip():
                pending.append(text)
        else:
            if not pending:
                start = number
            pending.append(text)
    flush()
    return pieces


def _code(info: str, line: int, lines: list[str]) -> Piece:
    language, _, rest = info.partition(" ")
    if language not in LANGUAGES:
        raise _error(line, f"code fence language {language!r}; one of: {', '.join(LANGUAGES)}")
    words = rest.split()
    needs = next((word.removeprefix("needs=") for word in words if word.startswith("needs=")), "")
    any_engine = "any" in words
    selector = Selector.parse(" ".join(w for w in words if w != "any" and not w.startswith("needs=")))
    if selector is None:
        raise _error(line, f"unknown word in the code fence's {rest!r}")
    if not selector.engines and not any_engine:
        raise _error(line, "the code fence names no engine (write e.g. ```sql postgresql, or ```sh any)")
    return Piece("code", "\n".join(lines).strip("\n"), selector, line, language, any_engine, needs)


def _selected(text: str) -> tuple[Selector, str]:
    """Take a leading `[selector]` off; brackets that hold other words are ordinary text."""
    match = _SELECTED.match(text)
    selector = Selector.parse(match[1]) if match else None
    if match is None or selector is None:
        return EVERYWHERE, text
    return selector, text[match.end() :]
