"""What tests of the desk buy, and how Stripe tells of it: many at once, truly signed."""

import threading
from datetime import timedelta
from typing import Any, Final

import pytest
from django.http import HttpResponseBase
from django.test import Client, RequestFactory
from django.utils import timezone

from billing import payments, rounds, stripe_api, tasks
from billing.models import Payment, Refund
from people import guests
from people.models import User
from stylize import dispatch, jobs, pictures
from stylize.models import Job
from tests import make
from tests.till import Till

SITE: Final = "http://localhost/"
WEBHOOK: Final = "/stripe/webhook"


def opened(owner: User, *, tier: str = "hd", iterations: int = 300, **fields: Any) -> Payment:
    """A payment for a new job, whose checkout session is open."""
    return payments.begin(make.job(owner, tier=tier, iterations=iterations, **fields), return_to=SITE)


def paid(till: Till, owner: User, **fields: Any) -> Payment:
    """A payment whose job has joined the line."""
    payment = opened(owner, **fields)
    till.pay(session_of(payment))
    return payments.fulfil(payment)


def session_of(payment: Payment) -> str:
    assert payment.session_id
    return payment.session_id


def intent_of(payment: Payment) -> str:
    payment.refresh_from_db()
    assert payment.intent_id
    return payment.intent_id


def job_of(payment: Payment) -> Job:
    return Job.objects.get(key=payment.job_key)


def claimed(payment: Payment) -> Job:
    claim = jobs.claim_next("test")
    assert claim and claim.key == payment.job_key
    return claim


def deliver(till: Till, event: dict[str, Any]) -> HttpResponseBase:
    payload, signature = till.signed(event)
    return post(payload, signature)


def post(payload: bytes, signature: str = "", content_type: str = "application/json") -> HttpResponseBase:
    return Client().post(WEBHOOK, payload, content_type, headers={"Stripe-Signature": signature})


def hand_over(guest: User, user: User) -> None:
    """What signing in does, without a browser."""
    request = RequestFactory().get("/")
    request.session = {guests.SESSION_KEY: guest.pk}  # type: ignore[assignment]
    guests.hand_over(request, user)


def ledger() -> dict[str, Any]:
    """All that the desk knows, without names and times that differ from one run to the next."""
    held = Payment.objects.order_by("id")
    given = Refund.objects.order_by("amount_minor", "id")
    return {
        "payments": [
            (one.status, one.amount_minor, one.refunded_minor, one.is_fulfilled, one.is_on_its_way, one.email)
            for one in held
        ],
        "refunds": sorted((one.status, one.amount_minor, one.reason) for one in given),
        "jobs": [job.status for job in Job.objects.order_by("id")],
    }


class Clock:
    """The site's clock, which can be moved on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead, now = timedelta(0), timezone.now
        monkeypatch.setattr(timezone, "now", lambda: now() + self.ahead)

    def forward(self, time: timedelta) -> None:
        self.ahead += time


def let_all_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many calls to Stripe at once as threads: those of many processes."""
    monkeypatch.setattr(stripe_api, "_calls", threading.BoundedSemaphore(1000))


def count_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Any]:
    """Goes on calling Stripe, and notes with what."""
    call, calls = getattr(stripe_api, name), []

    def counted(*given: Any) -> Any:
        calls.append(given)
        return call(*given)

    monkeypatch.setattr(stripe_api, name, counted)
    return calls


def count_wakes(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """How often the kiln is woken for a paid job."""
    wakes: list[bool] = []
    monkeypatch.setattr(dispatch, "wake", lambda: wakes.append(True))
    return wakes


def owed(payment: Payment) -> list[tuple[int, str]]:
    return list(Refund.objects.filter(payment=payment).values_list("amount_minor", "reason"))


def delivered(payment: Payment, done: int | None = None) -> Job:
    claim = claimed(payment)
    files = pictures.store_result(make.picture(), claim.fence)
    jobs.finish(claim, jobs.Result(files, 1.0, "test", 7, iterations=done or claim.iterations))
    return claim


def lose(payment: Payment) -> None:
    assert jobs.lose(job_of(payment))


def settled_for_good(payment: Payment, till: Till) -> list[tuple[int, str]]:
    """What is owed after as many rounds as one likes."""
    for _round in range(3):
        rounds.go_round()
        tasks.give_up_lost()
    payment.refresh_from_db()
    assert payment.refunded_minor == sum(one["amount"] for one in till.refunds(intent_of(payment)))
    return owed(payment)
