"""Passwords on command lines."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_LONG_FLAG = Pattern(
    r"(?:^|[\s\"'`,\[(=])-{1,2}[\w.-]*?(?:password|passwd|pwd|passphrase|pass|secret|token|api-?key|access-?key|secret-?key|account-?key)(?:-?(?:value|text|plain))?[\"']?(?:[ \t]+|=|,[ \t]*)"
)
_ATTACHED = Pattern(
    r"\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlshow|mysqlcheck|mysqlbinlog|mysqlslap|mysqlpump|mysqlsh|mariadb|mariadb-dump|mariadb-admin|"
    r"mariabackup|mariadb-backup|mycli|xtrabackup|innobackupex|mydumper|myloader|pt-[a-z-]+|percona-[a-z]+|sysbench|mytop|innotop|mysqlrouter)\b[^\n|;]{0,400}?[ \t]-p([^\s-][^\n]{0,200})"
)
_SHORT = Pattern(
    r"\b(?:(?:sqlcmd|bcp|osql|isql|tsql|go-sqlcmd|sqlcmd\.exe|bcp\.exe|freebcp|usql|mssql-cli)\b[^\n|;]{0,400}?[ \t]-P|redis-cli\b[^\n|;]{0,200}?[ \t]-a|sshpass[ \t]+-p|"
    r"(?:ldapsearch|ldapmodify|ldapadd|ldappasswd)\b[^\n|;]{0,300}?[ \t]-w|smbclient\b[^\n|;]{0,200}?[ \t]-P|mongo(?:sh|dump|restore)?\b[^\n|;]{0,300}?[ \t]-p|"
    r"(?:mydumper|myloader|clickhouse-client|influx|cqlsh|mycli)\b[^\n|;]{0,300}?[ \t]-p|htpasswd[ \t]+-\w*b\w*[ \t]+\S+[ \t]+\S+|docker login\b[^\n|;]{0,200}?[ \t]-p|"
    r"(?:db2|snowsql)\b[^\n|;]{0,300}?[ \t]using|mysqladmin\b[^\n|;]{0,300}?[ \t]password|openssl\b[^\n|;]{0,300}?[ \t]-k)[ \t]*",
    case=True,
)
_USER_PASSWORD = Pattern(
    r"\b(?:curl|http|https|wget|httpie|az|rabbitmqadmin|influx|couchbase-cli)\b[^\n|;]{0,600}?[ \t](?:-u|--user|--basic)[ \t=]*[\"']?([^\s:\"']{1,80}):([^\s\"']{1,200})"
)
_SLASHED = Pattern(
    r"[ \t]/(?:tp|sp|p|targetpassword|sourcepassword|password|pass|pwd|sapwd|sqlsvcpassword|agtsvcpassword)[:=][\"']?([^\s\"']{1,128})"
)
_SQL_SETUP = Pattern(r"/(?:sapwd|\w*svcpassword|\w*password)=\"([^\"\n]{1,128})\"")
_NET_USE = Pattern(
    r"\bnet[ \t]+(?:use|user)\b[^\n]{0,120}?[ \t](?:/user:\S+[ \t]+([^\s/]\S*)|\\\\\S+[ \t]+([^\s/]\S*)[ \t]+/user:)"
)
_PASS_ARGUMENT = Pattern(r"\bpass(?:in|out)?[ :=]{1,2}(?:pass:)([^\s\"']{1,128})")
_ECHOED = Pattern(
    r"\becho[ \t]+(?:-n[ \t]+)?([\"'][^\"'\n]{4,128}[\"']|[^\s|]{4,128})[ \t]*\|[ \t]*(?:sudo[ \t]+)?(?:passwd|su|sqlplus|psql|chpasswd|docker login|kinit|mysql_config_editor|base64)"
)
_SEND = Pattern(r"\bsend(?:[ \t]+--?)?[ \t]+[\"']([^\"'\n]{4,128}?)(?:\\r|\\n)+[\"']")
_CREDENTIAL_TOOL = Pattern(r"-(?:create|modify)Credential[ \t]+\S+[ \t]+\S+[ \t]+(\"[^\"\n]+\"|\S+)")
_LITERAL_SECRET = Pattern(r"--from-literal[= ][\"']?([\w.-]+)=([^\s\"']{1,200})")
_PORT_MAP = Pattern(r"\d{1,5}(?:[:/-]\d{1,5}|/(?:tcp|udp))?$")


def command_passwords(view: View) -> Iterator[Find]:
    """Passwords given as flags and arguments of command-line tools."""
    for pattern in (_LONG_FLAG, _SHORT):
        for match in pattern.each(view):
            yield from _argument(view, match.end())
    for match in _ATTACHED.each(view):
        yield from _argument(view, match.start(1))
    for match in _USER_PASSWORD.each(view):
        start, end = match.span(2)
        if not values.says_nothing(view.text[start:end]):
            yield Find(start, end, "PASSWORD", Rank.SECRET)
    for pattern in (_SLASHED, _SQL_SETUP, _NET_USE, _PASS_ARGUMENT, _SEND):
        for match in pattern.each(view):
            group = next(g for g in (1, 2) if match.span(g) != (-1, -1))
            if not values.says_nothing(view.text[slice(*match.span(group))]):
                yield Find.over(match.span(group), "PASSWORD", Rank.SECRET)
    for pattern in (_ECHOED, _CREDENTIAL_TOOL):
        for match in pattern.each(view):
            yield from _argument(view, match.start(1))
    for match in _LITERAL_SECRET.each(view):
        key = view.text[slice(*match.span(1))].lower()
        if not any(part in key for part in ("user", "host", "port", "name", "database")):
            yield Find.over(match.span(2), "PASSWORD", Rank.SECRET)


def _argument(view: View, place: int) -> Iterator[Find]:
    """A shell argument: quoted, or up to white space."""
    span = values.quoted(view, place) if view.text[place : place + 1] in "\"'\\$" else None
    if span is None:
        if view.text[place : place + 1] == "-":
            return
        span = values.bare(view, place)
    value = view.text[slice(*span)]
    if value and not values.says_nothing(value) and not _PORT_MAP.fits(value):
        yield Find.over(span, "PASSWORD", Rank.SECRET)
