"""Of 32 claims at once one gets the job; with the guards off, more than one does."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from stylize import jobs
from stylize.models import Job
from tests import make

CLAIMS = 32


def at_once(action: Callable[[], Job | None]) -> list[Job]:
    """What 32 threads with a connection each get, all let go at the same moment."""
    gate = threading.Barrier(CLAIMS)

    def one() -> Job | None:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(CLAIMS) as pool:
        answers = [future.result() for future in [pool.submit(one) for _claim in range(CLAIMS)]]
    return [job for job in answers if job]


@pytest.fixture
def one_job(transactional_db: None) -> Job:
    return make.job(make.user("alice"))


@pytest.mark.parametrize("_round", range(3))
def test_32_claims_of_one_job_give_one_winner(one_job: Job, _round: int) -> None:
    winners = at_once(lambda: jobs.claim_next("test"))
    assert [job.pk for job in winners] == [one_job.pk]
    one_job.refresh_from_db()
    assert (one_job.status, one_job.fence) == (Job.Status.RUNNING, 1)


def test_32_claims_of_40_jobs_take_32_different_ones(transactional_db: None) -> None:
    owner = make.user("alice")
    for _job in range(40):
        make.job(owner)
    winners = at_once(lambda: jobs.claim_next("test"))
    taken = {job.pk for job in winners}
    assert len(taken) == len(winners)
    assert Job.objects.filter(status=Job.Status.RUNNING).count() == len(winners)


def test_the_compare_and_set_alone_gives_one_winner(one_job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two guards, each enough: here the row lock is off."""
    monkeypatch.setattr(jobs, "_first_in_line", lambda: Job.objects.in_line().first())
    assert len(at_once(lambda: jobs.claim_next("test"))) == 1


def test_control_without_the_guards_there_is_more_than_one_winner(
    one_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same claim with neither the row lock nor the compare-and-set: look, then write."""

    def unguarded(pk: int, to: str, **changes: object) -> bool:
        job = Job.objects.get(pk=pk)
        job.status, job.worker = to, "test"
        job.save(update_fields=["status", "worker"])
        return True

    together = threading.Barrier(CLAIMS)

    def look() -> Job | None:
        found = Job.objects.in_line().first()
        together.wait(timeout=30)  # everybody has looked before anybody writes
        return found

    monkeypatch.setattr(jobs, "_first_in_line", look)
    monkeypatch.setattr(jobs, "_move", unguarded)
    assert len(at_once(lambda: jobs.claim_next("test"))) > 1
