"""What nobody needs is removed, what somebody uses is kept."""

import os
from datetime import timedelta
from pathlib import Path

from django.conf import LazySettings
from django.utils import timezone

from people.models import User
from stylize import housekeeping, jobs, pictures, tasks
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


def age(settings: LazySettings) -> None:
    """Every file on disk becomes a month old."""
    then = (timezone.now() - timedelta(days=30)).timestamp()
    for path in Path(settings.MEDIA_ROOT).rglob("*.*"):
        os.utime(path, (then, then))


def test_a_style_of_a_form_that_was_never_sent_expires_too(alice: User, settings: LazySettings) -> None:
    make.style(alice)
    Style.objects.update(created_at=timezone.now() - timedelta(days=30))
    old(Upload.objects.get())
    housekeeping.expire_uploads()
    assert not Style.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_files_without_a_row_are_swept_and_all_others_stay(alice: User, settings: LazySettings) -> None:
    """What a process leaves that dies between writing a file and committing its row."""
    make.done_job(alice)
    named = {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}
    pictures.store_result(make.picture(), 1)
    pictures.store_upload(make.picture())
    age(settings)
    fresh = pictures.store_result(make.picture(), 2)
    assert housekeeping.sweep_files() == 8
    left = {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}
    assert left == named | set(Path(settings.MEDIA_ROOT).glob(f"{fresh}*"))


def test_a_job_that_nobody_pays_for_is_cancelled_after_a_while(alice: User) -> None:
    forgotten, recent = make.in_status(alice, "unpaid"), make.in_status(alice, "unpaid")
    Job.objects.filter(pk=forgotten.pk).update(created_at=timezone.now() - jobs.UNPAID_LIVES - timedelta(hours=1))
    tasks.expire()
    forgotten.refresh_from_db()
    recent.refresh_from_db()
    assert (forgotten.status, recent.status) == (Job.Status.CANCELLED, Job.Status.UNPAID)
