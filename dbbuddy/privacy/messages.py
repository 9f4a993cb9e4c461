"""Values that servers, drivers and frameworks print in their messages: keys, rows, bind parameters."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.columns import column_kind
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.sql_literals import sensible, unexplained
from dbbuddy.privacy.view import Pattern, View

_DUPLICATE = Pattern(r"duplicate entry '([^\n]{0,400}?)' for key(?: '([^'\n]{1,200})'| (\d+))?")
_KEY = Pattern(
    r"\bkey \(([^()\n]{1,300})\)=\(([^\n]{0,1000}?)\) (?:already exists|is not present|is still referenced|conflicts|is duplicated|would)"
)
_KEY_SHORT = Pattern(r"\bkey \(([^()\n]{1,300})\)=\(([^()\n]{0,1000})\)")
_ROW = Pattern(r"(?:failing row contains|row contains|new row) \(([^\n]+)\)")
_MS_KEY = Pattern(
    r"(?:duplicate key value is|the statement has been terminated\. key value is|duplicate value[s]? (?:is|are)) \(([^\n]{1,1000}?)\)(?:\.|$|\s)"
)
_QUOTED_VALUE = Pattern(
    r"(?:truncated value: |converting the (?:n?(?:var)?char|varchar|nvarchar) value |incorrect (?:\w+ ){1,3}value: |truncated incorrect \w+ value: |invalid input syntax for (?:type )?[\w ]{1,40}: |invalid input value for enum \w+: |"
    r"unable to convert string value containing |wrong value: |out of range value for column |column \w{1,63}: |cannot be cast[^\n'\"]{0,40}: |invalid (?:date|datetime|number|value|byte sequence)[^\n'\"]{0,40}: |incorrect datetime value: )"
)
_BIND_LIST = Pattern(
    r"(?:\bparameters?|\bbinds?|\bbind variables?|\bparams|\bargs|bind values?|bound parameters|unnamed portal with parameters)\"?[ \t]{0,3}[:=]{1,2}[ \t]{0,3}[\[({]{0,3}[ \t]{0,3}(?:[$:@?]\w{1,30}|\d+[:=]|[\[({'\"]|[^\s(]{1,100}\((?:string|integer|long|timestamp|varchar))"
)
_DOLLAR_BIND = Pattern(r"(?:^|[\s,(\[{:])(?:\$\d{1,3}|[:@]p?\d{1,3}|[:@][a-z_]\w{0,40})[ \t]{0,3}=[ \t]{0,3}")
_HIBERNATE = Pattern(
    r"bind(?:ing)? parameter [\[(](\d{1,3})(?::|\] as \[)([\w ]{1,30})[\])] (?:-|<-) \[([^\n]{0,1000}?)\][ \t]*(?:$|\n)"
)
_MYBATIS = Pattern(
    r"([^\n,()]{1,200})\((?:String|Date|LocalDate|Integer|Long|BigDecimal|Timestamp|Clob|Character|UUID)\)", case=True
)
_ORACLE_BIND = Pattern(r"\bvalue=\"([^\"\n]{1,400})\"")
_SHOWPLAN_PARAMETER = Pattern(
    r"Parameter(?:Compiled|Runtime)Value=\"\(?((?:N?'[^\"\n]{0,400}')|N?(?:&apos;|&#39;)[^\"\n]{0,400}(?:&apos;|&#39;))\)?\""
)
_JSON_PAIR = Pattern(r"[\"']([A-Za-z_]\w{0,60})[\"'][ \t]*(?::|=>|,)[ \t]*([\"'])")
_RAILS = Pattern(r"\[\"(\w{1,60})\", \"([^\"\n]{0,400})\"\]")
_LIST_LIMIT = 20_000
_STRING_ITEM = Pattern(r"(?:'((?:[^'\\\n]|''|\\[^\n])*)'|\"((?:[^\"\\\n]|\\[^\n])*)\")")
_BOUND_COLUMN = Pattern(r"([a-z_]\w{0,60})[\"`\]]?\)?\s{0,3}(?:=|<>|!=|>=|<=|>|<|i?like)\s{0,3}(?:lower\(|upper\()?([$:@]\w{1,30})")
_PURE_NUMBER = Pattern(r"[\d.,: +-]{1,30}")
_NUMBERS_ONLY = Pattern(r"-?\d{1,8}(?:[-, ]+\d{1,8})*")


def message_values(view: View) -> Iterator[Find]:
    """Values in error messages and in logs of bind parameters."""
    for match in _DUPLICATE.each(view):
        value = view.text[slice(*match.span(1))]
        key = view.text[slice(*match.span(2))] if match.span(2) != (-1, -1) else ""
        kind = column_kind(key.rpartition(".")[2].replace("uq_", "").replace("uk_", "").replace("idx_", "").replace("_unique", ""))
        if not _NUMBERS_ONLY.fits(value) or kind in ("NATID", "PHONE", "CARD", "IBAN"):
            yield Find.over(
                match.span(1),
                kind if kind in ("EMAIL", "PHONE", "NATID", "CARD", "IBAN", "PERSON") else "LITERAL",
                Rank.COLUMN if kind else Rank.GUESS,
            )
    for pattern in (_KEY, _KEY_SHORT):
        for match in pattern.each(view):
            yield from _key_values(view, match)
    for pattern in (_ROW, _MS_KEY):
        for match in pattern.each(view):
            yield from _row(view, *match.span(1))
    for match in _QUOTED_VALUE.each(view):
        span = values.quoted(view, match.end())
        if span and len(view.text[slice(*span)]) > 1 and not _NUMBERS_ONLY.fits(view.text[slice(*span)]):
            yield Find.over(span, "LITERAL", Rank.GUESS)
    for match in _SHOWPLAN_PARAMETER.each(view):
        start, end = match.span(1)
        text = view.text[start:end]
        lead = 2 if text[0] == "N" and text[1] == "'" else 1 if text[0] == "'" else text.find(";") + 1
        tail = 1 if text[-1] == "'" else len(text) - text.rfind("&")
        if unexplained(view.text[start + lead : end - tail]):
            yield Find(start + lead, end - tail, "LITERAL", Rank.GUESS)
    yield from _bound(view)


def _key_values(view: View, match: object) -> Iterator[Find]:
    span = match.span  # type: ignore[attr-defined]
    names = [n.strip() for n in view.text[slice(*span(1))].split(",")]
    start, end = span(2)
    parts = view.text[start:end].split(", ") if len(names) > 1 else [view.text[start:end]]
    for index, part in enumerate(parts):
        name = names[min(index, len(names) - 1)]
        kind = column_kind(name.replace("lower(", "").replace("upper(", "").split("::")[0].strip('()"'))
        if (kind and sensible(kind, part)) or unexplained(part):
            yield Find(
                start,
                start + len(part),
                {"PAY": "LITERAL", "LOGIN": "PERSON", "NAME": "PERSON"}.get(kind or "LITERAL", kind or "LITERAL"),
                Rank.COLUMN,
            )
        start += len(part) + 2


def _row(view: View, start: int, end: int) -> Iterator[Find]:
    for part in view.text[start:end].split(", "):
        value = part.strip("'\"")
        lead = part.find(value) if value else 0
        if (
            value
            and not values.says_nothing(value)
            and not _NUMBERS_ONLY.fits(value)
            and (unexplained(value) or _old_date(value) or "@" in value)
        ):
            yield Find(start + lead, start + lead + len(value), "LITERAL", Rank.GUESS)
        start += len(part) + 2


def _old_date(value: str) -> bool:
    return len(value) == 10 and value[:2] in ("19", "20") and value[4] == "-" and value[:4].isdigit() and int(value[:4]) < 2012


def _bound(view: View) -> Iterator[Find]:
    columns: dict[str, str] = {}
    listed = _BIND_LIST.first(view) is not None
    if listed:
        for match in _BOUND_COLUMN.each(view):
            columns.setdefault(view.text[slice(*match.span(2))].lower(), view.text[slice(*match.span(1))])
    for match in _BIND_LIST.each(view):
        start = match.start()
        end = min(view.line_end(start), start + _LIST_LIMIT)
        for item in _STRING_ITEM.each(view, start, end):
            group = 1 if item.span(1) != (-1, -1) else 2
            inner = item.span(group)
            value = view.text[slice(*inner)]
            before = view.before(item.start(), 50).rstrip()
            if view.text[item.end() : item.end() + 1] == ":":
                continue
            name = before.rstrip("=: ").split(" ")[-1].split(",")[-1].strip("'\"[({")
            kind = column_kind(columns.get(name.lower(), name.lstrip(":@$")))
            if (
                (kind and sensible(kind, value))
                or unexplained(value)
                or (not kind and value[:1].isalpha() and not value.islower() and not value.isupper())
                or _old_date(value)
            ):
                yield Find.over(
                    inner,
                    {"PAY": "LITERAL", "LOGIN": "PERSON", "NAME": "PERSON"}.get(kind or "LITERAL", kind or "LITERAL"),
                    Rank.COLUMN,
                )
        for item in _MYBATIS.each(view, start, end):
            value = view.text[slice(*item.span(1))].rpartition(": ")[2].strip()
            if value and (unexplained(value) or _old_date(value)):
                yield Find(item.end(1) - len(value), item.end(1), "LITERAL", Rank.GUESS)
    for match in _HIBERNATE.each(view):
        value = view.text[slice(*match.span(3))]
        if value and (unexplained(value) or _old_date(value)):
            yield Find.over(match.span(3), "LITERAL", Rank.GUESS)
    for match in _RAILS.each(view):
        kind = column_kind(view.text[slice(*match.span(1))])
        value = view.text[slice(*match.span(2))]
        if (kind and sensible(kind, value)) or unexplained(value):
            yield Find.over(
                match.span(2),
                {"PAY": "LITERAL", "LOGIN": "PERSON", "NAME": "PERSON"}.get(kind or "LITERAL", kind or "LITERAL"),
                Rank.COLUMN,
            )
