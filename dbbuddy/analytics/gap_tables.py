"""The tables of the gaps page; questions stand in them by their common words, never by their text."""

from __future__ import annotations

from dbbuddy.analytics import wording
from dbbuddy.analytics.clusters import common_terms
from dbbuddy.analytics.gaps import CodeGap, Gaps, QuestionGap
from dbbuddy.analytics.tables import Column, Table
from dbbuddy.context import CATEGORIES

_WORDS = 5


def gap_tables(found: Gaps) -> tuple[Table, ...]:
    """Questions without a sure diagnosis, playbooks that did not help, codes without a playbook; the costliest first."""
    return (_questions(found), _playbooks(found), _codes(found))


def topic(gap: QuestionGap) -> str:
    """What a group of questions has in common, in a few words."""
    words = " ".join(common_terms(gap.questions, _WORDS)) or "no texts kept"
    return f"{words} ({', '.join(gap.codes)})" if gap.codes else words


def as_question(gap: CodeGap) -> QuestionGap:
    """A code without a playbook as the start of a draft."""
    engines = (gap.engine,) if gap.engine else ()
    return QuestionGap((), (), CATEGORIES[0], engines, (gap.code,), gap.n, gap.solved, gap.minutes)


def _questions(found: Gaps) -> Table:
    rows = tuple(
        (topic(gap), wording.name(gap.category), ", ".join(map(wording.name, gap.engines)), gap.n, gap.solved, gap.minutes)
        for gap in found.questions
    )
    columns = (Column("Words in common"), Column("Category"), Column("Engines"), *_counts())
    return Table("gap-questions", "Questions without a sure diagnosis", columns, rows, ("gaps",))


def _counts() -> tuple[Column, ...]:
    return Column("Asked", "count"), Column("Solved nevertheless", "count"), Column("DBA minutes to save", "minutes")


def _playbooks(found: Gaps) -> Table:
    rows = tuple(
        (
            gap.slug,
            wording.name(gap.category),
            gap.episodes,
            gap.told,
            gap.confirmed.value,
            gap.came_back,
            gap.satisfaction.value,
            gap.satisfaction.n,
            gap.minutes,
        )
        for gap in found.playbooks
    )
    columns = (
        Column("Playbook"),
        Column("Category"),
        Column("Problems", "count"),
        Column("Outcome told", "count"),
        Column("Confirmed solved", "share"),
        Column("Came back", "count"),
        Column("Satisfaction", "stars"),
        Column("Ratings", "count"),
        Column("DBA minutes to save", "minutes"),
    )
    return Table("gap-playbooks", "Playbooks that did not help everybody", columns, rows, ("gaps", "satisfaction"))


def _codes(found: Gaps) -> Table:
    rows = tuple((wording.name(gap.engine), gap.code, gap.title, gap.n, gap.solved, gap.minutes) for gap in found.codes)
    columns = (Column("Engine"), Column("Code"), Column("Meaning"), *_counts())
    return Table("gap-codes", "Error codes without a playbook", columns, rows, ("gaps",))
