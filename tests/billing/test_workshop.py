"""Whoever makes the canvases: our own hands, or an outside service behind the same narrow door."""

import pytest
from django.conf import LazySettings

from billing import canvas_rounds, checks, orders, workshop
from billing.models import CanvasOrder
from people.models import User
from tests.billing import buying, canvasing
from tests.billing.canvasing import Faraway
from tests.till import Till

Status, Stage = CanvasOrder.Status, workshop.Stage
OUTSIDE = "tests.billing.canvasing.Faraway"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tiny(settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI
    Faraway.empty()


@pytest.fixture
def clock(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> buying.Clock:
    """An outside printer is plugged in."""
    settings.PRINTER = OUTSIDE
    return buying.Clock(monkeypatch)


def later(clock: buying.Clock) -> None:
    clock.forward(canvas_rounds.ASK_AGAIN)
    canvas_rounds.go_round()


def made(till: Till, owner: User, clock: buying.Clock) -> CanvasOrder:
    order = canvasing.ready(till, owner)
    clock.forward(canvas_rounds.THINK_AGAIN)
    canvas_rounds.go_round()
    order.refresh_from_db()
    return order


def test_our_own_workshop_waits_for_hands(alice: User, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    order, clock = canvasing.ready(till, alice), buying.Clock(monkeypatch)
    clock.forward(canvas_rounds.THINK_AGAIN)
    canvas_rounds.go_round()
    order.refresh_from_db()
    assert order.status == Status.READY
    orders.produce(order)
    canvas_rounds.go_round()
    later(clock)
    order.refresh_from_db()
    assert (order.status, order.carrier_ref) == (Status.PRODUCTION, order.key)


def test_an_outside_service_makes_sends_and_tells(alice: User, till: Till, clock: buying.Clock) -> None:
    order = made(till, alice, clock)
    assert (order.status, order.carrier_ref) == (Status.PRODUCTION, "far-1")
    Faraway.news["far-1"] = workshop.News(Stage.SHIPPED, "RA1", "https://post.example/RA1")
    later(clock)
    order.refresh_from_db()
    assert (order.status, order.tracking, order.tracking_url) == (Status.SHIPPED, "RA1", "https://post.example/RA1")
    Faraway.news["far-1"] = workshop.News(Stage.DELIVERED)
    later(clock)
    order.refresh_from_db()
    assert (order.status, order.tracking) == (Status.DELIVERED, "RA1")
    asked = len(Faraway.calls)
    later(clock)
    assert len(Faraway.calls) == asked


def test_news_that_was_missed_is_made_up_for(alice: User, till: Till, clock: buying.Clock) -> None:
    order = made(till, alice, clock)
    Faraway.news["far-1"] = workshop.News(Stage.DELIVERED, "RA1")
    later(clock)
    assert canvasing.story(order)[-3:] == ["production", "shipped", "delivered"]


def test_there_is_time_to_think_again(alice: User, till: Till, clock: buying.Clock) -> None:
    order = canvasing.ready(till, alice)
    canvas_rounds.go_round()
    assert orders.cancel(order, by=alice)
    clock.forward(canvas_rounds.THINK_AGAIN)
    canvas_rounds.go_round()
    assert "place" not in Faraway.calls


def test_a_service_that_is_away_is_asked_again(alice: User, till: Till, clock: buying.Clock) -> None:
    order = canvasing.ready(till, alice)
    Faraway.troubles = [workshop.Away(), workshop.Away()]
    clock.forward(canvas_rounds.THINK_AGAIN)
    for _round in range(3):
        later(clock)
    order.refresh_from_db()
    assert (order.status, Faraway.taken) == (Status.PRODUCTION, {order.key: "far-1"})


def test_an_answer_that_was_lost_places_nothing_twice(alice: User, till: Till, clock: buying.Clock) -> None:
    Faraway.answer_is_lost = True
    order = made(till, alice, clock)
    later(clock)
    order.refresh_from_db()
    assert (Faraway.calls.count("place"), Faraway.taken) == (2, {order.key: "far-1"})
    assert order.carrier_ref == "far-1"


def test_a_service_that_refuses_fails_the_order(alice: User, till: Till, clock: buying.Clock) -> None:
    Faraway.troubles = [workshop.Refused("no such frame")]
    order = made(till, alice, clock)
    assert order.status == Status.FAILED
    assert order.events.filter(is_public=False).get().note == "Printer: no such frame"


def test_a_service_that_cannot_make_it_fails_the_order(alice: User, till: Till, clock: buying.Clock) -> None:
    order = made(till, alice, clock)
    Faraway.news["far-1"] = workshop.News(Stage.FAILED, note="ink")
    later(clock)
    order.refresh_from_db()
    assert order.status == Status.FAILED


def test_what_staff_give_up_is_withdrawn_once(alice: User, till: Till, clock: buying.Clock) -> None:
    order = made(till, alice, clock)
    Faraway.troubles = [workshop.Away()]
    assert orders.fail(order)
    canvas_rounds.go_round()
    assert Faraway.cancelled == []
    for _round in range(3):
        later(clock)
    assert Faraway.cancelled == ["far-1"]


@pytest.mark.parametrize(
    ("printer", "ship_to", "problems"),
    [("billing.workshop.OwnWorkshop", ("RU",), 0), (OUTSIDE, ("RU", "KZ"), 0), ("nowhere.Printer", ("RU",), 1),
     ("billing.workshop.Nobody", ("Russia",), 2)],
)  # fmt: skip
def test_settings_that_cannot_work_are_told_at_the_start(
    settings: LazySettings, printer: str, ship_to: tuple[str, ...], problems: int
) -> None:
    settings.PRINTER, settings.SHIP_TO = printer, ship_to
    assert len(checks.canvases_can_be_made(None)) == problems
