"""Units of what is measured. Sizes count in 1,024s, as the engines' own tools and clouds' volumes do."""

from __future__ import annotations

import math

from dbbuddy.intake.text import InputError

_SIZES: dict[str, float] = {
    "b": 1.0,
    "byte": 1.0,
    "bytes": 1.0,
    "page": 8192.0,
    "pages": 8192.0,  # of PostgreSQL, SQL Server and Oracle by default
    "block": 8192.0,
    "blocks": 8192.0,
}
for _power, _letter in enumerate("kmgtp", start=1):
    for _name in (_letter, f"{_letter}b", f"{_letter}ib", f"{_letter}bytes"):
        _SIZES[_name] = 1024.0**_power
_SIZES |= {f"{n}byte{s}": 1024.0**p for p, n in enumerate(("kilo", "mega", "giga", "tera", "peta"), 1) for s in ("", "s")}
_SIZES |= {f"{n}bibyte{s}": 1024.0**p for p, n in enumerate(("ki", "me", "gi", "te", "pe"), 1) for s in ("", "s")}
_COUNTS: dict[str, float] = {"": 1.0, "count": 1.0, "rows": 1.0, "connections": 1.0, "iops": 1.0, "tps": 1.0, "qps": 1.0}
_COUNTS |= {"values": 1.0, "transactions": 1.0, "count/second": 1.0, "countpersecond": 1.0, "1/s": 1.0, "/s": 1.0}
_COUNTS |= {"k": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_SHARES: dict[str, float] = {"%": 1.0, "percent": 1.0, "pct": 1.0, "share": 100.0}


class UnitError(InputError):
    """Two units that do not measure the same; the message says which."""


def is_size(unit: str) -> bool:
    """Whether the unit is one of bytes; a lone letter may be a count too and is not."""
    return (len(_plain(unit)) > 1 and _plain(unit) in _SIZES) or _plain(unit) == "b"


def is_rate_of_size(unit: str) -> bool:
    """Whether the unit is bytes a second."""
    return _per_second(unit) is not None


def is_known(unit: str) -> bool:
    """Whether `convert` knows the unit."""
    plain = _plain(unit)
    return plain in _SIZES or plain in _COUNTS or plain in _SHARES or is_rate_of_size(unit)


def factor(source: str, target: str) -> float:
    """What one of `source` is in `target`.

    Raises:
        UnitError: they do not measure the same.
    """
    one, other = _plain(source), _plain(target)
    if one == other or not one or not other:
        return 1.0
    if one in _SHARES and other in _SHARES:
        return _SHARES[one] / _SHARES[other]
    rates = _per_second(source), _per_second(target)
    if rates[0] is not None and rates[1] is not None:
        return rates[0] / rates[1]
    if other in _SIZES and one in _SIZES:
        return _SIZES[one] / _SIZES[other]
    if one in _COUNTS and other in _COUNTS:
        return _COUNTS[one] / _COUNTS[other]
    raise UnitError(f"{source} and {target} do not measure the same. Give the value in {target}.")


def convert(value: float, source: str, target: str) -> float:
    """The value in another unit.

    Raises:
        UnitError: the units do not measure the same.
    """
    return value * factor(source, target)


def split_quantity(text: str) -> tuple[str, str]:
    """Number and unit of a text such as `1.2 TB`, `85%` or `300`; both as written."""
    stripped = text.strip()
    number = stripped.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%/ ")
    unit = stripped[len(number) :].strip()
    if unit[:1] in ("e", "E") and unit[1:].isdigit():
        return stripped, ""
    return number.strip(), unit


def quantity(text: str, unit: str = "") -> tuple[float, str]:
    """A number with its unit, the given one where the text names none.

    Raises:
        UnitError: it is no number, or the unit is not known.
    """
    number, named = split_quantity(text)
    try:
        value = float(_point(number.replace("_", "")))
    except ValueError:
        raise UnitError(f"{text.strip()[:40]!r} is no quantity. Write it as 500 GB, 80 % or 3000.") from None
    if not math.isfinite(value):
        raise UnitError(f"{text.strip()[:40]!r} is no finite quantity. Write it as 500 GB, 80 % or 3000.")
    if named and not is_known(named):
        raise UnitError(f"{named[:20]!r} is no known unit. Use B, KB, MB, GB, TB, %, MB/s or a plain count.")
    return value, named or unit


def _point(number: str) -> str:
    """`1,200` and `1,234.5` have thousands, `2,5` and `1.234,5` a decimal comma."""
    if "," in number and "." in number and number.rindex(",") > number.rindex("."):
        return number.replace(".", "").replace(",", ".")
    whole, _, rest = number.partition(",")
    if number.count(",") == 1 and "." not in number and (len(rest) != 3 or whole.strip("+-") in ("", "0")):
        return number.replace(",", ".")
    return number.replace(",", "")


def _plain(unit: str) -> str:
    return unit.strip().lower().replace(" ", "")


def _per_second(unit: str) -> float | None:
    plain = _plain(unit)
    for ending in ("/s", "/sec", "/second", "ps", "persecond"):
        if plain.endswith(ending) and plain.removesuffix(ending) in _SIZES and plain.removesuffix(ending):
            return _SIZES[plain.removesuffix(ending)]
    return None
