"""Money back for what was finished early, deleted, or painted once more: the rest of the price, and nobody twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from billing import rounds, tasks
from billing.models import Payment, Refund
from people.models import User
from stylize import housekeeping, jobs, runs, tiers
from stylize.models import Job
from tests.billing import buying
from tests.till import Till
from tests.worker.fake_engine import FakeEngine
from worker import kiln

Reason, Failure = Refund.Reason, Job.Failure
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(till: Till, alice: User) -> Payment:
    return buying.paid(till, alice)


# Finished early -------------------------------------------------------------------------------------------------------


def test_finished_early_by_the_kiln_the_rest_is_given_back(
    till: Till, alice: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BEAT_S = 0.02
    payment = buying.paid(till, alice, iterations=1000)
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)

    def enough(step: int) -> None:
        if step == 20:
            assert runs.want_end(Job.objects.get(key=payment.job_key))
        kiln.time.sleep(0.01)

    fake.before_step = enough
    kiln.paint_next("test", lambda: False)
    job = buying.job_of(payment)
    assert job.status == Job.Status.DONE
    assert job.iterations_done is not None and 20 <= job.iterations_done < 1000
    rest = payment.amount_minor - tiers.HD.worth_minor(job.iterations_done, "RUB")
    assert buying.settled_for_good(payment, till) == [(rest, Reason.EARLY)]


@pytest.mark.parametrize("done", [1, 99, 100, 299, 300])
def test_finished_early_at_any_iteration_what_was_done_is_kept(till: Till, payment: Payment, done: int) -> None:
    buying.delivered(payment, done)
    rest = payment.amount_minor - tiers.HD.worth_minor(done, "RUB")
    assert buying.settled_for_good(payment, till) == ([(rest, Reason.EARLY)] if rest else [])


# Deleted --------------------------------------------------------------------------------------------------------------


def stopped(payment: Payment) -> None:
    assert jobs.cancel(buying.claimed(payment), seen=150)


def waiting(payment: Payment) -> None:
    assert jobs.cancel(buying.job_of(payment), seen=0)


def early(payment: Payment) -> None:
    buying.delivered(payment, 150)


def failed(payment: Payment) -> None:
    jobs.fail(buying.claimed(payment), Failure.FLAT)


def untouched(payment: Payment) -> None:
    """Deleted without being cancelled: what nobody has painted is given back."""


REST = tiers.HD.price_minor(300, "RUB") - tiers.HD.worth_minor(150, "RUB")
ALL = tiers.HD.price_minor(300, "RUB")


@pytest.mark.parametrize(
    ("end", "due"),
    [
        (waiting, [(ALL, Reason.CANCELLED)]),
        (stopped, [(REST, Reason.STOPPED)]),
        (early, [(REST, Reason.EARLY)]),
        (failed, [(ALL, Reason.FAILED)]),
        (buying.delivered, []),
        (untouched, [(ALL, Reason.CANCELLED)]),
    ],
    ids=["waiting", "running", "finished early", "failed", "done", "not even cancelled"],
)
@pytest.mark.parametrize("is_settled", [True, False], ids=["settled before", "deleted at once"])
def test_deleted_it_is_given_back_what_is_due_once(
    till: Till, payment: Payment, end: Callable[[Payment], object], due: list[tuple[int, str]], is_settled: bool
) -> None:
    end(payment)
    if is_settled:
        rounds.go_round()
    housekeeping.delete_job(buying.job_of(payment))
    assert not Job.objects.exists()
    assert buying.settled_for_good(payment, till) == due


def test_control_without_a_farewell_the_money_of_a_deleted_job_is_kept(
    till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "_farewells", [])
    waiting(payment)
    housekeeping.delete_job(buying.job_of(payment))
    assert buying.settled_for_good(payment, till) == []


# Tried once more ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["done", "failed", "cancelled"])
def test_what_staff_let_be_painted_after_its_refund_is_given_back_no_second_time(
    till: Till, payment: Payment, again: str
) -> None:
    failed(payment)
    rounds.go_round()
    assert jobs.retry(buying.job_of(payment))
    ends: dict[str, Callable[[Payment], object]] = {"done": buying.delivered, "failed": failed, "cancelled": stopped}
    ends[again](payment)
    assert buying.settled_for_good(payment, till) == [(payment.amount_minor, Reason.FAILED)]


def test_a_lost_picture_that_is_painted_anew_and_fails_is_given_back(till: Till, payment: Payment) -> None:
    """It had been settled when it was delivered."""
    buying.delivered(payment)
    rounds.go_round()
    buying.lose(payment)
    assert jobs.retry(buying.job_of(payment))
    failed(payment)
    assert buying.settled_for_good(payment, till) == [(payment.amount_minor, Reason.FAILED)]


def test_a_kiln_whose_clock_is_ahead_makes_nobody_settle_twice(till: Till, payment: Payment) -> None:
    failed(payment)
    Job.objects.update(finished_at=timezone.now() + timedelta(minutes=5))
    till.trouble(refunds="fail")
    for _round in range(3):
        tasks.give_up_lost()
        rounds.go_round()
    assert len(till.refunds()) == 1
