"""Reporting a picture or a comment: the litany for both."""

import pytest
from django.test import Client
from django.urls import reverse

from feed.models import Comment, Post, Report
from people.models import User
from stylize import housekeeping
from tests import make

NAUGHTY = ["<script>alert(1)</script>", "‮reversed", "💥" * 100, "' OR 1=1 --", "${7*7}{{7*7}}", "a" * 500, "\r\n\t"]


def address(post: Post) -> str:
    return reverse("feed:report", args=[post.job.key])


def of_comment(comment: Comment) -> str:
    return reverse("feed:report_comment", args=[comment.key])


@pytest.fixture
def post(alice: User) -> Post:
    return make.post(alice)


@pytest.fixture
def comment(post: Post, alice: User) -> Comment:
    return Comment.objects.create(post=post, owner=alice, text="<b>rude</b>")


def test_works(as_bob: Client, bob: User, post: Post) -> None:
    assert "What is wrong with it?" in as_bob.get(address(post)).content.decode()
    page = as_bob.post(address(post), {"reason": "hate", "words": "It is cruel."}, follow=True)
    report = Report.objects.get()
    assert (report.post, report.owner, report.reason, report.words) == (post, bob, "hate", "It is cruel.")
    assert (report.picture_key, report.of_comment, report.outcome) == (post.job.key, False, "")
    assert "Our staff will look at it" in page.content.decode()


def test_a_comment_works(as_bob: Client, comment: Comment) -> None:
    page = as_bob.get(of_comment(comment)).content.decode()
    assert "&lt;b&gt;rude&lt;/b&gt;" in page
    as_bob.post(of_comment(comment), {"reason": "hate"})
    report = Report.objects.get()
    assert (report.comment, report.of_comment, report.post) == (comment, True, comment.post)


def test_a_visitor_without_an_account_may(anonymous: Client, post: Post) -> None:
    anonymous.post(address(post), {"reason": "rights", "words": "This is me."})
    assert Report.objects.get().owner is None


def test_once_while_it_is_open(as_bob: Client, post: Post, comment: Comment) -> None:
    for where in (address(post), of_comment(comment)):
        as_bob.post(where, {"reason": "spam"})
        page = as_bob.post(where, {"reason": "spam"}, follow=True)
        assert "reported this already" in page.content.decode()
    assert Report.objects.count() == 2


def test_a_picture_has_its_way_to_be_reported(anonymous: Client, as_alice: Client, post: Post) -> None:
    where = reverse("feed:post", args=[post.job.key])
    assert address(post) in anonymous.get(where).content.decode()
    assert address(post) not in as_alice.get(where).content.decode()


@pytest.mark.parametrize("sent", [{}, {"reason": "none"}, {"reason": "spam", "words": "a" * 501}])
def test_bad_input_shows_the_form_again_nothing_lost(as_bob: Client, post: Post, sent: dict[str, str]) -> None:
    answer = as_bob.post(address(post), sent)
    assert answer.status_code == 400
    assert sent.get("words", "") in answer.content.decode()
    assert not Report.objects.exists()


def test_a_nul_is_a_wrong_word_not_a_crash(as_bob: Client, post: Post) -> None:
    assert as_bob.post(address(post), {"reason": "spam", "words": "a\0b"}).status_code == 400


@pytest.mark.parametrize("words", NAUGHTY)
def test_words_may_be_anything(as_bob: Client, admin_client: Client, post: Post, words: str) -> None:
    as_bob.post(address(post), {"reason": "other", "words": words})
    page = admin_client.get("/staff/reports/")
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_stranger_404_where_the_picture_is_private(as_bob: Client, alice: User) -> None:
    post = make.post(alice, visibility="private")
    comment = Comment.objects.create(post=post, owner=alice, text="mine")
    for where in (address(post), of_comment(comment)):
        assert as_bob.get(where).status_code == 404
        assert as_bob.post(where, {"reason": "spam"}).status_code == 404


def test_nowhere_404(anonymous: Client, db: None) -> None:
    assert anonymous.get("/p/nowhere/report").status_code == 404
    assert anonymous.get("/comments/nowhere/report").status_code == 404


def test_wrong_method_405(as_bob: Client, post: Post, comment: Comment) -> None:
    assert as_bob.delete(address(post)).status_code == as_bob.delete(of_comment(comment)).status_code == 405


def test_a_picture_that_its_owner_deletes_closes_its_reports(as_bob: Client, post: Post) -> None:
    as_bob.post(address(post), {"reason": "spam"})
    housekeeping.delete_job(post.job)
    report = Report.objects.get()
    assert (report.outcome, report.post, report.picture_key) == ("gone", None, post.job.key)


def test_a_comment_that_went_without_a_word_does_not_turn_into_a_report_of_its_picture(
    as_bob: Client, admin_client: Client, comment: Comment
) -> None:
    from feed import tasks

    as_bob.post(of_comment(comment), {"reason": "spam"})
    comment.delete()
    assert "Nothing is reported" in admin_client.get("/staff/reports/").content.decode()
    tasks.close_gone()
    assert Report.objects.get().outcome == "gone"
