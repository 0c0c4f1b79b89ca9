"""THE BENCH: what a run of a job leaves behind, and what its owner asks of it. Each write names status and fence.

Files come first and their rows after: what a process that dies in between leaves behind, the sweep finds.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from stylize import jobs, keepsakes
from stylize.models import Frame, Job, JobQuerySet


def want_end(job: Job) -> bool:
    """The owner takes what is there; the kiln notices with its next heartbeat. False: it does not run any more."""
    return _held(job).paintings().update(finish_early=True) == 1


def end_is_wanted(job: Job) -> bool:
    return _held(job).filter(finish_early=True).exists()


def begin(job: Job, iteration: int) -> None:
    """A run starts at this iteration: from its checkpoint, or from nothing when that is 0. Raises jobs.Lost.

    Frames beyond it belong to a painting that nobody will see.
    """
    lost = job.checkpoint
    if iteration:
        job.resumed_at = [*job.resumed_at, job.begun + iteration]
    else:
        job.checkpoint, job.checkpoint_at, job.checkpoint_seconds, job.resumed_at = "", 0, 0.0, []
    with transaction.atomic():
        _write(
            job, checkpoint=job.checkpoint, checkpoint_at=job.checkpoint_at,
            checkpoint_seconds=job.checkpoint_seconds, resumed_at=job.resumed_at,
        )  # fmt: skip
        beyond = Frame.objects.filter(job=job, iteration__gt=job.begun + iteration)
        files = list(beyond.values_list("file", flat=True))
        beyond.delete()
    for name in files:
        keepsakes.delete_frame(name)
    if lost and not iteration:
        keepsakes.delete_checkpoint(lost)


def keep_checkpoint(job: Job, iteration: int, contents: bytes) -> None:
    """The newest takes the place of the one before. Raises pictures.StorageError and jobs.Lost."""
    name = keepsakes.store_checkpoint(contents, job.fence)
    try:
        with transaction.atomic():
            row = Job.objects.select_for_update().filter(pk=job.pk)
            before, furthest = row.values_list("checkpoint", "furthest").first() or ("", 0)
            progress = {"furthest": iteration, "checkpoint_fence": job.fence} if iteration > furthest else {}
            painted_s = job.checkpoint_seconds + jobs.seconds_since_claim(job, timezone.now())
            _write(
                job, checkpoint=name, checkpoint_at=iteration, checkpoint_seconds=painted_s, **progress
            )  # fmt: skip
    except jobs.Lost:
        keepsakes.delete_checkpoint(name)
        raise
    job.checkpoint = name
    if before:
        keepsakes.delete_checkpoint(before)


def keep_frame(job: Job, iteration: int, name: str) -> None:
    """Write down a frame whose files are stored. Raises jobs.Lost, and then the files are gone."""
    try:
        with transaction.atomic():
            _write(job, heartbeat_at=timezone.now())
            Frame.objects.create(job=job, iteration=iteration, file=name)
    except jobs.Lost:
        keepsakes.delete_frame(name)
        raise


def hold_start(picture: Job) -> None:
    """A picture is about to be deleted: its unfinished prints keep copies, if its file is there.

    Within the transaction that deletes it, its row locked. Raises pictures.StorageError.
    """
    held = Frame.objects.filter(job=OuterRef("pk"), iteration=0)
    waiting = picture.gone_on.prints().unfinished().exclude(Exists(held))
    for job in waiting:
        try:
            name = keepsakes.store_frame(keepsakes.open_frame(picture.result), job.fence)
        except FileNotFoundError:
            return
        Frame.objects.create(job=job, iteration=0, file=name)


def start_of(job: Job) -> str:
    """The files of the finished picture that a print is made of; empty where they are gone."""
    held = job.frames.filter(iteration=0).first()
    if held:
        return held.file
    return job.goes_on_from.result if job.goes_on_from else ""


def clear(job: Job) -> None:
    """Remove what a job that has ended without a picture has left; again and again without harm."""
    ended = Job.objects.filter(pk=job.pk, status__in=[Job.Status.FAILED, Job.Status.CANCELLED])
    if job.is_print:  # what it was made of is needed no longer once it is done, either
        ended = Job.objects.filter(pk=job.pk).exclude(status__in=Job.Status.unfinished())
    with transaction.atomic():
        locked = ended.select_for_update().first()
        if locked is None:
            return
        files = list(locked.frames.values_list("file", flat=True))
        locked.frames.all().delete()
        ended.update(checkpoint="")
    if locked.checkpoint:
        keepsakes.delete_checkpoint(locked.checkpoint)
    for name in files:
        keepsakes.delete_frame(name)


def _held(job: Job) -> JobQuerySet:
    return Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING, fence=job.fence)


def _write(job: Job, **changes: object) -> None:
    if _held(job).update(**changes) != 1:
        raise jobs.Lost(job.key)
