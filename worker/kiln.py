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
from stylize import dispatch, jobs, keepsakes, line, pictures, progress, promise, repeats, runs
from stylize.models import Job
from worker import engine, proofs, roster, saving
from worker.heart import Enough, Heart, Stopping

log = logging.getLogger(__name__)

TELL_EVERY_S: Final = 2.0
PREVIEW: Final = pictures.Variant(".webp", "image/webp", 480, 70)
SMALL_PIECES: Final = 0.3  # of the free memory, for a painting that had not enough
DELIVERY_TRIES: Final = 30  # with a second between them, a restart of Postgres costs no painting


class Gone(Exception):
    """The picture that this one goes on from is not there any more."""


class Cold(Exception):
    """The kiln cannot be heated: the network's weights are missing or altered."""


def heat() -> None:
    """Load and check the network on its device. Raises Cold."""
    try:
        engine.warm_up(_settings(seed=0))
    except Exception as error:  # whatever keeps it cold would fail every job in line
        raise Cold(str(error)) from error
    roster.ready(engine.device_title(settings.ENGINE_DEVICE), engine.ENGINE_VERSION)


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
    with roster.painting():
        well = _paint_or_settle(job, stopping)
    _settle(lambda: runs.clear(job))
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
    except Gone:
        _settle(lambda: jobs.fail(job, Job.Failure.NO_START))
    except pictures.StorageError:
        log.exception("job %s: put back, because the storage is full or away", job.key)
        _settle(lambda: jobs.put_back(job))
        return False
    except Exception as error:
        log.exception("job %s: the painting broke", job.key)
        if _is_too_large(error):
            _settle(lambda: jobs.fail(job, Job.Failure.MEMORY))
            return True
        _settle(lambda: jobs.strike(job, Job.Failure.ERROR))
        if engine.is_device_lost(error):
            log.critical("the device answers nothing any more in this process: a new one starts")
            os._exit(os.EX_SOFTWARE)
        return False
    return True


def _paint(job: Job, stopping: Callable[[], bool]) -> None:
    given = _open_pictures(job)
    with Heart(job, stopping) as heart:
        if job.is_proof:
            nine = proofs.paint(job, *given[:3], recipe=_settings, speed=_speed(), pulse=heart.pulse)
            return _deliver(job, nine)
        seed, step = _painted_somehow(job, given, heart)
        files = pictures.store_result(step.picture(), job.fence)
        done = job.begun + step.iteration
        _deliver(job, jobs.Result(files, step.loss, engine.ENGINE_VERSION, seed, done))
    if done == job.iterations:
        roster.measured(job)
    if job.checkpoint:
        keepsakes.delete_checkpoint(job.checkpoint)
    log.info("job %s: done after %d iterations", job.key, done)


class _Given(NamedTuple):
    photo: Image.Image  # as it is framed
    styles: list[engine.Style]
    protect: Image.Image | None  # white where the framed photo stays
    begin: Image.Image | None  # the finished picture that this one goes on from


def _open_pictures(job: Job) -> _Given:
    links = job.style_links.select_related("style__image")
    styles = [engine.Style(pictures.open_upload(link.style.image), link.weight) for link in links]
    photo = job.framing.applied(pictures.open_upload(job.photo))
    protect = pictures.open_mask(job.protect) if job.protect else None
    return _Given(photo, styles, protect, _open_begin(job) if job.begun else None)


def _open_begin(job: Job) -> Image.Image:
    try:
        if job.goes_on_from is None:
            raise Gone(job.key)
        return keepsakes.open_frame(repeats.stopped_at(job.goes_on_from))
    except FileNotFoundError as error:
        raise Gone(job.key) from error


def _painted_somehow(job: Job, given: _Given, heart: Heart) -> tuple[int, engine.Step]:
    """The seed and the last step; where memory is short, once more in small pieces, which paint the same."""
    try:
        return _painted(job, given, heart, memory_gb=0)
    except Exception as error:
        if not _is_too_large(error):
            raise
        log.warning("job %s: not enough memory: %s", job.key, str(error))  # a kept record would keep the error
    free_gb = engine.let_go(settings.ENGINE_DEVICE)  # here, for within `except` the error holds what is to be freed
    return _painted(job, given, heart, memory_gb=max(SMALL_PIECES * free_gb, 0.01))


def _is_too_large(error: Exception) -> bool:
    return isinstance(error, engine.TooLargeError) or engine.is_out_of_memory(error)


def _painted(job: Job, given: _Given, heart: Heart, *, memory_gb: float) -> tuple[int, engine.Step]:
    kept = saving.newest(job)
    if kept:
        try:
            return kept.seed, _fire(job, given, kept.seed, heart, memory_gb=memory_gb, kept=kept)
        except (engine.SettingsError, engine.FlatResultError) as error:
            log.warning("job %s: begins again, its checkpoint leads nowhere: %s", job.key, error)
    try:
        return job.seed, _fire(job, given, job.seed, heart, memory_gb=memory_gb)
    except engine.FlatResultError:
        log.warning("job %s: flat, once more with another seed", job.key)
    return job.seed + 1, _fire(job, given, job.seed + 1, heart, memory_gb=memory_gb)


def _fire(
    job: Job, given: _Given, seed: int, heart: Heart, *, memory_gb: float, kept: saving.Kept | None = None
) -> engine.Step:
    """Run the engine, telling the watchers and keeping what is worth it; the last step holds the painting."""
    begun = kept.iteration if kept else 0
    _with_patience(lambda: runs.begin(job, begun))
    order = _settings(
        seed=seed, iterations=job.iterations - job.begun, max_side=job.max_side, memory=memory_gb,
        start="picture" if given.begin else "content", **job.controls,
    )  # fmt: skip
    teller, step = _Teller(job, kept), None
    heart.may_end = False
    with saving.Saver(job, begun, seed, teller) as saver:
        try:
            for step in engine.stylise(
                given.photo, given.styles, order, protect=given.protect, begin=given.begin,
                resume=kept.engine if kept else None, pulse=heart.pulse,
            ):  # fmt: skip
                teller.tell(step)
                saver.look(step)
                heart.may_end = step.phase == "paint"
        except Stopping:
            saver.stop(step)
            raise
        except Enough:
            assert step is not None, "there is a picture before it can be enough"
            step.check()
        assert step is not None, "the engine yields at least one step"
        saver.finish(step)
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
            if not job.is_proof:
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

    def __init__(self, job: Job, kept: saving.Kept | None) -> None:
        self._job, self._started, self._told = job, time.monotonic(), 0.0
        self._resumed_at = job.begun + kept.iteration if kept else 0
        self._before = kept.fraction if kept else 0.0  # the share of the work that earlier runs have done
        speed = _speed()
        self._expected_s = None if speed is None else speed * job.cost * (1 - self._before)
        self._losses: list[float] = list(kept.losses) if kept else []
        self._untold: list[engine.Step] = []
        self._previews = 0

    def losses(self) -> list[float]:
        self._losses += [one.loss for one in self._untold]  # a graphics card need not wait for every number
        self._untold.clear()
        return self._losses

    def tell(self, step: engine.Step) -> None:
        self._untold.append(step)
        now = time.monotonic()
        if now - self._told < TELL_EVERY_S and step.fraction < 1:
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
            interruptions=self._job.fence - 1,
            resumed_at=self._resumed_at,
            preview=self._previews,
        )
        progress.write(self._job.key, snapshot, pictures.encoded(step.picture(), PREVIEW))

    def _promise(self, passed_s: float, fraction: float) -> promise.Promise | None:
        own = (fraction - self._before) / (1 - self._before) if fraction > self._before else 0.0
        left_s = promise.tempered(passed_s=passed_s, fraction=own, expected_s=self._expected_s)
        return None if left_s is None else progress.promise(self._job.key, left_s, interruptions=self._job.fence - 1)
