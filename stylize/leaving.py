"""THE BENCH: what a person who leaves takes along: jobs with all their files, uploads, masks, styles, saved styles.

A style that other people's pictures were painted with is part of their recipe: it becomes the newest of those people's,
under another key. A print that somebody has paid for is painted first.
"""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q

from people import erasure
from people.models import User
from stylize import housekeeping, jobs, parcels, progress, showing, storage
from stylize.materials import new_key
from stylize.models import Filter, Job, JobQuerySet, Mask, Style, Upload

Awaited = Callable[[JobQuerySet], JobQuerySet]
_awaited: list[Awaited] = []


def on_wait(awaited: Awaited) -> None:
    """Register a part's `awaited(prints)`: those that must be painted and kept for now (from AppConfig.ready)."""
    if awaited not in _awaited:
        _awaited.append(awaited)


def hide(person: User) -> None:
    """At once, and in one transaction with the wish to leave."""
    Job.objects.filter(owner=person).exclude(visibility=Job.Visibility.PRIVATE).update(
        visibility=Job.Visibility.PRIVATE
    )
    Filter.objects.filter(owner=person, is_public=True).update(is_public=False)
    showing.changed()


def erase(person: User) -> None:
    """Raises erasure.NotYet and storage.StorageError."""
    parcels.drop(person)
    Filter.objects.filter(owner=person).delete()
    _erase_jobs(Job.objects.filter(owner=person))
    of_their_photo = Q(photo__owner=person) | Q(protect__owner=person)
    _erase_jobs(Job.objects.prints().filter(of_their_photo).exclude(owner=person))  # of those who bought a canvas
    for style in Style.objects.filter(owner=person).select_related("image"):
        _let_go(style)
    for mask in Mask.objects.owned_by(person).unused():
        housekeeping.delete_mask_if_unused(mask)
    for upload in Upload.objects.owned_by(person).unused():
        housekeeping.delete_upload_if_unused(upload)
    _erase_avatar(person)
    if any(model._default_manager.filter(owner=person).exists() for model in (Job, Style, Mask, Upload)):
        raise erasure.NotYet("a print of theirs is still painted")


def _erase_jobs(theirs: JobQuerySet) -> None:
    kept = {pk for awaited in _awaited for pk in awaited(theirs.prints()).order_by().values_list("pk", flat=True)}
    for job in theirs.exclude(pk__in=kept).order_by("-id"):  # what goes on from another goes before it
        jobs.cancel(job, seen=progress.iteration(job.key))
        housekeeping.delete_job(job)
        progress.forget(job.key)


def _let_go(style: Style) -> None:
    if not _hand_on(style):
        Style.objects.filter(pk=style.pk).update(listed=False)
        housekeeping.delete_style_if_unused(style)


@transaction.atomic
def _hand_on(style: Style) -> bool:
    """To the newest who has painted with it, else to the newest who has saved it. False: nobody needs it."""
    heir = _heir(style)
    if heir is None:
        return False
    Upload.objects.filter(pk=style.image_id).update(owner=heir, key=new_key())
    Style.objects.filter(pk=style.pk).update(owner=heir, key=new_key())
    return True


def _heir(style: Style) -> int | None:
    staying = Q(owner__leaving_at=None) & ~Q(owner=style.owner_id)
    painter = style.job_set.filter(staying).order_by("-id").values_list("owner", flat=True).first()
    return painter or style.filters.filter(staying).order_by("-id").values_list("owner", flat=True).first()


def _erase_avatar(person: User) -> None:
    """Every file of its name: its copies too, whatever they are."""
    name = User.objects.filter(pk=person.pk).values_list("avatar", flat=True).first()
    if name:
        storage.delete(*storage.names(name))
        User.objects.filter(pk=person.pk).update(avatar="")
