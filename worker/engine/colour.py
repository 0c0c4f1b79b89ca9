"""The kiln's fire, its colours: keep the photo's, match the style's to them, reduce the style's to a few.

Luminance is Y of YIQ, Rec. 601, on the gamma-coded values as they are: what Gatys et al. use, and Pillow for "L".
"""

from typing import Final

import numpy
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

Floats = NDArray[numpy.floating]

RIDGE: Final = 9.0
"""Squared grey levels added to the variance in every direction: three levels are the JPEG's noise, not a colour.
At 1 the blocks of a grey scan turn loud. It costs a painting's covariance less than half a percent."""


def match(style: Image.Image, content: Image.Image) -> Image.Image:
    """The RGB style with the photo's colours: its mean and covariance are the photo's, but for what is cut to 0..255.

    Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 5, colour histogram
    matching; of the linear maps that do it, the one that moves colours least (Pitié & Kokaram, "The linear
    Monge-Kantorovitch linear colour mapping for example-based colour transfer", CVMP 2007).
    A style without colours stays without: there is nothing to spread.
    """
    style_mean, style_covariance = _moments(style)
    content_mean, content_covariance = _moments(content)
    root, inverse = _power(style_covariance, 0.5), _power(style_covariance, -0.5)
    transport = inverse @ _power(root @ content_covariance @ root, 0.5) @ inverse  # (3, 3), symmetric
    rows = numpy.column_stack((transport, content_mean - transport @ style_mean))  # (3, 4), as Pillow wants them
    return style.convert("RGB").convert("RGB", tuple(rows.ravel().tolist()))


def _moments(image: Image.Image) -> tuple[Floats, Floats]:
    """Mean (3,) and covariance (3, 3) of the colours, the ridge added."""
    pixels = _thinned(image)  # (N, 3)
    mean = pixels.mean(axis=0)
    return mean, (pixels - mean).T @ (pixels - mean) / len(pixels) + RIDGE * numpy.eye(3)


def _thinned(image: Image.Image) -> Floats:
    """Colours (N, 3) of every so manieth pixel; averaging them instead would lose contrast and small loud spots."""
    step = -(-max(image.size) // 512)  # rounded up; more of them would change no colour
    return numpy.asarray(image.convert("RGB"))[::step, ::step].reshape(-1, 3).astype(numpy.float64)


def _power(matrix: Floats, exponent: float) -> Floats:
    """Of a symmetric, positive definite matrix."""
    values, vectors = numpy.linalg.eigh(matrix)
    result: Floats = (vectors * values**exponent) @ vectors.T
    return result


def reduce(style: Image.Image, colours: int) -> Image.Image:
    """The RGB style in at most `colours` (2 to 32) flat colours, of the same size, always the same ones.

    k-means in CIELAB, where a colour weighs by the square root of its area, so that small loud parts are not averaged
    away: Pillow's median cut and octree lose a red sun in a blue sky, and the yellow of a night's moon.
    A picture of so few colours comes back as it is.
    """
    style = style.convert("RGB")
    if style.getcolors(colours) is not None:
        return style
    palette = _palette(*_shades(style), colours=colours)  # (k, 3)
    # A table for every fourth level of a channel: a search for each pixel's nearest colour would take long.
    grid = numpy.moveaxis(numpy.indices((64, 64, 64)), 0, -1) * (255 / 63)  # (64, 64, 64, 3)
    table = palette.round().astype(numpy.uint8)[_nearest(_lab(grid), _lab(palette))]  # (64, 64, 64, 3)
    red, green, blue = numpy.moveaxis(numpy.asarray(style) >> 2, -1, 0)  # (H, W) each
    return Image.fromarray(table[red, green, blue])


def _shades(image: Image.Image) -> tuple[Floats, Floats]:
    """The picture's colours, those within 8 levels a channel as their mean (N, 3), and the area of each (N,)."""
    pixels = _thinned(image)
    _, cell, areas = numpy.unique((pixels // 8) @ (1024, 32, 1), return_inverse=True, return_counts=True)
    sums = [numpy.bincount(cell, weights=channel) for channel in pixels.T]
    return numpy.stack(sums, axis=-1) / areas[:, None], areas.astype(numpy.float64)


def _palette(shades: Floats, areas: Floats, *, colours: int) -> Floats:
    """At most `colours` RGB colours (k, 3) for the shades (N, 3) with their areas (N,)."""
    points, weights = _lab(shades), numpy.sqrt(areas)
    centres = _spread(points, weights, count=colours)
    for _ in range(20):  # after ten rounds of k-means the colours of paintings hardly move
        centres = _means(points, weights, groups=_nearest(points, centres))
    return _means(shades, areas, groups=_nearest(points, centres))  # true areas: each region's own mean


def _spread(points: Floats, weights: Floats, *, count: int) -> Floats:
    """Where k-means begins (k, 3): the heaviest point (N, 3), then each time the one worst served so far."""
    chosen = [int(weights.argmax())]
    distance = numpy.full(len(points), numpy.inf)
    while len(chosen) < count:
        distance = numpy.minimum(distance, numpy.square(points - points[chosen[-1]]).sum(axis=1))
        chosen.append(int((weights * distance).argmax()))
    return points[chosen]


def _means(points: Floats, weights: Floats, *, groups: NDArray[numpy.intp]) -> Floats:
    """Weighted mean (k, 3) of every group of points (N, 3) that has any."""
    members = [groups == group for group in numpy.unique(groups)]
    return numpy.stack([numpy.average(points[one], axis=0, weights=weights[one]) for one in members])


def _nearest(points: Floats, centres: Floats) -> NDArray[numpy.intp]:
    """Index (...) of the centre (k, 3) nearest to every point (..., 3)."""
    result: NDArray[numpy.intp] = (numpy.square(centres).sum(axis=1) - 2 * points @ centres.T).argmin(axis=-1)
    return result


def _lab(rgb: Floats) -> Floats:
    """CIELAB (..., 3) of sRGB (..., 3), 0 to 255: where distances are about as large as they look (CIE 15)."""
    coded = rgb / 255
    linear = numpy.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)  # IEC 61966-2-1
    to_xyz = numpy.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ (to_xyz / to_xyz.sum(axis=1, keepdims=True)).T  # white is (1, 1, 1)
    x, y, z = numpy.moveaxis(numpy.where(xyz > 216 / 24389, numpy.cbrt(xyz), (24389 / 27 * xyz + 16) / 116), -1, 0)
    return numpy.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=-1)


def grey(image: Image.Image) -> Image.Image:
    """The RGB picture of the luminance: three equal channels."""
    return image.convert("RGB").convert("L").convert("RGB")


def like_brightness(style_grey: Image.Image, content_grey: Image.Image) -> Image.Image:
    """The grey style with the mean and standard deviation of the grey photo's luminance; RGB, equal channels.

    Gatys et al. 2017, section 5, luminance-only transfer: sC / sS (L - mS) + mC, which is `match` for greys.
    """
    return grey(match(grey(style_grey), grey(content_grey)))


def with_colours_of(photo: Tensor, painted: Tensor) -> Tensor:
    """The luminance of `painted` with the chroma (I and Q) of `photo`: (1, 3, H, W), float32, 0 to 255, all three.

    Where the two together leave the range, the chroma shrinks towards grey until they fit: luminance and hue stay.
    """
    luminance = luminance_of(painted).clamp(0, 255)  # (1, 1, H, W)
    chroma = photo - luminance_of(photo)  # (1, 3, H, W); YIQ is linear: adding Y back to it gives Y with this I, Q
    room = (255 - luminance).where(chroma > 0, luminance)  # (1, 3, H, W), how far each channel may go
    fit = (room / chroma.abs().clamp(min=1e-6)).amin(1, keepdim=True).clamp(max=1)  # (1, 1, H, W)
    return (luminance + fit * chroma).clamp(0, 255)  # the clamp takes only what float32 rounds


def luminance_of(tensor: Tensor) -> Tensor:
    """Y of YIQ (1, 1, H, W) of an RGB picture (1, 3, H, W)."""
    weights = tensor.new_tensor((0.299, 0.587, 0.114)).view(1, 3, 1, 1)
    return (weights * tensor).sum(1, keepdim=True)  # (1, 1, H, W)
