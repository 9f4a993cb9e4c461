"""The report as PDF, printed by a Chromium if this machine has one."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

_PROGRAMS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS = 90.0
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--no-pdf-header-footer",
    "--disable-background-networking",
)


class PdfError(RuntimeError):
    """It could not be printed; the message says what to do."""


def pdf(page: str) -> bytes:
    """Print an HTML page, which has to be one of ours: it runs without Chromium's sandbox.

    Raises:
        PdfError: there is no Chromium, or it failed.
    """
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise PdfError("PDF needs a Chromium or Chrome on this machine. Use --format html and print it from a browser.")
    with tempfile.TemporaryDirectory(prefix="dbbuddy-report-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page, encoding="utf-8")
        command = [program, *_FLAGS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri()]
        try:
            subprocess.run(command, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL, capture_output=True)
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise PdfError(
                f"{Path(program).name} could not print the report. Use --format html and print it from a browser."
            ) from error
