"""Money for canvases: paid once, begun once, all of it back when it is not made; races, with their controls."""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from billing import canvas_rounds, dues, orders, payments, rounds, stripe_api
from billing.models import CanvasEvent, CanvasOrder, Payment, Refund
from people.models import User
from stylize import housekeeping, jobs
from stylize.models import Job
from tests import make, together
from tests.billing import buying, canvasing
from tests.till import Till

Status, Reason = CanvasOrder.Status, Refund.Reason
PRICE = 240000
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _tiny(settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI


@pytest.fixture
def ann(transactional_db: None) -> User:
    return make.user("ann")


def settled(order: CanvasOrder, till: Till) -> list[tuple[int, str]]:
    """What is owed after as many rounds as one likes; the till agrees with the ledger."""
    for _round in range(3):
        canvas_rounds.go_round()
        rounds.go_round()
    given = sum(refund["amount"] for refund in till.refunds())
    assert given == sum(payment.refunded_minor for payment in Payment.objects.all())
    return [owed for payment in order.payments.order_by("id") for owed in buying.owed(payment)]


# Paying ---------------------------------------------------------------------------------------------------------------


def test_what_is_charged_is_the_price_of_the_order_and_an_address_is_asked_for(ann: User, till: Till) -> None:
    payment = canvasing.opened(ann)
    session = till.session(buying.session_of(payment))
    assert (session["amount_total"], session["currency"]) == (PRICE, "rub")
    assert session["shipping_address_collection"] == {"allowed_countries": ["RU"]}
    assert session["phone_number_collection"] == {"enabled": True}
    assert (payment.tier, payment.size, payment.job_key, payment.iterations) == ("canvas", "30x40", "", 0)


def test_countries_are_the_settings(ann: User, till: Till, settings: LazySettings) -> None:
    settings.SHIP_TO = ("KZ", "RU")
    session = till.session(buying.session_of(canvasing.opened(ann)))
    assert session["shipping_address_collection"] == {"allowed_countries": ["KZ", "RU"]}


def test_paid_it_is_begun_with_the_address_of_the_checkout(ann: User, till: Till) -> None:
    order = canvasing.paid(till, ann)
    assert (order.status, order.ship_name, order.ship_phone) == (Status.RENDERING, "Ann Smith", "+7 812 000")
    assert order.ship_lines == ["Nevsky 1", "flat 2", "190000 Saint Petersburg", "Russia"]
    assert order.email == "visitor@example.org"
    payment = order.payments.get()
    assert (payment.status, payment.is_fulfilled) == (Payment.Status.PAID, True)
    assert canvasing.story(order) == ["placed", "rendering"]


def test_paying_twice_is_sent_to_the_same_page(ann: User, till: Till) -> None:
    order = canvasing.placed(ann)
    first, second = (payments.begin_for(order, return_to=buying.SITE) for _time in range(2))
    assert first == second and len(till.sessions()) == 1
    till.pay(buying.session_of(first), **canvasing.ADDRESS)
    with pytest.raises(payments.NothingToPay):
        payments.begin_for(order, return_to=buying.SITE)


@pytest.mark.parametrize("status", [status for status in Status.values if status != Status.PLACED])
def test_what_does_not_wait_for_money_is_not_paid(ann: User, till: Till, status: str) -> None:
    order = canvasing.placed(ann)
    CanvasOrder.objects.update(status=status)
    with pytest.raises(payments.NothingToPay):
        payments.begin_for(order, return_to=buying.SITE)
    assert not till.sessions()


def test_a_payment_is_for_one_thing_for_ever(ann: User, till: Till) -> None:
    payment = canvasing.opened(ann)
    job = make.done_job(ann)
    for changes in ({"job_key": job.key}, {"job": job}, {"order_key": "", "order": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.filter(pk=payment.pk).update(**changes)
    Payment.objects.filter(pk=payment.pk).update(order=None)  # as when the row goes


def test_a_second_paid_session_is_refunded_by_itself(ann: User, till: Till) -> None:
    order = canvasing.placed(ann)
    first = payments.begin_for(order, return_to=buying.SITE)
    Payment.objects.update(status=Payment.Status.EXPIRED)
    second = payments.begin_for(order, return_to=buying.SITE)
    for payment in (first, second):
        till.pay(buying.session_of(payment), **canvasing.ADDRESS)
        payments.of_session(buying.session_of(payment))
    assert settled(order, till) == [(PRICE, Reason.LATE)]
    assert [one.is_fulfilled for one in order.payments.order_by("id")] == [True, False]


def test_no_webhook_is_needed(ann: User, till: Till) -> None:
    payment = canvasing.opened(ann)
    till.pay(buying.session_of(payment), **canvasing.ADDRESS)
    Payment.objects.update(look_at=payment.created_at)
    rounds.go_round()
    assert canvasing.order_of(payment).status == Status.RENDERING


def test_the_sessions_of_what_is_cancelled_are_closed(ann: User, till: Till) -> None:
    kept, cancelled = canvasing.opened(ann), canvasing.opened(ann)
    assert orders.cancel(canvasing.order_of(cancelled), by=ann)
    Payment.objects.update(look_at=kept.created_at)
    assert rounds.close_needless() == 1
    assert [till.session(buying.session_of(one))["status"] for one in (kept, cancelled)] == ["open", "expired"]


# Money back -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fulfilled", [True, False])
@pytest.mark.parametrize("status", [None, *Status.values])
def test_what_is_due(fulfilled: bool, status: str | None) -> None:
    payment = Payment(amount_minor=PRICE, is_fulfilled=fulfilled, order_key="x")
    found = dues.due_of_canvas(payment, CanvasOrder(status=status) if status else None)
    reasons: dict[str | None, str] = {Status.CANCELLED: Reason.CANCELLED, Status.FAILED: Reason.FAILED}
    wanted = reasons.get(status) if fulfilled else Reason.LATE
    assert (found.amount_minor if found else 0, found.reason if found else None) == (PRICE if wanted else 0, wanted)


@pytest.mark.parametrize("begun", [False, True])
def test_cancelled_before_production_all_comes_back(ann: User, till: Till, begun: bool) -> None:
    order = canvasing.ready(till, ann) if begun else canvasing.paid(till, ann)
    assert orders.cancel(order, by=ann)
    assert settled(order, till) == [(PRICE, Reason.CANCELLED)]


def test_failed_all_comes_back(ann: User, till: Till) -> None:
    order = canvasing.paid(till, ann)
    jobs.fail(canvasing.painting(order), Job.Failure.ERROR)
    assert settled(order, till) == [(PRICE, Reason.FAILED)]


@pytest.mark.parametrize("last", [Status.PRODUCTION, Status.SHIPPED])
def test_what_we_could_not_make_or_lost_on_its_way_comes_back(ann: User, till: Till, last: str) -> None:
    order = canvasing.ready(till, ann)
    orders.produce(order)
    if last == Status.SHIPPED:
        orders.ship(order)
    assert settled(order, till) == []
    assert orders.fail(order)
    assert settled(order, till) == [(PRICE, Reason.FAILED)]


def test_what_was_delivered_stays_paid(ann: User, till: Till) -> None:
    order = canvasing.ready(till, ann)
    orders.produce(order), orders.ship(order), orders.deliver(order)
    assert settled(order, till) == []
    assert order.payments.get().settled_at


@pytest.mark.parametrize("why", ["cancelled", "expired", "deleted", "forbidden"])
def test_money_that_comes_late_comes_back(ann: User, till: Till, why: str) -> None:
    bob = make.user("bob")
    picture = make.done_job(bob, allow_prints=True)
    payment = canvasing.opened(ann, picture=picture)
    order = canvasing.order_of(payment)
    if why in ("cancelled", "expired"):
        orders.cancel(order)
    elif why == "deleted":
        housekeeping.delete_job(picture)
    else:
        Job.objects.filter(pk=picture.pk).update(allow_prints=False)
    till.pay(buying.session_of(payment), **canvasing.ADDRESS)
    assert not payments.fulfil(payment).is_fulfilled
    assert settled(order, till) == [(PRICE, Reason.LATE)]
    order.refresh_from_db()
    assert order.status in (Status.PLACED, Status.CANCELLED)


def test_a_deleted_picture_takes_no_money_of_a_canvas_that_is_made(ann: User, till: Till) -> None:
    order = canvasing.ready(till, ann)
    assert order.picture
    housekeeping.delete_job(order.picture)
    assert settled(order, till) == []


# At once --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def _all_through(monkeypatch: pytest.MonkeyPatch) -> None:
    buying.let_all_through(monkeypatch)


@pytest.mark.usefixtures("_all_through")
def test_50_times_the_same_news_at_once_are_one_beginning(ann: User, till: Till) -> None:
    payment = canvasing.opened(ann)
    till.pay(buying.session_of(payment), **canvasing.ADDRESS)
    (event,) = till.events("checkout.session.completed")
    answers = together.at_once([partial(buying.post, *till.signed(event))] * 50)
    assert {answer.status_code for answer in answers} == {200}
    order = canvasing.order_of(payment)
    assert canvasing.story(order) == ["placed", "rendering"]
    assert settled(order, till) == []


@pytest.mark.usefixtures("_all_through")
def test_control_check_then_act_begins_it_more_than_once(
    ann: User, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def naive(payment: Payment, told: stripe_api.Session) -> None:
        found = Payment.objects.select_related("order").get(pk=payment.pk)
        if found.order and found.order.status == Status.PLACED:
            time.sleep(0.1)  # everybody looks before anybody writes
            begun.append(found.order_key)
            CanvasOrder.objects.filter(pk=found.order.pk).update(status=Status.RENDERING)

    monkeypatch.setattr(payments, "_pay", naive)
    payment = canvasing.opened(ann)
    till.pay(buying.session_of(payment), **canvasing.ADDRESS)
    together.at_once([partial(payments.fulfil, payment)] * 8)
    assert len(begun) > 1


@pytest.mark.usefixtures("_all_through")
@pytest.mark.parametrize("_round", range(5))
def test_cancelled_and_paid_at_once_all_comes_back_whoever_was_first(ann: User, till: Till, _round: int) -> None:
    payment = canvasing.opened(ann)
    order = canvasing.order_of(payment)
    till.pay(buying.session_of(payment), **canvasing.ADDRESS)
    cancel: Callable[[], Any] = partial(orders.cancel, order, by=ann)
    assert True in together.at_once([cancel, partial(payments.fulfil, payment), cancel, canvas_rounds.begin_renders])
    (owed,) = settled(order, till)
    assert owed in [(PRICE, Reason.CANCELLED), (PRICE, Reason.LATE)]
    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert not Job.objects.prints().exists()


@pytest.mark.parametrize("_round", range(5))
def test_produced_and_cancelled_at_once_is_one_of_them(ann: User, till: Till, _round: int) -> None:
    order = canvasing.ready(till, ann)
    cancelled, produced = together.at_once([partial(orders.cancel, order, by=ann), partial(orders.produce, order)])
    assert cancelled is not produced
    assert settled(order, till) == ([(PRICE, Reason.CANCELLED)] if cancelled else [])


def test_control_without_compare_and_set_it_is_cancelled_and_made(
    ann: User, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)

    def naive(order: CanvasOrder, to: str, **changes: Any) -> bool:
        found = CanvasOrder.objects.get(pk=order.pk)
        both.wait(10)
        if found.status not in orders.MOVES[to]:
            return False
        CanvasOrder.objects.filter(pk=order.pk).update(status=to)
        CanvasEvent.objects.create(order=order, status=to)
        return True

    order = canvasing.ready(till, ann)
    monkeypatch.setattr(orders, "_move", naive)
    assert together.at_once([partial(orders.cancel, order), partial(orders.produce, order)]) == [True, True]


@pytest.mark.parametrize("_round", range(3))
def test_a_guest_who_signs_in_while_paying_and_cancelling_deadlocks_nobody(till: Till, _round: int) -> None:
    guest, user = make.guest(), make.user("ann")
    payment = canvasing.opened(guest)
    order = canvasing.order_of(payment)
    till.pay(buying.session_of(payment), **canvasing.ADDRESS)
    together.at_once(
        [
            partial(orders.cancel, order, by=guest), partial(buying.hand_over, guest, user),
            partial(payments.fulfil, payment), canvas_rounds.begin_renders,
        ]
    )  # fmt: skip
    order.refresh_from_db()
    assert order.owner == user
    assert sum(amount for amount, _reason in settled(order, till)) == PRICE


@pytest.mark.parametrize("_round", range(3))
def test_a_picture_that_is_deleted_while_its_render_begins_deadlocks_nobody(ann: User, till: Till, _round: int) -> None:
    order = canvasing.paid(till, ann)
    assert order.picture
    together.at_once([partial(housekeeping.delete_job, order.picture), canvas_rounds.begin_renders, rounds.go_round])
    order.refresh_from_db()
    if order.render is None:
        assert settled(order, till) == [(PRICE, Reason.FAILED)]


def test_a_paid_order_whose_picture_is_gone_before_its_render_began_comes_back(ann: User, till: Till) -> None:
    order = canvasing.paid(till, ann)
    assert order.picture
    housekeeping.delete_job(order.picture)
    assert settled(order, till) == [(PRICE, Reason.FAILED)]
