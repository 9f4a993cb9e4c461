"""The text of a plan's file, in whatever encoding a server or client has written it."""

from __future__ import annotations

from dbbuddy.intake.text import InputError
from dbbuddy.intake.text import decode as decode_text
from dbbuddy.plans.model import PlanError
from dbbuddy.plans.sqlserver.decode import decode as decode_showplan


def decode(name: str, data: bytes) -> str:
    """The text of bytes from anywhere.

    Raises:
        PlanError: empty or binary; the message says what to do.
    """
    if data[:400].count(0) * 3 > len(data[:400]):  # UTF-16, as SQL Server saves its plans, with or without a mark
        return decode_showplan(data)
    try:
        return decode_text(name, data)
    except InputError as error:
        raise PlanError(str(error)) from None
