"""Entry: what DB-Buddy does for whom, and the way there."""

import streamlit as st

from dbbuddy.data_files import load_yaml
from dbbuddy.ui.page import PAGES, open_page

user = open_page("DB-Buddy", wide=True)
home = load_yaml("home.yaml")

st.header(home["title"], anchor=False)
st.markdown(home["promise"])
with st.container(horizontal=True, gap="small"):
    if st.button("Ask a question", icon=":material/forum:", type="primary", key="ask"):
        st.switch_page("pages/chat.py")
    if st.button("How it works", icon=":material/help:", key="how"):
        st.switch_page("pages/help.py")

for card, column in zip(home["cards"], st.columns(len(home["cards"])), strict=True):
    with column, st.container(border=True, height="stretch"):
        st.subheader(f"{card['icon']} {card['for']}", anchor=False)
        st.markdown("\n".join(f"- {line}" for line in card["gets"]))
        st.space("stretch")
        with st.container(gap="xsmall"):
            for page in PAGES:
                if page.path in card["links"] and page.role in user.roles:
                    st.page_link(page.path, label=card["links"][page.path], icon=page.icon)

st.caption(home["footing"])
