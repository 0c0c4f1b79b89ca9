"""The sweep: what nobody tells of is found, soon and without asking Stripe for everything all the time."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from billing import payments, rounds, stripe_api, tasks
from billing.models import Payment, Refund
from people.models import User
from stylize import jobs
from stylize.models import Job
from tests import make
from tests.billing import buying
from tests.till import Till

BEAT = timedelta(seconds=5)
Status = Payment.Status
Round = Callable[[], object]
pytestmark = pytest.mark.django_db


def go_on_for(clock: buying.Clock, time: timedelta, step: timedelta = BEAT, *, what: Round = rounds.go_round) -> None:
    """Rounds, as beat rings for them."""
    for _round in range(time // step):
        clock.forward(step)
        what()


@pytest.mark.parametrize("paid_after_s", [10, 600, 12 * 3600])
def test_with_every_webhook_dropped_a_paid_order_is_fulfilled_within_10_minutes(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch, paid_after_s: int
) -> None:
    clock = buying.Clock(monkeypatch)
    till.trouble(webhooks="drop")
    payment = buying.opened(alice)
    # coarse rounds until it is paid, at the worst moment: right after a look
    go_on_for(clock, timedelta(seconds=paid_after_s), timedelta(seconds=max(10, paid_after_s // 20)))
    till.pay(buying.session_of(payment))
    waited = timedelta(0)
    while not Payment.objects.get().is_fulfilled:
        go_on_for(clock, BEAT)
        waited += BEAT
        assert waited <= timedelta(minutes=10)
    assert buying.job_of(payment).status == Job.Status.QUEUED


def test_control_without_the_sweep_it_is_not_fulfilled(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "look_due", lambda: 0)
    clock = buying.Clock(monkeypatch)
    payment = buying.opened(alice)
    till.pay(buying.session_of(payment))
    go_on_for(clock, timedelta(hours=1), timedelta(minutes=4))
    assert not Payment.objects.get().is_fulfilled


def test_open_sessions_are_asked_after_ever_more_seldom(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = buying.Clock(monkeypatch)
    for _session in range(3):
        buying.opened(alice)
    calls = buying.count_calls(monkeypatch, "session")
    go_on_for(clock, timedelta(minutes=5), what=rounds.look_due)  # 60 rounds
    assert 3 * 3 <= len(calls) <= 3 * 5
    calls.clear()
    clock.forward(timedelta(hours=1))
    go_on_for(clock, timedelta(minutes=16), what=rounds.look_due)
    assert len(calls) <= 3 * 4


def test_what_is_paid_or_has_ended_is_not_asked_after(till: Till, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = buying.Clock(monkeypatch)
    buying.paid(till, alice)
    stripe_api.close_session(buying.session_of(payments.fulfil(buying.opened(alice))))
    go_on_for(clock, timedelta(minutes=2), timedelta(seconds=30))
    calls = buying.count_calls(monkeypatch, "session")
    go_on_for(clock, timedelta(hours=3), timedelta(minutes=1), what=rounds.look_due)
    assert Payment.objects.filter(status=Status.EXPIRED).count() == 1
    assert not calls


def test_one_that_stripe_will_not_tell_of_stops_no_other(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, good = buying.opened(alice), buying.opened(alice)
    till.pay(buying.session_of(good))
    look = stripe_api.session

    def refuse(session_id: str) -> stripe_api.Session:
        if session_id == odd.session_id:
            raise stripe_api.Refused("no", "odd")
        return look(session_id)

    monkeypatch.setattr(stripe_api, "session", refuse)
    buying.Clock(monkeypatch).forward(timedelta(minutes=2))
    assert rounds.look_due() == 1


@pytest.mark.parametrize("trouble", ["500", "429", "away"])
def test_while_stripe_is_away_what_needs_none_goes_on(till: Till, alice: User, trouble: str) -> None:
    payment = buying.paid(till, alice)
    assert jobs.cancel(buying.job_of(payment), seen=0)
    till.trouble(api=trouble)
    assert rounds.go_round()["settled"] == 1
    assert Refund.objects.get().status == Refund.Status.REQUESTED


def test_a_session_that_nobody_was_told_of_is_given_up_and_makes_room(
    till: Till, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe repeats some errors for a key for a day: who tries again after a while has a new key."""
    clock = buying.Clock(monkeypatch)
    job = make.job(alice, tier="hd", iterations=300)
    till.trouble(api="500-kept")
    with pytest.raises(stripe_api.Away):
        payments.begin(job, return_to=buying.SITE)
    till.calm()
    with pytest.raises(stripe_api.Away):
        payments.begin(job, return_to=buying.SITE)
    clock.forward(payments.UNANSWERED + BEAT)
    assert payments.begin(job, return_to=buying.SITE).session_id
    assert sorted(Payment.objects.values_list("status", flat=True)) == [Status.EXPIRED, Status.PENDING]


def test_one_given_up_by_the_sweep_can_still_be_paid(till: Till, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = buying.Clock(monkeypatch)
    job = make.job(alice, tier="hd", iterations=300)
    till.trouble(api="500-after", only="/v1/checkout")
    with pytest.raises(stripe_api.Away):
        payments.begin(job, return_to=buying.SITE)
    till.calm()
    clock.forward(payments.UNANSWERED + BEAT)
    assert rounds.look_due() == 1
    assert Payment.objects.get().status == Status.EXPIRED
    till.pay(till.sessions()[0]["id"])
    assert buying.deliver(till, till.events("checkout.session.completed")[0]).status_code == 200
    assert Payment.objects.get().is_fulfilled


@pytest.mark.django_db(transaction=True)
def test_one_round_at_a_time_in_all_the_house() -> None:
    answers: list[bool] = []

    def elsewhere() -> None:
        with rounds.alone() as got:
            answers.append(got)
        connection.close()

    with rounds.alone() as first:
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
    elsewhere()
    assert (first, answers) == (True, [False, True])


def test_a_round_that_breaks_leaves_the_door_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> dict[str, int]:
        raise RuntimeError

    monkeypatch.setattr(rounds, "go_round", broken)
    for _round in range(2):
        with pytest.raises(RuntimeError):
            tasks.go_round()


def test_payments_of_the_other_mode_are_left_alone(till: Till, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the keys were changed: neither kind of key knows the sessions of the other."""
    payment = buying.paid(till, alice)
    buying.opened(alice)
    assert jobs.cancel(buying.job_of(payment), seen=0)
    Payment.objects.update(is_live=True)
    buying.Clock(monkeypatch).forward(timedelta(hours=1))
    done = rounds.go_round()
    assert {done[name] for name in ("settled", "closed", "refunded", "looked at")} == {0}
    assert not till.refunds()


def test_the_time_until_the_next_look_grows_up_to_a_limit() -> None:
    now = timezone.now()
    ages = [timedelta(seconds=age) for age in (0, 60, 300, 600, 3600, 86400)]
    waits = [rounds.next_look(Payment(created_at=now - age), now) - now for age in ages]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (rounds.SOONEST, rounds.LATEST)
