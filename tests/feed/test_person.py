"""The page of somebody who paints: their pictures and styles, followers and followed."""

import pytest
from django.test import Client
from django.urls import reverse

from feed import people_views, profiles, talk
from people.models import Notice, User
from stylize.models import Filter, Job
from tests import make

PAGES = ["person", "person_styles", "followers", "followed"]


def page_of(person: User, name: str = "person") -> str:
    return reverse(f"feed:{name}", args=[person.handle])


def saved(owner: User, name: str, *, is_public: bool = True) -> Filter:
    return Filter.objects.create(owner=owner, style=make.style(owner), name=name, is_public=is_public)


def test_it_shows_the_line_the_counts_and_public_pictures_alone(anonymous: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(about="Cats <3")
    shown = make.done_job(alice)
    hidden = [make.done_job(alice, visibility=visibility) for visibility in ("private", "unlisted")]
    make.done_job(bob)
    talk.follow(alice, bob)
    saved(alice, "Autumn")
    answer = anonymous.get(page_of(alice))
    page, person = answer.content.decode(), answer.context["person"]
    assert "Cats &lt;3" in page and reverse("feed:post", args=[shown.key]) in page
    assert not any(job.key in page for job in hidden)
    counts = (person.pictures_count, person.styles_count, person.followers_count, person.following_count)
    assert counts == (1, 1, 1, 0)


def test_styles_are_the_public_ones_and_to_their_owner_all(as_alice: Client, as_bob: Client, alice: User) -> None:
    saved(alice, "Autumn")
    saved(alice, "Secret", is_public=False)
    theirs, own = (client.get(page_of(alice, "person_styles")).content.decode() for client in (as_bob, as_alice))
    assert "Autumn" in theirs and "Secret" not in theirs
    assert "Autumn" in own and "Secret" in own


def test_followers_and_followed_are_listed_without_whoever_is_shut_out(
    anonymous: Client, alice: User, bob: User
) -> None:
    carol = make.user("carol", is_active=False)
    for follower in (bob, carol):
        talk.follow(alice, follower)
    followers = anonymous.get(page_of(alice, "followers")).context
    assert followers["people"] == [bob] and followers["person"].followers_count == 1
    assert anonymous.get(page_of(bob, "followed")).context["people"] == [alice]


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_what_there_is_much_of(
    anonymous: Client, alice: User, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(people_views, "PAGE", 2)
    for number in range(5):
        make.done_job(alice)
        saved(alice, f"Style {number}")
        other = make.user(f"other{number}")
        talk.follow(alice, other)
        talk.follow(other, alice)
    where, seen = page_of(alice, name), list[object]()
    for _page in range(3):
        context = anonymous.get(where).context
        seen += context.get("people") or context.get("filters") or context["cards"]
        where = f"{page_of(alice, name)}?before={context['older']}"
    assert len(seen) == len(set(seen)) == 5
    assert context["older"] is None
    assert "Nothing older" in (last := anonymous.get(page_of(alice, name) + "?before=1").content.decode()) or (
        "Nobody more" in last
    )


@pytest.mark.parametrize("name", PAGES)
def test_nobody_and_whoever_is_shut_out_is_404(anonymous: Client, alice: User, name: str) -> None:
    assert anonymous.get(reverse(f"feed:{name}", args=["no-such-painter"])).status_code == 404
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert anonymous.get(page_of(alice, name)).status_code == 404


@pytest.mark.parametrize(
    "handle", ["Alice-Paints", "a", "x" * 31, "alice_paints", "%00abc", "-abc", "%0aabc", "имя", "%F0%9F%90%88", "%ff"]
)
def test_what_is_no_handle_is_404(anonymous: Client, alice: User, handle: str) -> None:
    assert anonymous.get(f"/people/{handle}/").status_code == 404


def test_a_guest_is_somebody_once_they_show_a_picture(anonymous: Client, db: None) -> None:
    guest = make.guest()
    assert anonymous.get(page_of(guest)).status_code == 404
    make.done_job(guest)
    page = anonymous.get(page_of(guest)).content.decode()
    assert "without an account" in page and "Followers" not in page


@pytest.mark.parametrize("name", PAGES)
def test_wrong_method_405(as_bob: Client, alice: User, name: str) -> None:
    assert as_bob.post(page_of(alice, name)).status_code == 405


def test_the_picture_and_its_comments_lead_there(anonymous: Client, alice: User, bob: User) -> None:
    post = make.post(alice)
    talk.say(post, bob, "x")
    page = anonymous.get(reverse("feed:post", args=[post.job.key])).content.decode()
    assert page_of(alice) in page and page_of(bob) in page


def test_whoever_is_shut_out_is_named_but_not_linked_and_not_told(as_bob: Client, alice: User, bob: User) -> None:
    """Nor is the house, which owns the samples."""
    post = make.post(alice)
    talk.say(post, alice, "x")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    as_bob.post(reverse("feed:like", args=[post.job.key]))
    page = as_bob.get(reverse("feed:post", args=[post.job.key])).content.decode()
    assert page_of(alice) not in page and "by alice-paints" in page
    assert not Notice.objects.exists()


def test_control_hidden_pictures_would_be_there(alice: User) -> None:
    make.done_job(alice, visibility=Job.Visibility.PRIVATE)
    person = profiles.of(alice.handle, None)
    assert person and person.posts.count() == 1
