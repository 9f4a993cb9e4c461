"""The command line: `python -m dbbuddy <command>`. Nothing but the answer goes to standard output.

Exit status: 0 answered, 2 bad input with a one-line reason on standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from dbbuddy.advice import Advice
from dbbuddy.advisor import Advisor, default_advisor
from dbbuddy.context import ContextError, SystemContext
from dbbuddy.diagnosis.browse import as_read_by
from dbbuddy.diagnosis.dialogue import Turn
from dbbuddy.diagnosis.library import folders, load_library
from dbbuddy.diagnosis.playbook import PlaybookError, check, read_playbook
from dbbuddy.diagnosis.problem import Problem
from dbbuddy.intake.text import InputError, decode, decode_file
from dbbuddy.rendering import to_markdown
from dbbuddy.settings import settings


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # whatever the locale says; what UTF-8 cannot hold becomes a JSON escape
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (ContextError, InputError, PlaybookError) as error:
        print(f"dbbuddy: {error}", file=sys.stderr)
        return 2


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"dbbuddy: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m dbbuddy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="answer a question from a file or standard input")
    ask.add_argument("file", nargs="?", type=Path, help="a file with the question; standard input if left out")
    _context_flags(ask)
    ask.add_argument("--json", action="store_true", help="print one JSON object")
    ask.add_argument("--jsonl", action="store_true", help="read one JSON object a line, print one a line, in order")
    ask.add_argument("--offline", action="store_true", help="use no language model")
    ask.set_defaults(run=_ask)
    redactor = commands.add_parser("redact", help="take secrets and personal data out of a text")
    redactor.add_argument("file", nargs="?", type=Path, help="a file with the text; standard input if left out")
    redactor.add_argument("--json", action="store_true", help="print one JSON object with the spans taken out")
    redactor.add_argument("--jsonl", action="store_true", help="read one JSON object a line, print one a line, in order")
    redactor.set_defaults(run=_redact)
    playbooks = commands.add_parser("playbooks", help="check or show playbooks").add_subparsers(required=True)
    checker = playbooks.add_parser("check", help="say what is wrong with playbook files")
    checker.add_argument("files", nargs="+", type=Path)
    checker.set_defaults(run=_playbooks_check)
    show = playbooks.add_parser("show", help="print a playbook as one engine's users see it")
    show.add_argument("slug")
    _context_flags(show)
    show.set_defaults(run=_playbooks_show)
    return parser


def _context_flags(parser: argparse.ArgumentParser) -> None:
    for name in ("engine", "version", "service", "deployment", "cloud", "environment"):
        parser.add_argument(f"--{name}")


def _context_of(options: argparse.Namespace) -> SystemContext:
    names = ("engine", "version", "service", "deployment", "cloud", "environment")
    return SystemContext.of(**{name: getattr(options, name) for name in names})


def _ask(options: argparse.Namespace) -> int:
    advisor = default_advisor()
    gc.freeze()
    gc.enable()
    context = _context_of(options)
    if options.jsonl:
        return _ask_lines(advisor, context, options.file)
    started = time.perf_counter()
    advice = advisor.ask(_input_text(options.file), context)
    if options.json:
        print(json.dumps(_answer_object(None, [advice], started, dialogue=False), ensure_ascii=False))
    else:
        print(to_markdown(advice), end="")
    return 0


def _ask_lines(advisor: Advisor, context: SystemContext, file: Path | None) -> int:
    """Every line gets an answer line in order; a line that cannot be read gets one with an `error`."""
    status = 0
    for line in _input_lines(file):
        started = time.perf_counter()
        row: dict[str, Any] = {}
        try:
            row = _object(line)
            result = _answer_object(row.get("id"), _answers(advisor, row, context), started, dialogue="turns" in row)
        except ValueError as error:
            result = {"id": row.get("id"), "status": "error", "error": " ".join(str(error).split())}
            print(f"dbbuddy: line for id {row.get('id')!r}: {result['error']}", file=sys.stderr)
            status = 2
        print(json.dumps(result, ensure_ascii=False), flush=True)
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


def _answers(advisor: Advisor, row: dict[str, Any], context: SystemContext) -> list[Advice]:
    told = row.get("context") or {}
    if not isinstance(told, dict):
        raise InputError("context is not an object")
    given = context.updated(**{k: v for k, v in told.items() if k in SystemContext.model_fields and v})
    if "turns" not in row:
        return [advisor.ask(_text_of(row), given)]
    if not isinstance(row["turns"], list):
        raise InputError("turns is not a list")
    turns: list[Turn] = []
    for turn in row["turns"]:
        if isinstance(turn, dict) and turn.get("role", "user") != "user":
            continue
        text = turn if isinstance(turn, str) else _text_of(turn)
        advice = advisor.follow_up(turns, text) if turns else advisor.ask(text, given)
        turns.append(Turn(text, advice))
    if not turns:
        raise InputError("turns holds no user text")
    return [turn.advice for turn in turns]


def _text_of(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) else None
    if not isinstance(text, str):
        raise InputError("text is missing or is not a string")
    return text


def _answer_object(row_id: Any, answers: list[Advice], started: float, *, dialogue: bool) -> dict[str, Any]:
    last = answers[-1]
    texts = [to_markdown(advice) for advice in answers]
    data = last.model_dump(mode="json")
    return {
        "id": row_id,
        "status": last.status,
        "category": last.category,
        "context": data["context"],
        "diagnoses": data["diagnoses"],
        **({"answers": texts} if dialogue else {"markdown": texts[0]}),
        "questions": data["questions"],
        "provider": "rules",
        "elapsed_ms": round((time.perf_counter() - started) * 1000, 1),
    }


def _input_text(file: Path | None) -> str:
    if file is None:
        return decode("standard input", sys.stdin.buffer.read())
    try:
        return decode_file(file.name, file.read_bytes())
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from None


def _redact(options: argparse.Namespace) -> int:
    from dbbuddy.privacy import command  # its patterns take 0.2 s to compile, and no other command needs them

    if options.jsonl:
        return command.redact_lines(sys.stdin)
    return command.redact_text(_input_text(options.file), as_json=options.json)


def _playbooks_check(options: argparse.Namespace) -> int:
    status = 0
    for path in options.files:
        try:
            problems = check(read_playbook(path))
        except PlaybookError as error:
            problems = list(error.problems)
        for problem in problems:
            print(f"{path}: {problem}")
        status = 2 if problems else status
    return status


def _playbooks_show(options: argparse.Namespace) -> int:
    library = load_library(folders(settings().playbook_folder))
    if options.slug not in library.playbooks:
        problems = [Problem(0, "there is no such playbook"), *(Problem(0, text) for text in library.problems)]
        raise PlaybookError(options.slug, *problems)
    print(to_markdown(as_read_by(library[options.slug], _context_of(options))), end="")
    return 0
