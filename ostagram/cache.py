"""THE FRAME: the cache, without which everything still works: when its server is away, nothing is found in it."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """Django's own, with a log line in the place of an error. Nothing of worth may be kept in it alone."""

    def add(self, *args: Any, **options: Any) -> bool:
        return bool(self._forgive(True, super().add, args, options))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._forgive(default, super().get, (key, default), {"version": version})

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
        try:
            return act(*args, **options)
        except (RedisError, OSError) as trouble:
            log.warning("the cache is away: %s", trouble)
            return otherwise
