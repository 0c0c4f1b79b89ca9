"""THE BENCH: for export: pictures with photo, mask, styles and recipe; saved styles."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from people.export import Copy, Sheet
from people.models import User
from stylize import controls, pictures, storage
from stylize.models import Filter, Job, Mask, Style, Upload


def of(person: User) -> Iterator[Sheet | Copy]:
    own = Job.objects.filter(owner=person)
    shown = own.with_pages().with_pictures().select_related("protect").order_by("id")
    yield Sheet("pictures.json", (_picture(job) for job in shown.iterator(chunk_size=200)))
    filters = Filter.objects.owned_by(person).select_related("style").order_by("id")
    yield Sheet("saved-styles.json", (_filter(one) for one in filters.iterator()))
    for job in own.with_pages().filter(status=Job.Status.DONE).order_by("id").iterator():
        yield from _results(job)
    for upload in Upload.objects.owned_by(person).filter(style=None).order_by("id").iterator():
        yield Copy(f"photos/{upload.key}.jpg", upload.file + pictures.UPLOAD_FULL.suffix)
    for mask in Mask.objects.owned_by(person).order_by("id").iterator():
        yield Copy(f"masks/{mask.key}.png", mask.file + pictures.MASK.suffix)
    for style in _styles(person).iterator():
        yield Copy(f"styles/{style.key}.jpg", style.image.file + pictures.UPLOAD_FULL.suffix)
    for file in list(storage.names(person.avatar)) if person.avatar else ():
        yield Copy(f"avatar/{file.rpartition('/')[2]}", file)


def _styles(person: User) -> Any:
    """One's own, and those that one's pictures were painted with or that one has saved."""
    used = Q(owner=person) | Q(job__owner=person) | Q(filters__owner=person)
    return Style.objects.filter(pk__in=Style.objects.filter(used).values("pk")).select_related("image").order_by("id")


def _results(job: Job) -> Iterator[Copy]:
    if not job.is_proof:
        yield Copy(f"pictures/{job.key}.png", job.result + pictures.MASTER.suffix)
        return
    for number, variant in enumerate(pictures.PROOFS, 1):
        yield Copy(f"pictures/{job.key}-{number}.webp", job.result + variant.suffix)


def _picture(job: Job) -> dict[str, Any]:
    """Its recipe whole, so that it could be painted again, and who may see it."""
    done = job.status == Job.Status.DONE
    links = job.style_links.all()
    kind = "webp" if job.is_proof else "png"
    return {
        "key": job.key, "status": job.status, "tier": job.tier, "iterations": job.iterations_done or job.iterations,
        "width": job.width, "height": job.height, "seed": job.seed, "controls": {**controls.DEFAULTS, **job.controls},
        "engine_version": job.engine_version, "seconds": job.seconds, "photo": f"photos/{job.photo.key}.jpg",
        "photo_turn": job.photo_turn, "crop": [job.crop_x, job.crop_y, job.crop_width, job.crop_height],
        "mask": f"masks/{job.protect.key}.png" if job.protect else None,
        "styles": [
            {"file": f"styles/{link.style.key}.jpg", "name": link.style.title, "weight": link.weight} for link in links
        ],
        "result": f"pictures/{job.key}{'-1' if job.is_proof else ''}.{kind}" if done else None,
        "visibility": job.visibility, "show_photo": job.show_photo, "allow_prints": job.allow_prints,
        "taken_down": job.is_barred, "price_minor": job.amount_minor, "currency": job.currency,
        "ordered_at": job.created_at, "finished_at": job.finished_at,
    }  # fmt: skip


def _filter(one: Filter) -> dict[str, Any]:
    return {
        "key": one.key, "name": one.name, "style": f"styles/{one.style.key}.jpg", "controls": one.controls,
        "is_public": one.is_public, "taken_down": one.is_barred, "created_at": one.created_at,
    }  # fmt: skip
