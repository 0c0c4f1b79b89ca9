"""THE KILN: one job's life on the device: claim, paint, tell, deliver; or give up in the right way."""

import logging
import os
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from PIL import Image

from feed import posts
from stylize import dispatch, jobs, line, pictures, progress, promise
from stylize.models import Job
from worker import engine
from worker.heart import Heart, Stopping

log = logging.getLogger(__name__)

TELL_EVERY_S: Final = 2.0
PREVIEW: Final = pictures.Variant(".webp", "image/webp", 480, 70)
DELIVERY_TRIES: Final = 30  # with a second between them, a restart of Postgres costs no painting


class Cold(Exception):
    """The kiln cannot be heated: the network's weights are missing or altered."""


def heat() -> None:
    """Load and check the network on its device. Raises Cold."""
    try:
        engine.warm_up(_settings(seed=0))
    except Exception as error:  # whatever keeps it cold would fail every job in line
        raise Cold(str(error)) from error


def paint_next(worker: str, stopping: Callable[[], bool]) -> bool:
    """Paint the first job in line and ring for the next. False: none was painted."""
    close_old_connections()
    if not pictures.has_room():
        log.error("the storage is full or away: nothing is painted until it is back")
        return False
    job = jobs.claim_next(worker)
    if job is None:
        return False
    log.info("job %s: %s, %d × %d px, strike %d", job.key, job.tier, job.width, job.height, job.strikes)
    well = _paint_or_settle(job, stopping)
    progress.forget(job.key)
    if well and not stopping():
        dispatch.wake()  # after trouble the rescue rings, some seconds later
    return well


def _paint_or_settle(job: Job, stopping: Callable[[], bool]) -> bool:
    """False: the kiln itself had trouble."""
    try:
        _paint(job, stopping)
    except jobs.Lost:
        log.info("job %s: not ours any more", job.key)
    except Stopping:
        _settle(lambda: jobs.put_back(job))
    except engine.FlatResultError:
        _settle(lambda: jobs.fail(job, Job.Failure.FLAT))
    except pictures.StorageError:
        log.exception("job %s: put back, because the storage is full or away", job.key)
        _settle(lambda: jobs.put_back(job))
        return False
    except Exception as error:
        log.exception("job %s: the painting broke", job.key)
        _settle(lambda: jobs.strike(job, Job.Failure.ERROR))
        if engine.is_device_lost(error):
            log.critical("the device answers nothing any more in this process: a new one starts")
            os._exit(os.EX_SOFTWARE)
        return False
    return True


def _paint(job: Job, stopping: Callable[[], bool]) -> None:
    given = _open_pictures(job)
    with Heart(job, stopping) as heart:
        try:
            seed, step = job.seed, _fire(job, given, job.seed, heart)
        except engine.FlatResultError:
            seed = job.seed + 1
            log.warning("job %s: flat, once more with another seed", job.key)
            step = _fire(job, given, seed, heart)
        files = pictures.store_result(step.picture(), job.fence)
        _deliver(job, jobs.Result(files, step.loss, engine.ENGINE_VERSION, seed))
    log.info("job %s: done", job.key)


class _Given(NamedTuple):
    photo: Image.Image  # as it is framed
    styles: list[engine.Style]
    protect: Image.Image | None  # white where the framed photo stays


def _open_pictures(job: Job) -> _Given:
    links = job.style_links.select_related("style__image")
    styles = [engine.Style(pictures.open_upload(link.style.image), link.weight) for link in links]
    photo = job.framing.applied(pictures.open_upload(job.photo))
    return _Given(photo, styles, pictures.open_mask(job.protect) if job.protect else None)


def _fire(job: Job, given: _Given, seed: int, heart: Heart) -> engine.Step:
    """Run the engine to the end, telling the watchers on the way; the last step holds the painting."""
    order = _settings(seed=seed, iterations=job.iterations, max_side=job.max_side, **job.controls)
    teller = _Teller(job)
    step = None
    for step in engine.stylise(given.photo, given.styles, order, protect=given.protect, pulse=heart.pulse):
        teller.tell(step)
    assert step is not None, "the engine yields at least one step"
    return step


def _settings(**order: object) -> engine.Settings:
    return engine.Settings(weights=settings.ENGINE_WEIGHTS, device=settings.ENGINE_DEVICE, **order)  # type: ignore[arg-type]


def _deliver(job: Job, result: jobs.Result) -> None:
    """The row and its post in one transaction; a painting that nobody waits for any more leaves no files.

    When Postgres stays away nobody knows whether the row was written: the files stay, and the sweep decides later.
    """

    def write() -> None:
        with transaction.atomic():
            jobs.finish(job, result)
            posts.publish(job)

    try:
        _with_patience(write)
    except (OperationalError, InterfaceError):
        raise
    except BaseException:
        pictures.delete_result(result.files)
        raise


def _settle(move: Callable[[], None]) -> None:
    try:
        _with_patience(move)
    except jobs.Lost as lost:
        log.info("job %s: not ours any more", lost)


def _with_patience(write: Callable[[], None]) -> None:
    """Write to Postgres even when it is just being restarted."""
    for tries_left in reversed(range(DELIVERY_TRIES)):
        try:
            write()
            return
        except (OperationalError, InterfaceError) as trouble:
            if not tries_left:
                raise
            log.warning("the database is away, trying again: %s", trouble)
            connection.close()
            time.sleep(1)


def _speed() -> float | None:
    """Seconds a unit of cost took lately; while Postgres is away an estimate is missing, and the painting goes on."""
    try:
        return line.seconds_per_cost()
    except (OperationalError, InterfaceError) as trouble:
        log.warning("the database is away, no time is told: %s", trouble)
        connection.close()
        return None


class _Teller:
    """Publishes where a painting stands: every two seconds, or at every step where steps take longer."""

    def __init__(self, job: Job) -> None:
        self._job, self._started, self._told = job, time.monotonic(), 0.0
        speed = _speed()
        self._expected_s = None if speed is None else speed * job.cost
        self._losses: list[float] = []
        self._untold: list[engine.Step] = []
        self._previews = 0

    def tell(self, step: engine.Step) -> None:
        self._untold.append(step)
        now = time.monotonic()
        if now - self._told < TELL_EVERY_S and step.fraction < 1:
            return
        self._losses += [one.loss for one in self._untold]  # a graphics card need not wait for every number
        self._untold.clear()
        self._told, self._previews = now, self._previews + 1
        told = self._promise(now - self._started, step.fraction)
        snapshot = progress.Snapshot(
            status=Job.Status.RUNNING,
            fraction=step.fraction,
            phase=step.phase,
            iteration=step.iteration,
            iterations=step.iterations,
            loss=step.loss,
            losses=progress.thinned(self._losses),
            remaining_s=told.remaining_s(time.time()) if told else None,
            reason=told.reason if told else "",
            interruptions=self._job.fence - 1,
            preview=self._previews,
        )
        progress.write(self._job.key, snapshot, pictures.encoded(step.picture(), PREVIEW))

    def _promise(self, passed_s: float, fraction: float) -> promise.Promise | None:
        left_s = promise.tempered(passed_s=passed_s, fraction=fraction, expected_s=self._expected_s)
        return None if left_s is None else progress.promise(self._job.key, left_s, interruptions=self._job.fence - 1)
