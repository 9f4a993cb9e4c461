"""What holds for any text, and for any password in any of the places where passwords stand."""

from __future__ import annotations

import string

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dbbuddy.privacy import Vault, redact
from tests.effort import examples

FRAGMENTS = (
    "password=", "Password: ", "'", '"', "`", ";", "\n", " ", "@", "//", "://", "postgres", "app:pw1", "host=", "db-1.acme.io", "10.1.2.3",
    "<EMAIL_1>", "<PASSWORD_2>", "<TEXT_1>", "a@b.com", "Key (email)=(", "DETAIL: ", ")", "(", "{", "}", "INSERT INTO t(a,email) VALUES (",
    "IDENTIFIED BY ", "mysql -u root -p", "sqlplus a/b@c", "Ingrid Halvorsen", "+47 22 12 34 56", "-----BEGIN PRIVATE KEY-----", "MIIE", "é",
    "\u200b", "ß", "=", "|", "kind: Secret\ndata:\n", "  k: dmFs\n", "name: PASSWORD\n", "value: ", "<password>", "</password>", "$1 = ",
    "parameters: ", "$$", "\\", "&amp;", "%3D", "123-45-6789", "4111111111111111", "email", "LIKE", "IN (", "N'", "Duplicate entry '",
    "' for key 'uq_email'", "secret", "--password ", "/", "😀", "\x00", "\x7f", "1", "a", "Z9", "\ud800",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=14).map("".join)


@settings(max_examples=examples(120), deadline=None)
@given(TEXTS)
@example("<EMAIL_1> a@b.com <EMAIL_2>")
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = redact(text).text
    assert redact(once).text == once


@settings(max_examples=examples(120), deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_the_vault_gives_back_what_was_written(texts: list[str]) -> None:
    vault = Vault()
    for text in texts:
        redacted = redact(text, vault)
        assert vault.restore(redacted.text) == text
        place, rebuilt = 0, ""
        for span in redacted.spans:
            assert span.start >= place
            rebuilt += text[place : span.start] + span.placeholder
            place = span.end
        assert rebuilt + text[place:] == redacted.text


SIGNS = "!#%^*+-_=.~"
USERS = st.from_regex(r"\A[a-z]{2,8}_(app|svc|etl)\Z")
HOSTS = st.sampled_from(("db-7.acme.internal", "10.20.30.40", "pg.example.net"))
SECRETS = st.text(string.ascii_letters + string.digits + SIGNS, min_size=8, max_size=24).filter(
    lambda s: (
        any(c.isdigit() for c in s)
        and any(c.islower() for c in s)
        and any(c.isupper() for c in s)
        and s[0].isalnum()
        and s[-1].isalnum()
    )
)

PLACES = (
    "postgresql://{user}:{secret}@{host}:5432/orders?sslmode=require",
    "mysql+pymysql://{user}:{secret}@{host}/shop",
    "jdbc:mysql://{host}:3306/shop?user={user}&password={secret}",
    "jdbc:oracle:thin:{user}/{secret}@{host}:1521/ORCL",
    "Server=tcp:{host},1433;Database=crm;User ID={user};Password={secret};Encrypt=True",
    "DRIVER={{ODBC Driver 18}};SERVER={host};UID={user};PWD={{{secret}}};",
    "host={host} port=5432 dbname=x user={user} password={secret} sslmode=require",
    "{host}:5432:orders:{user}:{secret}",
    "sqlplus {user}/{secret}@//{host}:1521/PDB1",
    "mysql -h {host} -u {user} -p{secret} shop",
    "sqlcmd -S {host} -U {user} -P {secret} -Q 'SELECT 1'",
    "PGPASSWORD={secret} psql -h {host} -U {user}",
    "DB_PASSWORD={secret}",
    "spring.datasource.password={secret}",
    'password: "{secret}"',
    '{{"user": "{user}", "password": "{secret}", "pool": 5}}',
    "<password>{secret}</password>",
    "  - name: DB_PASSWORD\n    value: {secret}",
    "CREATE USER {user} WITH LOGIN PASSWORD '{secret}';",
    "CREATE USER '{user}'@'%' IDENTIFIED BY '{secret}';",
    "ALTER LOGIN {user} WITH PASSWORD = N'{secret}';",
    'ALTER USER {user} IDENTIFIED BY "{secret}";',
    "CHANGE REPLICATION SOURCE TO SOURCE_USER='{user}', SOURCE_PASSWORD='{secret}';",
    "SELECT pgp_sym_decrypt(card, '{secret}') FROM t;",
    "curl -u {user}:{secret} https://{host}:9200/",
    "docker run -e POSTGRES_PASSWORD={secret} postgres:16",
)


@settings(max_examples=examples(250), deadline=None)
@given(st.sampled_from(PLACES), USERS, SECRETS, HOSTS)
def test_no_place_lets_a_password_through(place: str, user: str, secret: str, host: str) -> None:
    redacted = redact(place.format(user=user, secret=secret, host=host)).text
    assert secret not in redacted
    assert not any(secret[i : i + 6] in redacted for i in range(len(secret) - 5))
    assert user in redacted or user not in place.format(user=user, secret="", host="")
