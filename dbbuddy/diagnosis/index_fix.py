"""The index that a pasted query asks for, as the first step of an answer."""

from __future__ import annotations

from dbbuddy.advice import CodeBlock, Fix
from dbbuddy.intake.read import Reading
from dbbuddy.sqlreview.index_columns import index_for


def index_fix(reading: Reading) -> Fix | None:
    """A step that creates the index; `None` if the text holds no query to be sure of, or no engine is known."""
    engine = reading.context.engine
    index = index_for(reading.text, engine)
    if index is None or engine is None:
        return None
    keys = f"({', '.join(index.keys)})"
    covered = f" It also holds {', '.join(index.covered)}, so that the table itself need not be read." if index.covered else ""
    return Fix(
        horizon="immediate",
        what=f"The query as pasted asks for a composite index on {keys}",
        why=(
            f"Columns compared by equality come first, then the one that is sorted, grouped or compared by range.{covered} "
            "Check first that no existing index begins with the same columns; an index with another leading column does not serve."
        ),
        blocks=(CodeBlock(language="sql", engine=engine, code=index.sql(engine)),),
        risk="medium",
        risk_note="Building it reads the whole table, and every write keeps it up to date.",
        rollback="drop the index again; nothing else depends on it.",
    )
