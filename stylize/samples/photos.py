"""THE BENCH: free photographs from the scikit-image wheel, and the style that each is painted in."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image


class PhotosMissing(Exception):
    """scikit-image is not installed, or its wheel no longer carries the photograph."""


@dataclass(frozen=True)
class Photo:
    """`path` raises PhotosMissing; `credit` names the author and the licence, as scikit-image documents them."""

    slug: str
    title: str | Promise
    credit: str
    path: Callable[[], Path]


def _bundled(name: str) -> Path:
    spec = importlib.util.find_spec("skimage")
    for folder in (spec and spec.submodule_search_locations) or ():
        if (path := Path(folder) / "data" / name).is_file():
            return path
    raise PhotosMissing(f"{name} was not found: install the sample photographs with pip install 'ostagram[samples]'.")


# Each licence is stated in the docstring of the picture's function in skimage/data/_fetchers.py. The motorcycle of the
# Middlebury benchmark is left out: no licence is stated for it.
PHOTOS: tuple[Photo, ...] = (
    Photo("astronaut", _("Astronaut Eileen Collins"), "NASA, Great Images database (public domain)",
          partial(_bundled, "astronaut.png")),
    Photo("cat", _("Chelsea the cat"), "Stéfan van der Walt (CC0)", partial(_bundled, "chelsea.png")),
    Photo("coffee", _("A cup of coffee"), "Rachel Michetti, courtesy of Pikolo Espresso Bar (CC0)",
          partial(_bundled, "coffee.png")),
    Photo("rocket", _("Rocket at night"), "SpaceX (public domain)", partial(_bundled, "rocket.jpg")),
)  # fmt: skip


class Pair(NamedTuple):
    """One sample painting: the slugs of its photograph and of its style."""

    photo: str
    style: str


TIER = "free"

# In the order of the gallery: neighbours share neither photograph nor manner, and the eye meets a face first.
PAIRS: tuple[Pair, ...] = (
    Pair("cat", "windy-night"),
    Pair("astronaut", "marbled-paper"),
    Pair("rocket", "breaking-wave"),
    Pair("coffee", "cubist-guitar"),
    Pair("cat", "watercolour-poppies"),
    Pair("astronaut", "golden-tree"),
    Pair("rocket", "ink-mountains"),
    Pair("coffee", "autumn-avenue"),
    Pair("rocket", "golden-mosaic"),
    Pair("cat", "leaded-window"),
    Pair("astronaut", "carved-sunrise"),
    Pair("coffee", "river-in-dots"),
)


def open_photo(slug: str) -> Image.Image:
    """The photograph as RGB; KeyError if there is none of that name, PhotosMissing if its file is not installed."""
    with Image.open({photo.slug: photo.path for photo in PHOTOS}[slug]()) as image:
        return image.convert("RGB")
