"""THE BENCH: pictures and loss curves as the templates show them."""

import math

from django import template
from django.urls import reverse

from stylize import pictures
from stylize import recipe as recipes
from stylize.models import Job, Style

register = template.Library()

CURVE_WIDTH, CURVE_HEIGHT = 100.0, 40.0  # the viewBox of stylize/curve.html and of loss-curve.js


@register.simple_tag
def srcset(job: Job) -> str:
    """The small copies of a painting with their true widths: the caps hold the long side, whichever that is."""
    by_width = {}
    for name, variant in pictures.RESULT_VARIANTS.items():
        if variant.max_side:
            width = max(1, round(job.width * min(1.0, variant.max_side / max(job.width, job.height))))
            by_width[width] = reverse("stylize:result_file", args=[job.key, name])
    return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))


@register.filter
def curve(losses: list[float]) -> str:
    """The loss so far as points of an SVG polyline, on a logarithmic scale."""
    logs = [math.log(max(loss, 1e-12)) for loss in losses if math.isfinite(loss)]
    if len(logs) < 2:
        return ""
    low, high = min(logs), max(logs)
    across = CURVE_WIDTH / (len(logs) - 1)
    down = CURVE_HEIGHT / ((high - low) or 1.0)
    return " ".join(f"{i * across:.1f},{(high - log) * down:.1f}" for i, log in enumerate(logs))


@register.filter
def first_style(job: Job) -> Style | None:
    """The style of a painting that `with_pictures()` has brought along; None where it has none."""
    return next((link.style for link in job.style_links.all()), None)


@register.filter
def shared_styles(job: Job) -> list[tuple[Style, int]]:
    """The styles of a painting, each with its share in percent."""
    return recipes.shared_styles(job)


@register.filter
def recipe(job: Job) -> list[recipes.Line]:
    """What is not the usual of a painting, as (what, how)."""
    return recipes.lines(job)
