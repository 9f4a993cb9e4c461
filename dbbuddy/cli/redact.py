"""`python -m dbbuddy redact`: a text, or one JSON object a line, without its secrets and personal data."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from dbbuddy.cli.inputs import for_each_line, input_text
from dbbuddy.intake.text import InputError
from dbbuddy.interchange.rows import json_text, text_of
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.view import RedactionError


def run(options: argparse.Namespace) -> int:
    """Print the redacted text, or with its spans as an object."""
    if options.jsonl:
        return for_each_line(options.file, lambda row: json_text(_redacted(row.get("id"), text_of(row))))
    result = _redacted(None, input_text(options.file))
    if options.json:
        print(json_text(result))
    else:
        sys.stdout.write(result["text"])
    return 0


def _redacted(row_id: Any, text: str) -> dict[str, Any]:
    try:
        redacted = redact(text)
    except RedactionError as error:
        raise InputError(str(error)) from None
    spans = [{"start": s.start, "end": s.end, "type": s.type, "placeholder": s.placeholder} for s in redacted.spans]
    return {"id": row_id, "text": redacted.text, "spans": spans}
