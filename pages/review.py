"""SQL review: what is wrong in pasted SQL, the rewritten statement, a migration's locks, and indexes that the planner has tried."""

from dbbuddy.ui.page import open_page
from dbbuddy.ui.review import entry, findings, indexes, migration, session, sharing, summary

open_page("SQL review", wide=True)

opened = session.opened()
summary.draw_headline(opened)
entry.draw()
if opened is not None:
    summary.draw(opened)
    sharing.draw(opened)
    findings.draw(opened)
    indexes.draw(opened)
    migration.draw(opened)
