"""Loading playbooks: damaged files are left out and named, the others stay usable."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbbuddy.advisor import Advisor
from dbbuddy.diagnosis.library import BUILT_IN, load_library
from dbbuddy.rendering import to_markdown
from tests.unit.diagnosis.sample import SAMPLE, sample_text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of own playbooks that holds the sample."""
    place = tmp_path / "troubleshooting"
    place.mkdir()
    (place / "full-disk.md").write_text(SAMPLE)
    return tmp_path


def test_own_playbooks_answer(folder: Path) -> None:
    advice = Advisor(load_library([folder])).ask("postgres says 53100 no space left on device for table orders")
    assert advice.diagnoses[0].slug == "full-disk"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: The disk is full", "title: [unclosed"),
        ("'no space left'", "'no (space'"),
        ("'log (disk|volume)'", "'log ('"),
        ("## Root cause", "## Cause"),
        ("has no free block", "has no {{blocks}}"),
        ("```sh any", "```sh"),
        ("slug: full-disk", "slug: 2024-13-45"),
        ("---\n", ""),
    ],
)
def test_a_damaged_playbook_spoils_nothing(folder: Path, old: str, new: str) -> None:
    damaged = folder / "troubleshooting" / "a-damaged.md"
    damaged.write_text(
        sample_text(("slug: full-disk", "slug: a-damaged")).replace(old, new, 1) if "slug" not in old else sample_text((old, new))
    )
    library = load_library([folder])
    assert list(library.playbooks) == ["full-disk"]
    assert len(library.problems) == 1
    assert library.problems[0].startswith("a-damaged.md: ")
    advice = Advisor(library).ask("postgres says 53100 no space left on device for table orders")
    assert "## Branch" not in to_markdown(advice)
    assert advice.status == "answered"


def test_binary_and_empty_files_are_named(folder: Path) -> None:
    (folder / "binary.md").write_bytes(bytes(range(256)))
    (folder / "empty.md").write_text("")
    library = load_library([folder])
    assert [problem.partition(":")[0] for problem in library.problems] == ["binary.md", "empty.md"]
    assert list(library.playbooks) == ["full-disk"]


def test_a_playbook_in_the_wrong_folder_is_named(folder: Path) -> None:
    place = folder / "capacity_planning"
    place.mkdir()
    (place / "other.md").write_text(sample_text(("slug: full-disk", "slug: other")))
    (problem,) = load_library([folder]).problems
    assert problem == "other.md: lies in capacity_planning/ but its category is troubleshooting"


def test_an_own_playbook_replaces_the_built_in_one(folder: Path) -> None:
    slug = "lambda-connection-timeout"
    (folder / "troubleshooting" / f"{slug}.md").write_text(sample_text(("slug: full-disk", f"slug: {slug}")))
    library = load_library([BUILT_IN, folder])
    assert library[slug].head.title == "The disk is full"
    assert len(library.playbooks) == len(load_library().playbooks) + 1


def test_a_missing_folder_is_named_and_the_rest_loaded(folder: Path) -> None:
    library = load_library([folder, folder / "nowhere"])
    assert list(library.playbooks) == ["full-disk"]
    assert "nowhere does not exist" in library.problems[0]


def test_an_empty_library_asks_back() -> None:
    advice = Advisor(load_library([])).ask("postgres deadlock detected twice a day")
    assert advice.status == "needs_details"
    assert advice.questions


def test_links_to_nowhere_are_named(folder: Path) -> None:
    (folder / "troubleshooting" / "full-disk.md").write_text(sample_text(("sources:", "related: [nowhere]\nsources:")))
    assert load_library([folder]).broken_links() == ["full-disk: related playbook 'nowhere' does not exist"]
