"""The Markdown of a playbook, read into parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.diagnosis.body import FIX_SECTIONS, LANGUAGES, PROSE_SECTIONS, BodyError, parse_body
from tests.unit.diagnosis.sample import SAMPLE, sample


def test_sections_steps_and_branches() -> None:
    body = sample().body
    assert list(body.prose) == ["Situation", "Root cause", "Confirm", "Verify", "Expected", "Do not"]
    assert [(step.horizon, step.title) for step in body.steps] == [
        ("immediate", "Free some space"),
        ("immediate", "Edit the file"),
        ("immediate", "Change the parameter group"),
        ("medium_term", "Watch it"),
        ("long_term", "Grow by plan"),
    ]
    assert [step.title for step in body.branches["already-bigger"].steps] == ["Find the growth"]


def test_risk_and_rollback_are_taken_out_of_the_prose() -> None:
    step = sample().body.steps[0]
    assert (step.risk, step.risk_note, step.rollback) == ("low", "Something is deleted.", "restore {{table}}.")
    assert [piece.kind for piece in step.pieces] == ["code"]


def test_a_step_without_a_risk_line_has_none() -> None:
    assert sample().body.steps[3].risk == "none"


def test_pieces_know_their_kind_reader_and_line() -> None:
    pieces = sample().body.prose["Root cause"]
    assert [piece.kind for piece in pieces] == ["text", "text", "text", "number", "number"]
    assert pieces[1].selector.engines == {"postgresql"}
    assert pieces[4].selector.tags == {"rds"}
    lines = SAMPLE.splitlines()
    for piece in pieces:
        assert piece.text.splitlines()[0] in lines[piece.line - 1]


def test_a_fence_names_language_reader_and_needs() -> None:
    (piece,) = sample().body.branches["already-bigger"].steps[0].pieces
    assert (piece.language, piece.needs, piece.selector.engines) == ("sql", "pg_ext", {"postgresql"})


def test_a_fence_for_any_engine() -> None:
    (piece,) = sample().body.steps[0].pieces
    assert piece.any_engine
    assert not piece.selector.engines


def test_headings_and_lists_inside_a_fence_are_code() -> None:
    body = parse_body("## Confirm\n```sh any\n## no section\n### no step\n- no item\n\n[rds] no selector\n```\n")
    (piece,) = body.prose["Confirm"]
    assert piece.text == "## no section\n### no step\n- no item\n\n[rds] no selector"


def test_brackets_that_are_no_selector_are_text() -> None:
    (piece,) = parse_body("## Situation\n[see the manual] and [rds](http://x) and [mysql] later\n").prose["Situation"]
    assert piece.text.startswith("[see the manual]")
    assert not piece.selector.engines


def test_a_link_is_no_selector() -> None:
    (piece,) = parse_body("## Situation\n[rds](http://example.org) explains\n").prose["Situation"]
    assert piece.text == "[rds](http://example.org) explains"


@pytest.mark.parametrize(
    ("markdown", "complaint"),
    [
        ("lead\n## Situation\n", "line 1: text before the first '## ' section"),
        ("## Summary\n", "line 1: unknown section 'Summary'; sections are: Situation, Root cause"),
        ("## Situation\na\n## Situation\nb\n", "line 3: section 'Situation' stands twice"),
        ("## Fix now\n### a\n## Fix now\n### b\n", "line 3: section 'Fix now' stands twice"),
        ("## Next\ntext\n### a\n", "section 'Next' has text before its first '### ' step"),
        ("## Confirm\n```sql\nSELECT 1;\n```\n", "line 2: the code fence names no engine"),
        ("## Confirm\n```sql postgres\nSELECT 1;\n```\n", "line 2: unknown word in the code fence's 'postgres'"),
        ("## Confirm\n```ruby any\n1\n```\n", "line 2: code fence language 'ruby'; one of: sql, ini"),
        ("## Confirm\n```sql postgresql\nSELECT 1;\n", "not closed"),
    ],
)
def test_what_breaks_the_grammar_is_named_with_its_line(markdown: str, complaint: str) -> None:
    with pytest.raises(BodyError) as error:
        parse_body(markdown)
    assert complaint in str(error.value)


def test_lines_count_from_the_start_of_the_file() -> None:
    with pytest.raises(BodyError, match="line 43: unknown section 'X'"):
        parse_body("## Situation\n\n## X\n", 41)


LINES = st.sampled_from(
    [
        *(f"## {name}" for name in (*PROSE_SECTIONS, *FIX_SECTIONS)),
        "## Branch: x",
        "## Branch:",
        "### step",
        "### [rds] step",
        "###",
        "- item",
        "- [mysql] item",
        "1. one",
        "[postgresql >=14]",
        "[rds !aurora] text",
        "Risk: high. Hot.",
        "Risk: odd",
        "Rollback: undo",
        "```sql postgresql",
        "```sh any needs=x",
        "```",
        "````",
        "",
        "text {{table}}",
        *(f"```{language}" for language in LANGUAGES[:3]),
    ]
)


@given(st.lists(LINES | st.text(max_size=10), max_size=25).map("\n".join))
def test_any_markdown_is_read_or_its_faults_are_named(markdown: str) -> None:
    try:
        body = parse_body(markdown)
    except BodyError as error:
        assert error.problems  # noqa: PT017
        return
    assert set(body.prose) <= set(PROSE_SECTIONS)
    last = markdown.count("\n") + 1
    for piece in body.all_pieces():
        assert 1 <= piece.line <= max(last, len(markdown.splitlines()))
        assert piece.kind != "code" or piece.language in LANGUAGES
        assert piece.kind != "code" or piece.any_engine or piece.selector.engines


@given(st.text(alphabet="#`[]-*> \n1.ar", max_size=200))
def test_any_signs_are_read_or_refused(markdown: str) -> None:
    try:
        pieces = parse_body("## Situation\n" + markdown).all_pieces()
    except BodyError:
        pieces = []
    assert all(piece.text == piece.text.strip("\n") for piece in pieces)
