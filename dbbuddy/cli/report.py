"""`python -m dbbuddy report`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dbbuddy.access.errors import AccessFileError
from dbbuddy.access.rules import load_access
from dbbuddy.analytics import wording
from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.analytics.refresh import refresh
from dbbuddy.analytics.report.content import Report, report
from dbbuddy.analytics.report.markdown import markdown
from dbbuddy.analytics.report.page import html
from dbbuddy.analytics.report.pdf import PdfError, pdf
from dbbuddy.analytics.roi.assumptions import AssumptionError, Assumptions, defaults
from dbbuddy.analytics.roi.assumptions import read as read_assumptions
from dbbuddy.analytics.sample.filling import HEADS
from dbbuddy.analytics.sample.mark import is_sample
from dbbuddy.analytics.tables import csv_of_all
from dbbuddy.intake.text import InputError
from dbbuddy.settings import settings
from dbbuddy.store import assumptions as kept
from dbbuddy.store.errors import InUseError, StoreError
from dbbuddy.store.requests import ask
from dbbuddy.store.store import Store, utc_now

_DAYS = 30
_DIMENSIONS = ("team", "category", "engine", "environment", "provider")


def run(options: argparse.Namespace) -> int:
    """Write the report to standard output or to a file; 2 if it cannot be made.

    Raises:
        InputError: the period is none.
    """
    chosen = Filter(_period(options.first, options.last), *(_values(getattr(options, name)) for name in _DIMENSIONS))
    try:
        with _opened(settings().database_url) as store:
            sample = is_sample(store)
            heads = HEADS if sample else _heads()
            found = report(store, chosen, heads, _assumptions(store), sample=sample)
        _write(_as(options.format, found), options.out)
    except (StoreError, AccessFileError, PdfError, OSError) as error:
        print(f"dbbuddy: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return 0


def _period(first: date | None, last: date | None) -> Period:
    """The days named; up to yesterday, and 30 of them, where nothing else is said."""
    today = datetime.now(UTC).astimezone(ZoneInfo(settings().time_zone)).date()
    end = last or max(first or date.min, today - timedelta(days=1))
    begin = first or end - timedelta(days=_DAYS - 1)
    try:
        return Period(begin, end)
    except ValueError as error:
        raise InputError(f"--from and --to: {error}.") from error


def _values(given: list[str]) -> tuple[str, ...]:
    return tuple("" if value == wording.UNKNOWN else value for value in given)


@contextmanager
def _opened(url: str) -> Iterator[Store]:
    """The store, or a copy of it from the running app that has it open, with figures as of now."""
    try:
        store = Store(url)
    except InUseError:
        with tempfile.TemporaryDirectory(prefix="dbbuddy-report-") as folder:
            copy = Path(folder) / "copy.duckdb"
            ask(Path(url.removeprefix("duckdb:///")).expanduser(), "backup", copy)
            with _closing(Store(f"duckdb:///{copy}")) as opened:
                yield opened
        return
    with _closing(store) as opened:
        yield opened


@contextmanager
def _closing(store: Store) -> Iterator[Store]:
    try:
        store.transact(lambda session: refresh(session, utc_now(), settings().keep_conversations_days), timeout=600)
        yield store
    finally:
        store.close()


def _heads() -> Mapping[str, int]:
    path = settings().access_file
    return {team.name: team.developers for team in load_access(path).teams} if path else {}


def _assumptions(store: Store) -> Assumptions:
    versions = kept.versions(store)
    try:
        return read_assumptions(versions[0].content) if versions else defaults()
    except AssumptionError as error:
        print(f"dbbuddy: the stored assumptions cannot be used, so the defaults are: {error}", file=sys.stderr)
        return defaults()


def _as(format: str, found: Report) -> bytes:
    if format == "csv":
        return csv_of_all(found.all_tables, found.origin)
    if format == "md":
        return markdown(found).encode()
    page = html(found)
    return pdf(page) if format == "pdf" else page.encode()


def _write(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        out.write_bytes(content)
