"""A Celery worker that paints quickly: QUICK_S seconds of sleep for a painting, and no network unless the photo asks.

`celery -A tests.storm.quick worker -Q paint -I worker.tasks`. The width of the photo says what happens: the one thing
that goes unchanged through form, row and file. Claims, heartbeats, checkpoints, files and posts are the real ones.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from celery.signals import worker_process_init
from PIL import Image

from ostagram.celery import app as app

USUAL: Final = 120  # px
REAL: Final = 96  # painted by the engine itself
FLAT: Final = 80  # comes out flat with every seed: fails, and says so
DEADLY: Final = 88  # kills the process that paints it, each time: fails at the third
LONG: Final = 104  # so long that it leaves a checkpoint
LONG_S: Final = 14.0
PROOF_ITERATIONS: Final = 10
SLICE_S: Final = 0.05  # between signs of life


@worker_process_init.connect
def _be_quick(**_details: Any) -> None:
    """In the pool's child, before it is heated: as in the service, only a child loads PyTorch."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from worker import engine

    engine.stylise = Quick(engine.stylise, float(os.environ.get("QUICK_S", "2")))  # type: ignore[assignment]
    engine.warm_up = lambda _settings: None  # type: ignore[assignment]


class Quick:
    """Takes the place of `engine.stylise`."""

    def __init__(self, real: Callable[..., Iterator[Any]], painting_s: float) -> None:
        self._real, self._painting_s = real, painting_s

    def __call__(self, content: Image.Image, styles: Any, order: Any, **given: Any) -> Iterator[Any]:
        from tests.worker.fake_engine import FakeEngine

        if content.width == REAL:
            return self._real(content, styles, order, **given)
        seconds = LONG_S if content.width == LONG else self._painting_s
        if order.iterations == PROOF_ITERATIONS:  # one of nine
            seconds /= 9

        def step(_number: int) -> None:
            _meet_ones_fate(content.width)
            _sleep(seconds / order.iterations, given["pulse"])

        return FakeEngine(step)(content, styles, order, **given)


def _meet_ones_fate(width: int) -> None:
    from worker import engine

    if width == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    if width == FLAT:
        raise engine.FlatResultError("flat")


def _sleep(seconds: float, pulse: Callable[[], None]) -> None:
    wake_at = time.monotonic() + seconds
    while (left := wake_at - time.monotonic()) > 0:
        time.sleep(min(left, SLICE_S))
        pulse()
