"""THE BENCH: what the line looks like now, read from Postgres; the sums are in queue.py, the moves in jobs.py."""

from collections.abc import Sequence

from django.db.models import Aggregate, Count, Max, Q, Sum

from people.models import User
from stylize import queue
from stylize.models import Job, JobQuerySet


def ahead_of(job: Job) -> queue.Ahead:
    before = Q(rank__lt=job.rank) | Q(rank=job.rank, pk__lt=job.pk)
    return _ahead(_running(), _total(Job.objects.in_line().filter(before)))


def ahead_of_new_jobs(owner: User | None, costs: Sequence[float], *, paid: bool) -> list[queue.Ahead]:
    """What a job of each of these costs would find before it, if it alone were submitted now."""
    weight = queue.weight(paid=paid, sample=False)
    now, last, running = _now_rank(), _last_rank(owner), _running()
    return [_ahead(running, waiting) for waiting in _up_to([queue.rank(now, last, cost, weight) for cost in costs])]


def painted_now() -> dict[str, Job]:
    """The running jobs by the names of their workers."""
    return {job.worker: job for job in Job.objects.filter(status=Job.Status.RUNNING)}


def seconds_per_cost(last: int = 50) -> float | None:
    """The measured speed of the latest paintings, or None before the first. Small ones take longer by the pixel."""
    done = Job.objects.paintings().filter(status=Job.Status.DONE).exclude(seconds=None).order_by("-finished_at")[:last]
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


def _ahead(running: queue.Ahead, waiting: queue.Ahead) -> queue.Ahead:
    return queue.Ahead(running.jobs + waiting.jobs, running.cost / 2 + waiting.cost, max(running.jobs, 1))


def _running() -> queue.Ahead:
    return _total(Job.objects.filter(status=Job.Status.RUNNING))


def _up_to(ranks: Sequence[float]) -> list[queue.Ahead]:
    """What of the line stands before each of these ranks."""
    wanted: dict[str, Aggregate] = {}
    for number, rank in enumerate(ranks):
        before = Q(rank__lte=rank)
        wanted[f"jobs_{number}"] = Count("pk", filter=before)
        wanted[f"cost_{number}"] = Sum("cost", filter=before, default=0.0)
    found = Job.objects.in_line().order_by().aggregate(**wanted)
    return [queue.Ahead(found[f"jobs_{number}"], found[f"cost_{number}"]) for number in range(len(ranks))]


def _total(some: JobQuerySet) -> queue.Ahead:
    total = some.order_by().aggregate(jobs=Count("pk"), cost=Sum("cost", default=0.0))
    return queue.Ahead(total["jobs"], total["cost"])
