"""The walls besides the newest: best of three spans, tags, people one follows."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feed import heat, posts, walls
from feed.models import Follow, Post
from people.models import User
from stylize.models import Job
from tests import make

FOLLOWING = "/following/"


def liked(post: Post, likes: int, *, hours_ago: float = 0.0) -> Post:
    """As so many likes leave it."""
    Post.objects.filter(pk=post.pk).update(created_at=timezone.now() - timedelta(hours=hours_ago), likes_count=likes)
    Post.objects.filter(pk=post.pk).update(**heat.columns(F("likes_count")))
    return post


def best(span: str) -> str:
    return reverse("feed:best", args=[span])


def tagged(owner: User, *tags: str) -> Post:
    post = make.post(owner)
    posts.describe(post, "", list(tags))
    return post


def shown(client: Client, where: str) -> list[Post]:
    answer = client.get(where)
    assert answer.status_code == 200
    return list(answer.context["posts"])


@pytest.mark.parametrize("span", heat.SPANS)
def test_more_likes_come_first(anonymous: Client, alice: User, span: str) -> None:
    made = [liked(make.post(alice), likes) for likes in (3, 0, 8)]
    assert shown(anonymous, best(span)) == [made[2], made[0], made[1]]


def test_twice_the_likes_outweigh_one_half_life_and_no_more(anonymous: Client, alice: User) -> None:
    older, newer = liked(make.post(alice), 7, hours_ago=7), liked(make.post(alice), 3)
    oldest = liked(make.post(alice), 7, hours_ago=5)
    assert shown(anonymous, best("day")) == [oldest, newer, older]


@pytest.mark.parametrize(("span", "hours"), [("day", 24), ("week", 24 * 7), ("month", 24 * 30)])
def test_what_is_older_than_the_span_is_not_its_best(anonymous: Client, alice: User, span: str, hours: int) -> None:
    liked(make.post(alice), 1000, hours_ago=hours + 0.1)
    within = liked(make.post(alice), 0, hours_ago=hours - 0.1)
    assert shown(anonymous, best(span)) == [within]


@pytest.mark.parametrize("span", heat.SPANS)
def test_no_picture_of_the_span_is_colder_than_where_the_reading_ends(alice: User, span: str) -> None:
    """The bound that spares reading the rest of the index."""
    of, since = heat.SPANS[span], timezone.now() - heat.SPANS[span].length
    post = make.post(alice)
    Post.objects.filter(pk=post.pk).update(created_at=since)
    Post.objects.filter(pk=post.pk).update(**heat.columns(0))
    warmth = getattr(Post.objects.get(), of.column)
    assert of.least_since(since) <= warmth < of.least_since(since) + 2 * heat.ROUNDING


def test_best_pages_follow_without_gap_or_repetition_also_where_many_are_as_warm(
    anonymous: Client, alice: User
) -> None:
    moment, made = timezone.now(), [make.post(alice) for _post in range(walls.PAGE + 3)]
    Post.objects.update(created_at=moment)
    Post.objects.update(**heat.columns(0))
    first = anonymous.get(best("week"))
    second = anonymous.get(best("week"), {"before": str(first.context["older"])})
    assert list(first.context["posts"]) + list(second.context["posts"]) == made[::-1]
    assert second.context["older"] is None
    assert f"?before={first.context['older']}" in first.content.decode()


@pytest.mark.parametrize("before", ["x", "1", "1.0", "01.5-1", "1.50-1", "1.5-0", "-1.5-1", "1.5-1;", "1e9-1", "٣.٣-٣"])
def test_a_slip_in_the_address_shows_the_best(anonymous: Client, alice: User, before: str) -> None:
    post = make.post(alice)
    assert shown(anonymous, f"{best('day')}?before={quote(before)}") == [post]


def test_a_place_survives_the_address() -> None:
    place = heat.Place(14521.123456789012, 77)
    assert heat.place(str(place)) == place


@pytest.mark.parametrize(
    "where", ["/best/year/", "/best/", "/tag//", "/tag/", "/tag/two%20words/", "/tag/%00/", "/tag/---/"]
)
def test_walls_that_are_not_there_404(anonymous: Client, db: None, where: str) -> None:
    assert anonymous.get(where).status_code == 404


@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_only_public_pictures_hang_on_any_wall(as_alice: Client, as_bob: Client, alice: User, visibility: str) -> None:
    hidden = tagged(alice, "sea")
    seen = tagged(alice, "sea")
    Follow.objects.create(owner=User.objects.get(handle="bob-paints"), followed=alice)
    Job.objects.filter(post=hidden).update(visibility=visibility)
    for where in (best("day"), best("month"), "/tag/sea/", "/search/?q=%23sea+@alice-paints", "/search/?q=sea"):
        assert shown(as_alice, where) == [seen], where
    assert shown(as_bob, FOLLOWING) == [seen]


def test_a_tags_wall_shows_its_pictures_alone_newest_first(anonymous: Client, alice: User, bob: User) -> None:
    first, second = tagged(alice, "ночь", "sea"), tagged(bob, "ночь")
    tagged(alice, "ночью")
    assert shown(anonymous, f"/tag/{quote('ночь')}/") == [second, first]
    assert shown(anonymous, "/tag/sea/") == [first]


def test_a_tag_has_one_address(anonymous: Client, alice: User) -> None:
    tagged(alice, "ночь")
    answer = anonymous.get(f"/tag/{quote('НОЧЬ')}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/tag/{quote('ночь')}/")


def test_a_tag_that_nothing_public_has_404(anonymous: Client, alice: User) -> None:
    post = tagged(alice, "sea")
    Job.objects.filter(post=post).update(visibility="private")
    assert anonymous.get("/tag/sea/").status_code == 404


def test_the_newest_of_all_whom_one_follows(as_bob: Client, alice: User, bob: User) -> None:
    carol, dave = make.user("carol"), make.user("dave")
    for followed in (alice, carol):
        Follow.objects.create(owner=bob, followed=followed)
    Follow.objects.create(owner=alice, followed=dave)
    made = [make.post((alice, carol, dave)[number % 3]) for number in range(6)]
    make.post(bob)
    wanted = [post for post in made[::-1] if post.owner != dave]
    assert shown(as_bob, FOLLOWING) == wanted
    assert shown(as_bob, f"{FOLLOWING}?before={wanted[1].pk}") == wanted[2:]


def test_followed_pages_follow_without_gap_or_repetition(as_bob: Client, alice: User, bob: User) -> None:
    Follow.objects.create(owner=bob, followed=alice)
    made = [make.post(alice).pk for _post in range(walls.PAGE + 2)]
    first = as_bob.get(FOLLOWING)
    second = as_bob.get(FOLLOWING, {"before": first.context["older"]})
    assert [post.pk for page in (first, second) for post in page.context["posts"]] == made[::-1]


def test_who_follows_nobody_is_told_how(as_bob: Client) -> None:
    assert "You do not follow anybody yet" in as_bob.get(FOLLOWING).content.decode()


def test_who_follows_the_idle_is_told_so(as_bob: Client, alice: User, bob: User) -> None:
    Follow.objects.create(owner=bob, followed=alice)
    assert "show no pictures at the moment" in as_bob.get(FOLLOWING).content.decode()


def test_following_needs_an_account(anonymous: Client, db: None) -> None:
    answer = anonymous.get(FOLLOWING)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/following/")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("where", ["/best/day/", "/tag/sea/", FOLLOWING, "/search/", "/feed.atom"])
def test_wrong_method_405(as_alice: Client, where: str, method: str) -> None:
    assert getattr(as_alice, method)(where).status_code == 405


@pytest.mark.parametrize("where", ["/best/day/", "/best/week/", "/best/month/"])
def test_an_empty_wall_opens(anonymous: Client, db: None, where: str) -> None:
    assert "No new picture yet" in anonymous.get(where).content.decode()


def test_a_card_tells_title_and_likes(anonymous: Client, alice: User) -> None:
    post = liked(make.post(alice), 12)
    posts.describe(post, "<b>Night</b>", [])
    page = anonymous.get("/").content.decode()
    assert "&lt;b&gt;Night" in page and "<b>Night" not in page
    assert "12 likes" in page
