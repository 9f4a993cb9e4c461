"""ROI: what the app saves and costs, as a range, from which evidence, and what would have to be true for another result."""

from dbbuddy.ui.analytics import filter_bar, source
from dbbuddy.ui.page import open_page
from dbbuddy.ui.roi import page

user = open_page("ROI", "manager", wide=True)
shown = source.opened(user, "ROI")
page.draw(shown, user, filter_bar.draw(shown))
