"""The life of a canvas: who may order what, every move and no other, and what the house does for it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from PIL import Image

from billing import canvas_rounds, canvases, finishing, orders
from billing.models import CanvasEvent, CanvasOrder
from people.models import User
from stylize import housekeeping, jobs, storage, sweep
from stylize.models import Job
from tests import make
from tests.billing import buying, canvasing
from tests.till import Till

Status = CanvasOrder.Status
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tiny(settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI


# Placing --------------------------------------------------------------------------------------------------------------


def test_an_order_says_all_that_was_ordered_at_the_price_of_the_day(alice: User) -> None:
    picture = make.done_job(alice)
    order = canvasing.placed(alice, picture, wrap=canvases.Wrap.COLOUR, colour="#aabbcc", controls={"strength": 2.0})
    assert (order.status, order.amount_minor, order.currency, order.dpi) == (Status.PLACED, 240000, "RUB", 20)
    assert (order.picture_key, order.wrap_colour, order.controls) == (picture.key, "#aabbcc", {"strength": 2.0})
    assert order.wish == canvasing.wish(
        picture, wrap=canvases.Wrap.COLOUR, colour="#aabbcc", controls={"strength": 2.0}
    )  # fmt: skip
    assert canvasing.story(order) == ["placed"]


def test_one_form_sent_twice_is_one_order(alice: User) -> None:
    picture, token = make.done_job(alice), uuid.uuid4()
    first, again = (orders.place(alice, picture, canvasing.wish(picture), token) for _time in range(2))
    assert first == again
    assert CanvasOrder.objects.count() == CanvasEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("visibility", "allowed", "may"),
    [("public", True, True), ("public", False, False), ("unlisted", True, False), ("private", True, False)],
)
def test_strangers_order_what_is_public_and_allowed(
    alice: User, bob: User, visibility: str, allowed: bool, may: bool
) -> None:
    picture = make.done_job(alice, visibility=visibility, allow_prints=allowed)
    assert orders.may_be_ordered_by(bob).contains(picture) is may
    assert orders.may_be_ordered_by(None).contains(picture) is may
    assert orders.may_be_ordered_by(alice).contains(picture)
    if not may:
        with pytest.raises(orders.NotForSale):
            canvasing.placed(bob, picture)


@pytest.mark.parametrize("status", [status for status in Job.Status.values if status != Job.Status.DONE])
def test_only_finished_pictures_are_ordered(alice: User, status: str) -> None:
    with pytest.raises(orders.NotForSale):
        canvasing.placed(alice, make.in_status(alice, status))


def test_a_photo_that_is_too_small_is_ordered_only_by_who_has_read_what_that_means(alice: User) -> None:
    picture = make.done_job(alice)
    with pytest.raises(orders.NotRead):
        canvasing.placed(alice, picture, has_read=False)
    assert canvasing.placed(alice, picture, has_read=True)


def test_a_crop_that_is_not_the_canvas_is_told_so(alice: User) -> None:
    picture = make.done_job(alice)
    with pytest.raises(orders.NotForSale, match="shape"):
        orders.place(alice, picture, canvases.Wish("30x40", True, canvases.Crop(), has_read=True))


def test_nobody_fills_the_table_with_unpaid_orders(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MOST_PLACED", 2)
    picture = make.done_job(alice)
    first, _second = canvasing.placed(alice, picture), canvasing.placed(alice, picture)
    with pytest.raises(orders.NotForSale):
        canvasing.placed(alice, picture)
    orders.cancel(first, by=alice)
    assert canvasing.placed(alice, picture)


# Moves ----------------------------------------------------------------------------------------------------------------


def in_status(owner: User, status: str) -> CanvasOrder:
    order = canvasing.placed(owner)
    CanvasOrder.objects.filter(pk=order.pk).update(status=status, master="masters/xx/x")
    order.refresh_from_db()
    return order


@pytest.mark.parametrize("status", Status.values)
def test_no_status_is_left_but_as_the_table_says(alice: User, status: str) -> None:
    for to in Status.values:
        order = in_status(alice, status)
        before = order.events.count()
        moved = to in orders.MOVES and orders._move(order, to)
        assert moved is (to in orders.MOVES and status in orders.MOVES[to])
        order.refresh_from_db()
        assert order.status == (to if moved else status)
        assert order.events.count() == before + moved


def test_a_move_and_its_line_in_the_story_are_one(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    order = canvasing.placed(alice)

    def broken(**fields: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(CanvasEvent.objects, "create", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        orders.cancel(order)
    order.refresh_from_db()
    assert order.status == Status.PLACED


def test_a_status_that_nobody_knows_is_refused_by_the_database(alice: User) -> None:
    order = canvasing.placed(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        CanvasOrder.objects.filter(pk=order.pk).update(status="lost")


def test_a_story_says_who_moved_what_and_what_staff_wrote(alice: User, bob: User, till: Till) -> None:
    order = canvasing.ready(till, alice)
    assert orders.produce(order, by=bob)
    orders.tell(order, "A knot in the frame, taken another.", by=bob)
    assert orders.ship(order, by=bob, tracking="RA1", tracking_url="https://post.example/RA1")
    assert orders.deliver(order, by=bob)
    assert canvasing.story(order) == ["placed", "rendering", "ready", "production", "shipped", "delivered"]
    by: dict[str, str | None] = dict(order.events.filter(is_move=True).values_list("status", "by__handle"))
    assert (by["placed"], by["rendering"], by["shipped"]) == ("alice-paints", None, "bob-paints")
    (note,) = order.events.filter(is_move=False)
    assert (note.is_public, note.status) == (False, Status.PRODUCTION)
    assert (order.tracking, order.tracking_url) == ("RA1", "https://post.example/RA1")


@pytest.mark.parametrize("status", Status.values)
def test_cancelling_is_free_until_production(alice: User, status: str) -> None:
    order = in_status(alice, status)
    may = status in (Status.PLACED, Status.RENDERING, Status.READY)
    assert order.is_cancellable is may
    assert orders.cancel(order, by=alice) is may


def test_nothing_is_made_without_a_print_file(alice: User) -> None:
    order = in_status(alice, Status.READY)
    CanvasOrder.objects.update(master="")
    assert not orders.produce(order)


# From the picture to the file -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", canvases.Wrap.values)
@pytest.mark.parametrize("portrait", [False, True])
def test_the_file_is_what_was_ordered(alice: User, till: Till, wrap: str, portrait: bool) -> None:
    order = canvasing.ready(till, alice, wrap=wrap, portrait=portrait, colour="#102030")
    with storage.open(order.master + finishing.FILE.suffix) as file:
        picture = Image.open(file)
        picture.load()
    assert picture.size == order.whole_px
    assert order.render and (order.render.width, order.render.height) == canvases.painted_px(
        order.canvas, portrait=portrait, wrap=wrap, dpi=20
    )
    assert order.render.tier == "print"
    assert canvasing.story(order) == ["placed", "rendering", "ready"]


def test_a_render_begins_once(alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    assert [canvas_rounds.begin_renders() for _round in range(3)] == [1, 0, 0]
    order.refresh_from_db()
    assert order.render and order.render.goes_on_from == order.picture


def test_a_file_that_does_not_stand_the_checks_fails_the_order(alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    canvasing.painted(order, Image.new("RGB", canvases.front_px(order.canvas, portrait=False, dpi=20), "grey"))
    CanvasOrder.objects.update(picture=None)  # whose red would excuse the grey
    assert canvas_rounds.make_masters() == 0
    order.refresh_from_db()
    assert (order.status, order.master) == (Status.FAILED, "")
    assert not list(storage.names("masters/"))
    (note,) = order.events.filter(is_public=False)
    assert "nothing is to be seen" in note.note


@pytest.mark.parametrize("failure", [Job.Failure.FLAT, Job.Failure.MEMORY, Job.Failure.ERROR])
def test_a_render_that_fails_for_good_fails_the_order(alice: User, till: Till, failure: str) -> None:
    order = canvasing.paid(till, alice)
    jobs.fail(canvasing.painting(order), failure)
    canvas_rounds.go_round()
    order.refresh_from_db()
    assert order.status == Status.FAILED


def test_a_render_that_was_lost_is_painted_again(alice: User, till: Till) -> None:
    order = canvasing.paid(till, alice)
    first = canvasing.painted(order)
    first.refresh_from_db()
    assert jobs.lose(first)
    canvas_rounds.look_at_renders()
    second = canvasing.painted(order)
    assert second != first
    canvas_rounds.make_masters()
    order.refresh_from_db()
    assert order.status == Status.READY


@pytest.mark.parametrize("killed", [False, True])
def test_cancelled_while_it_is_painted_the_render_stops(
    alice: User, till: Till, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    order = canvasing.paid(till, alice)
    render = canvasing.painting(order)
    with monkeypatch.context() as patch:
        if killed:  # between the move and the render
            patch.setattr(orders, "_stop_render", lambda order: None)
        assert orders.cancel(order, by=alice)
    assert jobs.beat(render) is killed
    canvas_rounds.go_round()
    assert not jobs.beat(render)


def test_cancelled_while_its_file_is_made_the_file_goes(
    alice: User, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, make_it = canvasing.paid(till, alice), finishing.make
    canvasing.painted(order)

    def slowly(wanted: CanvasOrder) -> tuple[str, list[str]]:
        made = make_it(wanted)
        assert orders.cancel(order, by=alice)
        return made

    monkeypatch.setattr(finishing, "make", slowly)
    assert canvas_rounds.make_masters() == 0
    order.refresh_from_db()
    assert (order.status, order.master) == (Status.CANCELLED, "")
    assert not list(storage.names("masters/"))


# Leftovers ------------------------------------------------------------------------------------------------------------


def test_what_nobody_pays_for_expires_after_seven_days(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    order, clock = canvasing.placed(alice), buying.Clock(monkeypatch)
    assert orders.expire() == 0
    clock.forward(orders.PLACED_LIVES)
    assert [orders.expire(), orders.expire()] == [1, 0]
    order.refresh_from_db()
    assert order.status == Status.CANCELLED


def test_an_unpaid_order_goes_with_its_picture_and_a_paid_one_stays(alice: User, till: Till) -> None:
    unpaid, paid = canvasing.placed(alice), canvasing.ready(till, alice)
    for order in (unpaid, paid):
        assert order.picture
        housekeeping.delete_job(order.picture)
    canvas_rounds.go_round()
    unpaid.refresh_from_db()
    paid.refresh_from_db()
    assert (unpaid.status, paid.status) == (Status.CANCELLED, Status.READY)
    assert paid.picture is None and storage.exists(paid.master + ".jpg")


def test_renders_go_when_it_is_over_and_files_some_months_later(
    alice: User, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, clock = canvasing.ready(till, alice), buying.Clock(monkeypatch)
    clock.forward(housekeeping.PRINTS_LIVE)
    assert housekeeping.expire_prints() == 0
    orders.produce(order), orders.ship(order), orders.deliver(order)
    assert (housekeeping.expire_prints(), canvas_rounds.clear()) == (1, 0)
    order.refresh_from_db()
    assert order.render is None and storage.exists(order.master + ".jpg")
    clock.forward(canvas_rounds.MASTERS_LIVE)
    assert canvas_rounds.clear() == 1
    assert not list(storage.names("masters/"))


def test_a_print_file_that_is_lost_is_made_anew(alice: User, till: Till) -> None:
    order = canvasing.ready(till, alice)
    first = order.master
    storage.delete(first + ".jpg")
    sweep.run(spared=timedelta(0))
    canvas_rounds.make_masters()
    order.refresh_from_db()
    assert order.master != first and storage.exists(order.master + ".jpg")
    assert order.status == Status.READY


def test_a_print_file_that_no_order_names_is_deleted(alice: User, till: Till) -> None:
    order = canvasing.ready(till, alice)
    CanvasOrder.objects.update(master="")
    sweep.run(spared=timedelta(0))
    assert not storage.exists(order.master + ".jpg")


def test_a_guest_who_signs_in_keeps_canvases_and_their_story(alice: User) -> None:
    guest = make.guest()
    order = canvasing.placed(guest)
    buying.hand_over(guest, alice)
    order.refresh_from_db()
    assert order.owner == alice
    assert list(order.events.values_list("by", flat=True)) == [alice.pk]
