"""What is painted: free photographs of the scikit-image wheel in styles drawn by our own code. Loads no PyTorch.

The styles are copies under benchmarks/styles/, so that a machine with nothing but the engine has them too;
`python -m benchmarks.draw_styles` makes them anew.
"""

import argparse
import importlib.util
import sys
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, ImageOps

STYLES: Final = Path(__file__).with_name("styles")
PHOTOS: Final[Mapping[str, str]] = {
    "astronaut": "astronaut.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "rocket": "rocket.jpg",
    "galaxies": "hubble_deep_field.jpg",
}
STAND_INS: Final[Mapping[str, str]] = {
    "astronaut": "cubist-guitar",
    "cat": "autumn-avenue",
    "coffee": "breaking-wave",
    "rocket": "windy-night",
    "galaxies": "golden-mosaic",
}
"""Drawings in the place of photographs, where scikit-image is not installed."""


class Pair(NamedTuple):
    """Names, or paths of pictures of one's own."""

    photo: str
    style: str

    def __str__(self) -> str:
        return f"{Path(self.photo).stem} × {Path(self.style).stem}"


PAIRS: Final = (
    Pair("coffee", "windy-night"),
    Pair("astronaut", "golden-mosaic"),
    Pair("rocket", "breaking-wave"),
    Pair("cat", "cubist-guitar"),
    Pair("galaxies", "marbled-paper"),
    Pair("coffee", "autumn-avenue"),
)


def add_pair(parser: argparse.ArgumentParser) -> None:
    """The options --photo and --style. Left out, both are None; `chosen` says what that means."""
    styles = ", ".join(sorted(path.stem for path in STYLES.glob("*.webp")))
    parser.add_argument("--photo", help=f"a path, or one of {', '.join(PHOTOS)}")
    parser.add_argument("--style", help=f"a path, or one of {styles}")


def chosen(options: argparse.Namespace, *, default: Pair = PAIRS[0]) -> Pair:
    """The pair that the options ask for."""
    return Pair(options.photo or default.photo, options.style or default.style)


def several(options: argparse.Namespace, count: int) -> tuple[Pair, ...]:
    """The first `count` pairs, or the one that the options ask for."""
    return (chosen(options),) if options.photo or options.style else PAIRS[:count]


def open_photo(name: str) -> Image.Image:
    """By name, or any picture by its path; RGB."""
    if name not in PHOTOS:
        return _opened(Path(name))
    package = importlib.util.find_spec("skimage")
    for folder in (package and package.submodule_search_locations) or ():
        if (path := Path(folder) / "data" / PHOTOS[name]).is_file():
            return _opened(path)
    print(f"scikit-image is not here: the drawing {STAND_INS[name]} instead of the photo {name}", file=sys.stderr)
    return open_style(STAND_INS[name])


def open_style(name: str) -> Image.Image:
    """By name, or any picture by its path; RGB."""
    stored = STYLES / f"{name}.webp"
    return _opened(stored if stored.is_file() else Path(name))


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def size(words: str) -> tuple[int, int]:
    """`512x384` -> (512, 384)."""
    width, _, height = words.partition("x")
    return int(width), int(height)


def to_side(image: Image.Image, side: int) -> Image.Image:
    """With a long side of exactly `side` px, enlarged if it must be."""
    scale = side / max(image.size)
    width, height = (round(length * scale) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def to_size(image: Image.Image, wanted: tuple[int, int]) -> Image.Image:
    """Its middle, of exactly the size `wanted`."""
    return ImageOps.fit(image, wanted, Image.Resampling.LANCZOS)


def to_area(style: Image.Image, pixels: int) -> Image.Image:
    """With about as many pixels as the painting, so that neither engine resizes it again."""
    scale = (pixels / (style.width * style.height)) ** 0.5
    width, height = round(style.width * scale), round(style.height * scale)
    for right, down in sorted(product(range(-4, 5), repeat=2), key=lambda shift: abs(shift[0]) + abs(shift[1])):
        found = width + right, height + down
        if ours_resizes(*found, pixels) == found == peer_resizes(*found, pixels):
            return style.resize(found, Image.Resampling.LANCZOS)
    raise ValueError(f"No size near {width} x {height} px is left alone by both engines.")


def ours_resizes(width: int, height: int, pixels: int) -> tuple[int, int]:
    """What worker.engine.schedule.style_size makes of a style of this size."""
    scale = max((pixels / (width * height)) ** 0.5, 32 / min(width, height))
    return round(width * scale), round(height * scale)


def peer_resizes(width: int, height: int, pixels: int) -> tuple[int, int]:
    """What pastiche.load_image(pixels=...) makes of it."""
    new_height = round((pixels * height / width) ** 0.5)
    return round((width / height) * new_height), new_height


def prepare(pair: Pair, side: int, folder: Path) -> tuple[Path, Path]:
    """Both pictures as PNG, at the size at which neither engine resizes them."""
    photo = to_side(open_photo(pair.photo), side)
    style = to_area(open_style(pair.style), photo.width * photo.height)
    folder.mkdir(parents=True, exist_ok=True)
    photo.save(folder / "photo.png")
    style.save(folder / "style.png")
    return (folder / "photo.png").resolve(), (folder / "style.png").resolve()
