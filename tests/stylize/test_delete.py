"""Deleting: the litany, and that really everything is gone."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from feed.models import Post
from people.models import User
from stylize import housekeeping, jobs, pictures
from stylize.models import Job, Style, Upload
from tests import make


def address(job: Job) -> str:
    return reverse("stylize:delete", args=[job.key])


def files_on_disk(settings: LazySettings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize("status", Job.Status.values)
def test_works_in_every_status_and_leaves_neither_rows_nor_files(
    as_alice: Client, alice: User, settings: LazySettings, status: str
) -> None:
    job = make.in_status(alice, status)
    assert files_on_disk(settings)
    assert as_alice.post(address(job)).headers["Location"] == reverse("stylize:mine")
    for model in (Job, Style, Upload, Post):
        assert not model._default_manager.exists()
    assert not files_on_disk(settings)


def test_what_another_picture_uses_is_kept(as_alice: Client, alice: User) -> None:
    photo, style = make.upload(alice), make.style(alice)
    first = make.job(alice, photo=photo, styles=((style, 1.0),))
    second = make.job(alice, photo=photo, styles=((style, 1.0),))
    as_alice.post(address(first))
    second.refresh_from_db()
    assert (second.photo, second.styles.get()) == (photo, style)
    as_alice.post(address(second))
    assert not Upload.objects.exists()


def test_a_gallery_style_is_kept(as_alice: Client, alice: User) -> None:
    style = make.style(alice, listed=True)
    as_alice.post(address(make.job(alice, styles=((style, 1.0),))))
    assert Style.objects.get() == style


def test_stranger_404(as_bob: Client, alice: User) -> None:
    assert as_bob.post(address(make.done_job(alice))).status_code == 404
    assert Job.objects.exists()


def test_anonymous_404(anonymous: Client, alice: User) -> None:
    assert anonymous.post(address(make.done_job(alice))).status_code == 404


def test_wrong_method_405(as_alice: Client, alice: User) -> None:
    assert as_alice.get(address(make.done_job(alice))).status_code == 405


def test_a_picture_that_finishes_while_it_is_deleted_leaves_no_files(alice: User, settings: LazySettings) -> None:
    """The row was read while the kiln still painted; the files have come since."""
    seen_before = make.running_job(alice)
    files = pictures.store_result(make.picture(), seen_before.fence)
    jobs.finish(seen_before, jobs.Result(files, 1.0, "test", 7))
    assert seen_before.result == ""
    housekeeping.delete_job(seen_before)
    assert not files_on_disk(settings)
    assert not Job.objects.exists()


def test_deleting_twice_is_deleting_once(alice: User) -> None:
    job = make.done_job(alice)
    housekeeping.delete_job(Job.objects.get(pk=job.pk))
    housekeeping.delete_job(job)
    assert not Job.objects.exists()
