"""Numbers that the user states about the system, for arithmetic: pool sizes, instances, rates, limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import re2

_N = r"(\d+(?:[,.]\d+)*)(?:\s*(k|thousand|m|mio|million|bn|billion)\b)?"
_FACTORS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9, "": 1.0}
_BYTES = {
    "b": 1.0,
    "byte": 1.0,
    "kb": 1e3,
    "kib": 1024.0,
    "mb": 1e6,
    "mib": 2.0**20,
    "gb": 1e9,
    "gib": 2.0**30,
    "tb": 1e12,
    "tib": 2.0**40,
}
_SECONDS = {
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "minute": 60.0,
    "min": 60.0,
    "hour": 3600.0,
    "h": 3600.0,
    "day": 86400.0,
    "night": 86400.0,
}

_HOSTS = (
    r"(?:app(?:lication)?[ -]?)?(?:servers|instances|hosts|nodes|pods|replicas|containers|tasks|machines|vms|lambdas|functions)"
)
_PROCESSES = r"(?:pm2 |gunicorn |uwsgi |puma |celery |web )?(?:workers|processes|procs|forks)"
_ROWS = r"(?:sensor |log |new |million )*(?:rows?|records?|events?|messages?|inserts?|orders?|entries|readings?|requests?)"
_PER = r"(?:per|/|an?|each|every)\s*"

# Fact -> patterns; group 1 is the number, group 2 its factor.
_PATTERNS: dict[str, tuple[str, ...]] = {
    "pool_size": (
        r"\b(?:max(?:imum)?[ _-]?pool[ _-]?size|pool[ _-]?max|poolmax|connection[ _-]?limit|pool[ _-]?size|max[ _-]?active|max[ _-]?total)\s*(?:is|of|=|:|to|at)?\s*(?:set to )?"
        + _N,
        r"\bpool (?:is )?(?:already )?(?:at|of|=|set to|size|with|max)\s*" + _N,
        r"\b"
        + _N
        + r" (?:connections? )?(?:per|in (?:each|the)|each) (?:pool|container|instance|pod|server|process|worker|lambda)",
        r"\bpool of " + _N,
        r"(?:\bx|×|\*) *" + _N + r" (?:db |database )?(?:connections|conns)\b",
    ),
    "instances": (
        r"\b" + _N + r"\s+(?:[a-z][\w-]*\s){0,3}" + _HOSTS + r"\b",
        r"\bon " + _N + r" " + _HOSTS,
        r"\breplicas?\s*[:=]\s*" + _N,
        r"\bscale[sd]?(?: up| out)? to " + _N,
    ),
    "processes": (r"\b" + _N + r"\s+" + _PROCESSES + r"\b", r"\bworkers?\s*[:=]\s*" + _N),
    "threads": (r"\b" + _N + r"\s+threads\b",),
    "services": (r"\b" + _N + r"\s+(?:micro-?)?(?:services|applications|apps)\b",),
    "pools": (
        r"\b(?:has|have|with|opens?|creates?|uses?) " + _N + r" (?:connection )?pools\b",
        r"\b" + _N + r" pools (?:each|per)\b",
    ),
    "max_connections": (r"\bmax_connections\b[^\d\n]{0,30}" + _N, r"\b(?:limit|max) (?:is|of) " + _N + r" connections"),
    "total_rows": (r"\b" + _N + r"\s*(?:rows|records)\b",),
    "cores": (r"\b" + _N + r"[ -]?(?:v?cpus?|cores?)\b",),
    "indexes": (r"\b" + _N + r" (?:more |secondary |other )?index(?:es)?\b",),
    "months": (r"\b(?:for|next|keep|in|of|over)?\s*" + _N + r"[ -]months?\b",),
}
# "100 connections on our servers" does not count servers.
_OTHER_THING = re2.compile(r"(?i)^\d\S*\s.*\b(?:on|across|from|to|for|with|and|between)\s.*s$")
_REASONABLE = 1e15

_COMPILED = {name: tuple(re2.compile("(?i)" + p) for p in patterns) for name, patterns in _PATTERNS.items()}


@dataclass(frozen=True)
class Facts:
    """Numbers by name; counts are plain, sizes in bytes, rates per second."""

    values: dict[str, float]

    def get(self, name: str) -> float | None:
        return self.values.get(name)

    def has(self, *names: str) -> bool:
        return all(name in self.values for name in names)


def find_facts(text: str) -> Facts:
    """Every number whose meaning the words around it tell."""
    values: dict[str, float] = {}
    for name, patterns in _COMPILED.items():
        number = next((n for pattern in patterns if (n := _first_number(pattern, text)) is not None), None)
        if number is not None:
            values[name] = number
    values |= _rate(text)
    values |= _sizes(text)
    if "years" not in values and (years := re2.search(r"(?i)\b(\d{1,2})[ -]years?\b", text)) and "months" not in values:
        values["months"] = float(years.group(1)) * 12
    return Facts(values)


def _first_number(pattern: Any, text: str) -> float | None:
    matches = (m for m in pattern.finditer(text) if not _OTHER_THING.search(m.group(0)))
    match = next(matches, None)
    return _number(match.group(1), match.group(2) or "") if match else None


def _rate(text: str) -> dict[str, float]:
    pattern = r"(?i)\b" + _N + r"\s*" + _ROWS + r"\s*" + _PER + r"(s|sec|second|min|minute|h|hour|day|night)\b"
    match = re2.search(pattern, text)
    number = _number(match.group(1), match.group(2) or "") if match else None
    return {"rows_per_second": number / _SECONDS[match.group(3).lower()]} if match and number else {}


def _sizes(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    size = r"(\d[\d,.]*)\s*(bytes?|b|[kmgt]i?b)\b"
    for name, pattern in (
        ("row_bytes", r"(?i)\brows?(?: size)?(?: is| of| are)?(?: about| around| ~)?\s*~?" + size),
        ("row_bytes", r"(?i)" + size + r"[^.\n]{0,12}(?:/|per |each )\s*(?:row|event|record|message)"),
        ("memory_bytes", r"(?i)" + size + r"\s*(?:of )?(?:ram|memory)\b"),
        ("memory_bytes", r"(?i)\b(?:ram|memory)(?: is| of|:)?\s*" + size),
    ):
        match = re2.search(pattern, text)
        if match and name not in found:
            unit = match.group(2).lower()
            number = _number(match.group(1), "")
            if number is not None:
                found[name] = number * _BYTES[unit.removesuffix("s") if unit.startswith("byte") else unit]
    return found


def _number(digits: str, factor: str) -> float | None:
    """`1,300` and `50.000` as thousands, `2.5` and `2,5` as fractions; `None` if it is no number that can be reckoned with."""
    plain = digits.rstrip(".,")
    if re2.fullmatch(r"\d{1,3}([,.]\d{3})+", plain):
        plain = plain.replace(",", "").replace(".", "")
    elif re2.fullmatch(r"\d+,\d{1,2}", plain):
        plain = plain.replace(",", ".")
    try:
        number = float(plain.replace(",", "")) * _FACTORS[factor.lower()]
    except ValueError:
        return None
    return number if number < _REASONABLE else None
