"""The kiln's fire, how the method explains itself: style without a photo, a photo without a style.

Figures 1 of Gatys, Ecker & Bethge, "Texture Synthesis Using Convolutional Neural Networks", NIPS 2015, and of "Image
Style Transfer Using Convolutional Neural Networks", CVPR 2016.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from PIL import Image

from worker.engine import easel, schedule
from worker.engine.easel import Easel, Style
from worker.engine.schedule import Level
from worker.engine.settings import Pulse, Settings
from worker.engine.stylise import Step, from_the_sweep, nothing


def texture(
    styles: Sequence[Style], settings: Settings, *, size: tuple[int, int], pulse: Pulse = nothing
) -> Iterator[Step]:
    """A texture of `size` (width, height) in px, from noise: whatever has the styles' statistics."""
    easel.check_size(size)
    settings = replace(settings, start="noise")
    surface = Easel(None, easel.shares(styles), settings, largest=Level(*size, 0), pulse=pulse)
    return from_the_sweep(surface, schedule.levels(*size, stroke_scale=settings.stroke_scale))


def reconstruct(content: Image.Image, settings: Settings, *, pulse: Pulse = nothing) -> Iterator[Step]:
    """What the `content_layers` know of a photo, painted from noise at its fitted size. Raises as `stylise` does."""
    size = schedule.fitted_size(*content.size, settings.max_side)
    easel.check_size(size)
    surface = Easel(content, (), replace(settings, start="noise"), largest=Level(*size, 0), pulse=pulse)
    return from_the_sweep(surface, schedule.levels(*size, stroke_scale=settings.stroke_scale))
