"""Many who order at the same moment, in real Postgres: the caps hold, and one form is one job."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection

from people import guests
from people.models import User
from stylize import caps, jobs, queue
from stylize.models import Job
from tests import make

CROWD = 8
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _all_have_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has looked waits for the others before going on; where they are kept out, not for long."""
    look, gate = caps.standing, threading.Barrier(CROWD)

    def look_and_wait(job: Job) -> caps.Standing:
        found = look(job)
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(0.5)
        return found

    monkeypatch.setattr(caps, "standing", look_and_wait)


def submitted(orders: list[tuple[User, jobs.Order]]) -> list[Job]:
    """What became of orders that were sent all at once: those that were taken."""

    def submit(sent: tuple[User, jobs.Order]) -> Job | None:
        try:
            return jobs.submit(*sent)
        except jobs.TooManyJobs:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(CROWD) as pool:
        return [job for job in pool.map(submit, orders) if job]


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_one_owner_gets_no_more_than_the_cap(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    if not guarded:
        monkeypatch.setattr(guests, "hold_owner", lambda owner, **how: None)
    alice = make.user("alice")
    taken = submitted([(alice, make.order(alice)) for _order in range(CROWD)])
    assert len(taken) == Job.objects.count() == (queue.FREE_CAP if guarded else CROWD)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_the_guests_of_one_address_get_no_more_than_theirs(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    hold = guests.hold_owner
    if not guarded:  # each alone with its own jobs, but not with its neighbours
        monkeypatch.setattr(guests, "hold_owner", lambda owner, **how: hold(owner, with_neighbours=False))
    crowd = [make.guest() for _guest in range(CROWD)]
    taken = submitted([(guest, make.order(guest)) for guest in crowd])
    assert len(taken) == Job.objects.count() == (settings.GUEST_JOBS_PER_ADDRESS if guarded else CROWD)


def test_one_form_sent_many_times_at_once_is_one_job() -> None:
    alice = make.user("alice")
    order = make.order(alice, form_token=uuid4())
    taken = submitted([(alice, order)] * CROWD)
    assert len(taken) == CROWD
    assert {job.pk for job in taken} == {Job.objects.get().pk}
