"""THE BENCH: removes what nobody needs any more."""

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from stylize import pictures
from stylize.models import Job, Style, Upload

UNUSED_UPLOADS_LIVE: Final = timedelta(days=2)


def expire_uploads() -> int:
    """Delete pictures that were kept for a form that was never sent; how many."""
    unused = Upload.objects.unused().filter(created_at__lt=timezone.now() - UNUSED_UPLOADS_LIVE)
    return sum(delete_upload_if_unused(upload) for upload in unused)


def delete_job(job: Job) -> None:
    """Delete a painting with its files, and its photo and styles where nothing else uses them."""
    styles = [link.style for link in job.style_links.select_related("style__image")]
    photo, files = job.photo, job.result
    job.delete()
    if files:
        pictures.delete_result(files)
    delete_upload_if_unused(photo)
    for style in styles:
        delete_style_if_unused(style)


def delete_style_if_unused(style: Style) -> None:
    try:
        with transaction.atomic():
            deleted, _rows = Style.objects.filter(pk=style.pk, listed=False, job=None).delete()
    except (ProtectedError, IntegrityError):  # a job took it meanwhile
        return
    if deleted:
        delete_upload_if_unused(style.image)


def delete_upload_if_unused(upload: Upload) -> bool:
    try:
        with transaction.atomic():
            deleted, _rows = Upload.objects.unused().filter(pk=upload.pk).delete()
    except (ProtectedError, IntegrityError):  # a job took it meanwhile
        return False
    if deleted:
        pictures.delete_upload(upload.file)
    return bool(deleted)
