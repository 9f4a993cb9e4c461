"""What the commands have in common: flags, files and standard input, one JSON object a line."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dbbuddy.context import SystemContext
from dbbuddy.intake.text import InputError, decode, decode_file
from dbbuddy.interchange.rows import json_text

_CONTEXT = ("engine", "version", "service", "deployment", "cloud", "environment")


def add_input_flags(parser: argparse.ArgumentParser, what: str) -> None:
    """`file`, `--json` and `--jsonl`, alike for every command that reads a text."""
    parser.add_argument("file", nargs="?", type=Path, help=f"a file with {what}; standard input if left out")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--jsonl", action="store_true", help="read one JSON object a line, print one a line, in order")


def add_context_flags(parser: argparse.ArgumentParser) -> None:
    """The flags that tell where the database runs."""
    for name in _CONTEXT:
        parser.add_argument(f"--{name}")


def context_of(options: argparse.Namespace) -> SystemContext:
    """The context that the flags tell.

    Raises:
        ContextError: a flag has a value that is not known.
    """
    return SystemContext.of(**{name: getattr(options, name) for name in _CONTEXT})


def input_text(file: Path | None) -> str:
    """The text of the file, or of standard input.

    Raises:
        InputError: it cannot be read or is no text.
    """
    if file is None:
        return decode("standard input", sys.stdin.buffer.read())
    try:
        return decode_file(file.name, file.read_bytes())
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from None


def for_each_line(file: Path | None, answer: Callable[[dict[str, Any]], str]) -> int:
    """Print the answer to every line's object, a JSON text, in order; returns the exit status.

    A line that cannot be read or answered gets a line with an `error`.
    """
    status = 0
    for line in _input_lines(file):
        row: dict[str, Any] = {}
        try:
            row = _object(line)
            result = answer(row)
        except ValueError as error:
            reason = " ".join(str(error).split())
            result = json_text({"id": row.get("id"), "status": "error", "error": reason})
            print(f"dbbuddy: line for id {row.get('id')!r}: {reason}", file=sys.stderr)
            status = 2
        print(result, flush=True)
    return status


def _input_lines(file: Path | None) -> Iterator[str]:
    """The lines that are not blank; what is not UTF-8 is replaced."""
    try:
        with contextlib.ExitStack() as opened:
            source = sys.stdin.buffer if file is None else opened.enter_context(file.open("rb"))
            for line in source:
                text = line.decode("utf-8-sig", errors="replace")
                if text.strip():
                    yield text
    except OSError as error:
        raise InputError(f"{file or 'standard input'}: cannot be read ({error.strerror})") from None


def _object(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from None
    if not isinstance(row, dict):
        raise InputError("not a JSON object")
    return row
