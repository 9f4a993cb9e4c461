"""Passwords and keys in SQL: clauses of user and credential statements, arguments of cryptographic functions and procedures."""

from __future__ import annotations

import string
from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank, password
from dbbuddy.privacy.view import Hit, Pattern, View, any_of
from dbbuddy.privacy.words import words

_GAP = r"[ \t\r\n]{1,20}"
_ROOM = r"[ \t\r\n]{0,20}"
_IDENTIFIED = Pattern(
    r"\bidentified" + _GAP + r"(?:by(?:" + _GAP + r"(?:password|values))?|"
    r"(?:with|via)" + _GAP + r"[\"'`]?\w+[\"'`]?" + _GAP + r"(?:by|as|using)(?:" + _GAP + r"password" + _ROOM + r"\(?)?)" + _ROOM
)
_PASSWORD = Pattern(
    r"\b(?:(?:old_|new_|master_|source_)?password(?:"
    + _GAP
    + r"for"
    + _GAP
    + r"[^\s=]{1,120})?"
    + _ROOM
    + r"(?:="
    + _ROOM
    + r"(?:old_)?(?:password)?"
    + _ROOM
    + r"\(?)?|"
    r"by" + _GAP + r"password" + _ROOM + "=|(?:secret|key_source|identity_value)" + _ROOM + "=)" + _ROOM
)
_KEY_CLAUSE = Pattern(
    r"\b(?:secret|secret_access_key|secret_key|access_key|access_key_id|key_id|api_key|api_token|token|session_token|private_key|account_key|"
    r"sas_token|passphrase|credentials)" + _GAP + r"(?:=>?" + _ROOM + r")?('(?:[^'\\\n]|'')*')"
)
_REPLACE = Pattern(
    r"\bidentified" + _GAP + "by" + _GAP + r"(?:\"[^\"\n]{1,128}\"|'[^'\n]{1,128}'|[^\s;'\"]{1,128})" + _GAP + "replace" + _GAP
)
_WORD = Pattern(r"[^\s;,()'\"`<>]{1,128}")
_HEXADECIMAL = Pattern(r"0x[0-9A-F]{16,}")
_NAME_SIGNS = string.ascii_letters + string.digits + "_-.#$"
_SHORTEST_HASH = 12
_USER_STATEMENT = Pattern(r"\b(?:user|role|link|grant|connect|keystore|key|set|alter|create|wallet|profile|schema)\b")
_NOT_A_PASSWORD = words("not_a_password")
_SECRET_ARGUMENTS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(words("secret_first_argument"), (1,)),
    **dict.fromkeys(words("secret_second_argument"), (2,)),
    **dict.fromkeys(words("secret_third_argument"), (3,)),
    "create_aws_credentials": (1, 2, 3),
    "encrypt_iv": (2, 3),
    "decrypt_iv": (2, 3),
    "sp_password": (1, 2),
    "sp_addlinkedsrvlogin": (5,),
}
"""Which arguments of a function or procedure are secrets, counted from 1; named arguments tell themselves."""
_CALL = Pattern(
    r"\b((?:\w{1,40}\.){0,3}(\w*credential\w*|(?:\w*_)?login(?:_\w*)?|\w*(?:authenticate|check_pass|verify_pass|validate_user)\w*|dbms_crypto\.\w+|"
    + any_of(name.rpartition(".")[2] for name in _SECRET_ARGUMENTS)
    + r"))[ \t]*\([ \t]*"
)
_PROCEDURE = Pattern(r"\b(?:exec|execute|call)?[ \t]*((?:\w{1,40}\.){0,2}(sp_\w{4,40}))[ \t]+(?:['\"N@])")
_CHECKS_LOGIN = Pattern("login|authenticate|check_pass|verify_pass|validate_user")
_ARGUMENT = Pattern(
    r"\s{0,20}(?:(@?\w+)\s{0,5}(?:=>|=)\s{0,5})?"
    r"([NEBRU]?'(?:[^'\\\n]|''|\\[^\n])*'|\"(?:[^\"\\\n]|\"\"|\\[^\n])*\"|\$\$[^$]{0,200}\$\$|"
    r"[^\s,;()'\"]{1,200}(?:\((?:[^()\n]|\([^()\n]*\))*\))?)(?:::\w+)?\s{0,20}(,|\)|;|$|\n)"
)
_CODEC = words("codecs")
_OPENROWSET = Pattern(r"openrowset\s*\([^;()]{0,120}'([^';\n]{1,120})'\s*;\s*'[^';\n]{1,120}'\s*;\s*'([^'\n]{1,128})'")
_PROSE_BEFORE = ("by", "using", "the", "his", "your", "my", "for", "_", "a", "wrong", "is", "your")


def sql_passwords(view: View) -> Iterator[Find]:
    """Passwords in statements that set them and in functions that take a key."""
    for hit in _IDENTIFIED.each(view):
        yield from _identified(view, hit)
    for hit in _PASSWORD.each(view):
        yield from _clause(view, hit)
    for hit in _KEY_CLAUSE.each(view):
        value = hit.text(1)[1:-1]
        if len(value) >= 8 and values.looks_random(value) and not values.says_nothing(value):
            yield Find(hit.start(1) + 1, hit.end(1) - 1, "TOKEN", Rank.SECRET)
    for hit in _REPLACE.each(view):
        if span := values.quoted(view, hit.end()):
            yield password(span)
        elif word := _WORD.at(view, hit.end()):
            yield password(word.span())
    for pattern in (_CALL, _PROCEDURE):
        for hit in pattern.each(view):
            full, name = hit.text(1).lower(), hit.text(2).lower()
            wanted = _SECRET_ARGUMENTS.get(full) or _SECRET_ARGUMENTS.get(name, ())
            if not wanted and _CHECKS_LOGIN.within(name):
                wanted = (2,)
            if wanted or "credential" in name or full.startswith("dbms_crypto"):
                yield from _arguments(view, hit.end() - (pattern is _PROCEDURE), wanted)
    for hit in _OPENROWSET.each(view):
        yield Find(*hit.span(1), "HOST", Rank.NETWORK)
        yield password(hit.span(2))


def _identified(view: View, hit: Hit) -> Iterator[Find]:
    span = values.quoted(view, hit.end())
    if span is None:
        word = _WORD.at(view, hit.end())
        statement = view.text[max(0, hit.start() - 200) : hit.start()]
        if word is None or word.text().lower() in _NOT_A_PASSWORD or statement[-1:] == "(" or not _USER_STATEMENT.within(statement):
            return
        span = word.span()
    value = view.text[slice(*span)]
    bare = view.text[span[0] - 1] not in "\"'`$"
    names_scheme = hit.text().rstrip().lower().endswith(" as") and len(value) < _SHORTEST_HASH
    if not names_scheme and not values.says_nothing(value, bare=bare):
        yield password(span)


def _clause(view: View, hit: Hit) -> Iterator[Find]:
    head = hit.text().lower()
    span = values.quoted(view, hit.end())
    if span is None:
        hexadecimal = _HEXADECIMAL.at(view, hit.end()) if "=" in head else None
        span = hexadecimal.span() if hexadecimal else None
    if span is None:
        return
    value = view.text[slice(*span)]
    plain = "=" not in head and not head.startswith("by")
    if plain and head[-1] == "d" and view.before(hit.start(), 80).rstrip(_NAME_SIGNS)[-1:] == view.text[hit.end()]:
        return
    if plain and (view.before(hit.start(), 16).lower().rstrip().endswith(_PROSE_BEFORE) or len(value.split()) > 4):
        return
    if head.startswith(("secret", "key_source", "identity")):
        if values.looks_random(value):
            yield Find(*span, "TOKEN", Rank.SECRET)
    elif not values.says_nothing(value):
        yield password(span)


def _arguments(view: View, place: int, wanted: tuple[int, ...]) -> Iterator[Find]:
    for index in range(1, 13):
        hit = _ARGUMENT.at(view, place, min(len(view), place + values.LONGEST))
        if hit is None:
            return
        label = hit.text(1).lower()
        named = "pass" in label or label.endswith(("pwd", "key", "secret"))
        span = values.quoted(view, hit.start(2)) if named or (not label and index in wanted) else None
        if span is not None:
            value = view.text[slice(*span)]
            if len(value) >= 3 and value.lower() not in _CODEC and not values.says_nothing(value):
                yield password(span)
        if hit.text(3) != ",":
            return
        place = hit.end()
