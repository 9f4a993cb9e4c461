"""Every setting is documented, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import re2

from dbbuddy.settings import Settings


def test_the_table_of_settings_is_complete() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = {str(found.group(1)).lower() for found in re2.finditer(r"(?m)^\| `DBBUDDY_([A-Z_]+)`", text)}
    assert documented == set(Settings.model_fields)
