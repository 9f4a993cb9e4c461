"""Every place where a password stands, with passwords that bear any sign the place can hold."""

from __future__ import annotations

import pytest

from dbbuddy.privacy import redact

PASSWORDS = (
    "Tr0ub4dor&3", "p@ss:w0rd", "a/b/c#1D", "x?y=z&Q9", "semi;colon;7", "it's-me-42", 'quo"te-9A', "$ecret99", "$Pa$$w0rd", "%tag%55", "100%Sure",
    "(par)en5", "{br}ace5", "[bra]ck5", "<ang>le55", "comma,comma1", "eq=ual=1", "pl+us+1", "ti~lde`1", "back\\slash1", "!bang!1", "@tsign1",
    "#hash#1", "spa ce 1", "Sommer2026", "hunter2", "qwertz", "sesame", "S3cr3t!", "correct-horse-battery-staple", "aB3$dE5^gH7*", "zażółć1",
    "пароль123", "123456789", "Pa55.w.rd", "a.b.c.d", "admin/admin", "*starred*", "-dash1", "--dashdash1", "null1", "true!", "Yes4u", "None1",
    "&amp2", ":colon1", "?quest1", "end.", "end,1", "New York 1", "ABCDEFGH", "user_pw_2",
)  # fmt: skip
PLACES = (
    ("postgresql://app:{}@db.acme.io:5432/x?sslmode=require", " \"'`<>"),
    ('DATABASE_URL="mysql://root:{}@10.0.0.9/shop"', ' "`<>'),
    ("host=10.0.0.9 user=x password={} dbname=y", " \"'\\"),
    ("conn = \"host=10.0.0.9 user=x password='{}' dbname=y\"", "\"'\\"),
    ("Server=db1;Database=x;User Id=y;Password={};Encrypt=True", "\"';"),
    ("Server=db1;Database=x;User Id=y;Password={}", "\"';"),
    ('connectionString="Server=db1;User Id=y;Password={}" provider="x"', "\"';"),
    ("Driver={{SQL Server}};Server=db1;Uid=sa;Pwd={{{}}};", "}"),
    ("jdbc:mysql://db1.acme.io/x?user=y&password={}&useSSL=false", " \"'&<>#"),
    ("jdbc:sqlserver://db1.acme.io;user=y;password={};encrypt=true", "\"';"),
    ("sqlplus hr/{}@//ora.acme.io:1521/X", " \"'`\\;<>(),/"),
    ('sqlplus hr/"{}"@ora.acme.io:1521/X', '"'),
    ("mysql -u root -p{} shop", " \"'`\\;|&<>()$*-"),
    ("mysql -u root -p'{}' shop", "'"),
    ("mysql -u root --password='{}' shop", "'"),
    ("mysqldump --password={} shop", " \"'`\\;|&<>()$"),
    ('sqlcmd -S db1 -U sa -P "{}" -Q x', '"'),
    ("PGPASSWORD='{}' psql -h x", "'"),
    ("export PGPASSWORD={}", " \"'`\\;|&<>()$"),
    ("DB_PASSWORD={}", " "),
    ('DB_PASSWORD="{}"\nDB_PORT=5432', '"\\'),
    ("spring.datasource.password={}\nspring.x=1", ""),
    ('  password: "{}"\n  port: 1', '"\\'),
    ("  password: '{}'\n  port: 1", "'"),
    ('{{"password": "{}", "port": 1}}', '"\\'),
    ("{{'password': '{}', 'port': 1}}", "'\\"),
    ('password = "{}"', '"\\'),
    ("password = {}\nport = 1", '"'),
    ("<password>{}</password>", "&<>"),
    ('<property name="password" value="{}"/>', '"&<'),
    ('- name: PGPASSWORD\n  value: "{}"', '"\\'),
    ("CREATE USER x WITH PASSWORD '{}' CONNECTION LIMIT 5;", "'\\"),
    ("ALTER ROLE x PASSWORD '{}';", "'"),
    ("CREATE USER 'x'@'%' IDENTIFIED BY '{}';", "'\\"),
    ('ALTER USER x IDENTIFIED BY "{}";', '"'),
    ("CREATE LOGIN x WITH PASSWORD = N'{}', CHECK_POLICY = ON;", "'"),
    ("EXEC sp_addlinkedsrvlogin @rmtuser='x', @rmtpassword='{}'", "'"),
    ("SET PASSWORD FOR 'x'@'y' = '{}';", "'\\"),
    ("CHANGE MASTER TO MASTER_USER='x', MASTER_PASSWORD='{}', MASTER_PORT=3306;", "'\\"),
    ("CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'x', password '{}');", "'"),
    ("db.acme.io:5432:shop:app:{}", " \\:"),
    ('"app" "{}" # userlist.txt', '"'),
    ("curl -u admin:{} https://x.acme.io/", " \"'`\\;|&<>()$"),
    ('Data Source=o;User Id=x;Password="{}";', '"'),
    ("psycopg2.connect(host='h', user='u', password='{}')", "'\\"),
    ('DriverManager.getConnection("jdbc:x", "u", "{}");', '"\\'),
    ("new PDO($dsn, 'u', '{}');", "'\\"),
    ("OPEN SYMMETRIC KEY k DECRYPTION BY PASSWORD = '{}';", "'"),
    ("SELECT AES_DECRYPT(c, '{}') FROM t", "'\\"),
    ('the password is "{}" but it fails', '"'),
    ("docker run -e MYSQL_ROOT_PASSWORD='{}' mysql", "'"),
    ("'password' => '{}',", "'\\"),
    ("define('DB_PASSWORD', '{}');", "'\\"),
    ("ENV POSTGRES_PASSWORD={}", " \"'"),
    ("redis://:{}@cache.acme.io:6379/0", " \"'`<>"),
)
"""Each with the signs that a password cannot hold there unescaped."""


@pytest.mark.parametrize(("place", "impossible"), PLACES)
def test_a_password_with_any_sign_goes_and_the_rest_stays(place: str, impossible: str) -> None:
    leaks = []
    start = place.format("\0").index("\0")
    for password in PASSWORDS:
        if set(password) & set(impossible):
            continue
        text = place.format(password)
        spans = redact(text).spans
        covered = {i for span in spans for i in range(span.start, span.end)}
        needed = {i for i in range(start, start + len(password)) if text[i].isalnum()}
        secrets = {
            i for span in spans if span.type in ("PASSWORD", "TOKEN") for i in range(span.start, span.end) if text[i].isalnum()
        }
        if not needed <= covered or secrets - needed:
            leaks.append(password)
    assert not leaks
