"""What staff do about reports: each act is done once, is in the log, closes the reports and is told to the owner."""

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db.models import F
from django.test import Client
from django.urls import reverse

from feed import kept, moderation
from feed.models import Act, Comment, Post, Report
from feed.moderation import Complaint
from people.models import Notice, User
from stylize import exposure
from stylize.models import Filter, Job
from tests import make, together
from tests.test_query_counts import MOST_FOR_A_PAGE, shown

WHY = "It shows a person who did not agree."


@pytest.fixture
def staff(db: None) -> User:
    return make.user("staff", is_staff=True, is_superuser=True)


@pytest.fixture
def as_staff(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def post(alice: User) -> Post:
    return make.post(alice, show_photo=True)


@pytest.fixture
def comment(post: Post, bob: User) -> Comment:
    made = Comment.objects.create(post=post, owner=bob, text="rude")
    Post.objects.filter(pk=post.pk).update(comments_count=1)
    return made


def at(name: str, key: str) -> str:
    return reverse(f"feed:{name}", args=[key])


def reported(post: Post, by: User | None = None, *, comment: Comment | None = None) -> Report:
    moderation.report(post, by, Complaint("spam", "Look at this"), comment=comment)
    return Report.objects.latest("id")


# The picture ----------------------------------------------------------------------------------------------------------


def test_taken_down_it_is_private_logged_told_and_its_reports_are_closed(
    as_staff: Client, anonymous: Client, as_alice: Client, alice: User, bob: User, staff: User, post: Post
) -> None:
    report, key = reported(post, bob), post.job.key
    assert as_staff.post(at("staff_take_down", key), {"reason": WHY}).status_code == 302
    job = Job.objects.get()
    assert (job.is_barred, job.visibility) == (True, "private")
    act = Act.objects.get()
    assert (act.by, act.by_name, act.what, act.key, act.reason) == (staff, str(staff), "take_down", key, WHY)
    report.refresh_from_db()
    assert report.outcome == "taken_down" and report.closed_at
    notice = Notice.objects.get()
    assert (notice.owner, notice.kind, notice.key, notice.words) == (alice, "taken_down", key, WHY)
    assert anonymous.get(at("post", key)).status_code == 404
    for name in ("card.webp", "share.jpg"):
        assert anonymous.get(reverse("stylize:result_file", args=[key, name])).status_code == 404
    page = as_alice.get(reverse("stylize:job", args=[key])).content.decode()
    assert WHY in page and "taken this picture down" in page
    assert 'name="visibility"' not in page


def test_its_owner_cannot_show_it_again(as_alice: Client, staff: User, post: Post) -> None:
    moderation.take_down(post, staff, WHY)
    page = as_alice.post(reverse("stylize:show", args=[post.job.key]), {"visibility": "public"}, follow=True)
    assert "taken down by our staff" in page.content.decode()
    assert Job.objects.get().visibility == "private"


def test_kept_pages_are_renewed(
    staff: User, post: Post, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    kept.renew()
    before = cache.get(kept.GENERATION)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        moderation.take_down(post, staff, WHY)
    assert cache.get(kept.GENERATION) != before


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
def test_put_back_it_is_shown_as_before(as_staff: Client, alice: User, visibility: str) -> None:
    post = make.post(alice, visibility=visibility)
    as_staff.post(at("staff_take_down", post.job.key), {"reason": WHY})
    as_staff.post(at("staff_put_back", post.job.key), {"reason": "A mistake"})
    job = Job.objects.get()
    assert (job.is_barred, job.visibility) == (False, visibility)
    assert list(Act.objects.values_list("what", flat=True)) == ["put_back", "take_down"]


def test_put_back_what_is_not_down_does_nothing(as_staff: Client, post: Post) -> None:
    page = as_staff.post(at("staff_put_back", post.job.key), follow=True)
    assert "Nothing was changed" in page.content.decode()
    assert not Act.objects.exists()


def test_left_where_it_is_its_reports_are_closed(as_staff: Client, bob: User, post: Post) -> None:
    report = reported(post, bob)
    as_staff.post(at("staff_keep", post.job.key), {"reason": "Fine"})
    report.refresh_from_db()
    assert report.outcome == "kept"
    assert Act.objects.get().what == "keep"
    assert not Notice.objects.exists()
    assert Job.objects.get().visibility == "public"
    as_staff.post(at("staff_keep", post.job.key))
    assert Act.objects.count() == 1  # nothing was open


@pytest.mark.parametrize("reason", ["", "   ", "a" * 501, "nul\0"])
def test_a_take_down_needs_a_reason_and_nothing_written_is_lost(as_staff: Client, post: Post, reason: str) -> None:
    answer = as_staff.post(at("staff_take_down", post.job.key), {"reason": reason})
    assert answer.status_code == 400
    if "\0" not in reason:
        assert reason.strip() in answer.content.decode()
    assert not Act.objects.exists() and not Job.objects.get().is_barred


# Comments and saved styles --------------------------------------------------------------------------------------------


def test_a_removed_comment_is_gone_counted_logged_and_told(
    as_staff: Client, alice: User, bob: User, post: Post, comment: Comment
) -> None:
    of_picture, report = reported(post, alice), reported(post, alice, comment=comment)
    as_staff.post(at("staff_remove_comment", comment.key), {"reason": "Rude"})
    assert not Comment.objects.exists()
    post.refresh_from_db()
    assert post.comments_count == 0
    report.refresh_from_db()
    of_picture.refresh_from_db()
    assert (report.outcome, of_picture.outcome) == ("taken_down", "")
    assert (Act.objects.get().what, Act.objects.get().key) == ("remove", comment.key)
    assert (Notice.objects.get().owner, Notice.objects.get().words) == (bob, "Rude")


def test_a_comment_can_stay(as_staff: Client, alice: User, post: Post, comment: Comment) -> None:
    report = reported(post, alice, comment=comment)
    as_staff.post(at("staff_keep_comment", comment.key))
    report.refresh_from_db()
    assert report.outcome == "kept" and Comment.objects.exists()
    assert Act.objects.get().key == comment.key


def test_a_comment_without_a_reason_shows_the_form_again(as_staff: Client, alice: User, comment: Comment) -> None:
    reported(comment.post, alice, comment=comment)
    answer = as_staff.post(at("staff_remove_comment", comment.key), {"reason": ""})
    assert answer.status_code == 400
    assert "Write the reason" in answer.content.decode()
    assert Comment.objects.exists()


def test_a_saved_style_leaves_the_gallery_and_can_come_back(as_staff: Client, alice: User) -> None:
    saved = Filter.objects.create(owner=alice, style=make.style(alice), name="<b>Whirls", is_public=True)
    where = at("staff_style", saved.key)
    assert "&lt;b&gt;Whirls" in as_staff.get(where).content.decode()
    assert as_staff.get(at("staff_style_file", saved.key)).status_code == 200
    assert as_staff.post(where, {"reason": ""}).status_code == 400
    as_staff.post(where, {"reason": WHY})
    saved.refresh_from_db()
    assert (saved.is_barred, saved.is_public) == (True, False)
    assert Notice.objects.get().words == WHY
    as_staff.post(where)
    saved.refresh_from_db()
    assert not saved.is_barred
    assert list(Act.objects.values_list("what", flat=True)) == ["put_back", "bar_style"]


# Races ----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_moderators_at_once_do_it_once(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unguarded, whether it is down already is only looked at, not locked and set in one."""
    staff, post = make.user("staff", is_staff=True), make.post(make.user("alice"))
    both = threading.Barrier(2, timeout=5)

    def look_only(job: Job) -> str | None:
        found = Job.objects.filter(pk=job.pk, is_barred=False).exists()
        both.wait()
        Job.objects.filter(pk=job.pk).update(is_barred=True, visibility="private")
        return "public" if found else None

    if not guarded:
        monkeypatch.setattr(exposure, "bar", look_only)
        monkeypatch.setattr(moderation, "_locked_owner", lambda pk: User.objects.get(pk=pk))

    together.at_once([lambda: moderation.take_down(post, staff, WHY)] * 2)
    assert Act.objects.count() == Notice.objects.count() == (1 if guarded else 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_two_who_remove_a_comment_at_once_count_it_once(guarded: bool) -> None:
    staff, post = make.user("staff", is_staff=True), make.post(make.user("alice"))
    comment = Comment.objects.create(post=post, owner=post.owner, text="rude")
    Post.objects.filter(pk=post.pk).update(comments_count=2)
    both = threading.Barrier(2, timeout=5)

    def look_then_count() -> None:
        found = Comment.objects.get(pk=comment.pk)
        both.wait()
        Post.objects.filter(pk=post.pk).update(comments_count=F("comments_count") - 1)
        found.delete()

    act = (lambda: moderation.remove_comment(comment, staff, WHY)) if guarded else look_then_count
    together.at_once([act] * 2)
    post.refresh_from_db()
    assert post.comments_count == (1 if guarded else 0)
    assert Act.objects.count() == (1 if guarded else 0)


def test_an_owner_who_shows_it_just_now_does_not_win(alice: User, staff: User, post: Post) -> None:
    """The page was read before the take-down, and is sent after it."""
    seen_before = Job.objects.get()
    moderation.take_down(post, staff, WHY)
    assert not exposure.show(seen_before, visibility="public", show_photo=True, allow_prints=True)
    assert Job.objects.get().visibility == "private"


def test_what_fails_in_the_middle_is_not_half_done(
    staff: User, post: Post, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from people import notices

    def fail(*args: object, **options: object) -> None:
        raise RuntimeError

    reported(post, bob)
    monkeypatch.setattr(notices, "tell", fail)
    with pytest.raises(RuntimeError):
        moderation.take_down(post, staff, WHY)
    assert not Act.objects.exists() and not Job.objects.get().is_barred
    assert Report.objects.get().outcome == ""


# Who may, and the pages -----------------------------------------------------------------------------------------------

PAGES = ("/staff/reports/", "/staff/acts/")
VERBS = ("staff_take_down", "staff_put_back", "staff_keep")


def test_others_404(as_bob: Client, anonymous: Client, as_alice: Client, post: Post, comment: Comment) -> None:
    helper = make.user("helper", is_staff=True)  # without the permission
    as_helper = Client()
    as_helper.force_login(helper)
    key = post.job.key
    looks = [*PAGES, at("staff_picture", key), reverse("feed:staff_file", args=[key, "photo", 0])]
    acts = [at(verb, key) for verb in VERBS]
    acts += [at("staff_remove_comment", comment.key), at("staff_keep_comment", comment.key)]
    for client in (as_bob, anonymous, as_alice, as_helper):
        assert {client.get(where).status_code for where in looks} == {404}
        assert {client.post(where, {"reason": WHY}).status_code for where in acts} == {404}
    assert not Act.objects.exists()


def test_the_permission_is_enough(post: Post) -> None:
    helper = make.user("helper", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="change_report"))
    client = Client()
    client.force_login(helper)
    assert {client.get(where).status_code for where in PAGES} == {200}
    client.post(at("staff_take_down", post.job.key), {"reason": WHY})
    assert Act.objects.get().by == helper


def test_wrong_method_405(as_staff: Client, post: Post, comment: Comment) -> None:
    for where in PAGES:
        assert as_staff.post(where).status_code == 405
    for verb in VERBS:
        assert as_staff.get(at(verb, post.job.key)).status_code == 405
    assert as_staff.get(at("staff_remove_comment", comment.key)).status_code == 405


def test_nowhere_404(as_staff: Client, post: Post) -> None:
    assert as_staff.get("/staff/pictures/nowhere/").status_code == 404
    for what, number in (("style", 9), ("photo", 1), ("nothing", 0)):
        assert as_staff.get(reverse("feed:staff_file", args=[post.job.key, what, number])).status_code == 404


def test_staff_see_picture_photo_and_style_of_what_is_down(as_staff: Client, staff: User, alice: User) -> None:
    post = make.post(alice, show_photo=False)
    moderation.take_down(post, staff, WHY)
    for what in ("picture", "photo", "style"):
        answer = as_staff.get(reverse("feed:staff_file", args=[post.job.key, what, 0]))
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
    assert WHY in as_staff.get(at("staff_picture", post.job.key)).content.decode()


def test_the_page_shows_who_said_what_and_how_many(as_staff: Client, bob: User, post: Post, comment: Comment) -> None:
    reported(post, bob)
    reported(post)
    reported(post, bob, comment=comment)
    page = as_staff.get("/staff/reports/").content.decode()
    assert "3 open reports" in page and "Look at this" in page and "rude" in page
    assert "a visitor" in page and bob.handle in page


def test_the_page_asks_no_more_often_the_more_is_reported(as_staff: Client, alice: User, bob: User) -> None:
    def more() -> None:
        post = make.post(alice)
        comment = Comment.objects.create(post=post, owner=bob, text="rude")
        reported(post, bob)
        reported(post, alice, comment=comment)

    more()
    few = shown(as_staff, "/staff/reports/")
    for _post in range(6):
        more()
    assert len(shown(as_staff, "/staff/reports/")) == len(few) <= MOST_FOR_A_PAGE + 2


def test_pages_of_reports_are_walked_to_the_end(as_staff: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from feed import queue

    monkeypatch.setattr(queue, "PAGE", 2)
    posts = [make.post(alice) for _post in range(5)]
    for post in posts:
        reported(post)
    seen, after = [], ""
    for _page in range(3):
        page = as_staff.get(f"/staff/reports/{after}")
        seen += [pile.post.pk for pile in page.context["piles"]]
        after = f"?after={page.context['further']}"
    assert seen == [post.pk for post in posts]
    assert as_staff.get("/staff/reports/?after=nonsense").status_code == 200


def test_the_log_is_searched_by_key_and_by_name(as_staff: Client, staff: User, alice: User) -> None:
    first, second = make.post(alice), make.post(alice)
    for post in (first, second):
        moderation.take_down(post, staff, WHY)
    assert len(as_staff.get("/staff/acts/").context["acts"]) == 2
    assert len(as_staff.get("/staff/acts/", {"q": first.job.key}).context["acts"]) == 1
    assert len(as_staff.get("/staff/acts/", {"q": "STAFF@"}).context["acts"]) == 2
    assert "Nothing is found" in as_staff.get("/staff/acts/", {"q": "nobody"}).content.decode()
    assert as_staff.get("/staff/acts/", {"q": "nul\0"}).status_code == 200


def test_the_log_is_walked_to_the_end(as_staff: Client, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from feed import staff_views

    monkeypatch.setattr(staff_views, "LINES", 2)
    Act.objects.bulk_create(Act(by=staff, by_name="x", what="keep", key=f"k{number}") for number in range(5))
    seen, before = [], ""
    for _page in range(3):
        page = as_staff.get(f"/staff/acts/{before}")
        seen += [act.key for act in page.context["acts"]]
        before = f"?before={page.context['older']}"
    assert seen == [f"k{number}" for number in reversed(range(5))]


def test_what_staff_have_done_outlives_them(as_staff: Client, staff: User, post: Post) -> None:
    from people import erasure

    moderation.take_down(post, staff, WHY)
    erasure.begin(staff)
    erasure.finish_due()
    act = Act.objects.get()
    assert (act.by, act.by_name) == (None, "staff@example.org")
