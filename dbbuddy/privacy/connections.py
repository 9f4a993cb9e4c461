"""Passwords in connection addresses: URLs, EZConnect, pgpass and userlist files, Percona DSNs, Kubernetes secrets, PEM keys."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_URL = Pattern(r"\b[a-z][a-z0-9+.-]{1,30}(?::[a-z0-9+_-]{1,20}){0,3}:(?://|@//)")
_URL_END = Pattern(r"[^\s\"'`<>]*")
_HOST_AFTER = Pattern(
    r"(?:\[[0-9a-f:.%]+\]|[\w.%$\{\}-]+|<[\w ]+>)(?::(?:\d{1,5}|\$\{?\w+\}?|<\w+>))?(?:,(?:\[[0-9a-f:]+\]|[\w.-]+)(?::\d{1,5})?)*(?:[/?#;,)\]&|.\\:]|$)"
)
_PLAIN_AUTHORITY = Pattern(r"[\w.-]*(?::\d{0,5})?$")
_EZCONNECT = Pattern(
    r"(?:^|[\s\"'`=(:,>])([A-Za-z][\w$#]{0,29}(?:\[[\w$]{1,30}\])?)/(\"[^\"\n]{1,128}\"|[^\s/\"'`<>(),;][^\s\"'`<>]{0,127})@(//|)"
    r"((?:[A-Za-z0-9](?:[\w.-]{0,120}))(?::\d{2,5})?(?:/[\w.$#-]{0,64})?(?::(?:dedicated|shared|pooled))?)"
)
_ORACLE_LOGIN = Pattern(
    r"(?:\b(?:sqlplus|sql|sqlcl|rman|expdp|impdp|exp|imp|sqlldr|conn|connect|adrci|tkprof|dgmgrl|asmcmd|srvctl|dbms_\w+)\b(?:[ \t]+-[\w]+(?:[ \t]+[\d.]+)?){0,4}"
    r"(?:[ \t]+(?:target|auxiliary|catalog))?|\buserid[ \t]*=|\bjdbc:oracle:(?:thin|oci8?):)[ \t]*[\"'\\]{0,2}"
    r"([A-Za-z][\w$#]{0,29}(?:\[[\w$]{1,30}\])?)/(\"[^\"\n]{1,128}\"|[^\s/\"'`<>;,][^\s\"'`<>;]{0,127})"
)
_PGPASS = Pattern(
    r"(?m)^[ \t]*([^\s:#/]{1,255}|\[[0-9a-f:]+\]):(\d{2,5}|\*):([^\s:]{1,64}|\*):([^\s:]{1,64}|\*):((?:[^\s\\:]|\\.)[^\n]{0,255})$"
)
_NOT_PGPASS_USER = frozenset(
    ["error", "warning", "note", "info", "debug", "fatal", "panic", "log", "notice", "hint", "detail", "statement", "context"]
)
_USERLIST = Pattern(r"(?m)^[ \t]*\"([^\"\n]{1,64})\"[ \t]+\"([^\"\n]{1,256})\"(?:[ \t]+\"[^\"\n]*\")*[ \t]*$")
_USERLIST_HINT = Pattern(r"userlist|pgbouncer|auth_file|auth_type|sasl|odyssey|pgcat|pgpool|pool_passwd")
_PERCONA = Pattern(r"\b(?:[hPuDtSAF]=[^,\s]{1,80},){1,8}p=([^,\s\"']{1,128})", case=True)
_PERCONA_FIRST = Pattern(r"\bp=([^,\s\"']{1,128}),(?:[hPuDtSAF]=[^,\s]{1,80})", case=True)
_PEM = Pattern(r"-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OPENSSH PRIVATE KEY|PGP MESSAGE)-----")
_PEM_BODY = Pattern(r"(?:\s|\\+[nr]|[A-Za-z0-9+/=]|[A-Za-z-]{4,30}: [^\n]{0,120}\n|[\"'+,|>])+")
_PUTTY = Pattern(r"Private-Lines: \d+\s+((?:[A-Za-z0-9+/=]{10,}\s*)+)")
_SECRET_KIND = Pattern(r"(?m)^[ \t]*[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?(?:Sealed)?Secret\b")
_DATA_BLOCK = Pattern(r"(?m)^([ \t]*)[\"']?(?:data|stringData)[\"']?[ \t]*:[ \t]*\{?[ \t]*$")
_DATA_ENTRY = Pattern(r"[ \t]+[\"']?([\w.-]+)[\"']?[ \t]*:[ \t]*")
_PUBLIC_ENTRY = Pattern(
    r"(?:user(?:name)?|host(?:name)?|port|db(?:name)?|database|engine|sslmode|type|namespace|name|schema|region)(?:[_-]?name)?"
)


def connection_passwords(view: View) -> Iterator[Find]:
    """Passwords in URLs and in Oracle's user/password@host."""
    for match in _URL.each(view):
        yield from _url_password(view, match.end())
    for pattern in (_EZCONNECT, _ORACLE_LOGIN):
        for match in pattern.each(view):
            if pattern is _EZCONNECT and not _oracle_address(view, match):
                continue
            start, end = match.span(2)
            if pattern is _ORACLE_LOGIN:
                end = _before_at(view, start, end)
            if view.text[start] == '"':
                start, end = start + 1, end - (view.text[end - 1] == '"')
            if end > start and not values.says_nothing(view.text[start:end]):
                yield Find(start, end, "PASSWORD", Rank.SECRET)


def _url_password(view: View, start: int) -> Iterator[Find]:
    end = _URL_END.at(view, start).end()
    text = view.text
    rest = text[start:end]
    if "@" not in rest and text[end : end + 1] in "\"'`<":
        end = min(end + 160, view.line_end(start))
        rest = text[start:end].split(" ")[0]
        if "@" not in rest or ":" not in rest.partition("@")[0]:
            return
        end = start + len(rest)
    if _PLAIN_AUTHORITY.fits(rest.partition("/")[0].partition("?")[0]) or "@" not in rest:
        return
    query = min((i for sign in "?#" if (i := rest.find(sign, rest.find("@"))) >= 0), default=len(rest))
    place = rest.rfind("@", 0, query)
    while place > 0 and not _HOST_AFTER.at(view, start + place + 1, end):
        place = rest.rfind("@", 0, place)
    if place <= 0:
        return
    user, colon, password = rest[:place].partition(":")
    if not colon:
        if len(user) >= 20 and values.looks_random(user):
            yield Find(start, start + place, "TOKEN", Rank.SECRET)
    elif not values.says_nothing(password):
        yield Find(start + len(user) + 1, start + place, "PASSWORD", Rank.SECRET)


def _oracle_address(view: View, match: object) -> bool:
    """Whether `a/b@c` names a database: a double slash, a port, a service or an address behind the sign."""
    span = match.span  # type: ignore[attr-defined]
    host = view.text[slice(*span(4))]
    password = view.text[slice(*span(2))]
    address, _, service = host.partition("/")
    name, _, port = address.partition(":")
    if any(c in password for c in "/\\") and not span(3)[1] > span(3)[0]:
        return False
    if span(3)[1] > span(3)[0] or port:
        return True
    if name.replace(".", "").isdigit():
        return name.count(".") == 3
    return bool(service) or (
        name.isidentifier()
        and view.before(span(1)[0], 24)
        .lower()
        .rstrip(" '\"=:")
        .endswith(("dsn", "connect", "conn", "user", "userid", "logon", "tns", "login"))
    )


def _before_at(view: View, start: int, end: int) -> int:
    """The end of a password that may hold `@` itself: the last `@` with an address behind it."""
    at = view.text.rfind("@", start + 1, end)
    return end if at < 0 else at


def password_files(view: View) -> Iterator[Find]:
    """Lines of .pgpass and of PgBouncer's userlist, and Percona Toolkit DSNs."""
    for match in _PGPASS.each(view):
        user, password = view.text[slice(*match.span(4))], view.text[slice(*match.span(5))].rstrip()
        if user.lower() not in _NOT_PGPASS_USER and not values.says_nothing(password):
            yield Find(match.start(5), match.start(5) + len(password), "PASSWORD", Rank.SECRET)
    hinted: bool | None = None
    for match in _USERLIST.each(view):
        password = view.text[slice(*match.span(2))]
        if hinted is None:
            hinted = _USERLIST_HINT.first(view) is not None
        if not values.says_nothing(password) and (hinted or (values.looks_random(password) and any(c.isdigit() for c in password))):
            yield Find.over(match.span(2), "PASSWORD", Rank.SECRET)
    for pattern in (_PERCONA, _PERCONA_FIRST):
        for match in pattern.each(view):
            if not values.says_nothing(view.text[slice(*match.span(1))]):
                yield Find.over(match.span(1), "PASSWORD", Rank.SECRET)


def private_keys(view: View) -> Iterator[Find]:
    """The body of PEM and PuTTY private keys, also when the end is cut off."""
    for match in _PEM.each(view):
        body = _PEM_BODY.at(view, match.end())
        if body:
            inside = view.text[body.start() : body.end()]
            lead = len(inside) - len(inside.lstrip(" \t\r\n\"'\\"))
            tail = len(inside.rstrip(" \t\r\n\"'\\-"))
            if inside[:2] == "\\n" and lead == 1:
                lead = 2
            if tail > lead:
                yield Find(body.start() + lead, body.start() + tail, "PRIVATE_KEY", Rank.SECRET)
    for match in _PUTTY.each(view):
        yield Find(match.start(1), match.start(1) + len(view.text[slice(*match.span(1))].rstrip()), "PRIVATE_KEY", Rank.SECRET)


def kubernetes_secrets(view: View) -> Iterator[Find]:
    """Every value under `data` and `stringData` of a Kubernetes Secret, but names of users, hosts and the like."""
    if not _SECRET_KIND.first(view):
        return
    for match in _DATA_BLOCK.each(view):
        indent = match.end(1) - match.start(1)
        place = view.line_end(match.start()) + 1
        while place < len(view):
            end = view.line_end(place)
            line = view.text[place:end]
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                break
            if entry := _DATA_ENTRY.at(view, place, end):
                span = values.quoted(view, entry.end()) or (entry.end(), end)
                value = view.text[slice(*span)].rstrip(" ,\t")
                if (
                    not values.says_nothing(value)
                    and not _PUBLIC_ENTRY.fits(view.text[slice(*entry.span(1))])
                    and value not in ("|", ">", "|-", ">-")
                ):
                    yield Find(span[0], span[0] + len(value), "PASSWORD", Rank.SECRET)
            elif line.strip(" \t{}[],"):
                lead = len(line) - len(line.lstrip())
                yield Find(place + lead, end, "PASSWORD", Rank.SECRET)
            place = end + 1
