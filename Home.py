"""Entry: what DB-Buddy does for whom, and the way there."""

import streamlit as st

from dbbuddy.ui.page import open_page

open_page("DB-Buddy", wide=True)

st.header("The database desk that answers now", anchor=False)
st.markdown(
    "Paste a question, an error, a log, a slow query, an execution plan, a table definition or a configuration. "
    "You get what a senior DBA would say: the cause with its evidence, fixes for now and later as SQL for your engine, "
    "how to verify, and what to expect. "
    "PostgreSQL, MySQL, MariaDB, SQL Server and Oracle; on your servers, AWS, Azure and Google Cloud."
)
if st.button("Ask a question", icon=":material/forum:", type="primary", key="ask"):
    st.switch_page("pages/chat.py")

developers, dbas, managers = st.columns(3)
with developers, st.container(border=True, height="stretch"):
    st.subheader(":material/code: Developers", anchor=False)
    st.markdown(
        "- An answer in seconds instead of a ticket that waits\n"
        "- SQL that names its engine and its risk, with the way back\n"
        "- Any EXPLAIN plan of five engines drawn, explained and compared\n"
        "- Your SQL reviewed before it runs, with indexes that PostgreSQL's planner has tried"
    )
    st.space("stretch")
    st.page_link("pages/chat.py", label="Ask about a problem", icon=":material/arrow_forward:")
    st.page_link("pages/plans.py", label="Read an execution plan", icon=":material/account_tree:")
    st.page_link("pages/review.py", label="Review SQL or a migration", icon=":material/rule:")
with dbas, st.container(border=True, height="stretch"):
    st.subheader(":material/database: DBAs", anchor=False)
    st.markdown(
        "- Your knowledge as playbooks: one Markdown file each, checked before use\n"
        "- Routine questions answered, the hard ones handed over with a complete ticket\n"
        "- Every answer quotes its evidence and its sources"
    )
    st.space("stretch")
    st.page_link("pages/knowledge.py", label="See the playbooks", icon=":material/arrow_forward:")
with managers, st.container(border=True, height="stretch"):
    st.subheader(":material/monitoring: Managers", anchor=False)
    st.markdown(
        "- Works offline and without a language model: nothing leaves the house\n"
        "- Every question, answer, rating and outcome is kept in your own store\n"
        "- Solved or handed over: the developers say so on every answer"
    )
    st.space("stretch")
    st.page_link("pages/chat.py", label="Pick an example and see", icon=":material/arrow_forward:")
