"""THE BENCH: pictures and loss curves as the templates show them."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from stylize import addresses, curve, pictures
from stylize import recipe as recipes
from stylize.models import Job, Style
from stylize.progress import Snapshot

register = template.Library()

ROW_REM, ROW_VW, GROWS = 19.0, 22.0, 1.2  # a row of the wall in static/css/components.css, and how far it is stretched


@register.simple_tag
def srcset(job: Job, kind: str = pictures.WEBP) -> str:
    """The small copies of a painting with their true widths."""
    named = pictures.copies(kind, job.width, job.height)
    folder, _name, version = addresses.result(job, named[0][0]).partition(named[0][0])
    return ", ".join(f"{folder}{name}{version} {width}w" for name, width in named)


@register.simple_tag
def result_url(job: Job, name: str) -> str:
    """The address of a painting's file."""
    return addresses.result(job, name)


@register.simple_tag
def download_url(job: Job) -> str:
    address = addresses.result(job, "master.png")
    return address + ("&" if "?" in address else "?") + "download"


@register.simple_tag
def wall_sizes(job: Job) -> str:
    """How wide a painting hangs on the wall, by the width of the window, for the choice of a copy."""
    ratio = GROWS * job.width / job.height
    on_a_phone = 100 if ratio > GROWS else 50
    at_most = min(100, round(ROW_VW * ratio))
    return f"(min-width: 86rem) {round(ROW_REM * ratio)}rem, (min-width: 40rem) {at_most}vw, {on_a_phone}vw"


@register.simple_tag
def wall_ratios(pictures: Iterable[Job]) -> SafeString:
    """A rule for each picture on the wall, in the order of the wall; numbers alone, so nothing is to be escaped."""
    rules = (f"\n.wall>:nth-child({n}){{--w:{of.width:d};--h:{of.height:d}}}" for n, of in enumerate(pictures, 1))
    return mark_safe("".join(rules))  # noqa: S308


@register.simple_tag
def photo_srcset(job: Job) -> str:
    """The copies of a job's photo, which has its painting's ratio, with the widths that their caps allow."""
    named = []
    for name, variant in pictures.UPLOAD_VARIANTS.items():
        width = round((variant.max_side or 0) * job.width / max(job.width, job.height))
        named.append((width, f"{reverse('stylize:photo_file', args=[job.key, name])} {width}w"))
    return ", ".join(copy for _width, copy in sorted(named))


@register.filter
def plot(snapshot: Snapshot) -> curve.Plot | None:
    """The loss so far, drawn."""
    return curve.plot(snapshot.losses, snapshot.fraction)


@register.filter
def first_style(job: Job) -> Style | None:
    """The style of a painting that `with_pictures()` has brought along; None where it has none."""
    return next(iter(job.shown_styles), None)


@register.filter
def shared_styles(job: Job) -> list[tuple[Style, int]]:
    """The styles of a painting, each with its share in percent."""
    return recipes.shared_styles(job)


@register.filter
def recipe(job: Job) -> list[recipes.Line]:
    """What is not the usual of a painting, as (what, how)."""
    return recipes.lines(job)


@register.filter
def whole_recipe(job: Job) -> list[recipes.Line]:
    """All that it takes to paint a finished picture once more, as (what, how)."""
    return recipes.whole(job)


@register.filter
def steering(controls: dict[str, Any]) -> list[recipes.Line]:
    """What controls set that is not the usual, as (what, how)."""
    return recipes.steering(controls)
