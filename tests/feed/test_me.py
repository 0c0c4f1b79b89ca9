"""What people say about themselves: handle and line; and what they want to be told."""

import pytest
from django.contrib.postgres.search import SearchQuery
from django.test import Client
from django.urls import reverse

from feed import profile_forms, profiles
from feed.models import Post
from people import notices
from people.models import User
from tests import make

ME, SWITCHES = "/me/", "/me/notices/"


def test_handle_and_line_are_kept_and_search_and_addresses_follow(
    as_alice: Client, anonymous: Client, alice: User
) -> None:
    post = make.post(alice)
    old = reverse("feed:person", args=[alice.handle])
    form = {"handle": "Brush-Queen", "about": "  Cats,\nmostly  "}
    assert as_alice.post(ME, form).headers["Location"] == ME
    alice.refresh_from_db()
    assert (alice.handle, alice.about) == ("brush-queen", "Cats, mostly")
    assert anonymous.get(old).status_code == 404
    assert anonymous.get("/people/brush-queen/").status_code == 200
    found = Post.objects.filter(words=SearchQuery("brush-queen", config="simple"))
    assert found.get() == post


@pytest.mark.parametrize(
    "handle",
    ["", "ab", "x" * 31, "a_b_c", "имя", "-abc", "admin", "the-admin", "Staff", "ostagram", "o-stagram", "my-ostagram",
     "bob-paints", "BOB-paints", "a\0bc", "a b c", "abc\n\n.", "../etc"],
)  # fmt: skip
def test_a_bad_handle_shows_the_form_again_and_nothing_is_lost(
    as_alice: Client, alice: User, bob: User, handle: str
) -> None:
    answer = as_alice.post(ME, {"handle": handle, "about": "My new line"})
    page = answer.content.decode()
    assert answer.status_code == 400 and "errorlist" in page and "My new line" in page
    alice.refresh_from_db()
    assert (alice.handle, alice.about) == ("alice-paints", "")


@pytest.mark.parametrize("about", ["x" * 201, "a\0b"])
def test_a_bad_line_likewise(as_alice: Client, alice: User, about: str) -> None:
    answer = as_alice.post(ME, {"handle": "brush-queen", "about": about})
    assert answer.status_code == 400 and "brush-queen" in answer.content.decode()
    alice.refresh_from_db()
    assert alice.handle == "alice-paints"


def test_an_empty_form_says_what_is_missing(as_alice: Client) -> None:
    answer = as_alice.post(ME)
    assert answer.status_code == 400 and "errorlist" in answer.content.decode()


def test_a_handle_that_is_reserved_by_now_may_be_kept(as_alice: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(handle="the-staff")
    assert as_alice.post(ME, {"handle": "the-staff", "about": ""}).status_code == 302


def test_two_who_want_one_handle_at_the_same_moment(
    as_alice: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bob takes it between the form's look and the writing; the form alone would let both have it."""
    change = profiles.change

    def bob_first(person: User, *, handle: str, about: str) -> None:
        User.objects.filter(pk=bob.pk).update(handle=handle)
        change(person, handle=handle, about=about)

    monkeypatch.setattr(profiles, "change", bob_first)
    answer = as_alice.post(ME, {"handle": "the-one", "about": ""})
    assert answer.status_code == 400 and "Somebody has this handle already" in answer.content.decode()
    assert User.objects.get(handle="the-one") == bob


@pytest.mark.parametrize("where", [ME, SWITCHES])
def test_anonymous_signs_in_first(anonymous: Client, db: None, where: str) -> None:
    for answer in (anonymous.get(where), anonymous.post(where)):
        assert answer.headers["Location"] == f"/accounts/login/?next={where}"


@pytest.mark.parametrize("where", [ME, SWITCHES])
def test_wrong_method_405(as_alice: Client, where: str) -> None:
    assert as_alice.put(where).status_code == 405


@pytest.mark.parametrize("where", [ME, SWITCHES, "/accounts/email/", "/accounts/password/change/"])
def test_all_pages_of_the_account_have_one_navigation(as_alice: Client, where: str) -> None:
    page = as_alice.get(where).content.decode()
    for link in (ME, SWITCHES, "/accounts/email/", "/accounts/password/change/"):
        assert f'href="{link}"' in page
    assert page.count('<nav class="tabs"') == 1


# What to be told of -------------------------------------------------------------------------------------------------


def test_switches_are_ticked_until_somebody_unticks_them(as_alice: Client, alice: User) -> None:
    page = as_alice.get(SWITCHES).content.decode()
    assert page.count(" checked") == len(profile_forms.switches()) + 1
    kept = {"site:liked": "on", "mail:followed": "on"}
    assert as_alice.post(SWITCHES, kept).headers["Location"] == SWITCHES
    alice.refresh_from_db()
    assert set(alice.muted) == set(profile_forms.switches()) - set(kept)
    assert not alice.mail_when_done
    assert as_alice.get(SWITCHES).content.decode().count(" checked") == 2


def test_each_switch_does_what_it_says(as_alice: Client, alice: User) -> None:
    as_alice.post(SWITCHES, {"site:liked": "on", "mail:followed": "on"})
    alice.refresh_from_db()
    wanted = {
        (kind.value, way)
        for kind in notices.Kind
        for way in (notices.ON_SITE, notices.IN_MAIL)
        if notices.wants(alice, kind, way)
    }
    assert wanted == {("liked", "site"), ("followed", "mail"), ("taken_down", "site"), ("taken_down", "mail")}


def test_what_cannot_be_switched_off_has_no_switch(as_alice: Client) -> None:
    assert "taken_down" not in as_alice.get(SWITCHES).content.decode()
