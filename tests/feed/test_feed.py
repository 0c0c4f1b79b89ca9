"""The public feed and a picture's page."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from feed import posts, views
from people.models import User
from stylize.models import Job
from tests import make

FEED = "/"


def test_newest_first(anonymous: Client, alice: User) -> None:
    made = [make.post(alice) for _post in range(3)]
    assert anonymous.get(FEED).context["posts"] == made[::-1]


@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_what_is_not_public_is_not_in_the_feed_even_for_its_owner(
    as_alice: Client, anonymous: Client, alice: User, visibility: str
) -> None:
    job = make.done_job(alice, visibility=visibility)
    for client in (as_alice, anonymous):
        page = client.get(FEED)
        assert page.context["posts"] == []
        assert job.key not in page.content.decode()


@pytest.mark.parametrize("status", [status for status in Job.Status.values if status != "done"])
def test_a_job_that_is_not_done_has_no_post(anonymous: Client, alice: User, status: str) -> None:
    make.in_status(alice, status)
    assert anonymous.get(FEED).context["posts"] == []


@pytest.mark.parametrize("show_photo", [True, False])
def test_a_card_shows_the_result_its_style_and_only_a_shown_photo(
    anonymous: Client, alice: User, show_photo: bool
) -> None:
    job = make.done_job(alice, show_photo=show_photo)
    make.done_job(alice, show_photo=True)  # stands at the opening
    page = anonymous.get(FEED).content.decode()
    assert reverse("stylize:result_file", args=[job.key, "card.webp"]) in page
    assert reverse("stylize:job_style_file", args=[job.key, 0, "mini.webp"]) in page
    assert (f"/pictures/{job.key}/photo/" in page) is show_photo


@pytest.mark.parametrize("show_photo", [True, False])
def test_the_pictures_page_shows_only_a_shown_photo(
    anonymous: Client, as_alice: Client, alice: User, show_photo: bool
) -> None:
    job = make.done_job(alice, show_photo=show_photo)
    where = reverse("feed:post", args=[job.key])
    assert (f"/pictures/{job.key}/photo/" in anonymous.get(where).content.decode()) is show_photo
    own = f"/pictures/{job.key}/photo/" in as_alice.get(where).content.decode()
    assert own is show_photo  # the owner sees here what others see


@pytest.mark.parametrize(("visibility", "offered"), [("public", True), ("unlisted", False)])
def test_a_stranger_is_offered_the_style_of_a_public_picture_only(
    anonymous: Client, as_alice: Client, alice: User, visibility: str, offered: bool
) -> None:
    """Of an unlisted one they could not use it; its owner can."""
    where = reverse("feed:post", args=[make.done_job(alice, visibility=visibility).key])
    assert ("Paint with this style" in anonymous.get(where).content.decode()) is offered
    assert "Paint with this style" in as_alice.get(where).content.decode()


def test_of_several_styles_each_is_offered_and_all_together(anonymous: Client, alice: User) -> None:
    job = make.done_job(alice)
    second = make.style(alice, name="Second")
    job.style_links.create(style=second, weight=1.0)
    page = anonymous.get(reverse("feed:post", args=[job.key])).content.decode()
    assert f"?mix={job.key}" in page
    assert all(f"?style={style.key}" in page for style in job.styles.all())


def test_the_download_says_what_it_is(anonymous: Client, alice: User) -> None:
    job = make.done_job(alice, width=600, height=450)
    page = anonymous.get(reverse("feed:post", args=[job.key])).content.decode()
    assert "PNG, 600 × 450 px" in page
    assert reverse("stylize:result_file", args=[job.key, "master.png"]) + "?download" in page


def test_nobodys_address_is_shown(anonymous: Client, alice: User) -> None:
    job = make.done_job(alice)
    for where in (FEED, reverse("feed:post", args=[job.key])):
        page = anonymous.get(where).content.decode()
        assert "alice@" not in page
        assert "alice-paints" in page


def test_samples_are_labelled(anonymous: Client, alice: User) -> None:
    make.done_job(alice, sample=True)
    assert "Sample" in anonymous.get(FEED).content.decode()


def test_older_pages_follow_without_gap_or_repetition(anonymous: Client, alice: User) -> None:
    made = [make.post(alice).pk for _post in range(views.PAGE + 3)]
    first = anonymous.get(FEED)
    second = anonymous.get(FEED, {"before": first.context["older"]})
    seen = [post.pk for page in (first, second) for post in page.context["posts"]]
    assert seen == made[::-1]
    assert second.context["older"] is None


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "٣", "1;drop"])
def test_a_slip_in_the_address_shows_the_newest(anonymous: Client, alice: User, before: str) -> None:
    post = make.post(alice)
    page = anonymous.get(FEED, {"before": before})
    assert page.status_code == 200
    assert page.context["posts"] == [post]


def test_queries_do_not_grow_with_the_page(
    anonymous: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _post in range(views.PAGE):
        make.post(alice)
    with django_assert_max_num_queries(6):
        anonymous.get(FEED)


def test_the_newest_that_shows_its_photo_stands_at_the_opening_and_not_on_the_wall_again(
    anonymous: Client, alice: User
) -> None:
    make.post(alice, show_photo=True)
    newer = make.post(alice, show_photo=True)
    make.post(alice, show_photo=False)
    page = anonymous.get(FEED)
    assert page.context["piece"] == newer
    assert newer not in page.context["wall"] and len(page.context["wall"]) == 2
    assert page.content.decode().count(f'href="/p/{newer.job.key}/"') == 1


def test_without_a_shown_photo_nothing_stands_there(anonymous: Client, alice: User) -> None:
    post = make.post(alice)
    page = anonymous.get(FEED)
    assert (page.context["piece"], page.context["wall"]) == (None, [post])


def test_older_pages_have_no_opening(anonymous: Client, alice: User) -> None:
    shown, newer = make.post(alice, show_photo=True), make.post(alice)
    page = anonymous.get(FEED, {"before": newer.pk})
    assert (page.context["piece"], page.context["wall"]) == (None, [shown])


def test_the_first_picture_is_fetched_first_and_those_below_the_fold_later(anonymous: Client, alice: User) -> None:
    for _post in range(6):
        make.post(alice)
    page = anonymous.get(FEED).content.decode()
    paintings = [tag for tag in page.split("<img") if 'class="painting"' in tag]
    assert [("fetchpriority" in tag, 'loading="lazy"' in tag) for tag in paintings] == [
        (True, False), (False, False), (False, False), (False, True), (False, True), (False, True),
    ]  # fmt: skip


def test_an_empty_feed_opens(anonymous: Client, db: None) -> None:
    assert anonymous.get(FEED).status_code == 200


def test_publishing_twice_is_publishing_once(alice: User) -> None:
    job = make.done_job(alice)
    assert posts.publish(job) == posts.publish(job)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_wrong_method_405(as_alice: Client, alice: User, method: str) -> None:
    job = make.done_job(alice)
    for where in (FEED, reverse("feed:post", args=[job.key])):
        assert getattr(as_alice, method)(where).status_code == 405


def test_the_owners_page_of_all_pictures_has_older_pages_too(as_alice: Client, alice: User) -> None:
    made = [make.job(alice).pk for _job in range(26)]
    first = as_alice.get(reverse("stylize:mine"))
    second = as_alice.get(reverse("stylize:mine"), {"before": first.context["older"]})
    assert [job.pk for page in (first, second) for job in page.context["jobs"]] == made[::-1]


def test_the_owners_page_shows_nobody_elses(as_bob: Client, anonymous: Client, alice: User) -> None:
    make.done_job(alice)
    for client in (as_bob, anonymous):
        assert client.get(reverse("stylize:mine")).context["jobs"] == []
