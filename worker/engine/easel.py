"""The kiln's fire, the easel: what a painting is made from, at whatever size is asked for."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from PIL import Image, ImageOps
from torch import Tensor

from worker.engine import colour, images, schedule, statistics, tiles, weights
from worker.engine.device import (
    chosen_device,
    chosen_precision,
    free_memory,
    is_out_of_memory,
    keep_freed_memory,
    repeatable,
)
from worker.engine.errors import SettingsError, TooLargeError
from worker.engine.objective import Objective, style_statistics, used
from worker.engine.regions import Region
from worker.engine.schedule import Level
from worker.engine.settings import Pulse, Settings
from worker.engine.underpaint import patch_side, underpaint
from worker.engine.vgg import CHANNELS, LAYERS, SMALLEST_SIDE, Vgg19

GRAIN, NOISE = 8.0, 40.0
"""Grey levels of standard deviation: of the grain on a start from the photo, so that flat areas can break
into strokes, and of a start from noise."""
PATCHES: Final = {"fine": 0.5, "medium": 1.0, "broad": 1.0}
"""How large the patches of the underpainting are, by stroke scale."""
SPARE: Final = 0.6
"""Share of the free memory that a painting may take."""
SCRATCH: Final = 600
"""Bytes per px beside responses, history and pictures: gradients on their way and buffers of libraries (measured)."""
PICTURES: Final = 16
"""Pictures of float32 beside the history: trial, point, gradients, directions and what is made of them."""
LEAST_AREA: Final = 1e-3
"""Share of the picture under which a region is left out."""
MOST_WEIGHT: Final = 1e6
LONGEST_SIDE: Final = 20_000
"""px; a canvas of three metres at 150 dpi."""
REMEMBERED: Final = 64
"""Styles whose statistics are kept, each some 3 MB a size."""


@dataclass(frozen=True)
class Style:
    """A style image, its weight against the other styles, and where it goes: a mask that is stretched over the photo,
    white where this style is wanted. Styles without one share what the masks leave.
    """

    image: Image.Image
    weight: float = 1.0
    region: Image.Image | None = None


def shares(styles: Sequence[Style]) -> list[Style]:
    """The styles that count, with weights that sum to 1. Raises SettingsError."""
    if not all(0 <= style.weight <= MOST_WEIGHT for style in styles):  # false for NaN as well
        raise SettingsError(f"The weight of a style image must be a number from 0 to {MOST_WEIGHT:g}.")
    total = sum(style.weight for style in styles)
    if total <= 0:
        raise SettingsError("At least one style image with a weight above 0 is needed.")
    return [Style(style.image, style.weight / total, style.region) for style in styles if style.weight > 0]


class Easel:
    """What stays the same at all sizes: pictures, settings, the network.

    `content` None: nothing but style is wanted. `styles` with shares that sum to 1; none: nothing but content is.
    `protect` is a mask, white where the photo stays as it is. `largest` is the size that styles are prepared for.
    """

    def __init__(
        self,
        content: Image.Image | None,
        styles: Sequence[Style],
        settings: Settings,
        *,
        largest: Level,
        protect: Image.Image | None = None,
        enlarge_styles: bool = True,
        pulse: Pulse,
    ) -> None:
        self.settings, self.pulse, self.protect, self.enlarge_styles = settings, pulse, protect, enlarge_styles
        self.device = chosen_device(settings.device)
        self._squeeze = 1.0
        keep_freed_memory(True)
        self.as_given = content
        self.content = colour.grey(content) if content and settings.colours == "photo" else content
        self.styles = [
            Style(self._coloured(self._sized(style.image, largest)), style.weight, style.region) for style in styles
        ]
        if self.styles:
            self._areas(largest)  # refused now rather than on the way

    def _sized(self, image: Image.Image, level: Level) -> Image.Image:
        size = schedule.style_size(
            *image.size, pixels=level.pixels, brush_size=self.settings.brush_size, enlarge=self.enlarge_styles
        )
        near = max(abs(one - other) for one, other in zip(size, image.size, strict=True)) <= 1
        return image.convert("RGB") if near else images.resized(image, size)  # once is enough: twice blurs

    def _coloured(self, style: Image.Image) -> Image.Image:
        if self.content and self.settings.colours == "photo":
            return colour.like_brightness(style, self.content)
        if self.content and self.settings.colours == "match":
            return colour.match(style, self.content)
        return colour.reduce(style, self.settings.palette) if self.settings.colours == "palette" else style

    def photo(self, level: Level) -> Tensor:
        """The photo as it is painted (1, 3, H, W); grey where none is."""
        if self.as_given is None:
            return torch.full((1, 3, level.height, level.width), 127.5, device=self.device)
        photo = _part(images.to_tensor(self.as_given, level.size, device=self.device), level)
        return colour.luminance_of(photo).expand_as(photo).contiguous() if self.settings.colours == "photo" else photo

    def colours(self, level: Level) -> Tensor | None:
        """The photo whose colours the result gets (1, 3, H, W), if any."""
        if self.settings.colours != "photo" or self.as_given is None:
            return None
        return _part(images.to_tensor(self.as_given, level.size, device=self.device), level)

    def bounds(self, level: Level, photo: Tensor) -> tuple[Tensor | float, Tensor | float]:
        """Where values may go: the range of colours; under the protecting mask only blends of it and the photo."""
        if self.protect is None:
            return 0.0, 255.0
        kept = self._mask(self.protect, level)  # (1, 1, H, W)
        return kept * photo, kept * photo + (1 - kept) * 255

    def start(self, level: Level, photo: Tensor) -> Tensor:
        """Where the coarsest level begins (1, 3, H, W)."""
        grain = torch.randn(photo.shape, generator=torch.Generator().manual_seed(self.settings.seed))
        grain = grain.to(self.device)
        if self.settings.start == "noise":
            return 127.5 + NOISE * grain
        if self.settings.start == "style":
            return self.stretched(self.styles[0].image, level) + GRAIN * grain
        return self._underpainted(photo, level) + GRAIN * grain

    def _underpainted(self, photo: Tensor, level: Level) -> Tensor:
        """The photo with a ground from the styles, each in its part; the less, the more of the photo is wanted."""
        patch = patch_side(level.height, level.width, scale=PATCHES[self.settings.stroke_scale])
        result = photo
        for styles, mask in self._areas(level):
            looks = [self._sized(style.image, level) for style in styles]
            total = sum(style.weight for style in styles)
            ground = underpaint(
                photo,
                [images.to_tensor(look, look.size, device=self.device) for look in looks],
                [style.weight / total for style in styles],
                patch=patch,
                seed=self.settings.seed,
                amount=min(1.0, self.settings.strength),
            )
            result = result + (ground - photo) * (1.0 if mask is None else mask)
        return result

    def as_painted(self, finished: Image.Image) -> Image.Image:
        """A picture made here, as it was while it was painted: grey where only brightness is."""
        return colour.grey(finished) if self.settings.colours == "photo" else finished

    def stretched(self, image: Image.Image, level: Level) -> Tensor:
        """A picture (1, 3, H, W) that fills the level, its middle where the proportions differ."""
        fitted = ImageOps.fit(image.convert("RGB"), level.size, Image.Resampling.LANCZOS)
        return _part(images.to_tensor(fitted, level.size, device=self.device), level)

    def drift(self, level: Level, picture: Image.Image) -> dict[str, Tensor]:
        """By how much the statistics of the level's part differ from the whole's in `picture`, by layer."""
        whole, part = replace(level, part=None), self.stretched(picture, level)
        looks = [
            style_statistics(
                network(self.settings), seen, self.settings,
                cores=self._cores(seen.shape[3], seen.shape[2], painted=False), pulse=self.pulse,
            )
            for seen in (part, self.stretched(picture, whole))
        ]  # fmt: skip
        return {name: looks[0][name] - looks[1][name] for name in looks[0]}

    def objective(self, level: Level, photo: Tensor, drift: Mapping[str, Tensor] | None = None) -> Objective:
        """What is minimised at this level, in one piece or in as many tiles as memory asks for."""
        wanted = None if self.content is None else photo
        while True:
            cores = self._cores(*level.painted, painted=True)
            try:
                with repeatable():
                    regions = [one.drifted(drift) for one in self._regions(level)] if self.styles else []
                    return Objective(
                        network(self.settings), wanted, regions, self.settings, cores=cores, pulse=self.pulse
                    )
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                self._squeeze *= 2  # ends in _cores, which knows when tiles cannot be smaller

    def _regions(self, level: Level) -> list[Region]:
        return [Region(self._wanted(styles, level), mask) for styles, mask in self._areas(level)]

    def _areas(self, level: Level) -> list[tuple[list[Style], Tensor | None]]:
        """Which styles go where: those with masks into theirs, by weight where masks overlap, the others together
        into what is left. Raises SettingsError when nothing is.
        """
        free = None if self.protect is None else 1 - self._mask(self.protect, level)
        masked = [(style, self._mask(style.region, level)) for style in self.styles if style.region]
        everywhere = [style for style in self.styles if not style.region]
        areas: list[tuple[list[Style], Tensor | None]] = []
        if masked:
            claimed = torch.stack([mask for _, mask in masked]).sum(0).clamp(max=1)
            total = torch.stack([style.weight * mask for style, mask in masked]).sum(0).clamp(min=1e-9)
            open_ = torch.ones_like(claimed) if free is None else free
            areas = [([style], style.weight * mask / total * claimed * open_) for style, mask in masked]
            free = (1 - claimed) * open_
        if everywhere:
            areas.append((everywhere, free))
        areas = [(styles, mask) for styles, mask in areas if mask is None or float(mask.mean()) > LEAST_AREA]
        if not areas:
            raise SettingsError("The masks leave nothing of the photo to paint: protect less of it.")
        return areas

    def _mask(self, mask: Image.Image, level: Level) -> Tensor:
        """(1, 1, H, W), 0 to 1"""
        return _part(images.to_mask(mask, level.size, device=self.device), level)

    def _wanted(self, styles: Sequence[Style], level: Level) -> dict[str, Tensor]:
        """The statistics of one style, or of several at once by their shares of each other."""
        total = sum(style.weight for style in styles)
        looks = [self._statistics(style.image, level) for style in styles]
        return {
            name: statistics.blend([look[name] for look in looks], [style.weight / total for style in styles])
            for name in looks[0]
        }

    def _statistics(self, style: Image.Image, level: Level) -> dict[str, Tensor]:
        image = self._sized(style, level)
        key = _fingerprint(image, self.settings, self.device)
        if key not in _styles:
            tensor = images.to_tensor(image, image.size, device=self.device)
            cores = self._cores(*image.size, painted=False)
            _styles[key] = style_statistics(
                network(self.settings), tensor, self.settings, cores=cores, pulse=self.pulse
            )
        _styles.move_to_end(key)
        while len(_styles) > REMEMBERED:
            _styles.popitem(last=False)
        return _styles[key]

    def _cores(self, width: int, height: int, *, painted: bool) -> list[tiles.Box]:
        """In how many pieces memory allows a picture to be looked at. Raises TooLargeError."""
        content, style = (used(layers) for layers in (self.settings.content_layers, self.settings.style_layers))
        dtype = chosen_precision(self.settings.precision, self.device)
        room = self.settings.memory * 1e9 or SPARE * free_memory(self.device)
        taken = 0.0
        if painted:
            held = sum(CHANNELS[name] / tiles.stride(name) ** 2 for name in content) * dtype.itemsize
            taken = width * height * (12 * (2 * self.settings.history + PICTURES) + held)
        per_pixel = response_bytes([*content, *style], dtype) + SCRATCH
        margin = 2 * tiles.reach([*content, *style])
        least = tiles.least_pixels(height, width, margin=margin) * per_pixel
        most = min(room - taken, width * height * per_pixel) / self._squeeze
        if room - taken < least or 2 * most < least:
            needed = (taken + least) / 1e9
            raise TooLargeError(f"{width} x {height} px need {needed:.1f} GB of memory; {room / 1e9:.1f} may be taken.")
        return tiles.plan(height, width, most_pixels=most / per_pixel, margin=margin)


def _part(picture: Tensor, level: Level) -> Tensor:
    """What of the whole (1, C, H, W) is painted at this level."""
    return level.part.cut(picture).contiguous() if level.part else picture


_styles: OrderedDict[str, dict[str, Tensor]] = OrderedDict()


def _fingerprint(image: Image.Image, settings: Settings, device: torch.device) -> str:
    """Of everything that a style's statistics depend on."""
    recipe = (
        image.size, settings.statistics, sorted(settings.style_layers.items()), settings.pooling, settings.weights,
        settings.precision, str(device),
    )  # fmt: skip
    return hashlib.sha256(repr(recipe).encode() + image.convert("RGB").tobytes()).hexdigest()


def response_bytes(layers: Sequence[str], dtype: torch.dtype) -> float:
    """Memory per px of a picture for the responses down to the deepest of `layers`."""
    values, step = 0.0, 1
    for name in LAYERS[: max(map(LAYERS.index, layers)) + 1]:
        if name.startswith("pool"):
            step *= 2
        else:
            channels = CHANNELS[name]
        values += channels / step**2
    return values * dtype.itemsize


def check_size(size: tuple[int, int]) -> None:
    """Raises SettingsError for pictures too narrow for the network, or beyond all measure."""
    if max(size) > LONGEST_SIDE:
        raise SettingsError(f"{size[0]} x {size[1]} px is too large: {LONGEST_SIDE} px are the longest side.")
    if min(size) < SMALLEST_SIDE:
        raise SettingsError(f"{size[0]} x {size[1]} px is too narrow: a painting needs {SMALLEST_SIDE} px.")


def network(settings: Settings) -> Vgg19:
    """The network that `settings` ask for. Raises SettingsError or WeightsError."""
    device = chosen_device(settings.device)
    dtype = chosen_precision(settings.precision, device)
    return weights.network(weights=settings.weights, pooling=settings.pooling, device=device, dtype=dtype)
