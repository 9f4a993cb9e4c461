"""A first draft of a playbook from questions that had none: what is known is filled in, the rest says what to write there."""

from __future__ import annotations

import re

import yaml

from dbbuddy.analytics.clusters import common_terms
from dbbuddy.analytics.gaps import QuestionGap
from dbbuddy.context import CATEGORIES, ENGINE_NAMES, ENGINES, Engine
from dbbuddy.diagnosis.errors import explain
from dbbuddy.diagnosis.library import Library
from dbbuddy.identity import User, require

_SYMPTOMS = 8
_SYMPTOM_CHARS = 160
_TITLE_CHARS = 50
_SOURCES = 2
_UNTIL_WRITTEN = (
    "write here how a hurried developer says it",
    "write here how they say it without the error code",
    "write here how they say what they see instead of what it is",
)

_BODY = """\
## Root cause
Write here what goes wrong and why, in two or three sentences. {known}

## Confirm
Write here how to tell this cause from others, with a query that only reads.

## Fix now
### Say here what to do first
Write here why it helps, and add the statement in a fence that names its engine.

## Next
### Say here what to do this week
Write here why.

## Later
### Say here what keeps it from coming back
Write here why.

## Verify
- Write here what shows that it worked.

## Expected
- Write here what is better then, and by how much.

## Do not
- Write here what people try that makes it worse.
"""


def draft_playbook(user: User, gap: QuestionGap, library: Library) -> str:
    """A playbook file that can be saved as it stands and that a DBA completes. Questions appear as stored, thus redacted.

    Raises:
        NotAllowedError: the user is no DBA.
    """
    require(user, "dba")
    engines: list[Engine] = [engine for engine in ENGINES if engine in gap.engines] or list(ENGINES)
    codes = [(engine, code) for engine in engines for code in gap.codes if explain(code, engine)]
    symptoms = _symptoms(gap)
    head = {
        "slug": _slug(gap, library),
        "title": f"Draft: {symptoms[0][:_TITLE_CHARS].strip()}",
        "category": gap.category if gap.category in CATEGORIES else "troubleshooting",
        "engines": list(engines),
        "summary": "Write here in one or two sentences the cause and the way out.",
        "symptoms": symptoms,
        "signals": {"codes": [{"engine": engine, "code": code, "weight": 7} for engine, code in codes]},
        "sources": _sources(engines, codes),
    }
    front = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)
    meanings = [entry.meaning for engine, code in codes if (entry := explain(code, engine))]
    known = " ".join(dict.fromkeys(meaning.replace("{{", "{ {") for meaning in meanings))
    return f"---\n{front}---\n\n{_BODY.format(known=known).replace(' ' * 2, ' ').strip()}\n"


def _symptoms(gap: QuestionGap) -> list[str]:
    """The questions' first lines, each once, padded to the three that a playbook needs."""
    lines = (next((line for line in text.splitlines() if line.strip()), "") for text in gap.questions)
    shortened = (re.sub(r"\s+", " ", line).strip()[:_SYMPTOM_CHARS].strip() for line in lines)
    found = [line for line in dict.fromkeys(shortened) if line][:_SYMPTOMS]
    return found + list(_UNTIL_WRITTEN[: max(0, 3 - len(found))])


def _slug(gap: QuestionGap, library: Library) -> str:
    words = [re.sub(r"[^a-z0-9]+", "", term) for term in common_terms(gap.questions, 4)]
    base = "-".join(["draft", *[word for word in [*words, *map(str.lower, gap.codes[:1])] if re.fullmatch("[a-z0-9]+", word)]])[:70]
    number = 1
    slug = base
    while slug in library.playbooks:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _sources(engines: list[Engine], codes: list[tuple[Engine, str]]) -> list[dict[str, str]]:
    """The manuals' sections on the codes, and a line to be completed for each engine until there are enough."""
    entries = [entry.source for engine, code in codes if (entry := explain(code, engine))]
    found = [{"title": source.title, "section": source.section} for source in dict.fromkeys(entries)]
    names = [ENGINE_NAMES[engine] for engine in engines] * _SOURCES
    for name in names[: max(0, _SOURCES - len(found))]:
        found.append({"title": f"{name} manual", "section": "name the section that supports this"})
    return found
