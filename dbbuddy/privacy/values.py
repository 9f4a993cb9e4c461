"""How values are written down: quoted, in braces, bare; and which of them only point to a value kept elsewhere."""

from __future__ import annotations

from dbbuddy.privacy.view import Pattern, View

LONGEST = 4096

_QUOTED = {
    "'": Pattern(r"'((?:[^'\\\n]|''|\\[^\n])*)'"),
    '"': Pattern(r'"((?:[^"\\\n]|""|\\[^\n])*)"'),
    "`": Pattern(r"`([^`\n]*)`"),
}
_UNESCAPED = {"'": Pattern(r"'((?:[^'\n]|'')*)'"), '"': Pattern(r'"((?:[^"\n]|"")*)"')}
_ESCAPED_QUOTE = Pattern(r"\\+([\"'])")
_DOLLAR = Pattern(r"\$([A-Za-z_]\w{0,30})?\$")
_PREFIX = Pattern(r"(?:[NEBRFU]|U&|_utf8mb4|_utf8|_latin1|q)['\"]")
_WORD = Pattern(r"\S+")
_STOP = Pattern(r"[,;&|] ?[\w.@-]{1,40} ?(?:=[^=]|:[ \"'])|[);\]}]+[.,;]?(?:\s|$|[\"'`])|\)\(|\)\)|\\[nrt][A-Z\s\"']|\\n")
_TRAILING = ".,;:)]}>|"

_REFERENCE = Pattern(
    r"\$\{[^}]*\}|\$\(.*|\$[A-Za-z_]\w*|\$\w+:\w+|\$\d+|%[A-Za-z_]\w*%|%[sdrv]|%\(\w+\)s|\{\{.*|\{[\w.]*\}|#\{.*|@[\w.]+@|@@?[A-Za-z_]\w*|"
    r":[a-z_]\w*|&&?[a-z_]\w*\.?|\?+|<[^<>]{0,60}>?|\[[\w -]{0,40}\]?|\((?:null|none|hidden|redacted|empty|not set)\)|[*xX.#\x7f-]{3,}|"
    r"(?:process\.)?env[.\[(].*|os\.(?:environ|getenv).*|getenv\(.*|system\.getenv.*|env\(.*|secret\(.*|"
    r"(?:var|local|data|module|each|self|this|config|conf|cfg|settings|options|opts|args|params|props|request|req|ctx|random_password|"
    r"Rails|ENV|app|environment|configuration|secrets|vault|values)(?:[.\[(]|->)[\w.\[\]\"'()>-]*|"
    r"!(?:vault|ref|sub|getatt|secret|env|reference)\b.*|vault:.*|ref\+.*|sm://.*|arn:aws:(?:secretsmanager|ssm|kms):.*|"
    r"\{\{resolve:.*|/(?:run|etc|var|home|opt|usr|mnt|tmp|app|srv|root)/[\w./-]*|[a-z]:\\.*|file:.*|@Microsoft\.KeyVault.*|ENC\(.*|"
    r"[\w.]+\(.*\)|(?:new|await|function|lambda|return|str|string|varchar2?|nvarchar2?|char|text|bytea|int|integer|bool|boolean|optional)\b.*"
)
_EMPTY_WORDS = frozenset(
    [
        "yes",
        "no",
        "y",
        "n",
        "true",
        "false",
        "on",
        "off",
        "null",
        "none",
        "nil",
        "undefined",
        "required",
        "optional",
        "prefer",
        "allow",
        "disable",
        "disabled",
        "enable",
        "enabled",
        "never",
        "always",
        "default",
        "md5",
        "scram-sha-256",
        "trust",
        "peer",
        "ident",
        "cert",
        "reject",
        "gss",
        "sspi",
        "ldap",
        "pam",
        "radius",
        "bsd",
        "hidden",
        "redacted",
        "masked",
        "removed",
        "omitted",
        "filtered",
        "empty",
        "unset",
        "unknown",
        "force",
        "force_plus_permanent",
        "externally",
        "globally",
        "expire",
        "expired",
        "missing",
        "invalid",
        "wrong",
        "incorrect",
        "accepted",
        "rejected",
        "failed",
        "ok",
        "fail",
        "success",
        "correct",
        "not",
        "is",
        "was",
        "the",
        "a",
        "an",
        "and",
        "or",
        "has",
        "have",
        "set",
        "from",
        "for",
        "of",
        "in",
        "to",
        "with",
        "by",
        "that",
        "this",
        "it",
        "must",
        "should",
        "may",
        "can",
        "cannot",
        "will",
        "protected",
        "auto",
    ]
)


def quoted(view: View, place: int) -> tuple[int, int] | None:
    """The inside of the quoted value that begins at `place` (prefixes as in N'..' allowed); an unclosed one ends with its line."""
    text = view.text
    if _PREFIX.at(view, place):
        place = text.find("'", place, place + 10) if "'" in text[place : place + 10] else text.find('"', place, place + 10)
    char = text[place : place + 1]
    if char in _QUOTED:
        match = _QUOTED[char].at(view, place)
        if match is None and char in _UNESCAPED:
            match = _UNESCAPED[char].at(view, place)
        if match is not None:
            inside: tuple[int, int] = match.span(1)
            return inside if inside[1] - inside[0] <= LONGEST else (inside[0], inside[0] + LONGEST)
        return place + 1, min(view.line_end(place), place + 1 + LONGEST)
    if char == "\\" and (match := _ESCAPED_QUOTE.at(view, place)):
        mark = text[place : match.end()]
        start = match.end()
        end = text.find(mark, start, view.line_end(start))
        return start, end if end >= 0 else min(view.line_end(start), start + LONGEST)
    for mark in ("&quot;", "&#34;", "&apos;", "%22", "%27"):
        if text.startswith(mark, place):
            start = place + len(mark)
            end = text.find(mark, start, min(view.line_end(start), start + LONGEST))
            return (start, end) if end >= 0 else None
    if char == "$" and (match := _DOLLAR.at(view, place)):
        mark = text[place : match.end()]
        end = text.find(mark, match.end(), match.end() + LONGEST)
        return (match.end(), end) if end >= 0 else None
    return None


def bare(view: View, place: int) -> tuple[int, int]:
    """The unquoted value that begins at `place`: up to white space, a quote that was open before, or the next key."""
    match = _WORD.at(view, place)
    if match is None:
        return place, place
    end = match.end()
    opened = enclosing_quote(view, place)
    if opened:
        closing = view.text.find(opened, place, end)
        end = closing if closing >= 0 else end
    stop = _STOP.first(view, place, min(end + 1, len(view)))
    if stop is not None and stop.start() < end and stop.start() > place:
        end = stop.start()
    while end > place + 1 and view.text[end - 1] in _TRAILING and not _balanced(view.text[place:end]):
        end -= 1
    return place, end


def _balanced(value: str) -> bool:
    pairs = {")": "(", "]": "[", "}": "{", ">": "<"}
    return value[-1] in pairs and pairs[value[-1]] in value


def enclosing_quote(view: View, place: int) -> str:
    """The quote sign that was opened on this line before `place` and not closed, or nothing."""
    before = view.before(place, 400)
    opened = ""
    for char in before:
        if not opened and char in "\"'`":
            opened = char
        elif char == opened:
            opened = ""
    return opened


def to_separator(view: View, place: int, separators: str) -> tuple[int, int]:
    """The value from `place` to one of some signs, an open quote or the line's end."""
    limit = min(view.line_end(place), place + LONGEST)
    signs = separators + enclosing_quote(view, place)
    ends = [at for sign in signs if (at := view.text.find(sign, place, limit)) >= 0]
    return place, min([*ends, limit])


def in_braces(view: View, place: int) -> tuple[int, int]:
    """An ODBC value `{...}`, in which `}}` stands for a brace; what follows the brace up to `;` belongs to it."""
    limit = min(view.line_end(place), place + LONGEST)
    close = place
    while True:
        close = view.text.find("}", close + 1, limit)
        if close < 0:
            return to_separator(view, place, ";")
        if view.text.startswith("}}", close):
            close += 1
            continue
        return place, to_separator(view, close, ";")[1]


def says_nothing(value: str) -> bool:
    """Whether a value is a reference, a mask, a word like `null`, or empty."""
    value = value.strip().strip("\"'`")
    return not value or value.lower() in _EMPTY_WORDS or _REFERENCE.fits(value)


def looks_random(value: str) -> bool:
    """Whether a value looks chosen or generated rather than like a word: a digit or sign beside letters, or mixed case."""
    inner = value[1:]
    has_letter = any(c.isalpha() for c in value)
    return (
        len(value) >= 4
        and has_letter
        and (
            any(c.isdigit() for c in value)
            or any(not c.isalnum() and c not in "_-. " for c in value)
            or (inner != inner.lower() and inner != inner.upper())
        )
    )
