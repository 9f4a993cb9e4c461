"""The one place that decides how a text is stored: readable, encrypted, or not at all.

Every `record_*` of the store passes its texts through `written` and asks `keeps_anything` first; every reader passes them through
`read`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.settings import settings
from dbbuddy.store.cipher import cipher


@dataclass(frozen=True)
class TextColumn:
    """A column that holds texts of users. `row` is the column that names the row: a sealed text is bound to it.

    `about_text`: whether the text tells what the user wrote, so that mode `metadata` leaves it empty.
    """

    table: str
    column: str
    row: str = "id"
    about_text: bool = True

    def place(self, row_id: str) -> str:
        """Where a value of this column stands, as the cipher binds it."""
        return f"{self.table}.{self.column}:{row_id}"


TITLE = TextColumn("conversations", "title", about_text=False)  # in mode `metadata` it is made from the diagnosis
QUESTION = TextColumn("exchanges", "question")
ADVICE = TextColumn("exchanges", "advice")
COMMENT = TextColumn("feedback", "comment", row="exchange_id")
ELABORATION = TextColumn("elaborations", "text")
TICKET = TextColumn("handovers", "ticket")
PAYLOAD = TextColumn("outbox", "payload", about_text=False)  # in mode `metadata` the ticket holds no texts
PROJECTION_NAME = TextColumn("projections", "name")
PROJECTION = TextColumn("projections", "content")
NOTE = TextColumn("grades", "note", row="exchange_id")

TEXT_COLUMNS = (TITLE, QUESTION, ADVICE, COMMENT, ELABORATION, TICKET, PAYLOAD, PROJECTION_NAME, PROJECTION, NOTE)


def keeps_anything() -> bool:
    """Whether conversations are kept: not in storage mode `off`."""
    return settings().storage_mode != "off"


def keeps_texts() -> bool:
    """Whether texts of users are kept: in storage mode `full` only."""
    return settings().storage_mode == "full"


def written(column: TextColumn, row_id: str, text: str) -> str:
    """The text as it goes into the store: empty in mode `metadata`, encrypted if there are keys.

    Raises:
        CipherError: the keys in the settings cannot be read.
    """
    if column.about_text and not keeps_texts():
        return ""
    return cipher().seal(text, column.place(row_id))


def read(column: TextColumn, row_id: str, stored: str | None) -> str:
    """The text of a stored value; empty if none is kept.

    Raises:
        CipherError: it cannot be decrypted with the keys of the settings.
    """
    return cipher().open(stored, column.place(row_id)) if stored else ""
