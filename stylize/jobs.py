"""THE BENCH: the life of a job. No other module writes a job's status, rank, fence or strikes.

Every move is one compare-and-set UPDATE: it names the status it comes from and, once a job has been claimed, the fence
of the claim. Whoever comes second changes no row and is told so.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from people.models import User
from stylize import caps, line, queue, showing, tidings, trail, wishes
from stylize.caps import LineTooLong as LineTooLong
from stylize.caps import TooManyJobs as TooManyJobs
from stylize.framing import Crop
from stylize.models import Job, JobStyle
from stylize.wishes import Order as Order

log = logging.getLogger(__name__)
Status = Job.Status

MAX_STRIKES: Final = 3
UNPAID_LIVES: Final = timedelta(days=7)
MOVES: Final[dict[str, frozenset[str]]] = {  # to: from
    Status.QUEUED: frozenset({Status.UNPAID, Status.RUNNING, Status.FAILED}),
    Status.RUNNING: frozenset({Status.QUEUED}),
    Status.DONE: frozenset({Status.RUNNING, Status.FAILED}),
    Status.FAILED: frozenset({Status.RUNNING, Status.DONE}),
    Status.CANCELLED: frozenset({Status.UNPAID, Status.QUEUED, Status.RUNNING}),
}
CLAIM: Final = """
UPDATE stylize_job SET status = 'running', fence = fence + 1, is_aside = false,
    started_at = %(now)s, heartbeat_at = %(now)s, worker = %(worker)s
WHERE id = (SELECT id FROM stylize_job WHERE status = 'queued' ORDER BY rank, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    AND status = 'queued'
RETURNING *
"""
"""The one move that is no `_move`: looking and taking in one statement, because all workers do it at the same place."""


class Conflict(Exception):
    """Something else happened to the owner, the pictures or the form at the same moment; send it again."""


class Lost(Exception):
    """The job is not in this claim's hands any more: cancelled, deleted, or given to another worker."""


@dataclass(frozen=True)
class Result:
    """What a claim brings back from the kiln."""

    files: str  # the common name of the files
    loss: float
    engine_version: str
    seed: int  # that painted it
    iterations: int = 0  # that are in it, those of an earlier picture with them; 0: as many as were ordered


# Verbs of the web ----------------------------------------------------------------------------------------------------


def submit(owner: User, order: Order) -> Job:
    """Write the job down; free ones join the line. The same form sent again gives the same job.

    Raises TooManyJobs, Conflict and tiers.TierError.
    """
    job = wishes.job_of(owner, order)
    try:
        with transaction.atomic():
            _submit(job, order)
    except (TooManyJobs, User.DoesNotExist, IntegrityError) as refusal:
        if earlier := _made_before(owner, order):  # a form's token is unique, so only who is refused need look
            return earlier
        if isinstance(refusal, TooManyJobs):
            raise
        raise Conflict from refusal
    line.joined(job)
    trail.bind(job.key)
    log.info("job %s: ordered, %s", job.key, job.tier)
    return job


def submit_print(
    owner: User, picture: Job, *, size: tuple[int, int], crop: Crop, controls: Mapping[str, Any]
) -> Job:  # fmt: skip
    """Have that `crop` of a finished picture painted on at `size` px, by its recipe with these controls on top.

    It costs nothing here and no cap counts it: whoever asks has been paid. Raises prints.Misfit and Conflict.
    """
    return submit(owner, wishes.of_print(picture, size=size, crop=crop, controls=controls))


def submit_print_proof(
    owner: User, picture: Job, *, whole: tuple[int, int], size: tuple[int, int], crop: Crop,
    controls: Mapping[str, Any], form_token: UUID | None = None,
) -> Job:  # fmt: skip
    """The middle, `size` px, of a print of `whole` px, free of charge. Raises TooManyJobs too."""
    order = wishes.of_print(picture, size=whole, crop=crop, controls=controls, part=size, form_token=form_token)
    return submit(owner, order)


def foresee(owner: User, order: Order) -> Job | None:
    """What `submit` would find now: the job that this form has made already, or TooManyJobs. It decides nothing."""
    job = wishes.job_of(owner, order)
    try:
        caps.check(job, caps.standing(job))
    except TooManyJobs:
        if earlier := _made_before(owner, order):
            return earlier
        raise
    return None


def made_by_form(token: str) -> Job | None:
    """The job that the form with this token has made, whoever owns it."""
    try:
        return Job.objects.select_related("owner").filter(form_token=UUID(token)).first()
    except ValueError:
        return None


def _submit(job: Job, order: Order) -> None:
    found = caps.held(job)
    if job.is_print:
        _hold(order.goes_on_from)
    caps.check(job, found)
    if job.status == Status.QUEUED:
        job.rank, job.queued_at = found.rank_of(job), timezone.now()
        caps.check_promise(job)
    job.save()
    JobStyle.objects.bulk_create(JobStyle(job=job, style=style, weight=weight) for style, weight in order.styles)


def _hold(picture: Job | None) -> None:
    """Until the print stands beside its picture: whoever deletes a picture looks for its prints. Raises Conflict."""
    done = Job.objects.select_for_update(of=("self",)).filter(status=Status.DONE)
    if picture is None or done.filter(pk=picture.pk).first() is None:
        raise Conflict("the picture is gone")


def _made_before(owner: User, order: Order) -> Job | None:
    return Job.objects.filter(form_token=order.form_token, owner=owner).first() if order.form_token else None


@transaction.atomic
def release(job: Job) -> bool:
    """Let an unpaid job join the line."""
    job.refresh_from_db()
    job.rank, job.queued_at = caps.standing(job).rank_of(job), timezone.now()
    return _move(job.pk, Status.QUEUED, source=Status.UNPAID, rank=job.rank, queued_at=job.queued_at)


def cancel(job: Job, *, seen: int | None = None) -> bool:
    """Stop a job that has not finished; the kiln notices within a layer or a heartbeat.

    `seen`, when its owner stops it: the iteration that the kiln told of last, at least 0. What a job that has been
    begun was brought to is written down, because it was paid for; of one that we stop ourselves nothing is.
    """
    known = Greatest(F("begun") + F("checkpoint_at"), Least(Value(seen or 0), F("iterations")))
    brought_to = Case(When(fence__gt=0, then=known), output_field=IntegerField()) if seen is not None else None
    cancelled = _move(job.pk, Status.CANCELLED, finished_at=timezone.now(), iterations_done=brought_to)
    if cancelled:
        log.info("job %s: cancelled", job.key)
    return cancelled


def retry(job: Job) -> bool:
    """Let a failed job join the line once more, at its old place and without a strike; what was agreed still holds.

    A new rank would count for the line's clock at once, because the job has been claimed before.
    """
    return _move(
        job.pk, Status.QUEUED, source=Status.FAILED, new_strikes=0, failure="", finished_at=None, heartbeat_at=None,
        mailed_at=None, finish_early=False, queued_at=timezone.now(),
    )  # fmt: skip


# Verbs of the kiln ---------------------------------------------------------------------------------------------------


def claim_next(worker: str) -> Job | None:
    """Take the first job in line, or None. Of any number of claims at once, one gets the job."""
    job = next(iter(Job.objects.raw(CLAIM, {"now": timezone.now(), "worker": worker})), None)
    if job is not None:
        trail.bind(job.key)
    return job


def beat(job: Job) -> bool:
    """Say that the kiln still works on its claim. False: the job is lost to it."""
    held = Job.objects.filter(pk=job.pk, status=Status.RUNNING, fence=job.fence)
    return held.update(heartbeat_at=timezone.now()) == 1


def finish(job: Job, result: Result) -> None:
    """Deliver; again, if the answer to the first delivery was lost. Raises Lost.

    The caller's transaction holds what belongs with the result.
    """
    if Job.objects.filter(pk=job.pk, status=Status.DONE, fence=job.fence, result=result.files).exists():
        return
    now = timezone.now()
    iterations = result.iterations or job.iterations
    _move_or_lose(
        job, Status.DONE, finished_at=now, seconds=job.checkpoint_seconds + seconds_since_claim(job, now),
        result=result.files, loss=result.loss, engine_version=result.engine_version, seed=result.seed,
        iterations_done=iterations, cost=job.cost * queue.share(iterations - job.begun, job.iterations - job.begun),
        checkpoint="",
    )  # fmt: skip


def fail(job: Job, failure: str) -> None:
    """Give up for good. Raises Lost."""
    _move_or_lose(job, Status.FAILED, failure=failure, finished_at=timezone.now())


def put_back(job: Job) -> None:
    """Return an unharmed job to its place in line, because the worker stops. Raises Lost."""
    _move_or_lose(job, Status.QUEUED, heartbeat_at=None)


def step_aside(job: Job, painted: float) -> None:
    """Let others go first, without a strike: `painted`, the cost of what this run has done, is what it goes back for.

    Its rank is fixed anew, and counts for the line's clock only once it is claimed with it. Raises Lost.
    """
    _move_or_lose(job, Status.QUEUED, heartbeat_at=None, is_aside=True, rank=line.rank_aside(job, painted))


def strike(job: Job, failure: str) -> None:
    """A run ended without a result: back in line, or failed at the third time. One that left a checkpoint further on
    than any before brought the painting on and is no strike. Raises Lost.
    """
    if Job.objects.filter(pk=job.pk, checkpoint_fence=job.fence).exists():
        log.warning("job %s: goes on from its checkpoint (%s)", job.key, failure)
        _move_or_lose(job, Status.QUEUED, heartbeat_at=None)
        return
    log.warning("job %s: strike %d (%s)", job.key, job.strikes + 1, failure)
    if job.strikes + 1 < MAX_STRIKES:
        _move_or_lose(job, Status.QUEUED, heartbeat_at=None, new_strikes=job.strikes + 1)
    else:
        _move_or_lose(job, Status.FAILED, failure=failure, finished_at=timezone.now(), new_strikes=job.strikes + 1)


# Verbs of the house --------------------------------------------------------------------------------------------------


def rescue() -> list[Job]:
    """Take running jobs whose lease has run out from their dead workers."""
    expired = timezone.now() - timedelta(seconds=settings.LEASE_S)
    rescued = []
    for job in Job.objects.filter(status=Status.RUNNING, heartbeat_at__lt=expired):
        try:
            with trail.begin(job=job.key):
                strike(job, Job.Failure.LOST)
        except Lost:
            continue  # it finished meanwhile
        rescued.append(job)
    return rescued


def expire_unpaid() -> int:
    """Cancel jobs that nobody has paid for; how many."""
    limit = timezone.now() - UNPAID_LIVES
    return sum(cancel(job) for job in Job.objects.filter(status=Status.UNPAID, created_at__lt=limit))


def lose(job: Job) -> bool:
    """A finished picture is not in the storage any more: it has failed after all, until it is found again."""
    lost = _move(job.pk, Status.FAILED, source=Status.DONE, failure=Job.Failure.GONE)
    showing.changed()
    return lost


def find(job: Job) -> bool:
    """A lost picture is back."""
    found = job.failure == Job.Failure.GONE and _move(job.pk, Status.DONE, source=Status.FAILED, failure="")
    showing.changed()
    return found


# Within ---------------------------------------------------------------------------------------------------------------


def seconds_since_claim(job: Job, now: datetime) -> float:
    return (now - job.started_at).total_seconds() if job.started_at else 0.0


def _move_or_lose(job: Job, to: str, **changes: Any) -> None:
    with transaction.atomic():
        tidings.tell(job, to)
        if not _move(job.pk, to, source=Status.RUNNING, fence=job.fence, **changes):
            raise Lost(job.key)


def _move(
    pk: int, to: str, *, source: str | None = None, fence: int | None = None,
    new_fence: Any = None, new_strikes: int | None = None, **changes: Any,
) -> bool:  # fmt: skip
    """The one place where a status changes. False: somebody else was first."""
    where = Q(pk=pk, status__in=MOVES[to] if source is None else MOVES[to] & {source})
    if fence is not None:
        where &= Q(fence=fence)
    if new_fence is not None:
        changes["fence"] = new_fence
    if new_strikes is not None:
        changes["strikes"] = new_strikes
    return Job.objects.filter(where).update(status=to, **changes) == 1
