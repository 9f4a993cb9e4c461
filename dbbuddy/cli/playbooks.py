"""`python -m dbbuddy playbooks check|show`."""

from __future__ import annotations

import argparse

from dbbuddy.cli.inputs import context_of
from dbbuddy.diagnosis.browse import as_read_by
from dbbuddy.diagnosis.library import folders, load_library
from dbbuddy.diagnosis.playbook import PlaybookError, check, read_playbook
from dbbuddy.intake.text import InputError
from dbbuddy.rendering import to_markdown
from dbbuddy.settings import settings


def check_files(options: argparse.Namespace) -> int:
    """Print what is wrong with the files, a line each; 2 if anything is."""
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


def show(options: argparse.Namespace) -> int:
    """Print one playbook as the users of the given context see it."""
    library = load_library(folders(settings().playbook_folder))
    if options.slug not in library.playbooks:
        raise InputError("; ".join([f"{options.slug}: there is no such playbook", *library.problems]))
    print(to_markdown(as_read_by(library[options.slug], context_of(options))), end="")
    return 0
