"""THE BENCH: what the line looks like now, read from Postgres; the sums are in queue.py, the moves in jobs.py."""

from django.db.models import Count, Max, Q, Sum

from people.models import User
from stylize import queue
from stylize.models import Job, JobQuerySet


def ahead_of(job: Job) -> queue.Ahead:
    before = Q(rank__lt=job.rank) | Q(rank=job.rank, pk__lt=job.pk)
    return _ahead(Job.objects.in_line().filter(before))


def ahead_of_a_new_job(owner: User | None, *, paid: bool, cost: float) -> queue.Ahead:
    """What a job of this cost would find before it, if it were submitted now."""
    rank = rank_of_a_new_job(owner, cost, queue.weight(paid=paid, sample=False))
    return _ahead(Job.objects.in_line().filter(rank__lte=rank))


def seconds_per_cost(last: int = 50) -> float | None:
    """The measured speed of the latest jobs, or None before the first."""
    done = Job.objects.filter(status=Job.Status.DONE).exclude(seconds=None).order_by("-finished_at")[:last]
    measured = list(done.values_list("seconds", "cost"))
    cost = sum(cost for _seconds, cost in measured)
    return sum(seconds or 0.0 for seconds, _cost in measured) / cost if cost else None


def rank_of_a_new_job(owner: User | None, cost: float, weight: float) -> float:
    """Where a job would join the line if it were submitted now."""
    return queue.rank(_now_rank(), _last_rank(owner), cost, weight)


def _now_rank() -> float:
    """The line's own clock: the highest rank that was ever taken to the kiln."""
    return Job.objects.filter(fence__gt=0).aggregate(highest=Max("rank"))["highest"] or 0.0


def _last_rank(owner: User | None) -> float:
    if owner is None:
        return 0.0
    ranked = Job.objects.owned_by(owner).exclude(status=Job.Status.CANCELLED, fence=0)
    return ranked.aggregate(highest=Max("rank"))["highest"] or 0.0


def _ahead(queued: JobQuerySet) -> queue.Ahead:
    running, waiting = _total(Job.objects.filter(status=Job.Status.RUNNING)), _total(queued)
    return queue.Ahead(running.jobs + waiting.jobs, running.cost / 2 + waiting.cost, max(running.jobs, 1))


def _total(some: JobQuerySet) -> queue.Ahead:
    total = some.order_by().aggregate(jobs=Count("pk"), cost=Sum("cost", default=0.0))
    return queue.Ahead(total["jobs"], total["cost"])
