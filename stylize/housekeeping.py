"""THE BENCH: removes what nobody needs any more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet
from django.utils import timezone

from people.models import User
from stylize import keepsakes, pictures, runs, showing, tiers
from stylize.models import Frame, Job, JobQuerySet, Mask, Style, Upload

UNUSED_UPLOADS_LIVE: Final = timedelta(days=2)
PROOFS_LIVE: Final = timedelta(days=7)
EMPTY_GUESTS_LIVE: Final = timedelta(days=2)  # longer than the day for which an address's guests are counted
FRESH: Final = timedelta(minutes=5)
PRINTS_LIVE: Final = timedelta(days=7)  # after they ended, unless somebody still needs them
Farewell = Callable[[Job], None]
_farewells: list[Farewell] = []
_needs: list[Callable[[JobQuerySet], JobQuerySet]] = []


def on_delete(farewell: Farewell) -> None:
    """Register a part's `farewell(job)`, called in the transaction that deletes it (from AppConfig.ready)."""
    _farewells.append(farewell)


def on_expiry(needed: Callable[[JobQuerySet], JobQuerySet]) -> None:
    """Register a part's `needed(prints)`: those of the ended prints that it still needs (from AppConfig.ready)."""
    _needs.append(needed)


def expire_uploads() -> int:
    """Delete pictures that were kept for a form that was never sent; how many, without styles and masks."""
    limit = timezone.now() - UNUSED_UPLOADS_LIVE
    for mask in Mask.objects.unused().filter(created_at__lt=limit):
        delete_mask_if_unused(mask)
    for style in Style.objects.unused().filter(created_at__lt=limit).select_related("image"):
        delete_style_if_unused(style)
    unused = Upload.objects.unused().filter(created_at__lt=limit)
    return sum(delete_upload_if_unused(upload) for upload in unused)


def expire_proofs() -> int:
    """Delete proofs that have served their time; how many."""
    kinds = [tiers.PROOF.name, tiers.PRINT_PROOF.name]
    old = Job.objects.filter(tier__in=kinds, finished_at__lt=timezone.now() - PROOFS_LIVE)
    for proof in old:
        delete_job(proof)
    return len(old)


def expire_prints() -> int:
    """Delete prints that have ended a while ago and that nobody needs; how many."""
    old = Job.objects.filter(tier=tiers.PRINT.name, finished_at__lt=timezone.now() - PRINTS_LIVE)
    old = old.exclude(status__in=Job.Status.unfinished())
    for needed in _needs:
        old = old.exclude(pk__in=needed(old).order_by().values("pk"))
    expired = list(old)
    for job in expired:
        delete_job(job)
    return len(expired)


def expire_guests() -> int:
    """Delete guests who have nothing; how many. One who comes back is a new guest and notices nothing."""
    empty = _empty_guests().filter(created_at__lt=timezone.now() - EMPTY_GUESTS_LIVE)
    return sum(_delete_guest_if_empty(pk) for pk in empty.values_list("pk", flat=True).iterator())


def copy_fresh_paintings() -> int:
    """Make the smaller copies of new paintings before visitors wait for them; how many. Older ones: when asked for."""
    fresh = Job.objects.with_pages().filter(status=Job.Status.DONE, finished_at__gt=timezone.now() - FRESH)
    return sum(_copy_once(*painting) for painting in fresh.values_list("result", "width", "height"))


def delete_job(job: Job) -> None:
    """Delete a painting with its files, and its photo, mask and styles where nothing else uses them.

    Prints of it that are on their way go on. Raises pictures.StorageError when what they need cannot be kept.
    """
    with transaction.atomic():  # alone with the row: it may be finishing, and then it has files that we have not seen
        locked = (
            Job.objects.select_for_update(of=("self",)).select_related("photo", "protect").filter(pk=job.pk).first()
        )
        if locked is None:
            return
        styles = [link.style for link in locked.style_links.select_related("style__image")]
        photo, mask, framed, files = locked.photo, locked.protect, locked.framed, locked.result
        checkpoint, frames = locked.checkpoint, list(locked.frames.values_list("file", flat=True))
        runs.hold_start(locked)
        for farewell in _farewells:
            farewell(locked)
        locked.delete()
        showing.changed()
    if files:
        pictures.delete_result(files)
    if framed:
        pictures.delete_framed(framed)
    if checkpoint:
        keepsakes.delete_checkpoint(checkpoint)
    for frame in frames:
        keepsakes.delete_frame(frame)
    if mask:
        delete_mask_if_unused(mask)
    delete_upload_if_unused(photo)
    for style in styles:
        delete_style_if_unused(style)


def clear_ended() -> int:
    """Remove checkpoints and frames that jobs without a picture have left behind; of how many jobs.

    A lost painting keeps its frames: its files may be found again.
    """
    ended = Job.objects.filter(status__in=[Job.Status.FAILED, Job.Status.CANCELLED]).exclude(failure=Job.Failure.GONE)
    left = ended.filter(~Q(checkpoint="") | Exists(Frame.objects.filter(job=OuterRef("pk"))))
    for job in left:
        runs.clear(job)
    return len(left)


def delete_style_if_unused(style: Style) -> None:
    try:
        with transaction.atomic():
            deleted, _rows = Style.objects.unused().filter(pk=style.pk).delete()
    except (ProtectedError, IntegrityError):  # a job took it meanwhile, or somebody saved it
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


def _copy_once(files: str, width: int, height: int) -> int:
    """A bucket need not be asked every five seconds for what was there the last time."""
    copied = f"copied:{files}"
    if cache.get(copied):
        return 0
    made = pictures.complete(files, width, height)
    cache.set(copied, 1, FRESH.total_seconds())
    return made


def _empty_guests() -> QuerySet[User]:
    """Guests whom no row of any part names."""
    empty = User.objects.filter(is_guest=True)
    for relation in User._meta.related_objects:
        rows = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
        empty = empty.exclude(Exists(rows))
    return empty


def _delete_guest_if_empty(pk: int) -> int:
    """In one statement and without cascades: what comes in meanwhile keeps its guest, or is refused with it."""
    try:
        with transaction.atomic():
            return _empty_guests().filter(pk=pk)._raw_delete(connection.alias)
    except IntegrityError:
        return 0
