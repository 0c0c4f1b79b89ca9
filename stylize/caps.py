"""THE BENCH: how many unfinished jobs somebody may have, and how long the line may be for free ones."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F, Field, FloatField, Func, IntegerField, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people import guests
from people.models import User
from stylize import clock, line, queue, tiers
from stylize.models import Job, JobQuerySet


class TooManyJobs(Exception):
    """The owner, or the guests of this address, have as many unfinished jobs as they may."""


class LineTooLong(TooManyJobs):
    """A free job would wait longer than is promised."""

    def __init__(self, back_at: datetime) -> None:
        super().__init__(_("Free pictures are not taken just now: the line is too long. Nothing you chose is lost."))
        self.back_at = back_at


@dataclass(frozen=True)
class Standing:
    """What decides whether a new job is taken, and where it joins the line."""

    own: int  # unfinished jobs of its kind that its owner has
    neighbours: int  # that the guests of its owner's address have, where their number counts
    clock: float  # of the line
    last_rank: float  # of its owner's jobs in line

    def rank_of(self, job: Job) -> float:
        """Where it joins the line."""
        return queue.rank(self.clock, self.last_rank, job.cost, line.weight_of(job))


def standing(job: Job) -> Standing:
    """As it is now, in one look."""
    kind, owner = _unfinished_like(job), job.owner
    near = kind.filter(owner__is_guest=True, owner__address_hash=owner.address_hash)
    looked = User.objects.filter(pk=owner.pk).values_list(
        _of_all("count", "pk", kind.filter(owner=owner), IntegerField()),
        _of_all("count", "pk", near, IntegerField()) if _has_neighbours(job) else Value(0),
        RawSQL(clock.NOW, (), output_field=FloatField()),  # noqa: S611  # a constant
        Coalesce(_of_all("max", "rank", line.of_owner(owner, prints=job.tier == tiers.PRINT.name), FloatField()), 0.0),
    )
    return Standing(*looked.get())


def held(job: Job) -> Standing:
    """The same, and until this transaction ends no other job is taken that counts with this one.

    Two statements: the second sees what was written while the first waited. Raises User.DoesNotExist.
    """
    is_print = job.tier == tiers.PRINT.name  # of a canvas that is paid for, and is made even so
    guests.hold_owner(job.owner, with_neighbours=_has_neighbours(job), even_leaving=is_print)
    return standing(job)


def check(job: Job, found: Standing) -> None:
    """Whether its owner may have one more unfinished job of this kind. Raises TooManyJobs."""
    if job.sample or job.tier == tiers.PRINT.name:
        return
    if found.own >= _most(job):
        raise TooManyJobs(_too_many(job))
    if found.neighbours >= settings.GUEST_JOBS_PER_ADDRESS:
        raise TooManyJobs(_("Many pictures from your network are in line. Sign up, or come back in a while."))


def _most(job: Job) -> int:
    if job.tier == tiers.PRINT_PROOF.name:
        return queue.PRINT_PROOF_CAP
    return queue.PROOF_CAP if job.is_proof else queue.cap(paid=job.is_paid_tier, guest=job.owner.is_guest)


def _has_neighbours(job: Job) -> bool:
    return job.owner.is_guest and not job.is_paid_tier and not job.sample and job.tier != tiers.PRINT.name


def _of_all(function: str, column: str, some: JobQuerySet, kind: "Field[Any, Any]") -> Any:
    """One number about these jobs, within another query."""
    asked = some.order_by().annotate(asked=Func(F(column), function=function, output_field=kind))
    return Subquery(asked.values("asked"))


def _unfinished_like(job: Job) -> JobQuerySet:
    """What a job is counted with: proofs of a kind, paid paintings, free paintings."""
    if job.is_proof or job.is_print:
        return Job.objects.unfinished().filter(tier=job.tier)
    paintings = Job.objects.unfinished().paintings()
    return paintings.filter(amount_minor__gt=0) if job.is_paid_tier else paintings.filter(amount_minor=0)


def check_promise(job: Job) -> None:
    """Whether the line is short enough for one more free job; `job` has its rank. Raises LineTooLong."""
    if job.sample or job.is_paid_tier or job.tier == tiers.PRINT.name:
        return
    back_at = line.free_again_at(line.shared().turn(job.rank or 0.0, math.inf, job.cost))
    if back_at:
        raise LineTooLong(back_at)


def _too_many(job: Job) -> str:
    if job.is_print:
        return _("Your earlier proof is not finished yet. Wait for it or cancel it, then ask for another.")
    if job.is_proof:
        return _("Your earlier proofs are not finished yet. Wait for them or cancel them, then ask for others.")
    if job.is_paid_tier:
        return ngettext(
            "You have %(n)d paid picture unfinished. Cancel one that waits for payment, then send this one.",
            "You have %(n)d paid pictures unfinished. Cancel one that waits for payment, then send this one.",
            queue.PAID_CAP,
        ) % {"n": queue.PAID_CAP}
    return _("Your earlier picture is not finished yet. Wait for it or cancel it, then send this one.")
