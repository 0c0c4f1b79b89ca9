"""THE BENCH: what every sample drawing is made on: grids, noise, palettes, light on relief, paper and blur."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage, spatial  # type: ignore[import-untyped]

Grid = npt.NDArray[np.floating]  # (h, w) fields and (h, w, 3) colours in 0..1; y grows downwards
Labels = npt.NDArray[np.integer]  # (h, w): the number of the piece that each pixel belongs to
Size = tuple[int, int]  # (width, height), as in Pillow


def grids(size: Size) -> tuple[Grid, Grid]:
    """x and y of every pixel centre, in units of the picture's height."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (x + 0.5) / height, (y + 0.5) / height


def noise(size: Size, cell: float, rng: np.random.Generator, *, octaves: int = 4, stretch: float = 1.0) -> Grid:
    """Fractal noise, about 0..1; `cell` is the largest feature in px, `stretch` > 1 draws it out along x."""
    total, weight = np.zeros((size[1], size[0]), np.float32), 0.0
    for octave in range(octaves):
        amount, step = 0.5**octave, max(cell / 2**octave, 1.0)
        columns, rows = int(size[0] / (step * stretch)) + 3, int(size[1] / step) + 3
        coarse = Image.fromarray(rng.random((rows, columns), np.float32))
        total += amount * np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), np.float32)
        weight += amount
    return np.asarray(np.clip((total / weight - 0.5) * 1.6 + 0.5, 0, 1), np.float32)


def colours(*codes: str) -> Grid:
    """Hex codes such as "1d3f72" as rows of RGB in 0..1."""
    return np.array([[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes], np.float32)


def ramp(position: Grid, palette: Grid) -> Grid:
    """The palette as a continuous scale: 0 is its first colour, 1 its last; adds a last axis of 3."""
    stops = np.linspace(0, 1, len(palette))
    channels = [np.interp(position, stops, palette[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def smoothstep(low: float, high: float, value: Grid) -> Grid:
    """0 below `low`, 1 above `high`, smooth between; low > high turns it round."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def lay(below: Grid, above: Grid, cover: Grid) -> Grid:
    """Opaque paint: `above` (a colour or a picture) over `below` where cover is 1."""
    return below + (above - below) * cover[..., None]


def glaze(below: Grid, pigment: Grid, density: Grid) -> Grid:
    """Transparent paint: light passes the pigment twice (Beer-Lambert); density 1 gives the pigment on white."""
    return (below * np.power(np.maximum(pigment, 0.004), density[..., None])).astype(np.float32)


def blur(field: Grid, radius: float) -> Grid:
    """Gaussian blur over the two picture axes; radius (sigma) in px."""
    sigma = (radius, radius, 0) if field.ndim == 3 else radius
    return np.asarray(ndimage.gaussian_filter(field, sigma, mode="nearest"), np.float32)


def distance(mask: npt.NDArray[np.bool_]) -> Grid:
    """Distance in px from each pixel to the nearest pixel outside the mask."""
    return np.asarray(ndimage.distance_transform_edt(mask), np.float32)


def bend(field: Grid, right: Grid, down: Grid) -> Grid:
    """The field as seen through moving glass: each pixel is fetched from (right, down) px away."""
    rows, columns = np.mgrid[0 : field.shape[0], 0 : field.shape[1]]
    return np.asarray(
        ndimage.map_coordinates(field, [rows + down, columns + right], order=1, mode="nearest"), np.float32
    )


def nearest(points: npt.NDArray[np.floating], size: Size, *, count: int = 1) -> npt.NDArray[np.intp]:
    """Index of the nearest `count` points (x, y in px) for every pixel: (h, w) or (h, w, count)."""
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
    _, found = spatial.cKDTree(points).query(pixels, k=count)
    shape = (size[1], size[0]) if count == 1 else (size[1], size[0], count)
    return np.asarray(found, np.intp).reshape(shape)


def borders(labels: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """True where a region touches another one to its right or below."""
    edge = np.zeros(labels.shape, bool)
    edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edge[:-1] |= labels[:-1] != labels[1:]
    return edge


def relief(picture: Grid, height: Grid, strength: float, *, shine: float = 0.0) -> Grid:
    """The picture lit from the upper left as if `height` (px) stood out of the canvas."""
    slope_y, slope_x = np.gradient(height)
    slope = (slope_x + slope_y) * 0.7071 * strength
    light = np.asarray(np.clip(1 + slope, 0.35, 1.8))[..., None]
    gloss = np.asarray(shine * np.clip(slope - 0.25, 0, 1))[..., None]
    return np.asarray(np.clip(picture * light + gloss, 0, 1), np.float32)


def paper(size: Size, rng: np.random.Generator, *, grain: float = 0.05, fibre: float = 1.0) -> Grid:
    """A sheet's unevenness around 1: multiply a picture (h, w) with it."""
    fine = noise(size, 2.5, rng, octaves=1, stretch=fibre)
    coarse = noise(size, 40, rng, octaves=3, stretch=fibre)
    return (1 + grain * (fine - 0.5) + 0.5 * grain * (coarse - 0.5)).astype(np.float32)


def picture(array: Grid) -> Image.Image:
    """An (h, w, 3) array in 0..1 as an RGB image."""
    return Image.fromarray((np.clip(array, 0, 1) * 255 + 0.5).astype(np.uint8))


def array(image: Image.Image) -> Grid:
    """A Pillow image as an array in 0..1."""
    return np.asarray(image, np.float32) / 255


def code(colour: Sequence[float] | Grid) -> tuple[int, int, int]:
    """A colour in 0..1 as Pillow's ImageDraw wants it."""
    red, green, blue = (int(min(max(float(channel), 0), 1) * 255 + 0.5) for channel in colour)
    return red, green, blue
