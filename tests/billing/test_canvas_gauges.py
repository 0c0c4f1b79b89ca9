"""What Prometheus is told of canvases."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from billing import production
from billing.models import CanvasOrder
from people.models import User
from tests.billing import canvasing

pytestmark = pytest.mark.django_db


def told(client: Client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if line.startswith("ostagram_canvases")]
    return {name: float(value) for name, value in pairs}


def test_an_empty_workshop_says_nought(anonymous: Client) -> None:
    said = told(anonymous)
    assert len(said) == len(production.OPEN) + 1 and set(said.values()) == {0.0}


def test_what_is_under_way_and_what_is_late(anonymous: Client, alice: User) -> None:
    for days, status in ((0, "ready"), (30, "ready"), (30, "shipped"), (30, "placed"), (30, "delivered")):
        order = canvasing.placed(alice)
        since = timezone.now() - timedelta(days=days)
        CanvasOrder.objects.filter(pk=order.pk).update(status=status, moved_at=since)
    said = told(anonymous)
    assert said['ostagram_canvases{status="ready"}'] == 2
    assert said['ostagram_canvases{status="shipped"}'] == 1
    assert said["ostagram_canvases_late"] == 2
