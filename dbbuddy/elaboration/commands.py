"""Command lines that no answer needs, and requests for secrets."""

from __future__ import annotations

from dbbuddy.elaboration.notes import Note, checks, first_hit, note


def shell_notes(text: str, *, is_prose: bool = False) -> tuple[Note, ...]:
    """Warnings for what a command line in the text does. Continued lines are read as one; in prose, backticks are marks only."""
    joined = text.replace("\\\n", " ").replace("`", "  " if is_prose else "`")
    found = []
    for row in checks()["shell"]:
        quote = first_hit([row["match"]], joined)
        if quote:
            found.append(note("shell", " ".join(quote.split())[:200], what=row["what"]))
    return tuple(found)


def secret_notes(text: str) -> tuple[Note, ...]:
    """A warning if the text asks for a password, a key or the like."""
    quote = first_hit(checks()["secret_request"], text)
    return (note("secret_request", quote),) if quote else ()


def weakening_notes(text: str, allowed: str = "") -> tuple[Note, ...]:
    """Warnings for what takes protection away; not for what the checked answer says itself (`allowed`, in lower case)."""
    found = []
    for row in checks()["weakening"]:
        quote = " ".join((first_hit([row["match"]], text) or "").split())
        if quote and quote.lower() not in allowed:
            found.append(note("weakens", quote[:200], what=row["what"]))
    return tuple(found)
