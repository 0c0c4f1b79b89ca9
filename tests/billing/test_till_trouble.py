"""Bad days of the practice till: broken, hanging, away; before the work is done or after it."""

import threading
import time

import pytest
import stripe

from tests.billing.till_client import client, opened, purchase
from tests.till import Till


@pytest.mark.parametrize("mode", ["500", "429", "away"])
def test_trouble_before_the_work_leaves_nothing(till: Till, mode: str) -> None:
    till.trouble(api=mode, times=1)
    sessions = client(till).v1.checkout.sessions
    with pytest.raises(stripe.StripeError):
        sessions.create(purchase(), {"idempotency_key": "a"})
    assert not till.sessions()
    assert sessions.create(purchase(), {"idempotency_key": "a"}).status == "open"


@pytest.mark.parametrize(("mode", "again"), [("500-after", "open"), ("500-kept", None)])
def test_trouble_after_the_work_leaves_its_outcome(till: Till, mode: str, again: str | None) -> None:
    till.trouble(api=mode, times=1)
    sessions = client(till).v1.checkout.sessions
    with pytest.raises(stripe.APIError):
        sessions.create(purchase(), {"idempotency_key": "a"})
    assert len(till.sessions()) == 1
    if again:
        assert sessions.create(purchase(), {"idempotency_key": "a"}).id == till.sessions()[0]["id"]
    else:
        with pytest.raises(stripe.APIError):
            sessions.create(purchase(), {"idempotency_key": "a"})
    assert len(till.sessions()) == 1


def test_a_till_that_hangs_answers_when_the_trouble_is_lifted(till: Till) -> None:
    impatient = client(till, http_client=stripe.RequestsClient(timeout=1))
    till.trouble(api="hang", only="/v1/refunds")
    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.refunds.list()
    assert impatient.v1.checkout.sessions.list().data == [], "only the refunds hang"
    threading.Timer(0.5, till.calm).start()
    assert client(till).v1.refunds.list().data == []


def test_what_hung_when_the_till_was_emptied_is_not_done(till: Till) -> None:
    till.trouble(api="hang")
    with pytest.raises(stripe.APIConnectionError):
        client(till, http_client=stripe.RequestsClient(timeout=0.5)).v1.checkout.sessions.create(purchase())
    till.empty()
    till.calm()
    time.sleep(0.5)
    assert not till.sessions()


def test_the_library_tries_again_with_the_same_key(till: Till) -> None:
    till.trouble(api="500-after", times=1)
    name = client(till, max_network_retries=2).v1.checkout.sessions.create(purchase()).id
    assert [session["id"] for session in till.sessions()] == [name]


def test_the_controls_are_for_whoever_has_the_key(till: Till) -> None:
    name = opened(till)
    stranger = Till(till.var_dir, port=till.port)
    stranger._http.headers["Authorization"] = "Bearer sk_test_other"
    for act in (stranger.empty, stranger.calm, lambda: stranger.pay(name), lambda: stranger.trouble(api="500")):
        with pytest.raises(AssertionError, match="Invalid API Key"):
            act()
    assert till.session(name)["status"] == "open"
    with pytest.raises(AssertionError, match="knows no trouble"):
        till.trouble(api="nonsense")
