"""The commands and their flags. What a command needs is loaded when it runs, so that each starts fast."""

from __future__ import annotations

import argparse
import io
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

from dbbuddy.cli.inputs import add_context_flags, add_input_flags
from dbbuddy.context import ENGINES, ContextError
from dbbuddy.intake.text import InputError
from dbbuddy.plans.model import PlanError
from dbbuddy.severity import SEVERITIES


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # whatever the locale says; what UTF-8 cannot hold becomes a JSON escape
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (ContextError, InputError, PlanError) as error:
        print(f"dbbuddy: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"dbbuddy: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m dbbuddy", description="A self-service database desk on the command line.")
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="answer a question from a file or standard input")
    add_input_flags(ask, "the question")
    add_context_flags(ask)
    ask.add_argument("--offline", action="store_true", help="use no language model")
    ask.set_defaults(run=_ask)
    _add_explain(commands.add_parser("explain", help="read an execution plan and say where the time goes"))
    _add_review(commands.add_parser("review", help="find what is wrong in SQL, and the indexes that help"))
    redactor = commands.add_parser("redact", help="take secrets and personal data out of a text")
    add_input_flags(redactor, "the text")
    redactor.set_defaults(run=_redact)
    serve = commands.add_parser("serve", help="serve the pages, the machine interfaces and the probes")
    serve.add_argument("--port", type=int)
    serve.add_argument("--address", help="the address to listen on; localhost if left out")
    serve.set_defaults(run=_serve)
    token = commands.add_parser("token", help="make a token for the machine interfaces")
    token.add_argument("name", help="who will use it, for example ci")
    token.set_defaults(run=_token)
    _add_privacy(commands)
    _add_store(commands)
    demo = commands.add_parser("demo", help="fill an empty store with made-up data, to see the dashboards")
    demo.add_argument("--to", metavar="URL", help="as in DBBUDDY_DATABASE_URL; data/sample.duckdb if left out")
    demo.set_defaults(run=_demo)
    _add_report(commands.add_parser("report", help="one page on adoption, quality and return, for print or mail"))
    _add_project(commands.add_parser("project", help="project a metric's history and say when it hits its limits"))
    playbooks = commands.add_parser("playbooks", help="check or show playbooks").add_subparsers(required=True)
    checker = playbooks.add_parser("check", help="say what is wrong with playbook files")
    checker.add_argument("files", nargs="+", type=Path)
    checker.set_defaults(run=_check_playbooks)
    show = playbooks.add_parser("show", help="print a playbook as one engine's users see it")
    show.add_argument("slug")
    add_context_flags(show)
    show.set_defaults(run=_show_playbook)
    return parser


def _add_privacy(commands: argparse._SubParsersAction[_Parser]) -> None:
    verify = commands.add_parser("audit", help="verify the audit log").add_subparsers(required=True).add_parser("verify")
    verify.add_argument("--head", metavar="JSON", help="a head from the app's log, to compare with")
    verify.set_defaults(run=_verify_audit)
    erase = commands.add_parser("erase", help="erase all that is held on a user")
    erase.add_argument("--user", required=True, metavar="ID", help="as the account page shows it")
    erase.set_defaults(run=_erase)
    encrypt = commands.add_parser("encrypt", help="bring every stored text under the first key of DBBUDDY_ENCRYPTION_KEYS")
    encrypt.add_argument("--off", action="store_true", help="store all texts readable again")
    encrypt.set_defaults(run=_encrypt)


def _add_store(commands: argparse._SubParsersAction[_Parser]) -> None:
    move = commands.add_parser("move", help="copy the store into another, empty one, and prove that it is the same")
    move.add_argument("--to", required=True, metavar="URL", help="as in DBBUDDY_DATABASE_URL")
    backup = commands.add_parser("backup", help="write a backup of the store, also while the app runs")
    backup.add_argument("--to", required=True, metavar="FILE", type=Path)
    restore = commands.add_parser("restore", help="put a backup in the place of the store, also while the app runs")
    restore.add_argument("--from", required=True, metavar="FILE", type=Path, dest="source")
    commands.add_parser("repair", help="open a store again whose newest changes cannot be read; copies its files aside first")
    for name, parser in commands.choices.items():
        if name in ("move", "backup", "restore", "repair"):
            parser.set_defaults(run=_store)


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", type=date.fromisoformat, dest="first", metavar="YYYY-MM-DD", help="30 days before --to")
    parser.add_argument("--to", type=date.fromisoformat, dest="last", metavar="YYYY-MM-DD", help="yesterday if left out")
    parser.add_argument("--format", choices=("html", "md", "csv", "pdf"), default="html", help="html if left out")
    for name in ("team", "category", "engine", "environment", "provider"):
        parser.add_argument(f"--{name}", action="append", default=[], help=f"only this {name}; repeatable")
    parser.add_argument("--out", type=Path, metavar="FILE", help="standard output if left out")
    parser.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> int:
    from dbbuddy.cli.report import run

    return run(options)


def _demo(options: argparse.Namespace) -> int:
    from dbbuddy.cli.demo import run
    from dbbuddy.store.errors import StoreError

    try:
        return run(options)
    except StoreError as error:
        print(f"dbbuddy: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def _store(options: argparse.Namespace) -> int:
    from dbbuddy.cli import store
    from dbbuddy.store.errors import StoreError

    try:
        return int(getattr(store, f"run_{options.command}")(options))
    except StoreError as error:
        print(f"dbbuddy: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def _add_explain(parser: argparse.ArgumentParser) -> None:
    add_input_flags(parser, "the plan")
    parser.add_argument("--engine", choices=ENGINES, help="asked first; the plan itself tells its engine")
    parser.add_argument("--compare", type=Path, metavar="OTHER", help="a file with the plan after a change")
    parser.add_argument("--fail-on", choices=SEVERITIES, help="exit with 1 on a finding of this severity or worse")
    parser.add_argument(
        "--slower-by", type=float, default=0.1, metavar="SHARE", help="with --compare: exit with 1 if slower by this share (0.1)"
    )
    parser.set_defaults(run=_explain)


def _add_review(parser: argparse.ArgumentParser) -> None:
    add_input_flags(parser, "the SQL")
    parser.add_argument("--engine", choices=ENGINES, help="read from the syntax if left out")
    parser.add_argument("--version", help="of the engine; locks and rewrites depend on it")
    parser.add_argument("--schema", type=Path, metavar="FILE", help="DDL of the tables")
    parser.add_argument("--stats", type=Path, metavar="FILE", help="row counts and distinct values as JSON")
    parser.add_argument("--verify", action="store_true", help="try the indexes on a scratch PostgreSQL's planner")
    parser.add_argument("--fail-on", choices=SEVERITIES, help="exit with 1 on a finding of this severity or worse")
    parser.set_defaults(run=_review)


def _add_project(parser: argparse.ArgumentParser) -> None:
    add_input_flags(parser, "the history: dates and values as CSV, workbook, JSON or a client's output")
    parser.add_argument("--metric", help="storage, rows, cpu, memory, iops, throughput, connections, transactions ...")
    parser.add_argument("--unit", help="of the values, where the file names none")
    parser.add_argument("--limit", action="append", default=[], metavar="[LEVEL=]VALUE", help="1TB, warning=800GB; repeatable")
    parser.add_argument("--horizon", default="365d", help="90d, 26w, 12mo, 2y (365d)")
    parser.add_argument(
        "--event", action="append", default=[], help="'2027-03-01 +300 GB', '2027-03-01 growth x1.5' ...; repeatable"
    )
    parser.add_argument("--size", help="two numbers instead of a file: what is used today, as 500GB")
    parser.add_argument("--growth", help="and how much it grows, as 20GB/month")
    parser.add_argument("--time", help="the column with the date")
    parser.add_argument("--value", action="append", default=[], help="the column with the values; repeatable")
    parser.add_argument("--key", help="the column that tells several series apart")
    parser.add_argument("--date-order", choices=("day_first", "month_first"), help="where 01/02/2026 could be either")
    parser.add_argument("--total", type=float, help="what is allotted, where the values tell what is free")
    parser.add_argument("--season", type=int, help="length of the season in steps, 1 for none; tested if left out")
    parser.add_argument("--undo", action="append", default=[], metavar="ID", help="leave an adjustment out; repeatable")
    parser.add_argument("--seed", type=int, default=0, help="of the simulated paths (0)")
    parser.set_defaults(run=_project)


def _ask(options: argparse.Namespace) -> int:
    from dbbuddy.cli.ask import run

    return run(options)


def _explain(options: argparse.Namespace) -> int:
    from dbbuddy.cli.explain import run

    return run(options)


def _review(options: argparse.Namespace) -> int:
    from dbbuddy.cli.review import run

    return run(options)


def _serve(options: argparse.Namespace) -> int:
    from dbbuddy.cli.serve import run

    return run(options)


def _token(options: argparse.Namespace) -> int:
    from dbbuddy.cli.token import run

    return run(options)


def _verify_audit(options: argparse.Namespace) -> int:
    from dbbuddy.cli.audit import verify

    return verify(options)


def _erase(options: argparse.Namespace) -> int:
    from dbbuddy.cli.privacy import erase

    return erase(options)


def _encrypt(options: argparse.Namespace) -> int:
    from dbbuddy.cli.privacy import encrypt

    return encrypt(options)


def _project(options: argparse.Namespace) -> int:
    from dbbuddy.cli.project import run

    return run(options)


def _redact(options: argparse.Namespace) -> int:
    from dbbuddy.cli.redact import run

    return run(options)


def _check_playbooks(options: argparse.Namespace) -> int:
    from dbbuddy.cli.playbooks import check_files

    return check_files(options)


def _show_playbook(options: argparse.Namespace) -> int:
    from dbbuddy.cli.playbooks import show

    return show(options)
