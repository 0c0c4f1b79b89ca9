"""THE KILN: a finished picture painted on at the size of a canvas, or the middle of that as a proof."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from PIL import Image

from stylize import prints
from stylize.models import Job
from worker import engine


class Steps(Protocol):
    """As `engine.stylise`."""

    def __call__(
        self, content: Image.Image, styles: Sequence[engine.Style], order: engine.Settings, *,
        protect: Image.Image | None, begin: Image.Image | None, resume: dict[str, Any] | None, pulse: Any,
    ) -> Iterator[engine.Step]: ...  # fmt: skip


def cropped(
    plan: prints.Plan, photo: Image.Image, styles: list[engine.Style], protect: Image.Image | None,
    finished: Image.Image,
) -> tuple[Image.Image, list[engine.Style], Image.Image | None, Image.Image]:  # fmt: skip
    """The framed photo, its mask and the finished picture, all cut alike to what is printed."""
    kept = [replace(style, region=style.region and _cut(plan, style.region)) for style in styles]
    return _cut(plan, photo), kept, protect and _cut(plan, protect), _cut(plan, finished)


def steps(job: Job) -> Steps:
    """The engine's door for this print."""
    plan, size = job.plan, (job.width, job.height)
    part = None if size == plan.whole else plan.middle(size)

    def paint(
        content: Image.Image, styles: Sequence[engine.Style], order: engine.Settings, *,
        protect: Image.Image | None, begin: Image.Image | None, resume: dict[str, Any] | None, pulse: Any,
    ) -> Iterator[engine.Step]:  # fmt: skip
        assert begin is not None
        return engine.enlarge(
            begin, content, styles, order, size=plan.whole, part=part, protect=protect, resume=resume, pulse=pulse
        )

    return paint


def _cut(plan: prints.Plan, picture: Image.Image) -> Image.Image:
    """To whole pixels of its own."""
    left, top, right, bottom = (round(edge) for edge in plan.box(*picture.size))
    return picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
