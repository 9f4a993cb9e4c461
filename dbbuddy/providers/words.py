"""The words of the prompts: `data/prompts/`, with a version that no change can leave as it was."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from dbbuddy.advice import Status
from dbbuddy.data_files import DATA

FOLDER = DATA / "prompts"
PartName = Literal["checked", "sections", "earlier", "evidence", "question"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Strict):
    """One part of the prompt: the word of its marks, its heading, its share of the room (0 to 1)."""

    mark: Literal["CHECKED", "DATA"]
    title: str
    share: float = Field(gt=0, lt=1)


class Words(_Strict):
    """`data/prompts/pack.yaml` and the templates beside it."""

    version: str
    tasks: dict[Status, str]
    parts: dict[PartName, Part]
    generous: tuple[PartName, ...]
    cut_turns: str
    system: str
    question: str


@cache
def words_of_prompts() -> Words:
    """The prompt material, read once. Its version ends with a checksum, so that no change can go unnoticed."""
    raw = yaml.safe_load((FOLDER / "pack.yaml").read_text(encoding="utf-8"))
    texts = {name: (FOLDER / f"{name}.md").read_text(encoding="utf-8").strip() for name in ("system", "question")}
    files = b"".join(path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in (".md", ".yaml"))
    version = f"{raw['version']}-{hashlib.sha256(files).hexdigest()[:8]}"
    return Words.model_validate({**raw, **texts, "version": version})
