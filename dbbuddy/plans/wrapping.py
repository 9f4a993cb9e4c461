"""A plan's text freed of what browsers, mails, chats, logs and programs do to text that passes through them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from os.path import commonprefix

import re2

# Python's own engine: for single characters it is faster than re2.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_CONTROL = re2.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f]")
# The ampersand comes last, so that what was escaped twice is freed once.
_ENTITIES = {
    "&lt;": "<", "&#60;": "<", "&#x3C;": "<", "&#x3c;": "<", "&gt;": ">", "&#62;": ">", "&#x3E;": ">",
    "&#x3e;": ">", "&quot;": '"',
    "&#34;": '"', "&#x22;": '"', "&apos;": "'", "&#39;": "'", "&#x27;": "'", "&nbsp;": " ", "&#160;": " ",
    "&#xa0;": " ", "&#x2F;": "/", "&amp;": "&", "&#38;": "&",
}  # fmt: skip
_TAG = re2.compile(r"(?i)</?([a-z?!][\w:-]*)[^<>]*>")
_PLAIN_TAGS = frozenset(("pre", "code", "br", "p", "div", "span", "tt", "blockquote", "font", "b", "i", "html", "body"))
_CURLY = str.maketrans("\u201c\u201d\u201e\u201f\u2018\u2019\u201a", '""""\'\'\'')
_CURLY_SIGN = re.compile("[\u201c-\u201f\u2018-\u201b]")
_ARROW = re2.compile(r"(?m)^(\s*(?:EXPLAIN: |[|'\"] ?)?)(?:\x{2192}|\x{27f6}|[\x{2013}\x{2014}]>)")
_FENCE_SIGN = re2.compile(r"```|\{(?:code|noformat)")
_FENCE = re2.compile(
    r"(?m)^[ \t]*```\w*[ \t]*$|^[ \t]*```|```[ \t]*$|"
    r"^[ \t]*\{(?:code|noformat)[^{}\n]{0,40}\}|\{(?:code|noformat)\}[ \t]*$"
)
_LITERALS = (re2.compile(r'(?s)"((?:[^"\\]|\\.)*)"'), re2.compile(r"(?s)'((?:[^'\\]|\\.)*)'"))
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "", "b": "", "f": "", "0": ""}
_LINE_NUMBER = re2.compile(r"^\s*(\d{1,6})(?:[:.|)\t]| (?:\| )?|$)")
_MOMENT = re2.compile(
    r"^\W?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d\d:\d\d:\d\d\S*|[\w.-]{1,80} +\| ?)"
)
_FEWEST_QUOTED = 3
_MOST_QUOTED = 12
_MOST = 0.8

ESCAPED = "The plan stood in a text with written-out line ends (\\n); its lines are counted as they are in that text."
NUMBERED = "The numbers before the lines were left out."
LOGGED = "What a log had put before each line was left out."


def unwrapped(text: str) -> str:
    """The text with every line still in its place, as the client printed it.

    Taken off or put back: invisible characters, other blanks, line ends, signs escaped for HTML, the `>` of quoted mails,
    fences of chats, quotes and arrows that a word processor has made beautiful.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _straight(_BLANKS.sub(" ", _INVISIBLE.sub("", text)))
    elif _CONTROL.search(text):
        text = _INVISIBLE.sub("", text)
    text = _unquoted(_unescaped(text))
    return str(_FENCE.sub("", text)) if _FENCE_SIGN.search(text) else text


def in_json(text: str) -> str | None:
    """The text in a JSON value that is nothing but one text, or objects with nothing but texts; `None` for any other."""
    if "\\n" not in text or text.lstrip()[:1] not in ('"', "{", "["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    texts: list[str] = []
    for row in value if isinstance(value, list) else [value]:
        for inner in row.values() if isinstance(row, dict) else [row]:
            if not isinstance(inner, str):
                return None
            texts.append(inner)
    return "\n".join(texts)


def further(text: str) -> Iterator[tuple[str, str]]:
    """Other texts that the plan may stand in, each with what to tell the user: for a text in which no plan was found."""
    steps: tuple[tuple[Callable[[str], str], str], ...] = (
        (_with_line_ends, ESCAPED),
        (_without_numbers, NUMBERED),
        (_without_log, LOGGED),
    )
    for change, note in steps:
        changed = change(text)
        if changed != text:
            yield unwrapped(changed), note


def _straight(text: str) -> str:
    if '"' not in text and "'" not in text and _CURLY_SIGN.search(text):
        text = text.translate(_CURLY)
    if "->" not in text:
        text = _ARROW.sub(r"\1->", text)
    return text


def _unescaped(text: str) -> str:
    """Signs escaped for HTML, where the text is no markup itself; tags that only lay a text out are taken off."""
    if "&" not in text or not any(entity in text for entity in _ENTITIES):
        return text
    tags = {found.group(1).lower() for found in _TAG.finditer(text)}
    if not tags <= _PLAIN_TAGS:
        return text
    if tags & {"pre", "code", "br", "p", "div", "html"}:
        text = _TAG.sub("", text)
    for entity, sign in _ENTITIES.items():
        text = text.replace(entity, sign)
    return text


def _unquoted(text: str) -> str:
    """Without the `>` before several lines that follow each other, also where they were quoted again."""
    for _ in range(_MOST_QUOTED):
        if not text.startswith(">") and "\n>" not in text:
            break
        lines = text.split("\n")
        changed = False
        start = 0
        while start < len(lines):
            end = start
            while end < len(lines) and lines[end].startswith(">"):
                end += 1
            if end - start >= _FEWEST_QUOTED:
                lines[start:end] = [line[2:] if line[1:2] == " " else line[1:] for line in lines[start:end]]
                changed = True
            start = end + 1
        if not changed:
            break
        text = "\n".join(lines)
    return text


def _with_line_ends(text: str) -> str:
    r"""The texts in quotes that hold `\n` as lines, as programs write them into JSON and logs."""
    if "\\n" not in text:
        return text
    for literal in _LITERALS:
        found = literal.sub(_as_lines, text)
        if found != text:
            return str(found)
    return _decoded(text)


def _as_lines(found: re2._Match) -> str:
    inner = found.group(1)
    return f"\n{_decoded(inner)}\n" if "\\n" in inner else found.group()


def _decoded(text: str) -> str:
    return _ESCAPE.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    code = found.group(1)
    if len(code) > 1:
        return str(json.loads(f'"\\{code}"'))
    return _ESCAPES.get(code, code)


def _without_numbers(text: str) -> str:
    """Without the numbers that an editor or a web page shows before the lines."""
    lines = text.split("\n")
    found = [_LINE_NUMBER.match(line) for line in lines]
    numbers = [int(one.group(1)) for one in found if one is not None]
    filled = sum(1 for line in lines if line.strip())
    rising = sum(1 for one, following in pairwise(numbers) if following == one + 1)
    if len(numbers) < _FEWEST_QUOTED or len(numbers) < _MOST * filled or rising < _MOST * (len(numbers) - 1):
        return text
    return "\n".join(line if one is None else line[one.end() :] for line, one in zip(lines, found, strict=True))


def _without_log(text: str) -> str:
    """Without time, level and source before each line, if nearly all lines have them alike."""
    lines = text.split("\n")
    found = [_MOMENT.match(line) for line in lines]
    rests = [line[one.end() :] for line, one in zip(lines, found, strict=True) if one is not None]
    if len(rests) < _FEWEST_QUOTED or len(rests) < _MOST * sum(1 for line in lines if line.strip()):
        return text
    alike = commonprefix([rest for rest in rests if rest.strip()])  # noqa: RUF071, they are no paths
    length = len(alike.rstrip()) + (1 if alike.strip() and alike[len(alike.rstrip()) :] else 0)
    return "\n".join(line if one is None else line[one.end() + length :] for line, one in zip(lines, found, strict=True))
