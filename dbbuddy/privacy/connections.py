"""Passwords in connection addresses: URLs, user:password@host, Oracle's user/password@host, Percona DSNs."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank, password
from dbbuddy.privacy.view import Hit, Pattern, View
from dbbuddy.privacy.words import words

_SCHEME = Pattern(r"\b[a-z][a-z0-9+.-]{1,30}(?::[a-z0-9+_-]{1,20}){0,3}:(?://|@//)")
_ADDRESS_END = Pattern(r"[\s\"'`<>]")
_HOST_BEHIND = Pattern(
    r"(?:\[[0-9a-f:.%]+\]|[\w.%$\{\}-]+|<[\w ]+>)(?::(?:\d{1,5}|\$\{?\w+\}?|<\w+>))?"
    r"(?:,(?:\[[0-9a-f:]+\]|[\w.-]+)(?::\d{1,5})?)*(?:[/?#;,)\]&|.\\:]|$)"
)
_NO_USER = Pattern(r"[\w.-]*(?::\d{1,5})?")
_PARAMETERS = Pattern(r";[a-z]{2,40}=")
_SCHEMELESS = Pattern(
    r"(?:^|[\s\"'`=(,])([A-Za-z][\w.-]{0,62}):([^\s\"'`<>:/][^\s\"'`<>]{0,127})@"
    r"(?:(?:tcp6?|unix|udp|cloudsql)\(|\[[0-9a-f:]+\]:\d|[A-Za-z0-9][\w.-]{0,120}(?::\d{2,5}\b|/\w|\))|/\w|\d{1,3}(?:\.\d{1,3}){3}\b|localhost\b)"
)
_NOT_A_USER = words("not_a_url_user")
_ORACLE_USER = r"([A-Za-z][\w$#]{0,29}(?:\[[\w$]{1,30}\])?)"
_EZCONNECT = Pattern(
    r"(?:^|[\s\"'`=(:,>\\])" + _ORACLE_USER + r"/(\"[^\"\n]{1,128}\"|'[^'\n]{1,128}'|[^\s/\"'`<>(),;\\][^\s\"'`<>]{0,127})@(//|)"
    r"([A-Za-z0-9][\w.-]{0,120}(?::\d{2,5})?(?:/[\w.$#-]{0,64})?(?::(?:dedicated|shared|pooled))?)"
)
_ORACLE_LOGIN = Pattern(
    r"(?:\b(?:sqlplus|sqlcl|rman|expdp|impdp|sqlldr|conn|connect|dgmgrl|asmcmd)\b(?:[ \t]+-\w+(?:[ \t]+[\d.]+)?){0,4}"
    r"(?:[ \t]+(?:target|auxiliary|catalog))?[ \t]+|\buserid[ \t]*=[ \t]*|\bjdbc:oracle:(?:thin|oci8?):)[\"'\\]{0,2}"
    + _ORACLE_USER
    + r"/(\"[^\"\n]{1,128}\"|'[^'\n]{1,128}'|[^\s/\"'`<>;,\\][^\s\"'`<>;\\]{0,127})"
)
_ORACLE_TOOL = Pattern(
    r"\b(?:sqlplus|sql|sqlcl|rman|expdp|impdp|exp|imp|sqlldr)\b[^\n|;]{1,160}?[ \t\"']"
    + _ORACLE_USER
    + r"/([^\s/\"'`<>;,\\@]{1,127})@[A-Za-z]"
)
_SHORT_NAME = Pattern(r"[A-Za-z][\w.-]{2,62}")
_LOGIN_WORDS = ("dsn", "connect", "conn", "user", "userid", "logon", "tns", "login", "target", "catalog", "auxiliary")
_PERCONA = Pattern(
    r"\b(?:[hPuDtSAF]=[^,\s]{1,80},){1,8}p=([^,\s\"']{1,128})|\bp=([^,\s\"']{1,128}),[hPuDtSAF]=[^,\s]{1,80}", case=True
)


def connection_passwords(view: View) -> Iterator[Find]:
    """Passwords in the addresses of databases and other servers."""
    reach = 0
    for hit in _SCHEME.each(view):
        if hit.start() >= reach:
            end = _address_end(view, hit.end())
            reach = end
            yield from _url_password(view, hit.end(), end)
    for hit in _SCHEMELESS.each(view):
        if hit.text(1).lower() not in _NOT_A_USER and not values.says_nothing(hit.text(2)):
            yield password(hit.span(2))
    for hit in _EZCONNECT.each(view):
        if _is_oracle_address(view, hit):
            yield from _unquoted(view, *hit.span(2))
            name = _SHORT_NAME.at(view, hit.start(4))
            if name and any(c.isdigit() or c == "-" for c in name.text()) and "." not in name.text():
                yield Find(*name.span(), "HOST", Rank.NETWORK)
    for hit in _ORACLE_TOOL.each(view):
        yield from _unquoted(view, *hit.span(2))
    for hit in _ORACLE_LOGIN.each(view):
        start, end = hit.span(2)
        at = view.text.rfind("@", start + 1, end)
        yield from _unquoted(view, start, end if at < 0 else at)
    for hit in _PERCONA.each(view):
        span = hit.span(hit.taken(2))
        if not values.says_nothing(view.text[slice(*span)]):
            yield password(span)


def _unquoted(view: View, start: int, end: int) -> Iterator[Find]:
    if view.text[start] in "\"'":
        start, end = start + 1, end - (view.text[end - 1] in "\"'")
    if end > start + 1 and not values.says_nothing(view.text[start:end], bare=view.text[start - 1] == "/"):
        yield password((start, end))


def _address_end(view: View, start: int) -> int:
    """Where an address ends: at white space or a quote, unless a quote stands inside its password."""
    limit = view.line_end(start, values.LONGEST)
    stop = _ADDRESS_END.first(view, start, limit)
    end = stop.start() if stop else limit
    if stop and stop.text() in "\"'`<" and view.text[start - 3 : start] == "://" and "@" not in view.text[start:end]:
        word = view.text[start : view.line_end(start, 200)].split(" ")[0]
        user, colon, rest = word.partition(":")
        if colon and "@" in rest and _NO_USER.fits(user) and stop.text() != values.open_quote(view, start):
            return start + len(word.rstrip("\"'`>,;)"))
    return end


def _url_password(view: View, start: int, end: int) -> Iterator[Find]:
    parameters = _PARAMETERS.first(view, start, end)
    end = parameters.start() if parameters else end
    address = view.text[start:end]
    first = min((i for sign in "/?#" if (i := address.find(sign)) >= 0), default=len(address))
    if "@" not in address or _NO_USER.fits(address[:first]):
        return
    query = min((i for sign in "?#" if (i := address.find(sign, address.find("@"))) >= 0), default=len(address))
    at = address.rfind("@", 0, query)
    while at > 0 and not _HOST_BEHIND.at(view, start + at + 1, end):
        at = address.rfind("@", 0, at)
    if at <= 0:
        return
    user, colon, secret = address[:at].partition(":")
    if not colon:
        if len(user) >= 20 and values.looks_random(user):
            yield Find(start, start + at, "TOKEN", Rank.SECRET)
    elif not values.says_nothing(secret):
        yield password((start + len(user) + 1, start + at))


def _is_oracle_address(view: View, hit: Hit) -> bool:
    """Whether `a/b@c` names a database: a double slash, a port, a service or an address behind the sign."""
    if hit.text(3):
        return True
    address, _, service = hit.text(4).partition("/")
    name, _, port = address.partition(":")
    if any(c in hit.text(2) for c in "/\\"):
        return False
    if port:
        return True
    if name.replace(".", "").isdigit():
        return name.count(".") == 3
    return bool(service) or (
        name.isidentifier() and view.before(hit.start(1), 24).lower().rstrip(" '\"=:\\").endswith(_LOGIN_WORDS)
    )
