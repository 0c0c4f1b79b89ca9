"""Paying without a word of English: the pages of whoever pays, the claim link, and the till's own pages."""

import pytest
import requests
from django.test import Client
from django.urls import reverse

from billing import rounds
from people import claims
from people.models import User
from tests import make
from tests.billing import buying
from tests.billing.till_client import opened, paid
from tests.ostagram.test_russian_pages import assert_russian, assert_speaks_russian
from tests.till import Till

pytestmark = pytest.mark.django_db
HERE = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "ru"}


def speak(till: Till, path: str, status: int = 200, **pressed: str) -> None:
    ask = requests.post if pressed else requests.get
    answer = ask(f"{till.url}{path}", data=pressed or None, headers=HERE, timeout=10)
    assert answer.status_code == status
    assert_speaks_russian(answer.text)


@pytest.mark.parametrize("way", ["opened", "failed", "later", "paid", "given back", "disputed"])
def test_the_pages_of_whoever_pays(as_alice: Client, alice: User, anonymous: Client, till: Till, way: str) -> None:
    payment = buying.opened(alice)
    if way == "failed":
        till.pay_later(buying.session_of(payment))
        till.fail(buying.session_of(payment))
    elif way == "later":
        till.pay_later(buying.session_of(payment))
    elif way != "opened":
        till.pay(buying.session_of(payment))
    assert_russian(anonymous, reverse("billing:back", args=[payment.key]))
    job = reverse("stylize:job", args=[payment.job_key])
    if way == "given back":
        as_alice.post(reverse("stylize:cancel", args=[payment.job_key]))
        rounds.go_round()
    if way == "disputed":
        till.dispute(buying.intent_of(payment))
        rounds.go_round()
    for path in (job, "/payments/"):
        assert_russian(as_alice, path)
    if way in ("paid", "given back", "disputed"):
        assert_russian(as_alice, reverse("billing:receipt", args=[payment.key]))


def test_the_claim_link(anonymous: Client, as_alice: Client) -> None:
    guest = make.guest()
    address = reverse("claim", args=[claims.token_of(guest)])
    for client in (anonymous, as_alice):
        assert_russian(client, address)
    guest.delete()
    assert_russian(anonymous, address)


def test_the_tills_pay_page(till: Till) -> None:
    name = opened(till, locale="ru")
    speak(till, f"/pay/{name}")
    speak(till, f"/pay/{name}", do="decline", email="anna@example.org")
    speak(till, f"/pay/{name}", 422, do="pay", email="anna")
    till.pay(name)
    speak(till, f"/pay/{name}")
    speak(till, "/pay/nothing", 404)


def test_the_tills_front_page(till: Till) -> None:
    speak(till, "/")
    till.trouble(webhooks="drop", refunds="pending")
    till.pay_later(opened(till))
    till.fail(till.pay_later(opened(till))["id"])
    till.refund_by_hand(paid(till))
    for ends in (till.won, till.lost):
        intent = paid(till)
        till.dispute(intent)
        ends(intent)
    till.dispute(paid(till))
    opened(till)
    speak(till, "/")
