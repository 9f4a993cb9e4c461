"""A review to be taken along: as Markdown, as JSON, as a question to the chat."""

from dbbuddy.sqlreview.share.changes import Change, change_of
from dbbuddy.sqlreview.share.markdown import to_markdown
from dbbuddy.sqlreview.share.objects import as_object
from dbbuddy.sqlreview.share.question import question_about

__all__ = ["Change", "as_object", "change_of", "question_about", "to_markdown"]
