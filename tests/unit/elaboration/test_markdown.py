"""What reaches the page of a model's prose: forms that only look, whatever it wrote and however it was cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.elaboration.check import Prose
from dbbuddy.elaboration.markdown import code_span, is_documentation, safe_markdown
from dbbuddy.elaboration.sanitise import LONGEST, clean, split
from tests.fakes.hostile import FORMS, hostile_answer
from tests.unit.elaboration.answers import checked

URL = "http://127.0.0.1:9"
# Code spans, and characters that are escaped: neither acts.
_DEAD = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)|\\.", re.S)
_ACTS = re.compile(r"!\[|\]\(|<[A-Za-z!/]|://|www\.|\$|:[a-z_/]+[:\[]|\[\^|@|javascript:|data:")


def drawn(text: str) -> str:
    """Everything that is drawn as Markdown."""
    return "\n".join(part.markdown() for part in checked(text).segments if isinstance(part, Prose))


def acting(markdown: str) -> list[str]:
    """What of it could act: all but links to manuals, code, and what is escaped."""
    linked = re.sub(r"\[((?:\\.|[^\]\\])*)\]\(https://www\.postgresql\.org/[\w./#-]*\)", r"\1", markdown)
    return [found.group() for found in _ACTS.finditer(_DEAD.sub(" ", linked))]


@pytest.mark.parametrize("name", FORMS)
def test_no_hostile_form_is_left(name: str) -> None:
    text = FORMS[name].format(url=URL)
    assert not acting(drawn(f"Before\n\n{text}\n\nafter"))
    assert not acting(drawn(text))


def test_no_hostile_form_is_left_at_any_moment_of_a_stream_of_single_characters() -> None:
    text = hostile_answer(URL)
    for end in range(1, len(text), 11):
        prose = [piece.text for piece in split(clean(text[:end])[0]) if piece.kind == "prose"]
        assert not acting(safe_markdown(prose[-1] if prose else ""))
    drawn_last = [part.markdown() for part in checked(text, final=False).segments if isinstance(part, Prose)]
    assert drawn_last
    assert not list(filter(acting, drawn_last))


@given(st.text(alphabet="![]()<>`*_~|:$@\\\n -#a1/.h", max_size=80))
def test_no_text_of_signs_acts(text: str) -> None:
    assert not acting(safe_markdown(clean(text)[0]))


@given(st.text(alphabet="`ab \\", max_size=30))
def test_a_code_span_holds_any_text(text: str) -> None:
    span = code_span(text)
    assert not span or (_DEAD.fullmatch(span) is not None)


def test_what_an_answer_is_made_of_stays() -> None:
    text = (
        "## Order\n\n1. **Set `work_mem`** now\n   - see [the manual](https://www.postgresql.org/docs/current/runtime-config.html)\n\n"
        "| setting | value |\n|---|---|\n| `a|b` | *5 min* |\n\n> quoted"
    )
    assert drawn(text).split("\n") == [
        "##### Order",
        "",
        "",
        "1. **Set `work_mem`** now",
        "    - see [the manual](https://www.postgresql.org/docs/current/runtime-config.html)",
        "",
        "| setting | value |",
        "|---|---|",
        "| \\`a | b\\` | *5 min* |",
        "",
        "> quoted",
    ]


def test_hidden_characters_are_gone() -> None:
    text, is_cut = clean("a\u200bb\u202ec\x1b[31md\x1b]8;;http://x\x07e\x00f\ufe0f\U000e0041\u00a0g\r\nh" + "\u0301" * 9)
    assert text == "abcdef g\nh" + "\u0301" * 3
    assert not is_cut


def test_the_length_is_capped() -> None:
    found = checked("word " * 300_000)
    assert found.is_cut
    assert {note.kind for note in found.notes} == {"cut"}
    assert sum(len(part.text) for part in found.segments if isinstance(part, Prose)) <= LONGEST


def test_a_fence_is_read_wherever_it_stands_and_never_drawn_as_a_picture() -> None:
    pieces = split("1. so:\n   ```SQL\n   SELECT 1\n   ```\n> ~~~mermaid\n> graph\n> ~~~\n````text\n```\nx")
    assert [(piece.kind, piece.language, piece.text, piece.closed) for piece in pieces if piece.kind == "code"] == [
        ("code", "sql", "SELECT 1", True),
        ("code", "mermaid", "graph", True),
        ("code", "text", "```\nx", False),
    ]
    assert {part.language for part in checked("```mermaid\ngraph\n```").segments if not isinstance(part, Prose)} == {None}


@pytest.mark.parametrize(
    "address",
    [
        "http://www.postgresql.org/docs",
        "https://www.postgresql.org.evil.example/",
        "https://evil.example/www.postgresql.org",
        "https://www.postgresql.org@evil.example/",
        "https://www.postgresql.org:8443/",
        "https://www.postgresql.org/search?q=SECRET",
        "https://www.postgresql.org/\\evil",
        "//www.postgresql.org/",
        "javascript:alert(1)//https://www.postgresql.org/",
    ],
)
def test_only_plain_addresses_of_manuals_are_links(address: str) -> None:
    assert not is_documentation(address)
    assert not acting(safe_markdown(f"[x]({address}) {address} <{address}>"))


def test_a_restored_value_is_text_and_nothing_else() -> None:
    values = {"<PASSWORD_1>": "a`b**![x](http://127.0.0.1:9/v)", "<HOST_1>": "http://db1/"}

    def restore(text: str) -> str:
        for name, value in values.items():
            text = text.replace(name, value)
        return text

    shown = safe_markdown("use <PASSWORD_1> at <HOST_1>, `psql -h <HOST_1>`, not <EMAIL_9>", restore)
    assert not acting(shown)
    assert values["<PASSWORD_1>"] in shown
    assert "`psql -h http://db1/`" in shown
    assert "EMAIL\\_9" in shown, "a placeholder that stands for nothing stays as it is"
