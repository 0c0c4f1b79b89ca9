"""The cache's server frozen: it accepts connections and never answers; pages come all the same, and soon."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.test import Client
from redis.exceptions import TimeoutError as RedisTimeout

from ostagram import cache as frame
from people.models import User
from tests import make


@pytest.fixture
def frozen(settings: LazySettings) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/1"
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": address}}
        frame._rest_until.clear()
        yield


@pytest.mark.parametrize("address", ["/", "/paint/"])
def test_a_page_waits_once_for_a_frozen_cache(
    frozen: None, settings: LazySettings, as_alice: Client, alice: User, address: str
) -> None:
    make.post(alice)
    with timed() as first:
        assert as_alice.get(address).status_code == 200
    with timed() as second:
        assert as_alice.get(address).status_code == 200
    assert first[0] < 2 * settings.BROKER_TIMEOUT_S
    assert second[0] < settings.BROKER_TIMEOUT_S


@pytest.mark.parametrize("rests", [True, False], ids=["guarded", "control"])
def test_each_question_to_a_frozen_cache_would_take_the_whole_timeout(
    frozen: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, rests: bool
) -> None:
    if not rests:
        monkeypatch.setattr(frame, "REST_S", 0.0)
    with timed() as passed:
        assert [cache.get("anything") for _question in range(3)] == [None] * 3
    assert (passed[0] < 2 * settings.BROKER_TIMEOUT_S) is rests


def test_after_a_rest_it_is_asked_again(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "REST_S", 0.2)
    cache.set("kept", 7)
    act, names = RedisCache.get, iter([RedisTimeout("too long")])

    def late_once(self: RedisCache, *args: Any, **options: Any) -> Any:
        for trouble in names:
            raise trouble
        return act(self, *args, **options)

    monkeypatch.setattr(RedisCache, "get", late_once)
    assert [cache.get("kept"), cache.get("kept")] == [None, None]
    time.sleep(0.3)
    assert cache.get("kept") == 7


@contextmanager
def timed() -> Iterator[list[float]]:
    """Its one number is there when the block has ended."""
    passed: list[float] = []
    began = time.monotonic()
    yield passed
    passed.append(time.monotonic() - began)
