"""The staff's pages of canvases: who may see them, what is found, what is late, and what a canvas' page shows."""

import io
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from billing import canvas_staff, finishing, orders, production
from billing.models import CanvasOrder, Payment
from people.models import User
from stylize import housekeeping, storage
from tests import make
from tests.billing import canvasing
from tests.ostagram.test_russian_pages import assert_russian
from tests.till import Till

Status = CanvasOrder.Status
pytestmark = pytest.mark.django_db
LIST = "/staff/canvases/"
VERBS = ["produce", "ship", "deliver", "end", "repaint", "note"]
FILES = ["file", "picture", "slip"]


@pytest.fixture(autouse=True)
def _tiny(settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(make.user("boss", is_staff=True, is_superuser=True))
    return client


def address(order: CanvasOrder, what: str = "") -> str:
    return reverse(f"billing:staff_canvas{'_' if what else ''}{what}", args=[order.key])


def page(client: Client, where: str = LIST, **query: str) -> str:
    answer = client.get(where, query)
    assert answer.status_code == 200
    return unescape(" ".join(answer.content.decode().split())).replace("\u00a0", " ")


def in_status(owner: User, status: str, days: float = 0) -> CanvasOrder:
    order = canvasing.placed(owner)
    since = timezone.now() - timedelta(days=days)
    CanvasOrder.objects.filter(pk=order.pk).update(status=status, moved_at=since)
    order.refresh_from_db()
    return order


# The list -------------------------------------------------------------------------------------------------------------


def test_an_empty_house_is_told_in_words(boss: Client) -> None:
    assert "Nothing is under way." in page(boss)
    assert "Nothing is found." in page(boss, q="nobody")


def test_what_is_under_way_by_state_and_the_oldest_first(boss: Client, alice: User) -> None:
    made = {status: [in_status(alice, status).key for _time in range(2)] for status in Status.values}
    shown = page(boss)
    places = {status: [shown.find(key) for key in keys] for status, keys in made.items()}
    open_ones = [place for status in production.OPEN for place in places.pop(status)]
    assert open_ones == sorted(open_ones) and min(open_ones) > 0
    assert {place for rest in places.values() for place in rest} == {-1}, "what is unpaid or ended is not under way"


def test_counts_at_a_glance_lead_to_what_they_count(boss: Client, alice: User) -> None:
    for status in (Status.READY, Status.READY, Status.PRODUCTION, Status.DELIVERED):
        in_status(alice, status)
    in_status(alice, Status.READY, days=30)
    in_status(alice, Status.DELIVERED, days=40)
    counted = {state: value for _name, value, state in production.glance()}
    assert counted == {
        "late": "1", "ready": "3", "production": "1", "shipped": "0", "rendering": "0", "placed": "0", "delivered": "1",
    }  # fmt: skip
    assert '<a href="?state=late">1</a>' in page(boss)


@pytest.mark.parametrize("status", Status.values)
def test_late_is_what_has_stayed_too_long_where_somebody_has_to_act(boss: Client, alice: User, status: str) -> None:
    may_take = production.LATE.get(Status(status))
    order = in_status(alice, status, days=may_take.days + 0.1 if may_take else 1000)
    fresh = in_status(alice, status, days=may_take.days - 0.1 if may_take else 0)
    shown = page(boss, state="late")
    assert (order.key in shown) is (may_take is not None)
    assert fresh.key not in shown
    assert ("badge--warn" in page(boss, address(order))) is (may_take is not None)


@pytest.mark.parametrize("by", ["key", "picture_key", "render", "tracking", "payment", "name", "email", "owner"])
def test_it_is_found_by_every_name_it_has(boss: Client, till: Till, alice: User, bob: User, by: str) -> None:
    order = canvasing.ready(till, alice)
    CanvasOrder.objects.update(tracking="RA123")
    other = in_status(bob, Status.READY)
    payment = Payment.objects.get(order=order)
    assert order.render
    names = {
        "key": order.key, "picture_key": order.picture_key, "render": order.render.key, "tracking": "RA123",
        "payment": payment.key, "name": "ann sm", "email": order.email.upper(), "owner": "Alice@example.org",
    }  # fmt: skip
    shown = page(boss, q=f" {names[by]} ")
    assert order.key in shown and other.key not in shown
    assert shown.count(address(order)) == 1


@pytest.mark.parametrize("q", ["%", "_", "'", "a" * 400, "=1"])
def test_what_is_nobodys_name_finds_nothing_and_breaks_nothing(boss: Client, alice: User, q: str) -> None:
    order = in_status(alice, Status.READY)
    shown = page(boss, q=q)
    assert (order.key in shown) is (len(q) > 254), "what cannot be a name is not asked for"


def test_by_state_and_all(boss: Client, alice: User) -> None:
    ready, cancelled = in_status(alice, Status.READY), in_status(alice, Status.CANCELLED)
    shown = page(boss, state="cancelled")
    assert cancelled.key in shown and ready.key not in shown
    assert cancelled.key in page(boss, state="every") and ready.key in page(boss, state="every")
    assert ready.key in page(boss, state="nonsense")


@pytest.mark.parametrize(("state", "oldest_first"), [("ready", True), ("every", False)])
def test_pages_follow_each_other_and_keep_what_was_looked_for(
    boss: Client, alice: User, monkeypatch: pytest.MonkeyPatch, state: str, oldest_first: bool
) -> None:
    monkeypatch.setattr(production, "PAGE", 2)
    made = [in_status(alice, Status.READY) for _time in range(3)]
    first, *_between, last = made if oldest_first else made[::-1]
    shown = page(boss, state=state)
    assert first.key in shown and last.key not in shown
    assert f"?state={state}&before={made[1].pk}" in shown
    following = page(boss, state=state, before=str(made[1].pk))
    assert last.key in following and first.key not in following and "To the beginning" in following


def test_a_long_section_leads_to_all_of_it(boss: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(production, "SECTION", 1)
    made = [in_status(alice, Status.READY) for _time in range(2)]
    shown = page(boss)
    assert made[0].key in shown and made[1].key not in shown and "All 2" in shown


def test_pages_ask_no_more_often_for_more_canvases(
    boss: Client, till: Till, alice: User, django_assert_max_num_queries: Any
) -> None:
    order = canvasing.ready(till, alice)
    for number in range(5):
        in_status(alice, Status.READY)
        orders.tell(order, f"word {number}", by=alice)
    with django_assert_max_num_queries(12):
        boss.get(LIST)
    with django_assert_max_num_queries(10):
        boss.get(LIST, {"q": "ann", "state": "ready"})
    with django_assert_max_num_queries(12):
        boss.get(address(order))


# One canvas -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status.values)
def test_a_page_for_every_state_and_only_what_the_table_of_moves_allows(
    boss: Client, till: Till, alice: User, status: str
) -> None:
    order = canvasing.ready(till, alice)
    CanvasOrder.objects.update(status=status)
    shown = page(boss, address(order))
    able = {
        "produce": status == Status.READY, "deliver": status == Status.SHIPPED,
        "ship": status in (Status.PRODUCTION, Status.SHIPPED), "repaint": status in orders.NEEDS_MASTER,
        "end": status in orders.MOVES[Status.CANCELLED] | orders.MOVES[Status.FAILED], "note": True,
    }  # fmt: skip
    assert {verb: f'action="{address(order, verb)}"' in shown for verb in VERBS} == able


def test_what_was_ordered_to_whom_it_goes_and_what_was_paid(boss: Client, till: Till, alice: User) -> None:
    order = canvasing.ready(till, alice, controls={"strength": 2.0}, wrap="colour", colour="#aabbcc")
    shown = page(boss, address(order))
    for words in (
        "40 × 30 cm", "One colour", "#aabbcc", "Strength", "2, more style", "Ann Smith", "Nevsky 1", "flat 2",
        "190000 Saint Petersburg", "+7 812 000", "2 400 ₽" if "2 400" in shown else "2,400 ₽", "paid", order.email,
    ):  # fmt: skip
        assert words in shown


def test_the_print_file_and_what_its_head_says(boss: Client, till: Till, alice: User) -> None:
    order = canvasing.ready(till, alice)
    width, height = order.whole_px
    shown = page(boss, address(order))
    for words in (f"{width} × {height}", "sRGB", "4:4:4", "stood every check"):
        assert words in shown
    answer = boss.get(address(order, "file"))
    assert (
        answer.headers["Content-Disposition"].startswith("attachment")
        and order.key in answer.headers["Content-Disposition"]
    )
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"  # type: ignore[attr-defined]


def test_a_file_that_was_changed_since_is_told(boss: Client, till: Till, alice: User) -> None:
    order = canvasing.ready(till, alice)
    canvasing.lively(30, 20).save(file := io.BytesIO(), "JPEG")
    storage.save(order.master + finishing.FILE.suffix, file.getvalue())
    shown = page(boss, address(order))
    assert "it has 30 × 20 px instead of" in shown and "the sRGB profile is missing" in shown
    storage.save(order.master + finishing.FILE.suffix, b"nothing")
    assert "it cannot be read" in page(boss, address(order))


def test_a_file_that_is_gone_is_told_and_404(boss: Client, till: Till, alice: User) -> None:
    order = canvasing.ready(till, alice)
    storage.delete(order.master + finishing.FILE.suffix)
    assert "cannot be reached just now" in page(boss, address(order))
    assert boss.get(address(order, "file")).status_code == 404
    assert boss.get(address(order, "picture")).status_code == 200, "of the render, then"


def test_the_picture_is_what_will_be_printed_as_far_as_there_is_something(
    boss: Client, till: Till, alice: User
) -> None:
    order = canvasing.placed(alice)
    assert boss.get(address(order, "picture")).headers["Content-Type"] == "image/jpeg"
    assert order.picture
    housekeeping.delete_job(order.picture)
    assert boss.get(address(order, "picture")).status_code == 404
    ready = canvasing.ready(till, alice)
    picture = Image.open(io.BytesIO(boss.get(address(ready, "picture")).content))
    width, height = ready.whole_px
    assert picture.width / picture.height == pytest.approx(width / height, abs=0.01), "front and edges"


def test_no_file_and_no_address_yet(boss: Client, alice: User) -> None:
    order = canvasing.placed(alice)
    shown = page(boss, address(order))
    assert "The address comes with the payment." in shown and "the picture as it was painted" in shown
    assert [boss.get(address(order, what)).status_code for what in ("file", "slip")] == [404, 404]


def test_the_story_with_what_only_staff_read(boss: Client, as_alice: Client, till: Till, alice: User) -> None:
    order = canvasing.ready(till, alice)
    orders.tell(order, "the frame is short")
    orders.tell(order, "we wait for wood", is_public=True)
    own = page(as_alice, reverse("billing:canvas", args=[order.key]))
    assert "we wait for wood" in own and "the frame is short" not in own
    shown = page(boss, address(order))
    assert "the frame is short" in shown and "we wait for wood" in shown and "for staff" in shown


def test_an_owner_and_a_picture_that_are_gone(boss: Client, till: Till, alice: User) -> None:
    order = canvasing.ready(till, alice)
    CanvasOrder.objects.update(owner=None, picture=None, render=None)
    shown = page(boss, address(order))
    assert "The account is deleted." in shown and "deleted" in shown


# Who may see it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["as_alice", "anonymous"])
def test_strangers_404(request: pytest.FixtureRequest, till: Till, alice: User, who: str) -> None:
    client, order = request.getfixturevalue(who), canvasing.ready(till, alice)
    before = order.events.count()
    for where in (LIST, address(order), *(address(order, what) for what in FILES)):
        assert client.get(where).status_code == 404
    for verb in VERBS:
        assert client.post(address(order, verb), {"note": "x"}).status_code == 404
    order.refresh_from_db()
    assert (order.status, order.events.count()) == (Status.READY, before)


def test_staff_look_and_touch_with_a_permission_for_each(till: Till, alice: User) -> None:
    helper, client, order = make.user("helper", is_staff=True), Client(), canvasing.ready(till, alice)
    client.force_login(helper)
    assert client.get(LIST).status_code == client.get(address(order)).status_code == 404
    assert LIST not in page(client, "/staff/")
    helper.user_permissions.add(Permission.objects.get(codename="view_canvasorder"))
    assert LIST in page(client, "/staff/")
    shown = page(client, address(order))
    assert not any(f'action="{address(order, verb)}"' in shown for verb in VERBS)
    assert "/staff/payments/" not in shown
    assert client.post(address(order, "produce")).status_code == 404
    helper.user_permissions.add(Permission.objects.get(codename="change_canvasorder"))
    assert client.post(address(order, "produce")).status_code == 302


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_method_405(boss: Client, alice: User, verb: str) -> None:
    assert boss.get(address(canvasing.placed(alice), verb)).status_code == 405


def test_an_unknown_canvas_404(boss: Client) -> None:
    for what in ("", *FILES):
        assert (
            boss.get(reverse(f"billing:staff_canvas{'_' if what else ''}{what}", args=["nothing"])).status_code == 404
        )
    for verb in VERBS:
        assert boss.post(reverse(f"billing:staff_canvas_{verb}", args=["nothing"])).status_code == 404


def test_nothing_of_it_is_kept(boss: Client, till: Till, alice: User) -> None:
    order = canvasing.ready(till, alice)
    for where in (LIST, address(order), *(address(order, what) for what in FILES)):
        assert "no-store" in boss.get(where).headers["Cache-Control"]


def test_in_russian(boss: Client, till: Till, alice: User) -> None:
    order = canvasing.ready(till, alice)
    in_status(alice, Status.PRODUCTION, days=30)
    assert_russian(boss, LIST)
    assert_russian(boss, address(order))


def test_the_admin_is_for_looking_only(boss: Client, till: Till, alice: User) -> None:
    order = canvasing.ready(till, alice)
    assert address(order) in page(boss, "/admin/billing/canvasorder/", q=order.key)
    where = f"/admin/billing/canvasorder/{order.pk}/change/"
    assert boss.get(where).status_code == 200
    assert boss.post(where, {"status": "failed"}).status_code == 403
    assert boss.get("/admin/billing/canvasorder/add/").status_code == 403
    assert canvas_staff.VIEW == "billing.view_canvasorder"
