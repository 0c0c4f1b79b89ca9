"""A Celery worker whose engine sleeps: claims, heartbeats, files, posts and wake-up calls are the real ones.

`celery -A tests.worker.sleeping worker -Q paint -I worker.tasks`; SLEEP_S says how long a painting takes.
"""

import os
import time
from typing import Any

from celery.signals import worker_init

from ostagram.celery import app as app
from tests.worker.fake_engine import FakeEngine

SLICE_S = 0.05  # between signs of life


@worker_init.connect
def _put_to_sleep(**_details: Any) -> None:
    """Before the pool's children are forked: they inherit it."""
    from worker import engine

    slices = round(float(os.environ.get("SLEEP_S", "2")) / SLICE_S)

    def sleep(_step: int) -> None:
        for _slice in range(slices):
            time.sleep(SLICE_S)

    engine.stylise = FakeEngine(sleep)  # type: ignore[assignment]
    engine.warm_up = lambda _settings: None  # type: ignore[assignment]
