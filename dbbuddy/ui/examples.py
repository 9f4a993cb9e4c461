"""Examples one click away, as pills: `data/samples/<folder>/examples.yaml` names them with their engine."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dbbuddy.context import ENGINE_NAMES
from dbbuddy.data_files import load_yaml


def draw(folder: str, key: str, opened: Callable[[], None]) -> None:
    """The pills; `opened` is called when one is chosen, whose name then stands in the session state under `key`."""
    examples = load_yaml(f"samples/{folder}/examples.yaml")
    st.pills(
        "Examples",
        list(examples),
        format_func=lambda name: f"{ENGINE_NAMES[examples[name]['engine']]} :gray[{examples[name]['title']}]",
        key=key,
        on_change=opened,
        wrap=True,
    )
