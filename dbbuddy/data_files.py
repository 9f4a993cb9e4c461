"""Reading the project's own data files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent.parent / "data"


def load_yaml(name: str) -> Any:
    """The content of `data/<name>`."""
    return yaml.load((DATA / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
