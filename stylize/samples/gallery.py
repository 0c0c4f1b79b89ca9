"""THE BENCH: hangs the sample gallery: house styles for everybody, and sample jobs at the lowest rank."""

import logging

from stylize import dispatch, intake, jobs
from stylize.models import Job, Style, Upload
from stylize.samples import drawings, photos
from stylize.samples.owner import house as house

log = logging.getLogger(__name__)


def hang() -> int:
    """Order each missing sample, with its style and photo; how many were ordered. Safe to break off and repeat."""
    owner, ordered = house(), 0
    kept: dict[str, Upload] = {}
    for pair in photos.PAIRS:
        style = house_style(pair.style)
        if Job.objects.filter(sample=True, styles=style).exists():
            continue
        photo = kept.get(pair.photo) or intake.keep(owner, photos.open_photo(pair.photo))
        kept[pair.photo] = photo
        jobs.submit(owner, jobs.Order(photo, ((style, 1.0),), show_photo=True, sample=True))
        dispatch.wake()
        ordered += 1
    return ordered


def house_style(slug: str) -> Style:
    """A style of the gallery, drawn when it is missing."""
    found = Style.objects.filter(slug=slug).first()
    if found:
        return found
    drawing = drawings.named(slug)
    log.info("drawing the style %s", slug)
    image = intake.keep(house(), drawing.draw())
    return Style.objects.create(owner=image.owner, image=image, name=drawing.name, slug=slug, listed=True)
