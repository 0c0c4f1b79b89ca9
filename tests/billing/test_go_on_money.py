"""Going on from a finished picture: the difference is charged, and what of it was not painted is given back."""

import uuid

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from billing import payments
from billing.models import Payment, Refund
from people.models import User
from stylize import jobs, keepsakes, runs, tiers
from stylize.models import Frame, Job
from tests import make
from tests.billing import buying
from tests.till import Till
from tests.worker.fake_engine import FakeEngine
from worker import kiln

Reason = Refund.Reason
pytestmark = pytest.mark.django_db(transaction=True)


def price(iterations: int) -> int:
    return tiers.HD.price_minor(iterations, "RUB")


@pytest.fixture
def first(till: Till, alice: User) -> Payment:
    """300 iterations, paid and painted."""
    payment = buying.paid(till, alice, photo=make.upload(alice, make.picture(200, 150)))
    job = buying.delivered(payment)
    Frame.objects.create(job=job, iteration=300, file=keepsakes.store_frame(make.picture(200, 150), job.fence))
    return payment


@pytest.fixture
def more(till: Till, first: Payment, as_alice: Client) -> Payment:
    """From there to 1000, paid."""
    form = {"iterations": "1000", "form_token": str(uuid.uuid4())}
    as_alice.post(reverse("stylize:on", args=[first.job_key]), form)
    payment = payments.begin(Job.objects.exclude(key=first.job_key).get(), return_to=buying.SITE)
    till.pay(buying.session_of(payment))
    return payments.fulfil(payment)


def test_the_difference_is_charged_and_both_together_cost_what_one_would(
    till: Till, first: Payment, more: Payment
) -> None:
    assert more.is_fulfilled
    assert first.amount_minor + more.amount_minor == price(1000)
    assert sorted(intent["amount"] for intent in till.payments()) == sorted([price(300), price(1000) - price(300)])


def test_cancelled_before_it_was_begun_the_difference_is_given_back(till: Till, first: Payment, more: Payment) -> None:
    assert jobs.cancel(buying.job_of(more), seen=0)
    assert buying.settled_for_good(more, till) == [(price(1000) - price(300), Reason.CANCELLED)]
    assert buying.settled_for_good(first, till) == []


@pytest.mark.parametrize("seen", [0, 300, 301, 700])
def test_cancelled_while_running_the_rest_of_the_difference_is_given_back(till: Till, more: Payment, seen: int) -> None:
    assert jobs.cancel(buying.claimed(more), seen=seen)
    rest = price(1000) - tiers.HD.worth_minor(max(seen, 300), "RUB")
    assert buying.settled_for_good(more, till) == [(rest, Reason.STOPPED)]


def test_finished_early_by_the_kiln_the_rest_of_the_difference_is_given_back(
    till: Till, more: Payment, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BEAT_S = 0.02
    fake = FakeEngine()
    monkeypatch.setattr(kiln.engine, "stylise", fake)
    monkeypatch.setattr(kiln.dispatch, "wake", lambda: None)

    def enough(step: int) -> None:
        if step == 20:
            assert runs.want_end(buying.job_of(more))
        kiln.time.sleep(0.01)

    fake.before_step = enough
    kiln.paint_next("test", lambda: False)
    done = buying.job_of(more).iterations_done
    assert done is not None and 320 <= done < 1000
    rest = price(1000) - tiers.HD.worth_minor(done, "RUB")
    assert buying.settled_for_good(more, till) == [(rest, Reason.EARLY)]


def test_it_failed_the_difference_is_given_back_and_the_first_is_kept(
    till: Till, first: Payment, more: Payment
) -> None:
    jobs.fail(buying.claimed(more), Job.Failure.NO_START)
    assert buying.settled_for_good(more, till) == [(price(1000) - price(300), Reason.FAILED)]
    assert buying.settled_for_good(first, till) == []
