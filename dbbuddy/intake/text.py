"""Text as it arrives: decoding files, removing what cannot be shown, shortening what is too long to read."""

from __future__ import annotations

import re
from dataclasses import dataclass

import re2

FILE_TYPES = ("sql", "log", "txt", "json", "xml", "sqlplan", "yaml", "yml", "conf", "cnf", "ini", "csv", "md")
MAX_BYTES = 5 * 1024 * 1024
READ_CHARS = 60_000
MAX_LINE = 4_000

_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TELLING = re2.compile(
    r"(?i)\b(error|fatal|panic|severe|critical|exception|warn(ing)?|failed|failure|denied|refused|timeout|timed out|"
    r"deadlock|killed|cannot|could not|unable|ora-\d+|tns-\d+|msg \d+|sqlstate|hint|detail|caused by)\b"
)
# Python's own engine: its substitution is far faster, and none of the alternatives can go back over what it has read.
_VARYING = re.compile(r"0x[0-9a-fA-F]+|\d+|'[^'\n]*'|\"[^\"\n]*\"")


class InputError(ValueError):
    """Input that cannot be read; the message says what to do instead."""


@dataclass(frozen=True)
class Text:
    """Clean text, and what the user should know about how it was read."""

    full: str
    read: str
    notes: tuple[str, ...] = ()


def decode_file(name: str, data: bytes) -> str:
    """A file's text.

    Raises:
        InputError: wrong type, too large, empty or binary.
    """
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix not in FILE_TYPES:
        raise InputError(f"{name}: this file type cannot be read. Send one of: {', '.join('.' + t for t in FILE_TYPES)}.")
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: {len(data) / 1e6:.1f} MB is more than 5 MB. Cut out the part around the problem.")
    return decode(name, data)


def decode(name: str, data: bytes) -> str:
    """The text of bytes from anywhere, in UTF-8, UTF-16 or the Windows code page.

    Raises:
        InputError: empty or binary.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    elif b"\x00" in data[:8192]:
        raise InputError(f"{name}: this is binary data. Export it as text and send that.")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if not text.strip():
        raise InputError(f"{name}: there is no text in it.")
    return text


def clean(raw: str) -> Text:
    """Remove control and direction characters; of a long text keep the telling lines for reading.

    Raises:
        InputError: nothing readable is left, the text is binary, or it is over 5 MB.
    """
    if len(raw) > MAX_BYTES:
        raise InputError(f"The text has {len(raw) / 1e6:.1f} MB; up to 5 MB can be read. Send the part around the problem.")
    lines = raw.replace("\r\n", "\n").replace("\r", "\n")
    full = _UNSHOWABLE.sub("", lines.encode("utf-8", "ignore").decode())
    if len(full) < len(lines) * 0.7:
        raise InputError("This looks like binary data. Paste the error, query, plan or log as text.")
    full = full.strip("\n ")
    if not full.strip():
        raise InputError("There is no text. Describe the problem, or paste an error, a query, a plan or a log.")
    if len(full) <= READ_CHARS:
        return Text(full, full)
    return _shortened(full)


def _shortened(full: str) -> Text:
    """The start, the first line of each kind that reports trouble, and the end."""
    kept = [_cut(full[:6_000])]
    seen: set[str] = set()
    told: set[str] = set()
    budget = READ_CHARS - 14_000
    for whole in full.split("\n"):
        line = whole[:MAX_LINE]
        template = _VARYING.sub("#", line)
        if template in seen:
            continue
        seen.add(template)
        if template[:200] in told or not _TELLING.search(line):
            continue
        told.add(template[:200])
        if budget > 0:
            kept.append(line)
            budget -= len(line) + 1
    kept.append(_cut(full[-6_000:]))
    lines = full.count("\n") + 1
    note = (
        f"Your text is long ({len(full):,} characters, {lines:,} lines). Its start, its end and the first line of each of "
        f"{len(told):,} kinds of message were read. If the answer misses the point, send the part around the problem."
    )
    return Text(full, "\n".join(kept), (note,))


def _cut(text: str) -> str:
    return "\n".join(line[:MAX_LINE] for line in text.split("\n"))
