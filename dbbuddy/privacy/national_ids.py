"""National identity numbers and medical records: by form and check digit, or by what stands before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dbbuddy.privacy.personal import luhn, stands_alone
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_AADHAAR_PRODUCT = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"
)  # fmt: skip
_AADHAAR_PLACE = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _american(text: str) -> bool:
    area, group, serial = text.split("-")
    return area not in ("000", "666") and group != "00" and serial != "0000"


def _spanish(text: str) -> bool:
    compact = text.replace("-", "")
    number = compact[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == compact[-1]


def _french(text: str) -> bool:
    digits = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return len(digits) == 15 and digits.isdigit() and 97 - int(digits[:13]) % 97 == int(digits[13:])


def _swedish(text: str) -> bool:
    digits = _digits(text)[-10:]
    return 1 <= int(digits[2:4]) <= 12 and 1 <= int(digits[4:6]) <= 91 and luhn(digits)


def _finnish(text: str) -> bool:
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(text[:6] + text[7:10]) % 31] == text[10] and 1 <= int(text[:2]) <= 31


def _brazilian(text: str) -> bool:
    digits = _digits(text)
    weights: tuple[int, ...] = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2) if len(digits) == 14 else (11, 10, 9, 8, 7, 6, 5, 4, 3, 2)
    first, second = -_weighted(digits, weights[1:]) % 11 % 10, -_weighted(digits, weights) % 11 % 10
    return len(set(digits)) > 1 and digits[-2:] == f"{first}{second}"


def _indian(text: str) -> bool:
    check = 0
    for index, digit in enumerate(reversed(_digits(text))):
        check = int(_AADHAAR_PRODUCT[check][int(_AADHAAR_PLACE[index % 8][int(digit)])])
    return check == 0


def _chinese(text: str) -> bool:
    check = _weighted(text, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11
    return "10X98765432"[check] == text[17] and 1 <= int(text[10:12]) <= 12


def _swiss(text: str) -> bool:
    digits = _digits(text)
    return -_weighted(digits, (1, 3) * 6) % 10 == int(digits[12])


def _belgian(text: str) -> bool:
    digits = _digits(text)
    return any(97 - int(century + digits[:9]) % 97 == int(digits[9:]) for century in ("", "2"))


def _singaporean(text: str) -> bool:
    total = _weighted(text[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if text[0] in "TG" else 0)
    return ("JZIHGFEDCBA" if text[0] in "ST" else "XWUTRQPNMLK")[total % 11] == text[8]


def _british_health(text: str) -> bool:
    digits = _digits(text)
    return -_weighted(digits, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11 == int(digits[9])


def _czech(text: str) -> bool:
    digits = _digits(text)
    return int(digits) % 11 == 0 and int(digits[2:4]) % 50 % 20 in range(1, 13) and 1 <= int(digits[4:6]) <= 31


def _certain(_: str) -> bool:
    return True


_FORMS: tuple[tuple[Pattern, Callable[[str], bool]], ...] = tuple(
    (Pattern(r"\b(?:" + form + r")\b", case=True), check)
    for form, check in (
        (r"\d{3}-\d{2}-\d{4}", _american),
        (r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]|[A-CEGHJ-TW-Z][A-CEGHJ-NP-TW-Z] \d{2} \d{2} \d{2} [A-D]", _certain),
        (r"\d{8}-?[A-HJ-NP-TV-Z]|[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]", _spanish),
        (r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2A|2B) ?\d{3} ?\d{3} ?\d{2}", _french),
        (r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]|[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", _certain),
        (r"(?:19|20)?\d{6}[-+]\d{4}", _swedish),
        (r"\d{6}[-+ABCDEFYXWVU]\d{3}[0-9A-FHJ-NPR-Y]", _finnish),
        (r"\d{3}\.\d{3}\.\d{3}-\d{2}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", _brazilian),
        (r"[2-9]\d{3} \d{4} \d{4}", _indian),
        (r"[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dX]", _chinese),
        (r"\d{2}[01]\d[0-3]\d-[1-8]\d{6}", _certain),
        (r"756\.\d{4}\.\d{4}\.\d{2}", _swiss),
        (r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", _belgian),
        (r"[STFG]\d{7}[A-Z]", _singaporean),
        (r"\d{3} \d{3} \d{4}", _british_health),
        (r"\d{6}/\d{4}", _czech),
    )
)
_CALLED = Pattern(
    r"\b(?:ssn|social security(?: (?:number|no\.?))?|sin|nino|national insurance(?: (?:number|no\.?))?|nhs(?: (?:number|no\.?))?|dni|nie|nif|"
    r"pesel|cpf|cnpj|bsn|passport(?: (?:number|no\.?))?|tax ?id|tin|itin|ein|steuer-?(?:id|nr)\.?|personnummer|fodselsnummer|cpr|"
    r"codice fiscale|aadhaar|curp|insee|nir|medicare|driver'?s licen[cs]e|national id|id card|identity card|egn|jmbg|oib|cnp|rut|rfc|tckn|"
    r"nric|hkid|personalausweis(?:nummer)?|reisepass(?:nummer)?)\b"
    r"[\"']?(?: (?:is|was|of [A-Za-z ]{1,30}|number|no\.?|nr\.?|id))?[ \t]{0,3}[:=#]?[ \t]{0,3}[\"'(]?([A-Z0-9](?:[ ./-]?[A-Z0-9]){5,18})\b"
)
_RECORD = Pattern(
    r"\b(?:(mrn[-:# ]{0,2}(?:[A-Z]{1,4}-?)?\d{4,12})|(?:mrn|medical record(?: (?:number|no\.?))?|patient[ _-]?(?:id|no|number|nr))"
    r"[\"']?[ \t]{0,2}[-:=#]{0,2}[ \t]{0,2}[\"']?((?:[A-Z]{1,4}-?)?\d{4,12}))\b"
)
_DIAGNOSIS = Pattern(
    r"\b(?:icd-?(?:9|10|11)(?:-cm)?(?: code)?|diagnos(?:is|ed with|e)|dx)[\"']?[ \t]{0,2}[:=]?[ \t]{0,2}[\"']?"
    r"([A-TV-Z]\d[0-9A-B](?:\.[0-9A-Z]{1,4})?\b)"
)


def national_ids(view: View) -> Iterator[Find]:
    """Identity numbers, numbers of medical records, and diagnoses."""
    for pattern, check in _FORMS:
        for hit in pattern.each(view):
            if stands_alone(view, *hit.span()) and check(hit.text()):
                yield Find(*hit.span(), "NATID", Rank.VALIDATED)
    for hit in _CALLED.each(view):
        value = _numbered(hit.text(1))
        if len(_digits(value)) >= 5:
            yield Find(hit.start(1), hit.start(1) + len(value), "NATID", Rank.VALIDATED)
    for hit in _RECORD.each(view):
        yield Find(*hit.span(hit.taken(2)), "MEDICAL", Rank.VALIDATED)
    for hit in _DIAGNOSIS.each(view):
        yield Find(*hit.span(1), "MEDICAL", Rank.VALIDATED)


def _numbered(value: str) -> str:
    """The leading words of a value that hold digits or are one or two capitals."""
    kept: list[str] = []
    for word in value.split(" "):
        if len(word) > 2 and not any(c.isdigit() for c in word):
            break
        kept.append(word)
    return " ".join(kept)
