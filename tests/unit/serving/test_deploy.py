"""The examples in `deploy/` name settings that exist, with values that fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbbuddy.settings import Settings

DEPLOY = Path(__file__).parents[3] / "deploy"


@pytest.mark.parametrize("name", ["cloud", "on-premises", "hybrid"])
def test_each_mode_has_an_example_that_reads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (DEPLOY / f"{name}.env").read_text(encoding="utf-8").splitlines()
    told = dict(line.partition("=")[::2] for line in lines if line and not line.startswith("#"))
    for variable, value in told.items():
        assert variable.removeprefix("DBBUDDY_").lower() in Settings.model_fields
        monkeypatch.setenv(variable, value)
    mode = Settings().mode
    assert mode == {"on-premises": "local"}.get(name, name)
    assert (mode == "local") == (Settings().groq_api_key is None)


def test_the_container_holds_what_the_app_needs() -> None:
    told = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for needed in ("Home.py", "pages", "dbbuddy", "data", ".streamlit/config.toml"):
        assert f"COPY {needed}" in told
        assert (DEPLOY.parent / needed).exists()
