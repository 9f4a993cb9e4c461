"""Help: the user guide inside the app."""

import streamlit as st

from dbbuddy.ui import help as guide
from dbbuddy.ui.page import open_page

open_page("Help")

st.header("Help", anchor=False)
st.markdown("How to get the most out of each page. F1 opens the part that fits wherever you are.")
guide.draw()
