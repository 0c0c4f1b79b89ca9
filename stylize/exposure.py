"""THE BENCH: who may see a picture or a saved style, and what staff have taken down. It alone writes `is_barred`."""

from django.db import transaction

from stylize import showing
from stylize.models import Filter, Job

Visibility = Job.Visibility


def show(job: Job, *, visibility: str, show_photo: bool, allow_prints: bool) -> bool:
    """As its owner wants it. False: staff have taken it down, and it stays private."""
    wanted = {"visibility": visibility, "show_photo": show_photo, "allow_prints": allow_prints}
    shown = Job.objects.filter(pk=job.pk, is_barred=False).update(**wanted) == 1
    showing.changed()
    return shown


def bar(job: Job) -> str | None:
    """Take a picture down; who could see it before. None: it is down already, or gone. Within a transaction."""
    before = Job.objects.select_for_update().filter(pk=job.pk, is_barred=False).values_list("visibility", flat=True)
    found: str | None = before.first()
    if found is None:
        return None
    Job.objects.filter(pk=job.pk).update(is_barred=True, visibility=Visibility.PRIVATE)
    showing.changed()
    return found


def unbar(job: Job, visibility: str) -> bool:
    """Let it be shown again, as it was before. False: it is not down. Proofs and prints stay private in any case."""
    shown = visibility if visibility in Visibility.values and not (job.is_proof or job.is_print) else Visibility.PRIVATE
    done = Job.objects.filter(pk=job.pk, is_barred=True).update(is_barred=False, visibility=shown) == 1
    showing.changed()
    return done


@transaction.atomic
def bar_filter(style: Filter) -> bool:
    """Take a saved style out of the gallery; its owner keeps it. False: it is out already."""
    done = Filter.objects.filter(pk=style.pk, is_barred=False).update(is_barred=True, is_public=False) == 1
    showing.changed()
    return done


@transaction.atomic
def unbar_filter(style: Filter) -> bool:
    """Its owner may make it public again."""
    return Filter.objects.filter(pk=style.pk, is_barred=True).update(is_barred=False) == 1
