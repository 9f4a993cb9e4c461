"""The SQL of every playbook works: it runs on PostgreSQL and MariaDB, and parses for the other engines.

`pytest tests/engines -k SLUG` runs one playbook's.
"""

from __future__ import annotations

import pytest

from tests.engines import parsing
from tests.engines.blocks import SqlBlock, Unreadable, all_blocks
from tests.engines.sandbox import Failure, Sandbox

BLOCKS = all_blocks()


def _parameter(block: SqlBlock | Unreadable) -> object:
    if isinstance(block, Unreadable):
        return pytest.param(block, id=block.slug)
    return pytest.param(block, id=f"{block.slug}:{block.engine}:{block.line}")


@pytest.mark.parametrize("block", [_parameter(block) for block in BLOCKS])
def test_sql(block: SqlBlock | Unreadable, request: pytest.FixtureRequest) -> None:
    if isinstance(block, Unreadable):
        pytest.fail(block.problem, pytrace=False)
    sandbox = _sandbox(block, request)
    failure = sandbox.run(block) if sandbox else parsing.failure(block)
    if failure:
        pytest.fail(_message(block, failure), pytrace=False)


def _sandbox(block: SqlBlock, request: pytest.FixtureRequest) -> Sandbox | None:
    """Where the block runs; `None` if it is for a system that we cannot have here."""
    if block.engine not in ("postgresql", "mariadb") or not block.shown_on_plain_server():
        return None
    sandbox: Sandbox = request.getfixturevalue(f"{block.engine}_sandbox")
    if block.needs and block.needs not in sandbox.extensions:
        return None
    return sandbox if block.shown_on_plain_server(sandbox.version) else None


def _message(block: SqlBlock, failure: Failure) -> str:
    return f"{block.place} ({block.engine})\n\n{failure.statement}\n\n{failure.error}"
