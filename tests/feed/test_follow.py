"""Following somebody, and not any more."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from feed import talk
from feed.models import Follow
from people.models import Notice, User
from tests import make


def at(person: User, what: str = "follow") -> str:
    return reverse(f"feed:{what}", args=[person.handle])


def button(person: User, what: str = "follow") -> str:
    return f'action="{at(person, what)}"'


def page_of(person: User) -> str:
    return reverse("feed:person", args=[person.handle])


def test_following_is_shown_counted_and_told_once(as_bob: Client, alice: User, bob: User) -> None:
    for _click in range(2):
        assert as_bob.post(at(alice)).headers["Location"] == page_of(alice)
    follow = Follow.objects.get()
    assert (follow.owner, follow.followed) == (bob, alice)
    page = as_bob.get(page_of(alice)).content.decode()
    assert button(alice, "unfollow") in page and button(alice) not in page
    assert as_bob.get(page_of(alice)).context["person"].followers_count == 1
    (notice,) = Notice.objects.all()
    assert (notice.owner, notice.kind, notice.by) == (alice, "followed", bob)


def test_unfollowing_leaves_nothing_and_a_second_time_changes_nothing(as_bob: Client, alice: User, bob: User) -> None:
    talk.follow(alice, bob)
    for _click in range(2):
        assert as_bob.post(at(alice, "unfollow")).status_code == 302
    assert not Follow.objects.exists()
    assert button(alice) in as_bob.get(page_of(alice)).content.decode()


@pytest.mark.parametrize(
    ("back", "kept"), [("/p/x/", True), ("https://evil.example/", False), ("//evil.example", False)]
)
def test_one_comes_back_to_where_one_was_on_this_site(as_bob: Client, alice: User, back: str, kept: bool) -> None:
    assert as_bob.post(at(alice), {"next": back}).headers["Location"] == (back if kept else page_of(alice))


@pytest.mark.parametrize("what", ["follow", "unfollow"])
def test_anonymous_signs_in_first_and_comes_to_the_page(anonymous: Client, alice: User, what: str) -> None:
    assert anonymous.post(at(alice, what)).headers["Location"] == f"/accounts/login/?next={page_of(alice)}"
    page = anonymous.get(page_of(alice)).content.decode()
    assert f"/accounts/login/?next={page_of(alice)}" in page and "csrfmiddlewaretoken" not in page


@pytest.mark.parametrize("what", ["follow", "unfollow"])
def test_nobody_of_that_name_is_404(as_bob: Client, db: None, what: str) -> None:
    assert as_bob.post(reverse(f"feed:{what}", args=["no-such-painter"])).status_code == 404


def test_oneself_and_guests_cannot_be_followed(as_alice: Client, alice: User) -> None:
    guest = make.post(make.guest()).owner
    for person in (alice, guest):
        assert as_alice.post(at(person)).status_code == 404
        assert button(person) not in as_alice.get(page_of(person)).content.decode()
    assert not Follow.objects.exists()


def test_whoever_is_shut_out_cannot_be_followed(as_bob: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert as_bob.post(at(alice)).status_code == 404


@pytest.mark.parametrize("what", ["follow", "unfollow"])
def test_wrong_method_405(as_bob: Client, alice: User, what: str) -> None:
    assert as_bob.get(at(alice, what)).status_code == 405


def test_somebody_who_goes_meanwhile_is_gone(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).delete()
    with pytest.raises(talk.Gone):
        talk.follow(alice, bob)


def test_control_the_database_itself_keeps_it_to_one(alice: User, bob: User) -> None:
    talk.follow(alice, bob)
    for followed in (alice, bob):
        with pytest.raises(IntegrityError), transaction.atomic():
            Follow.objects.create(owner=bob, followed=followed)
