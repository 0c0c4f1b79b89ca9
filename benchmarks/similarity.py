"""How alike two pictures look, and whether one shows anything everywhere. NumPy alone."""

from typing import Final

import numpy
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Floats = NDArray[numpy.float64]

RADIUS, SIGMA = 5, 1.5
"""px; the window of 11 x 11 px and its standard deviation."""
SMALL: Final = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)
"""C1 and C2, which keep dark and flat windows from dividing by nothing."""


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Structural similarity of the luminance of two pictures of one size, at most 1: the mean over all windows.

    Wang, Bovik, Sheikh & Simoncelli, "Image quality assessment: from error visibility to structural similarity",
    IEEE Transactions on Image Processing, 2004, Eq. 13, with its Gaussian window and its constants.
    """
    x, y = _luminance(one), _luminance(other)  # (H, W)
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x, variance_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    c1, c2 = SMALL
    likeness = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    return float((likeness / ((mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2))).mean())


def _luminance(image: Image.Image) -> Floats:
    return numpy.asarray(image.convert("L"), dtype=numpy.float64)


def _blurred(values: Floats) -> Floats:
    """Weighted means over all windows that lie inside (H - 10, W - 10)."""
    weights = numpy.exp(-0.5 * (numpy.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        length = values.shape[axis] - 2 * RADIUS
        shifted = (numpy.take(values, range(start, start + length), axis) for start in range(2 * RADIUS + 1))
        values = numpy.stack([weight * part for weight, part in zip(weights, shifted, strict=True)]).sum(0)
    return values


def flattest(image: Image.Image, tile: int) -> float:
    """Grey levels of standard deviation, of that tile of `tile` px where they are least."""
    luminance = numpy.asarray(image.convert("L"))
    height, width = luminance.shape
    return min(
        float(luminance[top : top + tile, left : left + tile].std())
        for top in range(0, max(1, height - tile + 1), tile)
        for left in range(0, max(1, width - tile + 1), tile)
    )


def apart(one: Image.Image, other: Image.Image, blur: float) -> float:
    """Grey levels that two pictures of one size differ by on average, seen through a Gaussian blur of so many px."""
    seen = [
        numpy.asarray(picture.convert("RGB").filter(ImageFilter.GaussianBlur(blur)), float) for picture in (one, other)
    ]
    return float(numpy.abs(seen[0] - seen[1]).mean())
