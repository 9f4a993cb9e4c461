"""A playbook file: what is wrong with it is said with file and line, before it is used."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.diagnosis.playbook import PlaybookError, check, parse_playbook, read_playbook
from tests.unit.diagnosis.sample import PATH, SAMPLE, sample, sample_text


def problems(*changes: tuple[str, str]) -> str:
    return "\n".join(map(str, check(sample(*changes))))


def test_a_good_playbook_has_no_problems() -> None:
    assert check(sample()) == []


def test_a_number_is_a_code() -> None:
    assert sample().head.signals.codes[0].code == "53100"


@pytest.mark.parametrize("text", [SAMPLE.replace("\n", "\r\n"), "\ufeff" + SAMPLE])
def test_files_of_windows_editors_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "full-disk.md"
    path.write_bytes(text.encode())
    assert check(read_playbook(path)) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("slug: full-disk", "slug: empty-disk", "slug 'empty-disk' is not the file's name 'full-disk'"),
        (
            "{engine: postgresql, code: 53100}",
            "{engine: oracle, code: ORA-01653}",
            "code ORA-01653 is for oracle, which is not in engines",
        ),
        ("'no space left'", "'no (space left'", "not a valid RE2 pattern: 'no (space left'"),
        ("'log (disk|volume)'", "'log (disk'", "not a valid RE2 pattern: 'log (disk'"),
        ("'already (grew|enlarged)'", "'already (?=x)'", "not a valid RE2 pattern: 'already (?=x)'"),
        ("'no space left'", "'(no space)?'", "fires on everything"),
        ("id: already-bigger", "id: other", "branch 'other' has no '## Branch: other' section"),
        ("id: already-bigger", "id: other", "section '## Branch: already-bigger' has no entry in branches"),
        ("## Expected\n- 20 % free.\n", "", "section '## Expected' is missing"),
        ("## Later\n### Grow by plan\nTwice a year.\n", "", "section '## Later' is missing"),
        ("Rollback: restore {{table}}.\n", "", "step 'Free some space' changes something but has no 'Rollback:' line"),
        ("has no free block", "has no {{blocks}}", "unknown placeholder blocks"),
        ("{{table}}.\nsymptoms", "{{tabel}}.\nsymptoms", "unknown placeholder tabel"),
        ("### Watch it", "### Watch {{it}}", "unknown placeholder it"),
        ("[mysql] Binary", "[oracle] Binary", "marked for oracle, which is not in engines"),
        ("```sql mysql\n", "```sql sqlserver\n", "marked for sqlserver, which is not in engines"),
        ("asks:\n", "calculations: [magic]\nasks:\n", "unknown calculation 'magic'"),
        ("## Verify", "## Verification", "unknown section 'Verification'"),
        ("```sh any", "```sh", "the code fence names no engine"),
    ],
)
def test_faults_are_named(old: str, new: str, complaint: str) -> None:
    assert complaint in problems((old, new))


def test_faults_are_named_with_the_line_of_the_file() -> None:
    at = SAMPLE.splitlines().index("[mysql] Binary logs were kept.") + 1
    assert f"line {at}: marked for oracle" in problems(("[mysql] Binary", "[oracle] Binary"))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("title: The disk is full\n", "", "title"),
        ("title: The disk is full", "titel: The disk is full", "titel"),
        ("category: troubleshooting", "category: trouble", "category"),
        ("engines: [postgresql, mysql]", "engines: []", "engines"),
        ("  - {title: General handbook, section: Disks}\n", "", "sources"),
        ("weight: 8", "weight: 80", "weight"),
        ("  - cannot extend file\n", "", "symptoms"),
        ("title: The disk is full", "title: [unclosed", "the YAML head is broken"),
        ("slug: full-disk", "slug: 2024-13-45", "the YAML head is broken"),
        ("slug: full-disk", "slug: " + "[" * 3000, "the YAML head is broken"),
        ("---\n", "", "starts with no YAML head"),
    ],
)
def test_a_broken_head_is_refused_with_the_field(old: str, new: str, complaint: str) -> None:
    with pytest.raises(PlaybookError) as error:
        sample((old, new))
    assert str(error.value).startswith("full-disk.md: ")
    assert complaint in str(error.value)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"---\n\x80\n---\n"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(data)
    with pytest.raises(PlaybookError, match=r"^a\.md: is not UTF-8 text"):
        read_playbook(path)


def test_a_folder_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.md"):
        with pytest.raises(PlaybookError, match="cannot be read"):
            read_playbook(path)


def test_python_objects_in_yaml_are_not_built() -> None:
    with pytest.raises(PlaybookError, match="the YAML head is broken"):
        sample(("slug: full-disk", "slug: !!python/object/apply:os.getcwd []"))


HEADS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["slug", "title", "signals", "asks", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(HEADS.map(repr) | st.text(max_size=80))
def test_any_head_is_read_or_refused(front: str) -> None:
    with pytest.raises(PlaybookError, match=r"^full-disk\.md: "):
        parse_playbook(f"---\n{front}\n---\n## Situation\n", PATH)


@given(
    st.integers(0, len(SAMPLE)),
    st.integers(0, 60),
    st.text(max_size=8) | st.sampled_from(["\n---\n", "```", "## ", "{{", "[", "'"]),
)
def test_a_damaged_playbook_is_usable_or_its_faults_are_named(start: int, length: int, junk: str) -> None:
    text = SAMPLE[:start] + junk + SAMPLE[start + length :]
    try:
        playbook = parse_playbook(text, PATH)
    except PlaybookError as error:
        assert error.problems  # noqa: PT017
        return
    if not check(playbook):
        assert playbook.body.prose["Root cause"]


def test_the_sample_helper_changes_what_it_says() -> None:
    assert sample_text(("The disk is full", "X")) != SAMPLE
