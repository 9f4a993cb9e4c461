"""The prose of findings, in which names of the user's own plan stand: as Markdown and as HTML, in which no name can act.

Of Markdown only `code`, **bold**, paragraphs and lists are meant; all else is text.
"""

from __future__ import annotations

import html
from itertools import groupby

import re2

_CODE = re2.compile(r"(`+)([^`]+?)(`+)")
_ACTS = re2.compile(r"([\[\]<>!$~\\|#&])")
_BOLD = re2.compile(r"\*\*([^*\n]+)\*\*")
_ITEM = ("- ", "* ")


def _pieces(text: str) -> list[tuple[bool, str]]:
    """The text as (is code, content), in order; a lone backtick is text."""
    pieces: list[tuple[bool, str]] = []
    place = 0
    for found in _CODE.finditer(text):
        if len(found.group(1)) != len(found.group(3)):
            continue
        pieces += [(False, text[place : found.start()]), (True, found.group(2))]
        place = found.end()
    return [*pieces, (False, text[place:])]


def safe_markdown(text: str) -> str:
    """The prose as Markdown that can neither load an image, nor link, nor hold HTML, directives or formulas."""
    return "".join(
        f"`` {piece} ``" if code and "`" in piece else f"`{piece}`" if code else _ACTS.sub(r"\\\1", piece).replace("`", r"\`")
        for code, piece in _pieces(text)
    )


def to_html(text: str) -> str:
    """The prose as HTML: `<p>`, `<ul>`, `<code>` and `<strong>` only."""
    parts = []
    for paragraph in text.strip().split("\n\n"):
        for is_list, lines in groupby(paragraph.split("\n"), key=lambda line: line.lstrip().startswith(_ITEM)):
            if is_list:
                parts.append("<ul>" + "".join(f"<li>{_inline(line.lstrip()[2:])}</li>" for line in lines) + "</ul>")
            else:
                parts.append(f"<p>{_inline(' '.join(lines))}</p>")
    return "\n".join(parts)


def _inline(text: str) -> str:
    return "".join(
        f"<code>{html.escape(piece)}</code>" if code else _BOLD.sub(r"<strong>\1</strong>", html.escape(piece))
        for code, piece in _pieces(text)
    )
