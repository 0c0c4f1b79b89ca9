"""THE FRAME: the cache, without which everything still works: when its server is away, nothing is found in it.

A server that is frozen costs whoever asks it the whole timeout, and a page asks many times: so it is not asked again
for some seconds. One that refuses connections says so at once and is asked as always.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TookTooLong

log = logging.getLogger(__name__)

REST_S: Final = 3.0
_rest_until: dict[str, float] = {}  # by server, in this process


class ForgivingRedisCache(RedisCache):
    """Django's own, with a log line in the place of an error. Nothing of worth may be kept in it alone."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._server = server

    def add(self, *args: Any, **options: Any) -> bool:
        return bool(self._forgive(True, super().add, args, options))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._forgive(default, super().get, (key, default), {"version": version})

    def incr(self, *args: Any, **options: Any) -> int:
        return int(self._forgive(0, super().incr, args, options))

    def set(self, *args: Any, **options: Any) -> None:
        self._forgive(None, super().set, args, options)

    def delete(self, *args: Any, **options: Any) -> bool:
        return bool(self._forgive(False, super().delete, args, options))

    def delete_many(self, *args: Any, **options: Any) -> None:
        self._forgive(None, super().delete_many, args, options)

    def get_many(self, *args: Any, **options: Any) -> dict[Any, Any]:
        return dict(self._forgive({}, super().get_many, args, options))

    def set_many(self, *args: Any, **options: Any) -> list[Any]:
        return list(self._forgive([], super().set_many, args, options))

    def _forgive(self, otherwise: Any, act: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if time.monotonic() < _rest_until.get(self._server, 0.0):
            return otherwise
        try:
            return act(*args, **options)
        except (RedisError, OSError) as trouble:
            log.warning("the cache is away: %s", trouble)
            if isinstance(trouble, TookTooLong | TimeoutError):
                _rest_until[self._server] = time.monotonic() + REST_S
            return otherwise
