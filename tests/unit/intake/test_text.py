"""Whatever is pasted or sent as a file becomes readable text, or a sentence that says what to do instead."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dbbuddy.intake.text import FILE_TYPES, MAX_BYTES, MAX_LINE, READ_CHARS, InputError, clean, decode, decode_file


@pytest.mark.parametrize("nothing", ["", " ", "\n\n", "\t", " \t \n", "\r\n\r\n \r\n", "\u00a0\u3000", "\ufeff \n", "\ud800 \n "])
def test_no_text(nothing: str) -> None:
    with pytest.raises(InputError, match=r"no text|binary"):
        clean(nothing)


@pytest.mark.parametrize("blank", ["", "\t\t", "\r\n\r\n\r\n", " \n"])
def test_blank_text_is_not_called_binary(blank: str) -> None:
    with pytest.raises(InputError, match="There is no text"):
        clean(blank)


@pytest.mark.parametrize("binary", ["\x00\x01\x02\x03abc", "\x7fELF\x02\x01\x01\x00\x00\x00\x00", "\ud800" * 40 + "abc"])
def test_binary_is_refused(binary: str) -> None:
    with pytest.raises(InputError, match="binary"):
        clean(binary)


def test_windows_line_ends_are_no_binary() -> None:
    assert clean("a\r\n\r\nb\r\n\r\nc\r\n").full == "a\n\nb\n\nc"


def test_control_and_direction_characters_are_removed() -> None:
    assert clean("drop\u202e table\u200b \x1b[31morders\x07 now please").full == "drop table [31morders now please"


def test_lone_surrogates_are_removed() -> None:
    text = clean("deadlock \ud83d detected on orders")
    assert text.full == "deadlock  detected on orders"


def test_indentation_and_tabs_stay() -> None:
    assert clean("SELECT\n\t  1").full == "SELECT\n\t  1"


def test_up_to_five_megabytes_are_read() -> None:
    assert clean("a" * MAX_BYTES).full == "a" * MAX_BYTES
    with pytest.raises(InputError, match=r"5\.2 MB; up to 5 MB"):
        clean("a" * (MAX_BYTES + 1))


def test_a_short_text_is_read_whole() -> None:
    text = clean("x " * 1000)
    assert text.read == text.full
    assert text.notes == ()


@pytest.fixture(scope="module")
def log() -> str:
    """A log of 4.4 MB with one telling line in the middle of noise, and a flood of one error at the end."""
    noise = [f"2024-05-01 10:00:{n % 60:02} INFO request {n} served in {n % 90} ms" for n in range(40_000)]
    noise.insert(17_000, "2024-05-01 10:07:11 FATAL: could not write to file: No space left on device")
    flood = [f"2024-05-01 11:00:00 ERROR: connection {n} to 'db{n}' refused" for n in range(30_000)]
    return "\n".join([*noise, *flood])


def test_a_long_log_keeps_its_first_cause_and_each_kind_of_message_once(log: str) -> None:
    text = clean(log)
    assert "No space left on device" in text.read
    assert text.read.startswith(log[:200])
    assert text.read.endswith(log[-200:])
    assert text.read.count("refused") < 200
    assert len(text.read) <= READ_CHARS


def test_a_long_log_says_how_it_was_read(log: str) -> None:
    (note,) = clean(log).notes
    assert "70,001 lines" in note
    assert "first line of each of 2 kinds of message" in note


def test_a_telling_line_is_found_behind_one_that_begins_alike() -> None:
    start = "x" * 300
    lines = [f"{start} fine"] * 600 + [f"{start} ERROR disk full"] + [f"{start} fine"] * 600
    assert f"{start} ERROR disk full" in clean("\n".join(lines)).read


@pytest.mark.parametrize(
    "hard",
    ["error " * 500_000, "'" * 400_000, '"a' * 300_000, "0x" * 400_000, ("error" + "1'2" * 900 + "\n") * 700, "\n" * 900_000 + "x"],
)
def test_long_texts_made_to_be_slow_are_read(hard: str) -> None:
    text = clean(hard)
    assert 0 < len(text.read) <= READ_CHARS
    assert max(map(len, text.read.split("\n"))) <= MAX_LINE


@pytest.mark.parametrize("name", ["a.exe", "a.png", "noending", "sql", ".sql.zip", "a.sql.gz", ""])
def test_a_wrong_file_type_names_the_right_ones(name: str) -> None:
    with pytest.raises(InputError, match=r"file type cannot be read\. Send one of: \.sql"):
        decode_file(name, b"SELECT 1")


@pytest.mark.parametrize("ending", FILE_TYPES)
def test_every_listed_file_type_is_read(ending: str) -> None:
    assert decode_file(f"report.{ending.upper()}", b"SELECT 1") == "SELECT 1"


def test_a_file_over_five_megabytes_is_refused() -> None:
    with pytest.raises(InputError, match="more than 5 MB"):
        decode_file("big.log", b"a" * (MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Größe".encode(), "Größe"),
        ("Größe".encode("utf-8-sig"), "Größe"),
        ("Größe".encode("utf-16"), "Größe"),
        ("\ufeffGröße".encode("utf-16-be"), "Größe"),
        ("Größe".encode("cp1252"), "Größe"),
    ],
)
def test_encodings(data: bytes, text: str) -> None:
    assert decode_file("a.txt", data) == text


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "no text"), (b" \n", "no text"), (b"\xff\xfe", "no text"), (b"PK\x03\x04\x00", "binary")]
)
def test_files_without_text(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=f"^a.txt: .*{reason}"):
        decode_file("a.txt", data)


@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00\xd8")
@example(b"\x81\x8d\x8f")
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text = decode("it", data)
    except InputError as error:
        text = str(error)
    assert text.strip()


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_any_text_is_cleaned_or_refused(raw: str) -> None:
    try:
        text = clean(raw)
    except InputError:
        return
    assert text.full.strip()
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t\x85" for char in text.full)
    assert text.full.encode("utf-8")
    assert clean(text.full) == text
