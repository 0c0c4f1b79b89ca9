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
LOCK, COMPARE = " FOR UPDATE SKIP LOCKED", "AND status = 'queued'\n"


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


def without(*guards: str) -> str:
    """The claim with a guard or two taken out; everybody looks before anybody writes."""
    claim = jobs.CLAIM.replace("ORDER BY rank", "AND pg_sleep(0.5) IS NOT NULL ORDER BY rank")
    for guard in guards:
        assert guard in claim
        claim = claim.replace(guard, "")
    return claim


def test_the_compare_and_set_alone_gives_one_winner(one_job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two guards, each enough: here the row lock is off."""
    monkeypatch.setattr(jobs, "CLAIM", without(LOCK))
    assert len(at_once(lambda: jobs.claim_next("test"))) == 1


def test_the_row_lock_alone_gives_one_winner(one_job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CLAIM", without(COMPARE))
    assert len(at_once(lambda: jobs.claim_next("test"))) == 1


def test_control_without_the_guards_there_is_more_than_one_winner(
    one_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CLAIM", without(LOCK, COMPARE))
    assert len(at_once(lambda: jobs.claim_next("test"))) > 1
