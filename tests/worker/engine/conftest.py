"""What the engine's tests stand on: two small pictures, and nothing of the house."""

import numpy
import pytest
import torch
from PIL import Image

# Threads that wait for each other on a busy machine cost more than they give on pictures this small.
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _own_ground() -> None:
    """In place of the house's: the engine needs no database, no Redis and no folders."""


@pytest.fixture(scope="session")
def photo() -> Image.Image:
    """A bright disc on a dark slope, 96 x 72 px."""
    down, right = numpy.mgrid[0:72, 0:96].astype(float)
    disc = (down - 36) ** 2 + (right - 48) ** 2 < 20**2
    return _picture(0.8 * right + 60 * disc, down + 120 * disc, 90 + 0 * down)


@pytest.fixture(scope="session")
def painting() -> Image.Image:
    """Coloured waves, 80 x 80 px."""
    down, right = numpy.mgrid[0:80, 0:80].astype(float)
    wave = numpy.sin(down / 3 + 2 * numpy.sin(right / 9))
    return _picture(128 + 100 * wave, 120 + 60 * wave, 200 - 50 * wave)


@pytest.fixture(scope="session")
def checks() -> Image.Image:
    """Red and yellow squares, 80 x 80 px: as unlike the waves as can be."""
    down, right = numpy.mgrid[0:80, 0:80]
    square = ((down // 8 + right // 8) % 2).astype(float)
    return _picture(220 - 40 * square, 30 + 150 * square, 20 + 0 * square)


def _picture(*channels: numpy.ndarray) -> Image.Image:
    return Image.fromarray(numpy.stack(channels, axis=-1).clip(0, 255).astype("uint8"))
