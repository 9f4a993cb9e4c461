"""`python -m dbbuddy token NAME`: a token for the machine interfaces."""

from __future__ import annotations

import argparse

from dbbuddy.serving.tokens import new_token


def run(options: argparse.Namespace) -> int:
    """Print the token, once, and what to configure."""
    token, hashed = new_token()
    print(f"Token for {options.name} (shown only now): {token}\nAdd to DBBUDDY_API_TOKENS: {options.name}={hashed}")
    return 0
