"""Literals of personal columns in SQL, plans and logs: comparisons, assignments, INSERT lists, COPY blocks."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from dbbuddy.privacy import values
from dbbuddy.privacy.columns import PERSON_TABLES, column_kind
from dbbuddy.privacy.people import is_person_login, says_person
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_STRING = r"(?:[NEBnebXx]|_utf8mb4|U&)?'(?:[^'\\\n]|''|\\[^\n])*'"
_STRING_AT = Pattern(_STRING)
_COMPARE = Pattern(
    r"\b([a-z_]\w{0,60})[\"`\]]{0,2}\)?(?:::\w+(?: \w+)?)?(?:\(\d+\))?\)*\s{0,10}"
    r"(=>|<>|!=|>=|<=|!~~?\*?|~~?\*?|=|>|<|:|\b(?:not )?i?like\b|\brlike\b|\bregexp\b|\b(?:not )?in\b|\bbetween\b|\bis distinct from\b)\s{0,10}(?:any|all|some)?\s{0,3}(\(?)\s{0,10}(?:binary |date |timestamp |to_date\(|lower\(|upper\(|cast\(|concat\(|convert\([^,()]{1,40},|isnull\()?"
)
_MORE = Pattern(r"(?:::\w+(?:\[\])?)?\s{0,10}(,|\band\b)\s{0,10}(?:date )?")
_NUMBER = Pattern(r"-?\d[\d,]*(?:\.\d+)?\b")
_BARE_VALUE = Pattern(r"[^\s,;|&<>(){}\[\]\"'`]{1,200}(?: [A-Z][A-Za-z'-]{1,30}){0,3}", case=True)
_INSERT = Pattern(
    r"\b(?:insert|replace)\s{1,10}(?:ignore\s{1,10}|all\s{1,10}|into\s{1,10}|overwrite\s{1,10}){0,3}(?:table\s{1,10})?([\w.\"`\[\]#$]{1,200})\s{0,10}(?:as\s{1,5}\w{1,30}\s{0,5})?(\(([^()]+)\))?[^;'()]{0,120}?\bvalues?\s{0,10}"
)
_ITEM = Pattern(r"\s*(?:(" + _STRING + r")|(-?\d[\w.]*)|([(),;])|([^\s'(),;]+))")
_COPY = Pattern(r"(?m)^copy\s+([\w.\"]{1,200})\s*\(([^()]+)\)\s+from\s+stdin[^\n]*\n")
_DATE_VALUE = Pattern(r"(?:\d{4}-\d\d?-\d\d?|\d\d?[./-](?:\d\d?|[a-z]{3})[./-]\d{2,4})(?:[ t][\d:.+z -]*)?")
_INTEGER = Pattern(r"-?\d{1,8}(?:\.\d+)?")
_UUID = Pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ENUM = Pattern(r"[A-Z0-9_]{1,40}|[a-z0-9_.:/-]{1,40}", case=True)

_TYPE_OF = {"PAY": "LITERAL", "LOGIN": "PERSON", "NAME": "PERSON"}
_STRICT = {"PASSWORD", "EMAIL", "PHONE", "NATID", "CARD", "IBAN", "DOB", "MEDICAL", "ADDRESS", "PERSON"}


def literals(view: View) -> Iterator[Find]:
    """Values that stand beside the name of a personal column."""
    for match in _COMPARE.each(view):
        kind = column_kind(view.text[slice(*match.span(1))])
        if kind:
            yield from _compared(view, match, kind)
    for match in _INSERT.each(view):
        yield from _inserted(view, match)
    for match in _COPY.each(view):
        yield from _copied(view, match)


def _compared(view: View, match: Any, kind: str) -> Iterator[Find]:
    operator = view.text[slice(*match.span(2))].lower()
    place: int = match.end()
    many = match.span(3)[1] > match.span(3)[0] or "between" in operator
    for count in range(2000):
        span = values.quoted(view, place)
        if span is not None:
            if sensible(kind, view.text[slice(*span)], quoted=True):
                yield Find.over(span, _TYPE_OF.get(kind, kind), Rank.COLUMN)
            place = span[1] + 1
        else:
            end = yield from _bare(view, place, kind, operator)
            if end is None:
                return
            place = end
        more = _MORE.at(view, place) if many else None
        if more is None or (count > 1 and not many):
            return
        place = more.end()


def _bare(view: View, place: int, kind: str, operator: str) -> Generator[Find, None, int | None]:
    number = _NUMBER.at(view, place)
    text = view.text
    if number is not None and text[number.end() : number.end() + 1] not in ("-", "/", ".", "_", ":"):
        value = text[slice(*number.span())]
        wanted = (kind == "PAY" and len(value) >= 3) or (kind in ("NATID", "CARD", "IBAN", "MEDICAL", "PHONE") and len(value) >= 5)
        if wanted:
            yield Find.over(number.span(), _TYPE_OF.get(kind, kind), Rank.COLUMN)
        return int(number.end())
    if operator not in ("=", ":", "=>"):
        return None
    match = _BARE_VALUE.at(view, place)
    if match is None:
        return None
    value = text[slice(*match.span())].rstrip(".,:")
    checks = {
        "EMAIL": "@" in value,
        "PHONE": sum(c.isdigit() for c in value) >= 7,
        "NATID": sum(c.isdigit() for c in value) >= 5,
        "CARD": sum(c.isdigit() for c in value) >= 12,
        "IBAN": sum(c.isdigit() for c in value) >= 6,
        "DOB": _DATE_VALUE.fits(value),
        "MEDICAL": any(c.isdigit() for c in value) and len(value) > 3,
        "PERSON": value[:1].isupper() and value[1:2].islower() and value.split()[0].isalpha(),
        "LOGIN": is_person_login(value),
        "NAME": says_person(value) and " " in value,
    }
    if checks.get(kind, False) and not values.says_nothing(value):
        yield Find(match.start(), match.start() + len(value), _TYPE_OF.get(kind, kind), Rank.COLUMN)
    return int(match.end())


def sensible(kind: str, value: str, *, quoted: bool = False) -> bool:
    """Whether a value is what its column promises and not a reference, a mask or a setting."""
    bare = value.strip("%")
    if not bare or values.says_nothing(bare):
        return False
    if kind == "NAME":
        return says_person(bare)
    if kind == "LOGIN":
        return is_person_login(bare)
    if kind == "DOB":
        return any(c.isdigit() for c in bare)
    if kind == "IP":
        return False
    if kind == "PAY":
        return any(c.isdigit() for c in bare)
    if kind == "PERSON":
        return any(c.isalpha() for c in bare) and not (bare.isupper() and "_" in bare)
    if kind in ("PHONE", "NATID", "CARD", "IBAN"):
        return any(c.isdigit() for c in bare)
    if kind == "EMAIL":
        return len(bare) > 2
    if kind == "PASSWORD":
        return len(bare) >= 3 and bare.lower() not in ("bytea", "text", "varchar")
    return len(bare) > 1


def _inserted(view: View, match: Any) -> Iterator[Find]:
    span = match.span
    table = view.text[slice(*span(1))]
    names = [n.strip(' \t\r\n"`[]') for n in view.text[slice(*span(3))].split(",")] if span(3) != (-1, -1) else []
    kinds = [column_kind(name) for name in names]
    personal = bool(PERSON_TABLES.fits(table)) or sum(k not in (None, "NAME", "LOGIN") for k in kinds) > 0
    index, depth = 0, 0
    for item in _ITEM.each(view, match.end()):
        if item.span(3) != (-1, -1):
            sign = view.text[slice(*item.span(3))]
            if sign == "(":
                depth += 1
                index = 0 if depth == 1 else index
            elif sign == ")":
                depth -= 1
            elif sign == "," and depth == 1:
                index += 1
            elif sign == ";":
                return
        elif depth == 0 and item.span(4) != (-1, -1):
            return
        elif depth >= 1:
            kind = kinds[index] if index < len(kinds) else None
            yield from _item(view, item, kind, personal=personal, known=index < len(kinds))


def _item(view: View, item: Any, kind: str | None, *, personal: bool, known: bool) -> Iterator[Find]:
    span = item.span
    if span(1) != (-1, -1):
        inner = values.quoted(view, span(1)[0])
        if inner is None:
            return
        value = view.text[slice(*inner)]
        if kind == "NAME" and personal and not values.says_nothing(value):
            yield Find.over(inner, "PERSON", Rank.COLUMN)
        elif kind and kind != "NAME":
            if sensible(kind, value):
                yield Find.over(inner, _TYPE_OF.get(kind, kind), Rank.COLUMN)
        elif unexplained(value):
            yield Find.over(inner, "LITERAL", Rank.GUESS)
    elif span(2) != (-1, -1):
        value = view.text[slice(*span(2))]
        if (kind == "PAY" and len(value) >= 3) or (kind in ("NATID", "CARD", "IBAN", "MEDICAL", "PHONE") and len(value) >= 5):
            yield Find.over(span(2), _TYPE_OF.get(kind, kind), Rank.COLUMN)


def unexplained(value: str) -> bool:
    """Whether a string of an unknown column may be personal: words, names, long digits; not dates, enums, ids."""
    if values.says_nothing(value) or _DATE_VALUE.fits(value) or _INTEGER.fits(value) or _UUID.fits(value):
        return False
    return not _ENUM.fits(value) or (value.isdigit() and len(value) >= 9)


def _copied(view: View, match: Any) -> Iterator[Find]:
    span = match.span
    kinds = [column_kind(n.strip(' "')) for n in view.text[slice(*span(2))].split(",")]
    personal = bool(PERSON_TABLES.fits(view.text[slice(*span(1))])) or any(k not in (None, "NAME", "LOGIN") for k in kinds)
    place: int = match.end()
    while place < len(view) and not view.text.startswith("\\.", place):
        end = view.line_end(place)
        start = place
        for kind, value in zip(kinds, view.text[place:end].split("\t"), strict=False):
            if kind and value != "\\N" and (sensible(kind, value) or (kind == "NAME" and personal)):
                yield Find(start, start + len(value), _TYPE_OF.get(kind, kind), Rank.COLUMN)
            start += len(value) + 1
        place = end + 1
