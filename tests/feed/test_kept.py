"""The feed's pages kept for strangers: quick, nobody else's, and never with a picture that has been hidden."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from feed import kept, posts, views
from feed.models import Post
from people.models import User
from stylize import housekeeping
from stylize.models import Job
from tests import make

FEED = "/"
NONCE = re.compile(r'nonce="([^"]+)"')


@pytest.fixture
def committing(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    """What is told after the commit is told at the end of this block, though the test itself never commits."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def job(alice: User) -> Job:
    return make.done_job(alice)


@pytest.fixture
def page(anonymous: Client, job: Job) -> Any:
    """The feed, kept."""
    kept.renew()
    return anonymous.get(FEED)


def keys_in(page: Any) -> set[str]:
    return set(re.findall(r'href="/p/([^/"]+)/"', page.content.decode()))


def test_a_stranger_after_the_first_costs_no_query(
    page: Any, anonymous: Client, job: Job, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        again = anonymous.get(FEED)
    assert keys_in(again) == keys_in(page) == {job.key}
    assert again["Content-Type"] == page["Content-Type"] and again["Vary"] == page["Vary"]


def test_the_first_stranger_of_all_begins(
    anonymous: Client, job: Job, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    anonymous.get(FEED)
    anonymous.get(FEED)
    with django_assert_num_queries(0):
        anonymous.get(FEED)


def hide(client: Client, job: Job) -> None:
    client.post(reverse("stylize:show", args=[job.key]), {"visibility": "private"})


def delete(client: Client, job: Job) -> None:
    client.post(reverse("stylize:delete", args=[job.key]))


def sweep_away(client: Client, job: Job) -> None:
    housekeeping.delete_job(job)


def hide_as_staff(client: Client, job: Job) -> None:
    User.objects.create_superuser("staff@example.org", make.PASSWORD)
    staff = Client()
    staff.force_login(User.objects.get(email="staff@example.org"))
    answer = staff.post(reverse("admin:stylize_job_change", args=[job.pk]), {"visibility": "private"})
    assert answer.status_code == 302


@pytest.mark.parametrize("act", [hide, delete, sweep_away, hide_as_staff])
def test_a_picture_that_is_hidden_or_deleted_is_gone_at_once(
    page: Any, anonymous: Client, as_alice: Client, job: Job, act: Callable[[Client, Job], None], committing: Any
) -> None:
    with committing():
        act(as_alice, job)
    assert keys_in(anonymous.get(FEED)) == set()


def test_control_without_a_word_about_it_the_kept_page_would_show_it(
    page: Any, anonymous: Client, as_alice: Client, job: Job
) -> None:
    hide(as_alice, job)  # nothing is committed, so nobody is told
    assert keys_in(anonymous.get(FEED)) == {job.key}


def test_a_new_picture_is_there_at_once(page: Any, anonymous: Client, alice: User, committing: Any) -> None:
    with committing():
        newer = make.done_job(alice)
    assert newer.key in keys_in(anonymous.get(FEED))


def test_a_page_that_was_being_made_while_a_picture_was_hidden_is_not_shown(page: Any, job: Job) -> None:
    """It was read before the picture was hidden, and kept after."""

    def view(request: Any) -> Any:
        answer = page_as_it_was(request)
        kept.renew()  # hidden in this moment
        return answer

    cache.delete_many(cache_names())
    slow = kept.for_strangers(view)
    page_as_it_was = index()
    slow(asked())
    assert was_made_anew(page_as_it_was), "the page of before was shown"


def test_control_without_generations_it_would_be_shown(page: Any, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = cache.get(kept.GENERATION)
    page_as_it_was = index()

    def view(request: Any) -> Any:
        answer = page_as_it_was(request)
        cache.set(kept.GENERATION, generation)  # nobody has told anything
        return answer

    cache.delete_many(cache_names())
    kept.for_strangers(view)(asked())
    assert not was_made_anew(page_as_it_was)


def test_no_two_visitors_have_the_same_nonce_and_each_has_that_of_the_policy(page: Any, anonymous: Client) -> None:
    nonces = set()
    for answer in (page, anonymous.get(FEED), Client().get(FEED)):
        (nonce,) = set(NONCE.findall(answer.content.decode()))
        assert f"'nonce-{nonce}'" in answer["Content-Security-Policy"]
        nonces.add(nonce)
    assert len(nonces) == 3


def test_who_has_the_page_already_is_told_so_and_keeps_its_policy(page: Any, anonymous: Client) -> None:
    """Another policy would come with another nonce, and the copy's styles would be refused."""
    again = anonymous.get(FEED, headers={"If-None-Match": page["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "Content-Security-Policy" not in again
    assert again["ETag"] == page["ETag"] == anonymous.get(FEED)["ETag"]


def test_a_changed_page_has_another_tag(page: Any, anonymous: Client, alice: User, committing: Any) -> None:
    with committing():
        make.done_job(alice)
    changed = anonymous.get(FEED, headers={"If-None-Match": page["ETag"]})
    assert changed.status_code == 200 and changed["ETag"] != page["ETag"]


def test_the_same_page_made_anew_has_the_same_tag(page: Any, anonymous: Client) -> None:
    kept.renew()
    assert anonymous.get(FEED)["ETag"] == page["ETag"]


@pytest.mark.parametrize("cookie", ["sessionid", "messages", "csrftoken", "whatever"])
def test_who_brings_a_cookie_is_no_stranger(page: Any, job: Job, cookie: str) -> None:
    client = Client()
    client.cookies[cookie] = "1"
    assert "ETag" not in client.get(FEED)


def test_a_signed_in_visitors_page_is_not_kept(as_alice: Client, anonymous: Client, job: Job) -> None:
    kept.renew()
    assert "Sign out" in as_alice.get(FEED).content.decode()
    page = anonymous.get(FEED)
    assert "Sign out" not in page.content.decode() and "Sign in" in page.content.decode()
    assert not page.cookies


def test_each_language_has_a_page_of_its_own(page: Any, job: Job) -> None:
    russian = Client(headers={"Accept-Language": "ru"})
    chosen = Client()
    chosen.cookies["django_language"] = "ru"
    for client in (russian, chosen):
        assert '<html lang="ru">' in client.get(FEED).content.decode()
        assert "ETag" in client.get(FEED)
    assert '<html lang="en">' in Client().get(FEED).content.decode()


def test_each_page_of_the_feed_is_kept_by_itself(
    page: Any, anonymous: Client, job: Job, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    older = f"?before={Post.objects.get(job=job).pk}"
    assert keys_in(anonymous.get(FEED + older)) == set()
    with django_assert_num_queries(0):
        assert keys_in(anonymous.get(FEED + older)) == set()
        assert keys_in(anonymous.get(FEED)) == {job.key}


@pytest.mark.parametrize("query", ["?next=/x", "?before=1&next=/x", "?before=x", "?before=007", "?utm_source=a"])
def test_an_address_that_is_not_the_pages_own_is_not_kept(page: Any, anonymous: Client, query: str) -> None:
    """The page names the address that was asked, and anybody can make up a million of them."""
    assert "ETag" not in anonymous.get(FEED + query)


def test_each_host_has_a_page_of_its_own(page: Any, anonymous: Client, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    other = anonymous.get(FEED, headers={"Host": "other.example"}).content.decode()
    assert "http://other.example/" in other and "testserver" not in other


def test_an_ageing_page_is_made_anew_by_one_visitor_while_the_others_have_the_old_one(
    page: Any, anonymous: Client, job: Job, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = make.done_job(alice)
    monkeypatch.setattr(kept, "FRESH_S", -1)
    first, second = anonymous.get(FEED), anonymous.get(FEED)
    assert keys_in(first) == keys_in(second) == {job.key, newer.key}
    Post.objects.all().delete()
    assert keys_in(anonymous.get(FEED)) == {job.key, newer.key}  # somebody is at it already


@pytest.mark.parametrize("method", ["get", "head"])
def test_without_redis_the_page_is_as_before(anonymous: Client, job: Job, settings: LazySettings, method: str) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    for _visit in range(2):
        assert getattr(anonymous, method)(FEED).status_code == 200
    assert keys_in(anonymous.get(FEED)) == {job.key}
    kept.renew()


def was_made_anew(view: Any) -> bool:
    """Whether a stranger's page comes from the view, and not from what was kept."""
    seen: list[Any] = []

    def look(request: Any) -> Any:
        seen.append(request)
        return view(request)

    kept.for_strangers(look)(asked())
    return bool(seen)


def index() -> Any:
    """The view of the feed without what keeps its pages."""
    return views.index.__wrapped__.__wrapped__  # type: ignore[attr-defined]


def asked() -> Any:
    """A stranger's request, as the view gets it."""
    request: Any = RequestFactory().get(FEED)
    request.user, request.session, request.csp_nonce = AnonymousUser(), SessionStore(), "n" * 24
    return request


def cache_names() -> list[str]:
    return [kept._name(asked()) or ""]


@pytest.mark.parametrize("where", ["/best/day/", "/best/month/", "/tag/%D0%BD%D0%BE%D1%87%D1%8C/", "/feed.atom"])
def test_every_public_wall_is_kept(
    anonymous: Client, job: Job, where: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    posts.describe(Post.objects.get(job=job), "", ["ночь"])
    kept.renew()
    first = anonymous.get(where)
    with django_assert_num_queries(0):
        again = anonymous.get(where)
    assert (again.status_code, again["ETag"]) == (200, first["ETag"])


def test_places_that_somebody_makes_up_do_not_fill_redis(
    page: Any, anonymous: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    monkeypatch.setattr(kept, "LIVES_S", 1000)
    for number in range(6):
        anonymous.get(f"{FEED}?before={number}")
    assert len(cache.get_many([_kept_as(f"{FEED}?before={number}") for number in range(6)])) <= 3


def _kept_as(where: str) -> str:
    request = RequestFactory().get(where)
    return kept._name(request, request.GET["before"]) or ""
