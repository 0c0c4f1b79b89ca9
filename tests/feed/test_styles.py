"""The gallery of styles and the page of a style: order, paging, best pictures, who sees what, how often they ask."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from feed import style_gallery, style_views
from feed.models import Post
from people.models import User
from stylize.models import Filter, Job, Style
from tests import make
from tests.test_query_counts import MOST_FOR_A_PAGE, queries, shown

STYLES = "/styles/"


def page_of(found: Filter | Style) -> str:
    return reverse("feed:style", args=[found.key])


def titles(client: Client, address: str = STYLES) -> list[str]:
    return [entry.title for entry in client.get(address).context["entries"]]


def known() -> Client:
    """A visitor whose pages nothing keeps."""
    client = Client()
    client.cookies["seen"] = "1"
    return client


@pytest.fixture
def saved(alice: User) -> Filter:
    return make.filter(alice, make.done_job(alice).styles.get(), is_public=True, controls={"strength": 5.0})


@pytest.mark.django_db
def test_the_most_used_come_first_the_houses_and_peoples_together(anonymous: Client, alice: User) -> None:
    for uses, name in ((3, "Waves"), (9, "Night")):
        make.style(alice, listed=True, name=name, uses=uses)
    for uses, name in ((5, "Storm"), (0, "Calm"), (3, "Fog")):
        make.filter(alice, make.style(alice), name=name, uses=uses, is_public=True)
    assert titles(anonymous) == ["Night", "Storm", "Waves", "Fog", "Calm"]


def test_private_ones_are_not_in_the_gallery_even_for_their_owner(as_alice: Client, saved: Filter) -> None:
    Filter.objects.update(is_public=False)
    assert titles(as_alice) == []


@pytest.mark.parametrize("uses", [[0] * 30, list(range(30)), [4, 4, 9] * 10])
def test_the_pages_together_hold_every_style_once(
    anonymous: Client, alice: User, monkeypatch: pytest.MonkeyPatch, uses: list[int]
) -> None:
    monkeypatch.setattr(style_views, "STYLES", 7)
    for number, count in enumerate(uses):
        style = make.style(alice, listed=number % 3 == 0, name=f"No {number}", uses=count)
        if not style.listed:
            make.filter(alice, style, name=f"No {number}", uses=count, is_public=True)
    seen, address = [], STYLES
    while address:
        page = anonymous.get(address)
        seen += page.context["entries"]
        address = f"{STYLES}?before={page.context['older']}" if page.context["older"] else ""
    assert len({entry.title for entry in seen}) == len(seen) == 30
    assert [entry.uses for entry in seen] == sorted(uses, reverse=True)


@pytest.mark.parametrize("before", ["", "x", "-1", "0", "9" * 18, "9" * 30, "\x00"])
def test_any_place_is_answered(anonymous: Client, saved: Filter, before: str) -> None:
    assert anonymous.get(STYLES, {"before": before}).status_code == 200
    assert anonymous.get(page_of(saved), {"before": before}).status_code == 200


def liked(style: Style, owner: User, likes: int, **fields: object) -> Job:
    job = make.done_job(owner, **fields)
    job.style_links.update(style=style)
    Post.objects.filter(job=job).update(likes_count=likes)
    return job


def test_a_card_has_its_three_best_public_pictures(anonymous: Client, alice: User, saved: Filter) -> None:
    jobs = [liked(saved.style, alice, likes) for likes in (2, 5, 3)]
    liked(saved.style, alice, 99, visibility="private")
    (entry,) = anonymous.get(STYLES).context["entries"]
    assert [best.key for best in entry.best] == [jobs[1].key, jobs[2].key, jobs[0].key]


def test_a_picture_that_was_hidden_since_is_not_among_the_best(alice: User, saved: Filter) -> None:
    job = liked(saved.style, alice, 5)
    (entry,) = known().get(STYLES).context["entries"]
    assert job.key in [best.key for best in entry.best]
    Job.objects.filter(pk=job.pk).update(visibility="unlisted")
    (entry,) = known().get(STYLES).context["entries"]
    assert job.key not in [best.key for best in entry.best]


def test_strangers_are_not_shown_a_kept_page_with_a_style_that_is_private_now(
    anonymous: Client, as_alice: Client, saved: Filter, django_capture_on_commit_callbacks: Any
) -> None:
    for _look in range(3):
        assert titles_in(anonymous) == 1
    change = reverse("stylize:filter", args=[saved.key])
    with django_capture_on_commit_callbacks(execute=True):
        as_alice.post(change, {"name": saved.name, "shown": "private"})
    assert titles_in(anonymous) == 0


def titles_in(client: Client) -> int:
    return client.get(STYLES).content.decode().count('<li class="swatch">')


# The page of a style -------------------------------------------------------------------------------------------------


def test_the_page_says_whose_it_is_and_what_suits_it(anonymous: Client, saved: Filter) -> None:
    page = anonymous.get(page_of(saved)).content.decode()
    assert '<a href="/people/alice-paints/">alice-paints</a>' in page
    assert "<dt>Strength</dt><dd>5, more style</dd>" in page
    assert f"/paint/?filter={saved.key}" in page
    assert f"/styles/new/?style={saved.style.key}&amp;filter={saved.key}" in page


def test_a_style_of_the_house_has_a_page(anonymous: Client, alice: User) -> None:
    style = make.style(alice, listed=True, name="Waves")
    page = anonymous.get(page_of(style)).content.decode()
    assert "by the house" in page and f"/paint/?style={style.key}" in page
    assert "alice" not in page


def test_a_style_that_is_not_the_houses_has_none(as_alice: Client, style: Style) -> None:
    assert as_alice.get(page_of(style)).status_code == 404


def test_a_private_one_is_its_owners_alone(as_alice: Client, as_bob: Client, anonymous: Client, saved: Filter) -> None:
    Filter.objects.update(is_public=False)
    assert as_alice.get(page_of(saved)).status_code == 200
    assert as_bob.get(page_of(saved)).status_code == anonymous.get(page_of(saved)).status_code == 404


def test_wrong_method_405(as_alice: Client, saved: Filter) -> None:
    assert as_alice.post(page_of(saved)).status_code == as_alice.post(STYLES).status_code == 405


def test_its_pictures_are_paged_by_likes(
    anonymous: Client, alice: User, saved: Filter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_views, "PICTURES", 2)
    Job.objects.update(visibility="unlisted")
    make.filter(alice, saved.style, name="Its owner's", is_public=True)
    jobs = [liked(saved.style, alice, likes) for likes in (4, 4, 9, 1, 0)]
    liked(saved.style, alice, 50, visibility="private")
    seen, address = [], page_of(saved)
    while address:
        page = anonymous.get(address)
        seen += [card.key for card in page.context["cards"]]
        address = f"{page_of(saved)}?before={page.context['older']}" if page.context["older"] else ""
    assert seen == [jobs[number].key for number in (2, 1, 0, 3, 4)]


# Using it ------------------------------------------------------------------------------------------------------------


def test_the_page_to_create_begins_with_style_and_settings(as_bob: Client, saved: Filter) -> None:
    form = as_bob.get("/paint/", {"filter": saved.key}).context["form"]
    assert (form.kept_style, form["strength"].value(), form.is_tuned) == (saved.style, 5.0, True)


def test_a_strangers_private_one_is_not_lent(as_bob: Client, saved: Filter) -> None:
    Filter.objects.update(is_public=False)
    Job.objects.update(visibility="private")
    form = as_bob.get("/paint/", {"filter": saved.key}).context["form"]
    assert (form.kept_style, form["strength"].value()) == (None, 1.0)


def test_what_it_begins_with_can_be_ordered(as_bob: Client, saved: Filter) -> None:
    form = as_bob.get("/paint/", {"filter": saved.key}).context["form"]
    sent = make.form(style_image=None, style_key=form.choices_kept["style_key"], strength=str(form["strength"].value()))
    assert as_bob.post("/paint/", sent).status_code == 302
    job = Job.objects.latest("pk")
    assert (job.styles.get(), job.controls) == (saved.style, {"strength": 5.0})


def test_ones_own_and_the_most_used_are_offered_where_one_paints(
    as_bob: Client, anonymous: Client, bob: User, saved: Filter
) -> None:
    own = make.filter(bob, saved.style, name="Mine")
    page = as_bob.get("/paint/").content.decode()
    assert f'href="?filter={own.key}"' in page and f'href="?filter={saved.key}"' in page
    strangers = anonymous.get("/paint/").content.decode()
    assert own.key not in strangers and f'href="?filter={saved.key}"' in strangers


def test_the_photo_that_is_there_stays_with_another_style(as_bob: Client, bob: User, saved: Filter) -> None:
    photo = make.upload(bob)
    page = as_bob.get("/paint/", {"photo": photo.key}).content.decode()
    assert f"?filter={saved.key}&amp;photo={photo.key}" in page
    form = as_bob.get("/paint/", {"photo": photo.key, "filter": saved.key}).context["form"]
    assert (form.kept_photo, form.kept_style) == (photo, saved.style)


# How often they ask --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [STYLES, "style", "/styles/mine/"])
def test_the_pages_ask_at_most_six_times_however_much_there_is(
    as_alice: Client, alice: User, bob: User, saved: Filter, address: str
) -> None:
    address = page_of(saved) if address == "style" else address
    few = shown(as_alice, address)
    for number in range(8):
        owner = (alice, bob)[number % 2]
        style = make.done_job(owner).styles.get()
        make.filter(owner, style, name=f"No {number}", is_public=True)
        make.style(bob, listed=True, name=f"House {number}")
        liked(saved.style, owner, number)
    assert len(shown(as_alice, address)) == len(few) <= MOST_FOR_A_PAGE
    cache.clear()
    assert len(shown(as_alice, address)) <= MOST_FOR_A_PAGE


def test_control_the_best_asked_for_each_style_are_found(alice: User) -> None:
    made = [make.done_job(alice).styles.get() for _style in range(8)]
    assert len(queries(lambda: [list(style_gallery.results(style).hung(3)) for style in made])) > MOST_FOR_A_PAGE


def test_the_page_to_create_asks_no_more_often_the_more_is_saved(as_bob: Client, bob: User, saved: Filter) -> None:
    as_bob.get("/paint/")
    few = shown(as_bob, "/paint/")
    for number in range(30):
        make.filter(bob, saved.style, name=f"No {number}")
    many = shown(as_bob, "/paint/")
    assert len(many) == len(few) <= MOST_FOR_A_PAGE
