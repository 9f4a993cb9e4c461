"""What a column, key or parameter holds, judged by the words of its name."""

from __future__ import annotations

from functools import cache, lru_cache

from dbbuddy.data_files import load_yaml
from dbbuddy.privacy.view import Pattern, any_of
from dbbuddy.privacy.words import words

_WORDS = Pattern(r"[A-Z]?[a-z]+|[A-Z]+|\d+", case=True)
_AFFIXES = words("key_affixes")
_PLACEHOLDER_TYPES = {"PAY": "LITERAL", "LOGIN": "PERSON", "NAME": "PERSON"}
PEOPLE_TABLE = Pattern(
    r".*(?:user|customer|client|patient|employee|person|people|contact|member|staff|student|teacher|payroll|profile|subscriber|guest|"
    r"passenger|doctor|worker|personnel|beneficiar|applicant|candidate|citizen|resident|voter|kunde|mitarbeiter|usuario|cliente|empleado|"
    r"paciente|utilisateur|salari|attendee|participant|donor|author|player|borrower|insured|\bhr\b|\bemp\b|\bcrm\b|\blead).*"
)


@cache
def _endings() -> tuple[dict[str, str | None], frozenset[str]]:
    data = load_yaml("privacy/personal_columns.yaml")
    qualifiers = frozenset(data.pop("qualifiers"))
    return {str(ending): None if kind == "none" else kind for kind, endings in data.items() for ending in endings}, qualifiers


@cache
def personal_names() -> str:
    """An RE2 group that matches names of personal columns, and little else."""
    endings, qualifiers = _endings()
    ends = {ending.replace(" ", "[_ -]?") for ending, kind in endings.items() if kind}
    return r"(?:[a-z_][\w-]{0,60}?)?" + any_of(ends) + "(?:[_-]?" + any_of({*qualifiers, r"\d{1,3}"}) + "){0,2}"


@lru_cache(maxsize=8192)
def column_kind(name: str) -> str | None:
    """The kind of data a name promises: a placeholder's type, or PAY, LOGIN, NAME, or None for anything harmless."""
    endings, qualifiers = _endings()
    parts = [name[start:end].lower() for start, end in _WORDS.spans(name[:120])]
    while len(parts) > 1 and (parts[-1].isdigit() or parts[-1] in qualifiers):
        parts.pop()
    for first in range(max(0, len(parts) - 4), len(parts)):
        ending = " ".join(parts[first:])
        if ending in endings:
            kind = endings[ending]
            return None if kind == "NAME" and first else kind
    return None


def key_kind(name: str) -> str | None:
    """The kind of data that the columns of a key or constraint promise: `uq_users_email`."""
    name = name.rpartition(".")[2][:120]
    kept = [word for start, end in _WORDS.spans(name) if (word := name[start:end].lower()) not in _AFFIXES]
    return column_kind("_".join(kept)) if kept else None


def placeholder_type(kind: str) -> str:
    """The type of placeholder for a value of a kind of column."""
    return _PLACEHOLDER_TYPES.get(kind, kind)
