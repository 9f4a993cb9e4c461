"""The façade: a model's text as segments that may be drawn, with what is to be said about each of them.

Pure and without memory: it is called with the whole text so far before every draw. The checks do not trust the model: they hold
with one that obeys whoever wrote the log that it was shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.advice import Advice
from dbbuddy.context import Engine
from dbbuddy.elaboration.claims import Ground, claim_notes
from dbbuddy.elaboration.commands import secret_notes, shell_notes, weakening_notes
from dbbuddy.elaboration.engines import SQL_LANGUAGES
from dbbuddy.elaboration.markdown import Restore, safe_markdown
from dbbuddy.elaboration.notes import Note, note, once
from dbbuddy.elaboration.sanitise import LONGEST, Piece, clean, split
from dbbuddy.elaboration.sql_blocks import code_notes, prose_notes

_SHELLS = frozenset({"sh", "bash", "shell", "zsh", "console", "shell-session", "powershell", "ps1", "cmd", "bat", "terminal"})
_DRAWN = {
    **dict.fromkeys(["ini", "toml", "conf", "cnf"], "ini"),
    **dict.fromkeys(["yaml", "yml"], "yaml"),
    **dict.fromkeys(["python", "py"], "python"),
    **dict.fromkeys(["javascript", "js", "typescript"], "javascript"),
    **dict.fromkeys(["csharp", "cs"], "csharp"),
    **{name: name for name in ("json", "java", "go", "ruby", "php", "xml", "diff")},
}


@dataclass(frozen=True)
class Prose:
    """Running text. `text` must not be drawn; `markdown` may."""

    text: str
    notes: tuple[Note, ...] = ()

    def markdown(self, restore: Restore = str) -> str:
        """The text as Markdown that only looks; `restore` puts the values of this session back for placeholders."""
        return safe_markdown(self.text, restore)


@dataclass(frozen=True)
class Code:
    """One block, to be drawn as code. `language` is for colouring; `None` is plain."""

    code: str
    language: str | None
    notes: tuple[Note, ...] = ()


Segment = Prose | Code


@dataclass(frozen=True)
class Checked:
    """A model's text, checked. `notes` are about the whole."""

    segments: tuple[Segment, ...]
    notes: tuple[Note, ...] = ()
    is_cut: bool = False

    @property
    def all_notes(self) -> tuple[Note, ...]:
        """Every note, those on segments too."""
        return (*self.notes, *(each for segment in self.segments for each in segment.notes))


def check(text: str, advice: Advice, question: str = "", *, final: bool) -> Checked:
    """Check a model's text against the answer that it elaborates on.

    Args:
        text: everything that came so far.
        advice: the checked answer; its engine is the user's.
        question: what the user wrote, redacted.
        final: nothing more comes. Before that, whole lines only are shown, and the block that is still open is not judged.
    """
    seen, is_cut = clean(text)
    ground = Ground.of(advice, question)
    shown = seen if final or is_cut else _whole_lines(seen)
    engine, over = advice.context.engine, final or is_cut
    segments: list[Segment] = []
    for piece in split(shown):
        segments += _prose(piece.text, engine, ground) if piece.kind == "prose" else [_code(piece, engine, ground, final=over)]
    notes = (note("cut", what=f"{LONGEST:,}"),) if is_cut else ()
    return Checked(tuple(segments), notes, is_cut)


def _whole_lines(text: str) -> str:
    """Without the line that is still being written, unless it is long and a sentence of it has ended."""
    end = text.rfind("\n") + 1
    sentence = text.rfind(". ", end)
    return text[: sentence + 1] if sentence >= 0 and "`" not in text[end:] else text[:end]


def _prose(text: str, engine: Engine | None, ground: Ground) -> list[Segment]:
    """The paragraphs, those together of which nothing is to be said. What only shows in the whole is said at its start."""
    found: list[Segment] = []
    quotes: set[str] = set()
    plain: list[str] = []
    for paragraph in text.split("\n\n"):
        notes = _prose_notes(paragraph, engine, ground)
        if not notes:
            plain.append(paragraph)
            continue
        if plain:
            found.append(Prose("\n\n".join(plain)))
        found.append(Prose(paragraph, notes))
        quotes.update(note.quote for note in notes)
        plain = []
    if plain:
        found.append(Prose("\n\n".join(plain)))
    if "\n\n" not in text:
        return found
    whole = [note for note in prose_notes(text.replace("\n\n", "\n"), engine, ground.text) if note.is_danger]
    new = once(note for note in whole if not any(note.quote.startswith(quote) for quote in quotes))
    return [Prose("", new), *found] if new else found


def _prose_notes(text: str, engine: Engine | None, ground: Ground) -> tuple[Note, ...]:
    dangers = [*secret_notes(text), *shell_notes(text, is_prose=True), *weakening_notes(text, ground.text)]
    return once([*dangers, *prose_notes(text, engine, ground.text), *claim_notes(text, ground)])


def _code(piece: Piece, engine: Engine | None, ground: Ground, *, final: bool) -> Code:
    if not piece.closed and not final:
        return Code(piece.text, _language(piece.language))
    dangers = [*shell_notes(piece.text), *secret_notes(piece.text), *weakening_notes(piece.text, ground.text)]
    return Code(
        piece.text, _language(piece.language), once([*dangers, *code_notes(piece.text, piece.language, engine, ground.text)])
    )


def _language(name: str) -> str | None:
    """The language in which a block is coloured: of ours only, none that a page would draw as a picture."""
    return "sql" if name in SQL_LANGUAGES else "bash" if name in _SHELLS else _DRAWN.get(name)
