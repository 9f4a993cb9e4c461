"""All playbooks, loaded from the built-in folder and any folders of the operator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dbbuddy.context import CATEGORIES
from dbbuddy.data_files import DATA
from dbbuddy.diagnosis.playbook import Playbook, PlaybookError, check, read_playbook
from dbbuddy.diagnosis.problem import Problem

BUILT_IN = DATA / "playbooks"


@dataclass(frozen=True)
class Library:
    """Playbooks by slug, and the files that could not be used with the reason for each."""

    playbooks: dict[str, Playbook]
    problems: tuple[str, ...] = ()

    def __getitem__(self, slug: str) -> Playbook:
        return self.playbooks[slug]

    def own(self) -> list[str]:
        """Slugs that come from the operator's folder."""
        return [slug for slug, playbook in self.playbooks.items() if not playbook.path.is_relative_to(BUILT_IN)]

    def broken_links(self) -> list[str]:
        """`related` entries that name no playbook."""
        return [
            f"{slug}: related playbook {name!r} does not exist"
            for slug, playbook in self.playbooks.items()
            for name in playbook.head.related
            if name not in self.playbooks
        ]


def folders(own: Path | None) -> tuple[Path, ...]:
    """Where playbooks are read from: the built-in folder, then the operator's own if there is one."""
    return (BUILT_IN, own) if own else (BUILT_IN,)


def playbook_files(folder: Path) -> list[Path]:
    """Every `*.md` below a folder but hidden ones (`.git/`) and `README.md`."""
    found = (path for path in folder.rglob("*.md") if path.name.lower() != "readme.md")
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def load_library(folders: Iterable[Path] = (BUILT_IN,)) -> Library:
    """Read every playbook below the folders; a later folder's playbook replaces one with the same slug.

    A damaged file is left out and named in `problems`; the others stay usable. Playbooks of other folders than the
    built-in one are checked in full; the built-in ones are checked by the tests.
    """
    playbooks: dict[str, Playbook] = {}
    problems: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            problems.append(f"the playbook folder {folder} does not exist")
        here: dict[str, Playbook] = {}
        for path in playbook_files(folder):
            try:
                playbook = _usable(path, fully=folder != BUILT_IN)
            except PlaybookError as error:
                problems.append(str(error))
                continue
            if playbook.slug in here:
                problems.append(f"{path.name}: the slug is taken by {here[playbook.slug].path} already")
                continue
            here[playbook.slug] = playbook
        playbooks |= here
    return Library(playbooks, tuple(problems))


def _usable(path: Path, *, fully: bool) -> Playbook:
    playbook = read_playbook(path)
    place, category = path.parent.name, playbook.head.category
    if place != category and place in CATEGORIES:
        raise PlaybookError(path.name, Problem(0, f"lies in {place}/ but its category is {category}"))
    problems = check(playbook) if fully else []
    if problems:
        raise PlaybookError(path.name, *problems)
    return playbook
