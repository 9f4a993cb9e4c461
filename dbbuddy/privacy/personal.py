"""Personal data that can be recognised by its form: e-mail, cards, accounts, phones, birth dates, postal addresses."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View
from dbbuddy.privacy.words import words

_EMAIL = Pattern(
    r"[a-z0-9][\w.+'-]{0,63}(?:@|%40)(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b|"
    r"[a-z0-9][\w.+-]{0,63} ?[\[(]at[\])] ?[a-z0-9-]{1,63}(?:\.| ?[\[(]dot[\])] ?)[a-z]{2,24}\b"
)
_FILE_ENDINGS = words("file_endings")
_CARD = Pattern(r"\b[2-6]\d{3}(?:[ -]?\d{3,6}){2,4}\b")
_IBAN = Pattern(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8}\b", case=True)
_IBAN_CALLED = Pattern(r"\biban[\"']?[ \t]*[:=#]?[ \t]*[\"']?([A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8})\b")
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28,
    "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18,
    "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25,
    "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_INTERNATIONAL = Pattern(r"(?:\+|\b00)([1-9]\d{0,2}[ .()/-]{0,3}(?:\(0\)[ ]?)?\d(?:[ .()/-]{0,2}\d){5,13})\b")
_CALLING_CODES = Pattern(
    r"(?:1[2-9]\d{9}|(?:7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2[1-69]\d|3[578]\d|42\d|50\d|59\d|67\d|68\d|85\d|88\d|96\d|97\d|99\d)\d{6,12})"
)
_AMERICAN = Pattern(r"(?:\b1[ .-])?(?:\([2-9]\d{2}\)[ .-]?|\b[2-9]\d{2}[.-])[2-9]\d{2}[ .-]\d{4}\b(?:[ ]?(?:x|ext\.?)[ ]?\d{1,5})?")
_NATIONAL = Pattern(r"(?:\b0[1-9]\d{1,4}|\(0[1-9]\d{1,4}\))[ /-]\d{3,8}(?:[ -]\d{2,5}){0,3}\b|\b0[1-9](?:[ .]\d{2}){4}\b")
_CALLED = Pattern(
    r"\b(?:tel(?:ephone|efon|\.)?|phone(?:[ _]?(?:no|number|nr))?|mobile|mobil|cell|fax|handy|telefono|whatsapp|sms|pager|"
    r"call(?: me| us| him| her)?(?: (?:on|at|back on))?|ring|reach (?:me|us|him|her) (?:on|at))"
    r"[\"']?[.:=# \t]{1,4}[\"']?(\+?\(?\d(?:[ .()/-]{0,2}\d){6,14})\b"
)
_DATE = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](?:\d{1,2}|[a-z]{3,9})[-/., ]{1,2}\d{2,4}|[a-z]{3,9} \d{1,2},? \d{4})"
_BORN = Pattern(
    r"\b(?:dob|d\.o\.b\.?|born(?: on)?|birth ?(?:date|day)|date of birth|geboren(?: am)?|geburtsdatum|ne\(?e?\)? le|nacido el|"
    r"fecha de nacimiento|data di nascita)[\"']?[:= \t]{1,4}(?:is |was |on )?[\"']?(" + _DATE + r")\b"
)
_STREET = Pattern(
    r"\b\d{1,5}[A-Za-z]?,? (?:[A-Z][A-Za-z'.-]{1,24} ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|"
    r"Square|Sq|Terrace|Crescent|Close|Way|Parkway|Pkwy|Highway|Hwy|Gardens|Row|Mews|Rise|Grove|Hill|Walk|Park|Quay)\b\.?"
    r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|#)\.? ?[\w-]{1,6})?(?:, ?[A-Z][A-Za-z .'-]{2,30}){0,2}(?:,? [A-Z]{2})?"
    r"(?: \d{5}(?:-\d{4})?|,? [A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})?\b|"
    r"\b[A-Z][A-Za-z-]{2,30}(?:strasse|strase|str\.|weg|platz|allee|gasse|damm|ufer|straat|laan|plein|gatan|vagen|gata|veien|vej|gade|katu|tie) "
    r"\d{1,4}[a-z]?\b(?:, ?(?:[A-Z]{1,2}-)?\d{4,5} [A-Z][A-Za-z-]{2,30})?|"
    r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Pp]lace|[Cc]hemin|[Ii]mpasse|[Aa]llee|[Qq]uai|[Cc]ours) "
    r"(?:(?:de|du|des|la|le|les|d'|l') ?){0,3}[A-Z][A-Za-z'-]{2,30}(?: [A-Z][A-Za-z'-]{2,30}){0,3}(?:,? \d{5} [A-Z][A-Za-z-]{2,30})?|"
    r"\b(?:[Cc]alle|[Cc]/|[Aa]venida|[Aa]vda\.?|[Pp]laza|[Pp]aseo|[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso|[Rr]ua|[Uu]l\.|[Uu]lica) "
    r"(?:(?:de|del|della|dei|la|las|los|el|do|da|das|dos) ){0,3}[A-Z][A-Za-z'-]{2,30}(?: [A-Z][A-Za-z'-]{2,30}){0,3},? (?:n\.? ?)?\d{1,4}[A-Za-z]?\b",
    case=True,
)
_COUNTED = Pattern(
    r".*(?:id|hash|lsn|scn|pos|position|offset|block|page|oid|xid|txid|gtid|seq|sequence|timestamp|time|ts|rows|bytes|size|value|queryid|"
    r"handle|digest|object|cost|ref)[\s:=('\"#]*"
)


def contact_data(view: View) -> Iterator[Find]:
    """E-mail addresses and phone numbers."""
    for hit in _EMAIL.each(view):
        address = hit.text().lower()
        if (
            address.rpartition(".")[2] not in _FILE_ENDINGS
            and not address.startswith("git@")
            and "@localhost." not in address
            and not view.text.startswith("://", hit.end())
        ):
            yield Find(*hit.span(), "EMAIL", Rank.CONTACT)
    for hit in _INTERNATIONAL.each(view):
        digits = _digits(hit.text(1).replace("(0)", ""))
        written = hit.text().startswith("+") or any(c in " -/." for c in hit.text())
        if _CALLING_CODES.fits(digits) and written and stands_alone(view, *hit.span()):
            yield Find(*hit.span(), "PHONE", Rank.VALIDATED)
    for pattern, most in ((_AMERICAN, 16), (_NATIONAL, 13)):
        for hit in pattern.each(view):
            if 9 <= len(_digits(hit.text())) <= most and stands_alone(view, *hit.span()):
                yield Find(*hit.span(), "PHONE", Rank.VALIDATED)
    for hit in _CALLED.each(view):
        yield Find(*hit.span(1), "PHONE", Rank.VALIDATED)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def stands_alone(view: View, start: int, end: int) -> bool:
    """Whether no letter, digit, dot or sign around belongs to the number found."""
    text = view.text
    before, behind = text[max(0, start - 2) : start], text[end : end + 2]
    if (
        before[-1:].isalnum()
        or before[-1:] in ("_", "+", ".", "-")
        or (before[-1:] in (" ", ":", "/", "=", ",") and before[:-1].isdigit())
    ):
        return False
    return not (
        behind[:1].isalnum() or behind[:1] == "_" or (behind[:1] in ("-", ".", ":", "/", " ", ",") and behind[1:].isdigit())
    )


def payment_data(view: View) -> Iterator[Find]:
    """Card numbers with a valid check digit and known first digits, and IBANs."""
    for hit in _CARD.each(view):
        if is_card(_digits(hit.text())) and stands_alone(view, *hit.span()) and not _COUNTED.fits(view.before(hit.start(), 24)):
            yield Find(*hit.span(), "CARD", Rank.VALIDATED)
    for hit in _IBAN.each(view):
        if end := _iban_end(view.text, *hit.span()):
            yield Find(hit.start(), end, "IBAN", Rank.VALIDATED)
    for hit in _IBAN_CALLED.each(view):
        yield Find(*hit.span(1), "IBAN", Rank.VALIDATED)


def is_card(digits: str) -> bool:
    """Luhn's check digit, and first digits and a length that a card network gives out."""
    two, three, four = int(digits[:2]), int(digits[:3]), int(digits[:4])
    lengths: tuple[int, ...] = ()
    if digits[0] == "4":
        lengths = (13, 16)
    elif 51 <= two <= 55 or 2221 <= four <= 2720 or four == 6011 or two in (65, 35, 62) or 644 <= three <= 649:
        lengths = (16,)
    elif two in (34, 37):
        lengths = (15,)
    elif two in (36, 38, 39) or 300 <= three <= 305:
        lengths = (14, 16)
    elif two in (50, 56, 57, 58, 63, 67):
        lengths = (13, 15, 16, 18, 19)
    return len(digits) in lengths and luhn(digits) and len(set(digits)) > 1


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
    compact, place = "", start
    while length and place < end and len(compact) < length:
        compact += text[place] if text[place].isalnum() else ""
        place += 1
    if not length or len(compact) < length:
        return None
    return place if int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1 else None


def birth_and_home(view: View) -> Iterator[Find]:
    """Birth dates that are called so, and postal addresses."""
    for hit in _BORN.each(view):
        yield Find(*hit.span(1), "DOB", Rank.VALIDATED)
    for hit in _STREET.each(view):
        yield Find(*hit.span(), "ADDRESS", Rank.VALIDATED)
