"""THE BENCH: when the house last did its rounds. Kept in the cache: it may be forgotten, and is written often."""

import time
from typing import Final

from django.core.cache import cache

SEEN: Final = "house:seen"
LATE_S: Final = 60.0  # the rescue goes round every five seconds


def seen() -> None:
    cache.set(SEEN, time.time(), timeout=None)


def age_s() -> float | None:
    """Seconds since its last round; None where nothing is known of one."""
    at = cache.get(SEEN)
    return None if at is None else max(0.0, time.time() - at)
