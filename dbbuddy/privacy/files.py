"""Secrets in files of a known layout: .pgpass, PgBouncer's userlist, Kubernetes secrets, PEM and PuTTY keys."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank, password
from dbbuddy.privacy.view import Pattern, View
from dbbuddy.privacy.words import words

_PGPASS = Pattern(
    r"(?m)^[ \t]*(?:[^\s:#/]{1,255}|\[[0-9a-f:]+\]):(?:\d{2,5}|\*):(?:[^\s:]{1,64}|\*):([^\s:]{1,64}|\*):((?:[^\s\\:]|\\.)[^\n]{0,255})$"
)
_NOT_A_USER = words("not_a_pgpass_user")
_USERLIST = Pattern(r"(?m)^[ \t]*\"[^\"\n]{1,64}\"[ \t]+\"([^\"\n]{1,256})\"(?:[ \t]+\"[^\"\n]*\")*[ \t]*(?:[#;][^\n]*)?$")
_USERLIST_HINT = Pattern(r"userlist|pgbouncer|auth_file|auth_type|sasl|odyssey|pgcat|pgpool|pool_passwd")
_PEM = Pattern(r"-----BEGIN (?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|PGP MESSAGE)-----")
_PEM_BODY = Pattern(r"(?:\s|\\+[nr]|[A-Za-z0-9+/=]|[A-Za-z-]{4,30}: [^\n]{0,120}\n|[\"'+,|>])+")
_PUTTY = Pattern(r"Private-Lines: \d+\s+((?:[A-Za-z0-9+/=]{10,}\s*)+)")
_SECRET_KIND = Pattern(r"(?m)^[ \t]*[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?(?:Sealed)?Secret\b")
_DATA = Pattern(r"(?m)^([ \t]*)[\"']?(?:data|stringData)[\"']?[ \t]*:[ \t]*\{?[ \t]*$")
_ENTRY = Pattern(r"[ \t]+[\"']?([\w.-]+)[\"']?[ \t]*:[ \t]*")
_NO_SECRET = Pattern(
    r"(?:.*[_.-])?(?:user(?:name)?|host(?:name)?|port|db(?:name)?|database|engine|sslmode|type|namespace|name|schema|region)"
)
_BLOCK_SIGNS = ("|", ">", "|-", ">-", "|+", ">+")


def password_files(view: View) -> Iterator[Find]:
    """Passwords in lines of .pgpass and userlist.txt."""
    for hit in _PGPASS.each(view):
        value = hit.text(2).rstrip()
        if hit.text(1).lower() not in _NOT_A_USER and not values.says_nothing(value):
            yield password((hit.start(2), hit.start(2) + len(value)))
    hinted: bool | None = None
    for hit in _USERLIST.each(view):
        hinted = _USERLIST_HINT.first(view) is not None if hinted is None else hinted
        value = hit.text(1)
        if not values.says_nothing(value) and (hinted or (values.looks_random(value) and any(c.isdigit() for c in value))):
            yield password(hit.span(1))


def private_keys(view: View) -> Iterator[Find]:
    """The body of private keys, also when the end is cut off."""
    for hit in _PEM.each(view):
        if body := _PEM_BODY.at(view, hit.end()):
            inside = body.text()
            lead = len(inside) - len(inside.lstrip(" \t\r\n\"'\\"))
            lead += lead > 0 and inside[lead - 1] == "\\" and inside[lead : lead + 1] == "n"
            tail = len(inside.rstrip(" \t\r\n\"'\\-"))
            tail -= inside[:tail].endswith("\\n") and 2
            yield Find(body.start() + lead, body.start() + max(lead, tail), "PRIVATE_KEY", Rank.SECRET)
    for hit in _PUTTY.each(view):
        yield Find(hit.start(1), hit.start(1) + len(hit.text(1).rstrip()), "PRIVATE_KEY", Rank.SECRET)


def kubernetes_secrets(view: View) -> Iterator[Find]:
    """Every value under `data` and `stringData` of a Kubernetes Secret, but names of users, hosts and the like."""
    if not _SECRET_KIND.first(view):
        return
    reach = 0
    for hit in _DATA.each(view):
        place = view.line_end(hit.start()) + 1
        if hit.start() < reach:
            continue
        while place < len(view):
            end = view.line_end(place)
            line = view.text[place:end]
            if line.strip() and len(line) - len(line.lstrip()) <= len(hit.text(1)):
                break
            yield from _entry(view, place, end, line)
            place = reach = end + 1


def _entry(view: View, place: int, end: int, line: str) -> Iterator[Find]:
    if entry := _ENTRY.at(view, place, end):
        span = values.quoted(view, entry.end()) or (entry.end(), end)
        value = view.text[slice(*span)].rstrip(" ,\t")
        if value not in _BLOCK_SIGNS and not values.says_nothing(value) and not _NO_SECRET.fits(entry.text(1)):
            yield password((span[0], span[0] + len(value)))
    elif line.strip(" \t{}[],"):
        yield password((place + len(line) - len(line.lstrip()), end))
