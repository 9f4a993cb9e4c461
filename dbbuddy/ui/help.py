"""The user guide inside the app: one Markdown file a topic in `data/help/`, on a page of its own and in a dialog at hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import streamlit as st

from dbbuddy.data_files import DATA

FIRST = "start"
_ORDER = (FIRST, "chat", "plans", "review", "capacity", "knowledge", "adoption", "roi", "quality", "account")


@dataclass(frozen=True)
class Topic:
    """A part of the guide. Its name is that of the page it is about; the text is Markdown without the title."""

    name: str
    title: str
    text: str


@cache
def topics() -> dict[str, Topic]:
    """All topics by name: first those of `_ORDER`, then any others."""
    found: dict[str, Topic] = {}
    for path in (DATA / "help").glob("*.md"):
        title, _, text = path.read_text(encoding="utf-8").partition("\n")
        found[path.stem] = Topic(path.stem, title.removeprefix("# ").strip(), text.strip())
    return {name: found[name] for name in sorted(found, key=lambda name: (name not in _ORDER, *_place(name)))}


def show(page: str) -> None:
    """The dialog with what to know on a page, by the name of its file; the beginning of the guide where there is nothing."""
    topic = topics().get(page, topics()[FIRST])

    @st.dialog(topic.title, width="large", icon=":material/help:")
    def dialog() -> None:
        st.markdown(topic.text)
        st.page_link("pages/help.py", label="The whole guide", icon=":material/menu_book:", query_params={"topic": topic.title})

    dialog()


def draw() -> None:
    """The page: the topics to choose from, and the chosen one. The address names it."""
    name = st.pills(
        "Topic",
        list(topics()),
        format_func=lambda name: topics()[name].title,
        default=FIRST,
        required=True,
        key="topic",
        bind="query-params",
        label_visibility="collapsed",
        wrap=True,
    )
    topic = topics().get(name or FIRST, topics()[FIRST])
    st.subheader(topic.title, anchor=False)
    st.markdown(topic.text)


def _place(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else 0, name)
