"""The ledger beside Stripe's: that they agree, every way in which they may not, and what mending does."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing import payments, reconcile, refunds, rounds, stripe_api
from billing.models import Payment, Refund
from people.models import User
from tests.billing import buying
from tests.till import Till

pytestmark = pytest.mark.django_db
Reason = Refund.Reason


def looked() -> reconcile.Report:
    return reconcile.compare(timezone.now() - timedelta(days=30))


def words() -> list[str]:
    return [str(one) for one in looked().differences]


def told(*options: str) -> str:
    out = StringIO()
    call_command("reconcile", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def paid(till: Till, alice: User) -> Payment:
    return buying.paid(till, alice)


# They agree -----------------------------------------------------------------------------------------------------------


def test_a_day_of_business_agrees_to_the_kopeck(till: Till, alice: User, bob: User) -> None:
    for number in range(3):
        payment = buying.paid(till, alice)
        refunds.ask(payment, 1000 + number, Reason.STAFF)
    left = buying.opened(bob)
    payments.close(left)
    buying.opened(bob)
    late = buying.opened(bob)
    till.pay_later(buying.session_of(late))
    payments.fulfil(late)
    disputed = buying.paid(till, bob)
    till.dispute(buying.intent_of(disputed))
    payments.mirror_dispute(till.disputes()[0]["id"])
    by_hand = till.refund_by_hand(buying.intent_of(buying.paid(till, bob)))
    rounds.go_round()
    refunds.mirror(by_hand["id"])
    report = looked()
    assert report.agrees and not report.differences
    sums = report.sums["RUB"]
    assert sums.taken_here == sums.taken_there == sum(one["amount"] for one in till.payments()) == 5 * 9500
    assert sums.back_here == sums.back_there == 3003 + 9500
    assert "they agree" in told()


def test_an_empty_ledger_agrees(till: Till) -> None:
    assert looked().agrees
    assert told() == "0 payments, refunds and disputes were compared.\n"


def test_comparing_changes_nothing(till: Till, alice: User) -> None:
    payment = buying.opened(alice)
    till.pay(buying.session_of(payment))
    before = buying.ledger()
    assert not looked().agrees
    assert buying.ledger() == before


# What may differ, and what mends it -----------------------------------------------------------------------------------


def _paid_there(till: Till, payment: Payment) -> None:
    Payment.objects.update(status="pending", paid_at=None, is_fulfilled=False, intent_id=None)


def _expired_there(till: Till, payment: Payment) -> None:
    _paid_there(till, payment)
    fresh = buying.opened(payment.owner) if payment.owner else payment
    stripe_api.close_session(buying.session_of(fresh))
    payments.fulfil(payment)


def _open_there(till: Till, payment: Payment) -> None:
    assert payment.owner
    other = buying.opened(payment.owner)
    Payment.objects.filter(pk=other.pk).update(status="expired", session_id=None)


def _on_its_way(till: Till, payment: Payment) -> None:
    assert payment.owner
    till.pay_later(buying.session_of(buying.opened(payment.owner)))


def _given_back_there(till: Till, payment: Payment) -> None:
    till.refund_by_hand(buying.intent_of(payment))


def _refund_arrived(till: Till, payment: Payment) -> None:
    till.trouble(refunds="pending")
    refunds.send(refunds.ask(payment, 1000, Reason.STAFF))
    till.settle_refund(till.refunds()[0]["id"])


def _refund_came_back(till: Till, payment: Payment) -> None:
    refunds.send(refunds.ask(payment, 1000, Reason.STAFF))
    till.fail_refund(till.refunds()[0]["id"])


def _answer_lost(till: Till, payment: Payment) -> None:
    refund = refunds.ask(payment, 1000, Reason.STAFF)
    stripe_api.refund(refund.key, buying.intent_of(payment), 1000)


def _not_sent(till: Till, payment: Payment) -> None:
    refunds.ask(payment, 1000, Reason.STAFF)
    Refund.objects.update(created_at=timezone.now() - timedelta(hours=1))


def _disputed_there(till: Till, payment: Payment) -> None:
    till.dispute(buying.intent_of(payment))


def _won_there(till: Till, payment: Payment) -> None:
    till.dispute(buying.intent_of(payment))
    payments.mirror_dispute(till.disputes()[0]["id"])
    till.won(buying.intent_of(payment))


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (_paid_there, "paid at Stripe, pending here"),
        (_expired_there, "expired without money at Stripe, still waited for here"),
        (_open_there, "can still be paid at Stripe, expired here"),
        (_on_its_way, "the money is on its way, which is unknown here"),
        (_given_back_there, "9500 given back at Stripe, unknown here"),
        (_refund_arrived, "succeeded at Stripe, requested here"),
        (_refund_came_back, "failed at Stripe, done here"),
        (_answer_lost, "succeeded at Stripe, requested here"),
        (_not_sent, "asked for, and not sent to Stripe yet"),
        (_disputed_there, "disputed at Stripe (needs_response), not here"),
        (_won_there, "the dispute is won at Stripe, open here"),
    ],
)
def test_what_stripe_knows_better_is_mended(
    till: Till, paid: Payment, happens: Callable[[Till, Payment], None], said: str
) -> None:
    happens(till, paid)
    assert [one for one in words() if one.endswith(said)]
    with pytest.raises(CommandError):
        told()
    printed = told("--mend")
    assert "mended: " in printed and said in printed and "they agree" in printed
    assert looked().agrees


def _dearer(till: Till, payment: Payment) -> None:
    Payment.objects.update(amount_minor=payment.amount_minor + 1)


def _other_currency(till: Till, payment: Payment) -> None:
    Payment.objects.update(currency="EUR")


def _other_mode(till: Till, payment: Payment) -> None:
    Payment.objects.update(is_live=True)


def _paid_here_only(till: Till, payment: Payment) -> None:
    assert payment.owner
    other = buying.opened(payment.owner)
    Payment.objects.filter(pk=other.pk).update(status="paid", paid_at=timezone.now(), intent_id="pi_1")


def _no_such_session(till: Till, payment: Payment) -> None:
    Payment.objects.update(session_id="cs_test_nowhere")
    till.empty()


def _without_session(till: Till, payment: Payment) -> None:
    Payment.objects.update(session_id=None)
    till.empty()


def _forgotten(till: Till, payment: Payment) -> None:
    payment.delete()


def _other_intent(till: Till, payment: Payment) -> None:
    Payment.objects.update(intent_id="pi_other")


def _refund_smaller_here(till: Till, payment: Payment) -> None:
    refunds.send(refunds.ask(payment, 1000, Reason.STAFF))
    Refund.objects.update(amount_minor=900)


def _refund_failed_here(till: Till, payment: Payment) -> None:
    refunds.send(refunds.ask(payment, 1000, Reason.STAFF))
    Refund.objects.update(status="failed")


def _no_such_refund(till: Till, payment: Payment) -> None:
    refunds.ask(payment, 1000, Reason.STAFF)
    Refund.objects.update(status="done", stripe_id="re_nowhere", ended_at=timezone.now())


def _done_unasked(till: Till, payment: Payment) -> None:
    refunds.ask(payment, 1000, Reason.STAFF)
    Refund.objects.update(status="done", ended_at=timezone.now())


def _no_such_dispute(till: Till, payment: Payment) -> None:
    Payment.objects.update(status="disputed")


def _counted_wrong(till: Till, payment: Payment) -> None:
    Payment.objects.update(refunded_minor=1)


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (_dearer, "9500 RUB minor units at Stripe, 9501 RUB minor units here"),
        (_other_currency, "9500 RUB minor units at Stripe, 9500 EUR minor units here"),
        (_other_mode, "real money on one side, practice on the other"),
        (_paid_here_only, "paid here, and not paid at Stripe: its session is open"),
        (_no_such_session, "paid here; Stripe: "),
        (_without_session, "paid here without a session"),
        (_forgotten, "Stripe took 9500 RUB minor units for it, and it is unknown here"),
        (_other_intent, "at Stripe, by pi_other here"),
        (_refund_smaller_here, "1000 minor units at Stripe, 900 here"),
        (_refund_failed_here, "succeeded at Stripe, failed here"),
        (_no_such_refund, "done here; Stripe: "),
        (_done_unasked, "done here, and Stripe was never asked"),
        (_no_such_dispute, "disputed here, and Stripe knows of no dispute"),
        (_counted_wrong, "1 minor units given back by its own count, 0 by its refunds"),
    ],
)
def test_what_only_a_person_can_decide_is_told_and_left(
    till: Till, paid: Payment, happens: Callable[[Till, Payment], None], said: str
) -> None:
    happens(till, paid)
    before = buying.ledger()
    assert [one for one in words() if said in one]
    out = StringIO()
    with pytest.raises(CommandError, match="differ"):
        call_command("reconcile", "--mend", stdout=out)
    assert "for a person" in out.getvalue()
    assert buying.ledger() == before


def test_what_others_sell_on_the_same_account_is_none_of_our_business(till: Till, paid: Payment) -> None:
    session = _foreign()
    till.pay(session.id)
    till.refund_by_hand(str(till.session(session.id)["payment_intent"]))
    assert looked().agrees


def _foreign() -> stripe_api.Session:
    landing = {"success_url": buying.SITE, "cancel_url": buying.SITE, "mode": "payment"}
    price: dict[str, Any] = {"currency": "rub", "unit_amount": 7000, "product_data": {"name": "A cup"}}
    asked: dict[str, Any] = {**landing, "line_items": [{"price_data": price, "quantity": 1}]}
    return stripe_api._session(stripe_api._ask(lambda client: client.v1.checkout.sessions.create(asked)))  # type: ignore[arg-type]


def test_two_refunds_at_stripe_for_one_of_ours_are_seen(till: Till, paid: Payment) -> None:
    """As by a sender that asked twice with different idempotency keys."""
    refund = refunds.ask(paid, 1000, Reason.STAFF)
    refunds.send(refund)
    params: Any = {"payment_intent": buying.intent_of(paid), "amount": 1000, "metadata": {"refund": refund.key}}
    stripe_api._ask(lambda client: client.v1.refunds.create(params))
    assert [one for one in words() if one.endswith("1000 given back at Stripe, unknown here")]
    assert "they agree" in told("--mend")


def test_what_is_older_than_asked_for_is_not_looked_at(till: Till, paid: Payment) -> None:
    _dearer(till, paid)
    till.trouble(clock=3 * 24 * 3600)
    report = reconcile.compare(timezone.now() + timedelta(days=2))
    assert (report.looked_at, report.differences) == (0, [])


def test_news_on_its_way_is_looked_at_twice(till: Till, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitor pays and the webhook comes between Stripe's list and our look."""
    payment = buying.opened(alice)
    stale = list(stripe_api.sessions_since(timezone.now() - timedelta(days=1)))
    till.pay(buying.session_of(payment))
    payments.fulfil(payment)
    monkeypatch.setattr(stripe_api, "sessions_since", lambda since: iter(stale))
    assert looked().agrees


def test_away_is_another_exit_status(till: Till) -> None:
    till.trouble(api="500")
    with pytest.raises(CommandError) as told_error:
        told()
    assert told_error.value.returncode == 2


@pytest.mark.parametrize("days", ["0", "-1", "many", "1.5", "٣"])
def test_days_are_a_number(till: Till, days: str) -> None:
    with pytest.raises(CommandError, match="days"):
        told(f"--days={days}")


def test_many_are_read_by_pages_and_asked_for_in_few_questions(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    for _number in range(6):
        refunds.send(refunds.ask(buying.paid(till, alice), 500, Reason.STAFF))
    monkeypatch.setattr(reconcile, "AT_ONCE", 4)
    calls = buying.count_calls(monkeypatch, "session")
    with django_assert_max_num_queries(12):
        assert looked().agrees
    assert calls == [], "what agrees is not asked for one by one"
