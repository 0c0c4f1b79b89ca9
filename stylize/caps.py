"""THE BENCH: how many unfinished jobs somebody may have, and how long the line may be for free ones."""

import math
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people import guests
from people.models import User
from stylize import line, queue
from stylize.models import Job, JobQuerySet


class TooManyJobs(Exception):
    """The owner, or the guests of this address, have as many unfinished jobs as they may."""


class LineTooLong(TooManyJobs):
    """A free job would wait longer than is promised."""

    def __init__(self, back_at: datetime) -> None:
        super().__init__(_("Free pictures are not taken just now: the line is too long. Nothing you chose is lost."))
        self.back_at = back_at


def check(owner: User, job: Job) -> None:
    """Whether its owner may have one more unfinished job of this kind. Raises TooManyJobs."""
    if job.sample:
        return
    kind = _unfinished_like(job)
    most = queue.PROOF_CAP if job.is_proof else queue.cap(paid=job.is_paid_tier, guest=owner.is_guest)
    if kind.filter(owner=owner).count() >= most:
        raise TooManyJobs(_too_many(job))
    if owner.is_guest and not job.is_paid_tier:
        guests.hold(owner.address_hash)
        neighbours = kind.filter(owner__is_guest=True, owner__address_hash=owner.address_hash)
        if neighbours.count() >= settings.GUEST_JOBS_PER_ADDRESS:
            raise TooManyJobs(_("Many pictures from your network are in line. Sign up, or come back in a while."))


def _unfinished_like(job: Job) -> JobQuerySet:
    """What a job is counted with: proofs, paid paintings, free paintings."""
    if job.is_proof:
        return Job.objects.unfinished().proofs()
    paintings = Job.objects.unfinished().paintings()
    return paintings.filter(amount_minor__gt=0) if job.is_paid_tier else paintings.filter(amount_minor=0)


def check_promise(job: Job) -> None:
    """Whether the line is short enough for one more free job; `job` has its rank. Raises LineTooLong."""
    if job.sample or job.is_paid_tier:
        return
    back_at = line.free_again_at(line.shared().turn(job.rank or 0.0, math.inf, job.cost))
    if back_at:
        raise LineTooLong(back_at)


def _too_many(job: Job) -> str:
    if job.is_proof:
        return _("Your earlier proofs are not finished yet. Wait for them or cancel them, then ask for others.")
    if job.is_paid_tier:
        return ngettext(
            "You have %(n)d paid picture unfinished. Cancel one that waits for payment, then send this one.",
            "You have %(n)d paid pictures unfinished. Cancel one that waits for payment, then send this one.",
            queue.PAID_CAP,
        ) % {"n": queue.PAID_CAP}
    return _("Your earlier picture is not finished yet. Wait for it or cancel it, then send this one.")
