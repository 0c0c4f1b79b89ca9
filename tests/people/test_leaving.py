"""Deleting an account: the litany; then that really everything is gone, with an account that has everything."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from billing import canvas_rounds, orders, payments
from billing.models import CanvasOrder, Payment
from feed import kept
from feed.models import Comment, Follow, Like, Post, Report
from people import erasure, guests
from people.models import Notice, User
from stylize import housekeeping, jobs, keepsakes, parcels, pictures, runs, storage, sweep
from stylize.models import Filter, Frame, Job, Mask, Style, Upload
from tests import make
from tests.billing import buying, canvasing
from tests.billing.conftest import till as till
from tests.billing.conftest import with_till as with_till
from tests.till import Till

PAGE = "/account/delete/"


def files(settings: LazySettings) -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def gone(person: User) -> None:
    erasure.begin(person)
    assert erasure.finish_due() == 1
    assert not User.objects.filter(pk=person.pk).exists()


# The litany -----------------------------------------------------------------------------------------------------------


def test_works_with_the_password(as_alice: Client, alice: User) -> None:
    answer = as_alice.post(PAGE, {"password": make.PASSWORD})
    assert answer.headers["Location"] == "/"
    alice.refresh_from_db()
    assert alice.leaving_at
    assert not alice.is_active
    assert erasure.finish_due() == 1
    assert not User.objects.exists()


def test_an_account_without_a_password_types_its_handle(as_alice: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    as_alice.force_login(alice)
    assert as_alice.post(PAGE, {"handle": "somebody-else"}).status_code == 400
    assert as_alice.post(PAGE, {"handle": f" @{alice.handle.upper()} "}).status_code == 302
    assert User.objects.get().leaving_at


def test_a_guest_ticks_a_box_and_everything_goes(client: Client, db: None, settings: LazySettings) -> None:
    client.post(reverse("stylize:create"), make.form())
    assert "All that was painted in this browser" in client.get(PAGE).content.decode()
    assert client.post(PAGE).status_code == 400
    assert client.post(PAGE, {"sure": "on"}).status_code == 302
    assert guests.SESSION_KEY not in client.session
    erasure.finish_due()
    assert not User.objects.exists()
    assert not files(settings)
    assert not mail.outbox


@pytest.mark.parametrize("sent", [{}, {"password": "wrong"}, {"password": "nul\0"}, {"handle": "alice-paints"}])
def test_bad_input_shows_the_form_again_and_changes_nothing(
    as_alice: Client, alice: User, sent: dict[str, str]
) -> None:
    answer = as_alice.post(PAGE, sent)
    assert answer.status_code == 400
    assert "Delete for good" in answer.content.decode()
    alice.refresh_from_db()
    assert alice.is_active and alice.leaving_at is None


def test_anonymous_is_sent_to_sign_in(anonymous: Client, db: None) -> None:
    assert anonymous.get(PAGE).headers["Location"].startswith("/accounts/login/")
    assert anonymous.post(PAGE, {"sure": "on"}).headers["Location"].startswith("/accounts/login/")


def test_wrong_method_405(as_alice: Client) -> None:
    assert as_alice.delete(PAGE).status_code == 405


def test_looking_changes_nothing_and_says_what_stays(as_alice: Client, alice: User) -> None:
    page = as_alice.get(PAGE).content.decode()
    assert "What stays, and why" in page and "part of their recipe" in page
    alice.refresh_from_db()
    assert alice.leaving_at is None


def test_passwords_cannot_be_tried_without_end(as_alice: Client) -> None:
    answers = [as_alice.post(PAGE, {"password": "wrong"}).status_code for _try in range(7)]
    assert answers[-1] == 429
    assert as_alice.post(PAGE, {"password": make.PASSWORD}).status_code == 429


# At once --------------------------------------------------------------------------------------------------------------


def test_at_once_everything_is_hidden_and_every_session_ends(as_alice: Client, alice: User, anonymous: Client) -> None:
    job, other = make.done_job(alice), Client()
    other.force_login(alice)
    handle = alice.handle
    assert anonymous.get(reverse("feed:post", args=[job.key])).status_code == 200
    erasure.begin(alice)
    assert anonymous.get(reverse("feed:post", args=[job.key])).status_code == 404
    assert job.key not in anonymous.get("/").content.decode()
    for client in (as_alice, other):
        assert "Sign in" in client.get("/").content.decode()
        assert client.get(reverse("stylize:job", args=[job.key])).status_code == 404
    assert not User.objects.filter(handle=handle).exists()


def test_kept_pages_are_renewed(alice: User, django_capture_on_commit_callbacks: Callable[..., object]) -> None:
    make.done_job(alice)
    kept.renew()
    before = cache.get(kept.GENERATION)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        erasure.begin(alice)
    assert cache.get(kept.GENERATION) != before


def test_leaving_twice_is_leaving_once(alice: User) -> None:
    assert erasure.begin(alice)
    assert not erasure.begin(alice)


def test_who_is_leaving_can_neither_sign_in_nor_order(alice: User, client: Client) -> None:
    order = make.order(alice)
    erasure.begin(alice)
    client.post("/accounts/login/", {"login": alice.email, "password": make.PASSWORD})
    assert "_auth_user_id" not in client.session
    with pytest.raises(jobs.Conflict):
        jobs.submit(alice, order)


# Everything -----------------------------------------------------------------------------------------------------------


def everything(alice: User, bob: User, till: Till) -> CanvasOrder:
    """An account with all that there is; the canvas is ready to be made."""
    alice.about, alice.avatar = "I paint", "avatars/ab/abcdef"
    alice.save()
    storage.save("avatars/ab/abcdef-96.webp", b"small")
    storage.save("avatars/ab/abcdef-320.webp", b"large")
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    for status in Job.Status.values:
        make.in_status(alice, status)
    job = make.done_job(alice, show_photo=True)
    mask = make.mask(alice)
    Job.objects.filter(pk=job.pk).update(protect=mask)
    Frame.objects.create(job=job, iteration=5, file=keepsakes.store_frame(make.picture(), 1))
    running = make.running_job(alice)
    runs.keep_checkpoint(running, 3, b"checkpoint")
    style = job.styles.get()
    Filter.objects.create(owner=alice, style=style, name="Mine", is_public=True)
    make.style(alice), make.upload(alice), make.mask(alice)
    theirs = make.post(bob)
    for number in range(3):
        Comment.objects.create(post=theirs, owner=alice, text=f"word {number}")
    Comment.objects.create(post=theirs, owner=bob, text="thanks")
    Like.objects.create(post=theirs, owner=alice)
    Like.objects.create(post=Post.objects.get(job=job), owner=bob)
    Post.objects.filter(pk=theirs.pk).update(likes_count=1, comments_count=4)
    Follow.objects.create(owner=alice, followed=bob)
    Follow.objects.create(owner=bob, followed=alice)
    Notice.objects.create(owner=bob, by=alice, kind="liked", key=theirs.job.key)
    Notice.objects.create(owner=alice, by=bob, kind="followed")
    Report.objects.create(owner=alice, post=theirs, picture_key=theirs.job.key, reason="spam")
    Report.objects.create(owner=bob, post=Post.objects.get(job=job), picture_key=job.key, reason="spam")
    assert parcels.ask(alice)
    parcels.collect_due()
    payments.begin(make.in_status(alice, Job.Status.UNPAID), return_to=buying.SITE)
    canvasing.placed(alice)
    return canvasing.ready(till, alice)


def addresses_of(alice: User) -> list[str]:
    """Every address that leads to something of hers."""
    found = [f"/account/data/{alice.export.key}.zip"]
    for job in Job.objects.filter(owner=alice):
        found += [reverse(f"stylize:{name}", args=[job.key]) for name in ("job",)]
        found += [reverse("feed:post", args=[job.key]), reverse("feed:report", args=[job.key])]
        found += [reverse("stylize:result_file", args=[job.key, name]) for name in pictures.RESULT_VARIANTS]
        found += [reverse("stylize:photo_file", args=[job.key, name]) for name in pictures.UPLOAD_VARIANTS]
        found += [reverse("stylize:job_style_file", args=[job.key, 0, name]) for name in pictures.UPLOAD_VARIANTS]
        found += [reverse("stylize:frame_file", args=[job.key, 5, name]) for name in keepsakes.FRAME_VARIANTS]
        found += [reverse("billing:choose", args=[job.key])]
    for style in Style.objects.filter(owner=alice):
        found += [reverse("stylize:style_file", args=[style.key, name]) for name in pictures.UPLOAD_VARIANTS]
    for upload in Upload.objects.filter(owner=alice):
        found += [reverse("stylize:upload_file", args=[upload.key, name]) for name in pictures.UPLOAD_VARIANTS]
    found += [reverse("stylize:mask_file", args=[mask.key]) for mask in Mask.objects.filter(owner=alice)]
    found += [reverse("feed:report_comment", args=[one.key]) for one in Comment.objects.filter(owner=alice)]
    found += [reverse("billing:canvas", args=[one.key]) for one in CanvasOrder.objects.filter(owner=alice)]
    found += [reverse("billing:receipt", args=[one.key]) for one in Payment.objects.filter(owner=alice)]
    return found


@pytest.mark.usefixtures("with_till")
def test_after_an_account_is_deleted_nothing_of_it_is_left(
    as_alice: Client, as_bob: Client, anonymous: Client, alice: User, bob: User, till: Till, settings: LazySettings
) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI
    bobs = files(settings)
    order = everything(alice, bob, till)
    theirs = Post.objects.filter(owner=bob).get()
    bobs |= {one for one in files(settings) if any(one.startswith(name) for name in names_of(bob))}
    old = addresses_of(alice)
    assert sum(as_alice.get(address).status_code == 200 for address in old) > 50  # they did lead somewhere
    assert len(files(settings)) > len(bobs) + 30

    assert as_alice.post(PAGE, {"password": make.PASSWORD}).status_code == 302
    erasure.finish_due()

    assert set(User.objects.all()) == {bob}
    for client in (as_alice, as_bob, anonymous):
        assert {client.get(address).status_code for address in old} <= {404, 410}
    for model in (Job, Upload, Mask, Style, Filter, Frame, Post, Comment, Like, Follow):
        assert not [row for row in model._default_manager.all() if getattr(row, "owner_id", bob.pk) != bob.pk]
    theirs.refresh_from_db()
    assert (theirs.likes_count, theirs.comments_count) == (0, 1)
    assert not Notice.objects.exists()
    assert not EmailAddress.objects.exists()
    assert not [one for one in Session.objects.all() if one.get_decoded().get("_auth_user_id") == str(alice.pk)]
    assert Report.objects.get(post=theirs).owner is None
    assert Report.objects.exclude(post=theirs).get().outcome == "gone"
    assert mail.outbox[-1].to == ["alice@example.org"]
    assert "deleted" in mail.outbox[-1].subject

    order.refresh_from_db()  # it is made even so; for that alone its file and address stay
    assert (order.owner, order.status, order.ship_name) == (None, "ready", "Ann Smith")
    assert len(files(settings) - bobs) == 1
    assert (files(settings) - bobs).pop().startswith(order.master)
    assert all(payment.owner is None for payment in Payment.objects.all())
    assert {one.status for one in CanvasOrder.objects.exclude(pk=order.pk)} == {"cancelled"}
    for step in (orders.produce, orders.ship, orders.deliver):
        assert step(order)
    canvas_rounds.go_round()
    order.refresh_from_db()
    assert (order.ship_name, order.ship_phone, order.ship_to, order.email, order.master) == ("", "", {}, "", "")
    assert not files(settings) - bobs
    assert not sum(sweep.run(mend=False)[f"{shelf.folder} gone"] for shelf in sweep.SHELVES)


def names_of(person: User) -> list[str]:
    uploads = Upload.objects.filter(owner=person).values_list("file", flat=True)
    return [*uploads, *Job.objects.filter(owner=person).exclude(result="").values_list("result", flat=True)]


@pytest.mark.usefixtures("with_till")
def test_an_address_stays_until_the_last_mail_is_sent(alice: User, till: Till, settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI
    order = canvasing.ready(till, alice)
    gone(alice)
    orders.produce(order)
    orders.ship(order)
    assert orders.forget_addresses() == 0  # on its way
    orders.deliver(order)
    assert orders.forget_addresses() == 0  # not told yet
    canvas_rounds.go_round()
    order.refresh_from_db()
    assert order.email == ""
    assert "arrived" in mail.outbox[-1].subject


@pytest.mark.usefixtures("with_till")
def test_a_canvas_of_somebody_who_stays_keeps_its_address(alice: User, till: Till, settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI
    order = canvasing.ready(till, alice)
    for step in (orders.produce, orders.ship, orders.deliver):
        step(order)
    canvas_rounds.go_round()
    order.refresh_from_db()
    assert order.ship_name and order.master


@pytest.mark.usefixtures("with_till")
def test_a_print_that_is_paid_for_is_painted_before_its_customer_is_gone(
    alice: User, till: Till, settings: LazySettings
) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI
    order = canvasing.paid(till, alice)  # no round has begun its render
    erasure.begin(alice)
    assert erasure.finish_due() == 0
    assert set(Job.objects.values_list("tier", flat=True)) == {
        "print"
    }  # the picture is gone, the print has what it needs
    canvasing.painted(order)
    canvas_rounds.make_masters()
    assert erasure.finish_due() == 1
    order.refresh_from_db()
    assert (order.status, order.owner, order.render) == ("ready", None, None)
    assert files(settings) == {name for name in files(settings) if name.startswith(order.master)}


@pytest.mark.usefixtures("with_till")
def test_a_canvas_that_somebody_else_has_bought_of_their_picture_is_made(
    alice: User, bob: User, till: Till, settings: LazySettings
) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI
    picture = make.done_job(alice, allow_prints=True)
    order = canvasing.paid(till, bob, picture=picture)
    erasure.begin(alice)
    assert erasure.finish_due() == 0  # the print needs the photo
    canvasing.painted(order)
    canvas_rounds.make_masters()
    assert erasure.finish_due() == 1
    assert not Upload.objects.filter(file=picture.photo.file).exists()
    order.refresh_from_db()
    assert (order.status, order.owner, bool(order.master)) == ("ready", bob, True)
    assert len(files(settings)) == 1


@pytest.mark.usefixtures("with_till")
def test_what_is_due_still_goes_back(alice: User, till: Till, settings: LazySettings) -> None:
    from billing import dues

    settings.PRINT_DPI = canvasing.TINY_DPI
    order = canvasing.ready(till, alice)
    gone(alice)
    orders.cancel(order)
    dues.settle_all()
    payment = Payment.objects.get()
    assert payment.refunded_minor == payment.amount_minor


# What other people need -----------------------------------------------------------------------------------------------


def test_a_style_that_others_painted_with_becomes_the_newest_of_theirs(
    alice: User, bob: User, as_bob: Client, settings: LazySettings
) -> None:
    style, carol = make.style(alice, name="Whirls"), make.user("carol")
    first, last = make.job(carol, styles=((style, 1.0),)), make.job(bob, styles=((style, 1.0),))
    old = [
        reverse("stylize:style_file", args=[style.key, "card.webp"]),
        reverse("stylize:upload_file", args=[style.image.key, "card.webp"]),
    ]
    gone(alice)
    kept_style = last.styles.get()
    assert (kept_style.owner, kept_style.image.owner) == (bob, bob)
    assert kept_style == first.styles.get()
    assert {as_bob.get(address).status_code for address in old} == {404}
    page = as_bob.get(reverse("stylize:job_style_file", args=[last.key, 0, "card.webp"]))
    assert page.status_code == 200


def test_a_style_that_somebody_has_saved_becomes_theirs(alice: User, bob: User) -> None:
    style = make.style(alice)
    Filter.objects.create(owner=bob, style=style, name="Saved")
    gone(alice)
    assert Style.objects.get().owner == bob


def test_two_who_leave_at_once_leave_no_style_to_each_other(alice: User, bob: User, settings: LazySettings) -> None:
    style = make.style(alice)
    make.job(bob, styles=((style, 1.0),))
    erasure.begin(alice)
    erasure.begin(bob)
    erasure.finish_due()
    erasure.finish_due()
    assert not User.objects.exists()
    assert not files(settings)


# Crashes and races ----------------------------------------------------------------------------------------------------


def test_whoever_is_killed_in_the_middle_is_finished_by_the_next_round(
    alice: User, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    for _job in range(3):
        make.done_job(alice)
    erasure.begin(alice)
    whole, calls = housekeeping.delete_job, []

    def die_at_the_second(job: Job) -> None:
        calls.append(job)
        if len(calls) == 2:
            raise RuntimeError("killed")
        whole(job)

    monkeypatch.setattr(housekeeping, "delete_job", die_at_the_second)
    assert erasure.finish_due() == 0
    assert Job.objects.count() == 2
    assert erasure.finish_due() == 1
    assert not User.objects.exists()
    assert not files(settings)
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_is_waited_for(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.mail import EmailMultiAlternatives

    def refuse(self: object, fail_silently: bool = False) -> int:
        raise ConnectionRefusedError

    erasure.begin(alice)
    with monkeypatch.context() as away:
        away.setattr(EmailMultiAlternatives, "send", refuse)
        assert erasure.finish_due() == 0
    assert erasure.finish_due() == 1
    assert len(mail.outbox) == 1


def test_files_that_the_storage_refuses_are_left_to_the_sweep(
    alice: User, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    from datetime import timedelta

    from django.core.files.storage import default_storage

    make.done_job(alice)

    def refuse(name: str) -> None:
        raise ConnectionError(name)

    with monkeypatch.context() as away:
        away.setattr(default_storage, "delete", refuse, raising=False)
        gone(alice)
    assert files(settings)
    sweep.run(spared=timedelta(0))
    assert not files(settings)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_job_that_finishes_while_the_account_goes_leaves_no_file(
    guarded: bool, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kiln delivers between our look and our deletion. Unguarded: the files are read before the row is locked."""
    alice = make.user("alice")
    job = make.running_job(alice)
    erasure.begin(alice)
    monkeypatch.setattr(jobs, "cancel", lambda job, **_seen: False)  # too late: the kiln is just delivering
    delivering = threading.Event()

    def deliver() -> None:
        from django.db import transaction

        try:
            stored = pictures.store_result(make.picture(), job.fence)
            with transaction.atomic():
                jobs.finish(job, jobs.Result(stored, 1.0, "test", 7))
                delivering.set()
                time.sleep(0.3)
        finally:
            connection.close()

    def naive(found: Job) -> None:
        Job.objects.filter(pk=found.pk).delete()
        pictures.delete_result(found.result)

    if not guarded:
        monkeypatch.setattr(housekeeping, "delete_job", naive)
        monkeypatch.setattr(erasure, "_is_bare", lambda person: True)
    kiln = threading.Thread(target=deliver)
    kiln.start()
    assert delivering.wait(5)
    erasure.finish_due()
    kiln.join()
    results = {name for name in files(settings) if name.startswith("results/")}
    assert bool(results) is not guarded


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_what_comes_in_at_the_last_moment_is_not_lost_without_its_files(
    guarded: bool, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload is stored between the last part and the end. Unguarded: the row goes by cascade, its files stay."""
    alice = make.user("alice")
    erasure.begin(alice)
    tell = erasure._tell

    def meanwhile(person: User) -> bool:
        make.upload(person)
        monkeypatch.setattr(erasure, "_tell", tell)
        return True

    monkeypatch.setattr(erasure, "_tell", meanwhile)
    if not guarded:
        monkeypatch.setattr(erasure, "_is_bare", lambda person: True)
    erasure.finish_due()
    erasure.finish_due()
    assert not User.objects.exists()
    assert bool(files(settings)) is not guarded


@pytest.mark.django_db(transaction=True)
def test_signing_in_does_not_hand_a_guest_who_leaves_to_an_account() -> None:
    alice, guest = make.user("alice"), make.guest()
    make.upload(guest)
    erasure.begin(guest)
    assert not guests._give(guest.pk, alice)
    assert not Upload.objects.filter(owner=alice).exists()
