"""The small language that marks which part of a playbook is for whom: `[postgresql rds >=13 !aurora]`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dbbuddy.context import ENGINE_NAMES, ENGINES, Engine, SystemContext, platform_tags

_VERSION = re.compile(r"(>=|<)(\d{1,9}(?:\.\d{1,9})*)$")

_TAG_NAMES = {
    "aws": "AWS",
    "azure": "Azure",
    "gcp": "Google Cloud",
    "managed": "managed services",
    "self_managed": "your own servers",
    "on_premises": "your own servers",
    "rds": "RDS and Aurora",
    "aurora": "Aurora",
    "azure_sql": "Azure SQL Database",
    "azure_mi": "Azure SQL Managed Instance",
    "azure_flexible": "Azure flexible server",
    "cloud_sql": "Cloud SQL",
    "alloydb": "AlloyDB",
    "docker": "Docker",
    "kubernetes": "Kubernetes",
    "serverless": "serverless clients",
}


@dataclass(frozen=True)
class Selector:
    """Conditions on a context. Words of one kind are alternatives; the kinds must all hold."""

    engines: frozenset[Engine] = frozenset()
    tags: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    versions: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @classmethod
    def parse(cls, words: str) -> Selector | None:
        """Read `postgresql rds >=13 !aurora`; `None` if any word is not a selector word."""
        engines: set[Engine] = set()
        tags: set[str] = set()
        excluded: set[str] = set()
        versions: list[tuple[str, tuple[int, ...]]] = []
        for word in words.replace(",", " ").split():
            version = _VERSION.match(word)
            if word in ENGINES:
                engines.add(word)
            elif word in platform_tags():
                tags.add(word)
            elif word.startswith("!") and word[1:] in platform_tags():
                excluded.add(word[1:])
            elif version:
                versions.append((version[1], tuple(int(n) for n in version[2].split("."))))
            else:
                return None
        return cls(frozenset(engines), frozenset(tags), frozenset(excluded), tuple(versions))

    def holds(self, context: SystemContext) -> bool | None:
        """True or False where the context decides, `None` where it does not."""
        answers = [self._engine_holds(context), self._platform_holds(context)]
        answers += [_negated(context.fact(tag)) for tag in self.excluded]
        answers += [_version_holds(operator, bound, context.major) for operator, bound in self.versions]
        if False in answers:
            return False
        return None if None in answers else True

    def _engine_holds(self, context: SystemContext) -> bool | None:
        if not self.engines:
            return True
        return None if context.engine is None else context.engine in self.engines

    def _platform_holds(self, context: SystemContext) -> bool | None:
        facts = [context.fact(tag) for tag in self.tags]
        if not facts or True in facts:
            return True
        return None if None in facts else False

    def label(self, context: SystemContext) -> str:
        """What the context leaves open, for people: `on RDS and Aurora; PostgreSQL 13 or later`."""
        parts: list[str] = []
        if self._platform_holds(context) is None:
            parts.append("on " + " or ".join(sorted(_TAG_NAMES[t] for t in self.tags)))
        open_exclusions = [t for t in sorted(self.excluded) if context.fact(t) is None]
        if open_exclusions:
            parts.append("not on " + " or ".join(_TAG_NAMES[t] for t in open_exclusions))
        if self._engine_holds(context) is None:
            parts.append(" or ".join(ENGINE_NAMES[e] for e in ENGINES if e in self.engines))
        if self.versions and context.major is None:
            bounds = (f"{'from' if op == '>=' else 'before'} version {'.'.join(map(str, v))}" for op, v in self.versions)
            parts.append(", ".join(bounds))
        return "; ".join(parts)


EVERYWHERE = Selector()


def _negated(fact: bool | None) -> bool | None:
    return None if fact is None else not fact


def _version_holds(operator: str, bound: tuple[int, ...], version: tuple[int, ...] | None) -> bool | None:
    if version is None:
        return None
    length = min(len(bound), len(version))
    if length < len(bound) and version[:length] == bound[:length]:
        return None
    at_least = version[: len(bound)] >= bound
    return at_least if operator == ">=" else not at_least
