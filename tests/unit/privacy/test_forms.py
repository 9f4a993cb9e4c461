"""Numbers and tokens that are known by their form: check digits, vendors' prefixes, versions that look like addresses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dbbuddy.data_files import load_yaml
from dbbuddy.privacy import redact
from dbbuddy.privacy.columns import column_kind, key_kind
from dbbuddy.privacy.people import is_person_login
from dbbuddy.privacy.personal import is_card, luhn

TOKENS: list[dict[str, Any]] = load_yaml("privacy/secret_tokens.yaml")
SAMPLES = {
    "digits": "4071529836", "hex": "4f0a9c1e7b", "hexany": "4f0A9c1E7b", "base36": "k7f2x9q4m1", "BASE36": "K7F2X9Q4M1", "base62": "k7F2x9Q4mZ",
    "base64": "k7F2x9Q4mZ", "base64url": "k7F2x9Q4mZ", "letters": "kFxQmZrTwB", "word": "k7F2x9Q4mZ", "dotted": "k7F2x9Q4mZ",
    "percent": "k7F2x9Q4mZ", "path": "k7F2x9Q4mZ", "printable": "k7F2x9Q4mZ", "uuid": "4f0a9c1e7b", "idpair": "4f0a9c1e7b", "secretkey": "K7F2X9Q4M1",
}  # fmt: skip


def _filled(alphabet: str, length: int) -> str:
    return (SAMPLES[alphabet] * 90)[:length]


def _example(token: dict[str, Any]) -> str:
    """A token of the vendor's form; of a prefix given as a pattern, a text that the pattern matches."""
    length = token["length"] if isinstance(token["length"], int) else token["length"][0]
    rest = _filled(token["alphabet"], length)
    if "near" in token:
        name = re.sub(r"\[\w?[_-]+\]\??|\[\\w-\]\*", "_", token["near"].split("|")[0]).replace("?", "")
        return re.sub(r"\(.*?\)", "", name) + "_KEY=" + rest
    prefix = token["prefix"]
    prefix = re.sub(r"\(\?:([^()|]*)[^()]*\)\??", r"\1", prefix)
    prefix = re.split(r"(?<!\\)\|", prefix)[0]
    prefix = re.sub(
        r"\[([^\]])[^\]]*\]\{(\d+)(?:,\d+)?\}",
        lambda m: ("A1B2C3D4E5" * 9)[: int(m[2])] if m[1] == "A" else ("0123456789" * 9)[: int(m[2])],
        prefix,
    )
    prefix = re.sub(r"\\d\{(\d+)(?:,\d+)?\}", lambda m: "1" * int(m[1]), prefix)
    prefix = re.sub(r"\[\\w[^\]]*\]\{(\d+)(?:,\d+)?\}", lambda m: "k" * int(m[1]), prefix)
    prefix = re.sub(r"\[([^\]])[^\]]*\]\+?", r"\1", prefix)
    return prefix.replace("\\d", "7").replace("\\.", ".").replace("\\$", "$").replace("\\|", "|") + rest


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token["vendor"])
def test_the_token_of_every_vendor_is_known(token: dict[str, Any]) -> None:
    assert set(token) <= {"vendor", "prefix", "near", "alphabet", "length", "part"}
    assert ("prefix" in token) != ("near" in token)
    example = _example(token)
    redacted = redact(f"see {example} there")
    secret = example.partition("=")[2] if "near" in token else example
    assert redacted.spans, example
    assert secret[-12:] not in redacted.text


def test_vendors_are_as_many_as_the_known_scanners_have() -> None:
    assert len({token["vendor"] for token in TOKENS}) >= 110


@pytest.mark.parametrize(
    "number", ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "3530111333300000"]
)
def test_card_numbers_have_a_check_digit(number: str) -> None:
    assert is_card(number)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not luhn(wrong)
    assert redact(f"card {wrong}").text == f"card {wrong}"


@pytest.mark.parametrize(
    "number",
    [
        "219-09-9999", "AB 12 34 56 C", "12345678Z", "X1234567L", "RSSMRA85T10A562S", "811218-9876", "131052-308T", "529.982.247-25",
        "11.222.333/0001-81", "2341 2341 2346", "11010519491231002X", "756.9217.0769.85", "85.07.30-033.28", "S1234567D", "943 476 5919",
        "1 85 05 78 006 084 91", "GOMC880326HDFRRL04", "DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819",
    ],
)  # fmt: skip
def test_identity_numbers_are_known_by_themselves(number: str) -> None:
    assert redact(f"row with {number} fails").text in ("row with <NATID_1> fails", "row with <IBAN_1> fails")


@pytest.mark.parametrize(
    "number",
    [
        "000-12-3456",
        "12345678A",
        "529.982.247-26",
        "2341 2341 2347",
        "756.9217.0769.84",
        "S1234567A",
        "943 476 5918",
        "DE88 3704 0044 0532 0130 00",
    ],
)
def test_wrong_check_digits_are_just_numbers(number: str) -> None:
    assert redact(f"row with {number} fails").text == f"row with {number} fails"


@pytest.mark.parametrize(
    "text",
    [
        "Oracle Database 12.2.0.1", "version 10.2.0.4", "release 19.3.0.0", "upgraded from 11.2.0.4 to 19.3.0.0", "driver 4.2.1.9", "127.0.0.1:5432",
        "0.0.0.0/0", "255.255.255.0", "1.3.6.1.4.1.311", "SQL Server 15.0.4375.4", "section 9.27.5.1", "::1", "a::date", "08:14:22",
    ],
)  # fmt: skip
def test_versions_masks_and_loopback_are_no_addresses(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    "text", ["at 12.2.0.1:1521", "from 10.2.0.4", "host=19.3.0.9", "(HOST=11.2.0.4)", "2001:db8::17", "fe80::1ff:fe23:4567:890a"]
)
def test_addresses_are_no_versions(text: str) -> None:
    assert "<IP_1>" in redact(text).text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("email", "EMAIL"), ("customerEmailAddress", "EMAIL"), ("EMAIL_HASH", "EMAIL"), ("last_name", "PERSON"), ("lastName", "PERSON"),
        ("home_phone_2", "PHONE"), ("ssn", "NATID"), ("date_of_birth", "DOB"), ("base_salary", "PAY"), ("user_name", "LOGIN"), ("name", "NAME"),
        ("table_name", None), ("ip_address", None), ("email_count", None), ("password_policy", None), ("status", None), ("hostname", None),
        ("phone_verified", None), ("order_id", None), ("name_length", None), ("db_name", None),
    ],
)  # fmt: skip
def test_columns_are_judged_by_the_end_of_their_names(name: str, kind: str | None) -> None:
    assert column_kind(name) == kind


def test_keys_are_judged_by_the_columns_in_their_names() -> None:
    assert key_kind("users.uq_users_email") == "EMAIL"
    assert key_kind("uk_dni") == "NATID"
    assert key_kind("orders.PRIMARY") is None


@pytest.mark.parametrize("login", ["jdoe", "m.fernandez", "anna.schmidt", "asmith2", "okowalski", "maria_rossi"])
def test_logins_made_of_names_are_personal(login: str) -> None:
    assert is_person_login(login)


@pytest.mark.parametrize(
    "login",
    [
        "app",
        "svc_orders",
        "etl_loader",
        "postgres",
        "root",
        "sa",
        "reporting",
        "orders.app",
        "app$",
        "scott",
        "readonly",
        "grafana",
    ],
)
def test_logins_of_services_are_not(login: str) -> None:
    assert not is_person_login(login)
