"""The page of an order, its payment and its cancelling, and the list of one's own; with the litany."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from billing import canvas_rounds, canvas_showing, orders, payments, rounds, stripe_api
from billing.models import CanvasOrder
from people import claims, guests
from people.models import User
from stylize import jobs
from stylize.models import Job
from tests import make
from tests.billing import buying, canvasing
from tests.billing.test_canvas_page import words
from tests.test_query_counts import queries
from tests.till import Till

pytestmark = pytest.mark.django_db
Status = CanvasOrder.Status
ADDRESS = stripe_api.Address(name="Ann Smith", phone="+7 812", parts={"line1": "Nevsky 1", "city": "Saint Petersburg"})
LIST, MOST_QUERIES = "/canvases/", 11


def address(order: CanvasOrder, what: str = "canvas") -> str:
    return reverse(f"billing:{what}", args=[order.key])


def moved_to(order: CanvasOrder, status: str) -> CanvasOrder:
    """Along its path, or off it."""
    if status == Status.CANCELLED:
        orders.cancel(order, by=order.owner)
    steps: dict[str, Callable[[], bool]] = {
        Status.RENDERING: lambda: orders.paid(order, ADDRESS, "ann@example.org"),
        Status.READY: lambda: orders.rendered(order, "masters/ab/abc"),
        Status.PRODUCTION: lambda: orders.produce(order),
        Status.SHIPPED: lambda: orders.ship(order, tracking="RR1", tracking_url="https://carrier.example/RR1"),
        Status.DELIVERED: lambda: orders.deliver(order),
    }
    for reached, step in steps.items():
        if order.status == status:
            break
        if status == Status.FAILED and reached == Status.READY:
            orders.fail(order)
            break
        step()
        order.refresh_from_db()
    order.refresh_from_db()
    assert order.status == status
    return order


@pytest.fixture(autouse=True)
def _at_an_address_that_stripe_takes(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS, settings.PRINT_DPI = ["testserver", "localhost"], canvasing.TINY_DPI


@pytest.fixture
def order(alice: User) -> CanvasOrder:
    return canvasing.placed(alice)


# The page ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status.values)
def test_every_state_is_told(as_alice: Client, order: CanvasOrder, status: str) -> None:
    said = words(as_alice.get(address(moved_to(order, status))))
    assert str(canvas_showing.HEADLINES[status]) in said
    assert str(canvas_showing.EXPLAINED[status]) in said
    assert ("Cancel this canvas" in said) is (status in ("placed", "rendering", "ready"))
    assert ("Pay 2,400 ₽" in said) is (status == "placed")


def test_the_story_says_what_happened_and_what_comes(as_alice: Client, alice: User, order: CanvasOrder) -> None:
    moved_to(order, Status.PRODUCTION)
    orders.tell(order, "A scratch: it is printed once more.", is_public=True)
    orders.tell(order, "The ink is low.")
    said = words(as_alice.get(address(order)))
    assert "A scratch: it is printed once more." in said and "The ink is low." not in said
    steps = canvas_showing.story(CanvasOrder.objects.with_story().get())
    assert [bool(step.at) for step in steps] == [True] * 5 + [False] * 2
    assert [step.label for step in steps if not step.at] == ["Sent", "Delivered"]


def test_where_it_goes_and_where_it_is(as_alice: Client, order: CanvasOrder) -> None:
    page = as_alice.get(address(moved_to(order, Status.SHIPPED)))
    assert "Ann Smith Nevsky 1 Saint Petersburg" in words(page) and "Tracking number RR1" in words(page)
    assert 'href="https://carrier.example/RR1"' in page.content.decode()


def test_a_picture_that_is_deleted_or_hidden_is_not_drawn(as_bob: Client, alice: User, bob: User) -> None:
    picture = make.done_job(alice, allow_prints=True)
    order = canvasing.placed(bob, picture)
    assert "data-picture" in as_bob.get(address(order)).content.decode()
    Job.objects.filter(pk=picture.pk).update(visibility=Job.Visibility.PRIVATE)
    assert "data-picture" not in as_bob.get(address(order)).content.decode()
    Job.objects.filter(pk=picture.pk).delete()
    assert as_bob.get(address(order)).status_code == 200


def test_how_far_the_painting_is(as_alice: Client, alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    make.worker()
    canvasing.painting(order)
    assert as_alice.get(address(order)).status_code == 200


@pytest.mark.parametrize("what", ["canvas", "pay_canvas", "cancel_canvas"])
def test_strangers_and_anonymous_404(as_bob: Client, anonymous: Client, order: CanvasOrder, what: str) -> None:
    for client in (as_bob, anonymous):
        answer = (client.get if what == "canvas" else client.post)(address(order, what))
        assert answer.status_code == 404
    order.refresh_from_db()
    assert order.status == Status.PLACED


def test_wrong_method_405(as_alice: Client, order: CanvasOrder) -> None:
    assert as_alice.post(address(order)).status_code == 405
    assert as_alice.get(address(order, "pay_canvas")).status_code == 405
    assert as_alice.get(address(order, "cancel_canvas")).status_code == 405
    assert as_alice.post(LIST).status_code == 405


def test_it_asks_a_bounded_number_of_times(as_alice: Client, alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    few = len(queries(lambda: as_alice.get(address(order))))
    for _word in range(4):
        orders.tell(order, "A word", is_public=True)
    assert len(queries(lambda: as_alice.get(address(order)))) == few <= MOST_QUERIES


# Paying --------------------------------------------------------------------------------------------------------------


def test_pay_leads_to_the_checkout_and_back_to_the_order(as_alice: Client, order: CanvasOrder, till: Till) -> None:
    answer = as_alice.post(address(order, "pay_canvas"), headers={"Host": "localhost"})
    assert answer.headers["Location"].startswith(till.url)
    payment = order.payments.get()
    till.pay(buying.session_of(payment), **canvasing.ADDRESS)
    landed = as_alice.get(reverse("billing:back", args=[payment.key]), follow=True)
    assert landed.redirect_chain == [(address(order), 302)]
    said = words(landed)
    assert "Your canvas is being painted" in said and "2,400 ₽ paid" in said
    assert "all of its price, 2,400 ₽, goes back to you" in said
    again = as_alice.post(address(order, "pay_canvas"), follow=True)
    assert "Nothing has to be paid for this canvas just now." in words(again)


def test_a_payment_that_failed_or_is_on_its_way_is_told(as_alice: Client, alice: User, till: Till) -> None:
    payment = canvasing.opened(alice)
    order = canvasing.order_of(payment)
    till.pay_later(buying.session_of(payment), **canvasing.ADDRESS)
    payments.fulfil(payment)
    said = words(as_alice.get(address(order)))
    assert "Your payment of 2,400 ₽ is on its way" in said and "Pay 2,400" not in said
    till.fail(buying.session_of(payment))
    payments.fulfil(payment)
    said = words(as_alice.get(address(order)))
    assert "The last payment did not go through" in said and "Pay 2,400 ₽" in said


def test_while_stripe_is_away_nothing_is_lost(as_alice: Client, order: CanvasOrder, till: Till) -> None:
    till.trouble(api="away")
    answer = as_alice.post(address(order, "pay_canvas"), follow=True, headers={"Host": "localhost"})
    assert "does not answer" in words(answer)


# Cancelling ----------------------------------------------------------------------------------------------------------


def test_before_it_is_paid_it_costs_nothing(as_alice: Client, order: CanvasOrder) -> None:
    assert "Nothing is paid yet: if you cancel it now, it costs nothing." in words(as_alice.get(address(order)))
    assert "Your canvas is cancelled" in words(as_alice.post(address(order, "cancel_canvas"), follow=True))


def test_what_is_told_before_the_click_comes_back(as_alice: Client, alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    said = words(as_alice.post(address(order, "cancel_canvas"), follow=True))
    assert "2,400 ₽ go back to you" in said and "It was cancelled before it was made." in said
    rounds.go_round()
    assert "2,400 ₽ were given back on" in words(as_alice.get(address(order)))
    assert sum(one["amount"] for one in till.refunds(buying.intent_of(order.payments.get()))) == 240000


@pytest.mark.parametrize("status", ["production", "shipped", "delivered"])
def test_once_it_is_made_it_is_too_late(as_alice: Client, order: CanvasOrder, status: str) -> None:
    moved_to(order, status)
    assert "It cannot be cancelled any more." in words(as_alice.post(address(order, "cancel_canvas"), follow=True))
    order.refresh_from_db()
    assert order.status == status


# The list ------------------------------------------------------------------------------------------------------------


def test_ones_own_newest_first_and_nobody_elses(as_alice: Client, as_bob: Client, alice: User, bob: User) -> None:
    theirs = canvasing.placed(bob)
    own = [canvasing.placed(alice, size=size) for size in ("20x30", "60x90")]
    page = as_alice.get(LIST).content.decode()
    assert page.index(address(own[1])) < page.index(address(own[0])) and address(theirs) not in page
    assert address(theirs) in as_bob.get(LIST).content.decode()


def test_it_asks_as_often_however_many_there_are(as_alice: Client, alice: User) -> None:
    canvasing.placed(alice)
    few = len(queries(lambda: as_alice.get(LIST)))
    for _more in range(4):
        canvasing.placed(alice)
    assert len(queries(lambda: as_alice.get(LIST))) == few


def test_an_empty_list_says_how_to_begin(anonymous: Client) -> None:
    assert "No canvas ordered yet" in words(anonymous.get(LIST))


def test_the_claim_link_brings_a_guests_canvases_back(anonymous: Client, alice: User) -> None:
    guest = make.guest()
    order = canvasing.placed(guest, make.done_job(alice, allow_prints=True))
    landed = anonymous.post(reverse("claim", args=[claims.token_of(guest)]), follow=True)
    assert f'href="{LIST}"' in landed.content.decode()
    assert anonymous.session[guests.SESSION_KEY] == guest.pk
    assert address(order) in anonymous.get(LIST).content.decode()
    assert anonymous.get(address(order)).status_code == 200


def test_a_render_that_failed_is_told_and_paid_back(as_alice: Client, alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    jobs.fail(canvasing.painting(order), Job.Failure.ERROR)
    for _round in range(2):
        canvas_rounds.go_round()
        rounds.go_round()
    said = words(as_alice.get(address(order)))
    assert "Your canvas could not be made" in said and "2,400 ₽ were given back" in said
