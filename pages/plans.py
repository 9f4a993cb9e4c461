"""Plans: any EXPLAIN plan of any engine, where its time goes, what to change, and the way to share or discuss it."""

from dbbuddy.ui.page import open_page
from dbbuddy.ui.plans import entry, findings, session, sharing, summary, views

open_page("Plans", wide=True)

opened = session.opened()
summary.draw_headline(opened)
entry.draw()
if opened is not None:
    shown = summary.choose(opened)
    summary.draw(opened, shown)
    sharing.draw(opened, shown)
    findings.draw(shown)
    views.draw(opened, shown)
