"""THE KILN: this process's row in the workers' book; it beats while idle, and with its job while painting.

While a job is painted only the heart beside it beats, and that only while the engine gives signs of life: a worker that
hangs falls silent here, too. The book is for telling the time and for the staff; losing a line of it harms no job.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from stylize import pace, workers
from stylize.models import Job
from stylize.workers import Worker

log = logging.getLogger(__name__)
State = Worker.State


class Place:
    """What this process says of itself."""

    def __init__(self, name: str, stopping: Callable[[], bool]) -> None:
        self._name, self._stopping = name, stopping
        self._state: str = State.STARTING
        self._said_at = 0.0
        self._usual: pace.Speed | None = None
        self._measured: list[tuple[float, float]] = []  # cost, seconds
        self._thread = threading.Thread(target=self._beat_while_idle, name="roster", daemon=True)

    def open(self) -> None:
        self.say(state=self._state, started_at=timezone.now())
        self._thread.start()

    def ready(self, device: str, engine_version: str) -> None:
        """The network is loaded; until something is measured, the last worker here counts."""
        try:
            self._usual = workers.speed_before(self._name, device)
        except Error as trouble:
            self._missed(trouble)
        self._state = State.IDLE
        self.say(device=device, engine_version=engine_version, **self._speed())

    @contextmanager
    def painting(self) -> Iterator[None]:
        self._state = State.PAINTING
        self.say()
        try:
            yield
        finally:
            self._state = State.IDLE
            self.say(**self._speed())

    def measured(self, cost: float, seconds: float) -> None:
        self._measured = pace.kept([*self._measured, (cost, seconds)])

    def beat(self) -> None:
        """Say that all is well, unless it has just been said."""
        if time.monotonic() - self._said_at >= settings.WORKER_BEAT_S:
            self.say()

    def say(self, **facts: Any) -> None:
        try:
            workers.beat(self._name, **(facts | {"state": State.STOPPING if self._stopping() else self._state}))
        except Error as trouble:
            self._missed(trouble)
        self._said_at = time.monotonic()

    def _speed(self) -> dict[str, float]:
        speed = pace.fitted(self._measured, self._usual)
        return {"fixed_s": speed.fixed_s, "seconds_per_cost": speed.per_cost} if speed else {}

    def _missed(self, trouble: Error) -> None:
        log.warning("the workers' book cannot be reached: %s", trouble)
        if not connection.in_atomic_block:
            connection.close()

    def _beat_while_idle(self) -> None:
        while True:
            time.sleep(1)
            self._beat_if_idle()

    def _beat_if_idle(self) -> None:
        if self._state != State.PAINTING:
            self.beat()


_here: Place | None = None


def enter(name: str, stopping: Callable[[], bool]) -> None:
    """Open this process's row; without it (in a test, in a shell) the functions below do nothing."""
    global _here
    _here = Place(name, stopping)
    _here.open()


def ready(device: str, engine_version: str) -> None:
    if _here:
        _here.ready(device, engine_version)


@contextmanager
def painting() -> Iterator[None]:
    if _here is None:
        yield
        return
    with _here.painting():
        yield


def beat() -> None:
    """From the heart beside a painting."""
    if _here:
        _here.beat()


def measured(job: Job) -> None:
    """This process has painted all of this job just now. A run that was taken up again tells little about its cost."""
    if _here and job.started_at and job.fence == 1:
        _here.measured(job.cost, (timezone.now() - job.started_at).total_seconds())
