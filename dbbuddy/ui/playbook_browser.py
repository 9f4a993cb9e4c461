"""The tab of the knowledge page that searches the playbooks and shows one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dbbuddy.advisor import Advisor
from dbbuddy.context import CATEGORIES, CATEGORY_NAMES, ENGINE_NAMES, ENGINES, Category, Engine, SystemContext
from dbbuddy.diagnosis.browse import as_read_by, category_counts, engine_counts, readers
from dbbuddy.diagnosis.compose import branch_fixes
from dbbuddy.diagnosis.library import Library
from dbbuddy.diagnosis.playbook import Playbook, check
from dbbuddy.diagnosis.selection import Reader
from dbbuddy.rendering import code_span
from dbbuddy.ui import answer_card
from dbbuddy.ui.text import plain, show_warning

PER_PAGE = 8


def draw(advisor: Advisor, edit: Callable[[Playbook], None]) -> None:
    """Search and filters, the list, and the chosen playbook; `edit` is called with a playbook that is to be edited."""
    found = _search(advisor)
    if not found:
        st.info("No playbook fits. Try other words, or take a filter away.", icon=":material/search_off:")
        return
    chosen_from, shown = st.columns([2, 3], gap="large")
    with chosen_from:
        playbook = _choose(found)
    with shown:
        _show(playbook, advisor.library, edit)


def _search(advisor: Advisor) -> list[Playbook]:
    books = list(advisor.library.playbooks.values())
    in_category, for_engine = category_counts(books), engine_counts(books)
    query = st.text_input(
        "Search", placeholder="Words, an error code, a slug", icon=":material/search:", max_chars=200, key="knowledge-query"
    )
    category: Category | None = st.pills(
        "Category",
        CATEGORIES,
        format_func=lambda name: f"{CATEGORY_NAMES[name]} :gray[{in_category[name]}]",
        key="knowledge-category",
        wrap=True,
    )
    engine: Engine | None = st.pills(
        "Engine",
        ENGINES,
        format_func=lambda name: f"{ENGINE_NAMES[name]} :gray[{for_engine[name]}]",
        key="knowledge-engine",
        wrap=True,
    )
    return advisor.search(query or "", category, engine)


def _choose(found: Sequence[Playbook]) -> Playbook:
    pages = -(-len(found) // PER_PAGE)
    place = st.container()
    page = st.pagination(pages, key=f"knowledge-pages-{len(found)}-{found[0].slug}", max_visible_pages=5) if pages > 1 else 1
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    by_slug = {playbook.slug: playbook for playbook in shown}
    with place:
        slug = st.radio(
            f"{len(found)} playbook{'s' * (len(found) != 1)}",
            list(by_slug),
            format_func=lambda slug: plain(by_slug[slug].head.title),
            captions=[_caption(playbook) for playbook in shown],
            key="knowledge-slug",
        )
    return by_slug.get(slug or "", shown[0])


def _caption(playbook: Playbook) -> str:
    every = set(playbook.head.engines) == set(ENGINES)
    engines = "all engines" if every else ", ".join(ENGINE_NAMES[engine] for engine in playbook.head.engines)
    return f"{CATEGORY_NAMES[playbook.head.category]} · {engines}"


def _show(playbook: Playbook, library: Library, edit: Callable[[Playbook], None]) -> None:
    own = playbook.slug in library.own()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        context = reader_choice(playbook, f"knowledge-reader-{playbook.slug}")
        st.button("Edit a copy", icon=":material/edit_note:", key="knowledge-edit", on_click=edit, args=(playbook,))
    source = "from your folder" if own else "built in"
    st.caption(f"{code_span(playbook.path.name)}, {source}")
    for problem in problems_of(playbook, library):
        show_warning(problem)
    show_as_read_by(playbook, context)
    _recognised_by(playbook)
    with st.expander("The file", icon=":material/description:"):
        st.code(playbook.text, language="markdown", wrap_lines=True, line_numbers=True, height=600)


def problems_of(playbook: Playbook, library: Library) -> list[str]:
    """What is wrong with a playbook that is in use, its links to others included."""
    return [*map(str, check(playbook)), *(link for link in library.broken_links() if link.startswith(f"{playbook.slug}:"))]


def reader_choice(playbook: Playbook, key: str) -> SystemContext:
    """Whose view of a playbook is shown: an engine's users, or a service's."""
    offered = readers(playbook)
    chosen: SystemContext = st.selectbox("As seen by users of", offered, format_func=SystemContext.label, key=key, filter_mode=None)
    return chosen if chosen in offered else offered[0]


def show_as_read_by(playbook: Playbook, context: SystemContext) -> None:
    """The whole answer that this playbook gives such users, and what it says to what they report later."""
    answer_card.draw(as_read_by(playbook, context), sure=False)
    reader = Reader(context, {})
    for branch in playbook.head.branches:
        with st.expander(f"When they report: {plain(branch.id.replace('-', ' '))}", icon=":material/alt_route:"):
            st.caption("Recognised by " + ", ".join(map(code_span, branch.when)))
            text, blocks, fixes = branch_fixes(playbook, branch.id, reader)
            answer_card.draw_branch(text, blocks, fixes)


def _recognised_by(playbook: Playbook) -> None:
    signals = playbook.head.signals
    with st.expander("What it is recognised by", icon=":material/fingerprint:"):
        rows = [(f"code {code_span(s.code)}", ENGINE_NAMES[s.engine], s.weight) for s in signals.codes]
        for sign, phrases in ((1, signals.phrases), (-1, signals.negative)):
            rows += [(code_span(s.match), ENGINE_NAMES[s.engine] if s.engine else "any", sign * s.weight) for s in phrases]
        rows += [(f"finding {code_span(s.id)}", "any", s.weight) for s in signals.findings]
        if rows:
            st.table(
                [{"Signal": what, "Engine": engine, "Weight": f"{weight:+g}"} for what, engine, weight in rows], hide_index=True
            )
        st.markdown("Written like:\n" + "\n".join(f"- {plain(symptom)}" for symptom in playbook.head.symptoms))
