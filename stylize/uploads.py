"""THE BENCH: bytes → a checked, upright, metadata-free sRGB picture at full size, or UploadError. Pure."""

import io
import logging
import warnings
from typing import IO

import pi_heif
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageStat

from stylize import essence

log = logging.getLogger(__name__)

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
MIN_SIDE = 64  # px; below this VGG-19's deepest layers see next to nothing
MAX_SIDE = 12_000  # px
MAX_ASPECT = 8

MAX_MASK_BYTES = 5 * 1024 * 1024
MASK_SIDE = 1024  # px; a mask is stretched over the photo, and its edge is soft anyway
MOST_PROTECTED = 0.98  # of the photo; the engine wants something left to paint
LEAST_WHITE = 128  # of 255; a mask that is darker everywhere protects nothing, while one small face is enough

STRIP = 256  # rows converted at a time, so that a conversion never holds a second full picture

HEIF_BRANDS = frozenset(b"avif avis mif1 msf1 heic heix heim heis hevc hevx hevm hevs".split())

UNTURNING = "FLIP_LEFT_RIGHT ROTATE_180 FLIP_TOP_BOTTOM TRANSPOSE ROTATE_270 TRANSVERSE ROTATE_90"
TURNS = {orientation: Image.Transpose[name] for orientation, name in enumerate(UNTURNING.split(), 2)}

warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # MAX_PIXELS is stricter, and an error

# Every Image.open below names its formats, so this adds HEIC to this module and opens no other door.
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


class UploadError(Exception):
    """This picture cannot be used. `str()` tells people what to do; `code` is for programs and is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read(file: IO[bytes], *, size: int | None) -> Image.Image:
    """The picture in `file` as a fully decoded "RGB" image that carries nothing but pixels.

    `size` is what the sender claims, in bytes; it can only refuse early. Raises UploadError.
    """
    return _read(file, size, most=MAX_BYTES)


def read_mask(file: IO[bytes], *, size: int | None) -> Image.Image:
    """The picture in `file` as a mask: "L", white where the photo stays, at most MASK_SIDE px. Raises UploadError."""
    mask = _read(file, size, most=MAX_MASK_BYTES, ground="black").convert("L")
    mask.thumbnail((MASK_SIDE, MASK_SIDE))
    protected = ImageStat.Stat(mask).mean[0] / 255
    if protected > MOST_PROTECTED:
        message = _("This mask protects all of the photo, and nothing is left to paint. Protect less of it.")
        raise UploadError("protects_all", message)
    if not any(mask.histogram()[LEAST_WHITE:]):
        message = _("This mask is black all over and protects nothing. Choose one that is white where the photo stays.")
        raise UploadError("protects_nothing", message)
    return mask


def _read(file: IO[bytes], size: int | None, *, most: int, ground: str = "white") -> Image.Image:
    """`ground` is what shows through where the picture is transparent."""
    data = _contents(file, size, most)
    formats = _formats(data[:16])
    try:
        return _decoded(data, formats, ground)
    except UploadError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:  # decoders raise nearly anything on a damaged file: none of it is our crash
        log.warning("upload refused, %s of %d bytes not decodable: %r", "/".join(formats), len(data), error)
        message = _("This picture is damaged or incomplete. Save it as JPEG in a photo app and try again.")
        raise UploadError("unreadable", message) from error


def check_fits(width: int, height: int, max_side: int) -> None:
    """Raise UploadError if, scaled to `max_side` px, the short side would fall below MIN_SIDE."""
    short, long = sorted((width, height))
    painted = min(short, round(short * max_side / long))
    if painted < MIN_SIDE:
        message = _(
            "Painted at %(max_side)d pixels, this picture of %(width)d by %(height)d pixels would be only "
            "%(painted)d on its short side; %(least)d are needed. Choose a larger size, or crop the picture."
        )
        numbers = {"max_side": max_side, "width": width, "height": height, "painted": painted}
        raise UploadError("will_not_fit", message % {**numbers, "least": MIN_SIDE})


def write(picture: Image.Image, file: IO[bytes]) -> None:
    """Write `picture` as it is stored: JPEG, quality 95, full colour resolution, no metadata."""
    picture.save(file, "JPEG", quality=95, subsampling="4:4:4")


def _contents(file: IO[bytes], size: int | None, most: int) -> bytes:
    data = b"" if size is not None and size > most else file.read(most + 1)
    if max(len(data), size or 0) > most:
        message = _("This file is larger than %(most)d MB. Save the picture smaller, as JPEG, and try again.")
        raise UploadError("too_many_bytes", message % {"most": most // 1024**2})
    if not data:
        raise UploadError("empty", _("This file is empty. Choose another picture."))
    return data


def _formats(head: bytes) -> tuple[str, ...]:
    """What the first bytes say, in Pillow's names; the file's name and declared type say nothing."""
    if head.startswith(b"\xff\xd8\xff"):
        return ("JPEG",)  # MPO too: it is a JPEG with more frames behind the first
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("PNG",)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ("WEBP",)
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return ("AVIF", "HEIF")
    message = _("This file is not a picture we can read. Choose a JPEG, PNG, WebP, AVIF or HEIC picture.")
    raise UploadError("unknown_format", message)


def _decoded(data: bytes, formats: tuple[str, ...], ground: str) -> Image.Image:
    kept, exif = essence.of(data, formats[0])
    source = Image.open(io.BytesIO(kept), formats=formats)
    _check_size(*source.size)
    source.load()
    _check_size(*source.size)  # again: what comes out of a HEIC may differ from what its header said
    if source.format != "HEIF":  # libheif has turned it already
        exif = exif or source.info.get("exif", b"")
    return _upright(_srgb(source, ground), essence.orientation(exif))


def _check_size(width: int, height: int) -> None:
    short, long = sorted((width, height))
    if short < MIN_SIDE:
        least = _("Its sides must be at least %(limit)d pixels. Choose a larger one.")
        raise _wrong_size("side_too_small", width, height, least, MIN_SIDE)
    if long > MAX_SIDE:
        most = _("Its sides may be at most %(limit)d pixels. Make it smaller and try again.")
        raise _wrong_size("side_too_big", width, height, most, MAX_SIDE)
    if long > MAX_ASPECT * short:
        most = _("Its long side may be at most %(limit)d times its short side. Crop it and try again.")
        raise _wrong_size("too_long", width, height, most, MAX_ASPECT)
    if width * height > MAX_PIXELS:
        raise _too_many_pixels()


def _wrong_size(code: str, width: int, height: int, message: str, limit: int) -> UploadError:
    seen = _("This picture is %(width)d by %(height)d pixels.") % {"width": width, "height": height}
    return UploadError(code, f"{seen} {message % {'limit': limit}}")


def _too_many_pixels() -> UploadError:
    message = _("This picture has more than %(most)d million pixels. Make it smaller and try again.")
    return UploadError("too_many_pixels", message % {"most": MAX_PIXELS // 1_000_000})


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turn = TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _srgb(source: Image.Image, ground: str) -> Image.Image:
    profile = source.info.get("icc_profile") or b""
    mode = _working_mode(source, profile)
    transform = _transform(profile, mode) if profile else None
    if source.mode == mode == "RGB":  # most photographs: the same pixels, without the file's metadata
        picture = Image.Image()._new(source.im)
        if transform:
            ImageCms.applyTransform(picture, transform, inPlace=True)
            picture.info.clear()  # it has noted the new profile
        return picture
    canvas = Image.new("RGB", source.size)
    for top in range(0, source.height, STRIP):
        strip = source.crop((0, top, source.width, min(top + STRIP, source.height)))
        canvas.paste(_converted(_eight_bit(strip), mode, transform, ground), (0, top))
    return canvas


def _working_mode(source: Image.Image, profile: bytes) -> str:
    """The mode in which the colour profile is applied."""
    if source.has_transparency_data:
        return "RGBA"
    if source.mode == "CMYK":
        return "CMYK"
    return "L" if profile[16:20] == b"GRAY" and source.mode not in ("RGB", "P") else "RGB"


def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = "RGBA" if mode == "RGBA" else "RGB"
        return ImageCms.buildTransform(given, ImageCms.createProfile("sRGB"), mode, target)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        log.info("upload: colour profile ignored: %r", error)
        return None


def _eight_bit(strip: Image.Image) -> Image.Image:
    key = strip.info.get("transparency")
    if isinstance(key, tuple) and max(key) > 255:  # Pillow has halved the 16-bit pixels, but not the key
        strip.info["transparency"] = tuple(value >> 8 for value in key)
    if not strip.mode.startswith("I;16"):
        return strip
    if isinstance(key, int):
        strip.info["transparency"] = (key + 128) // 257
    return strip.point(lambda value: value * (1 / 257) + 0.5).convert("L")  # convert alone would clip at 255


def _converted(strip: Image.Image, mode: str, transform: ImageCms.ImageCmsTransform | None, ground: str) -> Image.Image:
    strip = strip if strip.mode == mode else strip.convert(mode)
    if transform:
        strip = ImageCms.applyTransform(strip, transform) or strip
    if mode == "RGBA":
        strip = Image.alpha_composite(Image.new("RGBA", strip.size, ground), strip)
    return strip if strip.mode == "RGB" else strip.convert("RGB")
