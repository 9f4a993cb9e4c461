"""How an answer reads as Markdown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.advice import Advice, CodeBlock, Diagnosis, Evidence, Fix, Monitoring, Question, Source
from dbbuddy.context import SystemContext
from dbbuddy.rendering import block_caption, block_markdown, code_span, evidence_markdown, to_markdown

BLOCK = CodeBlock(language="sql", engine="postgresql", code="SELECT 1;")


def diagnosis(**changes: object) -> Diagnosis:
    fields = {
        "slug": "a",
        "title": "First",
        "category": "troubleshooting",
        "confidence": 0.87,
        "summary": "Short.",
        "root_cause": "Why.",
    }
    return Diagnosis.model_validate({**fields, **changes})


ADVICE = Advice(
    status="answered",
    context=SystemContext(engine="postgresql"),
    situation="Now.",
    diagnoses=(
        diagnosis(
            evidence=(Evidence(quote="a `b` c", place="line 2", signal="wording"),), confirm="Look.", confirm_blocks=(BLOCK,)
        ),
        diagnosis(slug="b", title="Second", confidence=0.2, steps=("one", "two")),
    ),
    calculations=("1 + 1 = 2",),
    fixes=(
        Fix(horizon="immediate", what="Do it", why="Because.", blocks=(BLOCK,), risk="high", risk_note="Hot.", rollback="Undo."),
        Fix(horizon="immediate", what="Do more", only_on="on Aurora"),
        Fix(horizon="long_term", what="Plan"),
    ),
    monitoring=Monitoring(points=("Watch.",), blocks=(BLOCK,)),
    expected=("Fast.",),
    do_nots=("Do not panic.",),
    questions=(Question(text="Which?", why="It decides.", block=BLOCK),),
    sources=(Source(title="Manual", section="Chapter", url="https://example.org/x"),),
    notes=("A note.",),
)


def test_sections_stand_in_the_order_of_reading() -> None:
    headings = re.findall(r"^### (.+)$", to_markdown(ADVICE), re.M)
    assert headings == [
        "Current situation",
        "Root cause",
        "How to confirm",
        "If that is not it",
        "The arithmetic",
        "Fix now",
        "Later",
        "Monitor and verify",
        "Expected results",
        "Do not",
        "Still open",
        "Sources",
    ]


@pytest.mark.parametrize(
    "part",
    [
        "A note.",
        "**First** (87% sure).",
        "Seen in your text: `a 'b' c` (line 2).",
        "**Second** (20%): Short.\n\nSteps: one; two.",
        "**1. Do it** *(risk: high – Hot.)*",
        "Rollback: Undo.",
        "**2. Do more** *(on Aurora)*",
        "```sql\nSELECT 1;\n```",
        "- Do not panic.",
        "**Which?** It decides.",
        "- Manual: Chapter (https://example.org/x)",
    ],
)
def test_every_part_is_there(part: str) -> None:
    assert part in to_markdown(ADVICE)


def test_parts_without_content_are_left_out() -> None:
    text = to_markdown(Advice(status="out_of_scope", context=SystemContext(), situation="No."))
    assert text == "### Current situation\n\nNo.\n"


def test_without_fixes_the_questions_come_first() -> None:
    text = to_markdown(ADVICE.model_copy(update={"status": "needs_details", "fixes": ()}))
    assert text.index("### What would decide it") < text.index("### Monitor and verify")
    assert "Still open" not in text


def test_possible_causes_of_an_open_question_are_short() -> None:
    text = to_markdown(ADVICE.model_copy(update={"status": "needs_details"}))
    assert "### What it could be\n\n- **First**: Short.\n- **Second**: Short." in text
    assert "Why." not in text


def test_a_block_says_what_it_is_only_for() -> None:
    block = CodeBlock(language="ini", engine="postgresql", code="a = 1", only_on="on Aurora")
    assert block_markdown(block) == "*on Aurora:*\n```ini\na = 1\n```"
    assert block_caption(block) == "PostgreSQL configuration (on Aurora)"
    assert block_caption(CodeBlock(language="sh", engine="any", code="df")) == "shell"


def test_a_fence_in_the_code_does_not_end_the_block() -> None:
    shown = block_markdown(CodeBlock(language="text", engine="any", code="```\nx\n```"))
    assert shown == "````text\n```\nx\n```\n````"


def test_evidence_of_nothing_is_nothing() -> None:
    assert evidence_markdown(diagnosis()) == ""


HOSTILE = st.text(max_size=60) | st.sampled_from(
    ["`", "``x``", "a\nb", "\u2028", "![x](http://e.example)", "<b>", "\\", "a\r\n\r\n# h"]
)


@given(HOSTILE)
def test_no_quote_can_leave_its_code_span(quote: str) -> None:
    span = code_span(quote)
    assert span.startswith("`")
    assert span.endswith("`")
    assert "`" not in span[1:-1]
    assert len(span.splitlines()) == 1


@given(HOSTILE)
def test_evidence_is_one_line_of_code(quote: str) -> None:
    shown = evidence_markdown(diagnosis(evidence=(Evidence(quote=quote, place="line 1", signal="wording"),)))
    assert shown.startswith("Seen in your text: `")
    assert shown.endswith("` (line 1).")
    assert shown.count("`") == 2
