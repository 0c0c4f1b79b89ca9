"""The practice till's money: paid, declined, late, given back, disputed; and the events that each of these writes."""

import contextlib
import threading
import time

import pytest
import stripe

from tests.billing.till_client import client, opened, paid
from tests.till import Till


def types(till: Till) -> list[str]:
    return [event["type"] for event in till.events()]


# Sessions ------------------------------------------------------------------------------------------------------------


def test_paying_completes_the_session(till: Till) -> None:
    name = opened(till)
    till.pay(name, "anna@example.org")
    session = client(till).v1.checkout.sessions.retrieve(name)
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert session.customer_details is not None and session.customer_details.email == "anna@example.org"
    intent = client(till).v1.payment_intents.retrieve(str(session.payment_intent))
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 9500, "rub")
    assert intent.metadata["payment"] == "k1"
    charge = client(till).v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.paid, charge.amount, charge.billing_details.email) == (True, 9500, "anna@example.org")
    assert types(till) == ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
    (told,) = till.events("checkout.session.completed")
    assert told["data"]["object"] == till.session(name)


def test_the_shipping_address_is_kept(till: Till) -> None:
    name = opened(till, shipping_address_collection={"allowed_countries": ["RU", "DE"]})
    where = {"line1": "Nevsky 1", "city": "St Petersburg", "postal_code": "191186", "country": "RU"}
    till.pay(name, name="Anna", **where)
    session = client(till).v1.checkout.sessions.retrieve(name)
    assert session.collected_information is not None
    details = session.collected_information.shipping_details
    assert details is not None and details.name == "Anna"
    assert details.address.to_dict() == where | {"line2": None, "state": None}


def test_a_declined_card_leaves_the_session_open(till: Till) -> None:
    name = opened(till)
    till.decline(name)
    assert till.session(name)["status"] == "open"
    assert types(till) == ["payment_intent.payment_failed"]
    (told,) = till.events()
    assert told["data"]["object"]["last_payment_error"]["code"] == "card_declined"
    session = till.pay(name)
    assert session["payment_status"] == "paid"
    assert session["payment_intent"] == told["data"]["object"]["id"], "it is the same intent that succeeds at last"


def test_late_money_arrives(till: Till) -> None:
    name = opened(till)
    session = till.pay_later(name)
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    assert client(till).v1.payment_intents.retrieve(session["payment_intent"]).status == "processing"
    assert not till.payments()
    assert till.arrive(name)["payment_status"] == "paid"
    assert [intent["id"] for intent in till.payments()] == [session["payment_intent"]]
    assert types(till) == [
        "payment_intent.processing", "checkout.session.completed", "charge.succeeded", "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]  # fmt: skip


def test_late_money_does_not_arrive(till: Till) -> None:
    name = opened(till)
    till.pay_later(name)
    session = till.fail(name)
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    assert types(till)[-1] == "checkout.session.async_payment_failed"
    with pytest.raises(AssertionError, match="No money is on its way"):
        till.arrive(name)


def test_a_closed_session_takes_no_money(till: Till) -> None:
    name = opened(till)
    assert client(till).v1.checkout.sessions.expire(name).status == "expired"
    assert types(till) == ["checkout.session.expired"]
    for act in (till.pay, till.pay_later, till.decline):
        with pytest.raises(AssertionError, match="status of expired"):
            act(name)
    assert not till.payments()


@pytest.mark.parametrize("ending", ["pay", "pay_later", "expire"])
def test_only_an_open_session_can_be_closed(till: Till, ending: str) -> None:
    name = opened(till)
    if ending == "expire":
        client(till).v1.checkout.sessions.expire(name)
    else:
        getattr(till, ending)(name)
    with pytest.raises(stripe.InvalidRequestError, match="can be expired") as refusal:
        client(till).v1.checkout.sessions.expire(name)
    assert refusal.value.http_status == 400


def test_a_session_ends_by_itself_when_its_time_is_over(till: Till) -> None:
    name = opened(till, expires_at=int(time.time()) + 1900)
    kept = opened(till)
    till.trouble(clock=2000)
    with pytest.raises(AssertionError, match="status of expired"):
        till.pay(name)
    assert till.session(name)["status"] == "expired"
    assert till.session(kept)["status"] == "open"
    assert types(till) == ["checkout.session.expired"]


def test_paying_many_times_at_once_pays_once(till: Till) -> None:
    name = opened(till)
    outcomes: list[bool] = []

    def pay() -> None:
        another = Till(till.var_dir, port=till.port)
        try:
            another.pay(name)
            outcomes.append(True)
        except AssertionError:
            outcomes.append(False)

    threads = [threading.Thread(target=pay) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]
    assert len(till.payments()) == len(till.events("charge.succeeded")) == 1


# Refunds -------------------------------------------------------------------------------------------------------------


def test_money_goes_back_in_parts(till: Till) -> None:
    intent = paid(till)
    refunds = client(till).v1.refunds
    part = refunds.create({"payment_intent": intent, "amount": 2500, "metadata": {"refund": "r1"}})
    assert (part.status, part.amount, part.currency, part.payment_intent) == ("succeeded", 2500, "rub", intent)
    assert refunds.create({"payment_intent": intent}).amount == 7000
    assert [refund["amount"] for refund in till.refunds(intent)] == [2500, 7000]
    assert refunds.retrieve(part.id) == part
    told = [event["data"]["object"] for event in till.events("charge.refunded")]
    assert [(charge["amount_refunded"], charge["refunded"]) for charge in told] == [(2500, False), (9500, True)]


@pytest.mark.parametrize(("amount", "words"), [(9501, "greater than"), (0, "positive"), (-5, "positive")])
def test_an_impossible_sum_does_not_go_back(till: Till, amount: int, words: str) -> None:
    intent = paid(till)
    with pytest.raises(stripe.InvalidRequestError, match=words) as refusal:
        client(till).v1.refunds.create({"payment_intent": intent, "amount": amount})
    assert (refusal.value.http_status, refusal.value.param) == (400, "amount")
    assert not till.refunds()


def test_what_is_gone_back_does_not_go_back_again(till: Till) -> None:
    intent = paid(till)
    till.refund_by_hand(intent)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client(till).v1.refunds.create({"payment_intent": intent, "amount": 100})
    assert refusal.value.code == "charge_already_refunded"


def test_what_has_not_arrived_does_not_go_back(till: Till) -> None:
    intent = till.pay_later(opened(till))["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client(till).v1.refunds.create({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent") as refusal:
        client(till).v1.refunds.create({"payment_intent": "pi_nothing"})
    assert refusal.value.code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError, match="must be one of"):
        client(till).v1.refunds.create({"payment_intent": intent, "reason": "because"})


def test_many_refunds_at_once_never_give_back_more_than_was_paid(till: Till) -> None:
    intent = paid(till, amount=9500)

    def give_back() -> None:
        with contextlib.suppress(stripe.InvalidRequestError):
            client(till).v1.refunds.create({"payment_intent": intent, "amount": 3000})

    threads = [threading.Thread(target=give_back) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [refund["amount"] for refund in till.refunds(intent)] == [3000] * 3


def test_a_pending_refund_arrives_or_comes_back(till: Till) -> None:
    intent = paid(till)
    till.trouble(refunds="pending")
    refunds = client(till).v1.refunds
    first = refunds.create({"payment_intent": intent, "amount": 4000})
    second = refunds.create({"payment_intent": intent, "amount": 5500})
    assert (first.status, second.status) == ("pending", "pending")
    assert till.settle_refund(first.id)["status"] == "succeeded"
    assert till.fail_refund(second.id)["status"] == "failed"
    assert refunds.retrieve(second.id).failure_reason
    assert types(till)[-3:] == ["refund.updated", "refund.updated", "refund.failed"]
    till.calm()
    assert refunds.create({"payment_intent": intent}).amount == 5500, "what came back can be sent again"


def test_a_refund_that_fails_at_once_leaves_the_money(till: Till) -> None:
    intent = paid(till)
    till.trouble(refunds="fail")
    assert client(till).v1.refunds.create({"payment_intent": intent}).status == "failed"
    till.calm()
    assert client(till).v1.refunds.create({"payment_intent": intent}).amount == 9500


def test_a_refund_can_come_back_days_after_it_succeeded(till: Till) -> None:
    intent = paid(till)
    refund = till.refund_by_hand(intent)
    assert till.fail_refund(refund["id"])["status"] == "failed"
    with pytest.raises(AssertionError, match="status of failed"):
        till.settle_refund(refund["id"])


# Disputes ------------------------------------------------------------------------------------------------------------


def test_a_disputed_payment_is_not_refunded(till: Till) -> None:
    intent = paid(till)
    dispute = client(till).v1.disputes.retrieve(till.dispute(intent)["id"])
    assert (dispute.status, dispute.amount, dispute.payment_intent) == ("needs_response", 9500, intent)
    assert [one.id for one in client(till).v1.disputes.list({"payment_intent": intent}).data] == [dispute.id]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client(till).v1.refunds.create({"payment_intent": intent})
    assert refusal.value.code == "charge_disputed"
    assert till.lost(intent)["status"] == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        client(till).v1.refunds.create({"payment_intent": intent})
    assert [name for name in types(till) if "dispute" in name] == [
        "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed",
    ]  # fmt: skip


def test_a_dispute_that_is_won_frees_the_money(till: Till) -> None:
    intent = paid(till)
    till.dispute(intent)
    assert till.won(intent)["status"] == "won"
    assert types(till)[-2:] == ["charge.dispute.closed", "charge.dispute.funds_reinstated"]
    assert client(till).v1.refunds.create({"payment_intent": intent}).amount == 9500
    for act in (till.dispute, till.won, till.lost):
        with pytest.raises(AssertionError):
            act(intent)
