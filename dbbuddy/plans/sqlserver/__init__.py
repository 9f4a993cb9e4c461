"""Plans of SQL Server: showplan XML (.sqlplan), SHOWPLAN_TEXT, SHOWPLAN_ALL and STATISTICS PROFILE.

- `decode.py`: the text of a file whose declared encoding may be wrong
- `showplan_xml.py`: documents and statements; `operators.py` one `RelOp`; `counters.py` what its threads counted
- `showplan_text.py`: the text formats, with `operator_text.py` for one `|--Operator(...)`
"""

from __future__ import annotations

from dbbuddy.plans.model import PlanError, ReadPlans
from dbbuddy.plans.sqlserver import showplan_text, showplan_xml
from dbbuddy.plans.sqlserver.decode import decode

__all__ = ["looks_like", "read", "read_bytes"]


def looks_like(text: str) -> bool:
    """Whether the text holds something that SQL Server prints as a plan."""
    return showplan_xml.looks_like(text) or showplan_text.looks_like(text)


def read_bytes(data: bytes) -> ReadPlans:
    """Read a file, whatever encoding it is in and whatever encoding it claims."""
    return read(decode(data))


def read(text: str) -> ReadPlans:
    """Every plan in the text; `PlanError` if there is none."""
    if text.count("\0") * 4 > len(text):
        text = text.replace("\0", "")
    if showplan_xml.looks_like(text):
        return showplan_xml.read(text)
    if showplan_text.looks_like(text):
        return showplan_text.read(text)
    raise PlanError(
        "No SQL Server plan found. Paste the XML of the plan (SSMS: right-click the plan, Show Execution Plan XML), upload the "
        ".sqlplan file, or paste the output of SET SHOWPLAN_ALL ON or SET STATISTICS PROFILE ON."
    )
