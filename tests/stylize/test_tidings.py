"""The notice that a picture is done or has failed: once, in the transaction of the move, and read on its page."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from people.models import Notice, User
from stylize import jobs
from stylize.models import Job
from tests import make

RESULT = jobs.Result(files="results/ab/x-1", loss=1.0, engine_version="1", seed=1)


def told() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("kind", "key"))


def test_a_picture_that_is_done_is_told_once(alice: User) -> None:
    job = make.running_job(alice)
    jobs.finish(job, RESULT)
    jobs.finish(job, RESULT)  # the answer to the first was lost
    assert told() == [("done", job.key)]


def test_one_that_fails_is_told_and_again_when_it_has_been_tried_again(alice: User) -> None:
    job = make.running_job(alice)
    jobs.fail(job, Job.Failure.FLAT)
    job.refresh_from_db()
    assert jobs.retry(job)
    claimed = jobs.claim_next("test")
    assert claimed
    jobs.finish(claimed, RESULT)
    assert told() == [("failed", job.key), ("done", job.key)]


def test_only_the_last_strike_is_told(alice: User) -> None:
    job = make.running_job(alice)
    for _strike in range(jobs.MAX_STRIKES):
        assert told() == []
        jobs.strike(job, Job.Failure.LOST)
        job = jobs.claim_next("test") or job
    assert told() == [("failed", job.key)]


def test_a_claim_that_is_lost_tells_nothing(alice: User) -> None:
    job = make.running_job(alice)
    jobs.cancel(job)
    with pytest.raises(jobs.Lost):
        jobs.finish(job, RESULT)
    with pytest.raises(jobs.Lost):
        jobs.fail(job, Job.Failure.FLAT)
    assert told() == []


def test_a_delivery_that_is_undone_tells_nothing(alice: User) -> None:
    job = make.running_job(alice)
    with transaction.atomic():
        jobs.finish(job, RESULT)
        transaction.set_rollback(True)
    assert told() == []


@pytest.mark.parametrize("what", ["sample", "proof", "print"])
def test_what_nobody_waits_for_as_a_picture_is_not_told(alice: User, what: str) -> None:
    if what == "print":
        job = make.print_job(alice)
        Job.objects.filter(pk=job.pk).update(rank=-1)
        claimed = jobs.claim_next("test")
        assert claimed and claimed.is_print
    else:
        claimed = make.running_job(alice)
        changes = {"sample": True} if what == "sample" else {
            "tier": "proof", "visibility": "private", "wanted_iterations": 1}  # fmt: skip
        Job.objects.filter(pk=claimed.pk).update(**changes)
        claimed.refresh_from_db()
    jobs.fail(claimed, Job.Failure.FLAT)
    assert told() == []


@pytest.mark.parametrize("status", ["done", "failed"])
def test_whoever_looks_at_the_picture_has_read_it(as_alice: Client, as_bob: Client, alice: User, status: str) -> None:
    job = make.running_job(alice)
    jobs.fail(job, Job.Failure.FLAT)
    assert Notice.objects.filter(read_at=None).exists()
    as_bob.get(reverse("stylize:job", args=[job.key]))
    assert Notice.objects.filter(read_at=None).exists()
    as_alice.get(reverse("stylize:job", args=[job.key]))
    assert not Notice.objects.filter(read_at=None).exists()
