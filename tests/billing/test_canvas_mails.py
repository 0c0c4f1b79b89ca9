"""The mails of a canvas tell its story: each once, in the customer's language, and of money where there was some."""

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse

from billing import canvas_notices, canvas_rounds, orders, payments, rounds
from billing.models import CanvasEvent, CanvasOrder, Payment
from people.models import User
from stylize import jobs
from stylize.models import Job
from tests.billing import buying, canvasing
from tests.billing.test_receipts import sent, whole
from tests.till import Till

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tiny(settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI
    settings.SITE_URL = "https://paint.example"


def go_round() -> None:
    canvas_rounds.go_round()
    rounds.go_round()


def subjects() -> list[str]:
    return [one.subject.partition(" · ")[0] for one in sent()]


def test_from_the_receipt_to_the_wall(alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    go_round()
    page = "https://paint.example" + reverse("billing:canvas", args=[order.key])
    whole(sent()[0], "A canvas, 40 × 30 cm", "2,400 ₽", "Ann Smith, Nevsky 1, flat 2", "free of charge", page)
    canvasing.painted(order)
    for move in (lambda: None, lambda: orders.produce(order), lambda: orders.ship(order, tracking="RA1")):
        move()
        go_round()
        order.refresh_from_db()
    orders.deliver(order)
    go_round()
    go_round()
    assert subjects() == [
        "Receipt", "Your canvas is painted", "Your canvas is being made",
        "Your canvas is on its way", "Your canvas has arrived",
    ]  # fmt: skip
    assert {tuple(one.to) for one in sent()} == {("visitor@example.org",)}
    whole(sent()[3], "RA1", "Ann Smith, Nevsky 1, flat 2, 190000 Saint Petersburg, Russia", page)
    assert not CanvasEvent.objects.filter(told_at=None).exists()


def test_a_tracking_page_is_the_button(alice: User, till: Till) -> None:
    order = canvasing.ready(till, alice)
    orders.produce(order)
    orders.ship(order, tracking="RA1", tracking_url="https://post.example/RA1")
    canvas_notices.send_due()
    whole(sent()[-1], "Where it is now", "https://post.example/RA1")


def test_cancelled_all_comes_back_and_is_told(alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    go_round()
    orders.cancel(order, by=alice)
    go_round()
    go_round()
    assert subjects() == ["Receipt", "Your canvas is cancelled", "Your money goes back to you"]
    whole(sent()[1], "All that you have paid, 2,400 ₽, goes back to you by itself.")
    whole(sent()[2], "2,400 ₽ go back to you", "It was cancelled before it was made.")


def test_failed_all_comes_back_and_is_told(alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    jobs.fail(canvasing.painting(order), Job.Failure.ERROR)
    for _round in range(3):
        go_round()
    assert sorted(subjects()) == ["Receipt", "Your canvas could not be made", "Your money goes back to you"]
    failed = next(one for one in sent() if "could not be made" in one.subject)
    whole(failed, "We are sorry", "2,400 ₽, goes back to you by itself")


def test_the_words_of_staff_are_told_with_the_move(alice: User, till: Till) -> None:
    order = canvasing.ready(till, alice)
    orders.produce(order)
    orders.fail(order, note="The roll of canvas was faulty, and there is no other.")
    orders.tell(order, "Order another roll.")
    canvas_notices.send_due()
    whole(sent()[-1], "The roll of canvas was faulty")
    assert not any("another roll" in str(one.body) for one in sent())


def test_of_what_nobody_paid_nothing_is_told(alice: User) -> None:
    order = canvasing.placed(alice)
    orders.cancel(order, by=alice)
    assert canvas_notices.send_due() == 0
    assert not CanvasEvent.objects.filter(told_at=None).exists()


def test_money_that_came_too_late_has_a_receipt_that_says_it_goes_back(alice: User, till: Till) -> None:
    payment = canvasing.opened(alice)
    orders.cancel(canvasing.order_of(payment))
    till.pay(buying.session_of(payment), **canvasing.ADDRESS)
    payments.fulfil(payment)
    go_round()
    whole(sent()[0], "the order was not waiting for it any more")


def test_in_the_language_of_the_order(alice: User, till: Till) -> None:
    order = canvasing.ready(till, alice)
    CanvasOrder.objects.update(language="ru")
    Payment.objects.update(language="ru")
    orders.produce(order)
    canvas_notices.send_due()
    ((page, _kind),) = sent()[-1].alternatives
    assert 'lang="ru"' in str(page)


def test_where_there_is_nobody_to_write_to_it_is_not_tried_for_ever(alice: User, till: Till) -> None:
    canvasing.ready(till, alice)
    CanvasOrder.objects.update(email="", owner=None)
    assert canvas_notices.send_due() == 0
    assert not CanvasEvent.objects.filter(told_at=None).exists()
    assert mail.outbox == []


def test_pages_of_money_tell_of_canvases(alice: User, till: Till, as_alice: Client) -> None:
    order = canvasing.paid(till, alice)
    payment = order.payments.get()
    for path in (reverse("billing:mine"), reverse("billing:receipt", args=[payment.key])):
        page = as_alice.get(path).content.decode()
        assert "A canvas, 40 × 30 cm" in page and reverse("billing:canvas", args=[order.key]) in page
    answer = as_alice.get(reverse("billing:back", args=[payment.key]))
    assert answer.headers["Location"] == reverse("billing:canvas", args=[order.key])
