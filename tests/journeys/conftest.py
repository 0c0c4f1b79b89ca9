"""One running service for all journeys; they run one after another, also in several processes (tests/sharing.py)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import servers
from tests.journeys import service
from tests.journeys.browser import chromium


@pytest.fixture(autouse=True)
def _own_ground() -> None:
    """Journeys touch nothing of this process's settings, cache or files."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[service.Service]:
    if "PYTEST_XDIST_WORKER" in os.environ:  # all of a run have a folder in common
        (tmp_path_factory.getbasetemp().parent / "has-a-service").mkdir()  # fails where tests/sharing.py does
    log: Path = tmp_path_factory.mktemp("service") / "log"
    room = {
        "GUESTS_PER_ADDRESS": "1000",
        "GUEST_JOBS_PER_ADDRESS": "100",
        "RATE_UPLOAD": "9999/m/ip",
        "RATE_SIGNUP": "999/m/ip",
    }  # every journey comes from this machine
    room |= {"PRINT_DPI": "20"}  # a print takes seconds
    with servers.var_folder() as var_dir, service.running(var_dir, log, **room) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A photo and a style, small: a hundred iterations take seconds, a thousand some minutes."""
    photo, style = tmp_path / "coffee.jpg", tmp_path / "night.png"
    for picture, path in zip(service.small_pair(), (photo, style), strict=True):
        picture.save(path)
    return photo, style
