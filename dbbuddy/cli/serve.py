"""`python -m dbbuddy serve`: the pages, the machine interfaces and the probes on one port."""

from __future__ import annotations

import argparse
import gc


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    gc.enable()
    from dbbuddy.server import app

    flags = {"server.port": options.port, "server.address": options.address}
    app.run(config={name: value for name, value in flags.items() if value is not None})
    return 0
