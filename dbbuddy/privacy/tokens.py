"""Vendors' tokens, known by prefix, alphabet and length; password hashes; and strings that can only be generated."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

from dbbuddy.data_files import load_yaml
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_ALPHABETS = {
    "digits": "[0-9]",
    "hex": "[0-9a-f]",
    "hexany": "[0-9a-fA-F]",
    "base36": "[0-9a-z]",
    "BASE36": "[0-9A-Z]",
    "base62": "[0-9A-Za-z]",
    "base64": "[0-9A-Za-z+/=]",
    "base64url": "[0-9A-Za-z_=-]",
    "letters": "[A-Za-z]",
    "word": r"[\w-]",
    "dotted": r"[\w.=~-]",
    "percent": "[0-9A-Za-z%+/=-]",
    "path": r"[\w/@-]",
    "printable": r"[^\s\"'`<>]",
    "uuid": "[0-9a-fA-F-]",
    "idpair": "[0-9a-f:]",
    "secretkey": "[A-Z0-9-]",
}
_JWT = Pattern(
    r"\bey[A-Za-z0-9_-]{8,}\.(?:ey[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{0,600}\.[A-Za-z0-9_-]{8,})(?:\.[A-Za-z0-9_+/=-]*){0,3}", case=True
)
_HASH = Pattern(
    r"\bmd5[0-9a-f]{32}\b|\bscram-sha-(?:1|256|512)\$\d{1,8}:[\w+/=]{8,64}\$[\w+/=]{16,100}:[\w+/=]{16,100}|\*[0-9A-F]{40}\b|"
    r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|d)\$[\w=,$+/.-]{20,300}|\$(?:[156y]|apr1)\$(?:rounds=\d+\$)?[\w./$]{1,40}\$[\w./]{20,100}|"
    r"\$A\$\d{3}\$[^\s'\"]{20,120}|\bpbkdf2[_:-]?sha\d{1,3}[$:]\d{1,8}[$:][\w./+=-]{4,64}[$:][\w./+=-]{16,128}|"
    r"\{(?:S?SHA\d{0,3}|SMD5|MD5|CRYPT)\}[\w+/=.$]{16,120}|\b0x0100[0-9A-F]{48}(?:[0-9A-F]{40})?\b|\b0x0200[0-9A-F]{136}\b|\b[SHT]:[0-9A-F]{60,200}(?:;[HT]:[0-9A-F]{32,200}){0,3}"
)
_HEXADECIMAL = Pattern(r"(?:0x)?[0-9a-f]+")
_NAMED = Pattern(r"(?:[A-Z]+_)+[0-9a-z]+", case=True)
_LONGEST_GUESS = 200
_LONG = Pattern(r"[A-Za-z0-9+/_-]{28,}={0,3}", case=True)


@cache
def _vendors() -> tuple[Pattern, Pattern]:
    """One pattern for tokens with a prefix, whose group 1 is the token if it is not the whole, and one for those behind a name."""
    known, named = [], []
    for token in load_yaml("privacy/secret_tokens.yaml"):
        rest = _rest(token)
        if "near" in token:
            named.append(
                r"(?:"
                + token["near"]
                + r")[\w.-]{0,24}[\"'\]]{0,2}[ \t]{0,4}(?:=>|:=|=|:|,)[ \t]{0,4}[\"'`]?("
                + rest
                + r")(?:[\s\"'`;,)&]|$)"
            )
        elif token.get("part") == "rest":
            known.append("(?:" + token["prefix"] + ")(" + rest + ")")
        else:
            known.append(
                r"\b(?:" + token["prefix"] + ")" + rest + (r"\b" if token["alphabet"] in ("BASE36", "hex", "digits") else "")
            )
    return Pattern("|".join(known), case=True), Pattern("|".join(named))


def _rest(token: dict[str, Any]) -> str:
    length = token["length"]
    if length == 0:
        return r"\b"
    least, most = (length, length) if isinstance(length, int) else (length[0], length[1] if len(length) > 1 else 900)
    return _ALPHABETS[token["alphabet"]] + "{" + f"{least},{most}" + "}"


def tokens(view: View) -> Iterator[Find]:
    """Tokens and password hashes by their form."""
    for pattern in _vendors():
        for hit in pattern.each(view):
            group = next((g for g in range(1, pattern.groups + 1) if hit.has(g)), 0)
            if any(c.isdigit() for c in hit.text(group)) or len(hit.text(group)) > 30:
                yield Find(*hit.span(group), "TOKEN", Rank.SECRET)
    for pattern, kind in ((_JWT, "TOKEN"), (_HASH, "PASSWORD")):
        for hit in pattern.each(view):
            yield Find(*hit.span(), kind, Rank.SECRET)
    for hit in _LONG.each(view):
        text = hit.text()
        if len(text) <= _LONGEST_GUESS and generated(text) and not _HEXADECIMAL.fits(text) and not _NAMED.fits(text):
            yield Find(*hit.span(), "TOKEN", Rank.GUESS)


def generated(text: str) -> bool:
    """Whether a long string changes between lower case, upper case and digits as often as only generated ones do."""
    kinds = ["a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else "-" for c in text[:400].rstrip("=")]
    if not {"a", "A", "0"} <= set(kinds) or kinds.count("-") > len(kinds) / 8:
        return False
    changes = sum(a != b for a, b in itertools.pairwise(kinds))
    return changes >= 0.42 * len(kinds) and kinds.count("0") >= 3 and len(set(text)) >= 14
