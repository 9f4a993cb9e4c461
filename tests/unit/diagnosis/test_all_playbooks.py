"""Every playbook that is shipped keeps the rules of `docs/playbooks.md`."""

from __future__ import annotations

from collections import Counter

import pytest

from dbbuddy.context import CATEGORIES, ENGINES, Engine, SystemContext
from dbbuddy.diagnosis.body import Piece
from dbbuddy.diagnosis.compose import Match, answer
from dbbuddy.diagnosis.library import BUILT_IN, load_library
from dbbuddy.diagnosis.playbook import Playbook, check
from dbbuddy.diagnosis.selection import Reader
from dbbuddy.rendering import to_markdown

LIBRARY = load_library()
PLAYBOOKS = sorted(LIBRARY.playbooks.values(), key=lambda playbook: playbook.slug)
MAX_SHOWN = 6_500

each_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.slug)


def shown_to(playbook: Playbook, engine: Engine) -> str:
    return to_markdown(answer(Match(playbook, 9.0, 0.9), (), Reader(SystemContext(engine=engine), {}), ""))


def fences(playbook: Playbook) -> list[Piece]:
    return [piece for piece in playbook.body.all_pieces() if piece.kind == "code"]


def test_all_files_are_loaded() -> None:
    assert LIBRARY.problems == ()
    files = [path for path in BUILT_IN.rglob("*.md") if path.name != "README.md"]
    assert len(LIBRARY.playbooks) == len(files)


def test_links_between_playbooks_resolve() -> None:
    assert LIBRARY.broken_links() == []


def test_there_are_enough_and_they_are_spread() -> None:
    assert len(PLAYBOOKS) >= 180
    categories = Counter(playbook.head.category for playbook in PLAYBOOKS)
    engines = Counter(engine for playbook in PLAYBOOKS for engine in playbook.head.engines)
    assert [category for category in CATEGORIES if categories[category] < 5] == []
    assert [engine for engine in ENGINES if engines[engine] < 8] == []


def test_titles_are_unique() -> None:
    titles = Counter(playbook.head.title.lower() for playbook in PLAYBOOKS)
    assert [title for title, count in titles.items() if count > 1] == []


@each_playbook
def test_it_passes_the_check(playbook: Playbook) -> None:
    assert list(map(str, check(playbook))) == []


@each_playbook
def test_it_names_two_sources_and_not_itself_as_related(playbook: Playbook) -> None:
    assert len({(source.title, source.section) for source in playbook.head.sources}) >= 2
    assert playbook.slug not in playbook.head.related
    assert len(set(playbook.head.related)) == len(playbook.head.related)


@each_playbook
def test_every_reader_has_a_source_and_a_way_to_confirm_and_fix(playbook: Playbook) -> None:
    for engine in playbook.head.engines:
        advice = answer(Match(playbook, 9.0, 0.9), (), Reader(SystemContext(engine=engine), {}), "")
        assert advice.sources, engine
        assert advice.diagnoses[0].root_cause, engine
        assert advice.diagnoses[0].confirm or advice.diagnoses[0].confirm_blocks, engine
        assert advice.fixes_of("immediate"), engine
        assert len({fix.horizon for fix in advice.fixes}) >= 2, engine
        assert advice.monitoring.points or advice.monitoring.blocks, engine
        assert advice.expected, engine
        assert advice.do_nots, engine


@each_playbook
def test_what_one_reader_sees_is_short(playbook: Playbook) -> None:
    lengths = {engine: len(shown_to(playbook, engine)) for engine in playbook.head.engines}
    assert {engine: length for engine, length in lengths.items() if length >= MAX_SHOWN} == {}


@each_playbook
def test_nothing_is_left_unfilled(playbook: Playbook) -> None:
    for engine in playbook.head.engines:
        shown = shown_to(playbook, engine)
        assert "{{" not in shown
        assert "![" not in shown
        assert shown.count("```") % 2 == 0


@each_playbook
def test_code_is_for_its_own_engines(playbook: Playbook) -> None:
    own = set(playbook.head.engines)
    assert [piece.line for piece in fences(playbook) if not piece.selector.engines <= own] == []
    assert [piece.line for piece in fences(playbook) if not piece.selector.engines and not piece.any_engine] == []
    assert [ask.question for ask in playbook.head.asks if not set(ask.sql) <= own] == []
    assert [code.code for code in playbook.head.signals.codes if code.engine not in own] == []


@each_playbook
def test_sql_is_whole_statements(playbook: Playbook) -> None:
    sql = [piece for piece in fences(playbook) if piece.language == "sql"]
    unended = [
        piece.line
        for piece in sql
        if not piece.text.rstrip().splitlines()[-1].rstrip().endswith((";", "/", "GO"))
        and "--" not in piece.text.rstrip().splitlines()[-1]
    ]
    assert unended == []
