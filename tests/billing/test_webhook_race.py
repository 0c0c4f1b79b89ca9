"""However many tell of the same money at once, it is honoured once; with the guard off, more than once."""

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import payments, rounds, stripe_api
from billing.models import Payment
from stylize import dispatch, housekeeping, jobs
from stylize.models import Job
from tests import make, together
from tests.billing import buying
from tests.till import Till

EVENTS, DELIVERIES = 5, 50
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _all_through(monkeypatch: pytest.MonkeyPatch) -> None:
    buying.let_all_through(monkeypatch)


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What each attempt to let a job into the line was answered."""
    answers: list[bool] = []
    release = jobs.release

    def noted(job: Job) -> bool:
        answers.append(release(job))
        return answers[-1]

    monkeypatch.setattr(jobs, "release", noted)
    return answers


def completed(till: Till, payment: Payment) -> dict[str, Any]:
    till.pay(buying.session_of(payment))
    found = till.events("checkout.session.completed")
    return next(event for event in found if event["data"]["object"]["id"] == payment.session_id)


@pytest.mark.usefixtures("_all_through")
def test_5_events_delivered_50_times_each_at_once_are_5_fulfilments(
    till: Till, releases: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    wakes = buying.count_wakes(monkeypatch)
    owner = make.user("alice")
    bought = [buying.opened(owner) for _event in range(EVENTS)]
    signed = [till.signed(completed(till, payment)) for payment in bought]
    for told in signed:
        answers = together.at_once([partial(buying.post, *told)] * DELIVERIES)
        assert {answer.status_code for answer in answers} == {200}
    assert releases == [True] * EVENTS
    assert len(wakes) == EVENTS
    assert Payment.objects.filter(status=Payment.Status.PAID, is_fulfilled=True).count() == EVENTS
    assert Job.objects.filter(status=Job.Status.QUEUED).count() == EVENTS


@pytest.mark.usefixtures("_all_through")
def test_5_events_mixed_are_5_fulfilments(till: Till, releases: list[bool]) -> None:
    owner = make.user("alice")
    signed = [till.signed(completed(till, buying.opened(owner))) for _event in range(EVENTS)]
    answers = together.at_once([partial(buying.post, *told) for told in signed * 10])
    assert {answer.status_code for answer in answers} == {200}
    assert releases == [True] * EVENTS


LOOKED = threading.Barrier(2)


def naive_pay(payment: Payment, told: stripe_api.Session) -> None:
    """Check, then act: what one writes who has one thread."""
    found = Payment.objects.select_related("job").get(pk=payment.pk)
    if found.status != Payment.Status.PAID:
        with contextlib.suppress(threading.BrokenBarrierError):
            LOOKED.wait(timeout=10)  # two look before either writes
        found.status, found.paid_at = Payment.Status.PAID, timezone.now()
        assert found.job
        jobs.release(found.job)
        dispatch.wake()
        found.save()


@pytest.mark.usefixtures("_all_through")
def test_control_check_then_act_fulfils_one_event_more_than_once(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    wakes = buying.count_wakes(monkeypatch)
    monkeypatch.setattr(payments, "_pay", naive_pay)
    monkeypatch.setattr(jobs, "release", lambda job: True)
    told = till.signed(completed(till, buying.opened(make.user("alice"))))
    together.at_once([partial(buying.post, *told)] * DELIVERIES)
    assert len(wakes) > 1


# Different news of one thing -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_all_through")
@pytest.mark.parametrize("_round", range(3))
def test_events_landing_pages_and_sweeps_of_one_payment_at_once_are_one_fulfilment(
    till: Till, releases: list[bool], monkeypatch: pytest.MonkeyPatch, _round: int
) -> None:
    wakes = buying.count_wakes(monkeypatch)
    alice = make.user("alice")
    payment = buying.opened(alice)
    till.pay_later(buying.session_of(payment))
    till.arrive(buying.session_of(payment))
    Payment.objects.update(look_at=payment.created_at)
    client = Client(SERVER_NAME="localhost")
    client.force_login(alice)
    events = [till.signed(event) for event in till.events() if event["type"].startswith("checkout.session")]
    assert len(events) == 2  # completed, and the money arrived
    back = reverse("billing:back", args=[payment.key])
    actions: list[Callable[[], object]] = [
        *[partial(buying.post, *told) for told in events * 4],
        *[partial(client.get, back)] * 4,
        *[rounds.look_due] * 4,
        *[partial(payments.fulfil, payment)] * 4,
    ]
    together.at_once(actions)
    assert (releases, len(wakes)) == ([True], 1)
    assert buying.job_of(payment).status == Job.Status.QUEUED


# At the same moment --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("_round", range(5))
def test_cancelled_and_paid_at_the_same_moment_it_is_refunded_in_full(till: Till, _round: int) -> None:
    payment = buying.opened(make.user("alice"))
    job, told = buying.job_of(payment), till.signed(completed(till, payment))
    together.at_once([partial(jobs.cancel, job, seen=0), partial(buying.post, *told), partial(buying.post, *told)])
    rounds.go_round()
    payment.refresh_from_db()
    assert buying.job_of(payment).status == Job.Status.CANCELLED
    assert (payment.kept_minor, len(till.refunds())) == (0, 1)


@pytest.mark.parametrize("_round", range(5))
def test_deleted_and_paid_at_the_same_moment_it_is_refunded_in_full(till: Till, _round: int) -> None:
    payment = buying.opened(make.user("alice"))
    job, told = buying.job_of(payment), till.signed(completed(till, payment))

    def delete() -> None:
        jobs.cancel(job, seen=0)
        housekeeping.delete_job(job)

    actions: list[Callable[[], object]] = [delete, partial(buying.post, *told), partial(buying.post, *told)]
    together.at_once(actions)
    rounds.go_round()
    payment.refresh_from_db()
    assert not Job.objects.exists()
    assert (payment.kept_minor, len(till.refunds())) == (0, 1)


# 'Pay', twice --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_all_through")
def test_pay_pressed_8_times_at_once_opens_one_session_and_shows_it_to_all(till: Till) -> None:
    job = make.job(make.user("alice"), tier="hd", iterations=300)
    begun = together.at_once([partial(payments.begin, job, return_to=buying.SITE)] * 8)
    assert len({payment.session_url for payment in begun}) == 1
    assert len(till.sessions()) == Payment.objects.count() == 1


def test_the_second_waits_while_stripe_answers_the_first(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe tells who comes with the key of a call that it is still answering to come later: 409."""
    job = make.job(make.user("alice"), tier="hd", iterations=300)
    opened, tries = stripe_api.open_session, iter([True, True])

    def busy_at_first(purchase: stripe_api.Purchase) -> stripe_api.Session:
        if next(tries, False):
            raise stripe_api.Busy("409")
        return opened(purchase)

    monkeypatch.setattr(payments, "BUSY_S", 0)
    monkeypatch.setattr(stripe_api, "open_session", busy_at_first)
    assert payments.begin(job, return_to=buying.SITE).session_id


@pytest.mark.usefixtures("_all_through")
def test_control_without_the_lock_and_the_constraint_there_is_more_than_one_session(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Look, then make; the constraint turns the second into an error, and here it is what shows the race."""
    looking = threading.Barrier(8)

    def unlocked(job: Job) -> Job:
        return Job.objects.get(pk=job.pk)

    made = Payment.objects.create

    def all_have_looked(**fields: Any) -> Payment:
        looking.wait(timeout=30)
        return made(**fields)

    monkeypatch.setattr(payments, "_locked", unlocked)
    monkeypatch.setattr(Payment.objects, "create", all_have_looked)
    job = make.job(make.user("alice"), tier="hd", iterations=300)

    def one() -> bool:
        try:
            return bool(payments.begin(job, return_to=buying.SITE))
        except IntegrityError:
            return False

    assert sorted(together.at_once([one] * 8)) == [False] * 7 + [True]
