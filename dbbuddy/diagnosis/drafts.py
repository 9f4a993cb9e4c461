"""Judging a new or edited playbook before it is used."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from dbbuddy.diagnosis.library import Library
from dbbuddy.diagnosis.playbook import Playbook, PlaybookError, check, parse_playbook
from dbbuddy.diagnosis.problem import Problem

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


@dataclass(frozen=True)
class Draft:
    """A text that is to become a playbook: usable if it has no problems. `remarks` do not keep it from being used."""

    playbook: Playbook | None
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        return f"{self.playbook.slug}.md" if self.playbook else "playbook.md"


def review(text: str, library: Library) -> Draft:
    """All problems of a text, and what its author should know about its place in the library."""
    if not text.strip():
        return Draft(None, (Problem(0, "there is no text"),))
    unreadable = _UNREADABLE.search(text)
    if unreadable:
        line = text.count("\n", 0, unreadable.start()) + 1
        return Draft(None, (Problem(line, "holds characters that are no text; paste the playbook as UTF-8 text"),))
    try:
        playbook = parse_playbook(text, Path("playbook.md"))
    except PlaybookError as error:
        return Draft(None, error.problems)
    playbook = replace(playbook, path=Path(f"{playbook.slug}.md"))
    problems = tuple(check(playbook))
    return Draft(playbook, problems, tuple(_remarks(playbook, library)))


def _remarks(playbook: Playbook, library: Library) -> list[str]:
    remarks = [f"Related playbook “{name}” does not exist." for name in playbook.head.related if name not in library.playbooks]
    present = library.playbooks.get(playbook.slug)
    if present and present.text != playbook.text:
        remarks.append(f"It will replace the playbook “{present.head.title}”, which has the same slug.")
    return remarks


def with_draft(library: Library, playbook: Playbook) -> Library:
    """The library as it would be with this playbook in use."""
    return replace(library, playbooks={**library.playbooks, playbook.slug: playbook})
