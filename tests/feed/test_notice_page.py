"""One's notices on the site: in lines that one can take in, read when they are looked at, and counted in the header."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feed import notice_views, talk
from feed.models import Post
from people import notices
from people.models import Notice, User
from stylize import housekeeping
from tests import make

PAGE = "/notices/"
Kind = notices.Kind


@pytest.fixture
def post(alice: User) -> Post:
    return make.post(alice)


def badge(client: Client) -> str:
    page = client.get("/prices/").content.decode()
    return page.partition('<span class="top__unread">')[2].partition("<")[0]


def test_what_happened_is_listed_newest_first_with_links(as_alice: Client, post: Post, alice: User, bob: User) -> None:
    talk.like(post, bob)
    talk.say(post, bob, "A <b>fine</b> sky")
    talk.follow(alice, bob)
    notices.tell(alice, Kind.DONE, key=post.job.key)
    notices.tell(alice, Kind.FAILED, key=post.job.key)
    notices.tell(alice, Kind.TAKEN_DOWN, key=post.job.key, words="Spam")
    answer = as_alice.get(PAGE)
    page = answer.content.decode()
    kinds = [line.newest.kind for line in answer.context["lines"]]
    assert kinds == ["taken_down", "failed", "done", "followed", "commented", "liked"]
    for link in (
        reverse("feed:post", args=[post.job.key]) + "#talk", reverse("stylize:job", args=[post.job.key]),
        reverse("feed:person", args=[bob.handle]),
    ):  # fmt: skip
        assert f'href="{link}"' in page
    assert "A &lt;b&gt;fine&lt;/b&gt; sky" in page and "Spam" in page


def test_many_who_like_one_picture_are_one_line(as_alice: Client, post: Post, alice: User) -> None:
    other = make.post(alice)
    for number in range(4):
        fan = make.user(f"fan{number}")
        talk.like(post, fan)
        talk.like(other, fan)
    answer = as_alice.get(PAGE)
    assert [line.others for line in answer.context["lines"]] == [3, 3]
    assert "fan3-paints</a> and 3 more like" in answer.content.decode()


def test_looking_at_them_is_reading_them(as_alice: Client, post: Post, bob: User) -> None:
    talk.like(post, bob)
    assert badge(as_alice) == "1"
    assert "badge--new" in as_alice.get(PAGE).content.decode()
    assert badge(as_alice) == ""
    assert "badge--new" not in as_alice.get(PAGE).content.decode()


def test_asking_in_advance_is_not_looking(as_alice: Client, post: Post, bob: User) -> None:
    talk.like(post, bob)
    as_alice.head(PAGE)
    as_alice.get(PAGE, headers={"Sec-Purpose": "prefetch"})
    assert badge(as_alice) == "1"


def test_only_what_is_on_the_page_is_read(
    as_alice: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_views, "LINES", 2)
    for number in range(5):
        notices.tell(alice, Kind.COMMENTED, by=bob, words=f"number {number}")
    answer = as_alice.get(PAGE)
    assert badge(as_alice) == "3"
    seen = list[str]()
    for _page in range(3):
        seen += [line.newest.words for line in answer.context["lines"]]
        answer = as_alice.get(f"{PAGE}?before={answer.context['older']}")
    assert seen == [f"number {number}" for number in (4, 3, 2, 1, 0)]
    assert badge(as_alice) == ""


def test_more_rows_than_a_page_looks_at_go_on_on_the_next(
    as_alice: Client, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_views, "ROWS", 3)
    for number in range(5):
        talk.like(post, make.user(f"fan{number}"))
    first = as_alice.get(PAGE)
    second = as_alice.get(f"{PAGE}?before={first.context['older']}")
    assert [line.others for line in (*first.context["lines"], *second.context["lines"])] == [2, 1]
    assert second.context["older"] is None


def test_what_one_does_not_want_on_the_site_is_not_there_though_it_may_be_in_the_mail(
    as_alice: Client, post: Post, alice: User, bob: User
) -> None:
    User.objects.filter(pk=alice.pk).update(muted=["site:liked"])
    post = Post.objects.with_pictures().get(pk=post.pk)
    talk.like(post, bob)
    assert badge(as_alice) == ""
    assert not as_alice.get(PAGE).context["lines"]
    assert Notice.objects.untold().count() == 1


def test_others_do_not_see_them_and_anonymous_signs_in(as_bob: Client, anonymous: Client, alice: User) -> None:
    notices.tell(alice, Kind.TAKEN_DOWN, words="for alice alone")
    assert "for alice alone" not in as_bob.get(PAGE).content.decode()
    assert anonymous.get(PAGE).headers["Location"] == f"/accounts/login/?next={PAGE}"


def test_wrong_method_405(as_alice: Client) -> None:
    assert as_alice.post(PAGE).status_code == 405


def test_nothing_yet_says_so(as_alice: Client) -> None:
    assert "Nothing has happened yet" in as_alice.get(PAGE).content.decode()


def test_the_badge_does_not_count_for_ever(as_alice: Client, alice: User) -> None:
    now = timezone.now()
    Notice.objects.bulk_create(Notice(owner=alice, kind=Kind.COMMENTED, at=now) for _notice in range(notices.MANY + 5))
    assert badge(as_alice) == "99+"


def test_a_picture_that_is_deleted_takes_what_was_told_of_it_along(post: Post, alice: User, bob: User) -> None:
    talk.say(post, bob, "x")
    talk.follow(alice, bob)
    housekeeping.delete_job(post.job)
    assert [notice.kind for notice in Notice.objects.all()] == ["followed"]


def test_a_guests_notices_go_to_the_account(client: Client, alice: User, bob: User) -> None:
    from people import guests

    guest = make.guest()
    post = make.post(guest)
    talk.like(post, bob)
    talk.like(post, alice)
    session = client.session
    session[guests.SESSION_KEY] = guest.pk
    session.save()
    client.post("/accounts/login/", {"login": alice.email, "password": make.PASSWORD})
    (notice,) = Notice.objects.all()
    assert (notice.owner, notice.by) == (alice, bob)
