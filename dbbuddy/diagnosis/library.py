"""All playbooks, loaded from the built-in folder and any folders of the operator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dbbuddy.context import CATEGORIES
from dbbuddy.data_files import DATA
from dbbuddy.diagnosis.playbook import Playbook, PlaybookError, read_playbook

BUILT_IN = DATA / "playbooks"


@dataclass(frozen=True)
class Library:
    """Playbooks by slug, and the files that could not be used with the reason for each."""

    playbooks: dict[str, Playbook]
    problems: tuple[str, ...] = ()

    def __getitem__(self, slug: str) -> Playbook:
        return self.playbooks[slug]

    def broken_links(self) -> list[str]:
        """`related` entries that name no playbook."""
        return [
            f"{slug}: related playbook {name!r} does not exist"
            for slug, playbook in self.playbooks.items()
            for name in playbook.head.related
            if name not in self.playbooks
        ]


def load_library(folders: Iterable[Path] = (BUILT_IN,)) -> Library:
    """Read every `*.md` below the folders; a later folder's playbook replaces one with the same slug.

    A damaged file is left out and named in `problems`; the others stay usable.
    """
    playbooks: dict[str, Playbook] = {}
    problems: list[str] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.md")):
            try:
                playbook = read_playbook(path)
            except PlaybookError as error:
                problems.append(str(error))
                continue
            if path.parent.name != playbook.head.category and path.parent.name in CATEGORIES:
                problems.append(f"{path.name}: lies in {path.parent.name}/ but its category is {playbook.head.category}")
                continue
            playbooks[playbook.slug] = playbook
    return Library(playbooks, tuple(problems))
