"""Addresses of machines: IPs and host names. Loopback, masks, versions, public documentation and generic names stay."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import cache

from dbbuddy.data_files import load_yaml
from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View, alternatives

_IPV4 = Pattern(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")
_PARTIAL = Pattern(r"@['\"`]?(\d{1,3}\.(?:\d{1,3}\.){0,2})(?:%|\d{1,3}\.%)")
_IPV6 = Pattern(r"(?:[0-9a-f]{1,4}:){1,7}(?::?[0-9a-f]{1,4}){1,7}|[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}::(?:[0-9a-f]{1,4})?")
_EC2 = Pattern(r"\bip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}\b")
_VERSION_BEFORE = Pattern(
    r".*(?:version|release|ver\.?|\bv|build|patch|revision|\brev|compatible|features_enable|product|driver|rtm|\bcu\d*|\bgdr|edition|"
    r"file ?version|jdbc|odbc|odp\.net|section|chapter|sec\.|upgrade[ds]? (?:from|to)|migrat\w+ (?:from|to)|"
    r"database \d+[cgai]+|oracle \d*[cgai]*|\bru|\bdbru|exadata|grid infrastructure|since|until|before|>=|<=)[\s:=('\"v]*(?:is |from |to )?[\s:=('\"v-]*"
)
_ADDRESS_BEFORE = Pattern(
    r".*(?:host|addr\w*|ip|client|server|from|@|//|\bat|\bto|\bon|node|listen\w*|bind\w*|inet|peer|remote|via|gateway|dns|-h|-s|\bin|\[|\()[\s=:'\"(\[]*"
)

_LABELS = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
_STRONG_SUFFIX = [
    "internal",
    "local",
    "localdomain",
    "lan",
    "corp",
    "intra",
    "intranet",
    "private",
    "svc",
    "com",
    "net",
    "org",
    "io",
    "cloud",
    "systems",
    "technology",
    "tech",
    "ai",
    "edu",
    "gov",
    "mil",
    "int",
    "info",
    "biz",
    "online",
    "site",
    "xyz",
    "dev",
    "app",
    "test",
    "example",
    "invalid",
    "arpa",
    "home",
]
_WEAK_SUFFIX = [
    "de",
    "fr",
    "uk",
    "es",
    "it",
    "nl",
    "be",
    "ch",
    "at",
    "se",
    "dk",
    "fi",
    "pl",
    "cz",
    "ru",
    "ua",
    "br",
    "mx",
    "ar",
    "cl",
    "co",
    "jp",
    "cn",
    "kr",
    "sg",
    "hk",
    "tw",
    "au",
    "nz",
    "ca",
    "us",
    "eu",
    "ie",
    "pt",
    "gr",
    "tr",
    "il",
    "za",
    "ae",
    "no",
    "hu",
    "ro",
    "bg",
    "hr",
    "si",
    "sk",
    "lt",
    "lv",
    "ee",
    "lu",
    "li",
    "nu",
    "tv",
    "cc",
    "me",
    "pro",
]
_FQDN = Pattern(r"\b" + _LABELS + alternatives([*_STRONG_SUFFIX, *_WEAK_SUFFIX]) + r"\b")
_SINGLE_WORD_SUFFIX = frozenset(["com", "net", "org"])

_HOST_VALUE = r"(?:tcp:|np:|lpc:|admin:|//)?([a-z0-9_][\w.-]{0,200}(?:\\+[a-z0-9_$][\w$-]{0,60})?)"
_HOST_KEY = Pattern(
    r"(?:^|[^\w.@/-])(?:[\w.-]*?(?:host|hostname|host_?name|hostaddr|host_id|host_addr|server|server_?name|datasource|data source|addr|"
    r"network address|primary_conninfo|userhost|terminal|machine|computer_?name|master_host|source_host|workstation|workstation id|wsid|client_?host|"
    r"failover[ _]partner|endpoint|bind-address|listen_addresses|advertised_address|replica|node))[\"'\]]{0,2}[ \t]{0,8}(?:=>|=|:[ \t\"'(]|:=)[ \t]{0,8}[\"'(\[]{0,2}"
    + _HOST_VALUE
)
_HOST_FLAG = Pattern(r"(?:^|\s)(?:-h[ \t]?|--host(?:name)?[ =]|-S[ \t]?|--server[ =]|-H[ \t]?)[\"']?" + _HOST_VALUE, case=True)
_HOST_PHRASE = Pattern(
    r"(?:mysql server on|sql server on|server host|server at|connect(?:ing|ed|ion)? to(?: server| host| database| db)?(?: at| on)?|host name|hostname|translate host name|"
    r"address of|resolve(?: host(?:name)?)?|from host|on host|for host|\bhost|on server|\bserver named?|on node|on machine|reach|ping|failover to|replica|standby|primary|master|ssh|telnet|nslookup|dig)"
    r"[ \t:]{1,3}[\"'`(\[]" + _HOST_VALUE + r"(?::\d{2,5})?[\"'`)\]]"
)
_USER_AT = Pattern(r"['\"`][^'\"`\n@]{0,80}['\"`]@['\"`]([a-z0-9_][\w.-]{1,200})['\"`]")
_LOG_USER_HOST = Pattern(r"User@Host: [^\n@]{1,120}@ *([\w.-]+)? *\[")
_UNIX_PROMPT = Pattern(r"(?m)^(?:\[)?[a-z_][\w-]{0,31}@([a-z0-9][a-z0-9.-]{1,63})(?:[: ][~/][^\n$#]{0,80})?\]?[$#] ")

_GENERIC = frozenset(
    [
        "localhost",
        "localhost.localdomain",
        "local",
        "localdb",
        "mssqllocaldb",
        "db",
        "database",
        "postgres",
        "postgresql",
        "pg",
        "mysql",
        "mariadb",
        "mssql",
        "sqlserver",
        "oracle",
        "redis",
        "server",
        "host",
        "hostname",
        "primary",
        "secondary",
        "replica",
        "standby",
        "master",
        "slave",
        "node",
        "leader",
        "follower",
        "proxy",
        "pgbouncer",
        "haproxy",
        "default",
        "any",
        "all",
        "none",
        "null",
        "unknown",
        "example",
        "www",
        "app",
        "api",
        "web",
        "backend",
        "frontend",
        "service",
        "gateway",
        "host.docker.internal",
        "docker.internal",
        "gateway.docker.internal",
        "docker.for.mac.localhost",
        "__jdbc__",
        "tcp",
        "udp",
        "unix",
        "socket",
        "pipe",
        "named",
        "true",
        "false",
        "on",
        "off",
        "yes",
        "no",
        "auto",
        "self",
        "current",
        "localhost4",
        "localhost6",
        "ip6-localhost",
        "kubernetes.default",
        "kubernetes.default.svc",
        "unresolved",
        "name",
        "address",
        "is",
        "not",
        "was",
        "string",
        "the",
        "a",
        "an",
        "your",
        "my",
        "this",
        "that",
        "sqlexpress",
        "db_host",
        "dbhost",
        "hostname_here",
        "your-server",
        "your_host",
        "myserver",
        "myhost",
        "yourserver",
    ]
)
_PLACE_NAME = Pattern(
    r"(?:db|database|postgres|pg|mysql|mariadb|mssql|oracle|sql|redis|host|server|node|primary|replica|standby|master)[-_]?\d{0,2}"
)
_CODE_TAIL = Pattern(r"[ \t]{0,2}(?:\(|=|:[ \t])")


@cache
def _public() -> tuple[frozenset[str], Pattern]:
    data = load_yaml("public_hosts.yaml")
    return frozenset(data["domains"]), Pattern("|".join(data["service_endpoints"]))


def addresses(view: View) -> Iterator[Find]:
    """IP addresses, whole or in part, but for loopback, masks and versions."""
    for match in _IPV4.each(view):
        start, end = match.span()
        if _is_ipv4(view, start, end):
            yield Find(start, end, "IP", Rank.VALIDATED)
    for match in _PARTIAL.each(view):
        if not view.text.startswith("127.", match.start(1)):
            yield Find(match.start(1), match.end() - 1, "IP", Rank.VALIDATED)
    for match in _IPV6.each(view):
        start, end = match.span()
        if _is_ipv6(view, start, end):
            yield Find(start, end, "IP", Rank.VALIDATED)
    for match in _EC2.each(view):
        yield Find.over(match.span(), "HOST", Rank.NETWORK)


def _is_ipv4(view: View, start: int, end: int) -> bool:
    text = view.text
    parts = [int(part) for part in text[start:end].split(".")]
    if max(parts) > 255 or parts[0] in (0, 127, 255) or any(len(p) > 1 and p[0] == "0" for p in text[start:end].split(".")):
        return False
    previous, following = text[start - 1 : start], text[end : end + 2]
    if (
        previous in (".", "_", "$")
        or (following[:1] in (".", "_") and following[1:2].isalnum())
        or (previous == "-" and text[start - 2 : start - 1].isdigit())
    ):
        return False
    before = view.before(start, 48)
    if _VERSION_BEFORE.fits(before):
        return False
    if parts[2] == 0 and 8 <= parts[0] <= 26 and parts[0] != 10 and parts[1] <= 30:
        return following[:1] == "/" or (following[:1] == ":" and following[1:2].isdigit()) or _ADDRESS_BEFORE.fits(before)
    return True


def _is_ipv6(view: View, start: int, end: int) -> bool:
    text = view.text
    value = text[start:end]
    if (
        text[start - 1 : start].isalnum()
        or text[start - 1 : start] in (":", ".", "-", "_")
        or text[end : end + 1].isalnum()
        or text[end : end + 1] == ":"
    ):
        return False
    if value.count(":") < 3 and not (
        "::" in value and value[:4].lower() in ("fe80", "2001", "2a00", "2a01", "2600", "fd00", "fc00")
    ):
        return False
    try:
        address = ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and any(c.isdigit() for c in value)


def host_names(view: View) -> Iterator[Find]:
    """Names of machines: full domain names anywhere, short names where a key, flag or message says they are hosts."""
    for match in _FQDN.each(view):
        start, end = match.span()
        if _is_domain(view, start, end):
            yield Find(start, end, "HOST", Rank.NETWORK)
    for pattern in (_HOST_KEY, _HOST_FLAG, _HOST_PHRASE, _USER_AT, _LOG_USER_HOST, _UNIX_PROMPT):
        for match in pattern.each(view):
            if match.span(1) != (-1, -1) and (find := _named(view, *match.span(1))):
                yield find


def _named(view: View, start: int, end: int) -> Find | None:
    name = view.text[start:end].rstrip(".-")
    end = start + len(name)
    lower = name.lower()
    if (
        view.text[end : end + 1] in ("(", "$", "%", "{")
        or view.text.startswith("://", end)
        or values.says_nothing(name)
        or name.replace(".", "").replace("_", "").isdigit()
    ):
        return None
    short = lower.partition("\\")[0]
    if short in _GENERIC or _PLACE_NAME.fits(short) or len(short) < 3 or is_public(lower):
        return None
    if not any(c.isdigit() or c in "-.\\" for c in name) and not (name.isupper() and len(name) > 5):
        return (
            None
            if not view.before(start, 30)
            .lower()
            .rstrip(" '\"")
            .endswith(("host=", "-h", "server=", "data source=", "host:", "host =", "host name"))
            else Find(start, end, "HOST", Rank.NETWORK)
        )
    if "." in name and not _FQDN.fits(name) and not name.replace(".", "").replace("-", "").isalnum():
        return None
    return Find(start, end, "HOST", Rank.NETWORK)


def is_public(host: str) -> bool:
    """Whether a host name belongs to public documentation, packages or a cloud's own endpoints."""
    domains, endpoints = _public()
    labels = host.lower().split(".")
    return host.lower() in _GENERIC or any(".".join(labels[i:]) in domains for i in range(len(labels) - 1)) or endpoints.fits(host)


def _is_domain(view: View, start: int, end: int) -> bool:
    text = view.text
    name = text[start:end]
    labels = name.lower().split(".")
    previous, following = text[start - 1 : start], text[end : end + 1]
    if (
        previous in ("_", "$", "\\", "%", ".")
        or following in ("_", "(", "$")
        or (following == "." and text[end + 1 : end + 2].isalnum())
    ):
        return False
    if previous == "/" and text[start - 2 : start - 1] not in ("/", "@", ":"):
        return False
    if previous == "-" or is_public(name) or (labels[0].isdigit() and len(labels) == 2):
        return False
    before = view.before(start, 40).lower()
    located = (
        previous == "@"
        or text[start - 2 : start] == "//"
        or bool(_ADDRESS_BEFORE.fits(before))
        or (following == ":" and text[end + 1 : end + 2].isdigit())
    )
    marked = any("-" in label or any(c.isdigit() for c in label) for label in labels[:-1])
    quoted_identifier = previous in ('"', "`", "[") and following in ('"', "`", "]") and before.rstrip('"`[').endswith(".")
    if quoted_identifier or (_CODE_TAIL.at(view, end) and following != ":" and not located):
        return False
    if labels[-1] in _WEAK_SUFFIX:
        return (located and len(labels) > 1 and len(labels[0]) > 1) or (len(labels) > 2 and marked)
    if len(labels) == 2:
        if labels[-1] in ("internal", "local", "localdomain", "lan", "corp", "intra", "intranet", "com"):
            return len(labels[0]) > 2 or located
        return (located and labels[-1] not in ("test", "app", "home", "private", "info", "dev")) or (
            marked and labels[-1] in _SINGLE_WORD_SUFFIX
        )
    if labels[0] in (
        "com",
        "org",
        "net",
        "io",
        "spring",
        "quarkus",
        "java",
        "javax",
        "jakarta",
        "django",
        "app",
        "logging",
        "hibernate",
    ):
        return located and labels[-1] in ("com", "net", "internal", "local")
    return labels[-1] not in ("test", "app", "home", "info", "example", "private") or located or marked
