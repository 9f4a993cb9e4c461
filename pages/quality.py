"""Quality: who uses the app, of how many, how regularly, and how far they get."""

import streamlit as st

from dbbuddy.ui.analytics import filter_bar, source
from dbbuddy.ui.page import open_page

user = open_page("Quality", "manager", wide=True)

st.header("Quality")
shown = source.opened()
chosen = filter_bar.draw(shown)
source.offer_sample(user, "x")
