"""What Prometheus is told of money."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from billing import refunds, rounds
from billing.models import Payment, Refund
from people.models import User
from tests.billing import buying
from tests.till import Till

pytestmark = pytest.mark.django_db


def scraped(client: Client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if line.startswith(("ostagram_pay", "ostagram_ref"))]
    return {name: float(value) for name, value in pairs}


def test_while_all_is_well_nought_is_said(anonymous: Client, till: Till, alice: User) -> None:
    refunds.ask(buying.paid(till, alice), 1000, Refund.Reason.STAFF)
    rounds.go_round()
    told = scraped(anonymous)
    assert len(told) == 3 and set(told.values()) == {0.0}


def test_trouble_unsent_refunds_and_forgotten_sessions(anonymous: Client, till: Till, alice: User) -> None:
    refunds.ask(buying.paid(till, alice), 1000, Refund.Reason.STAFF)
    Refund.objects.update(created_at=timezone.now() - timedelta(minutes=30))
    Payment.objects.update(trouble="Look!")
    buying.opened(alice)
    Payment.objects.filter(status="pending").update(look_at=timezone.now() - timedelta(minutes=20))
    told = scraped(anonymous)
    assert told["ostagram_payments_in_trouble"] == 1
    assert told["ostagram_refund_unsent_seconds"] == pytest.approx(1800, abs=60)
    assert told["ostagram_payment_overdue_seconds"] == pytest.approx(1200, abs=60)


def test_money_of_the_other_mode_is_not_meant(anonymous: Client, till: Till, alice: User) -> None:
    refunds.ask(buying.paid(till, alice), 1000, Refund.Reason.STAFF)
    Payment.objects.update(is_live=True, trouble="Look!")
    assert set(scraped(anonymous).values()) == {0.0}
