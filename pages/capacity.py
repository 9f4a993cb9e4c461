"""Capacity: when it is full and how sure that is, what to buy, what to set, what it costs, and what to do when."""

from dbbuddy.ui.capacity import study
from dbbuddy.ui.page import open_page

user = open_page("Capacity", "dba", wide=True)
study.draw(user)
