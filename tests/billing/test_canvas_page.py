"""The page that orders a canvas: what it shows for what is chosen, and ordering; with the litany."""

import re
import uuid
from html import unescape
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from billing import canvas_forms, canvases
from billing.models import CanvasOrder
from people.models import User
from stylize.models import Job, Upload
from tests import make
from tests.test_query_counts import queries

pytestmark = pytest.mark.django_db
TAGS = re.compile(r"<[^>]+>")
MOST_QUERIES = 8


def address(picture: Job) -> str:
    return reverse("billing:choose", args=[picture.key])


def words(answer: Any) -> str:
    body = answer.content.decode().partition("<main")[2].partition("</main")[0]
    return " ".join(unescape(TAGS.sub(" ", body)).split())


def form(**fields: Any) -> dict[str, str]:
    usual = {
        "size": "30x40", "format": "landscape", "wrap": "mirror", "colour": "#ffffff", "left": "0", "top": "0",
        "width": "100", "height": "100", "strength": "1", "brush_size": "1", "form_token": str(uuid.uuid4()),
    }  # fmt: skip
    return {name: str(value) for name, value in (usual | fields).items() if value is not None}


def of_photo(picture: Job, width: int, height: int) -> Job:
    """As if its photo had that many px."""
    Upload.objects.filter(pk=picture.photo_id).update(width=width, height=height)
    return picture


@pytest.fixture
def picture(alice: User) -> Job:
    """120 × 90 px, as every painting in these tests, of a photo that is large enough for anything."""
    return of_photo(make.done_job(alice), 4000, 3000)


# Ordering ------------------------------------------------------------------------------------------------------------


def test_works(as_alice: Client, alice: User, picture: Job) -> None:
    answer = as_alice.post(address(picture), form(wrap="colour", colour="#112233"))
    order = CanvasOrder.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"] == reverse("billing:canvas", args=[order.key])
    assert (order.owner, order.picture, order.size, order.wrap, order.wrap_colour) == (
        alice, picture, "30x40", "colour", "#112233",
    )  # fmt: skip
    assert (order.amount_minor, order.currency, order.controls) == (240000, "RUB", {})
    assert canvases.fits(order.crop, (120, 90), order.wish)


def test_settings_of_a_proof_are_ordered(as_alice: Client, picture: Job) -> None:
    as_alice.post(address(picture), form(strength="2", brush_size="0.5"))
    assert CanvasOrder.objects.get().controls == {"strength": 2.0, "brush_size": 0.5}


def test_what_it_was_painted_with_is_the_usual(as_alice: Client, picture: Job) -> None:
    Job.objects.filter(pk=picture.pk).update(controls={"strength": 2.0})
    as_alice.post(address(picture), form(strength="2"))
    as_alice.post(address(picture), form(strength="1"))
    assert [order.controls for order in CanvasOrder.objects.order_by("id")] == [{}, {"strength": 1.0}]


def test_the_same_form_twice_is_one_order(as_alice: Client, picture: Job) -> None:
    sent = form()
    first, second = (as_alice.post(address(picture), sent).headers["Location"] for _click in range(2))
    assert first == second and CanvasOrder.objects.count() == 1


def test_a_newcomer_orders_a_public_picture_and_the_order_is_theirs(anonymous: Client, picture: Job) -> None:
    Job.objects.filter(pk=picture.pk).update(allow_prints=True)
    sent = form()
    answer = anonymous.post(address(picture), sent, follow=True)
    order = CanvasOrder.objects.get()
    assert order.owner and order.owner.is_guest
    assert answer.status_code == 200 and order.key in answer.content.decode()
    other_click = Client().post(address(picture), sent)  # whose cookie never arrived
    assert other_click.headers["Location"] == reverse("billing:canvas", args=[order.key])


def test_a_crop_of_another_shape_is_shown_before_it_is_ordered(as_alice: Client, picture: Job) -> None:
    answer = as_alice.post(address(picture), form(format="portrait"))
    assert answer.status_code == 400 and not CanvasOrder.objects.exists()
    assert "fitted to it" in words(answer)
    fitted = dict(re.findall(r'name="(left|top|width|height)" value="([\d.]+)"', answer.content.decode()))
    assert fitted == {"left": "21.88", "top": "0.00", "width": "56.25", "height": "100.00"}
    assert as_alice.post(address(picture), form(format="portrait", **fitted)).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"size": "1x1"}, ""), ({"format": "round"}, ""), ({"wrap": "gold"}, ""),
        ({"colour": "red"}, "Choose a colour for the edges."), ({"left": "much"}, "numbers from 0 to 100"),
        ({"width": "-4"}, "numbers from 0 to 100"), ({"strength": "0"}, ""), ({"form_token": "x"}, ""),
    ],
)  # fmt: skip
def test_bad_input_shows_the_form_again_and_nothing_is_lost(
    as_alice: Client, picture: Job, wrong: dict[str, str], said: str
) -> None:
    answer = as_alice.post(address(picture), form(**{"size": "50x70", "wrap": "picture"} | wrong))
    assert answer.status_code == 400 and not CanvasOrder.objects.exists()
    assert said in words(answer)
    if "size" not in wrong:
        assert re.search(r'value="50x70" checked', answer.content.decode())
    if "wrap" not in wrong:
        assert re.search(r'value="picture" checked', answer.content.decode())


def test_only_ones_own_and_what_its_owner_allows(as_bob: Client, anonymous: Client, picture: Job) -> None:
    for client in (as_bob, anonymous):
        assert client.get(address(picture)).status_code == client.post(address(picture), form()).status_code == 404
    Job.objects.filter(pk=picture.pk).update(allow_prints=True)
    assert as_bob.get(address(picture)).status_code == anonymous.get(address(picture)).status_code == 200
    Job.objects.filter(pk=picture.pk).update(visibility=Job.Visibility.UNLISTED)
    assert as_bob.get(address(picture)).status_code == anonymous.post(address(picture), form()).status_code == 404


@pytest.mark.parametrize("status", sorted(set(Job.Status.values) - {"done"}))
def test_what_is_not_finished_is_no_canvas(as_alice: Client, alice: User, status: str) -> None:
    assert as_alice.get(address(make.in_status(alice, status))).status_code == 404


def test_wrong_method_405(as_alice: Client, picture: Job) -> None:
    assert as_alice.put(address(picture)).status_code == 405


# What is shown -------------------------------------------------------------------------------------------------------


def test_every_size_stands_there_with_its_price_and_how_sharp_it_is(as_alice: Client, picture: Job) -> None:
    said = words(as_alice.get(address(of_photo(picture, 800, 600)), {"size": "30x40", "format": "landscape"}))
    for line in ("30 × 20 cm 1,800 ₽ good", "40 × 30 cm 2,400 ₽ good", "90 × 60 cm 6,500 ₽ too small"):
        assert line in said, said
    assert "A centimetre of the canvas holds 20 pixels" in said
    assert "It cannot add what the photo never had" in said


def test_a_photo_that_is_too_small_is_told_so_and_ordered_only_by_whoever_has_read_it(
    as_alice: Client, picture: Job
) -> None:
    of_photo(picture, 240, 180)
    page = as_alice.get(address(picture), {"size": "30x40"})
    assert "too small for this canvas: only its large forms will be there" in words(page)
    assert 'name="has_read"' in page.content.decode()
    refused = as_alice.post(address(picture), form())
    assert refused.status_code == 400 and "tick that you have" in words(refused)
    assert as_alice.post(address(picture), form(has_read="on")).status_code == 302


def test_no_tick_where_the_photo_is_large_enough(as_alice: Client, picture: Job) -> None:
    assert 'name="has_read"' not in as_alice.get(address(picture)).content.decode()


def test_the_address_carries_the_choices(as_alice: Client, picture: Job) -> None:
    asked = {"size": "60x90", "format": "portrait", "wrap": "colour", "colour": "#abcdef"}
    shown = as_alice.get(address(picture), asked).content.decode()
    for chosen in ('value="60x90" checked', 'value="portrait" checked', 'value="colour" checked', 'value="#abcdef"'):
        assert chosen in shown
    assert 'fill="#abcdef"' in shown
    assert "60 × 90 cm, over a sofa" in shown


@pytest.mark.parametrize("query", [{"size": "x"}, {"left": "nan"}, {"wrap": "1", "strength": "-3"}, {"colour": '">'}])
def test_a_senseless_address_shows_what_is_usual(as_alice: Client, picture: Job, query: dict[str, str]) -> None:
    answer = as_alice.get(address(picture), query)
    assert answer.status_code == 200 and 'name="size"' in answer.content.decode()


def test_the_drawings_speak_no_language_in_their_numbers(as_alice: Client, picture: Job) -> None:
    shown = as_alice.get(address(picture), headers={"Accept-Language": "ru"}).content.decode()
    numbers = re.findall(r'(?:viewBox|transform| x| y|width|height)="([^"]*)"', shown)
    assert numbers and not [written for written in numbers if "," in written]


@pytest.mark.parametrize(("size", "usual"), [((4000, 3000), "40x60"), ((800, 600), "30x40"), ((100, 75), "20x30")])
def test_it_begins_with_a_size_that_suits_the_photo(alice: User, size: tuple[int, int], usual: str) -> None:
    picture = of_photo(make.done_job(alice), *size)
    assert canvas_forms.CanvasForm({}, Job.objects.get(pk=picture.pk)).wish.size == usual


def test_it_asks_a_bounded_number_of_times(as_alice: Client, alice: User, picture: Job) -> None:
    few = len(queries(lambda: as_alice.get(address(picture))))
    for _more in range(3):
        as_alice.post(address(picture), form())
        make.done_job(alice)
    assert len(queries(lambda: as_alice.get(address(picture)))) == few <= MOST_QUERIES


# The ways to it ------------------------------------------------------------------------------------------------------


def test_ones_own_finished_picture_leads_there(as_alice: Client, picture: Job) -> None:
    for where in (reverse("stylize:job", args=[picture.key]), reverse("feed:post", args=[picture.key])):
        assert address(picture) in as_alice.get(where).content.decode()


def test_a_public_picture_leads_there_only_where_its_owner_allows_it(anonymous: Client, picture: Job) -> None:
    where = reverse("feed:post", args=[picture.key])
    assert address(picture) not in anonymous.get(where).content.decode()
    Job.objects.filter(pk=picture.pk).update(allow_prints=True)
    assert address(picture) in anonymous.get(where).content.decode()


def test_the_owner_allows_it_and_takes_it_back(as_alice: Client, picture: Job) -> None:
    switch, show = 'name="allow_prints"', reverse("stylize:show", args=[picture.key])
    assert f"{switch}>" in as_alice.get(reverse("stylize:job", args=[picture.key])).content.decode()
    as_alice.post(show, {"visibility": "public", "allow_prints": "on"})
    assert Job.objects.get(pk=picture.pk).allow_prints
    assert f"{switch} checked>" in as_alice.get(reverse("stylize:job", args=[picture.key])).content.decode()
    as_alice.post(show, {"visibility": "public"})
    assert not Job.objects.get(pk=picture.pk).allow_prints


def test_prices_of_another_currency(as_alice: Client, picture: Job, settings: LazySettings) -> None:
    settings.CURRENCY = "EUR"
    assert "32 EUR" in words(as_alice.get(address(picture)))
