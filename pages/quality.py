"""Quality: how good the answers are, how many problems they solve, how fast they come."""

from dbbuddy.ui.analytics import filter_bar, source
from dbbuddy.ui.page import open_page
from dbbuddy.ui.quality import page

user = open_page("Quality", "manager", wide=True)
shown = source.opened(user, "Quality")
page.draw(shown, user, filter_bar.draw(shown))
