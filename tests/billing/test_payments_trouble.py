"""Stripe hangs, breaks or is away while somebody pays: the order waits, and the same session comes of the next try."""

import contextlib
import threading
import time
from dataclasses import replace

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from billing import payments, purchases, stripe_api
from billing.models import Payment
from people.models import User
from stylize.models import Job
from tests import make, together
from tests.billing import buying
from tests.till import Till

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(alice: User, client: Client) -> Job:
    client.defaults["SERVER_NAME"] = "localhost"
    return make.job(alice, tier="hd", iterations=300)


def pay(job: Job) -> str:
    return reverse("billing:pay", args=[job.key])


@pytest.mark.parametrize("trouble", ["500", "500-after", "429", "away", "hang", "hang-after"])
def test_the_order_waits_and_the_same_key_brings_the_same_session(
    till: Till, as_alice: Client, job: Job, settings: LazySettings, trouble: str
) -> None:
    settings.STRIPE_TIMEOUT_S = 0.5
    till.trouble(api=trouble)
    page = as_alice.post(pay(job), follow=True)
    assert page.redirect_chain == [(reverse("stylize:job", args=[job.key]), 302)]
    assert "does not answer" in page.content.decode()
    job.refresh_from_db()
    assert (job.status, Payment.objects.get().status) == (Job.Status.UNPAID, Payment.Status.PENDING)
    till.calm()
    answer = as_alice.post(pay(job))
    payment = Payment.objects.get()
    assert answer.headers["Location"] == payment.session_url
    assert [session["id"] for session in till.sessions()] == [payment.session_id]


def test_control_without_a_key_a_lost_answer_leaves_two_sessions(
    till: Till, as_alice: Client, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    purchase, numbers = purchases.of, iter(range(9))

    def with_another_key_each_time(payment: Payment) -> stripe_api.Purchase:
        return replace(purchase(payment), payment_key=f"{payment.key}{next(numbers)}")

    monkeypatch.setattr(purchases, "of", with_another_key_each_time)
    till.trouble(api="500-after")
    as_alice.post(pay(job))
    till.calm()
    as_alice.post(pay(job))
    assert len(till.sessions()) == 2


def test_what_stripe_refuses_is_told_to_staff_and_can_be_tried_again(
    till: Till, as_alice: Client, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    Payment.objects.all().delete()
    Job.objects.filter(pk=job.pk).update(amount_minor=100)  # less than a card can be charged with
    page = as_alice.post(pay(job), follow=True)
    assert "could not be opened" in page.content.decode()
    failed = Payment.objects.get()
    assert (failed.status, "at least" in failed.trouble) == (Payment.Status.FAILED, True)
    Job.objects.filter(pk=job.pk).update(amount_minor=job.amount_minor)
    assert as_alice.post(pay(job)).headers["Location"].startswith(till.url)


def test_the_landing_page_waits_for_stripe_to_come_back(till: Till, as_alice: Client, alice: User, job: Job) -> None:
    payment = payments.begin(job, return_to=buying.SITE)
    till.pay(buying.session_of(payment))
    till.trouble(api="500")
    back = reverse("billing:back", args=[payment.key])
    assert "being checked" in as_alice.get(back, follow=True).content.decode()
    assert buying.job_of(payment).status == Job.Status.UNPAID
    till.calm()
    as_alice.get(back)
    assert buying.job_of(payment).status == Job.Status.QUEUED


@pytest.mark.django_db(transaction=True)
def test_a_stripe_that_hangs_holds_as_many_threads_as_may_call_and_nobody_for_long(
    till: Till, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STRIPE_TIMEOUT_S = 3
    monkeypatch.setattr(stripe_api, "QUEUE_S", 0.2)
    payment = buying.opened(make.user("alice"))
    till.trouble(api="hang")
    took: list[float] = []

    def ask() -> None:
        begun = time.monotonic()
        with contextlib.suppress(stripe_api.Away):
            payments.fulfil(payment)
        took.append(time.monotonic() - begun)

    threading.Timer(1.5, till.calm).start()
    together.at_once([ask] * (stripe_api.CALLS + 6))
    assert sum(seconds > 1 for seconds in took) == stripe_api.CALLS
    assert settings.WEB_THREADS > stripe_api.CALLS
