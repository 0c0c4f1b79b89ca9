"""Giving back: never more than was paid, once at Stripe whatever is lost on the way, and mirrored when made there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from billing import dues, refunds, rounds, stripe_api
from billing.models import Payment, Refund
from people.models import User
from stylize import jobs
from tests.billing import buying
from tests.till import Till

Status, Reason = Refund.Status, Refund.Reason
pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(till: Till, alice: User) -> Payment:
    return buying.paid(till, alice)


def given_back(till: Till, payment: Payment) -> int:
    """At Stripe."""
    there = till.refunds(buying.intent_of(payment))
    return sum(one["amount"] for one in there if one["status"] in ("succeeded", "pending"))


def agree(till: Till, payment: Payment) -> bool:
    """The ledger and Stripe."""
    payment.refresh_from_db()
    return payment.refunded_minor == given_back(till, payment)


# Asking ---------------------------------------------------------------------------------------------------------------


def test_what_is_asked_for_is_given_back_and_written_down(till: Till, payment: Payment, alice: User) -> None:
    refund = refunds.ask(payment, 1000, Reason.STAFF, note="We are sorry.", by=alice)
    assert refunds.send_due() == 1
    refund.refresh_from_db()
    assert (refund.status, refund.note, refund.by) == (Status.DONE, "We are sorry.", alice)
    assert refund.stripe_id == till.refunds()[0]["id"]
    assert agree(till, payment)


def test_in_parts_up_to_the_last_kopeck_and_not_one_more(till: Till, payment: Payment) -> None:
    for part in (1, payment.amount_minor - 2, 1):
        refunds.ask(payment, part, Reason.STAFF)
    with pytest.raises(refunds.TooMuch):
        refunds.ask(payment, 1, Reason.STAFF)
    assert refunds.send_due() == 3
    assert given_back(till, payment) == payment.amount_minor
    assert agree(till, payment)


@pytest.mark.parametrize("amount", [0, -1, 10**6])
def test_what_is_no_sum_or_too_much_is_refused(payment: Payment, amount: int) -> None:
    with pytest.raises(refunds.TooMuch):
        refunds.ask(payment, amount, Reason.STAFF)
    assert not Refund.objects.exists()


@pytest.mark.parametrize("status", [status for status in Payment.Status.values if status != "paid"])
def test_what_is_not_paid_is_not_given_back(payment: Payment, status: str) -> None:
    Payment.objects.update(status=status)
    with pytest.raises(refunds.TooMuch):
        refunds.ask(payment, 100, Reason.STAFF)


def test_control_the_constraint_stands_behind_the_compare_and_set(payment: Payment) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.update(refunded_minor=payment.amount_minor + 1)


# Lost on the way ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["500", "500-after", "429", "away"])
def test_while_stripe_answers_badly_it_waits_and_then_one_refund_is_made(
    till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    clock = buying.Clock(monkeypatch)
    refunds.ask(payment, 1000, Reason.STAFF)
    till.trouble(api=trouble)
    for _round in range(3):
        rounds.go_round()
        clock.forward(refunds.RETRY)
    assert Refund.objects.get().status == Status.REQUESTED
    till.calm()
    rounds.go_round()
    assert Refund.objects.get().status == Status.DONE
    assert [one["amount"] for one in till.refunds()] == [1000]


def test_an_answer_that_comes_too_late_is_asked_for_again(
    till: Till, payment: Payment, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = buying.Clock(monkeypatch)
    refunds.ask(payment, 1000, Reason.STAFF)
    settings.STRIPE_TIMEOUT_S = 0.3
    till.trouble(api="hang-after")
    rounds.go_round()
    till.calm()
    settings.STRIPE_TIMEOUT_S = 10
    clock.forward(refunds.RETRY)
    rounds.go_round()
    assert (Refund.objects.get().status, len(till.refunds())) == (Status.DONE, 1)


@pytest.mark.parametrize("has_a_key", [True, False], ids=["guarded", "control"])
def test_a_process_that_dies_between_the_answer_and_the_row_gives_back_once(
    till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch, has_a_key: bool
) -> None:
    clock, note = buying.Clock(monkeypatch), refunds._note
    refunds.ask(payment, 1000, Reason.STAFF)

    def die(refund: Refund, told: stripe_api.Refunded) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(refunds, "_note", die)
    with pytest.raises(KeyboardInterrupt):
        refunds.send_due()
    monkeypatch.setattr(refunds, "_note", note)
    if not has_a_key:
        send = stripe_api.refund
        monkeypatch.setattr(stripe_api, "refund", lambda key, *given: send(key + "-again", *given))
    clock.forward(refunds.RETRY)
    assert refunds.send_due() == 1
    assert len(till.refunds()) == (1 if has_a_key else 2)


def test_a_refund_that_waited_for_longer_than_stripe_remembers_keys_is_looked_for_first(
    till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer was lost, and everything stood still for two days."""
    clock = buying.Clock(monkeypatch)
    refunds.ask(payment, 1000, Reason.STAFF)
    till.trouble(api="500-after", only="/v1/refunds")
    rounds.go_round()
    assert Refund.objects.get().status == Status.REQUESTED
    till.calm()
    till.trouble(clock=2 * 24 * 3600)
    clock.forward(timedelta(days=2))
    rounds.go_round()
    assert (Refund.objects.get().status, len(till.refunds())) == (Status.DONE, 1)
    assert agree(till, payment)


# Stripe takes its time, or changes its mind --------------------------------------------------------------------------


def test_one_that_is_pending_is_asked_after_until_it_has_ended(
    till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = buying.Clock(monkeypatch)
    till.trouble(refunds="pending")
    refunds.ask(payment, 1000, Reason.STAFF)
    rounds.go_round()
    asked = buying.count_calls(monkeypatch, "refunded")
    for _round in range(24):  # two minutes of them
        clock.forward(timedelta(seconds=5))
        rounds.go_round()
    assert not asked
    till.settle_refund(till.refunds()[0]["id"])
    clock.forward(refunds.ASK_AGAIN)
    rounds.go_round()
    assert (Refund.objects.get().status, len(till.refunds()), len(asked)) == (Status.DONE, 1, 1)


def fail_at_once(till: Till, payment: Payment) -> None:
    till.trouble(refunds="fail")
    refunds.send_due()


def fail_later(till: Till, payment: Payment) -> None:
    refunds.send_due()
    till.fail_refund(till.refunds()[0]["id"])
    assert buying.deliver(till, till.events("refund.failed")[0]).status_code == 200


@pytest.mark.parametrize("fail", [fail_at_once, fail_later])
def test_one_that_does_not_go_through_frees_its_sum_and_is_for_staff_to_look_at(
    till: Till, payment: Payment, fail: Callable[[Till, Payment], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = buying.Clock(monkeypatch)
    assert jobs.cancel(buying.job_of(payment), seen=0)
    dues.settle_all()
    fail(till, payment)
    for _round in range(3):
        clock.forward(timedelta(hours=1))
        rounds.go_round()
    refund = Refund.objects.get()  # and no other: it is not tried for ever
    payment.refresh_from_db()
    assert (refund.status, payment.refunded_minor) == (Status.FAILED, 0)
    assert refund.error
    assert refund.key in payment.trouble
    assert len(till.refunds()) == 1
    till.calm()
    refunds.ask(payment, payment.amount_minor, Reason.STAFF)  # by hand it can be tried again
    rounds.go_round()
    payment.refresh_from_db()
    assert payment.kept_minor == 0
    assert agree(till, payment)


def test_news_of_a_success_that_come_after_its_failure_change_nothing(till: Till, payment: Payment) -> None:
    refund = refunds.ask(payment, 1000, Reason.STAFF)
    refunds.send_due()
    told = stripe_api.refunded(till.refunds()[0]["id"])
    till.fail_refund(told.id)
    refunds.mirror(told.id)
    refunds.apply(told)  # read before it failed
    refund.refresh_from_db()
    assert refund.status == Status.FAILED
    assert agree(till, payment)


# Made at Stripe -------------------------------------------------------------------------------------------------------


def test_one_made_in_stripes_dashboard_is_written_down(till: Till, payment: Payment) -> None:
    till.refund_by_hand(buying.intent_of(payment))
    for event in till.events("refund.created", "charge.refunded"):
        assert buying.deliver(till, event).status_code == 200
    assert buying.owed(payment) == [(payment.amount_minor, Reason.OUTSIDE)]
    assert Refund.objects.get().status == Status.DONE
    assert agree(till, payment)


def test_what_was_given_back_in_stripes_dashboard_is_not_given_back_again(till: Till, payment: Payment) -> None:
    till.refund_by_hand(buying.intent_of(payment))
    refunds.mirror_all_of(payment.intent_id)
    assert jobs.cancel(buying.job_of(payment), seen=0)
    rounds.go_round()
    assert buying.owed(payment) == [(payment.amount_minor, Reason.OUTSIDE)]
    assert agree(till, payment)


def test_one_of_ours_that_is_not_sent_yet_makes_room_for_it(till: Till, payment: Payment) -> None:
    ours = [refunds.ask(payment, amount, Reason.STAFF) for amount in (1000, 2000)]
    till.refund_by_hand(buying.intent_of(payment))
    assert buying.deliver(till, till.events("refund.created")[0]).status_code == 200
    assert [Refund.objects.get(pk=one.pk).status for one in ours] == [Status.FAILED] * 2
    rounds.go_round()
    assert len(till.refunds()) == 1
    assert agree(till, payment)


def test_where_both_have_room_both_are_given_back(till: Till, payment: Payment) -> None:
    ours = refunds.ask(payment, 1000, Reason.STAFF)
    other = stripe_api.refund("", buying.intent_of(payment), 2000)
    refunds.mirror(other.id)
    rounds.go_round()
    ours.refresh_from_db()
    assert (ours.status, len(till.refunds())) == (Status.DONE, 2)
    assert agree(till, payment)


def test_one_that_stripe_refuses_because_of_it_learns_why_even_if_no_news_came(till: Till, payment: Payment) -> None:
    till.refund_by_hand(buying.intent_of(payment))
    refunds.ask(payment, 1000, Reason.STAFF)
    rounds.go_round()
    assert sorted(Refund.objects.values_list("status", "reason")) == [("done", "outside"), ("failed", "staff")]
    assert agree(till, payment)


def test_one_that_took_the_place_of_one_that_failed_finds_its_place_in_any_order(till: Till, payment: Payment) -> None:
    """Ours is done and then sent back by the bank; staff give it back in the dashboard; that news comes first."""
    refunds.ask(payment, payment.amount_minor, Reason.STAFF)
    refunds.send_due()
    till.fail_refund(till.refunds()[0]["id"])
    by_hand = till.refund_by_hand(buying.intent_of(payment))
    refunds.mirror(by_hand["id"])
    assert sorted(Refund.objects.values_list("status", "reason")) == [("done", "outside"), ("failed", "staff")]
    assert agree(till, payment)
