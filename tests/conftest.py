"""The cast: alice owns, bob is a stranger; and what every test stands on."""

import gc
import logging
import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from people.models import User
from stylize.models import Style, Upload
from tests import make

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
OWN_DATABASE = 2 + int(WORKER.removeprefix("gw"))  # of the Redis server: tests that run beside each other must not meet


@pytest.hookimpl
def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: no need to look through all of it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_ground(settings: LazySettings, tmp_path: Path) -> None:
    """Every test has a media folder, a cache, logs and a language of its own; pages find static files uncollected."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": f"{settings.REDIS_URL}/{OWN_DATABASE}"}}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.getLogger("django.request").setLevel(logging.ERROR)
    translation.activate(settings.LANGUAGE_CODE)  # a page that the test before looked at may have left another
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    return make.user("alice")


@pytest.fixture
def bob(db: None) -> User:
    return make.user("bob")


@pytest.fixture
def photo(alice: User) -> Upload:
    return make.upload(alice)


@pytest.fixture
def style(alice: User) -> Style:
    return make.style(alice)


@pytest.fixture
def as_alice(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def as_bob(bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def anonymous() -> Client:
    return Client()
