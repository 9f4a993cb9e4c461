"""Adoption: who uses the app, of how many, how regularly, and how far they get."""

from dbbuddy.ui.adoption import page
from dbbuddy.ui.analytics import filter_bar, source
from dbbuddy.ui.page import open_page

user = open_page("Adoption", "manager", wide=True)
shown = source.opened(user, "Adoption")
page.draw(shown, user, filter_bar.draw(shown))
