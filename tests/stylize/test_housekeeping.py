"""What nobody needs is removed, what somebody uses is kept."""

from datetime import timedelta
from pathlib import Path

from django.conf import LazySettings
from django.utils import timezone

from people.models import User
from stylize import housekeeping, tasks
from stylize.models import Upload
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
