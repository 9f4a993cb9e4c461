"""Addresses of machines: IPs and host names. Loopback, masks, versions, public sites and generic names stay."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import cache

from dbbuddy.data_files import load_yaml
from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Hit, Pattern, View, any_of
from dbbuddy.privacy.words import words

_IPV4 = Pattern(r"(?:\b|%3D|%40|%2F|_)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\b")
_ACCOUNT_NETWORK = Pattern(r"@['\"`]?(\d{1,3}\.\d{1,3}\.(?:\d{1,3}\.)?)%")
_IPV6 = Pattern(r"(?:[0-9a-f]{1,4}:){1,7}(?::?[0-9a-f]{1,4}){1,7}|[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}::(?:[0-9a-f]{1,4})?")
_LOCAL_IPV6 = ("fe80", "2001", "2a00", "2a01", "2a02", "2600", "2603", "fd00", "fc00")
_EC2_NAME = Pattern(r"\bip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}\b")
_VERSION_BEFORE = Pattern(
    r".*(?:version|release|\bver\.?|\bv|build|patch|revision|\brev|compatible|features_enable|product|driver|rtm|\bcu\d*|\bgdr|edition|"
    r"jdbc\d*|odbc|odp\.net|section|chapter|\bsec\.|upgraded? (?:from|to)(?: [\d.]+ to)?|migrat\w+ (?:from|to)|database \d*[cgai]*|oracle \d*[cgai]*|"
    r"\bru|\bdbru|exadata|grid infrastructure|since|until|>=|<=)[\s:=('\"v,-]*(?:is |from |to )?[\s:=('\"v-]*"
)
_ADDRESS_BEFORE = Pattern(
    r".*(?:host\w*|addr\w*|\bip|client|server|from|@|//|\bat|\bto|\bon|node|listen\w*|bind\w*|inet|peer|remote|via|gateway|dns|-h|-s|\bin|\[|\()"
    r"[\s=:'\"(\[]*"
)

_MACHINE_SUFFIXES = words("machine_suffixes")
_COUNTRIES = words("countries")
_AMBIGUOUS_SUFFIXES = words("ambiguous_suffixes")
_COLUMN_LIKE_SUFFIXES = words("column_like_suffixes")
_DOMAIN = Pattern(
    r"\b(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+" + any_of(words("suffixes") | _MACHINE_SUFFIXES | _COUNTRIES) + r"\b"
)
_PACKAGES = words("packages")

_NAME = r"(?:tcp:|np:|lpc:|admin:|//)?([a-z0-9_][\w.-]{0,200}(?:\\+[a-z0-9_$][\w$-]{0,60})?)"
_SEPARATOR = r"[\"'\]]{0,2}[ \t]{0,8}(?:=>|:=|=|:[ \t\"'(]|:\[\d{1,3}\][ \t])[ \t]{0,8}[\"'(\[]{0,2}"
_HOST_KEY = Pattern(
    r"(?:^|[^\w.@/-])(?:[\w.-]*?(?:host|host_?name|hostaddr|host_id|host_addr|server_?name|data ?source)|"
    r"(?:db|sql|database|target|source|remote|primary|backup|mysql|pg|smtp|ldap)?[_-]?server|network address|userhost|"
    r"terminal|machine|computer_?name|workstation|workstation id|wsid|failover[ _]partner|endpoint|bind-address|replica|node)"
    + _SEPARATOR
    + _NAME
)
_HOST_FLAG = Pattern(
    r"(?:^|\s)(?:-h[ \t]?|--host(?:name)?[ =]|-S[ \t]?|--server[ =]|-H[ \t]?|/(?:Target|Source)ServerName:)[\"']?" + _NAME,
    case=True,
)
_HOST_PHRASE = Pattern(
    r"(?:mysql server on|sql server on|server host|server at|connect(?:ing|ed|ion)? to(?: server| host| database| db)?(?: at| on)?|"
    r"host ?name|address of|resolve(?: host(?:name)?)?|(?:from|on|for|remote|unknown) host|\bhost|on server|server named?|"
    r"on node|on machine|reach|ping|failover to|replica|standby|primary|master|ssh|telnet|nslookup|dig|entry for host)"
    r"[ \t:]{1,3}[\"'`(]" + _NAME + r"(?::\d{2,5})?[\"'`)]"
)
_HOST_OPTION = Pattern(r"-{1,2}(?:ServerInstance|SqlInstance|ComputerName|Server|Host(?:name)?)[ \t:=]{1,3}[\"']?" + _NAME)
_HOST_MARKUP = Pattern(
    r"(?:<[\w:.-]{0,30}(?:host|host_?name|server|server_?name|machine|machine_?name|computer)(?:\s[^<>\n]{0,80})?>|"
    r"\bname=\"[\w.-]{0,30}(?:host|host_?name|server|server_?name|machine|machine_?name|computer)\"[^<>]{0,60}>\s{0,10}(?:<value>)?)[ \t]*"
    + _NAME
    + "[ \t]*<"
)
_REPLICA = Pattern(r"\b(?:replica|replica on|node|instance|server|partner)[ \t]{1,3}N?'([A-Za-z][\w.\\-]{2,60})'")
_LINKED_SERVER = Pattern(
    r"@(?:rmtsrvname|rmtserver|server|server_name|datasrc|publisher|subscriber|distributor)[ \t]{0,3}=[ \t]{0,3}N?'" + _NAME + "'"
)
_QUOTED_USER_AT = Pattern(r"(?:^|[\s'\"`=(])[\w.-]{1,40}@([a-z0-9][\w.-]{2,100}):\d{2,5}\b")
_GENERAL_LOG = Pattern(r"\bConnect[ \t]+[\w.-]{1,40}@([\w.-]{3,80}) on\b")
_MACHINE_NAME = Pattern(
    r"\b((?:[A-Z][A-Z0-9-]{1,15}\\{1,2})?(?:(?:DESKTOP|LAPTOP|WIN|EC2AMAZ)-[A-Z0-9]{6,12}|"
    r"(?:[A-Z]{2,8}-){0,2}[A-Z]{0,8}(?:SRV|SERVER|NODE|HOST|LAPTOP|DESKTOP|PRD|PROD|CLU)[A-Z]{0,6}-?[A-Z]{0,6}\d{1,4}[A-Z]?|"
    r"(?:[A-Z]{2,8}-){0,2}(?:[A-Z]{0,6}(?:SQL|WEB|APP|DB|ORA|WS|PC|LT|NB|VM|NAS|ESX|DC|FS|BI)[A-Z]{0,6}-[A-Z]{2,8}-?\d{1,4}|(?:WS|PC|LT|NB|WKS|WKST|VM|NAS|ESX)-?\d{3,6})))\b",
    case=True,
)
_SQL_HOST = Pattern(r"(?:^|[\s(,])(?:host|hostaddr)[ \t]{1,4}'([^'\n]{1,120})'")
_USER_AT = Pattern(r"['\"`][^'\"`\n@]{0,80}['\"`]@['\"`]([a-z0-9_][\w.-]{1,200})['\"`]")
_SLOW_LOG = Pattern(r"User@Host: [^\n@]{1,120}@ *([\w.-]+) *\[")
_SHELL = Pattern(
    r"\b(?:ssh|scp|sftp|rsync|mosh)\b[^\n|;]{0,200}?[\s@]([a-z0-9][\w.-]{2,63}):[/~.\w]|\b(?:ssh|sftp|mosh)[ \t][^\n|;]{0,80}?\b[\w.-]{1,40}@([a-z0-9][\w.-]{2,63})"
)
_PROMPT = Pattern(r"(?m)^[\[(]?[a-z_][\w.-]{0,31}@([a-z0-9][a-z0-9.-]{1,63})(?:[: ]+[~/][^\n$#%]{0,80})?[\])]?[ ]?[$#%>] ")
_SYSLOG = Pattern(
    r"(?m)^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.:+Z-]*) ([a-z][\w.-]{1,63}) [\w./-]{1,40}(?:\[\d+\])?: "
)
_SHARE = Pattern(r"(?:^|[\s'\"=(])\\{2,4}([A-Za-z0-9][\w.-]{1,62})\\{1,2}[\w$]")

_MORE_PLACES = (_HOST_OPTION, _HOST_MARKUP, _REPLICA, _LINKED_SERVER, _QUOTED_USER_AT, _GENERAL_LOG, _MACHINE_NAME)

_GENERIC = words("generic_hosts")
_GENERIC_NAME = Pattern(
    r"(?:(?:db|database|postgres|pg|mysql|mariadb|mssql|oracle|sql|redis|host|server|node|primary|replica|standby|master)[-_]?(?:host|server|name|\d{0,2}))|__\w+__"
)
_CODE_BEHIND = Pattern(r"[ \t]{0,2}(?:\(|=|:[ \t])")
_DIRECT_KEY = (
    "host=",
    "server=",
    "data source=",
    "host =",
    "hostaddr=",
    "source=",
    "hostname=",
    "host='",
    'host="',
    "hostname: ",
    "host: ",
    "host': '",
    'host": "',
)


@cache
def _public() -> tuple[frozenset[str], Pattern]:
    data = load_yaml("privacy/public_hosts.yaml")
    return frozenset(data["domains"]), Pattern("|".join(data["service_endpoints"]))


def is_public(host: str) -> bool:
    """Whether a host name is generic, or belongs to public sites, packages or a cloud's own endpoints."""
    domains, endpoints = _public()
    labels = host.lower().split(".")
    return host.lower() in _GENERIC or any(".".join(labels[i:]) in domains for i in range(len(labels) - 1)) or endpoints.fits(host)


def ip_addresses(view: View) -> Iterator[Find]:
    """IP addresses, whole or in part, but for loopback, masks and versions."""
    for hit in _IPV4.each(view):
        if _is_ipv4(view, *hit.span(1)):
            yield Find(*hit.span(1), "IP", Rank.VALIDATED)
    for hit in _ACCOUNT_NETWORK.each(view):
        if not hit.text(1).startswith("127."):
            yield Find(hit.start(1), hit.end(1) - 1, "IP", Rank.VALIDATED)
    for hit in _IPV6.each(view):
        if _is_ipv6(view, *hit.span()):
            yield Find(*hit.span(), "IP", Rank.VALIDATED)
    for hit in _EC2_NAME.each(view):
        yield Find(*hit.span(), "HOST", Rank.NETWORK)


def _is_ipv4(view: View, start: int, end: int) -> bool:
    text = view.text
    parts = text[start:end].split(".")
    numbers = [int(part) for part in parts]
    if max(numbers) > 255 or numbers[0] in (0, 127, 255) or any(len(part) > 1 and part[0] == "0" for part in parts):
        return False
    previous, behind = text[start - 1 : start], text[end : end + 2]
    if (
        previous in (".", "$")
        or (behind[:1] in (".", "_") and behind[1:2].isalnum())
        or (previous == "-" and text[start - 2 : start - 1].isdigit())
    ):
        return False
    before = view.before(start, 48)
    if _VERSION_BEFORE.fits(before):
        return False
    if numbers[2] == 0 and 8 <= numbers[0] <= 26 and numbers[0] != 10 and numbers[1] <= 30:
        port = behind[:1] == ":" and behind[1:2].isdigit()
        return port or behind[:1] == "/" or _ADDRESS_BEFORE.fits(before)
    return True


def _is_ipv6(view: View, start: int, end: int) -> bool:
    text = view.text
    value = text[start:end]
    around = text[start - 1 : start] + text[end : end + 1]
    if any(c.isalnum() or c in ":_" for c in around) or text[start - 1 : start] in (".", "-"):
        return False
    if value.count(":") < 3 and not ("::" in value and value[:4].lower() in _LOCAL_IPV6):
        return False
    try:
        address = ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and any(c.isdigit() for c in value)


def host_names(view: View) -> Iterator[Find]:
    """Names of machines: full domain names anywhere, short names where a key, flag or message says they are hosts."""
    for hit in _DOMAIN.each(view):
        if _is_domain(view, *hit.span()):
            yield Find(*hit.span(), "HOST", Rank.NETWORK)
    for pattern in (
        _HOST_KEY,
        _HOST_FLAG,
        _HOST_PHRASE,
        _SQL_HOST,
        _USER_AT,
        _SLOW_LOG,
        _SHELL,
        _PROMPT,
        _SYSLOG,
        _SHARE,
        *_MORE_PLACES,
    ):
        for hit in pattern.each(view):
            start, end = hit.span(hit.taken(pattern.groups))
            end = start + len(view.text[start:end].rstrip(".-"))
            if _is_host(view, start, end) and not (pattern is _HOST_KEY and _is_prose(view, hit)):
                yield Find(start, end, "HOST", Rank.NETWORK)


def _is_prose(view: View, hit: Hit) -> bool:
    """Whether a colon behind a word like `host` is one of a sentence: words stand before it on the line."""
    key = hit.text()[: hit.start(1) - hit.start()]
    before = view.before(hit.start() + (not key[:1].isalnum()), 60).rstrip()
    return (
        ":" in key
        and "[" not in key
        and not key.strip().startswith(('"', "'"))
        and before[-1:] not in ("", "{", ",", "(", ";", "|", "-", "[", '"', "'")
    )


def _is_host(view: View, start: int, end: int) -> bool:
    """Whether a name in the place of a host is a machine's own."""
    name = view.text[start:end]
    machine = name.lower().partition("\\")[0]
    if view.text[end : end + 1] in ("(", "$", "%", "{") or view.text.startswith("://", end) or values.says_nothing(name):
        return False
    if (
        machine in _GENERIC
        or _GENERIC_NAME.fits(machine)
        or len(machine) < 3
        or is_public(machine)
        or machine.replace(".", "").isdigit()
    ):
        return False
    if "." in machine:
        return _DOMAIN.fits(machine) or (
            machine.replace(".", "").replace("-", "").isalnum() and not _PACKAGES & {machine.split(".")[0]}
        )
    if any(c.isdigit() or c in "-\\" for c in name):
        return True
    return view.before(start, 30).lower().endswith(_DIRECT_KEY)


def _is_domain(view: View, start: int, end: int) -> bool:
    text = view.text
    labels = text[start:end].lower().split(".")
    previous, behind = text[start - 1 : start], text[end : end + 2]
    if previous in ("_", "$", "\\", "%", ".", "-") or behind[:1] in ("_", "(", "$") or (behind[:1] == "." and behind[1:].isalnum()):
        return False
    if (
        (previous == "/" and text[start - 2 : start - 1] not in ("/", "@", ":"))
        or is_public(text[start:end])
        or (labels[0].isdigit() and len(labels) == 2)
    ):
        return False
    before = view.before(start, 40).lower()
    port = behind[:1] == ":" and behind[1:].isdigit()
    located = port or previous == "@" or text[start - 2 : start] == "//" or _ADDRESS_BEFORE.fits(before)
    identifier = previous in ('"', "`", "[") and before.rstrip('"`[').endswith(".")
    if identifier or (_CODE_BEHIND.at(view, end) and not located):
        return False
    marked = any("-" in label or any(c.isdigit() for c in label) for label in labels[:-1])
    suffix = labels[-1]
    if suffix in _COUNTRIES:
        return (located and len(labels[0]) > 1) or (len(labels) > 2 and marked)
    if len(labels) == 2:
        if suffix in _MACHINE_SUFFIXES or suffix == "com":
            return len(labels[0]) > 2 or located
        return (located and suffix not in _COLUMN_LIKE_SUFFIXES) or (marked and suffix in ("net", "org"))
    if labels[0] in _PACKAGES:
        return located and suffix in ("com", "net", "internal", "local")
    return located or marked or suffix not in _AMBIGUOUS_SUFFIXES
