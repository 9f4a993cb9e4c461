"""SQL as it is pasted: size checked, secrets and personal data taken out so that what is left still reads as SQL."""

from __future__ import annotations

from bisect import bisect_right

from dbbuddy.intake.text import MAX_BYTES, InputError
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.vault import Vault
from dbbuddy.privacy.view import RedactionError
from dbbuddy.sqlreview.lexer import tokens_of

_KEEPS_PLACEHOLDER = ("string", "comment", "quoted")


def redacted(text: str, vault: Vault) -> tuple[str, tuple[str, ...]]:
    """The text without secrets and personal data, and the placeholders that stand in it now; lines end with a line feed.

    A value outside of quotes becomes a parameter (`:CARD_1`), a name a plain name (`PERSON_1`), so that the statement stays
    one that can be read.

    Raises:
        InputError: it is over 5 MB, binary, or could not be checked in time.
    """
    if len(text) > MAX_BYTES:
        raise InputError(f"The text has {len(text) / 1e6:.1f} MB; up to 5 MB can be read. Send a part of the script.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode()
    if lines[:8192].count("\0"):
        raise InputError("This is binary data. Export the SQL as text and paste that.")
    try:
        spans = redact(lines, vault).spans
    except RedactionError:
        raise InputError(
            "The text could not be checked for secrets in time, so it was not read. Paste a smaller part of it."
        ) from None
    if not spans:
        return lines, ()
    tokens = tokens_of(lines)
    starts = [token.start for token in tokens]
    parts: list[str] = []
    place = 0
    for span in spans:
        at = bisect_right(starts, span.start) - 1
        token = tokens[at] if at >= 0 else None
        parts += [lines[place : span.start], _standing_in(span.placeholder, token.kind if token else "comment")]
        place = span.end
    return "".join([*parts, lines[place:]]), tuple(dict.fromkeys(span.placeholder for span in spans))


def _standing_in(placeholder: str, kind: str) -> str:
    if kind in _KEEPS_PLACEHOLDER:
        return placeholder
    name = placeholder.strip("<>")
    return f":{name}" if kind == "number" else name
