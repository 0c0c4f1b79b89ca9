"""A pytest plugin: which tests stay together when several processes share the work (`-n`), loaded with `-p`.

The journeys share one running service, so one process walks them all, and they are begun first. A file whose tests look
at the same costly things stays whole. All other tests go one by one to whoever is free. (pytest-xdist's own mark for
groups does nothing with pytest 9.2: the name of a test does not take its suffix any more.)
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

JOURNEYS = "tests/journeys/"
WITH_A_SERVICE_OF_ITS_OWN = "tests/journeys/test_storm.py"
WHOLE = (
    "tests/worker/engine/", "tests/stylize/test_drawings.py", "tests/stylize/test_uploads.py",
    "tests/ostagram/test_backup.py", "tests/ostagram/test_health.py",
)  # fmt: skip


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def scope(nodeid: str) -> str:
    """The name of what a test is shared out with."""
    file = nodeid.partition("::")[0]
    if file.startswith(JOURNEYS) and file != WITH_A_SERVICE_OF_ITS_OWN:
        return JOURNEYS
    return file if file.startswith(WHOLE) else nodeid


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    return Sharing(config, log)
