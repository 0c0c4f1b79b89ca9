"""THE BENCH: removes what nobody needs any more."""

from datetime import timedelta
from typing import Final

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from stylize import pictures, showing
from stylize.models import Job, Mask, Style, Upload

UNUSED_UPLOADS_LIVE: Final = timedelta(days=2)
FRESH: Final = timedelta(minutes=5)


def expire_uploads() -> int:
    """Delete pictures that were kept for a form that was never sent; how many, without styles and masks."""
    limit = timezone.now() - UNUSED_UPLOADS_LIVE
    for mask in Mask.objects.unused().filter(created_at__lt=limit):
        delete_mask_if_unused(mask)
    for style in Style.objects.filter(listed=False, job=None, created_at__lt=limit).select_related("image"):
        delete_style_if_unused(style)
    unused = Upload.objects.unused().filter(created_at__lt=limit)
    return sum(delete_upload_if_unused(upload) for upload in unused)


def copy_fresh_paintings() -> int:
    """Make the smaller copies of new paintings before visitors wait for them; how many. Older ones: when asked for."""
    fresh = Job.objects.filter(status=Job.Status.DONE, finished_at__gt=timezone.now() - FRESH)
    return sum(pictures.complete(*painting) for painting in fresh.values_list("result", "width", "height"))


def delete_job(job: Job) -> None:
    """Delete a painting with its files, and its photo, mask and styles where nothing else uses them."""
    with transaction.atomic():  # alone with the row: it may be finishing, and then it has files that we have not seen
        locked = (
            Job.objects.select_for_update(of=("self",)).select_related("photo", "protect").filter(pk=job.pk).first()
        )
        if locked is None:
            return
        styles = [link.style for link in locked.style_links.select_related("style__image")]
        photo, mask, framed, files = locked.photo, locked.protect, locked.framed, locked.result
        locked.delete()
        showing.changed()
    if files:
        pictures.delete_result(files)
    if framed:
        pictures.delete_framed(framed)
    if mask:
        delete_mask_if_unused(mask)
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


def delete_mask_if_unused(mask: Mask) -> bool:
    try:
        with transaction.atomic():
            deleted, _rows = Mask.objects.unused().filter(pk=mask.pk).delete()
    except (ProtectedError, IntegrityError):  # a job took it meanwhile
        return False
    if deleted:
        pictures.delete_mask(mask.file)
    return bool(deleted)


def sweep_files() -> int:
    """Delete files that no row names: left by a process that died between writing and committing; how many."""
    columns = ((Upload, "file"), (Mask, "file"), (Job, "result"), (Job, "framed"))
    named = {name for model, column in columns for name in model._default_manager.values_list(column, flat=True)}
    limit = timezone.now() - UNUSED_UPLOADS_LIVE
    nameless = [path for path in pictures.all_files() if pictures.common_name(path) not in named]
    orphans = [path for path in nameless if pictures.written_at(path) < limit]
    for path in orphans:
        default_storage.delete(path)
    return len(orphans)
