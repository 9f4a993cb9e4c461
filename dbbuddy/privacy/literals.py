"""Literals of personal columns in SQL, plans and logs: comparisons, assignments, INSERT lists, COPY blocks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from dbbuddy.privacy import values
from dbbuddy.privacy.columns import PEOPLE_TABLE, column_kind, personal_names, placeholder_type
from dbbuddy.privacy.people import is_family_name, is_person_login, says_person
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Hit, Pattern, View

_COMPARED = (
    r")(?:[\"'`\])]|\\[\"']|&quot;){0,4}(?:::\w+(?: \w+)?(?:\(\d+\))?)?\)*\s{0,10}"
    r"(=>|<>|!=|>=|<=|!~~?\*?|~~?\*?|=|>|<|:|\b(?:not )?i?like\b|\brlike\b|\bregexp\b|\b(?:not )?in\b|\b(?:not )?between\b|\bis distinct from\b)\s{0,10}"
    r"(?:any|all|some)?\s{0,3}(\(?)\s{0,10}(?:(?:binary|date|timestamp|lower|upper|to_date|cast|concat|convert|isnull|unistr|to_char|scalar operator)\b\s?\(?)?(?:n?varchar[^,()]{0,20}(?:\(\d+\))?,)?\s{0,10}"
)
_MORE = Pattern(r"[\"']?\)?(?:::\w+(?:\[\])?)?\s{0,10}(?:,|\band\b)\s{0,10}(?:date |lower\(|upper\(|to_date\()?")
_NUMBER = Pattern(r"-?\d[\d,]*(?:\.\d+)?\b")
_BARE = Pattern(
    r"[^\s,;|&<>(){}\[\]\"'`]{1,200}(?: (?:van |von |de |der |den |del |di |da |la |le |el ){0,2}[A-Z][A-Za-z'-]{1,30}){0,3}",
    case=True,
)
_INSERT = Pattern(
    r"\b(?:insert|replace|upsert)\s{1,10}(?:ignore\s{1,10}|all\s{1,10}|into\s{1,10}|overwrite\s{1,10}|low_priority\s{1,10}|delayed\s{1,10}){0,4}(?:table\s{1,10})?"
    r"([\w.\"`\[\]#$]{1,200})\s{0,10}(?:as\s{1,5}\w{1,30}\s{0,5})?(?:\(([^()]{1,900})\))?[^;'()]{0,120}?\bvalues?\s{0,10}"
)
_STRING = r"(?:[NEBX]|_utf8mb4|U&)?'(?:[^'\\\n]|''|\\[^\n])*'"
_ITEM = Pattern(r"\s*(?:(" + _STRING + r")|(-?\d[\w.]*)|([(),;])|([^\s'(),;]+|'))")
_WORDS_WITHOUT_COMMA = 4
_VALUES_TABLE = Pattern(r"(?m)(?:\b(?:from|using|join)\s{0,5}\(\s{0,5}|^[ \t]*)values\s{0,10}")
_ALIAS = Pattern(r"\s{0,5}\)?\s{0,5}(?:as\s{1,5})?[\w\[\]\"]{1,60}\s{0,5}\(([^()]{1,900})\)")
_ELEMENT = Pattern(r"<([A-Za-z][\w.:-]{0,60})(?:\s[^<>\n]{0,200})?>\s{0,20}([^<>\n]{1,300})</")
_COPY = Pattern(r"(?m)^copy\s+([\w.\"]{1,200})\s*\(([^()]{1,900})\)\s+from\s+stdin[^\n]*\n")
_DATE = Pattern(r"(?:\d{4}-\d\d?-\d\d?|\d\d?[./-](?:\d\d?|[a-z]{3})[./-]\d{2,4})(?:[ t][\d:.+z -]*)?")
_DAY = Pattern(r"(?:19|20)\d\d-\d\d?-\d\d?|\d\d?[./-](?:\d\d?|[a-z]{3})[./-](?:19|20)\d\d")
_NUMERIC = Pattern(r"-?\d{1,8}(?:\.\d+)?|\d{1,3}(?:,\d{3})*(?:\.\d+)?")
_UUID = Pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:\\x|0x)[0-9a-f]*")
_ENUM = Pattern(r"--?[A-Za-z][^\s']*|[A-Z0-9_]{1,40}|[a-z0-9_.:/-]{1,40}|[A-Z]?[a-z]+/[A-Z][A-Za-z_]+", case=True)
_JSON = Pattern(r"\s*[\[{][\[{\s]*(?:\"|'|\d|\]|\}|true|false|null)[^\n]*")
_ORDERS = ("<", ">", "<=", ">=")
_FEWEST_DIGITS = {"PHONE": 6, "NATID": 5, "CARD": 13, "IBAN": 5, "MEDICAL": 2}
_FEWEST_QUOTED = {"PHONE": 6, "NATID": 2, "CARD": 8, "IBAN": 4}
_PERSON_WORDS = Pattern(r"[A-Z][a-z'-]+(?: [A-Za-z][a-z'-]*(?:[A-Z][a-z]+)?)*", case=True)
_PERSON_TEXT = Pattern(r"[\w][\w' .,()-]{0,100}")
_PLACE_TEXT = Pattern(r"[\w#][^\n]{0,60} [^\n]{1,160}|[A-Z][a-z'-]{2,40}", case=True)
_COLUMN_REFERENCE = Pattern(r"[a-z]{1,3}\.[a-z]*(?:[A-Z]\w*|_\w*)?", case=True)
_LONG_NUMBER = ("NATID", "CARD", "IBAN", "MEDICAL", "PHONE")
_RECENT_YEAR = 2020


@cache
def _compared_columns() -> Pattern:
    return Pattern(r"\b(" + personal_names() + _COMPARED)


def literals(view: View) -> Iterator[Find]:
    """Values that stand beside the name of a personal column."""
    for hit in _compared_columns().each(view):
        if kind := column_kind(hit.text(1)):
            yield from _compared(view, hit, kind)
    for hit in _ELEMENT.each(view):
        kind = column_kind(hit.text(1))
        if kind and kind != "NAME" and promised(kind, hit.text(2).strip()):
            yield Find(*hit.span(2), placeholder_type(kind), Rank.COLUMN)
    reach = 0
    finds: list[Find] = []
    for hit in _INSERT.each(view):
        if hit.start() >= reach:
            reach = _inserted(view, hit, finds)
    yield from finds
    for hit in _VALUES_TABLE.each(view):
        if hit.start() >= reach:
            yield from _selected(view, hit)
    for hit in _COPY.each(view):
        yield from _copied(view, hit)


def _compared(view: View, hit: Hit, kind: str) -> Iterator[Find]:
    operator, place = hit.text(2).lower(), hit.end()
    several = bool(hit.text(3)) or "between" in operator
    if operator == ":" and view.text[place : place + 1] == values.open_quote(view, place) != "":
        return
    for _ in range(500):
        span = values.quoted(view, place)
        if span is None:
            yield from _unquoted(view, place, kind, operator)
            return
        value = view.text[slice(*span)]
        if (
            promised(kind, value)
            and not (operator in _ORDERS and (kind not in ("DOB", "PAY") or value.endswith("-01-01")))
            and not _is_pattern(operator, value)
            and not (operator in (":", "<", ">") and kind == "LOGIN" and " " in value)
        ):
            yield Find(*span, placeholder_type(kind), Rank.COLUMN)
        more = _MORE.at(view, span[1] + 1) if several else None
        if more is None:
            return
        place = more.end()


def _is_pattern(operator: str, value: str) -> bool:
    """Whether a value compared by a regular expression is one."""
    return operator.lstrip("!") in ("~", "~*", "regexp", "rlike") and any(c in value for c in "[]^$\\|{}")


def _unquoted(view: View, place: int, kind: str, operator: str) -> Iterator[Find]:
    number = _NUMBER.at(view, place)
    if number is not None and view.text[number.end() : number.end() + 1] not in ("-", "/", ".", "_", ":", "+"):
        if promised_number(kind, number.text()):
            yield Find(*number.span(), placeholder_type(kind), Rank.COLUMN)
        return
    bare = _BARE.at(view, place) if operator in ("=", ":", "=>") else None
    if bare is None:
        return
    value = bare.text().rstrip(".,:")
    if kind in ("LOGIN", "EMAIL", "PHONE", "NATID", "CARD", "IBAN", "DOB", "MEDICAL"):
        value = value.split(" ")[0]
    if not values.says_nothing(value) and _bare_value(kind, value):
        yield Find(bare.start(), bare.start() + len(value), placeholder_type(kind), Rank.COLUMN)


def _bare_value(kind: str, value: str) -> bool:
    """Whether an unquoted word is a value of its kind; it could be another column's name as well."""
    if kind in _FEWEST_DIGITS:
        return sum(c.isdigit() for c in value) >= _FEWEST_DIGITS[kind]
    if kind == "PERSON":
        return value[:1].isupper() and value[1:2].islower() and _PERSON_WORDS.fits(value)
    if kind == "LOGIN":
        return is_person_login(value) and (not _COLUMN_REFERENCE.fits(value) or is_family_name(value.rpartition(".")[2]))
    if kind == "NAME":
        return " " in value and says_person(value)
    return "@" in value[1:] if kind == "EMAIL" else kind == "DOB" and _DATE.fits(value)


def promised(kind: str, value: str) -> bool:
    """Whether a string is what its column promises and not a reference, a mask or a setting."""
    inner = value.strip("%")
    if not inner or values.says_nothing(inner):
        return False
    if kind == "NAME":
        return says_person(inner)
    if kind == "LOGIN":
        return is_person_login(inner)
    if kind == "PERSON":
        return _PERSON_TEXT.fits(inner)
    if kind == "EMAIL":
        return ("@" in inner and any(c.isalnum() for c in inner)) or is_person_login(inner)
    if kind == "PASSWORD":
        return len(inner) > 2
    if kind == "ADDRESS":
        return _PLACE_TEXT.fits(inner)
    if kind == "MEDICAL":
        return len(inner) > 1
    return sum(c.isdigit() for c in inner) >= _FEWEST_QUOTED.get(kind, 1)


def promised_number(kind: str, value: str) -> bool:
    """Whether a number is what its column promises: pay, or the digits of a number given to a person."""
    digits = sum(c.isdigit() for c in value)
    return digits >= 3 if kind == "PAY" else kind in _LONG_NUMBER and digits >= max(5, _FEWEST_DIGITS[kind])


def unexplained(value: str) -> bool:
    """Whether a string of an unknown column may be personal: words, names, long digits; not dates, enums, ids, documents."""
    if (
        values.says_nothing(value)
        or value.startswith("@")
        or _DATE.fits(value)
        or _NUMERIC.fits(value)
        or _UUID.fits(value)
        or _JSON.fits(value)
    ):
        return False
    return not _ENUM.fits(value) or (value.isdigit() and len(value) >= 9)


def is_day(value: str) -> bool:
    """Whether a value is a plain date of years ago, as birth dates are and time stamps of the data hardly."""
    if not _DAY.fits(value):
        return False
    year = value[:4] if value[:4].isdigit() else value[-4:]
    return int(year) <= _RECENT_YEAR


def personal_value(kind: str | None, value: str) -> bool:
    """Whether a value printed without its statement is to go: as its column promises, or because nothing explains it."""
    return bool(kind and promised(kind, value)) or unexplained(value) or is_day(value) or "@" in value.strip("@")


def _inserted(view: View, hit: Hit, finds: list[Find]) -> int:
    """Collect the literals of the lists behind VALUES; returns where they end."""
    kinds = [column_kind(name) for name in hit.text(2).split(",")] if hit.has(2) else []
    personal = PEOPLE_TABLE.fits(hit.text(1)) or any(kind not in (None, "NAME", "LOGIN") for kind in kinds)
    cells, end = _listed(view, hit.end())
    for index, item in cells:
        finds.extend(_item(view, item, kinds[index] if index < len(kinds) else None, personal=personal, named=bool(kinds)))
    return end


def _selected(view: View, hit: Hit) -> Iterator[Find]:
    """The literals of a table made of VALUES, whose columns are named behind it."""
    cells, end = _listed(view, hit.end())
    alias = _ALIAS.at(view, end - 1) or _ALIAS.at(view, end)
    kinds = [column_kind(name) for name in alias.text(1).split(",")] if alias else []
    for index, item in cells:
        yield from _item(view, item, kinds[index] if index < len(kinds) else None, personal=any(kinds), named=bool(kinds))


def _listed(view: View, place: int) -> tuple[list[tuple[int, Hit]], int]:
    """The items of the lists in parentheses from `place` on, each with its place in its list, and where they end."""
    cells: list[tuple[int, Hit]] = []
    index, depth, words, end = 0, 0, 0, place
    for item in _ITEM.each(view, place):
        sign = item.text(3)
        words = words + 1 if item.has(4) else 0
        depth += (sign == "(") - (sign == ")")
        if sign == ";" or (depth == 0 and item.has(4)) or words > _WORDS_WITHOUT_COMMA or depth < 0:
            break
        end = item.end()
        if sign:
            index = 0 if sign == "(" and depth == 1 else index + (sign == "," and depth == 1)
        elif depth >= 1:
            cells.append((index, item))
    return cells, end


def _item(view: View, item: Hit, kind: str | None, *, personal: bool, named: bool) -> Iterator[Find]:
    if item.has(2):
        if kind and promised_number(kind, item.text(2)):
            yield Find(*item.span(2), placeholder_type(kind), Rank.COLUMN)
        return
    span = values.quoted(view, item.start(1)) if item.has(1) else None
    if span is None:
        return
    value = view.text[slice(*span)]
    if kind and (promised(kind, value) or (kind == "NAME" and personal and not values.says_nothing(value))):
        yield Find(*span, placeholder_type(kind), Rank.COLUMN)
    elif kind not in ("LOGIN", "PASSWORD") and (unexplained(value) or (not named and is_day(value))):
        yield Find(*span, "LITERAL", Rank.GUESS)


def _copied(view: View, hit: Hit) -> Iterator[Find]:
    kinds = [column_kind(name) for name in hit.text(2).split(",")]
    personal = PEOPLE_TABLE.fits(hit.text(1)) or any(kind not in (None, "NAME", "LOGIN") for kind in kinds)
    place = hit.end()
    while place < len(view) and not view.text.startswith("\\.", place):
        end = view.line_end(place)
        start = place
        for kind, value in zip(kinds, view.text[place:end].split("\t"), strict=False):
            wanted = kind and value != "\\N" and (promised(kind, value) or (kind == "NAME" and personal))
            if kind and wanted:
                yield Find(start, start + len(value), placeholder_type(kind), Rank.COLUMN)
            start += len(value) + 1
        place = end + 1
