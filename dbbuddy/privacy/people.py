"""Names of people where words or places around them say so, and logins that are shaped like a person's name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from dbbuddy.data_files import load_yaml
from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View
from dbbuddy.privacy.words import words

_CAPITAL = r"(?:(?:[A-Z][a-z]+|[A-Z]'[A-Z][a-z]+|Ma?c[A-Z][a-z]+)(?:-[A-Z][a-z]+)?|[A-Z]\.)"
_PARTICLES = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|bin|ibn|al|el|ter|ten|zu|af|av) ){0,3}"
_FULL = r"\b" + _CAPITAL + r"(?: " + _PARTICLES + _CAPITAL + r"){1,3}"
_FULL_NAME = Pattern(_FULL + r"\b", case=True)
_TITLED = Pattern(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Mme|Mlle|Monsieur|Madame|Senora?|Sra?|Sig|Dott)\.? "
    r"(" + _CAPITAL + r"(?: " + _PARTICLES + _CAPITAL + r"){0,3})\b",
    case=True,
)
_SIGNED = Pattern(
    r"(?:(?i:regards|cheers|thanks|thx|rgds|sincerely|best|gruesse|gruse|gruss|grus|saludos|cordialement|saluti|mvg|br)[,.!]{0,3}[ \t]*\n+[ \t]*(?:-+[ \t]*)?|"
    r"\b(?i:my name is|i am|i'm|this is|signed by|hi|hello|dear|hey|notify|ask|ping|cc|from|by|author:?|owner:?|contact:?|dba:?|on-?call:?|customer|patient|employee) )"
    r"([A-Z][a-z]{2,14})\b",
    case=True,
)
_DOMAIN_LOGIN = Pattern(
    r"(?:^|[\s'\"`\[(=:,>])([A-Z][A-Z0-9.-]{1,30})\\{1,2}([A-Za-z][\w.-]{1,40})(?:[\s'\"`\]),;:<]|\. |\.?$)", case=True
)
_LOGIN_KEY = Pattern(
    r"\b(?:os_?user(?:name)?|os\$userid|db_?user(?:name)?|user_?name|userid|user[ _]id|user|uid|login(?:_?name)?|logon|client_?user|"
    r"session_?user|nt_user_?name|original_login_name|owner|usr|author|created_?by|modified_?by|changed_?by|requested_?by|assignee)"
    r"[\"']?[ \t]{0,4}(?:=>|=|:(?:\[\d{1,3}\])?)[ \t]{0,4}[\"'\[(]{0,2}([A-Za-z][\w.-]{1,40})"
)
_LOGIN_PLACE = Pattern(
    r"\b(?:user|role|login|principal|logon|account|username|owner|member|schema)[ \t]{1,2}['\"`\[]{1,2}([A-Za-z][\w.-]{1,40})['\"`\]]|"
    r"['\"`]([a-z][\w.-]{1,40})['\"`]@['\"`]|User@Host: ([a-z][\w.-]{1,40})\[|(?:^|\s)-[uU][ ]?([a-z][\w.-]{1,40})\b|"
    r"\b(?:create|alter|drop)[ ]+(?:user|role|login)[ ]+(?:if[ ]+(?:not[ ]+)?exists[ ]+)?([A-Za-z][\w.]{1,40})\b|"
    r"\b(?:grant|revoke)\b[^\n;]{1,120}?\b(?:to|from)[ ]+([a-z][\w.]{1,40})\b|"
    r"^([a-z][\w.-]{1,31})@[\w.-]{1,63}[:~ ][^\n]{0,60}?[$%#>] |\bssh[ ]+([a-z][\w.-]{1,31})@|\b([a-z][\w.-]{1,31})@\d{1,3}(?:\.\d{1,3}){3}\b|"
    r"\blogin as:[ ]?([a-z][\w.-]{1,31})|\b(?:todo|fixme|xxx|hack|note)\(([a-z][\w.-]{1,40})\)|\b(?:cc|ping|ask|by|thanks|from|with|notify)[ ,]+@([a-z][\w.-]{1,40})|"
    r"\b(?:nt_|os_?)?user(?:_?name)?(?:\"[^<>]{0,60})?>[ \t\r\n]{0,10}(?:<value>)?(?:[A-Z][A-Z0-9-]{1,15}\\)?([a-z][\w.-]{1,40})<"
)
_HOME = Pattern(r"(?:(?:[A-Za-z]:)?\\{1,2}Users\\{1,2}|/home/|/Users/)([A-Za-z][\w.-]{1,40})(?:[/\\\s'\":]|$)", case=True)
_NOBODY = words("nobody_home")
_LOGIN_PARTS = Pattern(r"[a-z]+|\d+")
_SERVICE_WORDS = words("service_logins")
_LONGEST_LOGIN = 41
_SERVICE_MARKS = (
    "svc",
    "srv",
    "sql",
    "app",
    "admin",
    "etl",
    "backup",
    "report",
    "user",
    "agent",
    "service",
    "dba",
    "reader",
    "writer",
    "prod",
    "test",
)


@cache
def _names() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    data = load_yaml("privacy/person_names.yaml")
    return frozenset(data["given"].split()), frozenset(data["family"].split()), frozenset(data["ordinary"].split())


def is_given_name(word: str) -> bool:
    """Whether a word is a common given name and no word of everyday technical English."""
    return word.lower().split("-")[0] in _names()[0]


def is_family_name(word: str) -> bool:
    """Whether a word is a common family name."""
    return word.lower() in _names()[1]


def looks_like_name(text: str) -> bool:
    """Whether a text reads as a person's full name: capitalised words, the first a given name or the last a family name."""
    words = text.split()
    return _FULL_NAME.fits(text) and (is_given_name(words[0]) or words[-1].lower() in _names()[1])


def says_person(value: str) -> bool:
    """Whether a value of a column called just `name` is a person's: a full name or a given name."""
    return not values.says_nothing(value) and value[:1].isupper() and (looks_like_name(value) or is_given_name(value))


def is_service(login: str) -> bool:
    """Whether a login is a service's or a role's rather than a person's."""
    name = login.lower()
    words = [name[start:end] for start, end in _LOGIN_PARTS.spans(name)]
    return (
        name.endswith("$")
        or bool(_SERVICE_WORDS & set(words))
        or any(w.startswith(_SERVICE_MARKS) or w.endswith(_SERVICE_MARKS) for w in words)
    )


def is_person_login(login: str) -> bool:
    """Whether a login is made of a person's name: `m.fernandez`, `jdoe`, `anna_schmidt`; service accounts are not."""
    given, family, ordinary = _names()
    name = login.lower().rstrip("0123456789")
    if len(name) > _LONGEST_LOGIN or name in ordinary or is_service(login):
        return False
    for sign in "._-":
        first, found, last = name.partition(sign)
        if found:
            if not (first + last.replace("-", "")).isalpha():
                return False
            known = last in family or (first in given and last not in ordinary)
            return known or (sign == "." and len(last) > 2 and len(first) != 2 and not {first, last} & ordinary)
    if not name.isalpha():
        return False
    return (
        (name in given and len(name) > 3)
        or (len(name) > 3 and name[1:] in family)
        or (len(name) > 5 and name[:-1] in family and name not in given and name not in family)
        or any(name[:i] in given and name[i:] in family for i in range(3, len(name) - 2))
    )


def people(view: View) -> Iterator[Find]:
    """Names of people in prose, and person-shaped logins."""
    _given, family, ordinary = _names()
    for hit in _FULL_NAME.each(view):
        words = hit.text().split()
        for index in range(len(words) - 1):
            rest = {word.lower() for word in words[index + 1 :]}
            known = is_given_name(words[index]) or (words[index][1:] == "." and words[-1].lower() in family)
            if (
                known or (words[-1].lower() in family and words[index].lower() not in ordinary and index == len(words) - 2)
            ) and not rest & ordinary:
                yield Find(hit.start() + len(" ".join([*words[:index], ""])), hit.end(), "PERSON", Rank.GUESS)
                break
    for hit in _TITLED.each(view):
        if not {word.lower().strip(".") for word in hit.text(1).split()} & ordinary:
            yield Find(*hit.span(1), "PERSON", Rank.GUESS)
    for hit in _SIGNED.each(view):
        if is_given_name(hit.text(1)):
            yield Find(*hit.span(1), "PERSON", Rank.GUESS)
    yield from _logins(view)


def _logins(view: View) -> Iterator[Find]:
    ordinary = _names()[2]
    for hit in _DOMAIN_LOGIN.each(view):
        domain, login = hit.text(1), hit.text(2).rstrip(".")
        instance = any(c.isdigit() for c in domain) or (login.isupper() and not is_person_login(login))
        if len(domain) > 1 and len(login) > 2 and not instance and not is_service(login) and login.lower() not in ordinary:
            yield Find(hit.start(2), hit.start(2) + len(login), "PERSON", Rank.COLUMN)
    for pattern in (_LOGIN_KEY, _LOGIN_PLACE):
        for hit in pattern.each(view):
            start, end = hit.span(hit.taken(pattern.groups))
            login = view.text[start:end].rstrip(".-")
            spaced = pattern is _LOGIN_KEY and view.text[start - 1] == " " and "." in login
            if pattern is _LOGIN_KEY and (
                view.text[end : end + 1] in ("(", "@") or (spaced and not is_family_name(login.rpartition(".")[2]))
            ):
                continue
            if is_person_login(login):
                yield Find(start, start + len(login), "PERSON", Rank.COLUMN)
    for hit in _HOME.each(view):
        if not is_service(hit.text(1)) and hit.text(1).lower() not in _NOBODY:
            yield Find(*hit.span(1), "PERSON", Rank.COLUMN)
