"""Account: who you are here, and what is kept about you."""

import streamlit as st

from dbbuddy.ui.account import audit, data, identity, models
from dbbuddy.ui.page import open_page_to_visitor

visitor = open_page_to_visitor("Account")

st.header("Account", anchor=False)
st.markdown("Who you are here, and all that is kept about you.")
identity.draw(visitor)
data.draw(visitor.user)
models.draw(visitor.user)
audit.draw(visitor.user)
