"""`python -m dbbuddy demo`."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from dbbuddy.analytics.sample.filling import URL, fill
from dbbuddy.store.store import Store


def run(options: argparse.Namespace) -> int:
    """Fill an empty store with sample data and say how to look at it.

    Raises:
        StoreError: the store is not empty, or cannot be written.
    """
    url = options.to or URL
    store = Store(url)
    try:
        count = fill(store, datetime.now(UTC).date())
    finally:
        store.close()
    print(f"{count:,} made-up messages are in {url}. Look at them with\n\n    DBBUDDY_DATABASE_URL={url} streamlit run Home.py")
    return 0
