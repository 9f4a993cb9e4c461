"""Engine, version, service, cloud, deployment and environment, as the text tells them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from dbbuddy.context import ENGINES, Engine, SystemContext, services
from dbbuddy.data_files import load_yaml
from dbbuddy.intake.patterns import PatternSet, compiled

# An engine is taken as told if its signals sum to this, and lead the next engine by `_LEAD`.
ENOUGH = 5.0
_LEAD = 2.0

_CLOUD = {
    "aws": r"\baws\b|\brds\b|\baurora\b|\bec2\b|\blambdas?\b|\bfargate\b|cloudwatch|amazonaws",
    "azure": r"\bazure\b|database\.windows\.net|\bdtus?\b|\bentra\b",
    "gcp": r"\bgcp\b|google cloud|\bcloud ?sql\b|\balloydb\b|\bgke\b|cloud run",
}
_ENVIRONMENT = {
    "production": r"\b(in|on|our|the)? ?prod(uction)?\b|\blive (system|site|db|database)\b",
    "staging": r"\bstaging\b|\bpre-?prod\w*|\buat\b",
    "development": r"\b(dev|development) (db|database|environment|machine|server|box)\b|\blocalhost\b|\blocally\b|\blocal (machine|environment|env|dev\w*|docker|set-?up|databases?|db|instance|server|copy|postgres\w*|mysql|maria\w*|oracle|sql server)\b|\bmy laptop\b|\bdocker[- ]compose\b",
}
_HOSTING = {
    "kubernetes": r"\bkubernetes\b|\bk8s\b|\bpods?\b|\bstatefulset|\bhelm\b|\bopenshift\b",
    "docker": r"\bdocker\w*|\bcontainers?\b",
    "vm": r"\bec2\b|\bvms?\b|\bvirtual machine|\bbare[- ]metal\b|\bon[- ]?prem\w*|\bown server\b|\bvps\b",
}
_ON_PREMISES = r"\bon[- ]?prem\w*|\bbare[- ]metal\b|\bself[- ]hosted\b|\bown (server|hardware|data ?cent)\w*"

_VERSIONS: dict[Engine, str] = {
    "postgresql": r"(?i)\b(?:postgres(?:ql)?|pg|psql|postgres version|rds)[ -]?(?:version |v)?((?:9\.[0-6]|1[0-9])(?:\.\d+){0,2})\b",
    "mysql": r"(?i)\b(?:mysql|aurora mysql|innodb)[ -]?(?:version |v|server |community )?([589]\.\d+(?:\.\d+)?|[89])\b|\b([58]\.[0-7]\.\d{1,2})\b",
    "mariadb": r"(?i)\bmaria ?db[ -]?(?:version |v|server )?(1[01](?:\.\d+){0,2}|10\.\d+(?:\.\d+)?)\b|\b(1[01]\.\d+\.\d+)-mariadb",
    "sqlserver": r"(?i)\b(?:sql ?server|mssql|sql)[ -]?(?:version )?(20(?:08|12|14|16|17|19|22|25))\b",
    "oracle": r"(?i)\b(?:oracle[ -]?(?:database |db |rac )?(?:version |v)?)?((?:9|10|11|12|18|19|21|23|26)(?:\.\d+)*)(?:c|g|ai|i)\b|\boracle[ -]?(?:database |db )?((?:11|12|18|19|21|23)(?:\.\d+)*)\b",
}


@dataclass(frozen=True)
class EngineGuess:
    """Signal sums by engine, and the engine that clearly leads."""

    scores: dict[Engine, float]
    engine: Engine | None


@cache
def _engine_signals() -> tuple[PatternSet, tuple[tuple[Engine, float], ...]]:
    rows = [(engine, row) for engine, rows in load_yaml("engine_signals.yaml").items() for row in rows]
    return PatternSet([row["match"] for _, row in rows]), tuple((engine, row["weight"]) for engine, row in rows)


def guess_engine(text: str) -> EngineGuess:
    """Which engine the text speaks of; none when two are near each other or the signals are weak."""
    patterns, owners = _engine_signals()
    scores: dict[Engine, float] = dict.fromkeys(ENGINES, 0.0)
    for index in patterns.hits(text):
        engine, weight = owners[index]
        scores[engine] += weight
    if scores["mariadb"]:
        scores["mariadb"] += scores["mysql"]
    ranked = sorted(ENGINES, key=lambda e: -scores[e])
    best, second = ranked[0], ranked[1]
    clear = scores[best] >= ENOUGH and scores[best] - scores[second] >= _LEAD
    return EngineGuess(scores, best if clear else None)


def read_context(text: str, given: SystemContext) -> SystemContext:
    """`given` completed by what the text says. What the user set by hand is never overwritten."""
    found: dict[str, Any] = {}
    engine = given.engine or guess_engine(text).engine
    service = given.service or _service_in(text, engine)
    if service and not _fits(service, given):
        service = None
    if service and not engine:
        engine = services()[service].engine
    found["engine"], found["service"] = engine, service
    found["cloud"] = given.cloud or (None if given.deployment == "on_premises" else _first(_CLOUD, text))
    found["environment"] = given.environment or _first(_ENVIRONMENT, text)
    found["hosting"] = given.hosting or (None if service else _first(_HOSTING, text))
    on_premises = not service and compiled(_ON_PREMISES).search(text)
    found["deployment"] = given.deployment or ("on_premises" if on_premises else None)
    found["version"] = given.version or (_version_in(text, engine) if engine else None)
    return SystemContext(**found).completed()


def _fits(service_id: str, given: SystemContext) -> bool:
    service = services()[service_id]
    if given.deployment == "on_premises" and service.cloud:
        return False
    return (given.engine in (None, service.engine)) and (given.cloud in (None, service.cloud))


def _service_in(text: str, engine: Engine | None) -> str | None:
    for service in services().values():
        if service.match and engine in (None, service.engine) and compiled(service.match).search(text):
            return service.id
    return _service_by_brand(text, engine) if engine else None


def _service_by_brand(text: str, engine: Engine) -> str | None:
    """`RDS` or `Aurora` said anywhere, and the engine known from elsewhere."""
    for brand, prefix in ((r"\baurora\b", "aurora"), (r"\brds\b", "rds"), (r"\bcloud ?sql\b", "cloudsql")):
        if compiled(brand).search(text) and f"{prefix}-{engine}" in services():
            return f"{prefix}-{engine}"
    return None


def _first(patterns: dict[str, str], text: str) -> str | None:
    return next((name for name, pattern in patterns.items() if compiled(pattern).search(text)), None)


def _version_in(text: str, engine: Engine) -> str | None:
    match = compiled(_VERSIONS[engine]).search(text)
    return next((group for group in match.groups() if group), None) if match else None
