from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from people.models import User
from stylize import jobs, line, tiers
from stylize.models import Job
from tests import make

Status = Job.Status
RESULT = jobs.Result(files="results/x/x-1", loss=1.0, engine_version="test", seed=7)

# What each verb makes of each status; every other pair changes nothing.
OUTCOMES = {
    ("release", Status.UNPAID): Status.QUEUED,
    ("retry", Status.FAILED): Status.QUEUED,
    ("cancel", Status.UNPAID): Status.CANCELLED,
    ("cancel", Status.QUEUED): Status.CANCELLED,
    ("cancel", Status.RUNNING): Status.CANCELLED,
    ("claim", Status.QUEUED): Status.RUNNING,
    ("beat", Status.RUNNING): Status.RUNNING,
    ("finish", Status.RUNNING): Status.DONE,
    ("fail", Status.RUNNING): Status.FAILED,
    ("put_back", Status.RUNNING): Status.QUEUED,
    ("step_aside", Status.RUNNING): Status.QUEUED,
    ("strike", Status.RUNNING): Status.QUEUED,
    ("lose", Status.DONE): Status.FAILED,
}
VERBS: dict[str, Callable[[Job], object]] = {
    "release": jobs.release,
    "retry": jobs.retry,
    "cancel": jobs.cancel,
    "claim": lambda job: jobs.claim_next("test"),
    "beat": jobs.beat,
    "finish": lambda job: jobs.finish(job, RESULT),
    "fail": lambda job: jobs.fail(job, Job.Failure.ERROR),
    "put_back": jobs.put_back,
    "step_aside": lambda job: jobs.step_aside(job, 1.0),
    "strike": lambda job: jobs.strike(job, Job.Failure.LOST),
    "lose": jobs.lose,
    "find": jobs.find,  # moves only what was lost: see test_sweep.py
}


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_moves_only_from_where_it_may(alice: User, verb: str, status: str) -> None:
    job = make.in_status(alice, status)
    try:
        done = VERBS[verb](job)
    except jobs.Lost:
        done = False
    job.refresh_from_db()
    assert job.status == OUTCOMES.get((verb, Status(status)), status)
    if (verb, status) not in OUTCOMES:
        assert not done


@pytest.mark.parametrize("verb", ["finish", "fail", "put_back", "step_aside", "strike"])
def test_an_old_fence_can_write_nothing(alice: User, verb: str) -> None:
    zombie = make.running_job(alice)
    jobs.put_back(zombie)
    jobs.claim_next("another worker")
    with pytest.raises(jobs.Lost):
        VERBS[verb](zombie)
    assert not jobs.beat(zombie)
    assert Job.objects.get(pk=zombie.pk).status == Status.RUNNING


def test_the_fence_grows_with_every_claim(alice: User) -> None:
    job = make.running_job(alice)
    assert job.fence == 1
    jobs.put_back(job)
    again = jobs.claim_next("test")
    assert again and again.fence == 2


def test_finishing_twice_is_finishing_once(alice: User) -> None:
    """The answer to the first delivery may be lost; the second must not throw the painting away."""
    job = make.running_job(alice)
    jobs.finish(job, RESULT)
    jobs.finish(job, RESULT)
    assert Job.objects.get(pk=job.pk).status == Status.DONE


def test_a_different_result_of_the_same_claim_is_refused(alice: User) -> None:
    job = make.running_job(alice)
    jobs.finish(job, RESULT)
    with pytest.raises(jobs.Lost):
        jobs.finish(job, jobs.Result("results/y/y-1", 1.0, "test", 7))


def test_the_third_strike_fails_the_job_and_says_why(alice: User) -> None:
    job = make.job(alice)
    for _run in range(jobs.MAX_STRIKES):
        claimed = jobs.claim_next("test")
        assert claimed
        jobs.strike(claimed, Job.Failure.LOST)
    job.refresh_from_db()
    assert (job.status, job.failure, job.strikes) == (Status.FAILED, Job.Failure.LOST, 3)


def test_rescue_takes_a_job_from_a_silent_worker_and_leaves_a_living_one(alice: User, bob: User) -> None:
    silent, living = make.running_job(alice), make.running_job(bob)
    old = timezone.now() - timedelta(seconds=settings.LEASE_S + 1)
    Job.objects.filter(pk=silent.pk).update(heartbeat_at=old)
    assert [job.pk for job in jobs.rescue()] == [silent.pk]
    silent.refresh_from_db()
    living.refresh_from_db()
    assert (silent.status, silent.strikes) == (Status.QUEUED, 1)
    assert (living.status, living.strikes) == (Status.RUNNING, 0)


def test_a_rescued_job_keeps_its_place(alice: User, bob: User) -> None:
    first = make.running_job(alice)
    make.job(bob)
    jobs.strike(first, Job.Failure.LOST)
    again = jobs.claim_next("test")
    assert again and again.pk == first.pk


def test_the_lowest_rank_is_painted_first_and_a_sample_last(alice: User, bob: User) -> None:
    sample = make.job(alice, sample=True)
    visitors = make.job(bob)
    order = [jobs.claim_next("test") for _claim in range(3)]
    assert [job and job.pk for job in order] == [visitors.pk, sample.pk, None]


def test_a_visitor_waits_for_at_most_one_sample(alice: User, bob: User) -> None:
    for _sample in range(3):
        make.job(alice, sample=True)
    jobs.claim_next("test")  # the kiln is busy with a sample
    visitors = make.job(bob)
    assert line.place_of(visitors) == 1
    following = jobs.claim_next("test")
    assert following and following.pk == visitors.pk


def test_a_free_job_joins_the_line_and_a_paid_one_waits_unpaid(alice: User) -> None:
    free, paid = make.job(alice), make.job(alice, tier="hd", iterations=1000)
    assert (free.status, free.amount_minor) == (Status.QUEUED, 0)
    assert (paid.status, paid.amount_minor, paid.currency) == (Status.UNPAID, 25000, "RUB")
    assert paid.rank is None


def test_a_job_holds_its_recipe(alice: User) -> None:
    image = make.upload(alice, make.picture(1000, 500))
    job = make.job(alice, photo=image, tier="premium", iterations=600)
    assert (job.width, job.height, job.iterations) == (700, 350, 600)
    assert job.seed >= 0
    assert [link.weight for link in job.style_links.all()] == [1.0]


def test_the_seed_that_painted_is_written_down(alice: User) -> None:
    job = make.running_job(alice)
    jobs.finish(job, RESULT)
    assert Job.objects.get(pk=job.pk).seed == RESULT.seed


@pytest.mark.parametrize(("tier", "iterations"), [("gold", 1), ("free", 100), ("hd", 1001), ("premium", 1)])
def test_a_recipe_that_is_not_sold_is_refused(alice: User, tier: str, iterations: int) -> None:
    with pytest.raises(tiers.TierError):
        jobs.submit(alice, make.order(alice, tier=tier, iterations=iterations))
    assert not Job.objects.exists()


def test_a_person_has_at_most_three_free_jobs_unfinished(alice: User) -> None:
    made = [jobs.submit(alice, make.order(alice)) for _job in range(3)]
    with pytest.raises(jobs.TooManyJobs):
        jobs.submit(alice, make.order(alice))
    jobs.cancel(made[0])
    jobs.submit(alice, make.order(alice))


def test_paid_and_free_jobs_are_capped_apart(alice: User) -> None:
    for _job in range(3):
        jobs.submit(alice, make.order(alice))
    jobs.submit(alice, make.order(alice, tier="premium", iterations=600))


def test_a_guest_has_one_job_at_a_time(db: None) -> None:
    guest = make.guest()
    jobs.submit(guest, make.order(guest))
    with pytest.raises(jobs.TooManyJobs, match="not finished"):
        jobs.submit(guest, make.order(guest))


def test_guests_are_limited_by_address_too(db: None) -> None:
    for _guest in range(settings.GUEST_JOBS_PER_ADDRESS):
        guest = make.guest("one house")
        jobs.submit(guest, make.order(guest))
    one_too_many, elsewhere = make.guest("one house"), make.guest("another house")
    with pytest.raises(jobs.TooManyJobs, match="network"):
        jobs.submit(one_too_many, make.order(one_too_many))
    jobs.submit(elsewhere, make.order(elsewhere))


def test_speed_is_measured_on_finished_jobs(alice: User) -> None:
    assert line.seconds_per_cost() is None
    job = make.in_status(alice, Status.DONE)
    assert line.seconds_per_cost() == pytest.approx(2.0 / job.cost)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "broken",
    [{"status": "sleeping"}, {"status": "queued", "rank": None}, {"status": "done"}, {"status": "failed"}],
)
def test_the_database_refuses_what_the_life_of_a_job_cannot_be(broken: dict[str, object]) -> None:
    job = make.in_status(make.user("alice"), Status.UNPAID)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**broken)
