"""The bars that the rules must clear on the labelled cases."""

from __future__ import annotations

from tests.eval.sql import bytebase, soar, sqlserver, wetune
from tests.eval.sql.cases import needs_corpus


@needs_corpus
def test_soar() -> None:
    score = soar.score()
    assert score.found >= 0.88 * score.positives
    assert score.alarms <= 0.04 * score.negatives


@needs_corpus
def test_bytebase() -> None:
    alike, total, _ = bytebase.score()
    assert alike.total() >= 0.8 * total.total()


@needs_corpus
def test_wetune() -> None:
    detected, cases, _ = wetune.score()
    assert detected >= cases / 2


@needs_corpus
def test_sqlserver() -> None:
    found, _, problems, _ = sqlserver.score()
    assert found >= 0.8 * problems
