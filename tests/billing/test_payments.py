"""Paying: one session a job, the truth from Stripe, and nothing believed that does not fit."""

import logging
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import payments, refunds, rounds, stripe_api
from billing.models import Payment, Refund
from people.models import User
from stylize import jobs, tiers
from stylize.models import Job
from tests import make
from tests.billing import buying
from tests.till import Till

Status = Payment.Status
pytestmark = pytest.mark.django_db


def pay(job: Job) -> str:
    return reverse("billing:pay", args=[job.key])


def back(payment: Payment) -> str:
    return reverse("billing:back", args=[payment.key])


@pytest.fixture(autouse=True)
def _at_an_address_that_stripe_takes(client: Client) -> None:
    client.defaults["SERVER_NAME"] = "localhost"


def unpaid(owner: User) -> Job:
    return make.job(owner, tier="hd", iterations=300)


# Paying ---------------------------------------------------------------------------------------------------------------


def test_what_is_charged_is_what_the_job_costs(till: Till, as_alice: Client, alice: User) -> None:
    job = unpaid(alice)
    answer = as_alice.post(pay(job))
    payment = Payment.objects.get()
    assert answer.headers["Location"] == payment.session_url
    session = till.session(buying.session_of(payment))
    price = tiers.HD.price_minor(300, "RUB")
    assert (session["amount_total"], session["currency"]) == (price, "rub")
    assert (payment.amount_minor, payment.currency, payment.status) == (price, "RUB", Status.PENDING)


def test_a_price_in_the_form_is_not_looked_at(till: Till, as_alice: Client, alice: User) -> None:
    as_alice.post(pay(unpaid(alice)), {"amount_minor": "1", "price": "1", "currency": "usd", "iterations": "1"})
    assert [session["amount_total"] for session in till.sessions()] == [tiers.HD.price_minor(300, "RUB")]


def test_control_a_desk_that_reads_the_form_charges_what_it_says(
    till: Till, as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = payments.begin

    def believing(job: Job, *, return_to: str) -> Payment:
        Job.objects.filter(pk=job.pk).update(amount_minor=5000)  # as the form said
        return begin(job, return_to=return_to)

    monkeypatch.setattr(payments, "begin", believing)
    as_alice.post(pay(unpaid(alice)), {"amount_minor": "5000"})
    assert [session["amount_total"] for session in till.sessions()] != [tiers.HD.price_minor(300, "RUB")]


def test_the_price_is_that_of_the_order_although_the_table_has_changed_since(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = unpaid(alice)
    monkeypatch.setattr(tiers.Tier, "price_minor", lambda *given: 99900)
    payment = payments.begin(job, return_to=buying.SITE)
    assert payment.amount_minor == job.amount_minor != 99900


def test_paid_the_job_joins_the_line_and_the_landing_page_shows_it(till: Till, as_alice: Client, alice: User) -> None:
    payment = buying.opened(alice)
    till.pay(buying.session_of(payment), email="payer@example.org")
    answer = as_alice.get(back(payment))
    assert answer.headers["Location"] == reverse("stylize:job", args=[payment.job_key])
    payment.refresh_from_db()
    assert (payment.status, payment.is_fulfilled, payment.email) == (Status.PAID, True, "payer@example.org")
    assert buying.job_of(payment).status == Job.Status.QUEUED


def test_the_landing_page_proves_nothing(till: Till, as_alice: Client, alice: User) -> None:
    payment = buying.opened(alice)
    as_alice.get(back(payment), {"session_id": "cs_test_made_up", "paid": "1"})
    payment.refresh_from_db()
    assert (payment.status, buying.job_of(payment).status) == (Status.PENDING, Job.Status.UNPAID)


def test_a_paid_session_of_another_payment_pays_for_nothing_on_the_landing_page(
    till: Till, as_alice: Client, alice: User, bob: User
) -> None:
    mine, other = buying.opened(alice), buying.opened(bob)
    till.pay(buying.session_of(other))
    as_alice.get(back(mine), {"session_id": buying.session_of(other)})
    mine.refresh_from_db()
    assert (mine.status, buying.job_of(mine).status) == (Status.PENDING, Job.Status.UNPAID)


@pytest.mark.parametrize("key", ["x" * 20, "A" * 20, "made-up_key-of-mine20"])
def test_a_forged_payment_key_is_a_404(till: Till, as_alice: Client, key: str) -> None:
    assert as_alice.get(f"/payments/{key}/back").status_code == 404


def test_control_a_landing_page_that_trusts_its_address_lets_the_unpaid_in(till: Till, alice: User) -> None:
    """What `back` would do without asking Stripe."""
    payment = buying.opened(alice)
    assert jobs.release(buying.job_of(payment))
    assert not till.payments()


@pytest.mark.parametrize("differs", ["amount", "currency", "mode", "key"])
def test_what_differs_from_ours_pays_for_nothing_and_is_told(
    till: Till, alice: User, bob: User, settings: LazySettings, caplog: pytest.LogCaptureFixture, differs: str
) -> None:
    payment = buying.opened(alice)
    till.pay(buying.session_of(payment))
    if differs == "key":
        other = buying.opened(bob)
        Payment.objects.filter(pk=other.pk).update(session_id=None)
        Payment.objects.filter(pk=payment.pk).update(session_id=other.session_id)
    else:
        other_words: dict[str, dict[str, Any]] = {
            "amount": {"amount_minor": 4900}, "currency": {"currency": "EUR"}, "mode": {"is_live": True},
        }  # fmt: skip
        Payment.objects.filter(pk=payment.pk).update(**other_words[differs])
    payment.refresh_from_db()
    with caplog.at_level(logging.CRITICAL), pytest.raises(payments.Mismatch):
        payments.fulfil(payment)
    payment.refresh_from_db()
    assert (payment.status, payment.is_fulfilled) == (Status.PENDING, False)
    assert buying.job_of(payment).status == Job.Status.UNPAID
    assert "Stripe's session" in payment.trouble
    assert any(record.levelno == logging.CRITICAL for record in caplog.records)
    assert rounds.look_due() == 0  # it stops no other


def test_control_a_desk_that_compares_nothing_is_paid_with_any_sum(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "_compare", lambda payment, told: None)
    payment = buying.opened(alice)
    Payment.objects.filter(pk=payment.pk).update(amount_minor=99900)
    till.pay(buying.session_of(payment))
    assert payments.fulfil(payment).is_fulfilled


# Twice ----------------------------------------------------------------------------------------------------------------


def test_pay_again_is_sent_to_the_same_page(till: Till, as_alice: Client, alice: User) -> None:
    job = unpaid(alice)
    assert as_alice.post(pay(job)).headers["Location"] == as_alice.post(pay(job)).headers["Location"]
    assert len(till.sessions()) == Payment.objects.count() == 1


def test_once_it_is_paid_there_is_nothing_to_pay(till: Till, as_alice: Client, alice: User) -> None:
    payment = buying.opened(alice)
    till.pay(buying.session_of(payment))
    page = as_alice.post(pay(buying.job_of(payment)), follow=True)
    assert "Nothing has to be paid" in page.content.decode()
    assert (buying.job_of(payment).status, len(till.sessions())) == (Job.Status.QUEUED, 1)


def test_after_a_session_has_expired_there_is_a_new_one(till: Till, alice: User) -> None:
    first = buying.opened(alice)
    stripe_api.close_session(buying.session_of(first))
    second = payments.begin(buying.job_of(first), return_to=buying.SITE)
    first.refresh_from_db()
    assert first.status == Status.EXPIRED
    assert second.pk != first.pk
    till.pay(buying.session_of(second))
    assert payments.fulfil(second).is_fulfilled


def test_a_second_paid_session_is_refunded_by_itself(till: Till, alice: User) -> None:
    """We thought that the first had expired; the visitor had two windows open and paid in both."""
    first = buying.opened(alice)
    Payment.objects.filter(pk=first.pk).update(status=Status.EXPIRED)
    second = payments.begin(buying.job_of(first), return_to=buying.SITE)
    for payment in (first, second):
        till.pay(buying.session_of(payment))
        payments.of_session(buying.session_of(payment))
    rounds.go_round()
    first.refresh_from_db()
    second.refresh_from_db()
    assert [first.is_fulfilled, second.is_fulfilled] == [True, False]
    assert [first.kept_minor, second.kept_minor] == [first.amount_minor, 0]
    assert [refund["status"] for refund in till.refunds()] == ["succeeded"]
    assert buying.owed(second) == [(second.amount_minor, Refund.Reason.LATE)]
    assert jobs.claim_next("test") and jobs.claim_next("test") is None


def test_a_session_that_stripe_does_not_know_any_more_makes_room_for_a_new_one(till: Till, alice: User) -> None:
    first = buying.opened(alice)
    till.empty()
    second = payments.begin(buying.job_of(first), return_to=buying.SITE)
    first.refresh_from_db()
    assert (first.status, "No such" in first.trouble) == (Status.EXPIRED, True)
    assert till.session(buying.session_of(second))["status"] == "open"


def test_test_money_and_real_money_never_meet(till: Till, alice: User, settings: LazySettings) -> None:
    """After the site has gone live an order of before is paid with real money, through a session of its own."""
    first = buying.opened(alice)
    Payment.objects.filter(pk=first.pk).update(is_live=True)
    second = payments.begin(buying.job_of(first), return_to=buying.SITE)
    first.refresh_from_db()
    assert (first.status, second.is_live) == (Status.EXPIRED, False)
    assert Payment.objects.of_this_mode().get() == second


@pytest.mark.parametrize("status", Status.values)
def test_no_status_is_left_but_as_the_table_says(alice: User, status: str) -> None:
    """Whatever a payment is, a word that is not in the table of moves changes nothing."""
    job = unpaid(alice)
    made = Payment.objects.create(
        owner=alice, job=job, job_key=job.key, tier="hd", iterations=300, amount_minor=5000, currency="RUB",
        is_live=False, expires_at=timezone.now(), return_to=buying.SITE, status=status, paid_at=timezone.now(),
    )  # fmt: skip
    for to in payments.MOVES:
        assert payments._move(made, to) is (status in payments.MOVES[to])
        Payment.objects.filter(pk=made.pk).update(status=status)


def test_a_disputed_payment_is_not_given_back_by_hand(till: Till, alice: User) -> None:
    payment = buying.paid(till, alice)
    till.dispute(buying.intent_of(payment))
    payments.mirror_dispute(till.disputes()[0]["id"])
    with pytest.raises(refunds.TooMuch):
        refunds.ask(payment, 100, Refund.Reason.STAFF)
