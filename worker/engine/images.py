"""The kiln's fire, its doors: pictures from files, pictures to tensors, tensors back to pictures."""

import io
from pathlib import Path
from typing import Final

import numpy
import torch
from PIL import Image, ImageCms, ImageOps
from torch import Tensor
from torch.nn import functional

from worker.engine.errors import PictureError

FLAT: Final = 3.0
"""Grey levels of standard deviation under which a picture is one flat colour."""


def open_picture(path: Path) -> Image.Image:
    """The picture in a file: upright, in sRGB, without transparency. Raises PictureError."""
    try:
        with Image.open(path) as image:
            return to_rgb(ImageOps.exif_transpose(image))
    except FileNotFoundError as error:
        raise PictureError(f"{path}: no such file.") from error
    except Exception as error:  # Pillow raises SyntaxError, IndexError and more on broken files
        reason = error.strerror if isinstance(error, OSError) else None
        raise PictureError(f"{path}: {reason or 'not a picture that can be read'}.") from error


def to_rgb(image: Image.Image) -> Image.Image:
    """8-bit sRGB: 16-bit grey scaled, transparency laid on white, colours through the embedded profile."""
    if image.mode.startswith("I"):
        grey = numpy.asarray(image, dtype=numpy.float64) / 257  # 65535 -> 255
        image = Image.fromarray(grey.round().clip(0, 255).astype("uint8"))
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if profile:
        image = _to_srgb(image, profile)
    return image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, srgb, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError):  # a broken profile, or of another mode: better plain than refused
        return image


def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """RGB, resampled to `size` (width, height) in px where that is not its size already."""
    image = image.convert("RGB")
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def to_tensor(image: Image.Image, size: tuple[int, int], *, device: torch.device) -> Tensor:
    """(1, 3, H, W), float32, RGB, 0 to 255, resampled to `size` (width, height) in px."""
    array = numpy.asarray(resized(image, size), dtype=numpy.float32)  # (H, W, 3)
    return torch.from_numpy(array).permute(2, 0, 1)[None].contiguous().to(device)


def to_mask(image: Image.Image, size: tuple[int, int], *, device: torch.device) -> Tensor:
    """(1, 1, H, W), float32, 0 (black) to 1 (white), stretched to `size` (width, height) in px."""
    grey = image.convert("L").resize(size, Image.Resampling.BILINEAR)
    return torch.from_numpy(numpy.array(grey, dtype=numpy.float32) / 255)[None, None].to(device)


def to_picture(tensor: Tensor) -> Image.Image:
    """The RGB picture of (1, 3, H, W), 0 to 255, rounded to 8 bits."""
    values = tensor[0].permute(1, 2, 0).round().clamp(0, 255).to("cpu", torch.uint8)  # (H, W, 3)
    return Image.fromarray(values.numpy())


def is_flat(tensor: Tensor) -> bool:
    """Whether a picture (1, 3, H, W) shows nothing: no numbers, or every colour the same all over."""
    broad = functional.avg_pool2d(tensor, 4, ceil_mode=True)  # so that mere grain counts as flat
    return not bool(tensor.isfinite().all()) or float(broad.std(dim=(2, 3)).max()) < FLAT
