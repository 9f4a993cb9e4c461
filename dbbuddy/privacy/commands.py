"""Passwords on command lines."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, password
from dbbuddy.privacy.view import Pattern, View

_REST = r"[^\n|;]{0,300}?"
_NAMED_FLAG = Pattern(
    r"(?:^|[\s\"'`,\[(=])-{1,2}[\w.-]*?(?:password|passwd|pwd|passphrase|pass|secret|token|api-?key|access-?key|secret-?key|account-?key)"
    r"(?:-?(?:value|text|plain))?[\"']?(?:[ \t]+|=|,[ \t]*)"
)
_GOLDENGATE = Pattern(r"\buserid[ \t]+[^\s,]{1,120},[ \t]*password[ \t]+")
_MYSQL_FLAG = Pattern(
    r"\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlshow|mysqlcheck|mysqlbinlog|mysqlslap|mysqlpump|mysqlsh|mysqlrouter|mariadb|"
    r"mariadb-[a-z]+|mariabackup|mycli|xtrabackup|innobackupex|mydumper|myloader|pt-[a-z-]+|sysbench|mytop|innotop)\b"
    + _REST
    + r"(?:[ \t]-p([^\s;&|)<>-])|[\"']-p([^\s;&|)<>,\"'-]))"
)
_LETTER_FLAG = Pattern(
    r"\b(?:(?:sqlcmd|bcp|osql|isql|tsql|go-sqlcmd|sqlcmd\.exe|bcp\.exe|freebcp|mssql-cli)\b" + _REST + r"[ \t]-P|"
    r"redis-cli\b" + _REST + r"[ \t]-a|sshpass[ \t]+-p|(?:ldapsearch|ldapmodify|ldapadd|ldappasswd)\b" + _REST + r"[ \t]-w|"
    r"mongo(?:sh|dump|restore|export|import)?\b"
    + _REST
    + r"[ \t]-p|(?:mydumper|myloader|clickhouse-client|influx|cqlsh|mycli)\b"
    + _REST
    + r"[ \t]-p|"
    r"htpasswd[ \t]+-\w*b\w*[ \t]+\S{1,80}[ \t]+\S{1,80}|docker login\b"
    + _REST
    + r"[ \t]-p|db2[ \t]+connect\b"
    + _REST
    + r"[ \t]using|"
    r"mysqladmin\b" + _REST + r"[ \t]password|openssl\b" + _REST + r"[ \t]-k|orapwd\b" + _REST + r"[ \t]password=)[ \t]*",
    case=True,
)
_USER_PASSWORD = Pattern(
    r"\b(?:curl|http|https|wget|httpie|az|rabbitmqadmin|influx|couchbase-cli)\b[^\n|;]{0,600}?[ \t](?:-u|--user|--basic)[ \t=]*[\"']?"
    r"[^\s:\"']{1,80}:([^\s\"']{1,200})"
)
_SLASHED = Pattern(
    r"[ \t]/(?:tp|sp|p|targetpassword|sourcepassword|password|pass|pwd|sapwd|\w{0,8}svcpassword)[:=](?:\"([^\"\n]{1,128})\"|([^\s\"']{1,128}))"
)
_NET_USE = Pattern(
    r"\bnet[ \t]+(?:use|user)\b[^\n]{0,120}?[ \t](?:/user:\S+[ \t]+([^\s/]\S*)|\\\\\S+[ \t]+([^\s/]\S*)[ \t]+/user:)"
)
_OPENSSL_PASS = Pattern(r"\bpass(?:in|out)?[ :=]{1,2}pass:([^\s\"']{1,128})")
_ECHOED = Pattern(
    r"\becho[ \t]+(?:-n[ \t]+)?((?:[\"'][^\"'\n]{4,128}[\"']|[^\s|\"']{4,128}))[ \t]*\|[ \t]*(?:sudo[ \t]+)?"
    r"(?:passwd|su|sqlplus|psql|chpasswd|docker (?:login|secret)|kubectl|vault|openssl|gpg|kinit|mysql_config_editor|base64)"
)
_SENT = Pattern(r"\bsend(?:[ \t]+--?)?[ \t]+[\"']([^\"'\n]{4,128}?)(?:\\r|\\n)+[\"']")
_MKSTORE = Pattern(r"-(?:create|modify)Credential[ \t]+\S{1,200}[ \t]+\S{1,80}[ \t]+")
_LITERAL = Pattern(r"--from-literal[= ][\"']?([\w.-]+)=([^\s\"']{1,200})")
_SECURE_STRING = Pattern(r"\bConvertTo-SecureString\b(?:[ \t]+-String)?[ \t]+(?:\([ \t]*)?")
_PS_CREDENTIAL = Pattern(r"\bPSCredential\b[ \t]*\(?[ \t]*(?:\"[^\"\n]{1,80}\"|'[^'\n]{1,80}'|\S{1,80})[ \t]*,[ \t]*")
_NO_PASSWORD = Pattern(r"\d{1,5}(?:[:/-]\d{1,5}|/(?:tcp|udp))?|\(.*")
_NO_LITERAL = ("user", "host", "port", "name", "database")


def command_passwords(view: View) -> Iterator[Find]:
    """Passwords given as flags and arguments of command-line tools."""
    for pattern in (_NAMED_FLAG, _LETTER_FLAG, _GOLDENGATE, _SECURE_STRING, _PS_CREDENTIAL, _MKSTORE):
        for hit in pattern.each(view):
            yield from _argument(view, hit.end())
    for pattern in (_MYSQL_FLAG, _ECHOED):
        for hit in pattern.each(view):
            yield from _argument(view, hit.start(hit.taken(pattern.groups)))
    for pattern in (_USER_PASSWORD, _SLASHED, _NET_USE, _OPENSSL_PASS, _SENT):
        for hit in pattern.each(view):
            group = hit.taken(pattern.groups)
            if not values.says_nothing(hit.text(group)):
                yield password(hit.span(group))
    for hit in _LITERAL.each(view):
        if not any(part in hit.text(1).lower() for part in _NO_LITERAL):
            yield password(hit.span(2))


def _argument(view: View, place: int) -> Iterator[Find]:
    """A shell argument: quoted, or up to white space."""
    sign = view.text[place : place + 1]
    if sign == "-":
        return
    span = values.quoted(view, place) if sign and sign in "\"'\\$" else None
    span = span or values.bare(view, place)
    value = view.text[slice(*span)]
    bare = view.text[span[0] - 1] not in "\"'"
    if not values.says_nothing(value, bare=bare) and not (bare and _NO_PASSWORD.fits(value)):
        yield password(span)
