"""Money back without asking: who gets back how much for what became of the job, and nobody twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import dues, refunds, rounds, tasks
from billing.models import Payment, Refund
from people.models import User
from stylize import housekeeping, jobs, tiers
from stylize.models import Job
from tests.billing import buying
from tests.till import Till

Reason, Failure = Refund.Reason, Job.Failure
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(till: Till, alice: User) -> Payment:
    return buying.paid(till, alice)


# Failed ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [failure for failure in Failure.values if failure != Failure.GONE])
def test_failed_for_good_it_is_given_back_in_full(till: Till, payment: Payment, failure: str) -> None:
    jobs.fail(buying.claimed(payment), failure)
    assert buying.settled_for_good(payment, till) == [(payment.amount_minor, Reason.FAILED)]


def test_three_strikes_are_for_good_and_two_are_not(till: Till, payment: Payment) -> None:
    for _strike in range(2):
        jobs.strike(buying.claimed(payment), Failure.ERROR)
        assert buying.settled_for_good(payment, till) == []
    jobs.strike(buying.claimed(payment), Failure.ERROR)
    assert buying.settled_for_good(payment, till) == [(payment.amount_minor, Reason.FAILED)]


def test_done_it_is_kept(till: Till, payment: Payment) -> None:
    buying.delivered(payment)
    assert buying.settled_for_good(payment, till) == []
    assert payment.settled_at


@pytest.mark.parametrize("status", ["unpaid", "queued", "running"])
def test_what_has_not_ended_is_not_settled(till: Till, payment: Payment, status: str) -> None:
    Job.objects.update(status=status)
    assert not dues.settle(payment)
    assert dues.settle_all() == 0


def test_control_a_desk_that_nobody_tells_keeps_the_money_of_what_failed(
    till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dues, "settle_all", lambda: 0)
    jobs.fail(buying.claimed(payment), Failure.ERROR)
    assert buying.settled_for_good(payment, till) == []


# Lost in the storage --------------------------------------------------------------------------------------------------


def test_a_lost_picture_is_given_back_only_after_three_days(
    till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = buying.Clock(monkeypatch)
    buying.delivered(payment)
    buying.lose(payment)
    assert buying.settled_for_good(payment, till) == []
    clock.forward(dues.LOST_PATIENCE - timedelta(hours=1))
    assert buying.settled_for_good(payment, till) == []
    clock.forward(timedelta(hours=2))
    assert buying.settled_for_good(payment, till) == [(payment.amount_minor, Reason.LOST)]


def test_one_that_comes_back_is_kept(till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = buying.Clock(monkeypatch)
    buying.delivered(payment)
    buying.lose(payment)
    tasks.give_up_lost()
    assert jobs.find(buying.job_of(payment))
    clock.forward(2 * dues.LOST_PATIENCE)
    assert buying.settled_for_good(payment, till) == []
    buying.lose(payment)  # and lost anew it has three days anew
    assert buying.settled_for_good(payment, till) == []


def test_a_lost_picture_whose_refund_does_not_go_through_is_not_tried_for_ever(
    till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = buying.Clock(monkeypatch)
    buying.delivered(payment)
    buying.lose(payment)
    tasks.give_up_lost()
    till.trouble(refunds="fail")
    for _hour in range(3):
        clock.forward(2 * dues.LOST_PATIENCE)
        tasks.give_up_lost()
        rounds.go_round()
    assert len(till.refunds()) == 1
    payment.refresh_from_db()
    assert payment.trouble


def test_a_lost_picture_that_its_owner_deletes_cannot_come_back_and_is_given_back_at_once(
    till: Till, payment: Payment
) -> None:
    buying.delivered(payment)
    rounds.go_round()
    buying.lose(payment)
    housekeeping.delete_job(buying.job_of(payment))
    assert buying.settled_for_good(payment, till) == [(payment.amount_minor, Reason.LOST)]


def test_many_lost_pictures_do_not_stand_before_others(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dues, "AT_ONCE", 1)
    first, second = buying.paid(till, alice), buying.paid(till, alice)
    Job.objects.filter(key=first.job_key).update(status="failed", failure=Failure.GONE, finished_at=timezone.now())
    assert jobs.cancel(buying.job_of(second), seen=0)
    assert dues.settle_all() == 1


# Cancelled ------------------------------------------------------------------------------------------------------------


def test_cancelled_before_it_was_begun_it_is_given_back_in_full(till: Till, payment: Payment) -> None:
    assert jobs.cancel(buying.job_of(payment), seen=0)
    assert buying.settled_for_good(payment, till) == [(payment.amount_minor, Reason.CANCELLED)]


@pytest.mark.parametrize("tier", ["premium", "hd"])
@pytest.mark.parametrize("seen", [0, 1, 100, 299, 599])
def test_cancelled_while_running_the_rest_is_given_back(till: Till, alice: User, tier: str, seen: int) -> None:
    payment = buying.paid(till, alice, tier=tier, iterations=600)
    assert jobs.cancel(buying.claimed(payment), seen=seen)
    rest = tiers.named(tier).price_minor(600, "RUB") - tiers.named(tier).worth_minor(seen, "RUB")
    assert buying.settled_for_good(payment, till) == ([(rest, Reason.STOPPED)] if rest else [])


def test_what_a_checkpoint_knows_counts_where_the_watchers_know_less(till: Till, payment: Payment) -> None:
    claim = buying.claimed(payment)
    Job.objects.update(checkpoint_at=200)
    assert jobs.cancel(claim, seen=0)
    assert buying.settled_for_good(payment, till) == [(dues.left_minor(payment, claim, 200), Reason.STOPPED)]


def test_no_more_was_done_than_was_bought_whatever_the_watchers_say(till: Till, payment: Payment) -> None:
    assert jobs.cancel(buying.claimed(payment), seen=10**6)
    assert buying.settled_for_good(payment, till) == []


def test_cancelled_by_staff_it_is_given_back_in_full(till: Till, payment: Payment) -> None:
    claim = buying.claimed(payment)
    Job.objects.update(checkpoint_at=200)
    assert jobs.cancel(claim)
    assert buying.settled_for_good(payment, till) == [(payment.amount_minor, Reason.CANCELLED)]


def test_what_staff_gave_back_before_is_part_of_what_is_due(till: Till, payment: Payment) -> None:
    refunds.ask(payment, 1000, Reason.STAFF)
    assert jobs.cancel(buying.job_of(payment), seen=0)
    assert buying.settled_for_good(payment, till) == [
        (1000, Reason.STAFF), (payment.amount_minor - 1000, Reason.CANCELLED),
    ]  # fmt: skip
