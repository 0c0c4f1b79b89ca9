"""THE BENCH: the house painter: while nobody waits, it paints sample photographs in popular styles, labelled as such.

Off unless HOUSE_PAINTER is set. What it orders is a sample like those of the sample gallery, so it ranks behind every
visitor; and when somebody waits all the same, because it has just been begun, it is cancelled. Each pair is painted
once. Of its photographs no two have the same size, which is how one is told from another.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from stylize import dispatch, filters, housekeeping, intake, jobs, line, pictures, progress
from stylize.models import Filter, Job, JobQuerySet, JobStyle, Style, Upload
from stylize.samples import owner, photos
from stylize.workers import Worker

log = logging.getLogger(__name__)

QUIET: Final = timedelta(minutes=5)  # without anybody's painting in line or on a worker
POPULAR: Final = 50  # styles of the house, and as many of people's
DAY: Final = timedelta(days=1)
LOCK: Final = 0x5A3B  # of Postgres' advisory locks, its own
RESTS: Final = "house-painter:rests"
REST_S: Final = 600  # after it has found nothing to paint
Size = tuple[int, int]  # px


class Pair(NamedTuple):
    photo: Size
    style: Style
    controls: dict[str, Any]  # that suit the style


def go_round() -> Job | None:
    """Order the next sample, where it is time for one: never two at once, wherever the house goes round."""
    if not is_time() or cache.get(RESTS):
        return None
    with transaction.atomic():
        if not _alone() or not is_time():
            return None
        job = _order()
    if job:
        dispatch.wake()
    else:
        cache.set(RESTS, 1, REST_S)
    return job


def give_way() -> int:
    """Cancel what it has in line or on a worker as soon as anybody has waited for a moment; how many."""
    mine = own().unfinished()
    since = timezone.now() - timedelta(seconds=line.WAITED_S)
    waiting = Job.objects.in_line().filter(sample=False, queued_at__lt=since)
    if not mine.exists() or not waiting.exists():
        return 0
    cancelled = [job for job in mine if jobs.cancel(job)]
    for job in cancelled:
        progress.forget(job.key)
        log.info("house painter: gives way, job %s is cancelled", job.key)
    return len(cancelled)


def own() -> JobQuerySet:
    """All that it has ever ordered and that is still there."""
    return Job.objects.filter(sample=True, owner__email=owner.PAINTER_EMAIL)


def lately() -> int:
    """How many it has ordered within a day."""
    return own().filter(created_at__gt=timezone.now() - DAY).count()


def is_time() -> bool:
    """Whether a worker is idle, nobody waits or has waited for some minutes, and its own bounds leave room."""
    now = timezone.now()
    if not settings.HOUSE_PAINTER or not Worker.objects.at_work().filter(state=Worker.State.IDLE).exists():
        return False
    if Job.objects.filter(status__in=[Job.Status.QUEUED, Job.Status.RUNNING]).exists():
        return False
    if Job.objects.filter(finished_at__gt=now - QUIET).exclude(owner__email=owner.PAINTER_EMAIL).exists():
        return False
    return not own().filter(created_at__gt=now - _pause()).exists() and lately() < settings.HOUSE_PAINTER_A_DAY


def tidy() -> int:
    """Delete what it was made to give up, once that counts for no bound any more; how many."""
    old = own().filter(status=Job.Status.CANCELLED, created_at__lt=timezone.now() - max(DAY, _pause()))
    given_up = list(old)
    for job in given_up:
        housekeeping.delete_job(job)
    return len(given_up)


def next_pair() -> Pair | None:
    """The style that was painted least as a sample, of these the most used, with the photo that was painted least."""
    tried = JobStyle.objects.filter(job__sample=True).exclude(job__status=Job.Status.CANCELLED)
    painted = Counter[tuple[Size, int]](
        ((width, height), pk)
        for width, height, pk in tried.values_list("job__photo__width", "job__photo__height", "style_id")
    )
    of_style, of_photo = Counter[int](), Counter[Size]()
    for (size, pk), count in painted.items():
        of_style[pk] += count
        of_photo[size] += count
    sizes = sorted(_sizes(), key=lambda size: (of_photo[size], size))
    for style, suits in sorted(_popular(), key=lambda one: (of_style[one[0].pk], -one[0].uses, one[0].pk)):
        for size in sizes:
            if (size, style.pk) not in painted:
                return Pair(size, style, suits)
    return None


def _order() -> Job | None:
    pair = next_pair()
    if pair is None:
        return None
    try:
        order = jobs.Order(
            _photo(pair.photo), ((pair.style, 1.0),), show_photo=True, sample=True, controls=pair.controls
        )
        job = jobs.submit(owner.painter(), order)
    except (jobs.Conflict, pictures.StorageError) as trouble:  # the style has just gone, or the disk is full
        log.warning("house painter: not this time: %s", trouble)
        return None
    told = "house painter: job %s in the style %s, %d of %d within a day"
    log.info(told, job.key, pair.style.key, lately(), settings.HOUSE_PAINTER_A_DAY)
    return job


def _alone() -> bool:
    """Whether nobody else goes round just now; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        ((got,),) = cursor.fetchall()
    return bool(got)


def _pause() -> timedelta:
    return timedelta(minutes=settings.HOUSE_PAINTER_MINUTES)


def _popular() -> list[tuple[Style, dict[str, Any]]]:
    """The gallery's styles, each once, with the settings that suit it."""
    house = Style.objects.filter(listed=True).select_related("image").order_by("-uses", "id")[:POPULAR]
    others = Filter.objects.shown().with_styles().order_by("-uses", "-id")[:POPULAR]
    found: dict[int, tuple[Style, dict[str, Any]]] = {style.pk: (style, {}) for style in house}
    for saved in others:
        found.setdefault(saved.style_id, (saved.style, filters.begun_from(saved)))
    return list(found.values())


def _kept() -> dict[Size, Upload]:
    """The photographs of the samples that are there."""
    kept = Upload.objects.filter(job__sample=True).distinct().order_by("-id")
    return {(photo.width, photo.height): photo for photo in kept}


def _bundled() -> Iterator[tuple[str, Size]]:
    """Those that come with the extra `samples`; none where it is not installed."""
    for photo in photos.PHOTOS:
        try:
            yield photo.slug, photos.open_photo(photo.slug).size
        except photos.PhotosMissing:
            return


def _sizes() -> set[Size]:
    found = {*_kept(), *(size for _slug, size in _bundled())}
    if not found:
        log.warning("house painter: no sample photographs; `manage.py samples` brings them")
    return found


def _photo(size: Size) -> Upload:
    kept = _kept().get(size)
    if kept:
        return kept
    slug = next(slug for slug, bundled in _bundled() if bundled == size)
    return intake.keep(owner.house(), photos.open_photo(slug))
