"""`python -m dbbuddy serve`: the pages, the machine interfaces and the probes on one port."""

from __future__ import annotations

import argparse
import gc

from dbbuddy.data_files import DATA


def run(options: argparse.Namespace) -> int:
    """Serve until stopped. Through Streamlit's own command, which alone reads its settings from the environment."""
    gc.enable()
    from streamlit.web import cli

    flags = {"--server.port": options.port, "--server.address": options.address}
    told = [text for name, value in flags.items() if value is not None for text in (name, str(value))]
    cli.main(["run", str(DATA.parent / "dbbuddy" / "server.py"), *told], standalone_mode=False)
    return 0
