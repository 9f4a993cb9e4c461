"""Word lists of `data/privacy/words.yaml`."""

from __future__ import annotations

from functools import cache

from dbbuddy.data_files import load_yaml


def words(name: str) -> frozenset[str]:
    """One of the lists, by its name."""
    return frozenset(_lists()[name].split())


@cache
def _lists() -> dict[str, str]:
    lists: dict[str, str] = load_yaml("privacy/words.yaml")
    return lists
