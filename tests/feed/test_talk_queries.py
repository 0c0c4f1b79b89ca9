"""How often the pages of talk and people ask Postgres, and that it does not grow with what is there."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from feed import talk
from feed.models import Comment, Post
from people import notices
from people.models import User
from stylize.models import Filter
from tests import make
from tests.test_query_counts import MOST_FOR_A_PAGE, queries, shown

MANY = 100


def crowd(of: int) -> list[User]:
    return [make.user(f"fan{number}") for number in range(of)]


def busy(alice: User) -> Post:
    """A picture with much said about it, and its painter with all there can be."""
    post, fans = make.post(alice, show_photo=True), crowd(MANY)
    for fan in fans:
        talk.like(post, fan)
        talk.follow(alice, fan)
        talk.follow(fan, alice)
    Comment.objects.bulk_create(
        Comment(post=post, owner=fans[number], text=f"number {number}") for number in range(MANY)
    )
    Post.objects.filter(pk=post.pk).update(comments_count=MANY)
    for number in range(5):
        post.job.style_links.create(style=make.style(alice, name=f"Style {number}"), weight=1.0)
        make.done_job(alice)
        Filter.objects.create(owner=alice, style=make.style(alice), name=f"Saved {number}", is_public=True)
        notices.tell(alice, notices.Kind.DONE, key=post.job.key)
    return post


@pytest.mark.parametrize("who", ["as_alice", "as_bob", "anonymous"])
def test_all_pages_ask_at_most_six_times_however_much_there_is(
    request: pytest.FixtureRequest, alice: User, who: str
) -> None:
    post, client = busy(alice), request.getfixturevalue(who)
    pages = [reverse("feed:post", args=[post.job.key])]
    pages += [f"{pages[0]}?after={Comment.objects.order_by('pk')[50].pk}"]
    pages += [
        reverse(f"feed:{name}", args=[alice.handle]) for name in ("person", "person_styles", "followers", "followed")
    ]
    if who != "anonymous":
        pages += ["/notices/", "/me/", "/me/notices/"]
    asked = {page: len(shown(client, page)) for page in pages}
    assert all(0 < count <= MOST_FOR_A_PAGE for count in asked.values()), asked


@pytest.mark.parametrize("what", ["like", "unlike", "follow", "unfollow"])
def test_a_click_asks_as_often_however_many_others_have_clicked(as_bob: Client, alice: User, what: str) -> None:
    post = make.post(alice)
    of = post.job.key if "like" in what else alice.handle
    where = reverse(f"feed:{what}", args=[of])
    few = len(queries(posted(as_bob, where)))
    for fan in crowd(5):
        talk.like(post, fan)
        talk.follow(alice, fan)
    talk.unlike(post, User.objects.get(handle="bob-paints"))
    talk.unfollow(alice, User.objects.get(handle="bob-paints"))
    assert len(queries(posted(as_bob, where))) <= few + 1 <= 16


def posted(client: Client, where: str) -> Callable[[], None]:
    def act() -> None:
        assert client.post(where).status_code == 302

    return act


def test_control_one_query_for_each_writer_is_found(alice: User, bob: User) -> None:
    post = make.post(alice)
    for _comment in range(8):
        talk.say(post, bob, "x")
    assert len(queries(lambda: [comment.owner.handle for comment in Comment.objects.all()])) > MOST_FOR_A_PAGE
