"""Bringing every stored text under the first key of the settings, after a key was added, changed or taken away."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.store.cipher import Cipher, cipher
from dbbuddy.store.fields import TEXT_COLUMNS, TextColumn
from dbbuddy.store.store import Statement, Store

_PAGE = 500


def reencrypt(store: Store, *, readable: bool = False) -> dict[str, int]:
    """Encrypt every text with the first key, or with `readable` store all as it reads; returns how many values changed, by column.

    Old values leave the files: the store is written anew at the end.

    Raises:
        CipherError: a text cannot be opened with the keys of the settings; what was done until then stays.
        StoreError: the store cannot be read or written.
    """
    opening, sealing = cipher(), Cipher() if readable else cipher()
    changed = {f"{text.table}.{text.column}": _column(store, text, opening, sealing) for text in TEXT_COLUMNS}
    if any(changed.values()):
        store.compact()
    return changed


def _column(store: Store, text: TextColumn, opening: Cipher, sealing: Cipher) -> int:
    count = 0
    for page in _pages(store, text):
        statements: list[Statement] = []
        for row_id, value in page:
            if not value or sealing.is_current(value):
                continue
            place = text.place(row_id)
            sealed = sealing.seal(opening.open(value, place), place)
            sql = f"UPDATE {text.table} SET {text.column} = $1 WHERE {text.row} = $2 AND {text.column} = $3"
            statements.append((sql, (sealed, row_id, value)))
        if statements:
            store.execute(*statements, timeout=120)
            count += len(statements)
    return count


def _pages(store: Store, text: TextColumn) -> Iterator[list[tuple[str, str]]]:
    """Row and value of all rows, in the order of the rows; all values of a row stand on one page."""
    last = ""
    while True:
        ids = store.read(f"SELECT DISTINCT {text.row} FROM {text.table} WHERE {text.row} > $1 ORDER BY 1 LIMIT {_PAGE}", (last,))
        if not ids:
            return
        begin, last = last, str(ids[-1][0])
        yield [
            (str(row_id), value)
            for row_id, value in store.read(
                f"SELECT {text.row}, {text.column} FROM {text.table} WHERE {text.row} > $1 AND {text.row} <= $2",
                (begin, last),
                limit_seconds=60,
            )
        ]
