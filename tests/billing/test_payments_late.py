"""Money that comes when the job does not wait for it any more, and money that takes its time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from billing import dues, payments, rounds, stripe_api
from billing.models import Payment
from people.models import User
from stylize import housekeeping, jobs
from stylize.models import Job
from tests.billing import buying
from tests.till import Till

Status = Payment.Status
pytestmark = pytest.mark.django_db


# Late -----------------------------------------------------------------------------------------------------------------


def cancel(payment: Payment) -> None:
    assert jobs.cancel(buying.job_of(payment), seen=0)


def expire(payment: Payment) -> None:
    Job.objects.update(created_at=timezone.now() - jobs.UNPAID_LIVES - timedelta(hours=1))
    assert jobs.expire_unpaid() == 1


def delete(payment: Payment) -> None:
    cancel(payment)
    housekeeping.delete_job(buying.job_of(payment))


@pytest.mark.parametrize("end", [cancel, expire, delete], ids=["cancelled", "expired", "deleted"])
def test_paid_after_its_job_has_ended_it_is_refunded_in_full(
    till: Till, alice: User, end: Callable[[Payment], None]
) -> None:
    payment = buying.opened(alice)
    end(payment)
    till.pay(buying.session_of(payment))
    payments.of_session(buying.session_of(payment))
    rounds.go_round()
    payment.refresh_from_db()
    assert (payment.status, payment.is_fulfilled, payment.kept_minor) == (Status.PAID, False, 0)
    assert [(one["amount"], one["status"]) for one in till.refunds()] == [(payment.amount_minor, "succeeded")]


def test_control_a_desk_that_ignores_late_money_keeps_it(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dues, "due", lambda *given, **also: None)
    payment = buying.opened(alice)
    cancel(payment)
    till.pay(buying.session_of(payment))
    payments.of_session(buying.session_of(payment))
    rounds.go_round()
    payment.refresh_from_db()
    assert payment.kept_minor == payment.amount_minor


@pytest.mark.parametrize("end", [cancel, expire, delete], ids=["cancelled", "expired", "deleted"])
def test_nobody_can_pay_for_a_job_that_has_ended_for_long(
    till: Till, alice: User, end: Callable[[Payment], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = buying.Clock(monkeypatch)
    payment = buying.opened(alice)
    end(payment)
    clock.forward(timedelta(minutes=2))
    rounds.go_round()
    payment.refresh_from_db()
    assert (payment.status, till.session(buying.session_of(payment))["status"]) == (Status.EXPIRED, "expired")


def test_who_pays_in_the_moment_in_which_it_is_closed_is_refunded(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = buying.opened(alice)
    cancel(payment)
    close = stripe_api.close_session

    def faster(session_id: str) -> stripe_api.Session:
        till.pay(session_id)
        return close(session_id)

    monkeypatch.setattr(stripe_api, "close_session", faster)
    buying.Clock(monkeypatch).forward(timedelta(minutes=2))
    assert rounds.close_needless() == 1
    rounds.go_round()
    payment.refresh_from_db()
    assert (payment.status, payment.kept_minor, len(till.refunds())) == (Status.PAID, 0, 1)


# Money that takes its time -------------------------------------------------------------------------------------------


@pytest.fixture
def on_its_way(till: Till, alice: User) -> Payment:
    payment = buying.opened(alice)
    till.pay_later(buying.session_of(payment))
    return payments.fulfil(payment)


def test_a_delayed_payment_waits_and_is_not_asked_for_twice(on_its_way: Payment, till: Till) -> None:
    assert (on_its_way.status, on_its_way.is_on_its_way) == (Status.PENDING, True)
    with pytest.raises(payments.NothingToPay):
        payments.begin(buying.job_of(on_its_way), return_to=buying.SITE)


def test_a_delayed_payment_that_arrives_lets_the_job_in(on_its_way: Payment, till: Till) -> None:
    till.arrive(buying.session_of(on_its_way))
    told = payments.fulfil(on_its_way)
    assert (told.status, told.is_fulfilled, told.is_on_its_way) == (Status.PAID, True, False)


def test_a_delayed_payment_that_fails_can_be_paid_anew(on_its_way: Payment, till: Till) -> None:
    till.fail(buying.session_of(on_its_way))
    told = payments.fulfil(on_its_way)
    assert (told.status, told.is_on_its_way) == (Status.FAILED, False)
    again = payments.begin(buying.job_of(told), return_to=buying.SITE)
    till.pay(buying.session_of(again))
    assert payments.fulfil(again).is_fulfilled


def test_a_delayed_payment_that_arrives_after_the_cancel_is_refunded(on_its_way: Payment, till: Till) -> None:
    cancel(on_its_way)
    assert rounds.close_needless() == 0
    till.arrive(buying.session_of(on_its_way))
    payments.fulfil(on_its_way)
    rounds.go_round()
    on_its_way.refresh_from_db()
    assert (on_its_way.kept_minor, len(till.refunds())) == (0, 1)


def test_money_that_arrives_between_two_looks_is_not_taken_for_failed(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session was read before it, the intent after it; what has failed is never looked at again."""
    payment = buying.opened(alice)
    till.pay_later(buying.session_of(payment))
    look = stripe_api._is_coming

    def arrives_first(intent_id: str | None) -> bool:
        till.arrive(buying.session_of(payment))
        return look(intent_id)

    monkeypatch.setattr(stripe_api, "_is_coming", arrives_first)
    assert payments.fulfil(payment).status == Status.PENDING
    monkeypatch.undo()
    assert stripe_api.session(buying.session_of(payment)).is_paid
