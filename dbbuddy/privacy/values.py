"""How values are written down: quoted, in braces, bare; and which of them only point to a value kept elsewhere."""

from __future__ import annotations

from dbbuddy.privacy.view import HIDDEN, Pattern, View
from dbbuddy.privacy.words import words

LONGEST = 2000
"""The longest value that is read, in characters; a longer one is taken out up to here, and the rest as a further value."""

_QUOTED = {
    "'": Pattern(r"'((?:[^'\\\n]|''|\\[^\n])*)'"),
    '"': Pattern(r'"((?:[^"\\\n]|""|\\[^\n])*)"'),
    "`": Pattern(r"`([^`\n]*)`"),
}
_UNESCAPED = {"'": Pattern(r"'((?:[^'\n]|'')*)'"), '"': Pattern(r'"((?:[^"\n]|"")*)"')}
_PREFIX = Pattern(r"(?:[NEBRFUQ]|U&|_utf8(?:mb4)?|_latin1|@)['\"]")
_ESCAPED_QUOTE = Pattern(r"\\+[\"']")
_DOLLAR_QUOTE = Pattern(r"\$(?:[A-Za-z_]\w{0,30})?\$")
_ENTITIES = ("&quot;", "&#34;", "&apos;", "&#39;", "%22", "%27")
_SPACE = Pattern(r"\s")
_STOP = Pattern(
    r"[,;&|] ?[\w.@-]{1,40} ?(?:=[^=]|:[ \"'])|[)\];}]+[.,;]?(?:\s|$|[\"'`])|\)\(|\)\)|\\[nrt](?:[A-Z\s\"']|$)|%26\w|" + HIDDEN
)
_TRAILING = ".,;:)]}>|\\"
_OPENING = {")": "(", "]": "[", "}": "{", ">": "<"}

_REFERENCE = Pattern(
    r"\$\{[^}]*\}?|\$\(.*|\$(?:env|script|global):\w+|%\(\w+\)s|%[sdrv]|\{\{.*|\{(?:[a-z_.]*|\d)\}|#\{.*|@[\w.]+@|<[^<>]{0,60}>?|"
    r"\[[\w -]{0,40}\]?|\((?:null|none|hidden|redacted|empty|not set)\)|[*x.#\x7f-]{3,}|"
    r"(?:process\.)?env[.\[(].*|os\.(?:environ|getenv).*|(?:env|secret|file|sensitive|lookup|getenv|system\.getenv)\(.*|"
    r"!(?:vault|ref|sub|getatt|secret|env|reference)\b.*|vault:.*|ref\+.*|sm://.*|arn:aws:(?:secretsmanager|ssm|kms):.*|"
    r"/(?:run|etc|var|home|opt|usr|mnt|tmp|app|srv|root|secrets)/[\w./-]*|[a-z]:\\.*|file:.*|@microsoft\.keyvault.*|enc\(.*|"
    r"(?:your|my|some|the)[_-]?\w*(?:pass|secret|token|key|pwd)\w*"
)
_CODE = Pattern(
    r"\$[a-z_]+|\$\d+|@@?(?:[a-z_]+|p?\d+)|:(?:[a-z_]+|[a-z]?\d+)|:'\w+'|&&?(?:[a-z_]+|\d+)\.?|\?+|"
    r"(?:var|local|data|module|each|self|this|config|conf|cfg|settings|options|opts|args|params|props|request|req|ctx|random_password|"
    r"rails|env|app|environment|configuration|secrets|vault|values)(?:[.\[(]|->)[\w.\[\]\"'()>-]*|"
    r"[a-z_][\w.]*\([\w.,\"' \[\]]*\)|[a-z_]\w*(?:\[[\"']?\w+[\"']?\]?)+\)?|async\b.*|\(\)? ?=>.*|"
    r"(?:new|await|function|lambda|return)\b[^\n]*[({:].*|"
    r"(?:str|string|n?varchar2?|char|text|bytea|int|integer|bool|boolean|optional)(?:[(\[][^\n]{0,40})?(?: (?:not null|null|default|unique|primary)\b.*)?[,;]?"
)
_SPOKEN_FOR = Pattern(r"\${1,2}[A-Z_][A-Z0-9_]*|%[A-Z_]\w*%|[A-Z]+(?:_[A-Z]+)*_(?:PASSWORD|SECRET|TOKEN|KEY|PW|PWD)", case=True)
_CALL = Pattern(r"[a-z_][\w.]*\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))*\)")
_SAYS_NOTHING = words("says_nothing")


def quoted(view: View, place: int) -> tuple[int, int] | None:
    """The inside of the quoted value that begins at `place`, prefixes as in N'..' allowed; an unclosed one ends with its line."""
    text = view.text
    sign = text[place : place + 1]
    if (sign.isalpha() or sign in ("_", "@")) and (prefix := _PREFIX.at(view, place)):
        place = prefix.end() - 1
        sign = text[place]
    if text.startswith("''", place) and open_quote(view, place) == "'":
        return _doubled(view, place + 2)
    if sign in _QUOTED:
        limit = view.line_end(place, LONGEST)
        hit = _QUOTED[sign].at(view, place, limit)
        if hit is None and sign in _UNESCAPED:
            hit = _UNESCAPED[sign].at(view, place, limit)
        return hit.span(1) if hit else (place + 1, limit)
    if sign == "\\" and (opening := _ESCAPED_QUOTE.at(view, place)):
        return _up_to(view, opening.end(), opening.text())
    if sign == "$" and (opening := _DOLLAR_QUOTE.at(view, place)):
        end = text.find(opening.text(), opening.end(), opening.end() + LONGEST)
        return (opening.end(), end) if end >= 0 else None
    for entity in _ENTITIES if sign in ("&", "%") else ():
        if text.startswith(entity, place):
            return _up_to(view, place + len(entity), entity)
    return None


def _doubled(view: View, start: int) -> tuple[int, int]:
    """A quoted value inside a quoted string, where each of its quotes is written twice."""
    limit = view.line_end(start, LONGEST)
    end = view.text.find("''", start, limit)
    while end >= 0 and view.text.startswith("''''", end):
        end = view.text.find("''", end + 4, limit)
    return start, end if end >= 0 else limit


def _up_to(view: View, start: int, mark: str) -> tuple[int, int]:
    limit = view.line_end(start, LONGEST)
    end = view.text.find(mark, start, limit)
    return start, end if end >= 0 else limit


def bare(view: View, place: int) -> tuple[int, int]:
    """The unquoted value that begins at `place`: up to white space, a quote that was open before, or the next key."""
    text = view.text
    limit = view.line_end(place, LONGEST)
    space = _SPACE.first(view, place, limit)
    end = space.start() if space else limit
    opened = open_quote(view, place)
    if opened and (closing := text.find(opened, place, end)) >= 0:
        end = closing
    stop = _STOP.first(view, place + 1, min(end + 1, len(view))) if end > place else None
    if stop and stop.start() < end:
        end = stop.start()
    while end > place + 1 and text[end - 1] in _TRAILING and _OPENING.get(text[end - 1], "\n") not in text[place:end]:
        end -= 1
    return place, end


def open_quote(view: View, place: int) -> str:
    """The quote sign that was opened on this line before `place` and not closed, or nothing."""
    before = view.before(place, 250)
    at = -1
    while True:
        opened = min((i for sign in "\"'`" if (i := before.find(sign, at + 1)) >= 0), default=-1)
        if opened < 0:
            return ""
        if before[opened] == "'" and _APOSTROPHE.fits(before[max(0, opened - 2) : opened]):
            at = opened
            continue
        at = before.find(before[opened], opened + 1)
        if at < 0:
            return before[opened]


def to_separator(view: View, place: int, separators: str) -> tuple[int, int]:
    """The value from `place` to one of some signs, an open quote or the line's end; a sign that ends an entity does not count."""
    limit = view.line_end(place, LONGEST)
    signs = separators + open_quote(view, place)
    end = min((at for sign in signs if (at := view.text.find(sign, place, limit)) >= 0), default=limit)
    while end < limit and view.text[end] == ";" and _ENTITY_END.within(view.text[max(place, end - 7) : end]):
        end = min((at for sign in signs if (at := view.text.find(sign, end + 1, limit)) >= 0), default=limit)
    return place, end


_APOSTROPHE = Pattern(r"\w\w|[^NEBXU\W]|\W[^NEBXU\W]")
_ENTITY_END = Pattern(r"&(?:#\d{1,5}|#x[0-9a-f]{1,4}|amp|lt|gt|quot|apos)$")


def in_braces(view: View, place: int) -> tuple[int, int]:
    """An ODBC value `{...}`, in which `}}` stands for a brace; what follows the brace up to `;` belongs to it."""
    limit = view.line_end(place, LONGEST)
    close = view.text.find("}", place, limit)
    while close >= 0 and view.text.startswith("}}", close):
        close = view.text.find("}", close + 2, limit)
    return place, to_separator(view, close if close >= 0 else place, ";")[1]


def says_nothing(value: str, *, bare: bool = False) -> bool:
    """Whether a value is a reference, a mask, a word like `null`, or empty; a `bare` one, without quotes, may be code as well."""
    value = value.strip().strip("\"'`")
    return not value or value.lower() in _SAYS_NOTHING or is_reference(value, bare=bare)


def is_call(view: View, place: int) -> bool:
    """Whether an expression like `func(...)` stands at `place`, and nothing more behind its parenthesis."""
    call = _CALL.at(view, place, view.line_end(place, 300)) if "(" in view.text[place : place + 60] else None
    return call is not None and view.text[call.end() : call.end() + 1] in ("", " ", "\n", ",", ";", ")", "\t", '"', "'", "`", ".")


def is_reference(value: str, *, bare: bool = False) -> bool:
    """Whether a value is a variable or a mask rather than the thing itself, or, if it is not quoted, an expression."""
    return _REFERENCE.fits(value) or _SPOKEN_FOR.fits(value) or (bare and _CODE.fits(value))


def looks_random(value: str) -> bool:
    """Whether a value looks chosen or generated rather than like a word: a digit or sign beside letters, or mixed case."""
    if len(value) < 4 or not any(c.isalpha() for c in value):
        return False
    mixed = value[1:] != value[1:].lower() and value != value.upper()
    return mixed or any(c.isdigit() or not (c.isalnum() or c in "_-. ") for c in value)
