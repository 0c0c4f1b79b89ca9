"""What nobody needs is removed, what somebody uses is kept."""

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from people.models import User
from stylize import housekeeping, jobs, tasks
from stylize.models import Job, Style, Upload
from tests import make


def old(upload: Upload) -> Upload:
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(days=30))
    return upload


def test_an_upload_that_was_never_used_expires_with_its_files(alice: User, settings: LazySettings) -> None:
    old(make.upload(alice))
    tasks.expire()
    assert not Upload.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_fresh_one_is_kept_for_the_form(alice: User) -> None:
    make.upload(alice)
    assert housekeeping.expire_uploads() == 0


def test_what_a_job_or_a_style_uses_is_kept(alice: User) -> None:
    job, style = make.job(alice), make.style(alice)
    for upload in Upload.objects.all():
        old(upload)
    assert housekeeping.expire_uploads() == 0
    assert {job.photo, style.image} <= set(Upload.objects.all())


def test_a_style_of_a_form_that_was_never_sent_expires_too(alice: User, settings: LazySettings) -> None:
    make.style(alice)
    Style.objects.update(created_at=timezone.now() - timedelta(days=30))
    old(Upload.objects.get())
    housekeeping.expire_uploads()
    assert not Style.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_job_that_nobody_pays_for_is_cancelled_after_a_while(alice: User) -> None:
    forgotten, recent = make.in_status(alice, "unpaid"), make.in_status(alice, "unpaid")
    Job.objects.filter(pk=forgotten.pk).update(created_at=timezone.now() - jobs.UNPAID_LIVES - timedelta(hours=1))
    tasks.expire()
    forgotten.refresh_from_db()
    recent.refresh_from_db()
    assert (forgotten.status, recent.status) == (Job.Status.CANCELLED, Job.Status.UNPAID)


# Guests --------------------------------------------------------------------------------------------------------------


def old_guest() -> User:
    guest = make.guest()
    User.objects.filter(pk=guest.pk).update(created_at=timezone.now() - timedelta(days=30))
    return guest


@pytest.mark.django_db
def test_a_guest_who_has_nothing_expires_and_nobody_else() -> None:
    old_guest()
    kept = [make.guest(), make.user("alice")]
    for give in (make.upload, make.style, make.mask, make.job):
        owner = old_guest()
        give(owner)
        kept.append(owner)
    User.objects.filter(handle="alice-paints").update(created_at=timezone.now() - timedelta(days=30))
    assert housekeeping.expire_guests() == 1
    assert set(User.objects.all()) == set(kept)


@pytest.mark.django_db(transaction=True)
def test_what_a_guest_sends_while_expiring_is_kept_or_refused_and_never_lost() -> None:
    """A picture comes in, not yet committed, while the guest is deleted: whoever sends it is told."""
    guest, sent, told = old_guest(), threading.Event(), []

    def send() -> None:
        try:
            with transaction.atomic():
                Upload.objects.create(owner_id=guest.pk, file="uploads/ab/abc", width=64, height=64)
                sent.set()
                time.sleep(0.3)
        except IntegrityError as error:
            told.append(error)
        finally:
            connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    assert sent.wait(5)
    gone = housekeeping._delete_guest_if_empty(guest.pk)
    sender.join()
    assert (gone, len(told), Upload.objects.count()) in {(1, 1, 0), (0, 0, 1)}


@pytest.mark.django_db
@pytest.mark.parametrize("guarded", [True, False])
def test_what_came_in_after_the_look_is_not_deleted_with_the_guest(guarded: bool) -> None:
    guest = old_guest()
    empty = housekeeping._empty_guests().get(pk=guest.pk)
    make.upload(guest)
    if guarded:
        assert housekeeping._delete_guest_if_empty(guest.pk) == 0
    else:
        empty.delete()
    assert Upload.objects.exists() is guarded
