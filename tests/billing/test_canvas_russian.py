"""Canvases without a word of English: choosing, the proof, the order's page, the list, the workshop."""

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from billing import orders
from billing.canvases import CANVASES
from billing.models import CanvasOrder
from people.models import User
from stylize.models import Job
from tests import make
from tests.billing import canvasing
from tests.billing.test_canvas_page import form, of_photo
from tests.billing.test_canvas_proof import address, asked, painted, the_proof
from tests.ostagram.test_russian_pages import RUSSIAN, assert_russian, assert_speaks_russian
from tests.till import Till

pytestmark = pytest.mark.django_db
Status = CanvasOrder.Status
STORY = [
    Status.PLACED, Status.RENDERING, Status.READY, Status.PRODUCTION, Status.SHIPPED, Status.DELIVERED,
    Status.CANCELLED, Status.FAILED,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _small(settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI


def brought_to(status: str, till: Till, owner: User) -> CanvasOrder:
    if status == Status.PLACED:
        return canvasing.placed(owner)
    if status == Status.RENDERING:
        return canvasing.paid(till, owner)
    order = canvasing.ready(till, owner)
    if status == Status.CANCELLED:
        assert orders.cancel(order, by=owner)
    if status == Status.FAILED:
        assert orders.fail(order)
    for verb in (orders.produce, orders.ship, orders.deliver)[
        : {"production": 1, "shipped": 2, "delivered": 3}.get(status, 0)
    ]:
        assert verb(order)
    return order


@pytest.mark.parametrize("photo", [(4000, 3000), (400, 300)])
@pytest.mark.parametrize("wrap", ["mirror", "colour", "picture"])
@pytest.mark.parametrize("size", CANVASES)
def test_choosing(as_alice: Client, alice: User, size: str, wrap: str, photo: tuple[int, int]) -> None:
    picture = of_photo(make.done_job(alice), *photo)
    assert_russian(as_alice, f"{reverse('billing:choose', args=[picture.key])}?size={size}&wrap={wrap}")


def test_a_strangers_picture_and_a_wrong_form(anonymous: Client, alice: User) -> None:
    picture = make.done_job(alice, visibility=Job.Visibility.PUBLIC, allow_prints=True)
    address = reverse("billing:choose", args=[picture.key])
    assert_russian(anonymous, address)
    assert_russian(anonymous, f"{address}?size=1x1&wrap=none&strength=many")
    for wrong in (form(size="1x1"), form(wrap="none"), form(strength="many"), form(wrap="colour", colour="red")):
        answer = anonymous.post(address, wrong, headers=RUSSIAN)
        assert answer.status_code == 400
        assert_speaks_russian(answer.content.decode())


def test_the_proof(as_alice: Client, alice: User) -> None:
    asked(as_alice, of_photo(make.done_job(alice), 4000, 3000))
    assert_russian(as_alice, address(the_proof()))
    assert_russian(as_alice, address(painted(the_proof())))


@pytest.mark.parametrize("status", STORY)
def test_an_order(as_alice: Client, alice: User, till: Till, status: str) -> None:
    order = brought_to(status, till, alice)
    assert order.status == status
    boss = Client()
    boss.force_login(make.user("boss", is_staff=True, is_superuser=True))
    assert_russian(as_alice, reverse("billing:canvas", args=[order.key]))
    assert_russian(as_alice, reverse("billing:canvases"))
    assert_russian(boss, reverse("billing:staff_canvases"))
    assert_russian(boss, reverse("billing:staff_canvas", args=[order.key]))


def test_no_canvas_yet(as_alice: Client, anonymous: Client) -> None:
    for client in (as_alice, anonymous):
        assert_russian(client, reverse("billing:canvases"))
