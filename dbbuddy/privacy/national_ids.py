"""National identity numbers: by form and check digit, or by what stands before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dbbuddy.privacy.personal import luhn
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View


def _only_digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _us_ssn(text: str) -> bool:
    area, group, serial = text.replace(" ", "-").split("-")
    return area not in ("000", "666") and group != "00" and serial != "0000"


def _spanish(text: str) -> bool:
    compact = text.upper().replace("-", "").replace(" ", "").replace(".", "")
    number = compact[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == compact[-1]


def _french(text: str) -> bool:
    digits = text.replace(" ", "").upper().replace("2A", "19").replace("2B", "18")
    return len(digits) == 15 and digits.isdigit() and 97 - int(digits[:13]) % 97 == int(digits[13:])


def _swedish(text: str) -> bool:
    digits = _only_digits(text)[-10:]
    return 1 <= int(digits[2:4]) <= 12 and 1 <= int(digits[4:6]) <= 91 and luhn(digits)


def _finnish(text: str) -> bool:
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(text[:6] + text[7:10]) % 31] == text[10].upper() and 1 <= int(text[:2]) <= 31


def _danish(text: str) -> bool:
    return 1 <= int(text[:2]) <= 31 and 1 <= int(text[2:4]) <= 12


def _brazilian(text: str) -> bool:
    digits = [int(c) for c in _only_digits(text)]
    if len(digits) == 14:
        weights = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
        first = -sum(d * w for d, w in zip(digits, weights, strict=False)) % 11 % 10
        return digits[12] == first
    first = sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=False)) * 10 % 11 % 10
    second = sum(d * w for d, w in zip(digits, range(11, 1, -1), strict=False)) * 10 % 11 % 10
    return digits[9:] == [first, second] and len(set(digits)) > 1


def _aadhaar(text: str) -> bool:
    multiply = [[(i + j) % 5 if i < 5 and j < 5 else 0 for j in range(10)] for i in range(10)]
    multiply = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ]  # fmt: skip
    permute = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    for _ in range(6):
        permute.append([permute[-1][permute[1][i]] for i in range(10)])
    check = 0
    for index, digit in enumerate(reversed(_only_digits(text))):
        check = multiply[check][permute[index % 8][int(digit)]]
    return check == 0


def _chinese(text: str) -> bool:
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return (
        "10X98765432"[sum(int(c) * w for c, w in zip(text, weights, strict=False)) % 11] == text[17].upper()
        and 1 <= int(text[10:12]) <= 12
    )


def _polish(text: str) -> bool:
    weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]
    return -sum(int(c) * w for c, w in zip(text, weights, strict=False)) % 10 == int(text[10])


def _swiss(text: str) -> bool:
    digits = [int(c) for c in _only_digits(text)]
    return len(digits) == 13 and -sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits[:12])) % 10 == digits[12]


def _belgian(text: str) -> bool:
    digits = _only_digits(text)
    return any(97 - int(prefix + digits[:9]) % 97 == int(digits[9:]) for prefix in ("", "2"))


def _singapore(text: str) -> bool:
    total = sum(int(c) * w for c, w in zip(text[1:8], (2, 7, 6, 5, 4, 3, 2), strict=False)) + (4 if text[0] in "TG" else 0)
    return ("JZIHGFEDCBA" if text[0] in "ST" else "XWUTRQPNMLK")[total % 11] == text[8]


def _british_health(text: str) -> bool:
    digits = [int(c) for c in _only_digits(text)]
    return len(digits) == 10 and (11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11) % 11 == digits[9]


def _always(_: str) -> bool:
    return True


_FORMS: tuple[tuple[Pattern, Callable[[str], bool]], ...] = tuple(
    (Pattern(r"\b(?:" + pattern + r")\b", case=True), check)
    for pattern, check in (
        (r"\d{3}-\d{2}-\d{4}", _us_ssn),
        (r"[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]\d{6}[A-D]|[ABCEGHJ-PRSTQW-Z][ABCEGHJ-NPRSTQW-Z] \d{2} \d{2} \d{2} [A-D]", _always),
        (r"\d{8}-?[A-HJ-NP-TV-Z]|[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]", _spanish),
        (r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2A|2B) ?\d{3} ?\d{3} ?\d{2}", _french),
        (r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", _always),
        (r"(?:19|20)?\d{6}[-+]\d{4}", _swedish),
        (r"\d{6}[-+ABCDEFYXWVU]\d{3}[0-9A-FHJ-NPR-Y]", _finnish),
        (r"\d{6}-\d{4}", _danish),
        (r"\d{3}\.\d{3}\.\d{3}-\d{2}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", _brazilian),
        (r"[2-9]\d{3} \d{4} \d{4}", _aadhaar),
        (r"[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dX]", _chinese),
        (r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", _always),
        (r"\d{6}-[1-8]\d{6}", _always),
        (r"756\.\d{4}\.\d{4}\.\d{2}", _swiss),
        (r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", _belgian),
        (r"[STFG]\d{7}[A-Z]", _singapore),
        (r"\d{3} \d{3} \d{4}", _british_health),
        (r"\d{6}/\d{4}", lambda text: int(_only_digits(text)) % 11 == 0),
    )
)
_CUE = Pattern(
    r"\b(?:ssn|social security(?: (?:number|no\.?))?|sin|nino|national insurance(?: (?:number|no\.?))?|nhs(?: (?:number|no\.?))?|dni|nie|nif|pesel|cpf|cnpj|bsn|passport(?: (?:number|no\.?))?|tax ?id|tin|itin|ein|steuer-?(?:id|nr)\.?|personnummer|"
    r"fodselsnummer|cpr|codice fiscale|aadhaar|curp|insee|nir|medicare|driver'?s licen[cs]e|national id|id card|identity card|egn|jmbg|oib|cnp|rut|rfc|tckn|nric|hkid|personalausweis(?:nummer)?|reisepass(?:nummer)?)"
    r"[\"']?(?: (?:is|was|of [A-Za-z ]{1,30}|number|no\.?|nr\.?|id))?[ \t]{0,3}[:=#]?[ \t]{0,3}[\"'(]?([A-Z0-9](?:[ ./-]?[A-Z0-9]){5,18})\b"
)
_RECORD = Pattern(
    r"\b(?:mrn|medical record(?: (?:number|no\.?))?|patient[ _-]?(?:id|no|number|nr))[\"']?[ \t]{0,2}[-:=#]{0,2}[ \t]{0,2}[\"']?((?:[A-Z]{1,4}-?)?\d{4,12})\b|\b(MRN-?\d{4,12})\b"
)
_DIAGNOSIS = Pattern(
    r"\b(?:icd-?(?:9|10|11)(?:-cm)?(?: code)?|diagnos(?:is|ed with|e)|dx)[\"']?[ \t]{0,2}[:=]?[ \t]{0,2}[\"']?([A-TV-Z]\d[0-9A-B](?:\.[0-9A-Z]{1,4})?\b(?: [a-z][a-z0-9 ]{2,40})?)"
)


def national_ids(view: View) -> Iterator[Find]:
    """Identity and health numbers."""
    for pattern, check in _FORMS:
        for match in pattern.each(view):
            start, end = match.span()
            if _alone(view, start, end) and check(view.text[start:end]):
                yield Find(start, end, "NATID", Rank.VALIDATED)
    for match in _CUE.each(view):
        start, end = match.span(1)
        value = view.text[start:end]
        end = start + len(_number_part(value))
        if sum(c.isdigit() for c in view.text[start:end]) >= 5:
            yield Find(start, end, "NATID", Rank.VALIDATED)
    for match in _RECORD.each(view):
        yield Find.over(match.span(1 if match.span(1) != (-1, -1) else 2), "MEDICAL", Rank.VALIDATED)
    for match in _DIAGNOSIS.each(view):
        yield Find.over(match.span(1), "MEDICAL", Rank.VALIDATED)


def _number_part(value: str) -> str:
    """The leading words of a value that hold digits or are single capitals."""
    words = value.split(" ")
    kept = 0
    for word in words:
        if not any(c.isdigit() for c in word) and len(word) > 2:
            break
        kept += 1
    return " ".join(words[:kept])


def _alone(view: View, start: int, end: int) -> bool:
    before, after = view.text[max(0, start - 2) : start], view.text[end : end + 2]
    return (
        before[-1:] not in ("-", ".", "_", "+", "/", ":")
        and not (before[-1:] == " " and before[:1].isdigit())
        and after[:1] not in ("-", "_", "/", ":")
        and not (after[:1] in (".", " ") and after[1:2].isdigit())
    )
