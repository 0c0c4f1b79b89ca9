"""Where a painting begins: the photo, noise, the style, or a picture of one's own."""

import numpy
import pytest
import torch
from PIL import Image

from tests.worker.engine.brush import SHALLOW, correlation, exact, paint, painted, tensor_of, values
from worker import engine
from worker.engine import SettingsError, Step, Style


def _first(photo, painting, **settings) -> Step:
    """Looked at before it has moved: where it began."""
    return next(iter(engine.stylise(photo, [Style(painting)], exact(**SHALLOW | settings))))


def test_a_start_from_the_photo_is_the_photo_with_a_little_grain(photo, painting):
    first = _first(photo, painting, strength=0.001)  # almost no ground
    grain = first.tensor - tensor_of(photo)
    assert correlation(first.picture(), photo) > 0.97
    inner = (tensor_of(photo) > 40) & (tensor_of(photo) < 215)  # where nothing is cut
    assert float(grain[inner].std()) == pytest.approx(8, rel=0.05)


def test_a_start_from_noise_knows_nothing_of_the_photo(photo, painting):
    first = _first(photo, painting, start="noise")
    assert abs(correlation(first.picture(), photo)) < 0.03
    assert float(first.tensor.mean()) == pytest.approx(127.5, abs=2)
    assert float(first.tensor.std()) == pytest.approx(40, rel=0.05)


def test_a_start_from_the_style_is_the_style_that_fills_the_picture(photo, painting):
    first = _first(photo, painting, start="style")
    middle = painting.crop((0, 10, 80, 70)).resize((96, 72), Image.Resampling.LANCZOS)
    assert correlation(first.picture(), middle) > 0.9
    assert abs(correlation(first.picture(), photo)) < 0.5


@pytest.mark.parametrize("start", ["content", "noise", "style"])
def test_grain_is_the_seeds(photo, painting, start):
    one, same, other = (_first(photo, painting, start=start, seed=seed).tensor for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_start_from_noise_goes_on_from_level_to_level(photo, painting):
    steps = engine.stylise(
        photo.resize((192, 144)), [Style(painting)], exact(start="noise", stroke_scale="broad", **SHALLOW)
    )
    before = after = None
    for step in steps:
        picture = step.picture()
        if picture.size == (192, 144):
            after = picture
            break
        before = picture
    assert before is not None and after is not None
    assert correlation(before.resize((192, 144), Image.Resampling.BICUBIC), after) > 0.75


def test_from_level_to_level_the_photos_edges_stay_sharp(painting):
    threads = numpy.tile(numpy.array([60, 190], dtype="uint8"), (144, 96))  # lines of 1 px, which no half shows
    settings = exact(stroke_scale="broad", **SHALLOW)
    steps = engine.stylise(Image.fromarray(threads), [Style(painting)], settings)
    finer = next(step.picture() for step in steps if step.picture().width == 192)
    across = numpy.diff(values(finer), axis=1) * numpy.where(numpy.arange(191) % 2, -1, 1)[:, None]
    assert across.mean() > 40


def test_from_a_picture_there_is_no_sweep(photo, painting):
    steps = paint(photo, painting, start="picture", begin=painting, iterations=3, **SHALLOW)
    assert [(step.phase, step.iteration) for step in steps] == [("paint", 1), ("paint", 2), ("paint", 3)]
    assert [step.fraction for step in steps] == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_a_picture_to_begin_with_is_where_it_begins(photo, painting, checks):
    from_one, from_other = (
        painted(photo, painting, start="picture", begin=begin, iterations=1, **SHALLOW).picture()
        for begin in (photo, checks)
    )
    assert correlation(from_one, photo) > 0.9
    filling = checks.crop((0, 10, 80, 70)).resize((96, 72))
    assert correlation(from_other, filling) > correlation(from_one, filling) + 0.3


@pytest.mark.parametrize("colours", ["style", "photo", "match"])
def test_going_on_from_its_own_result_does_not_raise_the_loss(photo, painting, colours):
    finished = painted(photo, painting, colours=colours, iterations=10, **SHALLOW)
    loss, picture = finished.loss, finished.picture()
    further = paint(photo, painting, colours=colours, start="picture", begin=picture, iterations=4, **SHALLOW)
    assert further[-1].loss <= 1.01 * loss  # rounded to 8 bits in between
    assert abs(values(further[-1].picture()) - values(picture)).mean() < 20


@pytest.mark.parametrize(("start", "given"), [("picture", False), ("content", True), ("noise", True)])
def test_a_picture_to_begin_with_and_the_setting_belong_together(photo, painting, start, given):
    with pytest.raises(SettingsError, match="belong together"):
        engine.stylise(photo, [Style(painting)], exact(start=start), begin=photo if given else None)
