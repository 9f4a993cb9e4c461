"""Why a text was matched, and finding playbooks."""

from __future__ import annotations

import pytest

from dbbuddy.advisor import Advisor
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.browse import as_read_by, category_counts, readers
from dbbuddy.diagnosis.explain import Explanation

LOCK_WAIT = "MySQL 8.0: ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction"
TYPO = "postgres autovacum cannot keep up, tables bloat"


def explained(advisor: Advisor, text: str, context: SystemContext | None = None) -> tuple[Explanation, ...]:
    return advisor.explain(text, context)[1]


class TestExplain:
    def test_is_the_ranking_of_the_answer(self, advisor: Advisor) -> None:
        answered = advisor.ask(LOCK_WAIT).diagnoses[0]
        best = explained(advisor, LOCK_WAIT)[0]
        assert (best.playbook.slug, best.confidence) == (answered.slug, answered.confidence)

    def test_at_most_ten_best_first(self, advisor: Advisor) -> None:
        scores = [row.score for row in explained(advisor, "the database is slow and the disk is full")]
        assert len(scores) == 10
        assert scores == sorted(scores, reverse=True)

    @pytest.mark.parametrize("text", [LOCK_WAIT, TYPO, "deadlock found, too many connections, connection refused"])
    def test_the_parts_sum_up_to_the_score(self, advisor: Advisor, text: str) -> None:
        for row in explained(advisor, text):
            parts = row.signal_points + row.lexical + row.bonus + row.against_points
            assert parts == pytest.approx(row.score, abs=1e-6)

    def test_names_code_and_phrase_with_the_quote(self, advisor: Advisor) -> None:
        best = explained(advisor, "good morning\n" + LOCK_WAIT)[0]
        code = next(signal for signal in best.signals if signal.kind == "code")
        assert (code.pattern, code.weight, code.points, code.line) == ("1205", 10.0, 10.0, 2)
        assert "ERROR 1205" in code.quote
        phrase = next(signal for signal in best.signals if signal.kind == "phrase")
        assert "Lock wait timeout" in phrase.quote

    def test_stronger_signals_come_first_and_later_ones_count_less(self, advisor: Advisor) -> None:
        signals = explained(advisor, LOCK_WAIT)[0].signals
        assert [signal.points for signal in signals] == sorted((signal.points for signal in signals), reverse=True)
        assert signals[1].points == signals[1].weight / 2

    def test_what_speaks_against_it_is_negative(self, advisor: Advisor) -> None:
        rows = explained(advisor, "lambda connection timed out, FATAL: too many connections for role")
        against = [signal for row in rows for signal in row.against]
        assert against
        assert all(signal.points == -signal.weight < 0 for signal in against)

    def test_terms_are_the_words_of_the_text(self, advisor: Advisor) -> None:
        best = explained(advisor, LOCK_WAIT)[0]
        assert {"lock", "wait", "timeout"} <= {term.name for term in best.terms}
        assert sum(term.share for term in best.terms) <= 1 + 1e-9
        assert [term.points for term in best.terms] == sorted((term.points for term in best.terms), reverse=True)

    def test_a_signal_seen_only_without_typos_has_no_quote(self, advisor: Advisor) -> None:
        rows = explained(advisor, TYPO)
        assert any(signal.quote == "" for row in rows for signal in row.signals)

    def test_the_given_engine_limits_the_playbooks(self, advisor: Advisor) -> None:
        rows = explained(advisor, "sessions wait for a lock", SystemContext(engine="oracle"))
        assert rows
        assert all("oracle" in row.playbook.head.engines for row in rows)

    def test_nothing_in_common(self, advisor: Advisor) -> None:
        assert explained(advisor, "qwxz vvkk") == ()


class TestSearch:
    def test_without_a_query_everything_by_title(self, advisor: Advisor) -> None:
        titles = [playbook.head.title.lower() for playbook in advisor.search("")]
        assert len(titles) == len(advisor.library.playbooks)
        assert titles == sorted(titles)

    @pytest.mark.parametrize("query", ["lambda-connection-timeout", "Lambda Connection", "lambda cannot reach"])
    def test_slug_and_title_in_any_case(self, advisor: Advisor, query: str) -> None:
        assert advisor.search(query)[0].slug == "lambda-connection-timeout"

    def test_codes(self, advisor: Advisor) -> None:
        assert "mysql-lock-wait-timeout" in [playbook.slug for playbook in advisor.search("1205")]

    def test_by_meaning(self, advisor: Advisor) -> None:
        assert "pg-table-bloat" in [playbook.slug for playbook in advisor.search("table grows although rows are deleted")]

    def test_filters(self, advisor: Advisor) -> None:
        found = advisor.search("", "security_hardening", "oracle")
        assert found
        assert all(p.head.category == "security_hardening" and "oracle" in p.head.engines for p in found)

    def test_nothing(self, advisor: Advisor) -> None:
        assert advisor.search("qwxzvvkk") == []

    def test_counts(self, advisor: Advisor) -> None:
        assert category_counts(advisor.search("")).total() == len(advisor.library.playbooks)


def test_every_reader_can_be_shown_a_playbook(advisor: Advisor) -> None:
    playbook = advisor.library["lambda-connection-timeout"]
    offered = readers(playbook)
    assert {context.engine for context in offered} == set(playbook.head.engines)
    for context in offered:
        assert as_read_by(playbook, context).fixes
