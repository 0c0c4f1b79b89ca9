"""THE DESK: the print file: front and wrapped edges as one JPEG, and every check it must stand. Pure; Pillow alone.

A picture of 8064 × 6048 px takes 146 MB in memory; making and checking its file takes about four times that.
"""

import io
import struct
from collections.abc import Iterator
from functools import cache

from PIL import Image, ImageCms, ImageColor, ImageOps, ImageStat, JpegImagePlugin

from billing.canvases import Size, Wrap

QUALITY, FULL_COLOUR = 95, 0  # 4:4:4: a painting is made of colour edges
TILE, FLAT = 256, 1.0
"""px, and grey levels of standard deviation below which a tile shows nothing."""
MADE_AT = slice(24, 36)
"""bytes of an ICC profile's head: year, month, day, hour, minute, second (ICC.1:2022, 7.2.10)."""
PROFILE_TIME = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
Box = tuple[int, int, int, int]  # left, top, right, bottom in px


# The file -------------------------------------------------------------------------------------------------------------


def wrapped(painted: Image.Image, wrap: str, colour: str, edge: int) -> Image.Image:
    """Front and edges, as they lie before they are folded around the frame."""
    if wrap == Wrap.PICTURE:
        return painted
    if wrap == Wrap.COLOUR:
        return ImageOps.expand(painted, edge, ImageColor.getrgb(colour))
    return _mirrored_down(_mirrored_across(painted, edge), edge)


def encoded(picture: Image.Image, dpi: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(
        buffer, "JPEG", quality=QUALITY, subsampling=FULL_COLOUR, optimize=True, dpi=(dpi, dpi), icc_profile=srgb()
    )
    return buffer.getvalue()


@cache
def srgb() -> bytes:
    """The profile, without the moment at which this process made it: all processes must know it again."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[: MADE_AT.start] + PROFILE_TIME + made[MADE_AT.stop :]


def _mirrored_across(front: Image.Image, edge: int) -> Image.Image:
    width, height = front.size
    whole = Image.new("RGB", (width + 2 * edge, height))
    whole.paste(front, (edge, 0))
    whole.paste(ImageOps.mirror(front.crop((0, 0, edge, height))), (0, 0))
    whole.paste(ImageOps.mirror(front.crop((width - edge, 0, width, height))), (edge + width, 0))
    return whole


def _mirrored_down(front: Image.Image, edge: int) -> Image.Image:
    width, height = front.size
    whole = Image.new("RGB", (width, height + 2 * edge))
    whole.paste(front, (0, edge))
    whole.paste(ImageOps.flip(front.crop((0, 0, width, edge))), (0, 0))
    whole.paste(ImageOps.flip(front.crop((0, height - edge, width, height))), (0, edge + height))
    return whole


def inner(whole: Size, edge: int) -> Box:
    return edge, edge, whole[0] - edge, whole[1] - edge


# The checks -----------------------------------------------------------------------------------------------------------


def check(contents: bytes, *, size: Size, dpi: int, painted: Box, liked: Image.Image | None = None) -> list[str]:
    """What is wrong with a print file; nothing, where it may be printed.

    `painted`: the part of it that has to show something. `liked`: the same part of the finished picture, which its
    owner has seen: where that is flat, as the white of a protected studio wall, the print may be.
    """
    try:
        picture = Image.open(io.BytesIO(contents), formats=["JPEG"])
        picture.load()
    except (OSError, SyntaxError, ValueError) as error:
        return [f"it cannot be read to its end: {error}"]
    complaints = list(formal(picture, size, dpi))
    return complaints or [f"nothing is to be seen at {box[0]}, {box[1]} px" for box in _flat(picture, painted, liked)]


def formal(picture: Image.Image, size: Size, dpi: int) -> Iterator[str]:
    """What is wrong with it as far as its head says: no pixel need be read."""
    if picture.size != size:
        yield f"it has {_written(picture.size)} px instead of {_written(size)}"
    if picture.mode != "RGB":
        yield f"its colours are {picture.mode} instead of RGB"
    if picture.info.get("icc_profile") != srgb():
        yield "the sRGB profile is missing"
    if tuple(map(round, picture.info.get("dpi", (0, 0)))) != (dpi, dpi):
        yield f"it does not say that it has {dpi} dpi"
    if JpegImagePlugin.get_sampling(picture) != FULL_COLOUR:
        yield "its colours do not have the full resolution"


def _flat(picture: Image.Image, painted: Box, liked: Image.Image | None) -> Iterator[Box]:
    left, top, right, bottom = painted
    seen = liked.convert("L").resize(_small(painted), Image.Resampling.BOX) if liked else None
    for box in tiles(right - left, bottom - top):
        shown = (left + box[0], top + box[1], left + box[2], top + box[3])
        if _spread(picture.crop(shown)) < FLAT and not (
            seen and _is_flat_as_liked(seen, box, (right - left, bottom - top))
        ):
            yield shown


def tiles(width: int, height: int, side: int = TILE) -> Iterator[Box]:
    """Squares that cover it all; the last of a row and of a column overlap those before."""
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield left, top, min(left + side, width), min(top + side, height)


def _starts(length: int, side: int) -> list[int]:
    last = max(0, length - side)
    return [*range(0, last, side), last]


def _spread(part: Image.Image) -> float:
    return float(ImageStat.Stat(part.convert("L")).stddev[0])


def _small(painted: Box) -> Size:
    """An eighth: what was liked has no more pixels, mostly."""
    return max(1, (painted[2] - painted[0]) // 8), max(1, (painted[3] - painted[1]) // 8)


def _is_flat_as_liked(seen: Image.Image, box: Box, painted: Size) -> bool:
    across, down = seen.width / painted[0], seen.height / painted[1]
    left, top = int(box[0] * across), int(box[1] * down)
    right, bottom = max(left + 1, int(box[2] * across)), max(top + 1, int(box[3] * down))
    return _spread(seen.crop((left, top, right, bottom))) < 2 * FLAT


def _written(size: Size) -> str:
    return f"{size[0]} × {size[1]}"
