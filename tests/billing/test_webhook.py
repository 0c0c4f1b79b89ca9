"""Stripe's door: what is not Stripe's is refused with nothing written; what is, is answered so that Stripe rests."""

import hashlib
import hmac
import json
import logging
import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory

from billing import payments, stripe_api, webhooks
from billing.models import Payment
from people.models import User
from stylize.models import Job
from tests.billing import buying
from tests.till import Till

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(till: Till, alice: User) -> Payment:
    made = buying.opened(alice)
    till.pay(buying.session_of(made))
    return made


@pytest.fixture
def completed(till: Till, payment: Payment) -> dict[str, Any]:
    return till.events("checkout.session.completed")[0]


def nothing_was_written(payment: Payment) -> bool:
    before = (payment.status, payment.look_at, payment.trouble)
    payment.refresh_from_db()
    return before == (payment.status, payment.look_at, payment.trouble) and (
        buying.job_of(payment).status == Job.Status.UNPAID
    )


def test_a_signed_event_lets_the_job_in(till: Till, payment: Payment, completed: dict[str, Any]) -> None:
    assert buying.deliver(till, completed).status_code == 200
    payment.refresh_from_db()
    assert (payment.status, payment.is_fulfilled) == (Payment.Status.PAID, True)
    assert buying.job_of(payment).status == Job.Status.QUEUED


def test_control_a_door_that_checks_no_signature_takes_anybodys_word(
    payment: Payment, completed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = stripe_api.Event("evt_made_up", completed["type"], False, buying.session_of(payment), "")
    monkeypatch.setattr(stripe_api, "event", lambda payload, signature: told)
    assert buying.post(b"{}").status_code == 200
    assert not nothing_was_written(payment)


# Not Stripe's ---------------------------------------------------------------------------------------------------------


def test_a_body_that_was_parsed_and_written_anew_is_refused(
    till: Till, payment: Payment, completed: dict[str, Any]
) -> None:
    payload, signature = till.signed(completed)
    anew = json.dumps(json.loads(payload), indent=1).encode()
    assert buying.post(anew, signature).status_code == 400
    assert nothing_was_written(payment)


def test_a_body_with_one_letter_changed_is_refused(till: Till, payment: Payment, completed: dict[str, Any]) -> None:
    payload, signature = till.signed(completed)
    assert buying.post(payload.replace(b"completed", b"complet3d", 1), signature).status_code == 400
    assert nothing_was_written(payment)


@pytest.mark.parametrize("secret", ["whsec_another", " "])
def test_another_secret_is_refused(till: Till, payment: Payment, completed: dict[str, Any], secret: str) -> None:
    payload, signature = till.signed(completed, secret=secret)
    assert buying.post(payload, signature).status_code == 400
    assert nothing_was_written(payment)


def test_without_a_secret_nothing_is_believed_not_even_what_is_signed_with_none(
    till: Till, payment: Payment, completed: dict[str, Any], settings: LazySettings
) -> None:
    settings.STRIPE_WEBHOOK_SECRET = ""
    forged = _signed_with_nothing(completed)
    assert buying.post(*forged).status_code == 400
    assert nothing_was_written(payment)


def _signed_with_nothing(event: dict[str, Any]) -> tuple[bytes, str]:
    payload, moment = json.dumps(event).encode(), int(time.time())
    mac = hmac.new(b"", f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
    return payload, f"t={moment},v1={mac}"


@pytest.mark.parametrize(("age_s", "status"), [(400, 400), (240, 200)], ids=["too old", "in time"])
def test_what_was_signed_more_than_five_minutes_ago_is_refused(
    till: Till, payment: Payment, completed: dict[str, Any], age_s: int, status: int
) -> None:
    payload, signature = till.signed(completed, at=time.time() - age_s)
    assert buying.post(payload, signature).status_code == status
    assert nothing_was_written(payment) is (status == 400)


@pytest.mark.parametrize("signature", ["", "t=1", "v1=abc", "t=,v1=", "t=x,v1=y", "=", "t=1,v1=é", "," * 500])
def test_a_signature_that_is_none_is_refused(payment: Payment, signature: str) -> None:
    assert buying.post(b"{}", signature).status_code == 400
    assert nothing_was_written(payment)


@pytest.mark.parametrize(
    "payload", [b"", b"x", b"{}", b"[]", b"null", b"1", b'"text"', b"{", b"\xff\xfe", b'{"object": "event"}',
                b'{"id": "evt_1", "type": "x", "livemode": false, "data": {}}',
                b'{"id": "evt_1", "type": "x", "livemode": false, "data": {"object": null}}',
                b'{"id": "evt_1", "type": "x", "livemode": false, "data": {"object": {}}}',
                b'{"id": "evt_1", "type": "x", "livemode": false, "data": {"object": []}}',
                b'{"object": "v2.core.event", "id": "evt_1"}'],
    ids=lambda payload: payload.decode(errors="replace")[:30] or "nothing",
)  # fmt: skip
@pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "not signed"])
def test_a_body_that_is_no_event_is_refused_even_when_it_is_signed(
    till: Till, payment: Payment, payload: bytes, is_signed: bool
) -> None:
    signature = till.signed(payload)[1] if is_signed else "t=1,v1=abc"
    assert buying.post(payload, signature).status_code == 400
    assert nothing_was_written(payment)


@pytest.mark.parametrize("size", [webhooks.MOST_BYTES + 1, 1024 * 1024, 3 * 1024 * 1024])
def test_a_body_that_is_far_too_large_is_refused_unread(till: Till, payment: Payment, size: int) -> None:
    payload, signature = till.signed(b'{"padding": "' + b"x" * size + b'"}')
    assert buying.post(payload, signature).status_code == 400
    assert nothing_was_written(payment)


@pytest.mark.parametrize("length", ["", "-1", "x", "²", "1e3"])
def test_a_body_that_does_not_tell_its_length_is_refused(payment: Payment, length: str) -> None:
    request = RequestFactory().post(buying.WEBHOOK, b"{}", "application/json")
    request.META["CONTENT_LENGTH"] = length
    assert webhooks.stripe(request).status_code == 400
    assert nothing_was_written(payment)


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_another_method_is_a_405(payment: Payment, method: str) -> None:
    assert getattr(Client(), method)(buying.WEBHOOK).status_code == 405
    assert nothing_was_written(payment)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
def test_another_content_type_without_a_signature_is_refused(payment: Payment, kind: str) -> None:
    assert buying.post(b"payment=paid", "", kind).status_code == 400
    assert nothing_was_written(payment)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
def test_whatever_a_signed_event_is_called_its_bytes_are_what_counts(
    till: Till, payment: Payment, completed: dict[str, Any], kind: str
) -> None:
    assert buying.post(*till.signed(completed), kind).status_code == 200
    assert not nothing_was_written(payment)


def test_an_event_of_the_other_mode_is_refused_and_told(
    till: Till, payment: Payment, completed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert buying.deliver(till, completed | {"livemode": True}).status_code == 400
    assert "other mode" in caplog.text
    assert nothing_was_written(payment)


# No redirect ---------------------------------------------------------------------------------------------------------


def test_nothing_redirects_an_event_in_production(
    till: Till, payment: Payment, completed: dict[str, Any], settings: LazySettings
) -> None:
    """Stripe's call as it comes through a proxy that speaks plain HTTP to us; a page at the same address is sent on."""
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    assert Client().get("/").status_code == 301  # the control
    payload, signature = till.signed(completed)
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(buying.WEBHOOK, payload, "application/json", headers={"Stripe-Signature": signature})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", [buying.WEBHOOK + "/", "/" + buying.WEBHOOK, "/en" + buying.WEBHOOK])
def test_an_address_that_is_wrongly_written_is_not_there_rather_than_elsewhere(
    till: Till, completed: dict[str, Any], path: str
) -> None:
    payload, signature = till.signed(completed)
    answer = Client().post(path, payload, "application/json", headers={"Stripe-Signature": signature})
    assert answer.status_code == 404


# Stripe's -------------------------------------------------------------------------------------------------------------


def test_an_unknown_type_is_answered_and_nothing_is_asked(
    till: Till, payment: Payment, completed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = buying.count_calls(monkeypatch, "session")
    assert buying.deliver(till, completed | {"type": "customer.created"}).status_code == 200
    assert nothing_was_written(payment)
    assert not calls


@pytest.mark.parametrize("kind", sorted(webhooks.HANDLERS))
def test_an_object_that_stripe_does_not_know_is_answered_for_it_would_not_be_known_later(
    till: Till, completed: dict[str, Any], kind: str
) -> None:
    unknown = completed | {"type": kind, "data": {"object": {"id": "xx_unknown", "object": "charge"}}}
    assert buying.deliver(till, unknown).status_code == 200


def test_a_session_that_another_site_has_opened_is_none_of_ours(till: Till, alice: User) -> None:
    payment = buying.opened(alice)
    till.pay(buying.session_of(payment))
    Payment.objects.all().delete()
    assert buying.deliver(till, till.events("checkout.session.completed")[0]).status_code == 200
    assert not Payment.objects.exists()


def test_sums_that_differ_are_told_to_staff_and_not_sent_again(
    till: Till, payment: Payment, completed: dict[str, Any]
) -> None:
    Payment.objects.update(amount_minor=4900)
    assert buying.deliver(till, completed).status_code == 200
    payment.refresh_from_db()
    assert payment.trouble
    assert payment.status == Payment.Status.PENDING


def test_a_payment_whose_session_we_were_never_told_of_is_found_by_our_own_key(
    till: Till, payment: Payment, completed: dict[str, Any]
) -> None:
    Payment.objects.update(session_id=None, session_url="")
    assert buying.deliver(till, completed).status_code == 200
    payment.refresh_from_db()
    assert (payment.session_id, payment.is_fulfilled) == (completed["data"]["object"]["id"], True)


def test_what_an_event_says_is_not_believed(till: Till, alice: User) -> None:
    """Truly signed, but the session it names is still open: Stripe's object is the truth, not the event's copy."""
    unpaid, other = buying.opened(alice), buying.opened(alice)
    till.pay(buying.session_of(other))
    event = till.events("checkout.session.completed")[0]
    copy = event["data"]["object"] | {"id": unpaid.session_id, "metadata": {"payment": unpaid.key}}
    assert buying.deliver(till, event | {"data": {"object": copy}}).status_code == 200
    assert nothing_was_written(unpaid)


@pytest.mark.parametrize("trouble", ["500", "429", "away"])
def test_while_stripe_cannot_be_asked_it_must_send_the_event_again(
    till: Till, payment: Payment, completed: dict[str, Any], trouble: str
) -> None:
    till.trouble(api=trouble)
    assert buying.deliver(till, completed).status_code == 503
    assert nothing_was_written(payment)
    till.calm()
    assert buying.deliver(till, completed).status_code == 200
    assert payments.fulfil(payment).is_fulfilled


def test_while_stripe_hangs_it_must_send_the_event_again(
    till: Till, payment: Payment, completed: dict[str, Any], settings: LazySettings
) -> None:
    settings.STRIPE_TIMEOUT_S = 0.3
    till.trouble(api="hang")
    begun = time.monotonic()
    assert buying.deliver(till, completed).status_code == 503
    assert time.monotonic() - begun < 3
    assert nothing_was_written(payment)
    settings.STRIPE_TIMEOUT_S = 10
    till.calm()
    assert buying.deliver(till, completed).status_code == 200
    assert not nothing_was_written(payment)
