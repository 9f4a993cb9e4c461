"""How `pytest -n 2 --dist loadscope` shares the tests out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class OneServerEach(LoadScopeScheduling):
    """Tests that use one server or one browser stay on one worker, so that each is started once."""

    def _split_scope(self, nodeid: str) -> str:
        """Name the tests that belong together: a file's, all browser tests, and playbook SQL of one engine."""
        file = nodeid.partition("::")[0]
        engine = re.search(r"test_playbook_sql\.py::test_sql\[[^:]+:(\w+):", nodeid)
        return "browser" if "tests/browser/" in file else engine[1] if engine else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return OneServerEach(config, log)
