"""The review at hand: what was asked, what was found, what the planner said. All in the session's memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import streamlit as st

from dbbuddy.context import Engine
from dbbuddy.privacy.vault import Vault
from dbbuddy.severity import SEVERITIES, Severity
from dbbuddy.sqlreview.finding import Finding
from dbbuddy.sqlreview.inputs import require_sql
from dbbuddy.sqlreview.paste import redacted
from dbbuddy.sqlreview.review import Review, review

_KEY = "review-opened"
_MOMENT = "review-moment"
CORRECTED = "review-corrected"
# A longer script (characters) is verified only when asked for, as it is read a second time.
_VERIFIED_AT_ONCE = 200_000


@dataclass(frozen=True)
class Asked:
    """What is reviewed; the texts are redacted."""

    sql: str
    schema: str = ""
    stats: Mapping[str, Any] = field(default_factory=dict)
    engine: Engine | None = None
    version: str | None = None

    def review(self, *, verify: bool = False) -> Review:
        """The review of it, with the planner's word if `verify`."""
        return review(
            self.sql,
            engine=self.engine,
            version=self.version,
            schema=self.schema or None,
            stats=self.stats,
            verify=verify,
        )


@dataclass
class Opened:
    """A review. `moment` tells one from another, for the keys of what is drawn of it."""

    asked: Asked
    review: Review
    moment: str
    removed: tuple[str, ...] = ()
    corrected: bool = False
    """True if the reader corrected what the planner was told, and so wants its word even where no index is advised."""

    @cached_property
    def lines(self) -> list[str]:
        return self.asked.sql.split("\n")

    @property
    def verified_at_once(self) -> bool:
        """Whether the planner is asked without the user having to."""
        return len(self.asked.sql) <= _VERIFIED_AT_ONCE

    def verify(self) -> None:
        """Ask the planner; its word and its order of the indexes replace the unverified ones."""
        if self.review.verified is None:
            self.review = self.asked.review(verify=True)

    def numbered(self, severities: set[Severity]) -> list[tuple[int, Finding]]:
        """The findings of these severities, each with its number in the review."""
        return [(number, finding) for number, finding in enumerate(self.review.findings) if finding.severity in severities]

    @property
    def severities(self) -> list[Severity]:
        """The severities that were found, the worst first."""
        found = {finding.severity for finding in self.review.findings}
        return [severity for severity in SEVERITIES if severity in found]


def open_review(sql: str, schema: str, stats: Mapping[str, Any], engine: Engine | None, version: str | None) -> None:
    """Review pasted texts and show the result.

    Raises:
        InputError: there is no SQL in it, or it cannot be read.
    """
    vault = Vault()
    clean, removed = redacted(sql, vault)
    definitions, removed_there = redacted(schema, vault) if schema.strip() else ("", ())
    _hold(Asked(clean, definitions, stats, engine, version), tuple(dict.fromkeys((*removed, *removed_there))))


def assume(opened: Opened, stats: Mapping[str, Any]) -> None:
    """Review the same again with other statistics."""
    _hold(replace(opened.asked, stats=stats), opened.removed, corrected=True)
    st.session_state[CORRECTED] = stats


def _hold(asked: Asked, removed: tuple[str, ...], *, corrected: bool = False) -> None:
    made = asked.review()
    require_sql(made)
    st.session_state[_MOMENT] = moment = st.session_state.get(_MOMENT, 0) + 1
    st.session_state[_KEY] = Opened(asked, made, str(moment), removed, corrected)


def opened() -> Opened | None:
    """What was reviewed last, if anything."""
    held: Opened | None = st.session_state.get(_KEY)
    return held
