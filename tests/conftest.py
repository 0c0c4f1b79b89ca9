"""The cast: alice owns, bob is a stranger; and what every test stands on."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from people.models import User
from stylize.models import Style, Upload
from tests import make


@pytest.fixture(autouse=True)
def _own_files(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    """Every test has a media folder, a cache and logs of its own; pages find static files without collecting them."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.getLogger("django.request").setLevel(logging.ERROR)
    yield
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
