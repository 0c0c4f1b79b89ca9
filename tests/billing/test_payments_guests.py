"""A guest who signs in while the money comes: both happen, and neither waits for the other for ever."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError, OperationalError

from billing import payments
from billing.models import Payment
from people import guests
from people.models import User
from stylize import jobs, ownership
from stylize.models import Job
from tests import make, together
from tests.billing import buying
from tests.till import Till

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_round", range(6))
def test_a_guest_who_signs_in_while_the_money_comes_keeps_both(till: Till, _round: int) -> None:
    guest, user = make.guest(), make.user("alice")
    payment = buying.opened(guest)
    till.pay(buying.session_of(payment))
    told = till.signed(till.events("checkout.session.completed")[0])
    together.at_once([partial(buying.hand_over, guest, user), *[partial(buying.post, *told)] * 3])
    payment.refresh_from_db()
    assert (payment.owner, payment.is_fulfilled) == (user, True)
    assert buying.job_of(payment).owner == user


@pytest.mark.parametrize("_round", range(6))
def test_a_guest_who_signs_in_and_pays_at_the_same_moment_ends_in_no_deadlock(till: Till, _round: int) -> None:
    guest, user = make.guest(), make.user("alice")
    job = make.job(guest, tier="hd", iterations=300)

    def pay() -> None:
        try:
            payments.begin(job, return_to=buying.SITE)
        except payments.NothingToPay:  # the job is the account's now: its page has the button again
            return

    actions: list[Callable[[], None]] = [partial(buying.hand_over, guest, user), pay, pay]
    together.at_once(actions)
    assert not Payment.objects.exclude(owner=user).exists()
    assert payments.begin(Job.objects.get(), return_to=buying.SITE).owner == user


def test_control_with_the_job_locked_first_both_wait_for_each_other(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, user = make.guest(), make.user("alice")
    job = make.job(guest, tier="hd", iterations=300)
    both = threading.Barrier(2)
    handed = ownership.hand_over

    def job_first(job: Job) -> Job:
        found = Job.objects.select_for_update().get(pk=job.pk)
        both.wait(timeout=30)
        return found

    def guest_locked(guest: User, user: User) -> None:
        both.wait(timeout=30)
        handed(guest, user)

    monkeypatch.setattr(payments, "_locked", job_first)
    monkeypatch.setattr(guests, "_handovers", [guest_locked, *guests._handovers[1:]])

    def told(action: Callable[[], object]) -> bool:
        try:
            action()
        except (OperationalError, IntegrityError):
            return False
        return True

    begin: Callable[[], object] = partial(payments.begin, job, return_to=buying.SITE)
    actions = [partial(told, begin), partial(told, partial(buying.hand_over, guest, user))]
    assert sorted(together.at_once(actions)) == [False, True]


@pytest.mark.parametrize("written", ["once", "twice, the control"])
def test_a_payment_is_written_once_or_it_waits_for_the_guest_who_waits_for_its_job(
    till: Till, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    guest, user = make.guest(), make.user("alice")
    payment = buying.opened(guest)
    till.pay(buying.session_of(payment))
    guest_is_held, job_is_held = threading.Event(), threading.Event()
    handed, release = ownership.hand_over, jobs.release

    def guest_locked(guest: User, user: User) -> None:
        guest_is_held.set()
        job_is_held.wait(10)
        handed(guest, user)

    def job_locked(job: Job) -> bool:
        job_is_held.set()
        guest_is_held.wait(10)
        if written != "once":
            Payment.objects.filter(pk=payment.pk).update(is_fulfilled=True)
        return release(job)

    monkeypatch.setattr(guests, "_handovers", [guest_locked, *guests._handovers[1:]])
    monkeypatch.setattr(jobs, "release", job_locked)

    def told(action: Callable[[], object]) -> bool:
        try:
            action()
        except (OperationalError, IntegrityError):
            return False
        return True

    actions = [partial(told, partial(payments.fulfil, payment)), partial(told, partial(buying.hand_over, guest, user))]
    assert together.at_once(actions).count(False) == (0 if written == "once" else 1)
