"""An answer for one engine never shows the words of another."""

from __future__ import annotations

import re

import pytest

from dbbuddy.context import Engine, SystemContext, services
from dbbuddy.diagnosis.compose import Match, answer, branch_fixes
from dbbuddy.diagnosis.library import load_library
from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.diagnosis.selection import Reader
from dbbuddy.rendering import block_markdown, to_markdown

LIBRARY = load_library()

_POSTGRESQL = r"\bpg_\w+|\bpostgres\w*|\bautovacuum\w*|\bVACUUM\b|\bSHARED_BUFFERS\b|\bwork_mem\b|\bpgbouncer\b|\bctid\b"
_MYSQL = (
    r"\binnodb\w*|\bmysql\w*|SHOW (ENGINE|PROCESSLIST|FULL PROCESSLIST)|\bmyisam\b|\bgalera\b|\bperformance_schema\b|\bmy\.cnf\b"
)
_SQLSERVER = r"\bsys\.dm_\w+|\bDBCC\b|\bsp_\w+|\bNOLOCK\b|\bREADPAST\b|\bT-SQL\b|\bSQL Server\b|\btempdb\b|\bRCSI\b"
_ORACLE = r"\bg?v\$\w+|\bdba_\w+|\bdbms_\w+|\bora-\d+|\bAWR\b|\bPL/SQL\b|\bSGA\b|\bsqlnet\.ora\b|\btnsnames"
_MARIADB = r"\bmariadb\w*"

FOREIGN: dict[Engine, str] = {
    "postgresql": "|".join((_MYSQL, _SQLSERVER, _ORACLE, _MARIADB)),
    "mysql": "|".join((_POSTGRESQL, _SQLSERVER, _ORACLE, r"\bautovacuum\w*")),
    "mariadb": "|".join((_POSTGRESQL, _SQLSERVER, _ORACLE)),
    "sqlserver": "|".join((_POSTGRESQL, _MYSQL, _ORACLE, _MARIADB)),
    "oracle": "|".join((_POSTGRESQL, _MYSQL, _SQLSERVER, _MARIADB)),
}
# Words of one engine that are ordinary English or shared names elsewhere.
SHARED = re.compile(r"\b(mysql2|mysql-connector\w*|pg_dump)\b", re.I)


def shown_to(playbook: Playbook, context: SystemContext) -> str:
    """Everything that such a reader can come to see of a playbook: the answer and every branch."""
    reader = Reader(context, {})
    parts = [to_markdown(answer(Match(playbook, 9.0, 0.9), (), reader, ""))]
    for branch in playbook.body.branches:
        text, blocks, fixes = branch_fixes(playbook, branch, reader)
        parts += [text, *map(block_markdown, blocks)]
        for fix in fixes:
            parts += [fix.what, fix.why, fix.risk_note, fix.rollback, *map(block_markdown, fix.blocks)]
    return "\n".join(parts)


@pytest.mark.parametrize(
    ("slug", "engine"), [(slug, engine) for slug, playbook in sorted(LIBRARY.playbooks.items()) for engine in playbook.head.engines]
)
def test_no_foreign_words(slug: str, engine: Engine) -> None:
    playbook = LIBRARY[slug]
    texts = {"": shown_to(playbook, SystemContext(engine=engine))}
    for service in services().values():
        if service.engine == engine:
            texts[service.id] = shown_to(playbook, SystemContext.of(service=service.id))
    for service_id, text in texts.items():
        found = {m.group(0) for m in re.finditer(FOREIGN[engine], SHARED.sub("", text), re.I)}
        assert not found, f"{slug} shows {sorted(found)} to {engine} {service_id}"


@pytest.mark.parametrize(
    "slug",
    [
        slug
        for slug, p in sorted(LIBRARY.playbooks.items())
        if len(p.head.engines) > 1 and set(p.head.engines) != {"mysql", "mariadb"}
    ],
)
def test_no_engine_words_while_the_engine_is_unknown(slug: str) -> None:
    """With one engine, or MySQL and MariaDB alone, the playbook itself tells the engine."""
    playbook = LIBRARY[slug]
    text = shown_to(playbook, SystemContext())
    found = {m.group(0) for pattern in (_POSTGRESQL, _MYSQL, _SQLSERVER, _ORACLE) for m in re.finditer(pattern, text, re.I)}
    assert len(found) <= 3, f"{slug} shows {sorted(found)} before the engine is known"
