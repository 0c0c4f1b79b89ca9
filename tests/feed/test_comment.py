"""Saying something under a picture, and removing it: by whoever wrote it, and by whoever painted the picture."""

import threading
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from feed import conversation, leaving, talk
from feed.models import Comment, Post
from people import guests
from people.models import Notice, User
from stylize.models import Job
from tests import make, together


@pytest.fixture
def post(alice: User) -> Post:
    return make.post(alice)


def at(post: Post) -> str:
    return reverse("feed:say", args=[post.job.key])


def page_of(post: Post) -> str:
    return reverse("feed:post", args=[post.job.key])


def removal(comment: Comment) -> str:
    return reverse("feed:remove_comment", args=[comment.key])


def form(text: str = "What a sky!", **fields: str) -> dict[str, str]:
    return {"text": text, "form_token": str(uuid4())} | fields


def counted(post: Post) -> int:
    post.refresh_from_db()
    assert post.comments_count == post.comments.count()
    return post.comments_count


def test_a_comment_stands_under_the_picture_and_is_told_to_its_painter(
    as_bob: Client, post: Post, alice: User, bob: User
) -> None:
    answer = as_bob.post(at(post), form())
    comment = Comment.objects.get()
    assert answer.headers["Location"] == f"{page_of(post)}#comment-{comment.key}"
    page = as_bob.get(page_of(post)).content.decode()
    assert "What a sky!" in page and "1 comment<" in page and reverse("feed:person", args=[bob.handle]) in page
    assert counted(post) == 1
    (notice,) = Notice.objects.all()
    assert (notice.owner, notice.kind, notice.by, notice.words) == (alice, "commented", bob, "What a sky!")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>bold</b> & <script>", "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;script&gt;"),
        ("one\r\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("see https://example.org/x", ">see https://example.org/x<"),
        ("\u202eright to left", "\u202eright to left"),
        ("\u0300" * 50 + "x", "\u0300" * 50 + "x"),
    ],
)
def test_it_is_shown_as_it_was_written_and_never_as_markup(as_bob: Client, post: Post, text: str, shown: str) -> None:
    as_bob.post(at(post), form(text))
    assert shown in as_bob.get(page_of(post)).content.decode()


@pytest.mark.parametrize("text", ["", " \n ", "\u200b\u200d", "x" * 1001, "a\0b"], ids=repr)
def test_bad_input_shows_the_form_again_and_nothing_is_lost(as_bob: Client, post: Post, text: str) -> None:
    answer = as_bob.post(at(post), form(text))
    page = answer.content.decode()
    assert answer.status_code == 400 and "errorlist" in page
    assert text.strip("\0 \n").replace("\0", "")[:1] in page
    assert counted(post) == 0


def test_a_thousand_characters_fit_whatever_their_line_ends(as_bob: Client, post: Post) -> None:
    as_bob.post(at(post), form("\r\n".join(["x"] * 500)))
    assert len(Comment.objects.get().text) == 999


def test_one_form_sent_twice_is_one_comment(as_bob: Client, post: Post) -> None:
    sent = form()
    first, second = as_bob.post(at(post), sent), as_bob.post(at(post), sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert (counted(post), Notice.objects.count()) == (1, 1)


def test_a_token_that_was_somebody_elses_brings_the_form_back_with_another(
    as_bob: Client, post: Post, alice: User
) -> None:
    token = uuid4()
    talk.say(post, alice, "mine", form_token=token)
    answer = as_bob.post(at(post), form("yours", form_token=str(token)))
    page = answer.content.decode()
    assert answer.status_code == 400 and "yours" in page and str(token) not in page
    assert counted(post) == 1


def test_anonymous_signs_in_and_finds_what_they_wrote(anonymous: Client, post: Post, bob: User) -> None:
    sent_to = anonymous.post(at(post), form("half a thought")).headers["Location"]
    assert sent_to.startswith("/accounts/login/?next=")
    assert counted(post) == 0
    signed_in = anonymous.post(sent_to, {"login": bob.email, "password": make.PASSWORD})
    assert signed_in.headers["Location"] == page_of(post) + "#talk"
    assert "half a thought</textarea>" in anonymous.get(page_of(post)).content.decode()
    anonymous.post(at(post), form("half a thought"))
    assert "half a thought</textarea>" not in anonymous.get(page_of(post)).content.decode()


def test_a_picture_that_one_may_not_see_is_404_and_a_private_one_for_its_owner_too(
    as_bob: Client, as_alice: Client, post: Post
) -> None:
    Job.objects.update(visibility=Job.Visibility.PRIVATE)
    for client in (as_bob, as_alice):
        assert client.post(at(post), form()).status_code == 404
    assert 'id="talk"' not in as_alice.get(page_of(post)).content.decode()


def test_wrong_method_405(as_bob: Client, post: Post, bob: User) -> None:
    comment = talk.say(post, bob, "x")
    assert as_bob.get(at(post)).status_code == as_bob.get(removal(comment)).status_code == 405


def test_no_comment_yet_says_so(as_bob: Client, post: Post) -> None:
    assert "Nobody has said anything yet." in as_bob.get(page_of(post)).content.decode()


# Removing ------------------------------------------------------------------------------------------------------------


def test_its_writer_removes_it_with_what_was_told_of_it(as_bob: Client, post: Post, bob: User) -> None:
    comment = talk.say(post, bob, "I take it back")
    assert Notice.objects.count() == 1
    assert as_bob.post(removal(comment)).headers["Location"] == page_of(post) + "#talk"
    assert counted(post) == 0
    assert not Notice.objects.exists()
    assert as_bob.post(removal(comment)).status_code == 404


def test_the_painter_removes_what_others_said(as_alice: Client, post: Post, bob: User) -> None:
    comment = talk.say(post, bob, "Ugly")
    assert removal(comment) in as_alice.get(page_of(post)).content.decode()
    as_alice.post(removal(comment))
    assert counted(post) == 0


def test_a_guest_who_painted_it_does_so_too(anonymous: Client, bob: User) -> None:
    guest = make.guest()
    session = anonymous.session
    session[guests.SESSION_KEY] = guest.pk
    session.save()
    post = make.post(guest)
    comment = talk.say(post, bob, "Ugly")
    anonymous.post(removal(comment))
    assert counted(post) == 0


@pytest.mark.parametrize("who", ["stranger", "anonymous"])
def test_nobody_else_does_and_is_404(anonymous: Client, as_bob: Client, post: Post, alice: User, who: str) -> None:
    comment = talk.say(post, alice, "It stays")
    client = as_bob if who == "stranger" else anonymous
    assert client.post(removal(comment)).status_code == 404
    assert removal(comment) not in client.get(page_of(post)).content.decode()
    assert counted(post) == 1


def test_somebody_who_goes_takes_all_they_said_and_liked_along(post: Post, alice: User, bob: User) -> None:
    other = make.post(alice)
    for _comment in range(3):
        talk.say(post, bob, "x")
    talk.say(post, alice, "y")
    for one in (post, other):
        talk.like(one, bob)
    talk.like(post, alice)
    talk.follow(alice, bob)
    leaving.erase(bob)
    assert counted(post) == 1 and counted(other) == 0
    assert (post.likes_count, post.likes.count()) == (1, 1)
    assert (other.likes_count, alice.followers.count()) == (0, 0)


# Pages ---------------------------------------------------------------------------------------------------------------


def test_many_comments_make_pages_oldest_first_and_none_is_shown_twice(
    as_bob: Client, post: Post, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "PAGE", 3)
    for number in range(7):
        talk.say(post, bob, f"number {number}")
    where, seen = page_of(post), list[int]()
    for _page in range(3):
        answer = as_bob.get(where)
        found = answer.context["talk"]
        seen += [int(comment.text.split()[1]) for comment in found.comments]
        where = f"{page_of(post)}?after={found.later}"
    assert seen == list(range(7))
    assert found.later is None


def test_after_saying_something_one_lands_where_it_is_shown(
    as_bob: Client, post: Post, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "PAGE", 3)
    for number in range(7):
        talk.say(post, bob, f"number {number}")
    where = as_bob.post(at(post), form("the newest")).headers["Location"]
    assert "the newest" in as_bob.get(where).content.decode()


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "1e3"])
def test_a_page_that_is_none_is_the_first(as_bob: Client, post: Post, bob: User, after: str) -> None:
    talk.say(post, bob, "here")
    assert "here" in as_bob.get(f"{page_of(post)}?after={after}").content.decode()


# Race ----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_one_form_sent_many_times_at_once_is_one_comment(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """The control looks whether there is one, and writes without the token."""
    crowd = 4
    post, bob, token, gate = make.post(make.user("alice")), make.user("bob"), uuid4(), threading.Barrier(crowd)

    def look_then_write(post: Post, by: User, text: str, form_token: UUID | None) -> tuple[Comment, bool]:
        if found := Comment.objects.filter(post=post, owner=by, text=text).first():
            return found, False
        with suppress(threading.BrokenBarrierError):
            gate.wait(1)
        return Comment.objects.create(post=post, owner=by, text=text), True

    if not guarded:
        monkeypatch.setattr(talk, "_alone_with", lambda post, by: transaction.atomic())
        monkeypatch.setattr(talk, "_add_comment", look_then_write)

    together.at_once([lambda: talk.say(post, bob, "once", form_token=token)] * crowd)
    assert counted(post) == (1 if guarded else crowd)
