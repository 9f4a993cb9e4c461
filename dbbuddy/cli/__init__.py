"""The command line: `python -m dbbuddy <command>`. Nothing but the answer goes to standard output.

Exit status: 0 answered, 1 findings at or over a `--fail-on` level, 2 bad input with a one-line reason on standard error.
"""

from dbbuddy.cli.main import main

__all__ = ["main"]
