"""THE BENCH: how a photo is framed: turned by quarters, then cropped. Pure."""

import math
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from PIL import Image

from stylize import uploads

Crop = tuple[float, float, float, float]  # x, y, width, height as fractions of the turned photo
Percents = tuple[float | None, float | None, float | None, float | None]  # the same in percent, as people write it

ALL: Final[Crop] = (0.0, 0.0, 1.0, 1.0)
NEAR: Final = 1e-5  # of a fraction: what browsers lose in writing numbers down
LONGEST: Final = 120  # characters of a crop in a form
TURNS: Final = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}


class FramingError(Exception):
    """This photo cannot be framed like this; `str()` tells people why."""


@dataclass(frozen=True)
class Framing:
    turn: int = 0  # quarter turns clockwise
    crop: Crop = ALL

    def __str__(self) -> str:
        return f"{self.turn}:{written(self.crop)}"

    @property
    def is_whole(self) -> bool:
        """Whether the photo is taken as it was given."""
        return self.turn == 0 and self.crop == ALL

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The framed size in px of a photo of this size."""
        left, top, right, bottom = self._box(width, height)
        return right - left, bottom - top

    def checked_size(self, width: int, height: int) -> tuple[int, int]:
        """The same, of a photo that can be painted. Raises FramingError."""
        framed = self.size(width, height)
        short, long = sorted(framed)
        if short < uploads.MIN_SIDE:
            message = _(
                "Cropped like this, only %(width)d by %(height)d pixels of the photo are left; each side needs at "
                "least %(least)d. Make the crop larger."
            )
            raise FramingError(message % {"width": framed[0], "height": framed[1], "least": uploads.MIN_SIDE})
        if long > uploads.MAX_ASPECT * short:
            message = _(
                "Cropped like this, the long side is more than %(most)d times the short side. Make it less narrow."
            )
            raise FramingError(message % {"most": uploads.MAX_ASPECT})
        return framed

    def applied(self, photo: Image.Image) -> Image.Image:
        turn = TURNS.get(self.turn)
        turned = photo if turn is None else photo.transpose(turn)
        return turned if self.crop == ALL else turned.crop(self._box(*photo.size))

    def _box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The crop in px of the turned photo: left, top, right, bottom."""
        if self.turn % 2:
            width, height = height, width
        x, y, across, down = self.crop
        return round(x * width), round(y * height), round((x + across) * width), round((y + down) * height)


WHOLE: Final = Framing()


def crop_of(text: str, turn: int = 0) -> Crop:
    """What a form says: "x,y,width,height", or nothing for the whole photo. Raises FramingError.

    "1:x,y,width,height" was made for a photo of one quarter turn; it comes turned on to `turn`.
    """
    made_for, colon, text = text.rpartition(":")
    if colon:
        if made_for not in ("0", "1", "2", "3"):
            raise _nonsense()
        return turned(crop_of(text), turn - int(made_for))
    if not text.strip():
        return ALL
    try:
        x, y, width, height = (float(number) for number in text[:LONGEST].split(","))
    except ValueError as error:
        raise _nonsense() from error
    inside = min(x, y) >= -NEAR and min(width, height) > 0 and max(x + width, y + height) <= 1 + NEAR
    if not inside or not all(math.isfinite(number) for number in (x, y, width, height)):
        raise _nonsense()
    (x, width), (y, height) = _snapped(x, width), _snapped(y, height)
    return x, y, width, height


def turned(crop: Crop, quarters: int) -> Crop:
    """The same piece of the photo after so many quarter turns clockwise."""
    for _quarter in range(quarters % 4):
        x, y, width, height = crop
        crop = round(1 - y - height, 6), x, height, width
    return crop


def percents_of(crop: Crop) -> Percents:
    """A crop as numbers of a form: two places, and none at all for the whole photo."""
    if crop == ALL:
        return None, None, None, None
    x, y, width, height = (round(100 * number, 2) for number in crop)
    return x, y, width, height


def crop_of_percents(percents: Percents) -> Crop:
    """What is left empty is not cut off. Raises FramingError."""
    left, top = percents[0] or 0.0, percents[1] or 0.0
    width = 100 - left if percents[2] is None else percents[2]
    height = 100 - top if percents[3] is None else percents[3]
    if min(left, top) < 0 or min(width, height) <= 0:
        raise FramingError(
            _("Of the photo nothing is left like this. Cut off less than 100 percent, and leave more than 0.")
        )
    if max(left + width, top + height) > 100 + NEAR:
        raise FramingError(
            _(
                "The crop reaches beyond the photo: what is cut off on the left and the width may be 100 percent "
                "together, and so may what is cut off above and the height."
            )
        )
    (x, across), (y, down) = _snapped(left / 100, width / 100), _snapped(top / 100, height / 100)
    return x, y, across, down


def written(crop: Crop) -> str:
    """A crop as forms carry it."""
    return "" if crop == ALL else ",".join(f"{number:.6f}".rstrip("0").rstrip(".") for number in crop)


def _snapped(start: float, length: float) -> tuple[float, float]:
    """Within 0 to 1, and exactly the whole where it is nearly so."""
    start, end = max(0.0, start), min(1.0, start + length)
    if start < NEAR and end > 1 - NEAR:
        return 0.0, 1.0
    return round(start, 6), round(end - start, 6)


def _nonsense() -> FramingError:
    return FramingError(_("The crop did not arrive as it should. Crop the photo again, or send all of it."))
