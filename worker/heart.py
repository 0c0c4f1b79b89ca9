"""THE KILN: the heartbeat beside a painting; it beats only while the engine gives signs of life."""

import contextvars
import logging
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from django.conf import settings
from django.db import Error, connection

from stylize import jobs, runs
from stylize.models import Job
from worker import roster

log = logging.getLogger(__name__)

LAST_FENCE: Final = 10  # silences, after which the process is given up


class Stopping(Exception):
    """This worker is being stopped; the job goes back in line."""


class Enough(Exception):
    """The owner takes the painting as it is."""


class Heart:
    """Beats for one claim in a thread of its own. The engine calls `pulse` at every layer, and is stopped there.

    `may_end` is for the kiln to say: there is a picture of full size that could be taken.
    """

    def __init__(self, job: Job, stopping: Callable[[], bool]) -> None:
        self._job, self._stopping = job, stopping
        self._pulse_at = time.monotonic()
        self._lost, self._over, self._enough = threading.Event(), threading.Event(), threading.Event()
        self.may_end = False
        speaks_of_the_job = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=speaks_of_the_job, args=(self._beat,), name=f"heart-{job.key}", daemon=True
        )

    def pulse(self) -> None:
        """A sign of life. Raises jobs.Lost, Stopping or Enough when the painting must end."""
        self._pulse_at = time.monotonic()
        if self._lost.is_set():
            raise jobs.Lost(self._job.key)
        if self._stopping():
            raise Stopping
        if self.may_end and self._enough.is_set():
            raise Enough

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(timeout=10)

    def _beat(self) -> None:
        try:
            while not self._over.wait(settings.BEAT_S) and not self._lost.is_set():
                silent_s = time.monotonic() - self._pulse_at
                if silent_s < settings.ENGINE_SILENCE_S:
                    self._beat_once()
                elif silent_s > LAST_FENCE * settings.ENGINE_SILENCE_S:
                    self._give_up(silent_s)
        finally:
            connection.close()

    def _give_up(self, silent_s: float) -> None:
        """The engine hangs in a call that will never return; only a new process can paint again."""
        log.critical("job %s: no sign of life for %d s, a new process starts", self._job.key, silent_s)
        os._exit(os.EX_SOFTWARE)

    def _beat_once(self) -> None:
        try:
            if not jobs.beat(self._job):
                self._lost.set()
            elif not self._enough.is_set() and runs.end_is_wanted(self._job):
                self._enough.set()
            roster.beat()
        except Error as trouble:  # the lease outlives a short absence of the database
            log.warning("job %s: heartbeat missed: %s", self._job.key, trouble)
            connection.close()
