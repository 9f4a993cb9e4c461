"""Personal data that can be recognised by its form: e-mail, cards, accounts, phones, birth dates, postal addresses."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_EMAIL = Pattern(
    r"[a-z0-9][\w.+'-]{0,63}(?:@|%40)(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b|[a-z0-9][\w.+-]{0,63} ?[\[(]at[\])] ?[a-z0-9-]{1,63}(?:\.| ?[\[(]dot[\])] ?)[a-z]{2,24}\b"
)
_CARD = Pattern(r"\b[2-6]\d{3}(?:[ -]?\d{3,6}){2,4}\b")
_IBAN = Pattern(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8}\b", case=True)
_IBAN_CUE = Pattern(r"\biban[\"']?[ \t]*[:=#]?[ \t]*[\"']?([A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8})\b")
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28,
    "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18,
    "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25,
    "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_PLUS_PHONE = Pattern(r"(?:\+|\b00)[1-9]\d{0,2}[ .()/-]{0,3}(?:\(0\)[ ]?)?\d(?:[ .()/-]{0,2}\d){5,13}\b")
_US_PHONE = Pattern(
    r"(?:\b1[ .-])?(?:\([2-9]\d{2}\)[ .-]?|\b[2-9]\d{2}[.-]|\b[2-9]\d{2} )[2-9]\d{2}[ .-]\d{4}\b(?:[ ]?(?:x|ext\.?)[ ]?\d{1,5})?"
)
_NATIONAL_PHONE = Pattern(r"(?:\b0[1-9]\d{1,4}|\(0[1-9]\d{1,4}\))[ /-]\d{3,8}(?:[ -]\d{2,5}){0,3}\b|\b0[1-9](?:[ .]\d{2}){4}\b")
_PHONE_CUE = Pattern(
    r"\b(?:tel(?:ephone|efon|\.)?|phone(?:[ _]?(?:no|number|nr))?|mobile|mobil|cell|fax|handy|telefono|whatsapp|call(?: me| us| him| her)?(?: (?:on|at|back on))?|ring|sms|pager|reach (?:me|us|him|her) (?:on|at))"
    r"[\"']?[.:=# \t]{1,4}[\"']?(\+?\(?\d(?:[ .()/-]{0,2}\d){6,14})\b"
)
_DATE = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](?:\d{1,2}|[a-z]{3,9})[-/., ]{1,2}\d{2,4}|[a-z]{3,9} \d{1,2},? \d{4})"
_BIRTH = Pattern(
    r"\b(?:dob|d\.o\.b\.?|born(?: on)?|birth ?(?:date|day)|date of birth|birth_?date|geboren(?: am)?|geburtsdatum|ne\(?e?\)? le|nacido el|fecha de nacimiento)[\"']?[:= \t]{1,4}(?:is |on )?[\"']?("
    + _DATE
    + r")\b"
)
_STREET = Pattern(
    r"\b\d{1,5}[a-z]?,? (?:[A-Z][A-Za-z'.-]{1,24} ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Crescent|Close|Way|Parkway|Pkwy|Highway|Hwy|Gardens|Row|Mews)\b\.?"
    r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|#)\.? ?[\w-]{1,6})?(?:, ?[A-Z][A-Za-z .'-]{2,30}){0,2}(?:,? [A-Z]{2})?(?: \d{5}(?:-\d{4})?|,? [A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})?\b",
    case=True,
)
_STREET_CONTINENTAL = Pattern(
    r"\b[A-Z][A-Za-z-]{2,30}(?:strasse|stra?sse|str\.|weg|platz|allee|gasse|ring|damm|ufer|straat|laan|plein|gatan|vagen|gata|veien|vej|gade|katu|tie) \d{1,4}[a-z]?\b(?:, ?(?:[A-Z]{1,2}-)?\d{4,5} [A-Z][A-Za-z-]{2,30})?|"
    r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Pp]lace|[Cc]hemin|[Ii]mpasse|[Aa]llee|[Qq]uai|[Cc]ours) (?:(?:de|du|des|la|le|les|d'|l') ?){0,3}[A-Z][A-Za-z'-]{2,30}(?: [A-Z][A-Za-z'-]{2,30}){0,3}(?:,? \d{5} [A-Z][A-Za-z-]{2,30})?|"
    r"\b(?:[Cc]alle|[Cc]/|[Aa]venida|[Aa]vda\.?|[Pp]laza|[Pp]aseo|[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso|[Rr]ua|[Uu]l\.|[Uu]lica) (?:(?:de|del|della|dei|la|las|los|el|do|da|dos) ){0,3}[A-Z][A-Za-z'-]{2,30}(?: [A-Z][A-Za-z'-]{2,30}){0,3},? (?:n\.? ?)?\d{1,4}[A-Za-z]?\b",
    case=True,
)
_UK_POSTCODE = Pattern(r"\b(?:[A-Z]{1,2}\d[A-Z\d]?) \d[A-Z]{2}\b", case=True)
_NUMBER_BEFORE = Pattern(
    r".*(?:id|hash|lsn|scn|pos|position|offset|block|page|oid|xid|txid|gtid|seq|sequence|timestamp|time|ts|count|rows|bytes|size|value|queryid|handle|key|number|digest|object|cost|ref)[\s:=('\"#]*"
)


def contact_data(view: View) -> Iterator[Find]:
    """E-mail addresses and phone numbers."""
    for match in _EMAIL.each(view):
        start, end = match.span()
        address = view.text[start:end].lower()
        if not address.startswith("git@") and not view.text.startswith("://", end):
            yield Find(start, end, "EMAIL", Rank.CONTACT)
    for match in _PLUS_PHONE.each(view):
        start, end = match.span()
        digits = _digits(view.text[start:end])
        if (
            8 <= len(digits) <= 15 + 2 * (view.text[start] == "0")
            and _free(view, start, end)
            and (view.text[start] == "+" or any(c in " -/." for c in view.text[start:end]))
        ):
            yield Find(start, end, "PHONE", Rank.VALIDATED)
    for match in _US_PHONE.each(view):
        start, end = match.span()
        if _free(view, start, end):
            yield Find(start, end, "PHONE", Rank.VALIDATED)
    for match in _NATIONAL_PHONE.each(view):
        start, end = match.span()
        if 9 <= len(_digits(view.text[start:end])) <= 13 and _free(view, start, end):
            yield Find(start, end, "PHONE", Rank.VALIDATED)
    for match in _PHONE_CUE.each(view):
        yield Find.over(match.span(1), "PHONE", Rank.VALIDATED)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _free(view: View, start: int, end: int) -> bool:
    """Whether no further number, dot or sign belongs to the digits found."""
    before, after = view.text[start - 2 : start] if start > 1 else view.text[:start], view.text[end : end + 2]
    glued_before = (
        (before[-1:] in ("-", ".", "_", ":", "/", "=") and before[:1].isdigit())
        or before[-1:].isalnum()
        or before[-1:] in ("_", "+", ".", "-")
        or (before[-1:] == " " and before[:1].isdigit())
    )
    glued_after = (
        (after[:1] in ("-", ".", "_", ":", "/") and after[1:2].isalnum())
        or after[:1] == "_"
        or (after[:1] == " " and after[1:2].isdigit())
    )
    return not glued_before and not glued_after


def payment_data(view: View) -> Iterator[Find]:
    """Card numbers with a valid check digit and known first digits, and IBANs."""
    for match in _CARD.each(view):
        start, end = match.span()
        digits = _digits(view.text[start:end])
        if _free(view, start, end) and is_card(digits) and not _NUMBER_BEFORE.fits(view.before(start, 24)):
            yield Find(start, end, "CARD", Rank.VALIDATED)
    for match in _IBAN.each(view):
        end = _iban_end(view.text, *match.span())
        if end:
            yield Find(match.start(), end, "IBAN", Rank.VALIDATED)
    for match in _IBAN_CUE.each(view):
        yield Find.over(match.span(1), "IBAN", Rank.VALIDATED)


def is_card(digits: str) -> bool:
    """Luhn's check digit, and digits a card network gives out."""
    two, four = int(digits[:2]), int(digits[:4])
    if digits[0] == "4":
        lengths: tuple[int, ...] = (13, 16)
    elif 51 <= two <= 55 or 2221 <= four <= 2720:
        lengths = (16,)
    elif two in (34, 37):
        lengths = (15,)
    elif two == 36 or 300 <= int(digits[:3]) <= 305 or two in (38, 39):
        lengths = (14, 16)
    elif four == 6011 or two == 65 or 644 <= int(digits[:3]) <= 649 or two in (35, 62):
        lengths = (16,)
    elif two in (50, 56, 57, 58, 63, 67):
        lengths = (13, 15, 16, 18, 19)
    else:
        return False
    return len(digits) in lengths and luhn(digits) and len(set(digits)) > 2


def luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _iban_end(text: str, start: int, end: int) -> int | None:
    """Where the IBAN that begins at `start` ends, if its country, length and check digits are right."""
    length = _IBAN_LENGTHS.get(text[start : start + 2])
    if length is None:
        return None
    compact, place = "", start
    while place < end and len(compact) < length:
        compact += text[place] if text[place].isalnum() else ""
        place += 1
    if len(compact) < length:
        return None
    number = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
    return place if int(number) % 97 == 1 else None


def birth_and_home(view: View) -> Iterator[Find]:
    """Birth dates that are called so, and postal addresses."""
    for match in _BIRTH.each(view):
        yield Find.over(match.span(1), "DOB", Rank.VALIDATED)
    for pattern in (_STREET, _STREET_CONTINENTAL):
        for match in pattern.each(view):
            yield Find.over(match.span(), "ADDRESS", Rank.VALIDATED)
