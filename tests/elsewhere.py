"""A process of its own on the database of this test: to be killed as no thread can be."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

SAID = "here"


def environ() -> dict[str, str]:
    """The variables by which a process finds what this test has written; the test's transaction must be committed."""
    own = connection.settings_dict
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    return os.environ | {
        "DATABASE_URL": f"{server}/{own['NAME']}", "DJANGO_SETTINGS_MODULE": "ostagram.settings",
        "MEDIA_ROOT": str(settings.MEDIA_ROOT), "LOG_LEVEL": "ERROR",
    }  # fmt: skip


@contextmanager
def running(script: str) -> Iterator["subprocess.Popen[str]"]:
    """`script` with Django set up, at the moment when it prints SAID; killed with its children at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup()\n{script}"],
        cwd=settings.BASE_DIR, env=environ(), stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    try:
        assert process.stdout.readline().strip() == SAID
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
