"""Values that servers, drivers and frameworks print in their messages: keys, rows, bind parameters."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.columns import column_kind, key_kind, placeholder_type
from dbbuddy.privacy.literals import is_day, personal_value, promised, unexplained
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Hit, Pattern, View

_DUPLICATE = Pattern(r"duplicate entry '([^\n]{0,400}?)' for key(?: '([^'\n]{1,200})'| \d+)?")
_KEY = Pattern(r"\bkey \(([^\n=]{1,300}?)\)=\(([^\n]{0,900}?)\)(?: (?:already|is|conflicts|would)|[.,;]|\s|$)")
_DUPLICATE_IN = Pattern(r"(?:constraint|index) '([^'\n]{1,200})'\. [^\n]{0,300}?duplicate key value is \(([^\n]{1,400}?)\)")
_COMMAND_OPTIONS = ("commandtype", "commandtimeout")
_ROW = Pattern(r"(?:row contains|new row|duplicate key value is|key value is) \(([^\n]{1,900})\)")
_QUOTED_VALUE = Pattern(
    r"(?:truncated value: |converting the \w{1,20} value |incorrect (?:\w+ ){1,3}value: |truncated incorrect \w+ value: |"
    r"invalid input syntax for (?:type )?[\w ]{1,40}: |unable to convert string value containing |wrong value: |"
    r"\bcolumn \"?\w{1,63}\"?: |cannot be cast[^\n'\"]{0,40}: |"
    r"invalid (?:date|datetime|number|value|byte sequence)[^\n'\"]{0,40}: |data too long[^\n'\"]{0,60}: |bad value: |for value |got value |: value )"
)
_COPY_LINE = Pattern(r"\bcopy \w{1,63}, line \d+: ")
_BIND_LIST = Pattern(
    r"(?:\bparameters|\bparameter:|\bbinds?|\bbind variables?|\bparams|\bargs|\bbind values?|\bbound parameters|\bbindings)\"?[ \t]{0,3}[:=]{1,2}[ \t]{0,3}[\[({]{0,3}[ \t]{0,3}"
    r"(?:[$:@?]\w{1,30}|\d+[:=]|[\[({'\"N]|[^\s(,]{1,100}[^(\n,]{0,60}\((?:string|integer|long|timestamp|varchar|date))"
)
_HIBERNATE = Pattern(
    r"bind(?:ing)? parameter [\[(]\d{1,3}(?::|\] as \[)[\w ]{1,30}[\])] (?:-|<-) \[([^\n]{0,900}?)\][ \t]*(?:$|\n)"
)
_MYBATIS = Pattern(r"([^\n,()]{1,200})\((?:String|Date|LocalDate|Long|BigDecimal|Timestamp|Clob|Character)\)", case=True)
_TRACED = Pattern(r"(?m)^[ \t]*value=\"([^\"\n]{1,400})\"")
_SHOWPLAN = Pattern(
    r"Parameter(?:Compiled|Runtime)Value=\"\(?N?(?:'([^\"\n]{0,400})'|(?:&apos;|&#39;)([^\"\n]{0,400})(?:&apos;|&#39;))\)?\""
)
_RAILS = Pattern(r"\[\"(\w{1,60})\", \"([^\"\n]{0,400})\"\]")
_COLUMN_VALUES = Pattern(r"column values \(([^\n]{1,900})\)")
_NAMED_STRING = Pattern(r"\b(\w{1,60})[\"']?\s?[:=]\s?'([^'\n]{0,400})'")
_STRING = Pattern(r"'((?:[^'\\\n]|''|\\[^\n])*)'|\"((?:[^\"\\\n]|\\[^\n])*)\"")
_BOUND_COLUMN = Pattern(r"([a-z_]\w{0,60})[\"`\]]?\)?\s{0,3}(?:=|<>|!=|>=|<=|>|<|i?like)\s{0,3}(?:lower\(|upper\()?([$:@]\w{1,30})")
_PARAMETER = Pattern(r"(?:^|[\s,(\[])@(p?\d{1,3}|__\w{1,60}|\w{1,60})\s{0,3}=\s{0,3}(?:N?')")
_GENERATED_NAME = Pattern(r"p?\d{1,3}|__\w+")
_NUMBERS = Pattern(r"-?\d{1,8}(?:\.\d+)?(?:[-, ]+\d{1,8}(?:\.\d+)?)*")
_SPECIFIC = ("EMAIL", "PHONE", "CARD", "IBAN", "NATID", "PERSON", "DOB", "MEDICAL", "ADDRESS")
_LONGEST_LIST = 10_000


def message_values(view: View) -> Iterator[Find]:
    """Values in error messages and in logs of bind parameters."""
    yield from _duplicates(view)
    for hit in _ROW.each(view):
        yield from _row(view, hit)
    for hit in _QUOTED_VALUE.each(view):
        span = values.quoted(view, hit.end())
        if span and view.text[span[0] - 1] != "`" and len(view.text[slice(*span)]) > 1 and _printed(view.text[slice(*span)]):
            yield Find(*span, "LITERAL", Rank.GUESS)
    for hit in _COPY_LINE.each(view):
        span = values.quoted(view, hit.end())
        if span:
            yield from _parts(view, span[0], view.text[slice(*span)], "\t" if "\t" in view.text[slice(*span)] else ",")
    for pattern in (_SHOWPLAN, _HIBERNATE, _TRACED):
        for hit in pattern.each(view):
            group = hit.taken(pattern.groups)
            if unexplained(hit.text(group)) or is_day(hit.text(group)):
                yield Find(*hit.span(group), "LITERAL", Rank.GUESS)
    for hit in _COLUMN_VALUES.each(view):
        for item in _NAMED_STRING.each(view, *hit.span(1)):
            yield from _judged(view, item.span(2), column_kind(item.text(1)))
    for hit in _RAILS.each(view):
        yield from _judged(view, hit.span(2), column_kind(hit.text(1)))
    yield from _bound(view)


def _printed(value: str) -> bool:
    """Whether a value that an error message quotes may be personal."""
    return not _NUMBERS.fits(value) and not value.startswith("\\x") and unexplained(value)


def _judged(view: View, span: tuple[int, int], kind: str | None) -> Iterator[Find]:
    value = view.text[slice(*span)]
    if personal_value(kind, value):
        known = kind if kind and promised(kind, value) else "LITERAL"
        yield Find(*span, placeholder_type(known), Rank.COLUMN if known != "LITERAL" else Rank.GUESS)


def _duplicates(view: View) -> Iterator[Find]:
    for hit in _DUPLICATE.each(view):
        kind = key_kind(hit.text(2))
        if kind in _SPECIFIC or not (_NUMBERS.fits(hit.text(1)) or hit.text(1).isdigit()):
            known = kind in _SPECIFIC
            yield Find(*hit.span(1), placeholder_type(kind) if kind and known else "LITERAL", Rank.COLUMN if known else Rank.GUESS)
    for hit in _DUPLICATE_IN.each(view):
        kind = key_kind(hit.text(1))
        if kind in _SPECIFIC and kind is not None:
            yield Find(*hit.span(2), placeholder_type(kind), Rank.COLUMN)
    for hit in _KEY.each(view):
        names = hit.text(1).split(",")
        place = hit.start(2)
        parts = hit.text(2).split(", ") if len(names) > 1 else [hit.text(2)]
        for index, part in enumerate(parts):
            name = names[min(index, len(names) - 1)].split("::")[0]
            yield from _judged(view, (place, place + len(part)), column_kind(name.replace("lower(", "").replace("upper(", "")))
            place += len(part) + 2


def _row(view: View, hit: Hit) -> Iterator[Find]:
    yield from _parts(view, hit.start(1), hit.text(1), ", ")


def _parts(view: View, place: int, row: str, separator: str) -> Iterator[Find]:
    """The personal fields of a row whose columns are not named."""
    for part in row.split(separator):
        value = part.strip("'\"")
        start = place + (part.find(value) if value else 0)
        if value and (is_day(value) or (not _NUMBERS.fits(value) and personal_value(None, value))):
            yield Find(start, start + len(value), "LITERAL", Rank.GUESS)
        place += len(part) + len(separator)


def _bound(view: View) -> Iterator[Find]:
    columns: dict[str, str] | None = None
    reach = 0
    for hit in _PARAMETER.each(view):
        columns = _bound_columns(view) if columns is None else columns
        span = values.quoted(view, hit.end() - 1)
        kind = column_kind(columns.get("@" + hit.text(1).lower(), hit.text(1)))
        if span and (kind or _GENERATED_NAME.fits(hit.text(1))):
            yield from _judged(view, span, kind)
    for hit in _BIND_LIST.each(view):
        if hit.start() < reach:
            continue
        columns = _bound_columns(view) if columns is None else columns
        reach = view.line_end(hit.start(), _LONGEST_LIST)
        for item in _STRING.each(view, hit.start(), reach):
            if view.text[item.end() : item.end() + 1] != ":":
                name = view.before(item.start(), 50).rstrip("=: N").split(" ")[-1].split(",")[-1].strip("'\"[({")
                if name.lower() in _COMMAND_OPTIONS:
                    break
                yield from _judged(view, item.span(item.taken(2)), column_kind(columns.get(name.lower(), name.lstrip(":@$"))))
        for item in _MYBATIS.each(view, hit.start(), reach):
            value = item.text(1).rpartition(": ")[2].strip()
            if personal_value(None, value):
                yield Find(item.end(1) - len(value), item.end(1), "LITERAL", Rank.GUESS)


def _bound_columns(view: View) -> dict[str, str]:
    """Which column each parameter is compared with in the statements of the text."""
    return {hit.text(2).lower(): hit.text(1) for hit in _BOUND_COLUMN.each(view)}
