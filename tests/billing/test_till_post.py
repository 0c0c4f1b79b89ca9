"""The practice till's post: truly signed, sent until it arrives, also across a kill -9. And where it does not start."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import stripe
from django.conf import settings

from ostagram import site_address
from ostagram.embedded import process
from tests.billing.till_client import client, opened, paid, shop
from tests.ostagram.test_settings import PRODUCTION
from tests.till import CLONE, Till


def wait_until_delivered(till: Till, timeout_s: float = 20) -> None:
    give_up_at = time.monotonic() + timeout_s
    while till.undelivered():
        assert time.monotonic() < give_up_at, till.undelivered()
        time.sleep(0.05)


def test_every_event_arrives_signed(till: Till) -> None:
    with shop() as one:
        till.trouble(webhook_url=one.url)
        paid(till)
        one.wait_for(3)
        wait_until_delivered(till)
        assert {event.id for event in one.events()} == {event["id"] for event in till.events()}
        event = next(event for event in one.events() if event.type == "checkout.session.completed")
        assert (event.livemode, event.api_version) == (False, settings.STRIPE_API_VERSION)
        assert event.data.object["metadata"]["payment"] == "k1"
        assert client(till).v1.events.retrieve(event.id).type == event.type


def test_a_changed_event_is_not_believed(till: Till) -> None:
    with shop() as one:
        till.trouble(webhook_url=one.url)
        opened(till)
        till.decline(opened(till))
        one.wait_for(1)
    ((payload, header),) = one.came
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(payload + b" ", header, settings.STRIPE_WEBHOOK_SECRET)


def test_the_tests_own_signature_is_stripes_too(till: Till) -> None:
    paid(till)
    payload, header = till.signed(till.events()[0])
    stripe.Webhook.construct_event(payload, header, settings.STRIPE_WEBHOOK_SECRET)
    old = till.signed(till.events()[0], at=time.time() - 301)
    foreign = till.signed(till.events()[0], secret="whsec_other")
    for payload, header in (old, foreign):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(payload, header, settings.STRIPE_WEBHOOK_SECRET)


@pytest.mark.parametrize("failure", [500, 400, 302])
def test_an_event_comes_again_until_it_is_taken(till: Till, failure: int) -> None:
    with shop() as one:
        one.statuses = [failure, failure]
        till.trouble(webhook_url=one.url)
        till.decline(opened(till))
        one.wait_for(3)
        wait_until_delivered(till)
        assert len({event.id for event in one.events()}) == 1
        time.sleep(1)
        assert len(one.came) == 3, "what arrived does not come again"


def test_lost_events_can_be_sent_later(till: Till) -> None:
    with shop() as one:
        till.trouble(webhook_url=one.url, webhooks="drop")
        paid(till)
        time.sleep(1)
        assert not one.came
        assert {event["state"] for event in till.undelivered()} == {"dropped"}
        till.trouble(webhooks="send")
        till.deliver()
        one.wait_for(3)
        wait_until_delivered(till)
        till.deliver(till.events()[0]["id"])
        one.wait_for(4)
        assert one.events()[-1].id == till.events()[0]["id"]


def test_every_event_can_come_twice(till: Till) -> None:
    with shop() as one:
        till.trouble(webhook_url=one.url, webhooks="double")
        paid(till)
        one.wait_for(6)
        wait_until_delivered(till)
        assert sorted(event.id for event in one.events()) == sorted([event["id"] for event in till.events()] * 2)


def test_nothing_is_lost_by_kill_9(tmp_path: Path) -> None:
    with shop() as one:
        one.statuses = [503] * 3
        till = Till(tmp_path, webhook_url=one.url)
        till.start()
        try:
            sessions = client(till).v1.checkout.sessions
            waiting = opened(till)
            intent = till.pay(opened(till))["payment_intent"]
            one.wait_for(3)
            till.kill()
            till.start()
            assert sessions.retrieve(waiting).status == "open"
            assert [payment["id"] for payment in till.payments()] == [intent]
            wait_until_delivered(till)
            assert {event.id for event in one.events()[3:]} == {event["id"] for event in till.events()}
            assert client(till).v1.refunds.create({"payment_intent": intent}).status == "succeeded"
        finally:
            till.stop()
    assert (tmp_path / "till").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        (PRODUCTION | {"STRIPE_SECRET_KEY": "sk_test_till", "STRIPE_WEBHOOK_SECRET": "whsec_1"}, "production"),
        ({"STRIPE_SECRET_KEY": "sk_test_real"}, "STRIPE_SECRET_KEY"),
    ],
)
def test_it_starts_only_where_it_belongs(tmp_path: Path, environ: dict[str, str], words: str) -> None:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    command = [sys.executable, "-c", "import ostagram.till"]
    env = clean | environ | {"OSTAGRAM_VAR": str(tmp_path)}
    answer = subprocess.run(command, cwd=CLONE, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode != 0
    assert "ImproperlyConfigured" in answer.stderr and words in answer.stderr
    assert not (tmp_path / "till").exists()


def test_a_taken_port_is_named_with_its_own_variable() -> None:
    port = process.free_port(None)
    site_address.claim("127.0.0.1", port, variable="TILL_PORT")
    with shop() as one:
        taken = int(one.url.split(":")[2].split("/")[0])
        with pytest.raises(site_address.Taken, match=f" TILL_PORT={taken + 1} make run"):
            site_address.claim("127.0.0.1", taken, variable="TILL_PORT")
