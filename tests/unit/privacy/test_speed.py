"""Time grows with the text, whatever the text is."""

from __future__ import annotations

import time

import pytest

from dbbuddy.privacy import redact

SIZE = 50_000
SHAPES = {
    "letters": "a", "digits": "1", "capitals": "A", "dotted": "a.", "single quotes": "'", "double quotes": '"', "back quotes": "`",
    "parentheses": "(", "brackets": "[", "braces": "{", "angles": "<", "backslashes": "\\", "dollars": "$", "at signs": "a@", "colons": ":",
    "slashes": "/", "dashes": "-", "spaces": " ", "lines": "\n", "pipes": "|a", "hash": "md50000", "mixed": "Aa1", "addresses": "1.2.3.4.",
    "accents": "é", "invisible": "\u200b", "placeholders": "<EMAIL_1>", "urls": "http://", "keys": "-----BEGIN PRIVATE KEY-----",
    "inserts": "insert into t values (", "names": "Ab ", "calls": "crypt(", "dates": "1-", "hex": "0x", "jwt": "eyJ",
}  # fmt: skip
SLOW_MACHINE = 4
"""How many times slower than promised a busy machine may be."""


@pytest.mark.parametrize("unit", SHAPES.values(), ids=SHAPES)
def test_a_long_run_of_anything_takes_half_a_second_at_most(unit: str) -> None:
    redact(unit * 10)
    started = time.process_time()
    redact((unit * SIZE)[:SIZE])
    assert time.process_time() - started < 0.5 * SLOW_MACHINE


def test_an_ordinary_log_is_read_at_half_a_megabyte_a_second() -> None:
    lines = (
        "2026-03-11 08:14:22.118 UTC [{n}] app@orders LOG:  duration: {n}.551 ms  execute <unnamed>: SELECT o.id FROM orders o WHERE o.state = 'open'",
        "2026-03-11 08:14:22.118 UTC [{n}] app@orders LOG:  connection received: host=10.42.7.9 port={n}",
        '2026-03-11 08:14:22.118 UTC [{n}] app@orders ERROR:  duplicate key value violates unique constraint "users_email_key"',
        "2026-03-11 08:14:22.118 UTC [{n}] LOG:  checkpoint complete: wrote 8123 buffers (49.6%); 0 WAL file(s) added, 0 removed, 3 recycled",
    )
    log = "\n".join(lines[n % len(lines)].format(n=n) for n in range(4_000))
    redact(log[:5_000])
    started = time.process_time()
    redact(log)
    assert len(log) / 1e6 / (time.process_time() - started) > 0.5 / SLOW_MACHINE
