"""THE KILN: what the watchers of a painting are told while it is painted: how far it is, how it looks, how long yet."""

import logging
import time
from typing import Final

from django.db import InterfaceError, OperationalError, connection

from stylize import line, pictures, progress, promise
from stylize.models import Job
from worker import engine, saving

log = logging.getLogger(__name__)

TELL_EVERY_S: Final = 2.0
PRINT_EVERY_S: Final = 10.0  # its preview is made from twenty megapixels
PREVIEW: Final = pictures.Variant(".webp", "image/webp", 480, 70)


def speed() -> float | None:
    """Seconds a unit of cost took lately; while Postgres is away an estimate is missing, and the painting goes on."""
    try:
        return line.seconds_per_cost()
    except (OperationalError, InterfaceError) as trouble:
        log.warning("the database is away, no time is told: %s", trouble)
        connection.close()
        return None


class Teller:
    """Publishes where a painting stands: every two seconds, or at every step where steps take longer."""

    def __init__(self, job: Job, kept: saving.Kept | None) -> None:
        self._job, self._started, self._told = job, time.monotonic(), 0.0
        self._resumed_at = job.begun + kept.iteration if kept else 0
        self._before = kept.fraction if kept else 0.0  # the share of the work that earlier runs have done
        now_s = speed()
        self._expected_s = None if now_s is None else now_s * job.cost * (1 - self._before)
        self._losses: list[float] = list(kept.losses) if kept else []
        self._untold: list[engine.Step] = []
        self._previews = 0
        self._every_s = PRINT_EVERY_S if job.is_print else TELL_EVERY_S
        self._interruptions = 0 if job.is_print else job.fence - 1  # a print that stepped aside had no trouble

    def losses(self) -> list[float]:
        self._losses += [one.loss for one in self._untold]  # a graphics card need not wait for every number
        self._untold.clear()
        return self._losses

    def tell(self, step: engine.Step) -> None:
        self._untold.append(step)
        now = time.monotonic()
        if now - self._told < self._every_s and step.fraction < 1:
            return
        self._told, self._previews = now, self._previews + 1
        told = self._promise(now - self._started, step.fraction)
        snapshot = progress.Snapshot(
            status=Job.Status.RUNNING,
            fraction=step.fraction,
            phase=step.phase,
            iteration=self._job.begun + step.iteration if step.iteration else 0,
            iterations=self._job.iterations,
            loss=step.loss,
            losses=progress.thinned(self.losses()),
            remaining_s=told.remaining_s(time.time()) if told else None,
            reason=told.reason if told else "",
            interruptions=self._interruptions,
            resumed_at=self._resumed_at,
            preview=self._previews,
        )
        progress.write(self._job.key, snapshot, pictures.encoded(step.picture(), PREVIEW))

    def _promise(self, passed_s: float, fraction: float) -> promise.Promise | None:
        own = (fraction - self._before) / (1 - self._before) if fraction > self._before else 0.0
        left_s = promise.tempered(passed_s=passed_s, fraction=own, expected_s=self._expected_s)
        return None if left_s is None else progress.promise(self._job.key, left_s, interruptions=self._interruptions)
