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
from stylize import dispatch, jobs, keepsakes, pictures, progress, repeats, runs, tiers
from stylize.models import Job
from worker import aside, engine, prints, proofs, roster, saving, telling
from worker.heart import Enough, Heart, Stopping

log = logging.getLogger(__name__)

LONGEST: Final = 10_000  # px, that the engine is asked for; a print has its own size
SPARE: Final = 0.6  # of the free memory, for a print at most
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
    except aside.Aside as yielded:
        painted = yielded.painted
        log.info("job %s: steps aside for others", job.key)
        _settle(lambda: jobs.step_aside(job, painted))
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
            nine = proofs.paint(job, *given[:3], recipe=_settings, speed=telling.speed(), pulse=heart.pulse)
            return _deliver(job, nine)
        seed, step = _painted_somehow(job, given, heart)
        store = pictures.store_print if job.is_print else pictures.store_result
        files = store(step.picture(), job.fence)
        done = job.begun + step.iteration
        _deliver(job, jobs.Result(files, step.loss, engine.ENGINE_VERSION, seed, done))
    if done == job.iterations and not job.is_print:
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
    if job.is_print:
        return _Given(*prints.cropped(job.plan, photo, styles, protect, _open_begin(job)))
    return _Given(photo, styles, protect, _open_begin(job) if job.begun else None)


def _open_begin(job: Job) -> Image.Image:
    try:
        if job.is_print:
            return keepsakes.open_frame(runs.start_of(job))
        if job.goes_on_from is None:
            raise Gone(job.key)
        return keepsakes.open_frame(repeats.stopped_at(job.goes_on_from))
    except FileNotFoundError as error:
        raise Gone(job.key) from error


def _painted_somehow(job: Job, given: _Given, heart: Heart) -> tuple[int, engine.Step]:
    """The seed and the last step; where memory is short, once more in small pieces, which paint the same."""
    try:
        return _painted(job, given, heart, memory_gb=_memory_gb() if job.is_print else 0)
    except Exception as error:
        if not _is_too_large(error):
            raise
        log.warning("job %s: not enough memory: %s", job.key, str(error))  # a kept record would keep the error
    free_gb = engine.let_go(settings.ENGINE_DEVICE)  # here, for within `except` the error holds what is to be freed
    return _painted(job, given, heart, memory_gb=max(SMALL_PIECES * free_gb, 0.01))


def _memory_gb() -> float:
    """Of a print: it leaves room for what else goes on here."""
    return min(settings.PRINT_MEMORY_GB, max(SPARE * engine.let_go(settings.ENGINE_DEVICE), 0.01))


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
        if job.is_print:  # which begins with a picture: no seed is in it
            raise
        log.warning("job %s: flat, once more with another seed", job.key)
    return job.seed + 1, _fire(job, given, job.seed + 1, heart, memory_gb=memory_gb)


def _fire(
    job: Job, given: _Given, seed: int, heart: Heart, *, memory_gb: float, kept: saving.Kept | None = None
) -> engine.Step:
    """Run the engine, telling the watchers and keeping what is worth it; the last step holds the painting."""
    begun = kept.iteration if kept else 0
    _with_patience(lambda: runs.begin(job, begun))
    order = _settings(
        seed=seed, iterations=job.iterations - job.begun, max_side=min(job.max_side, LONGEST), memory=memory_gb,
        start="picture" if job.begun else "content", **job.controls,
    )  # fmt: skip
    paint = prints.steps(job) if job.is_print else engine.stylise
    teller, step = telling.Teller(job, kept), None
    heart.may_end = False
    courtesy = aside.Courtesy(job, begun) if job.tier == tiers.PRINT.name else None
    with saving.Saver(job, begun, seed, teller) as saver:
        try:
            for step in paint(
                given.photo, given.styles, order, protect=given.protect, begin=given.begin,
                resume=kept.engine if kept else None, pulse=heart.pulse,
            ):  # fmt: skip
                teller.tell(step)
                saver.look(step)
                heart.may_end = step.phase == "paint" and not job.is_print
                if courtesy and courtesy.is_due(step):
                    saver.stop(step)
                    raise aside.Aside(courtesy.painted(step))
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
            if not (job.is_proof or job.is_print):
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
