"""Liking a picture, and taking it back: once each, however often it is clicked, and counted as it is written."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import OperationalError
from django.test import Client
from django.urls import reverse

from feed import talk
from feed.models import Like, Post
from people.models import Notice, User
from stylize.models import Job
from tests import make, together

Visibility = Job.Visibility


@pytest.fixture
def post(alice: User) -> Post:
    return make.post(alice)


def at(post: Post, what: str = "like") -> str:
    return reverse(f"feed:{what}", args=[post.job.key])


def page_of(post: Post) -> str:
    return reverse("feed:post", args=[post.job.key])


def counted(post: Post) -> int:
    post.refresh_from_db()
    assert post.likes_count == post.likes.count()
    return post.likes_count


def test_a_like_is_counted_warms_the_picture_and_is_told_to_its_painter(
    as_bob: Client, post: Post, alice: User, bob: User
) -> None:
    cold = (post.heat_day, post.heat_week, post.heat_month)
    assert as_bob.post(at(post)).headers["Location"] == page_of(post) + "#talk"
    assert counted(post) == 1
    assert all(warm == pytest.approx(before + 1) for warm, before in zip(heats(post), cold, strict=True))
    (notice,) = Notice.objects.all()
    assert (notice.owner, notice.kind, notice.by, notice.key) == (alice, "liked", bob, post.job.key)
    assert 'aria-pressed="true"' in as_bob.get(page_of(post)).content.decode()


def heats(post: Post) -> tuple[float, float, float]:
    return (post.heat_day, post.heat_week, post.heat_month)


def test_a_second_like_changes_nothing(as_bob: Client, post: Post) -> None:
    for _click in range(2):
        as_bob.post(at(post))
    assert counted(post) == 1
    assert Notice.objects.count() == 1


def test_taken_back_nothing_is_left_of_it_and_a_second_time_changes_nothing(as_bob: Client, post: Post) -> None:
    post.refresh_from_db()
    cold = heats(post)
    as_bob.post(at(post))
    for _click in range(2):
        as_bob.post(at(post, "unlike"))
    assert counted(post) == 0
    assert heats(post) == pytest.approx(cold)
    assert 'aria-pressed="false"' in as_bob.get(page_of(post)).content.decode()


def test_whoever_likes_regrets_and_likes_again_is_told_of_once(as_bob: Client, post: Post) -> None:
    for what in ("like", "unlike", "like"):
        as_bob.post(at(post, what))
    assert (counted(post), Notice.objects.count()) == (1, 1)


def test_the_script_is_told_the_count_without_a_page(as_bob: Client, post: Post, alice: User) -> None:
    talk.like(post, alice)
    script = {"Accept": "application/json"}
    assert as_bob.post(at(post), headers=script).json() == {"liked": True, "count": 2}
    assert as_bob.post(at(post, "unlike"), headers=script).json() == {"liked": False, "count": 1}


def test_ones_own_picture_may_be_liked_and_nobody_is_told(as_alice: Client, post: Post) -> None:
    as_alice.post(at(post))
    assert counted(post) == 1
    assert not Notice.objects.exists()


@pytest.mark.parametrize("what", ["like", "unlike"])
def test_anonymous_is_sent_to_sign_in_and_then_back_to_the_picture(anonymous: Client, post: Post, what: str) -> None:
    sent_to = anonymous.post(at(post, what)).headers["Location"]
    assert sent_to.startswith("/accounts/login/?next=") and page_of(post) in sent_to
    assert counted(post) == 0
    page = anonymous.get(page_of(post)).content.decode()
    assert f"/accounts/login/?next={page_of(post)}" in page and "csrfmiddlewaretoken" not in page


@pytest.mark.parametrize("what", ["like", "unlike"])
def test_what_a_stranger_may_not_see_is_404(as_bob: Client, post: Post, what: str) -> None:
    Job.objects.update(visibility=Visibility.PRIVATE)
    assert as_bob.post(at(post, what)).status_code == 404
    assert as_bob.post(reverse(f"feed:{what}", args=["nowhere"])).status_code == 404
    assert counted(post) == 0


def test_a_private_picture_is_not_even_its_owners_to_like(as_alice: Client, post: Post) -> None:
    Job.objects.update(visibility=Visibility.PRIVATE)
    assert as_alice.post(at(post)).status_code == 404
    assert "data-like" not in as_alice.get(page_of(post)).content.decode()


def test_an_unlisted_picture_may_be_liked_by_whoever_has_the_link(as_bob: Client, post: Post) -> None:
    Job.objects.update(visibility=Visibility.UNLISTED)
    as_bob.post(at(post))
    assert counted(post) == 1


@pytest.mark.parametrize("what", ["like", "unlike"])
def test_wrong_method_405(as_bob: Client, post: Post, what: str) -> None:
    assert as_bob.get(at(post, what)).status_code == 405


def test_a_picture_that_goes_meanwhile_is_404(as_bob: Client, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    like = talk.like

    def go_first(found: Post, by: User) -> bool:
        Post.objects.filter(pk=found.pk).delete()
        return like(found, by)

    monkeypatch.setattr(talk, "like", go_first)
    assert as_bob.post(at(post)).status_code == 404


# Races ---------------------------------------------------------------------------------------------------------------

CROWD = 6


def all_at_once(post: Post, by: list[User]) -> list[bool]:
    def click(one: User) -> bool:
        return talk.like(Post.objects.with_pictures().get(pk=post.pk), one)

    return together.at_once([partial(click, one) for one in by])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_double_click_is_one_like_and_counts_once(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """The control looks first and then counts what it has not written."""
    post, bob, gate = make.post(make.user("alice")), make.user("bob"), threading.Barrier(CROWD)

    def look_then_write(post: Post, by: User) -> bool:
        if Like.objects.filter(post=post, owner=by).exists():
            return False
        with suppress(threading.BrokenBarrierError):
            gate.wait(1)
        Like.objects.bulk_create([Like(post=post, owner=by)], ignore_conflicts=True)
        return True

    if not guarded:
        monkeypatch.setattr(talk, "_hold", lambda *people: None)
        monkeypatch.setattr(talk, "_alone_with", lambda post, by: transaction.atomic())
        monkeypatch.setattr(talk, "_add_like", look_then_write)
    new = all_at_once(post, [bob] * CROWD)
    post.refresh_from_db()
    assert Like.objects.count() == 1
    assert (sum(new), post.likes_count) == ((1, 1) if guarded else (CROWD, CROWD))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_no_like_of_a_crowd_is_lost(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """The control counts from what it has read."""
    post, crowd = make.post(make.user("alice")), [make.user(f"fan{number}") for number in range(CROWD)]
    gate = threading.Barrier(CROWD)

    def from_what_was_read(post: Post, by: int) -> None:
        with suppress(threading.BrokenBarrierError):
            gate.wait(1)
        Post.objects.filter(pk=post.pk).update(likes_count=post.likes_count + by)

    if not guarded:
        monkeypatch.setattr(talk, "_alone_with", lambda post, by: transaction.atomic())
        monkeypatch.setattr(talk, "_count_like", from_what_was_read)
    all_at_once(post, crowd)
    post.refresh_from_db()
    assert Like.objects.count() == CROWD
    assert post.likes_count == (CROWD if guarded else 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_a_like_of_somebodys_picture_waits_for_them_to_go_and_does_not_stand_in_the_way(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Whoever deletes an account holds its row first and then takes the pictures; the control takes a picture first."""
    alice, bob = make.user("alice"), make.user("bob")
    post = make.post(alice)
    if not guarded:
        monkeypatch.setattr(talk, "_hold", lambda *people: None)
    held, liking, trouble = threading.Event(), threading.Event(), list[Exception]()
    count_like = talk._count_like

    def tell_others(post: Post, by: int) -> None:
        count_like(post, by)
        liking.set()

    monkeypatch.setattr(talk, "_count_like", tell_others)

    def go() -> None:
        try:
            with transaction.atomic():
                User.objects.select_for_update().get(pk=alice.pk)
                held.set()
                liking.wait(1)
                Post.objects.filter(pk=post.pk).select_for_update().get()
        except (OperationalError, IntegrityError) as error:
            trouble.append(error)
        finally:
            connection.close()

    def click() -> None:
        held.wait(5)
        try:
            talk.like(post, bob)
        except (OperationalError, IntegrityError) as error:
            trouble.append(error)
        finally:
            liking.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda act: act(), [go, click]))
    assert [type(error) for error in trouble] == ([] if guarded else [OperationalError])
