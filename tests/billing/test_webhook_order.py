"""In whatever order Stripe tells of what has happened, the ledger ends alike: all 24 orders of 4 events."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from billing import payments, refunds, rounds, stripe_api, webhooks
from billing.models import Payment, Refund
from people.models import User
from stylize import jobs, tiers
from stylize.models import Job
from tests.billing import buying
from tests.till import Till

Story = Callable[[Till, Payment], None]
pytestmark = pytest.mark.django_db


def delayed_then_given_back_by_hand(till: Till, payment: Payment) -> None:
    till.pay_later(buying.session_of(payment))
    till.refund_by_hand(till.arrive(buying.session_of(payment))["payment_intent"])


def disputed_and_lost(till: Till, payment: Payment) -> None:
    till.lost(_paid_and_disputed(till, payment))


def disputed_won_and_given_back(till: Till, payment: Payment) -> None:
    intent = _paid_and_disputed(till, payment)
    till.won(intent)
    till.refund_by_hand(intent)


def given_back_and_it_did_not_arrive(till: Till, payment: Payment) -> None:
    till.pay(buying.session_of(payment))
    till.fail_refund(till.refund_by_hand(_intent(till, payment))["id"])


def paid_and_slandered(till: Till, payment: Payment) -> None:
    """Old or mixed up news of the same session, all truly signed: it failed, it expired; and it is paid."""
    till.pay(buying.session_of(payment))


def not_paid_after_all(till: Till, payment: Payment) -> None:
    till.pay_later(buying.session_of(payment))
    till.fail(buying.session_of(payment))


def _paid_and_disputed(till: Till, payment: Payment) -> str:
    till.pay(buying.session_of(payment))
    intent = _intent(till, payment)
    till.dispute(intent)
    return intent


def _intent(till: Till, payment: Payment) -> str:
    return str(till.session(buying.session_of(payment))["payment_intent"])


SESSION = "checkout.session."
ALL = tiers.HD.price_minor(450, "RUB")
STORIES: dict[Story, tuple[list[str], tuple[str, int]]] = {
    delayed_then_given_back_by_hand: (
        [SESSION + "completed", SESSION + "async_payment_succeeded", "refund.created", "charge.refunded"],
        ("paid", ALL),
    ),
    disputed_and_lost: (
        [SESSION + "completed", "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"],
        ("disputed", 0),
    ),
    disputed_won_and_given_back: (
        [SESSION + "completed", "charge.dispute.created", "charge.dispute.closed", "refund.created"], ("paid", ALL),
    ),
    given_back_and_it_did_not_arrive: (
        [SESSION + "completed", "refund.created", "charge.refunded", "refund.failed"], ("paid", 0),
    ),
    paid_and_slandered: (
        [SESSION + "completed", SESSION + "async_payment_failed", SESSION + "expired", "refund.updated"], ("paid", 0),
    ),
    not_paid_after_all: (
        [SESSION + "completed", SESSION + "async_payment_failed", SESSION + "expired", SESSION + "completed"],
        ("failed", 0),
    ),
}  # fmt: skip


def news(till: Till, payment: Payment, types: list[str]) -> list[dict[str, Any]]:
    """The till's events; one that it has not sent is written by us and truly signed, about the same session."""
    sent = {event["type"]: event for event in till.events()}
    about_it = {"object": {"id": payment.session_id, "object": "checkout.session"}}
    return [sent.get(kind) or sent[SESSION + "completed"] | {"type": kind, "data": about_it} for kind in types]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_all_24_orders_of_4_events_end_alike(till: Till, alice: User, story: Story) -> None:
    types, ended = STORIES[story]
    payment = buying.opened(alice, iterations=450)
    payment.refresh_from_db()
    story(till, payment)
    events = news(till, payment, types)
    ledgers = [_ledger_after(till, order) for order in permutations(events)]
    assert len(ledgers) == 24
    assert all(ledger == ledgers[0] for ledger in ledgers)
    status, _amount, given_back, *_rest = ledgers[0]["payments"][0]
    assert (status, given_back) == ended


def _ledger_after(till: Till, events: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """What the desk knows after these; then it is as if nothing had come."""
    with transaction.atomic():
        assert {buying.deliver(till, event).status_code for event in events} == {200}
        told = buying.ledger()
        transaction.set_rollback(True)
    return told


def believe(event: stripe_api.Event) -> None:
    """What one writes who takes each event at its word."""
    word = {"completed": "paid", "async_payment_failed": "failed", "expired": "expired"}
    payment = Payment.objects.get(session_id=event.object_id)
    Payment.objects.filter(pk=payment.pk).update(status=word[event.type.rpartition(".")[2]], paid_at=payment.created_at)


def test_control_a_desk_that_takes_events_at_their_word_ends_as_the_last_one_says(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    types = [SESSION + kind for kind in ("completed", "async_payment_failed", "expired")]
    monkeypatch.setattr(webhooks, "HANDLERS", dict.fromkeys(types, believe))
    payment = buying.opened(alice)
    till.pay(buying.session_of(payment))
    events = news(till, payment, types)
    ended = {_ledger_after(till, order)["payments"][0][0] for order in permutations(events)}
    assert ended == {"paid", "failed", "expired"}


# One by one -----------------------------------------------------------------------------------------------------------


def test_a_refund_that_is_heard_of_before_the_payment_finds_it(till: Till, alice: User) -> None:
    payment = buying.opened(alice)
    till.pay(buying.session_of(payment))
    Payment.objects.update(intent_id=_intent(till, payment))  # known since the session was opened
    till.refund_by_hand(buying.intent_of(payment))
    assert buying.deliver(till, till.events("refund.created")[0]).status_code == 200
    payment.refresh_from_db()
    assert (payment.status, payment.is_fulfilled, payment.kept_minor) == (Payment.Status.PAID, True, 0)


def test_a_dispute_that_is_heard_of_before_the_payment_is_not_lost(till: Till, alice: User) -> None:
    payment = buying.opened(alice)
    intent = _paid_and_disputed(till, payment)
    Payment.objects.update(intent_id=intent)
    assert buying.deliver(till, till.events("charge.dispute.created")[0]).status_code == 200
    payment.refresh_from_db()
    assert (payment.status, "Dispute" in payment.trouble) == (Payment.Status.DISPUTED, True)


def test_of_a_disputed_payment_nothing_is_given_back_by_itself(till: Till, alice: User) -> None:
    """The bank has taken it already."""
    payment = buying.paid(till, alice)
    till.dispute(buying.intent_of(payment))
    payments.mirror_dispute(till.disputes()[0]["id"])
    assert jobs.cancel(buying.job_of(payment), seen=0)
    rounds.go_round()
    assert not Refund.objects.exists()
    till.lost(buying.intent_of(payment))
    payments.mirror_dispute(till.disputes()[0]["id"])
    rounds.go_round()
    payment.refresh_from_db()
    assert (payment.status, payment.kept_minor) == (Payment.Status.DISPUTED, payment.amount_minor)
    assert payment.trouble.endswith("lost")


def test_once_a_dispute_is_won_what_is_due_is_given_back(till: Till, alice: User) -> None:
    payment = buying.paid(till, alice)
    till.dispute(buying.intent_of(payment))
    payments.mirror_dispute(till.disputes()[0]["id"])
    jobs.fail(buying.claimed(payment), Job.Failure.ERROR)
    rounds.go_round()
    assert not Refund.objects.exists()
    till.won(buying.intent_of(payment))
    payments.mirror_dispute(till.disputes()[0]["id"])
    rounds.go_round()
    payment.refresh_from_db()
    assert (payment.status, payment.kept_minor, payment.trouble) == (Payment.Status.PAID, 0, "")


def test_a_refund_that_a_dispute_forbade_is_due_again_when_it_is_won(till: Till, alice: User) -> None:
    """It was on its way when the dispute came, and Stripe refused it."""
    payment = buying.paid(till, alice)
    assert jobs.cancel(buying.job_of(payment), seen=0)
    till.dispute(buying.intent_of(payment))
    rounds.go_round()
    assert Refund.objects.get().status == Refund.Status.FAILED
    payments.mirror_dispute(till.disputes()[0]["id"])
    till.won(buying.intent_of(payment))
    payments.mirror_dispute(till.disputes()[0]["id"])
    rounds.go_round()
    payment.refresh_from_db()
    assert (payment.kept_minor, len(till.refunds())) == (0, 1)


@pytest.mark.parametrize("status", ["warning_needs_response", "warning_closed", "prevented"])
def test_an_inquiry_takes_no_money(till: Till, alice: User, monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    payment = buying.paid(till, alice)
    told = stripe_api.Dispute("du_1", status, buying.intent_of(payment))
    monkeypatch.setattr(stripe_api, "dispute", lambda dispute_id: told)
    payments.mirror_dispute("du_1")
    payment.refresh_from_db()
    assert payment.status == Payment.Status.PAID


def test_a_refund_without_a_payment_intent_is_none_of_ours(till: Till) -> None:
    refunds.mirror_all_of("")
    refunds.mirror_all_of(None)
    assert not Refund.objects.exists()
