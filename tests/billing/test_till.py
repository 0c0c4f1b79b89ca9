"""The practice till's API, asked with Stripe's own library: sessions, keys, and what it refuses as Stripe would."""

import threading
import time
from typing import Any

import pytest
import requests
import stripe
from django.conf import settings

from tests.billing.till_client import client, opened, paid, purchase
from tests.till import Till


def test_a_session_opens_as_stripe_opens_it(till: Till) -> None:
    session = client(till).v1.checkout.sessions.create(purchase(customer_email="anna@example.org"))
    assert (session.object, session.status, session.payment_status) == ("checkout.session", "open", "unpaid")
    assert (session.amount_total, session.currency, session.livemode) == (9500, "rub", False)
    assert session.payment_intent is None
    assert session.metadata is not None and session.metadata["payment"] == "k1"
    assert session.expires_at == session.created + 24 * 3600
    assert session.customer_details is not None and session.customer_details.email == "anna@example.org"
    assert session.url == f"{till.url}/pay/{session.id}"
    assert client(till).v1.checkout.sessions.retrieve(session.id) == session


def test_several_items_make_one_sum(till: Till) -> None:
    lines = purchase(1000)["line_items"] + purchase(5000)["line_items"]
    lines[0]["quantity"] = 3
    assert client(till).v1.checkout.sessions.create(purchase(line_items=lines)).amount_total == 8000


@pytest.mark.parametrize("key", ["sk_test_other", "sk_live_real"])
def test_another_key_is_refused(till: Till, key: str) -> None:
    stranger = stripe.StripeClient(key, base_addresses={"api": till.url}, stripe_version=settings.STRIPE_API_VERSION)
    with pytest.raises(stripe.AuthenticationError) as refusal:
        stranger.v1.checkout.sessions.list()
    assert refusal.value.http_status == 401


def test_no_key_is_refused_and_a_basic_one_is_taken(till: Till) -> None:
    url, version = f"{till.url}/v1/refunds", {"Stripe-Version": settings.STRIPE_API_VERSION}
    assert requests.get(url, headers=version, timeout=5).status_code == 401
    assert requests.get(url, headers=version, auth=(till.key, ""), timeout=5).status_code == 200


def test_another_api_version_is_refused(till: Till) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=settings.STRIPE_API_VERSION):
        client(till, stripe_version="2019-01-01").v1.checkout.sessions.list()


# Keys ----------------------------------------------------------------------------------------------------------------


def test_the_same_key_brings_the_same_session(till: Till) -> None:
    sessions = client(till).v1.checkout.sessions
    first = sessions.create(purchase(), {"idempotency_key": "a"})
    till.pay(first.id)
    again = sessions.create(purchase(), {"idempotency_key": "a"})
    assert again == first, "the answer is kept as it was, not as the session is now"
    assert sessions.create(purchase(), {"idempotency_key": "b"}).id != first.id
    assert len(till.sessions()) == 2


def test_the_same_key_for_something_else_is_refused(till: Till) -> None:
    sessions = client(till).v1.checkout.sessions
    sessions.create(purchase(), {"idempotency_key": "a"})
    with pytest.raises(stripe.IdempotencyError) as refusal:
        sessions.create(purchase(5000), {"idempotency_key": "a"})
    assert refusal.value.http_status == 400


def test_a_key_is_forgotten_after_a_day(till: Till) -> None:
    sessions = client(till).v1.checkout.sessions
    first = sessions.create(purchase(), {"idempotency_key": "a"})
    till.trouble(clock=24 * 3600 + 60)
    assert sessions.create(purchase(), {"idempotency_key": "a"}).id != first.id


def test_a_refusal_is_kept_too_but_not_that_of_a_malformed_request(till: Till) -> None:
    intent = paid(till)
    till.dispute(intent)
    refunds = client(till).v1.refunds
    asked: Any = {"payment_intent": intent, "amount": 100}
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        refunds.create(asked, {"idempotency_key": "a"})
    till.won(intent)
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        refunds.create(asked, {"idempotency_key": "a"})
    malformed: Any = {"payment_intent": intent, "amount": "much"}
    with pytest.raises(stripe.InvalidRequestError):
        refunds.create(malformed, {"idempotency_key": "b"})
    assert refunds.create(asked, {"idempotency_key": "b"}).status == "succeeded"


def test_many_at_once_with_one_key_open_one_session(till: Till) -> None:
    outcomes: list[str] = []

    def ask() -> None:
        try:
            outcomes.append(client(till).v1.checkout.sessions.create(purchase(), {"idempotency_key": "a"}).id)
        except stripe.APIError as error:
            outcomes.append(str(error.http_status))

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(till.sessions()) == 1
    assert set(outcomes) <= {till.sessions()[0]["id"], "409"}


def test_a_second_request_while_the_first_is_answered_is_turned_away(till: Till) -> None:
    till.trouble(api="hang", times=1)
    first: list[str] = []
    sessions = client(till).v1.checkout.sessions
    thread = threading.Thread(target=lambda: first.append(sessions.create(purchase(), {"idempotency_key": "a"}).id))
    thread.start()
    time.sleep(0.5)
    with pytest.raises(stripe.APIError) as refusal:
        sessions.create(purchase(), {"idempotency_key": "a"})
    assert refusal.value.http_status == 409
    assert "idempotency_key_in_use" in str(refusal.value.http_body)
    assert not till.sessions()
    till.calm()
    thread.join()
    assert sessions.create(purchase(), {"idempotency_key": "a"}).id == first[0]


# What is refused -----------------------------------------------------------------------------------------------------


def wrong(**more: Any) -> Any:
    return {name: value for name, value in purchase(**more).items() if value is not None}


def line(**price: Any) -> list[dict[str, Any]]:
    whole = {"currency": "rub", "unit_amount": 9500, "product_data": {"name": "HD"}} | price
    return [{"price_data": {name: value for name, value in whole.items() if value is not None}, "quantity": 1}]


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        (wrong(colour="red"), "parameter_unknown", "colour"),
        (wrong(api_key="sk"), "parameter_unknown", "api_key"),
        (wrong(line_items=line(colour="red")), "parameter_unknown", "line_items[0][price_data][colour]"),
        (wrong(line_items=line(currency=None)), "parameter_missing", "line_items[0][price_data][currency]"),
        (wrong(line_items=line(product_data={"description": "1200 px"})), "parameter_missing",
         "line_items[0][price_data][product_data][name]"),
        (wrong(line_items=line(unit_amount="much")), "parameter_invalid_integer",
         "line_items[0][price_data][unit_amount]"),
        (wrong(line_items=line(unit_amount=95.5)), "parameter_invalid_integer",
         "line_items[0][price_data][unit_amount]"),
        (wrong(line_items=line(currency="doge")), None, "line_items[0][price_data][currency]"),
        (wrong(line_items=line(currency="RUB")), None, "line_items[0][price_data][currency]"),
        (wrong(line_items=None), "parameter_missing", "line_items"),
        (wrong(line_items=line() + line(currency="eur")), None, "line_items"),
        (wrong(success_url=None), "parameter_missing", "success_url"),
        (wrong(success_url="/thanks"), "url_invalid", "success_url"),
        (wrong(cancel_url="javascript:alert(1)"), "url_invalid", "cancel_url"),
        (wrong(locale="xx"), None, "locale"),
        (wrong(mode="pay"), None, "mode"),
        (wrong(mode="subscription"), None, "mode"),
        (wrong(customer_email="nobody"), "email_invalid", "customer_email"),
        (wrong(amount=4999), "amount_too_small", "line_items"),
        (wrong(amount=49, currency="usd"), "amount_too_small", "line_items"),
        (wrong(expires_at=1), None, "expires_at"),
        (wrong(metadata={"payment": "k" * 501}), None, "metadata"),
        (wrong(shipping_address_collection={"allowed_countries": ["XX"]}), None,
         "shipping_address_collection[allowed_countries][0]"),
        (wrong(allow_promotion_codes=True), "parameter_not_played", "allow_promotion_codes"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(till: Till, params: Any, code: str | None, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client(till).v1.checkout.sessions.create(params)
    assert refusal.value.http_status == 400
    assert refusal.value.code == code
    assert str(refusal.value.param).startswith(param)
    assert not till.sessions()


@pytest.mark.parametrize(("seconds", "is_taken"), [(29 * 60, False), (31 * 60, True), (86_300, True), (86_500, False)])
def test_a_session_lives_half_an_hour_to_a_day(till: Till, seconds: int, is_taken: bool) -> None:
    asked = purchase(expires_at=int(time.time()) + seconds)
    if is_taken:
        assert client(till).v1.checkout.sessions.create(asked).expires_at == asked["expires_at"]
    else:
        with pytest.raises(stripe.InvalidRequestError):
            client(till).v1.checkout.sessions.create(asked)


def test_what_is_unknown_is_not_found(till: Till) -> None:
    v1 = client(till).v1
    for ask in (v1.checkout.sessions.retrieve, v1.payment_intents.retrieve, v1.refunds.retrieve, v1.events.retrieve,
                v1.disputes.retrieve, v1.checkout.sessions.expire, v1.charges.retrieve):  # fmt: skip
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            ask("nothing")
        assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized"):
        v1.customers.list()


# Lists ---------------------------------------------------------------------------------------------------------------


def test_lists_are_paged_the_newest_first(till: Till) -> None:
    ids = [opened(till) for _number in range(5)]
    listed = client(till).v1.checkout.sessions.list({"limit": 2})
    assert [one.id for one in listed.data] == ids[:2:-1]
    assert listed.has_more
    assert [one.id for one in listed.auto_paging_iter()] == ids[::-1]


def test_lists_are_filtered(till: Till) -> None:
    first = paid(till)
    till.trouble(clock=1000)
    second = paid(till)
    opened(till)
    sessions = client(till).v1.checkout.sessions
    assert [one.payment_intent for one in sessions.list({"payment_intent": first}).data] == [first]
    assert [one.payment_intent for one in sessions.list({"status": "complete"}).data] == [second, first]
    later: Any = {"created": {"gte": int(time.time()) + 900}}
    assert len(sessions.list(later).data) == 2
    assert [one.id for one in client(till).v1.payment_intents.list(later).data] == [second]
    events = client(till).v1.events
    assert {event.type for event in events.list({"type": "charge.*"}).data} == {"charge.succeeded"}
    assert len(events.list({"types": ["charge.succeeded", "payment_intent.succeeded"]}).data) == 4


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": 101}, {"starting_after": "nothing"}, {"status": "new"}])
def test_a_wrong_page_is_refused(till: Till, page: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client(till).v1.checkout.sessions.list(page)
