"""The texts of insights: `data/plan_insights/<engine>.yaml`, titles shared by all engines in `vocabulary.yaml`."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from dbbuddy.context import Engine
from dbbuddy.data_files import load_yaml

# MariaDB's plans and remedies are MySQL's unless its own file says otherwise.
_FALLS_BACK_TO: dict[Engine, Engine] = {"mariadb": "mysql"}


class InsightText(BaseModel):
    """What one engine's users read. `{name}`s are values that the rule reports; unknown names fail the tests.

    `sql` is ready to run once the values are in. `source` names the manual's section, or the tool, that the threshold or
    the advice is from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str
    advice: str
    sql: str = ""
    source: str


@cache
def titles() -> dict[str, str]:
    """Each insight's id and title."""
    return dict(load_yaml("plan_insights/vocabulary.yaml"))


@cache
def texts_of(engine: Engine) -> dict[str, InsightText]:
    """The texts for one engine by insight id."""
    texts: dict[str, InsightText] = {}
    if engine in _FALLS_BACK_TO:
        texts.update(texts_of(_FALLS_BACK_TO[engine]))
    texts.update({name: InsightText(**text) for name, text in load_yaml(f"plan_insights/{engine}.yaml").items()})
    return texts
