"""THE DESK: canvases: sizes, prices, pixels, crops, wrapped edges, and how sharp a photo is on one. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stylize import prints

EDGE_MM: Final = 49
"""Of picture around the front on each side: the depth of the frame, and what is stapled behind it."""
DEPTH_MM: Final = 38
"""Of these, what is seen from the side."""
MM_PER_INCH: Final = 25.4
NEAR: Final = 1e-5  # of a fraction: what browsers lose in writing numbers down
SLACK: Final = 0.01  # of a crop's shape: a small picture has no pixel that would fit better
WHITE: Final = "#ffffff"
COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
Size = tuple[int, int]  # width, height


class WishError(ValueError):
    """No such canvas, or not from this picture; `str()` tells people why."""


@dataclass(frozen=True)
class Canvas:
    """One size on offer, with delivery; prices in minor units by currency."""

    name: str
    short_cm: int
    long_cm: int
    prices: Mapping[str, int]

    def size_cm(self, *, portrait: bool) -> Size:
        return (self.short_cm, self.long_cm) if portrait else (self.long_cm, self.short_cm)

    def title(self, *, portrait: bool = False) -> str:
        width, height = self.size_cm(portrait=portrait)
        return _("%(width)d × %(height)d cm") % {"width": width, "height": height}


CANVASES: Final = {
    canvas.name: canvas
    for canvas in (
        Canvas("20x30", 20, 30, {"RUB": 180000, "EUR": 3200, "USD": 3600}),
        Canvas("30x40", 30, 40, {"RUB": 240000, "EUR": 4300, "USD": 4800}),
        Canvas("40x60", 40, 60, {"RUB": 340000, "EUR": 6100, "USD": 6800}),
        Canvas("50x70", 50, 70, {"RUB": 460000, "EUR": 8300, "USD": 9200}),
        Canvas("60x90", 60, 90, {"RUB": 650000, "EUR": 11700, "USD": 13000}),
    )
}


class Wrap(TextChoices):
    """What is seen on the edges, from the side."""

    MIRROR = "mirror", gettext_lazy("The picture mirrored")
    COLOUR = "colour", gettext_lazy("One colour")
    PICTURE = "picture", gettext_lazy("The picture goes on")


@dataclass(frozen=True)
class Crop:
    """A part of the finished picture, in fractions of it."""

    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0

    @property
    def is_within(self) -> bool:
        begins, is_something = min(self.x, self.y) >= 0, min(self.width, self.height) > 0
        return begins and is_something and max(self.x + self.width, self.y + self.height) <= 1 + NEAR

    def px(self, size: Size) -> tuple[float, float]:
        """How much it takes of a picture of this size."""
        return self.width * size[0], self.height * size[1]


@dataclass(frozen=True)
class Wish:
    """What somebody wants printed of a picture, whichever picture that is."""

    size: str
    portrait: bool
    crop: Crop  # of the front; where the picture goes on around the edges, of front and edges together
    wrap: str = Wrap.MIRROR
    colour: str = WHITE  # of the edges, where they have one
    controls: dict[str, Any] = field(default_factory=dict)  # strength and brush size; empty: as it was painted
    has_read: bool = False  # what is said of a photo that is too small

    @property
    def canvas(self) -> Canvas:
        return named(self.size)

    @property
    def shape(self) -> float:
        """Width to height of what is painted."""
        width, height = painted_mm(self.canvas, portrait=self.portrait, wrap=self.wrap)
        return width / height


def named(name: str) -> Canvas:
    try:
        return CANVASES[name]
    except KeyError:
        raise WishError(_("There is no canvas of this size.")) from None


# In pixels ------------------------------------------------------------------------------------------------------------


def px(mm: float, dpi: int) -> int:
    return round(mm / MM_PER_INCH * dpi)


def edge_px(dpi: int) -> int:
    return px(EDGE_MM, dpi)


def front_px(canvas: Canvas, *, portrait: bool, dpi: int) -> Size:
    width_cm, height_cm = canvas.size_cm(portrait=portrait)
    return px(10 * width_cm, dpi), px(10 * height_cm, dpi)


def whole_px(canvas: Canvas, *, portrait: bool, dpi: int) -> Size:
    """Front and edges: the size of the print file."""
    (width, height), edge = front_px(canvas, portrait=portrait, dpi=dpi), edge_px(dpi)
    return width + 2 * edge, height + 2 * edge


def painted_px(canvas: Canvas, *, portrait: bool, wrap: str, dpi: int) -> Size:
    """What the kiln paints: the edges, too, where the picture goes on around them."""
    return (whole_px if wrap == Wrap.PICTURE else front_px)(canvas, portrait=portrait, dpi=dpi)


def painted_mm(canvas: Canvas, *, portrait: bool, wrap: str) -> Size:
    width_cm, height_cm = canvas.size_cm(portrait=portrait)
    edges = 2 * EDGE_MM if wrap == Wrap.PICTURE else 0
    return 10 * width_cm + edges, 10 * height_cm + edges


# Crops ----------------------------------------------------------------------------------------------------------------


def largest_crop(picture: Size, canvas: Canvas, *, portrait: bool, wrap: str) -> Crop:
    """The most of a picture of this size that has the canvas' shape, from its middle."""
    width, height = painted_mm(canvas, portrait=portrait, wrap=wrap)
    across = width * picture[1] / (height * picture[0])  # of the picture's width, were all of its height taken
    taken = (across, 1.0) if across <= 1 else (1.0, 1 / across)
    return Crop((1 - taken[0]) / 2, (1 - taken[1]) / 2, *taken)


def fitted(crop: Crop, picture: Size, wish: Wish) -> Crop:
    """As much of the picture around the same middle in the shape of what is painted: what reached from edge to edge is
    the most there is again.
    """
    across = wish.shape * picture[1] / picture[0]  # of its width in a height of it, both in fractions
    least = max(prints.LEAST_SIDE / picture[0], across * prints.LEAST_SIDE / picture[1])
    reaches = max(crop.width, crop.height) > 1 - SLACK / 10
    wanted = 1.0 if reaches else math.sqrt(crop.width * crop.height * across)
    width = min(max(wanted, least), across, 1.0)
    height = width / across
    x, y = crop.x + (crop.width - width) / 2, crop.y + (crop.height - height) / 2
    return Crop(min(max(x, 0.0), 1 - width), min(max(y, 0.0), max(1 - height, 0.0)), width, min(height, 1.0))


def fits(crop: Crop, picture: Size, wish: Wish) -> bool:
    """Whether the crop lies within the picture and has the shape of what is painted."""
    if not all(map(math.isfinite, (crop.x, crop.y, crop.width, crop.height))) or not crop.is_within:
        return False
    width, height = crop.px(picture)
    return abs(width / height / wish.shape - 1) <= SLACK


def check(wish: Wish, picture: Size) -> None:
    """Whether it can be made of a picture of this size at all. Raises WishError."""
    if wish.wrap not in Wrap.values or not COLOUR.fullmatch(wish.colour):
        raise WishError(_("Choose how the edges are to look."))
    if not fits(wish.crop, picture, wish):
        raise WishError(_("This part of the picture does not have the shape of the canvas. Choose it again."))


# How sharp ------------------------------------------------------------------------------------------------------------


class Verdict(TextChoices):
    CRISP = "crisp", gettext_lazy("crisp")
    GOOD = "good", gettext_lazy("good")
    SOFT = "soft", gettext_lazy("soft")
    SMALL = "small", gettext_lazy("too small")


LEAST: Final = {Verdict.CRISP: 40, Verdict.GOOD: 20, Verdict.SOFT: 10, Verdict.SMALL: 0}
"""Pixels of the photo in a centimetre of canvas; 40 are 100 dpi, which an eye at half a metre just tells apart."""


@dataclass(frozen=True)
class Sharpness:
    px_per_cm: float  # of the photo, not of the print: that has all the pixels it needs, and they are painted

    @property
    def whole_px(self) -> int:
        return int(self.px_per_cm)

    @property
    def verdict(self) -> Verdict:
        return next(verdict for verdict, least in LEAST.items() if self.px_per_cm >= least)

    @property
    def is_too_small(self) -> bool:
        return self.verdict == Verdict.SMALL

    @property
    def words(self) -> str:
        """What to expect, in two or three sentences."""
        return {
            Verdict.CRISP: _("The photo has detail enough for this canvas, even from close by."),
            Verdict.GOOD: _("The photo is good for this canvas. From close by its finest lines are a little soft."),
            Verdict.SOFT: _("The photo is small for this canvas: outlines will be soft, and faces simple."),
            Verdict.SMALL: _("The photo is too small for this canvas: only its large forms will be there."),
        }[self.verdict]

    @property
    def adds(self) -> str:
        return _("Painting at print size adds what the style has: brush strokes, threads, grain, as fine as they are.")

    @property
    def cannot_add(self) -> str:
        return _("It cannot add what the photo never had: eyes in a small face, lettering, leaves far away.")


def sharpness(photo: Size, wish: Wish) -> Sharpness:
    """`photo`: the px of the framed photo that the picture was painted from."""
    width_mm, _height = painted_mm(wish.canvas, portrait=wish.portrait, wrap=wish.wrap)
    return Sharpness(wish.crop.px(photo)[0] / (width_mm / 10))
