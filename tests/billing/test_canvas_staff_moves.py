"""What staff do with a canvas: made, sent, arrived, ended, painted again, written down; and two of them at once."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse

from billing import canvas_rounds, orders, rounds
from billing.models import CanvasOrder, Payment
from people.models import User
from stylize import jobs, storage
from stylize.models import Job
from tests import make, together
from tests.billing import buying, canvasing
from tests.till import Till

Status = CanvasOrder.Status
pytestmark = pytest.mark.django_db
TRACKED = {"tracking": "RA123", "tracking_url": "https://post.example/RA123"}


@pytest.fixture(autouse=True)
def _tiny(settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI


@pytest.fixture
def owner() -> User:
    return make.user("boss", is_staff=True, is_superuser=True)


@pytest.fixture
def boss(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def ready(till: Till, alice: User) -> CanvasOrder:
    return canvasing.ready(till, alice)


def do(client: Client, order: CanvasOrder, verb: str, **given: str) -> str:
    where = reverse(f"billing:staff_canvas_{verb}", args=[order.key])
    answer = client.post(where, given, follow=True)
    assert answer.status_code == 200
    order.refresh_from_db()
    return answer.content.decode()


def test_from_ready_to_delivered_and_the_customer_is_told(boss: Client, owner: User, ready: CanvasOrder) -> None:
    canvas_rounds.go_round()
    mail.outbox.clear()
    assert "It is being made now." in do(boss, ready, "produce")
    assert "It is on its way." in do(boss, ready, "ship", **TRACKED)
    assert "It has arrived." in do(boss, ready, "deliver")
    assert (ready.status, ready.tracking, ready.tracking_url) == (Status.DELIVERED, *TRACKED.values())
    assert canvasing.story(ready)[-3:] == ["production", "shipped", "delivered"]
    assert {event.by for event in ready.events.filter(status__in=["production", "shipped", "delivered"])} == {owner}
    canvas_rounds.go_round()
    subjects = [message.subject for message in mail.outbox]
    assert len(subjects) == 3 and "RA123" in str(mail.outbox[1].body)


def test_nothing_is_made_without_its_print_file(boss: Client, ready: CanvasOrder) -> None:
    CanvasOrder.objects.update(master="")
    assert "Nothing was changed" in do(boss, ready, "produce")
    assert ready.status == Status.READY


@pytest.mark.parametrize("given", [{}, {"tracking": "RA123"}, {"tracking_url": "post.example/RA123"}])
def test_not_every_carrier_gives_a_number(boss: Client, ready: CanvasOrder, given: dict[str, str]) -> None:
    orders.produce(ready)
    do(boss, ready, "ship", **given)
    assert ready.status == Status.SHIPPED
    assert ready.tracking_url in ("", "https://post.example/RA123")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://post.example/", "nothing", "x" * 300])
def test_a_page_that_is_none_shows_the_form_again_with_nothing_lost(boss: Client, ready: CanvasOrder, url: str) -> None:
    orders.produce(ready)
    shown = do(boss, ready, "ship", tracking="RA123", tracking_url=url)
    assert ready.status == Status.PRODUCTION
    assert 'value="RA123"' in shown and "errorlist" in shown


def test_a_number_that_was_wrong_is_corrected_once(boss: Client, ready: CanvasOrder) -> None:
    orders.produce(ready), orders.ship(ready, tracking="RA1")
    assert "The customer's page shows it now." in do(boss, ready, "ship", was="RA1", **TRACKED).replace("&#x27;", "'")
    assert (ready.tracking, ready.tracking_url) == tuple(TRACKED.values())
    assert "Nothing was changed" in do(boss, ready, "ship", was="RA1", tracking="RA9")
    assert ready.tracking == "RA123"
    assert list(ready.events.filter(is_move=False).values_list("note", "is_public")) == [
        ("Tracking: RA1 → RA123", False)
    ]


# The end --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "how", "ends"),
    [("placed", "cancel", "cancelled"), ("ready", "cancel", "cancelled"), ("production", "fail", "failed"),
     ("shipped", "fail", "failed"), ("ready", "fail", "failed"), ("production", "cancel", ""),
     ("delivered", "fail", ""), ("cancelled", "fail", "")],
)  # fmt: skip
def test_it_ends_with_a_reason_where_that_is_possible(
    boss: Client, ready: CanvasOrder, status: str, how: str, ends: str
) -> None:
    CanvasOrder.objects.update(status=status)
    shown = do(boss, ready, "end", how=how, note="Out of wood")
    assert ready.status == (ends or status)
    assert ("Nothing was changed" in shown) is not bool(ends)
    if ends:
        event = ready.events.get(status=ends)
        assert (event.note, event.is_public) == ("Out of wood", True)


def test_whoever_paid_gets_it_back(boss: Client, till: Till, ready: CanvasOrder) -> None:
    do(boss, ready, "end", how="cancel", note="Out of wood")
    rounds.go_round()
    payment = Payment.objects.get(order=ready)
    assert sum(one["amount"] for one in till.refunds(buying.intent_of(payment))) == payment.amount_minor
    shown = boss.get(reverse("billing:staff_canvas", args=[ready.key])).content.decode().replace("\u00a0", " ")
    assert "given back." in shown
    canvas_rounds.go_round()
    assert any("Out of wood" in str(message.body) for message in mail.outbox)


@pytest.mark.parametrize("note", ["", "x" * 501])
def test_without_a_reason_it_does_not_end(boss: Client, ready: CanvasOrder, note: str) -> None:
    assert "errorlist" in do(boss, ready, "end", how="cancel", note=note)
    assert ready.status == Status.READY


# Painted again --------------------------------------------------------------------------------------------------------


def test_another_render_is_painted_and_another_file_made(boss: Client, ready: CanvasOrder) -> None:
    first, was = ready.render, ready.master
    assert first
    do(boss, ready, "repaint", render=first.key)
    assert (ready.status, ready.master, ready.render) == (Status.READY, "", None)
    assert not storage.exists(was + ".jpg")
    assert not orders.produce(ready), "there is nothing to print"
    canvasing.painted(ready)
    canvas_rounds.make_masters()
    ready.refresh_from_db()
    assert ready.render != first and ready.master not in ("", was)
    assert orders.produce(ready)


def test_the_render_that_was_on_the_page_and_no_later_one(boss: Client, ready: CanvasOrder) -> None:
    first = ready.render
    assert first
    do(boss, ready, "repaint", render=first.key)
    canvas_rounds.begin_renders()
    assert "Nothing was changed" in do(boss, ready, "repaint", render=first.key)
    assert "Nothing was changed" in do(boss, ready, "repaint", render="")
    assert ready.render and ready.render.status == Job.Status.QUEUED


def test_a_render_that_is_being_painted_stops(boss: Client, till: Till, alice: User) -> None:
    order = canvasing.paid(till, alice)
    render = canvasing.painting(order)
    do(boss, order, "repaint", render=render.key)
    assert not jobs.beat(render)
    canvas_rounds.begin_renders()
    order.refresh_from_db()
    assert (order.status, order.render == render) == (Status.RENDERING, False)


def test_a_file_of_the_render_that_was_dropped_comes_too_late(
    boss: Client, owner: User, till: Till, alice: User
) -> None:
    order = canvasing.paid(till, alice)
    render = canvasing.painted(order)
    seen_by_house = CanvasOrder.objects.get(pk=order.pk)
    assert orders.repaint(order, render.key, by=owner)
    assert not orders.rendered(seen_by_house, "masters/xx/x")
    order.refresh_from_db()
    assert (order.status, order.master) == (Status.RENDERING, "")


@pytest.mark.parametrize("status", ["placed", "shipped", "delivered", "cancelled", "failed"])
def test_nothing_is_painted_for_what_needs_no_file(boss: Client, ready: CanvasOrder, status: str) -> None:
    CanvasOrder.objects.update(status=status)
    assert ready.render
    assert "Nothing was changed" in do(boss, ready, "repaint", render=ready.render.key)
    assert ready.master


# Written down ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("public", [True, False])
def test_a_note_for_the_customer_or_for_staff(
    boss: Client, as_alice: Client, owner: User, ready: CanvasOrder, public: bool
) -> None:
    do(boss, ready, "note", note="The wood <is> late", **({"is_public": "on"} if public else {}))
    event = ready.events.get(is_move=False)
    assert (event.note, event.is_public, event.by, event.status) == ("The wood <is> late", public, owner, Status.READY)
    own = as_alice.get(reverse("billing:canvas", args=[ready.key])).content.decode()
    assert ("The wood &lt;is&gt; late" in own) is public


@pytest.mark.parametrize("note", ["", "x" * 501])
def test_no_note_shows_the_form_again(boss: Client, ready: CanvasOrder, note: str) -> None:
    shown = do(boss, ready, "note", note=note)
    assert "errorlist" in shown and note in shown
    assert not ready.events.filter(is_move=False).exists()


# Two at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["produce", "ship", "deliver", "end", "repaint"])
def test_two_of_the_staff_at_once_do_it_once(till: Till, alice: User, verb: str) -> None:
    order = canvasing.ready(till, alice)
    assert order.render
    for step in {"ship": [orders.produce], "deliver": [orders.produce, orders.ship]}.get(verb, []):
        step(order)
    given: dict[str, Any] = {
        "ship": TRACKED, "end": {"how": "cancel", "note": "x"}, "repaint": {"render": order.render.key}
    }.get(verb, {})  # fmt: skip
    before = order.events.count()
    clients = [Client() for _number in range(4)]
    for number, client in enumerate(clients):
        client.force_login(make.user(f"boss{number}", is_staff=True, is_superuser=True))
    where = reverse(f"billing:staff_canvas_{verb}", args=[order.key])
    answers = together.at_once([lambda client=client: client.post(where, given) for client in clients])  # type: ignore[misc]
    assert [answer.status_code for answer in answers] == [302] * 4
    assert order.events.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_staff_begin_and_the_customer_cancels_at_once_and_one_of_them_wins(till: Till, alice: User) -> None:
    for _time in range(4):
        order = canvasing.ready(till, alice)
        begun, cancelled = together.at_once([
            lambda order=order: orders.produce(order), lambda order=order: orders.cancel(order, by=alice),  # type: ignore[misc]
        ])  # fmt: skip
        assert begun is not cancelled
        order.refresh_from_db()
        assert order.status == (Status.PRODUCTION if begun else Status.CANCELLED)
