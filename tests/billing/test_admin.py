"""The admin shows the ledger and changes nothing in it."""

import pytest
from django.test import Client
from django.urls import reverse

from billing import refunds
from billing.models import Payment, Refund
from people.models import User
from tests import make
from tests.billing import buying
from tests.till import Till

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(make.user("boss", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def refund(till: Till, alice: User) -> Refund:
    return refunds.ask(buying.paid(till, alice), 1000, Refund.Reason.STAFF, note="We are sorry.")


@pytest.mark.parametrize("model", ["payment", "refund"])
def test_list_and_page_lead_to_the_staffs_own_page(boss: Client, refund: Refund, model: str) -> None:
    pk = refund.pk if model == "refund" else refund.payment_id
    for address in (
        reverse(f"admin:billing_{model}_changelist"),
        reverse(f"admin:billing_{model}_change", args=[pk]),
    ):
        answer = boss.get(address)
        assert answer.status_code == 200
        assert f"/staff/payments/{refund.payment.key}/" in answer.content.decode()


@pytest.mark.parametrize("model", ["payment", "refund"])
def test_nothing_is_added_changed_or_deleted(boss: Client, refund: Refund, model: str) -> None:
    pk = refund.pk if model == "refund" else refund.payment_id
    before = buying.ledger()
    for address in (
        reverse(f"admin:billing_{model}_add"),
        reverse(f"admin:billing_{model}_change", args=[pk]),
        reverse(f"admin:billing_{model}_delete", args=[pk]),
    ):
        assert boss.post(address, {"amount_minor": "1", "status": "failed", "post": "yes"}).status_code == 403
    assert buying.ledger() == before


@pytest.mark.parametrize("by", ["key", "job_key", "session_id", "intent_id", "email"])
def test_a_payment_is_found(boss: Client, refund: Refund, by: str) -> None:
    name = str(getattr(refund.payment, by))
    page = boss.get(reverse("admin:billing_payment_changelist"), {"q": name}).content.decode()
    assert refund.payment.key in page
    page = boss.get(reverse("admin:billing_payment_changelist"), {"q": name[:-1]}).content.decode()
    assert f"/staff/payments/{refund.payment.key}/" not in page


def test_no_staff_no_ledger(as_alice: Client, refund: Refund) -> None:
    assert as_alice.get(reverse("admin:billing_payment_changelist")).status_code == 302
    assert Payment.objects.count() == 1
