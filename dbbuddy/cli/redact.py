"""`python -m dbbuddy redact`: a text, or one JSON object a line, without its secrets and personal data."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.view import RedactionError


def redact_text(text: str, *, as_json: bool) -> int:
    """Print the redacted text, or with its spans as an object; returns the exit status."""
    try:
        result = _redacted_object(None, text)
    except RedactionError as error:
        print(f"dbbuddy: {error}", file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        sys.stdout.write(result["text"])
    return 0


def redact_lines(lines: Iterable[str]) -> int:
    """Every line gets a line in order; one that cannot be read or redacted gets an `error` and nothing of its text."""
    status = 0
    for line in lines:
        if not line.strip():
            continue
        row: Any = None
        try:
            row = json.loads(line)
            result = _redacted_object(row.get("id"), str(row["text"]))
        except (ValueError, AttributeError, KeyError, TypeError, RedactionError) as error:
            reason = str(error) if isinstance(error, RedactionError) else "not an object with a text"
            result = {"id": row.get("id") if isinstance(row, dict) else None, "error": reason}
            print(f"dbbuddy: line for id {result['id']!r}: {reason}", file=sys.stderr)
            status = 2
        print(json.dumps(result, ensure_ascii=False), flush=True)
    return status


def _redacted_object(row_id: Any, text: str) -> dict[str, Any]:
    redacted = redact(text)
    spans = [{"start": s.start, "end": s.end, "type": s.type, "placeholder": s.placeholder} for s in redacted.spans]
    return {"id": row_id, "text": redacted.text, "spans": spans}
