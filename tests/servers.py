"""A pytest plugin: Postgres and Valkey for the tests, in a folder that is gone afterwards; started before the settings.

Loaded with `-p tests.servers`. The processes of pytest-xdist inherit the addresses: Django gives each a database of its
own, tests/conftest.py a Redis database of its own. DATABASE_URL and REDIS_URL, if set, are respected.
"""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ostagram.embedded import binaries, postgres, run


@contextmanager
def var_folder() -> Iterator[Path]:
    """A var/ that Postgres' own user can reach when root runs the tests (a pytest tmp_path is private)."""
    with tempfile.TemporaryDirectory(prefix="ostagram-") as top:
        Path(top).chmod(0o711)
        var_dir = Path(top) / "var"
        var_dir.mkdir(mode=0o711)
        try:
            yield var_dir
        finally:
            remove_outside_data(var_dir)


def remove_outside_data(var_dir: Path) -> None:
    """A temporary folder may be private after all: then the data lie outside of it."""
    if postgres.home(var_dir).parent == binaries.LIBRARY:
        shutil.rmtree(postgres.home(var_dir), ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Around all others: pytest-django loads the settings in the same hook."""
    options = early_config.known_args_namespace
    if "PYTEST_XDIST_WORKER" not in os.environ and not options.help and not options.version:
        stack = ExitStack()
        early_config.add_cleanup(stack.close)
        var_dir = stack.enter_context(var_folder())
        os.environ.setdefault("OSTAGRAM_VAR", str(var_dir))
        missing = tuple(name for name, variable in run.VARIABLES.items() if not os.environ.get(variable))
        os.environ.update(stack.enter_context(run.running(var_dir, missing, fast=True)).environ)
    return (yield)
