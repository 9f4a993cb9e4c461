"""Names of people that a statistical model recognises in prose: an extra, off unless the operator names a model of spaCy.

Only lines that read as prose are looked at: in logs, plans and SQL such a model takes table names for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, RedactionError, View
from dbbuddy.settings import settings

Recognise = Callable[[str], Any]

_LINE = Pattern(r"[^\n]{20,999}")
_WORD = Pattern(r"\b[A-Za-z][a-z']*\b", case=True)
_CODE = Pattern(r"[;{}<>=|\\]|::|--|\b(?:select|insert|update|delete|create|alter|error|fatal|warning|log|hint|detail)\b[ :]")
_NAME = Pattern(r"[A-Z][\w'-]+(?: [A-Z][\w'.-]+){0,3}", case=True)
_PROSE_WORDS = 5
_PROSE_SHARE = 0.75
_PEOPLE = ("PERSON", "PER")


def recognised_names(view: View) -> Iterator[Find]:
    """Names in lines of prose; nothing without a configured model.

    Raises:
        RedactionError: the configured model cannot be loaded.
    """
    name = settings().name_model
    if not name:
        return
    recognise = model(name)
    for line in _LINE.each(view):
        text = line.text()
        if not _is_prose(text):
            continue
        view.check_time()
        for entity in recognise(text).ents:
            if entity.label_ in _PEOPLE and _NAME.fits(entity.text):
                start = line.start() + entity.start_char
                yield Find(start, start + len(entity.text), "PERSON", Rank.GUESS)


@cache
def model(name: str) -> Recognise:
    """The model of that name, loaded once, with nothing but what finds names.

    Raises:
        RedactionError: it is not installed.
    """
    try:
        loaded: Recognise = import_module("spacy").load(name, exclude=["parser", "lemmatizer", "attribute_ruler", "tagger"])
    except (ImportError, OSError) as error:
        raise RedactionError(f"DBBUDDY_NAME_MODEL is {name}, which cannot be loaded: pip install spacy and the model") from error
    return loaded


def _is_prose(line: str) -> bool:
    words = list(_WORD.spans(line))
    letters = sum(end - start for start, end in words)
    return len(words) >= _PROSE_WORDS and letters >= _PROSE_SHARE * len(line.replace(" ", "")) and not _CODE.within(line)
