"""Refunds that are asked for, sent and settled at the same moment: one at Stripe, and never more than was paid."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import F

from billing import dues, payments, refunds, rounds, stripe_api
from billing.models import Payment, Refund
from people.models import User
from stylize import housekeeping, jobs
from stylize.models import Job
from tests import make, together
from tests.billing import buying
from tests.till import Till

THREADS = 12
Status, Reason = Refund.Status, Refund.Reason
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _all_through(monkeypatch: pytest.MonkeyPatch) -> None:
    buying.let_all_through(monkeypatch)


@pytest.fixture
def owner() -> User:
    return make.user("alice")


def asked(payment: Payment, amount_minor: int) -> bool:
    try:
        return bool(refunds.ask(payment, amount_minor, Reason.STAFF))
    except (refunds.TooMuch, IntegrityError):
        return False


def kept_at_stripe(till: Till, payment: Payment) -> int:
    return payment.amount_minor - sum(int(one["amount"]) for one in till.refunds(buying.intent_of(payment)))


def test_asked_for_12_times_at_once_a_full_refund_is_given_once(till: Till, owner: User) -> None:
    payment = buying.paid(till, owner)
    assert sum(together.at_once([partial(asked, payment, payment.amount_minor)] * THREADS)) == 1
    together.at_once([refunds.send_due] * 4)
    payment.refresh_from_db()
    assert (payment.kept_minor, len(till.refunds())) == (0, 1)


def test_parts_asked_for_at_once_never_pass_what_was_paid(till: Till, owner: User) -> None:
    payment = buying.paid(till, owner)
    part = payment.amount_minor // 5
    assert sum(together.at_once([partial(asked, payment, part)] * THREADS)) == 5
    together.at_once([refunds.send_due] * 4)
    payment.refresh_from_db()
    assert payment.kept_minor == kept_at_stripe(till, payment) == payment.amount_minor - 5 * part


def test_control_check_then_act_gives_back_more_than_was_paid(till: Till, owner: User) -> None:
    """It is the constraint that it runs into where it writes the sum; one that writes rows alone runs into nothing."""
    payment = buying.paid(till, owner)

    def naive() -> bool:
        found = Payment.objects.get(pk=payment.pk)
        if sum(refund.amount_minor for refund in found.refunds.all()):
            return False
        time.sleep(0.1)  # everybody looks before anybody writes
        return bool(found.refunds.create(amount_minor=found.amount_minor, reason=Reason.STAFF))

    assert sum(together.at_once([naive] * THREADS)) > 1
    assert sum(refund.amount_minor for refund in Refund.objects.all()) > payment.amount_minor


@pytest.mark.parametrize("_round", range(3))
def test_staff_and_the_house_at_once_give_back_no_more_than_was_paid(till: Till, owner: User, _round: int) -> None:
    payment = buying.paid(till, owner)
    assert jobs.cancel(buying.job_of(payment), seen=0)
    actions: list[Callable[[], object]] = [
        *[partial(dues.settle, payment)] * 4, *[partial(asked, payment, payment.amount_minor // 2)] * 4,
    ]  # fmt: skip
    together.at_once(actions)
    assert sum(amount for amount, _reason in buying.owed(payment)) == payment.amount_minor
    together.at_once([refunds.send_due] * 3)
    payment.refresh_from_db()
    assert payment.kept_minor == kept_at_stripe(till, payment) == 0


def test_settled_12_times_at_once_it_is_given_back_once(till: Till, owner: User) -> None:
    payment = buying.paid(till, owner)
    jobs.fail(buying.claimed(payment), Job.Failure.FLAT)
    assert sum(together.at_once([partial(dues.settle, payment)] * THREADS)) == 1
    assert buying.owed(payment) == [(payment.amount_minor, Reason.FAILED)]


def test_one_refund_sent_12_times_at_once_is_one_at_stripe(till: Till, owner: User) -> None:
    payment = buying.paid(till, owner)
    refund = refunds.ask(payment, 1000, Reason.STAFF)
    assert sum(together.at_once([partial(refunds.send, refund)] * THREADS)) == 1
    assert len(till.refunds()) == 1


def test_control_without_turn_or_key_it_is_given_back_many_times(
    till: Till, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = buying.paid(till, owner)
    refund = refunds.ask(payment, 1000, Reason.STAFF)
    send = stripe_api.refund
    keys = iter(range(100))
    monkeypatch.setattr(stripe_api, "refund", lambda key, *given: send(f"{key}-{next(keys)}", *given))

    def naive() -> None:
        if Refund.objects.get(pk=refund.pk).status == Status.REQUESTED:
            time.sleep(0.05)
            assert payment.intent_id
            refunds._note(refund, stripe_api.refund(refund.key, payment.intent_id, refund.amount_minor))

    together.at_once([naive] * 4)
    assert len(till.refunds()) > 1


@pytest.mark.parametrize("_round", range(5))
def test_news_and_sender_of_one_failure_at_once_end_in_no_deadlock(till: Till, owner: User, _round: int) -> None:
    payment = buying.paid(till, owner)
    till.trouble(refunds="pending")
    refund = refunds.ask(payment, 1000, Reason.STAFF)
    refunds.send(refund)
    till.fail_refund(till.refunds()[0]["id"])
    refund.refresh_from_db()
    assert refund.stripe_id
    told = stripe_api.refunded(refund.stripe_id)
    actions: list[Callable[[], object]] = [
        *[partial(refunds._note, refund, told)] * 4, *[partial(refunds.apply, told)] * 4,
    ]  # fmt: skip
    together.at_once(actions)
    payment.refresh_from_db()
    assert payment.refunded_minor == 0  # freed once
    assert Refund.objects.get().status == Status.FAILED


def test_news_of_one_refund_made_at_stripe_8_times_at_once_are_one_row(till: Till, owner: User) -> None:
    payment = buying.paid(till, owner)
    by_hand = till.refund_by_hand(buying.intent_of(payment))
    together.at_once([partial(refunds.mirror, by_hand["id"])] * 8)
    payment.refresh_from_db()
    assert (Refund.objects.count(), payment.kept_minor) == (1, 0)


@pytest.mark.parametrize("end", ["cancel", "finish", "fail", "delete"])
def test_its_end_and_settling_at_the_same_moment_give_back_what_is_due_once(till: Till, owner: User, end: str) -> None:
    for _round in range(6):
        payment = buying.paid(till, owner)
        claim = buying.claimed(payment)
        ends: dict[str, Callable[[], object]] = {
            "cancel": partial(jobs.cancel, claim, seen=150),
            "finish": partial(jobs.finish, claim, jobs.Result(f"r/{claim.key}", 1.0, "test", 7, iterations=150)),
            "fail": partial(jobs.fail, claim, Job.Failure.ERROR),
            "delete": partial(_delete, claim),
        }
        together.at_once([ends[end], *[partial(dues.settle, payment)] * 3, dues.settle_all])
        dues.settle_all()
        payment.refresh_from_db()
        rest = dues.left_minor(payment, claim, 150)
        due = payment.amount_minor if end == "fail" else rest
        assert [amount for amount, _reason in buying.owed(payment)] == [due]
        assert payment.refunded_minor == due


def _delete(job: Job) -> None:
    jobs.cancel(job, seen=150)
    housekeeping.delete_job(job)


def test_50_rounds_of_everything_at_once_end_in_no_deadlock_and_agree_with_stripe(till: Till, owner: User) -> None:
    """A guest signs in, the job ends and is deleted, money goes back, and Stripe tells of it."""
    pictures: dict[str, Any] = {"photo": make.upload(owner), "styles": ((make.style(owner), 1.0),)}
    for number in range(50):
        guest = make.guest()
        payment = buying.opened(guest, **pictures)
        till.pay(buying.session_of(payment))
        job = buying.job_of(payment)
        actions: list[Callable[[], object]] = [
            partial(buying.hand_over, guest, owner), partial(payments.fulfil, payment),
            partial(_delete, job) if number % 2 else partial(jobs.cancel, job, seen=0),
            partial(dues.settle, payment), dues.settle_all, partial(asked, payment, 1000),
        ]  # fmt: skip
        together.at_once(actions)
    for _round in range(2):
        rounds.go_round()
    assert not Payment.objects.exclude(status="paid", refunded_minor=F("amount_minor")).exists()
    assert not Payment.objects.exclude(owner=owner).exists()
    assert sum(one["amount"] for one in till.refunds()) == sum(one["amount"] for one in till.payments())
