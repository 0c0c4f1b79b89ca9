"""The owner calls a picture by a title and tags: on its own page, for all pages that show it."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feed import tags
from feed.models import Post
from people.models import User
from tests import make


@pytest.fixture
def post(alice: User) -> Post:
    return make.post(alice)


def send(client: Client, post: Post, **fields: str) -> Any:
    return client.post(reverse("feed:name", args=[post.job.key]), {"title": "Night", "tags": "sea"} | fields)


def test_works(as_alice: Client, anonymous: Client, post: Post) -> None:
    answer = send(as_alice, post, title="  Night \t over\nthe river ", tags="#Ночь, sea  SEA;new-york")
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{post.job.key}/")
    post.refresh_from_db()
    assert (post.title, post.tags) == ("Night over the river", ["ночь", "sea", "new-york"])
    page = anonymous.get(reverse("feed:post", args=[post.job.key])).content.decode()
    assert re.search(r"<h1>\s*Night over the river", page) and 'href="/tag/new-york/"' in page
    assert '<meta property="og:title" content="Night over the river">' in page
    assert '<meta property="article:tag" content="sea">' in page and "#sea" in page
    data = re.search(r'ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert data and json.loads(data[1])["name"] == "Night over the river"


def test_its_own_page_offers_it_with_what_is_there(as_alice: Client, post: Post) -> None:
    send(as_alice, post, title='A "quoted" one', tags="sea night")
    page = as_alice.get(reverse("stylize:job", args=[post.job.key])).content.decode()
    assert 'value="A &quot;quoted&quot; one"' in page and 'value="sea night"' in page
    assert f'action="/p/{post.job.key}/name"' in page


def test_both_can_be_taken_away_again(as_alice: Client, post: Post) -> None:
    send(as_alice, post)
    send(as_alice, post, title="", tags=" ")
    post.refresh_from_db()
    assert (post.title, post.tags) == ("", [])


def test_a_stranger_404_and_nothing_is_changed(as_bob: Client, anonymous: Client, post: Post) -> None:
    for client in (as_bob, anonymous):
        assert send(client, post).status_code == 404
    post.refresh_from_db()
    assert post.title == ""


def test_a_guest_names_their_own(post: Post) -> None:
    guest = make.guest()
    own = make.post(guest)
    client = Client()
    session = client.session
    session["guest"] = guest.pk
    session.save()
    assert send(client, own).status_code == 302
    assert send(client, post).status_code == 404


def test_what_does_not_hang_404(as_alice: Client, alice: User) -> None:
    job = make.job(alice)
    assert as_alice.post(reverse("feed:name", args=[job.key]), {"title": "x"}).status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_wrong_method_405(as_alice: Client, post: Post, method: str) -> None:
    assert getattr(as_alice, method)(reverse("feed:name", args=[post.job.key])).status_code == 405


@pytest.mark.parametrize(
    "bad", [{"title": "x" * 81}, {"title": "a\0b"}, {"tags": "a b c d e f"}, {"tags": "x" * 31}, {"tags": "wow!"},
            {"tags": "--"}, {"tags": "a\0b"}, {"tags": "😀"}],
)  # fmt: skip
def test_bad_input_shows_the_form_again_and_nothing_is_lost(as_alice: Client, post: Post, bad: dict[str, str]) -> None:
    answer = send(as_alice, post, **bad)
    page = answer.content.decode()
    assert answer.status_code == 400 and "errorlist" in page
    kept = {"title": "Night", "tags": "sea"} | bad
    for name, value in kept.items():
        assert f'value="{value}"' in page, name
    post.refresh_from_db()
    assert post.title == ""


@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", "\u202eevil", "a\x01b\x1f", "{{ 7 }}", "👩‍👩‍👧", "\ufffe\uffff", "'\"\\"]
)
def test_any_title_is_shown_escaped_everywhere(as_alice: Client, anonymous: Client, post: Post, title: str) -> None:
    assert send(as_alice, post, title=title).status_code == 302
    for where in ("/", f"/p/{post.job.key}/", "/feed.atom", "/best/day/"):
        answer = anonymous.get(where)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize(
    ("word", "good"),
    [("sea", True), ("ночь", True), ("new-york", True), ("2026", True), ("हिन्दी", True), ("東京", True),
     ("Sea", False), ("", False), ("-", False), ("two words", False),
     ("a_b", False), ("é", True), ("e\u0301", False), ("x" * 30, True), ("x" * 31, False)],
)  # fmt: skip
def test_what_a_tag_is(word: str, good: bool) -> None:
    assert tags.is_tag(word) is good


@pytest.mark.parametrize("word", ["İstanbul", "ǅ", "E\u0301", "ß", "ΣΑΣ"])
def test_one_spelling_and_then_no_other(word: str) -> None:
    assert tags.normal(tags.normal(word)) == tags.normal(word)
