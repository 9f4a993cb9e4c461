"""What the author of a playbook is told."""

from __future__ import annotations

import pytest

from dbbuddy.diagnosis.drafts import review, with_draft
from dbbuddy.diagnosis.library import Library, load_library
from tests.unit.diagnosis.playbooks import TEMPLATE, playbook_text

EMPTY = Library({})


def said(text: str) -> list[str]:
    return [str(problem) for problem in review(text, EMPTY).problems]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_template_is_valid() -> None:
    draft = review(TEMPLATE, load_library())
    assert (draft.problems, draft.remarks, draft.file_name) == ((), (), "my-first-playbook.md")


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("summary:", "sumary:", "summary is missing"),
        ("summary:", "sumary:", "sumary is not a field of a playbook"),
        ("weight: 8", "weight: 80", "signals.phrases.0.weight is not valid: Input should be less than or equal to 10"),
        ("category: troubleshooting", "category: other", "category is 'other'; it must be 'troubleshooting', "),
        ("slug: my-first-playbook", "slug: ../My Playbook", "slug must be lower-case words and numbers joined by hyphens"),
        ("title: Names", "title: 12 #", "title must be text; put it in quotes"),
        ("engine: mysql, code", "engine: oracle, code", "signals: code 1205 is for oracle, which is not in engines"),
        ("'step \\d'", "'step (\\d'", "not a valid RE2 pattern: 'step (\\\\d' (missing ): step (\\d)"),
        ("'connection refused'", "'x*'", "the pattern 'x*' matches an empty text, so it fires on everything"),
        ("```sql mysql\nSHOW", "```mysql\nSHOW", "code fence language 'mysql'; one of: sql, "),
        ("[postgresql] A sentence", "[oracle] A sentence", "marked for oracle, which is not in engines"),
    ],
)
def test_names_the_line(good: str, bad: str, message: str) -> None:
    text = TEMPLATE.replace(good, bad, 1)
    line = 1 if message.endswith("is missing") else line_of(text, bad)
    found = said(text)
    assert any(problem.startswith(f"line {line}: {message}") for problem in found), found


def test_tells_every_problem_at_once_in_order() -> None:
    text = TEMPLATE.replace("```sql mysql", "```sql").replace("## Later", "## Whenever")
    lines = [problem.line for problem in review(text, EMPTY).problems]
    assert len(lines) == 3
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "words",
        "---\n",
        "---\n[1, 2\n---\n",
        "---\nx: [\x00]\n---\n",
        "---\n" + "[" * 100_000 + "\n---\n",
        "---\n" + "- " * 50_000 + "\n---\n",
        "---\na: &a [x, x, x]\n"
        + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefghijklm", "bcdefghijklmn", strict=True))
        + "category: *n\n---\n",
        "---\n&a [*a]\n---\n",
        "---\n? [x]\n: y\n---\n",
        "---\n- a list\n---\n",
        "---\n2026-99-99\n---\n",
        "MZ\x90\x00\x03" * 1000,
        "x" * 1_000_000,
        "---\n" + "x: y\n" * 250_000 + "---\n",
    ],
    ids=range(16),
)
def test_bad_input_is_a_problem_and_no_crash(text: str) -> None:
    draft = review(text, EMPTY)
    assert draft.problems
    assert draft.playbook is None


def test_remarks_on_its_place_in_the_library() -> None:
    text = playbook_text("mysql-deadlock", related="[nowhere]")
    assert review(text, load_library()).remarks == (
        "Related playbook “nowhere” does not exist.",
        f"It will replace the playbook “{load_library()['mysql-deadlock'].head.title}”, which has the same slug.",
    )


def test_with_draft_leaves_the_library_as_it_is() -> None:
    playbook = review(TEMPLATE, EMPTY).playbook
    assert playbook
    assert list(with_draft(EMPTY, playbook).playbooks) == [playbook.slug]
    assert EMPTY.playbooks == {}
