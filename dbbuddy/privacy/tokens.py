"""Vendors' tokens, known by prefix, alphabet and length; password hashes; and strings that can only be generated."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

from dbbuddy.data_files import load_yaml
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_JWT = Pattern(
    r"\bey[A-Za-z0-9_-]{8,}\.(?:ey[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{0,600}\.[A-Za-z0-9_-]{8,})(?:\.[A-Za-z0-9_+/=-]*){0,3}", case=True
)
_HASH = Pattern(
    r"\bmd5[0-9a-f]{32}\b|\bscram-sha-(?:1|256|512)\$\d{1,8}:[\w+/=]{8,64}\$[\w+/=]{16,100}:[\w+/=]{16,100}|\*[0-9A-F]{40}\b|"
    r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|d)\$[\w=,$+/.-]{20,300}|\$[156y]\$(?:rounds=\d+\$)?[\w./$]{1,40}\$[\w./]{20,100}|\$A\$\d{3}\$[^\s'\"]{20,120}|"
    r"\bpbkdf2[_:-]?sha\d{1,3}[$:]\d{1,8}[$:][\w./+=-]{4,64}[$:][\w./+=-]{16,128}|\{(?:S?SHA\d{0,3}|SMD5|MD5|CRYPT)\}[\w+/=.$]{16,120}|\b0x0[12]00[0-9A-F]{40,280}\b|\bS:[0-9A-F]{60}(?:;[HT]:[0-9A-F]{32,200}){0,3}|\b[HT]:[0-9A-F]{100,200}"
)
_LONG = Pattern(r"[A-Za-z0-9+/_-]{28,}={0,3}", case=True)
_ALPHABETS = {
    "hex": "[0-9a-f]",
    "HEX": "[0-9A-F]",
    "base36": "[0-9a-z]",
    "BASE36": "[0-9A-Z]",
    "base62": "[0-9A-Za-z]",
    "base64": "[0-9A-Za-z+/=]",
    "base64url": "[0-9A-Za-z_=-]",
    "letters": "[A-Za-z]",
    "digits": "[0-9]",
    "base32": "[A-Z2-7]",
    "dotted": "[0-9A-Za-z_.=-]",
    "word": r"[\w-]",
}


@cache
def _vendor_patterns() -> tuple[Pattern, Pattern | None]:
    tokens: list[dict[str, Any]] = load_yaml("secret_tokens.yaml")
    known = [_pattern(token, prefix) for token in tokens if "prefixes" in token for prefix in token["prefixes"]]
    named = [
        r"(?:" + "|".join(token["names"]) + r")[\w.-]{0,24}[\"']?[ \t]{0,4}(?:=>|:=|=|:|,)[ \t]{0,4}[\"'`]?(" + _tail(token) + r")"
        for token in tokens
        if "names" in token
    ]
    return Pattern("|".join(known), case=True), Pattern("|".join(named)) if named else None


def _tail(token: dict[str, Any]) -> str:
    low, high = (token["length"] + [None])[:2] if isinstance(token["length"], list) else (token["length"], token["length"])
    alphabet = _ALPHABETS[token["alphabet"]]
    return alphabet + "{" + str(low) + ("" if high == low else "," + str(high or 800)) + "}"


def _pattern(token: dict[str, Any], prefix: str) -> str:
    return r"\b" + prefix + _tail(token)


def tokens(view: View) -> Iterator[Find]:
    """Tokens and password hashes by their form."""
    known, named = _vendor_patterns()
    for match in known.each(view):
        yield Find.over(match.span(), "TOKEN", Rank.SECRET)
    if named is not None:
        for match in named.each(view):
            group = next(g for g in range(1, 200) if match.span(g) != (-1, -1))
            yield Find.over(match.span(group), "TOKEN", Rank.SECRET)
    for pattern, kind in ((_JWT, "TOKEN"), (_HASH, "PASSWORD")):
        for match in pattern.each(view):
            yield Find.over(match.span(), kind, Rank.SECRET)
    for match in _LONG.each(view):
        if generated(view.text[slice(*match.span())]):
            yield Find.over(match.span(), "TOKEN", Rank.GUESS)


def generated(text: str) -> bool:
    """Whether a long string changes between lower case, upper case and digits as often as only generated ones do."""
    kinds = ["a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else "-" for c in text.rstrip("=")]
    if not {"a", "A", "0"} <= set(kinds) or kinds.count("-") > len(kinds) / 8:
        return False
    changes = sum(a != b for a, b in itertools.pairwise(kinds))
    return changes >= 0.42 * len(kinds) and kinds.count("0") >= 3 and len(set(text)) >= 14
