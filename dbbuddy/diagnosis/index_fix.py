"""The index that a pasted query asks for, as the first step of an answer."""

from __future__ import annotations

from dbbuddy.advice import CodeBlock, Fix
from dbbuddy.intake.read import Reading
from dbbuddy.sqlreview.indexes.prose import index_for


def index_fix(reading: Reading) -> Fix | None:
    """A step that creates the index; `None` if the text holds no query to be sure of, or no engine is known."""
    engine = reading.context.engine
    advice = index_for(reading.text, engine) if engine else None
    if advice is None or engine is None:
        return None
    keys = f"({', '.join(advice.columns)})"
    kind = "a composite index" if len(advice.columns) > 1 else "an index"
    only = f" It holds only the rows where {advice.where}." if advice.where else ""
    covered = f" It also holds {', '.join(advice.include)}, so that the table itself need not be read." if advice.include else ""
    notes = "".join(f" {note[:1].upper()}{note[1:].rstrip('.')}." for note in (*advice.rewrites, *advice.notes))
    return Fix(
        horizon="immediate",
        what=f"The query as pasted asks for {kind} on {keys}",
        why=(
            f"Columns compared by equality come first, then the one that is sorted, grouped or compared by range.{only}{covered} "
            "Check first that no existing index begins with the same columns; an index with another leading column does not serve."
            f"{notes}"
        ),
        blocks=(CodeBlock(language="sql", engine=engine, code=advice.sql),),
        risk="medium",
        risk_note="Building it reads the whole table, and every write keeps it up to date.",
        rollback=f"{advice.rollback.rstrip(';')}; nothing else depends on it.",
    )
