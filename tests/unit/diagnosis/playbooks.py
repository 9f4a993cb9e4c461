"""Playbook files for tests: the template of the knowledge page with other names and words."""

from __future__ import annotations

from pathlib import Path

from dbbuddy.data_files import DATA

TEMPLATE = (DATA / "samples" / "my-first-playbook.md").read_text(encoding="utf-8")


def playbook_text(slug: str = "my-first-playbook", **replaced: str) -> str:
    """The template under another slug; `title` and other head fields of one line can be replaced."""
    text = TEMPLATE.replace("slug: my-first-playbook", f"slug: {slug}")
    for name, value in replaced.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{name}:"))
        text = text.replace(line, f"{name}: {value}")
    return text


def write(folder: Path, slug: str, **replaced: str) -> Path:
    """Put a valid playbook into a folder."""
    path = folder / f"{slug}.md"
    path.write_text(playbook_text(slug, **replaced), encoding="utf-8")
    return path
