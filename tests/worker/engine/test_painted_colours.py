"""The colours of a painting: the style's, the photo's, matched, or few."""

import numpy
import pytest
import torch
from PIL import Image

from tests.worker.engine.brush import SHALLOW, exact, nothing, painted, tensor_of, values
from worker.engine import Step, Style
from worker.engine.easel import Easel
from worker.engine.schedule import Level

TO_YIQ = numpy.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])


@pytest.fixture(scope="module")
def muted(photo) -> Image.Image:
    """Colours so mild that any brightness leaves room for them."""
    return Image.blend(photo, Image.new("RGB", photo.size, (110, 120, 130)), 0.7)


@pytest.fixture(scope="module")
def results(muted, painting) -> dict[str, Step]:
    names = ("style", "photo", "match", "palette")
    return {name: painted(muted, painting, colours=name, palette=2, iterations=10, **SHALLOW) for name in names}


def _chroma(picture: Image.Image) -> numpy.ndarray:
    return (values(picture) @ TO_YIQ.T)[..., 1:]


def _room(picture: Image.Image) -> numpy.ndarray:
    return (values(picture).min(axis=-1) > 2) & (values(picture).max(axis=-1) < 253)


def test_the_chroma_is_the_photos_where_there_is_room_for_it(results, muted):
    result, room = results["photo"].picture(), _room(results["photo"].picture())
    assert room.mean() > 0.5
    assert abs(_chroma(result) - _chroma(muted))[room].max() < 1.5
    assert abs(_chroma(results["style"].picture()) - _chroma(muted))[room].mean() > 10


def test_the_brightness_is_painted_all_the_same(results, muted):
    luminance, before = (values(one) @ TO_YIQ[0] for one in (results["photo"].picture(), muted))
    assert abs(luminance - before).mean() > 8


def test_every_step_shows_the_photos_colours(muted, painting):
    surface = Easel(muted, [Style(painting)], exact(colours="photo"), largest=Level(96, 72, 1), pulse=nothing)
    whole, half = (surface.colours(level) for level in (Level(96, 72, 1), Level(48, 36, 1)))
    assert whole is not None and half is not None
    assert torch.equal(whole, tensor_of(muted))
    grey = surface.photo(Level(48, 36, 1))
    assert float((grey - grey.mean(1, keepdim=True)).abs().max()) < 1e-3
    assert half.shape == grey.shape


@pytest.mark.parametrize("colours", ["style", "match", "palette"])
def test_otherwise_nothing_is_put_back(muted, painting, colours):
    surface = Easel(muted, [Style(painting)], exact(colours=colours), largest=Level(96, 72, 1), pulse=nothing)
    assert surface.colours(Level(96, 72, 1)) is None


def test_matched_colours_are_distributed_as_the_photos(results, muted):
    mean, spread = values(muted).mean(axis=(0, 1)), values(muted).std(axis=(0, 1))
    matched, style = (values(results[name].picture()) for name in ("match", "style"))
    assert abs(matched.mean(axis=(0, 1)) - mean).max() < 0.5 * abs(style.mean(axis=(0, 1)) - mean).max()
    assert abs(matched.std(axis=(0, 1)) - spread).max() < abs(style.std(axis=(0, 1)) - spread).max()


@pytest.mark.parametrize("palette", [2, 5])
def test_a_palette_reduces_the_style_that_is_looked_at(photo, painting, palette):
    settings = exact(colours="palette", palette=palette)
    surface = Easel(photo, [Style(painting)], settings, largest=Level(96, 72, 1), pulse=nothing)
    assert len(set(surface.styles[0].image.get_flattened_data())) == palette


def test_all_four_are_different_pictures(results):
    assert len({step.picture().tobytes() for step in results.values()}) == 4


@pytest.mark.parametrize("colours", ["style", "photo", "match", "palette"])
def test_a_grey_photo_is_painted_with_any_colours(photo, painting, colours):
    grey = painted(photo.convert("L"), painting, colours=colours, iterations=2, **SHALLOW).picture()
    colourful = abs(values(grey) - values(grey).mean(axis=-1, keepdims=True)).mean()
    assert colourful > 10 if colours in ("style", "palette") else colourful < 8  # grain has some
