"""Plans of Oracle: DBMS_XPLAN in every format, SQL Monitor as text and XML, plan rows as JSON, Tanel Poder's xbi.

- `text.py`: the text formats; `grid.py` tables of bars and rules, `tree.py` their rows as nodes, `sections.py` what stands below
- `monitor_xml.py`: SQL Monitor and DBMS_XPLAN as XML; `rows_json.py`: rows of a plan view; `xbi.py`: its own columns
- `times.py`: self times out of A-Time or of activity samples; `values.py`: numbers with K, M and G
"""

from __future__ import annotations

from typing import Protocol

from dbbuddy.plans.model import PlanError, ReadPlans
from dbbuddy.plans.oracle import monitor_xml, rows_json, text, xbi

__all__ = ["looks_like", "read"]


class _Format(Protocol):
    def looks_like(self, text: str) -> bool: ...

    def read(self, text: str) -> ReadPlans: ...


_FORMATS: tuple[_Format, ...] = (monitor_xml, text, xbi, rows_json)


def looks_like(pasted: str) -> bool:
    """Whether the text holds something that Oracle, or a tool around it, prints as a plan."""
    return any(form.looks_like(pasted) for form in _FORMATS)


def read(pasted: str) -> ReadPlans:
    """Every plan in the text; `PlanError` if there is none."""
    for form in _FORMATS:
        if form.looks_like(pasted):
            return form.read(pasted)
    raise PlanError(
        "No Oracle plan found. Paste the output of SELECT * FROM TABLE(DBMS_XPLAN.DISPLAY_CURSOR(format=>'ALLSTATS LAST')) with "
        "its table of Id and Operation, or a SQL Monitor report as text or XML (not the active HTML one)."
    )
