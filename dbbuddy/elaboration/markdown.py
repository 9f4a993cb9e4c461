"""A model's prose written anew as Markdown: only headings, lists, tables, quotations, emphasis, code and links to
documentation; every other sign is escaped, so that it is read and never acts.

Streamlit 1.67 acts on more than CommonMark (seen in its front end): images, directives (`:red[..]`), `:material/..:` and
`:emoji:` also where they are escaped, formulas, footnotes, diagrams in fences, and addresses, which become links even where
they are escaped. Addresses and `:name:` are therefore shown as code, whose text nothing acts on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

import re2

from dbbuddy.data_files import load_yaml

Restore = Callable[[str], str]
Token = tuple[Literal["text", "strong"], str]

_ESCAPES = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()<>#+-.!|~:$@&=^\"'/%;"})
_TICKS = re2.compile("`+")
_INLINE = re2.compile(
    r"(?P<image>!\[[^\]]*(?:\]\s?(?:\([^)]*\)?|\[[^\]]*\]?)?|$))"
    r"|(?P<link>\[(?P<label>[^\[\]]+)\]\(\s*<?(?P<target>[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)?)>?(?:\s[^()]*)?\))"
    r"|(?P<break><[bB][rR]\s*/?>)"
    r"|(?P<placeholder><[A-Z][A-Z_]+_[1-9][0-9]*>)"
    r"|(?P<address>(?i:(?:[a-z][a-z0-9+.-]*:)?//|www\.)[^\s<>`|]+)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<name>:[\w+-]+:)"
    r"|(?P<strong>\*\*|__)"
    r"|(?P<emphasis>\*(?:[^\s*]|[^\s*][^*]*[^\s*])\*)"
)
_ACTING = re2.compile(r"//|(?i:www\.)|@|:[\w+-]+:")
_DEFINITION = re2.compile(r"^\s*\[[^\]]+\]:")
_HEADING = re2.compile(r"^#{1,6}(?: +(.*?))?(?: +#+)?$")
_ITEM = re2.compile(r"^( *)([-*+]|\d{1,9}[.)])(?: +(.*))?$")
_RULE = re2.compile(r"^(?:[-*_=] *){3,}$")
_TABLE_LINE = re2.compile(r"^\|.*\|$")
_TABLE_RULE = re2.compile(r"^\|(?: *:?-+:? *\|)+$")
_PLAIN_ADDRESS = re2.compile(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/-]*)?(?:#[A-Za-z0-9._-]*)?$")
_DEEPEST_LIST = 4
_LONGEST_ADDRESS = 120
# Forms that are written in one text; a hostile one that has more is read as bare text from there on.
_MOST_FORMS = 1500


def safe_markdown(prose: str, restore: Restore = str) -> str:
    """The prose as Markdown that only looks. `restore` puts values back for placeholders; a value is shown as code.

    Time is linear in the length of the text.
    """
    return "\n".join(_Writer(restore).lines(prose)).strip("\n")


def code_span(text: str) -> str:
    """The text as inline code on one line, whatever backticks it holds; nothing for a blank text."""
    flat = " ".join(text.split())
    fence = "`" * (max((len(run.group()) for run in _TICKS.finditer(flat)), default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}" if flat else ""


def escape(text: str) -> str:
    """The text with every sign escaped that Markdown could act on."""
    return text.translate(_ESCAPES)


def is_documentation(address: str) -> bool:
    """True for a plain https address on a host of `data/elaboration/documentation.yaml`: no port, no user, no query."""
    if not _PLAIN_ADDRESS.match(address):
        return False
    host = urlsplit(address).netloc.lower()
    return any(host == known or host.endswith(f".{known}") for known in _documentation())


@cache
def _documentation() -> tuple[str, ...]:
    return tuple(load_yaml("elaboration/documentation.yaml"))


class _Writer:
    """Writes one text. `forms` is how many more forms it may hold."""

    def __init__(self, restore: Restore) -> None:
        self.restore = restore
        self.forms = _MOST_FORMS

    def lines(self, prose: str) -> Iterator[str]:
        indents: list[int] = []
        for raw in prose.split("\n"):
            line = raw.rstrip()
            item = _ITEM.match(line)
            if not line.strip() or _DEFINITION.match(line) or _RULE.match(line.strip()):
                yield ""
            elif item is None:
                indents = indents if line.startswith(" ") else []
                yield self._line(line.strip())
            else:
                while indents and indents[-1] >= len(item[1]):
                    indents.pop()
                depth = min(len(indents), _DEEPEST_LIST)
                indents.append(len(item[1]))
                marker = item[2] if item[2][0].isdigit() else "-"
                yield f"{' ' * 4 * depth}{marker} {self._inline((item[3] or '').strip())}"

    def _line(self, line: str) -> str:
        """One line that is no item of a list."""
        heading = _HEADING.match(line)
        if heading:
            return f"\n##### {self._inline((heading[1] or '').replace('**', ''))}\n"
        if line.startswith(">"):
            return f"> {self._inline(line.lstrip('> '))}"
        if _TABLE_RULE.match(line):
            return line
        if _TABLE_LINE.match(line):
            cells = [self._inline(cell.strip()) for cell in line[1:-1].replace("\\|", "/").split("|")]
            return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
        return self._inline(line)

    def _inline(self, text: str) -> str:
        tokens: list[Token] = []
        place = 0
        for start, end, code in _code_spans(text):
            tokens += self._tokens(text[place:start])
            tokens.append(("text", code_span(self.restore(code))))
            place = end
        tokens += self._tokens(text[place:])
        strong = [at for at, (kind, _) in enumerate(tokens) if kind == "strong"]
        if len(strong) % 2:
            tokens[strong[-1]] = ("text", "")
        return "".join(value for _, value in tokens)

    def _tokens(self, text: str) -> list[Token]:
        tokens: list[Token] = []
        place = 0
        for match in _INLINE.finditer(text):
            if not self.forms:
                break
            self.forms -= 1
            tokens.append(("text", escape(text[place : match.start()])))
            tokens.append(("strong", "**") if match["strong"] else ("text", self._form(match)))
            place = match.end()
        rest = text[place:]
        tokens.append(("text", escape(rest if self.forms else _disjointed(rest))))
        return tokens

    def _form(self, match: re2._Match) -> str:
        whole: str = match.group()
        if match["image"]:
            return escape("[image removed]")
        if match["link"]:
            return _link(match["label"], match["target"])
        if match["break"]:
            return " "
        if match["placeholder"]:
            value = self.restore(whole)
            return escape(whole) if value == whole else code_span(value)
        if match["address"]:
            return _address(whole)
        if match["emphasis"]:
            return f"*{_words(whole[1:-1])}*"
        return code_span(whole)


def _code_spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and content of the code spans: between runs of equally many backticks, as CommonMark pairs them."""
    runs = [run.span() for run in _TICKS.finditer(text)] if "`" in text else []
    starts: dict[int, list[int]] = {}
    for start, end in runs:
        starts.setdefault(end - start, []).append(start)
    place = 0
    for start, end in runs:
        same = starts[end - start]
        following = bisect_right(same, start)
        if start >= place and following < len(same):
            place = same[following] + end - start
            yield start, place, text[end : same[following]]


def _disjointed(text: str) -> str:
    """Bare text in which no address and no `:name:` is left whole."""
    return text.replace(":", ": ").replace(".", ". ").replace("@", " @ ").replace("/", "/ ")


def _address(whole: str) -> str:
    bare = whole.rstrip(".,;:!?)]}'\"*_")
    shown = f"[{escape(bare)}]({bare})" if is_documentation(bare) else code_span(bare[:_LONGEST_ADDRESS])
    return shown + escape(whole[len(bare) :])


def _link(label: str, target: str) -> str:
    if is_documentation(target):
        return f"[{escape(label)}]({target})"
    if not target.lower().startswith(("http://", "https://")):
        return f"{_words(label)} {escape('[link removed]')}"
    shown = code_span(target[:_LONGEST_ADDRESS])
    return shown if label == target else f"{_words(label)} ({shown})"


def _words(text: str) -> str:
    """Words inside of another form: none of them is a form again."""
    return escape(_disjointed(text) if _ACTING.search(text) else text)
