"""Passwords and keys in SQL: clauses of user and credential statements, arguments of cryptographic functions and procedures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_S = r"[ \t\r\n]"
_CLAUSE = Pattern(
    r"\b(?:identified" + _S + r"{1,20}by(?:" + _S + r"{1,20}(?:password|values))?|"
    r"identified"
    + _S
    + r"{1,20}(?:with|via)"
    + _S
    + r"{1,20}[\"'`]?\w+[\"'`]?"
    + _S
    + r"{1,20}(?:by|as|using)(?:"
    + _S
    + r"{1,10}password"
    + _S
    + r"{0,5}\(?)?|"
    r"(?:old_|new_|master_|source_)?password(?:"
    + _S
    + r"{1,20}for"
    + _S
    + r"{1,20}[^\s=]{1,120})?"
    + _S
    + r"{0,20}(?:="
    + _S
    + r"{0,20}(?:password|old_password)?"
    + _S
    + r"{0,5}\(?)?|"
    r"secret" + _S + r"{0,20}=|"
    r"(?:decryption|encryption)" + _S + r"{1,20}by" + _S + r"{1,20}password" + _S + r"{0,20}=|"
    r"key_source" + _S + r"{0,10}=|identity_value" + _S + r"{0,10}=|replace)" + _S + r"{0,20}"
)
_UNQUOTED_AFTER = Pattern(r"(?:identified" + _S + r"+by(?:" + _S + r"+values)?|password" + _S + r"*=)" + _S + r"*")
_UNQUOTED = Pattern(r"[^\s;,()'\"`<>]{1,128}")
_REPLACE_AFTER = Pattern(
    r"identified"
    + _S
    + r"{1,20}by"
    + _S
    + r"{1,20}(?:\"[^\"\n]{1,128}\"|'[^'\n]{1,128}'|[^\s;'\"]{1,128})"
    + _S
    + r"{1,20}replace"
    + _S
    + r"{1,20}"
)
_HEX = Pattern(r"0x[0-9A-F]{16,}")
_NOT_VALUE = frozenset(
    [
        "expire",
        "never",
        "default",
        "history",
        "reuse",
        "require",
        "externally",
        "globally",
        "using",
        "with",
        "for",
        "on",
        "off",
        "account",
        "lock",
        "unlock",
        "random",
        "current",
        "optional",
        "interval",
        "valid",
        "values",
        "null",
        "as",
        "by",
        "password",
        "clause",
        "is",
        "and",
        "or",
        "not",
        "in",
        "policy",
        "hash",
        "file",
        "storage",
    ]
)
_FUNCTION = Pattern(
    r"\b(aes_encrypt|aes_decrypt|des_encrypt|des_decrypt|encode|decode|pgp_sym_encrypt|pgp_sym_decrypt|pgp_sym_encrypt_bytea|pgp_sym_decrypt_bytea|"
    r"pgp_pub_decrypt|encrypt|decrypt|encrypt_iv|decrypt_iv|hmac|crypt|encryptbypassphrase|decryptbypassphrase|pwdcompare|pwdencrypt|"
    r"password|old_password|cast_to_raw|hash_md5|sha1|sha2|md5|hashbytes|ora_hash|standard_hash|dbms_crypto\.\w+|hextoraw|"
    r"create_credential|update_credential|sp_addlogin|sp_password|sp_setapprole|sp_addapprole|sp_addlinkedsrvlogin|sp_addremotelogin|"
    r"openrowset|opendatasource|getconnection|mysqli_connect|mysql_connect|mysqli|pdo|oci_connect|oci_pconnect|oci_new_connect|sqlsrv_connect|db2_connect|odbc_connect|"
    r"(?:cx_oracle|oracledb|pymysql|mysqldb|pymssql|pyodbc|psycopg2?|mariadb)\.connect|createconnection|setpassword|set_password|setsecret|withpassword|"
    r"basicauth|httpbasicauth|usernamepasswordcredential|passwordauthentication|networkcredential|\.password|changepassword|createuser|adduser|create_user)"
    r"[ \t]*[(,]?[ \t]*"
)
_ARGUMENT = Pattern(
    r"\s{0,20}(?:(@?\w+)\s{0,5}(?:=>|=)\s{0,5})?([NEBRUnebru]?'(?:[^'\\\n]|''|\\[^\n])*'|\"(?:[^\"\\\n]|\"\"|\\[^\n])*\"|\$\$[^$]{0,200}\$\$|[^\s,;()'\"]+(?:\([^()'\"\n]{0,200}\)|\([^()\n]{0,100}\([^()\n]{0,100}\)[^()\n]{0,60}\))?)(?:::\w+)?\s{0,20}(,|\)|;|$|\n)"
)
_PROCEDURES = ("sp_addlogin", "sp_password", "sp_setapprole", "sp_addapprole", "sp_addlinkedsrvlogin", "sp_addremotelogin")
_SECOND = frozenset(
    [
        "aes_encrypt",
        "aes_decrypt",
        "des_encrypt",
        "des_decrypt",
        "encode",
        "decode",
        "pgp_sym_encrypt",
        "pgp_sym_decrypt",
        "pgp_sym_encrypt_bytea",
        "pgp_sym_decrypt_bytea",
        "encrypt",
        "decrypt",
        "encrypt_iv",
        "decrypt_iv",
        "hmac",
        "sp_addlogin",
        "sp_setapprole",
        "sp_addapprole",
        "basicauth",
        "httpbasicauth",
        "usernamepasswordcredential",
        "passwordauthentication",
        "networkcredential",
        "createuser",
        "adduser",
        "create_user",
        "oci_connect",
        "oci_pconnect",
        "oci_new_connect",
        "cx_oracle.connect",
        "oracledb.connect",
    ]
)
_FIRST = frozenset(
    [
        "crypt",
        "encryptbypassphrase",
        "decryptbypassphrase",
        "pwdcompare",
        "pwdencrypt",
        "password",
        "old_password",
        "cast_to_raw",
        "sha1",
        "sha2",
        "md5",
        "hextoraw",
        "setpassword",
        "set_password",
        "setsecret",
        "withpassword",
        ".password",
        "changepassword",
        "standard_hash",
    ]
)
_THIRD = frozenset(
    [
        "create_credential",
        "getconnection",
        "mysqli_connect",
        "mysql_connect",
        "mysqli",
        "pdo",
        "db2_connect",
        "odbc_connect",
        "pgp_pub_decrypt",
        "pymysql.connect",
        "mysqldb.connect",
        "pymssql.connect",
        "mariadb.connect",
        "createconnection",
    ]
)
_CODEC_WORD = frozenset(
    ["hex", "base64", "escape", "utf8", "utf-8", "utf16", "ascii", "latin1", "sha256", "sha1", "md5", "sha512", "aes", "bf"]
)
_SEMICOLON_TRIPLE = Pattern(r"openrowset\s*\([^;()]{0,120}'([^';\n]{1,120})'\s*;\s*'([^';\n]{1,120})'\s*;\s*'([^'\n]{1,128})'")


def sql_passwords(view: View) -> Iterator[Find]:
    """Passwords in statements that set them and in functions that take a key."""
    for match in _CLAUSE.each(view):
        yield from _clause(view, match)
    for match in _REPLACE_AFTER.each(view):
        span = values.quoted(view, match.end()) or _UNQUOTED.at(view, match.end())
        if span:
            yield Find.over((span if isinstance(span, tuple) else span.span()), "PASSWORD", Rank.SECRET)
    for match in _FUNCTION.each(view):
        yield from _function(view, match)
    for match in _SEMICOLON_TRIPLE.each(view):
        yield Find.over(match.span(3), "PASSWORD", Rank.SECRET)


def _clause(view: View, match: Any) -> Iterator[Find]:
    start, place = match.span()
    head = view.text[start:place].lower()
    span = values.quoted(view, place)
    if head.startswith("replace"):
        return
    if span is not None:
        word = head.split("=")[0].strip()
        plain = word == "password" and "=" not in head
        if plain and view.before(start, 16).lower().rstrip().endswith(("by", "using", "the", "his", "your", "my", "for", "_")):
            return
        if head[:6] == "secret" and not values.looks_random(view.text[slice(*span)]):
            return
        value = view.text[slice(*span)]
        if not values.says_nothing(value) and not (plain and _sentence(view, span)):
            yield Find.over(span, "TOKEN" if head.startswith(("secret", "key_source", "identity")) else "PASSWORD", Rank.SECRET)
    elif hexadecimal := _HEX.at(view, place):
        yield Find.over(hexadecimal.span(), "PASSWORD", Rank.SECRET)
    elif _UNQUOTED_AFTER.fits(head) and head.startswith("identified"):
        word_match = _UNQUOTED.at(view, place)
        if word_match is not None:
            word = view.text[slice(*word_match.span())]
            if word.lower() not in _NOT_VALUE and not values.says_nothing(word):
                yield Find.over(word_match.span(), "PASSWORD", Rank.SECRET)


def _sentence(view: View, span: tuple[int, int]) -> bool:
    """Whether the quotes behind the word `password` hold prose rather than a password."""
    value = view.text[slice(*span)]
    return len(value.split()) > 4


def _function(view: View, match: Any) -> Iterator[Find]:
    name = view.text[slice(*match.span(1))].lower()
    place: int = match.end()
    called = view.before(place, 12).rstrip()[-1:] == "("
    if not called and name not in _PROCEDURES:
        return
    for index, (label, span) in enumerate(_arguments(view, place), 1):
        value = view.text[slice(*span)]
        inner = values.quoted(view, span[0])
        if inner is None:
            continue
        value = view.text[slice(*inner)]
        wanted = (
            "pass" in label
            or label.endswith(("pwd", "key", "secret"))
            or (
                not label
                and (
                    (name in _FIRST and index == 1)
                    or (name in _SECOND and index == 2)
                    or (name in _THIRD and index == 3)
                    or (name == "sp_password" and index <= 2)
                    or (name == "sp_addlinkedsrvlogin" and index == 5)
                    or (name.startswith("dbms_crypto") and index >= 2)
                )
            )
        )
        if name in ("md5", "sha1", "sha2", "encode", "decode", "password", "crypt") and view.before(match.start(), 1)[-1:] in (
            "_",
            ".",
        ):
            wanted = False
        if wanted and value.lower() not in _CODEC_WORD and not values.says_nothing(value) and len(value) >= 3:
            yield Find.over(inner, "PASSWORD", Rank.SECRET)


def _arguments(view: View, place: int) -> Iterator[tuple[str, tuple[int, int]]]:
    for _ in range(12):
        match = _ARGUMENT.at(view, place)
        if match is None:
            return
        label = view.text[slice(*match.span(1))].lower() if match.span(1) != (-1, -1) else ""
        yield label, match.span(2)
        if view.text[slice(*match.span(3))] != ",":
            return
        place = match.end()
