"""Names of people where words or places around them say so, and logins that are shaped like a person's name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from dbbuddy.data_files import load_yaml
from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_CAP = r"(?:[A-Z][a-z]+|[A-Z]'[A-Z][a-z]+|Mc[A-Z][a-z]+|Mac[A-Z][a-z]+|[A-Z]\.)(?:-[A-Z][a-z]+)?"
_PARTICLE = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|bin|ibn|al|el|ter|ten|zu|af|av) ){0,3}"
_FULL = Pattern(r"\b" + _CAP + r"(?: " + _PARTICLE + _CAP + r"){1,3}\b", case=True)
_TITLED = Pattern(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Mme|Mlle|Monsieur|Madame|Senor|Senora|Sra?|Sig|Dott|Sir|Lady)\.? ("
    + _CAP
    + r"(?: "
    + _PARTICLE
    + _CAP
    + r"){0,3})\b",
    case=True,
)
_CUED = Pattern(
    r"\b(?i:on-?call(?: (?:is|dba|engineer|person))?|notify|contact|call|ask|ping|page|assigned to|assignee|escalate to|escalated to|reported by|raised by|opened by|written by|created by|changed by|run by|executed by|author|owner|reviewer|approver|"
    r"customer|patient|employee|client|colleague|manager|dba|developer|engineer|admin|user|member|student|cc|attn|regards|cheers|thanks|thx|rgds|sincerely|from|to|by|dear|hi|hello|hey|name is|i am|i'm|this is|signed(?: by)?|for|and|with|spoke (?:to|with)|talk to)"
    r"[:,]?[ \t]*(?:-+[ \t]*)?\n?[ \t]*(" + _CAP + r"(?: " + _PARTICLE + _CAP + r"){1,3})\b",
    case=True,
)
_SIGNED = Pattern(
    r"(?m)\b(?i:regards|cheers|thanks|thx|rgds|sincerely|best|gruesse|gruss|saludos|cordialement),?[ \t]*\n+[ \t]*(?:-+[ \t]*)?([A-Z][a-z]{2,14})[ \t]*(?:\n|\z)",
    case=True,
)
_DOMAIN_LOGIN = Pattern(
    r"(?:^|[\s'\"`\[(=:,])([A-Za-z][A-Za-z0-9.-]{1,30})\\{1,2}([A-Za-z][\w.$ -]{1,40}?)(?:[\s'\"`\]),;.:]|$)", case=True
)
_LOGIN_KEY = Pattern(
    r"\b(?:os_?user(?:name)?|db_?user(?:name)?|user_?name|userid|user[ _]id|user|uid|login(?:_?name)?|logon|client_?user|session_?user|nt_user_name|nt_username|login_name|original_login_name|owner|usr|author|created_?by|modified_?by|changed_?by|"
    r"requested_?by|assignee|account)[\"']?[ \t]{0,4}(?:=>|=|:)[ \t]{0,4}[\"'\[(]{0,2}([A-Za-z][\w.-]{1,40})"
)
_LOGIN_PHRASE = Pattern(
    r"\b(?:user|role|login|for user|principal|logon|account|as user|by user|username|owner|member|schema)[ \t]{1,2}['\"`\[]{1,2}([A-Za-z][\w.-]{1,40})['\"`\]]|"
    r"'([a-z][\w.-]{1,40})'@'|`([a-z][\w.-]{1,40})`@`|User@Host: ([a-z][\w.-]{1,40})\[|(?:^|\s)-U[ ]?([a-z][\w.-]{1,40})\b|(?:^|\s)-u[ ]?([a-z][\w.-]{1,40})\b|"
    r"\b(?:create|alter|drop)[ ]+(?:user|role|login)[ ]+(?:if[ ]+(?:not[ ]+)?exists[ ]+)?([A-Za-z][\w.]{1,40})\b|\b(?:grant|revoke)\b[^\n;]{1,120}?\b(?:to|from)[ ]+([a-z][\w.]{1,40})\b"
)
_HOME = Pattern(r"(?:(?:[a-z]:)?\\{1,2}Users\\{1,2}|/home/|/Users/)([A-Za-z][\w.-]{1,40})(?:[/\\\s'\":]|$)", case=True)
_DOTTED = Pattern(r"[a-z]{1,14}\.[a-z]{2,20}\d{0,3}")
_SERVICE = Pattern(
    r".*(?:svc|srv|service|sql|app|admin|agent|system|batch|job|etl|backup|report|monitor|repl|deploy|jenkins|build|test|prod|stag|user|guest|role|group|readonly|reader|writer|loader|owner|api|web|bot|sync|queue|worker|cron|data|dba?\b|"
    r"domain|network|local|nt |mssql|oracle|postgres|mysql|pg|root|sys|www|nginx|apache|tomcat|airflow|grafana|zabbix|prometheus|datadog|health|check|proxy|pool|bouncer|rds|cloud|azure|aws|gcp|migrat|flyway|liquibase|"
    r"orders?|shop|store|billing|payment|invoice|inventory|analytics|warehouse|dwh|bi|crm|erp|hr|finance|sales|market|prod|client|server|express|master|default|public|temp|tmp|stats|auth|login|session|cache|core|main|ops).*|.*\$|.*\d{3,}"
)


@cache
def _names() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    data = load_yaml("person_names.yaml")
    return tuple(frozenset(str(data[key]).split()) for key in ("given", "family", "ordinary"))  # type: ignore[return-value]


def is_given_name(word: str) -> bool:
    """Whether a word is a common given name and no word of everyday technical English."""
    given, _, ordinary = _names()
    return word.lower().split("-")[0] in given and word.lower() not in ordinary


def looks_like_name(text: str) -> bool:
    """Whether a text reads as a person's full name: capitalised words, the first a given name or the last a family name."""
    if not _FULL.fits(text):
        return False
    words = text.split()
    return is_given_name(words[0]) or words[-1].lower() in _names()[1]


def is_person_login(login: str) -> bool:
    """Whether a login is made of a person's name: `m.fernandez`, `jdoe`, `anna_schmidt`; service accounts are not."""
    given, family, ordinary = _names()
    name = login.lower().rstrip("0123456789")
    if name in ordinary or login.endswith("$"):
        return False
    for sign in "._-":
        first, found, last = name.partition(sign)
        if found:
            if not first.isalpha() or not last.replace("-", "").isalpha():
                return False
            if last in family or (first in given and first not in ordinary and not _SERVICE.fits(last)):
                return True
            return sign == "." and len(last) > 2 and (len(first) == 1 or len(first) > 2) and not _SERVICE.fits(name)
    if not name.isalpha():
        return False
    return (
        (name in given and len(name) > 3)
        or (len(name) > 3 and name[1:] in family and not _SERVICE.fits(name))
        or (len(name) > 4 and name[:-1] in family and name not in given and not _SERVICE.fits(name))
        or any(name[:i] in given and name[i:] in family for i in range(3, len(name) - 2))
    )


def people(view: View) -> Iterator[Find]:
    """Names of people in prose, and person-shaped logins."""
    for match in _FULL.each(view):
        start, end = match.span()
        words = view.text[start:end].split()
        _, family, ordinary = _names()
        for index in range(len(words) - 1):
            rest = words[index + 1 :]
            if is_given_name(words[index]) and rest[-1].lower() not in ordinary and rest[0].lower() not in ordinary:
                yield Find(start + len(" ".join(words[:index])) + (index > 0), end, "PERSON", Rank.GUESS)
                break
    for pattern in (_TITLED, _CUED, _SIGNED):
        for match in pattern.each(view):
            start, end = match.span(1)
            words = view.text[start:end].split()
            _, family, ordinary = _names()
            plain = not any(w.lower().strip(".") in ordinary for w in words)
            if plain and (
                pattern is _TITLED
                or (pattern is _SIGNED and is_given_name(words[0]))
                or words[-1].lower() in family
                or any(is_given_name(w) for w in words)
            ):
                yield Find(start, end, "PERSON", Rank.GUESS)
    yield from _logins(view)


def _logins(view: View) -> Iterator[Find]:
    for match in _DOMAIN_LOGIN.each(view):
        domain, login = view.text[slice(*match.span(1))], view.text[slice(*match.span(2))]
        if (
            domain.isupper()
            and not _SERVICE.fits(login)
            and " " not in login
            and login.lower() not in _names()[2]
            and domain not in ("NT", "BUILTIN", "C", "D", "E")
            and len(login) > 2
        ):
            instance = (
                any(c.isdigit() for c in domain)
                or (login.isupper() and not is_person_login(login))
                or (login[:1] in "nrt" and not is_person_login(login) and is_person_login(login[1:]))
            )
            if not instance:
                yield Find.over(match.span(2), "PERSON", Rank.COLUMN)
    for match in _LOGIN_KEY.each(view):
        login = view.text[slice(*match.span(1))].rstrip(".-")
        if is_person_login(login) and view.text[match.end() : match.end() + 1] not in ("(", "@"):
            yield Find(match.start(1), match.start(1) + len(login), "PERSON", Rank.COLUMN)
    for match in _LOGIN_PHRASE.each(view):
        group = next(g for g in range(1, 9) if match.span(g) != (-1, -1))
        login = view.text[slice(*match.span(group))].rstrip(".-")
        if is_person_login(login):
            yield Find(match.start(group), match.start(group) + len(login), "PERSON", Rank.COLUMN)
    for match in _HOME.each(view):
        login = view.text[slice(*match.span(1))]
        if not _SERVICE.fits(login) and login.lower() not in (
            "public",
            "runner",
            "ubuntu",
            "ec2-user",
            "default",
            "vagrant",
            "node",
            "administrator",
        ):
            yield Find.over(match.span(1), "PERSON", Rank.COLUMN)


def says_person(value: str) -> bool:
    """Whether a value of a column called just `name` is a person's: two capitalised words or a known given name."""
    return not values.says_nothing(value) and (looks_like_name(value) or is_given_name(value))
