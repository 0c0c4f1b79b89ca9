"""The print master: the size asked for, and still the picture that was liked."""

import itertools

import numpy
import pytest
from PIL import Image

from tests.worker.engine.brush import SHALLOW, correlation, exact, painted, values
from worker import engine
from worker.engine import FlatResultError, SettingsError, Step, Style, colour
from worker.engine.easel import Easel
from worker.engine.schedule import Level

SIZE = (150, 112)


@pytest.fixture(scope="module")
def finished(photo, painting) -> Image.Image:
    """64 x 48 px."""
    return painted(photo, painting, max_side=64, iterations=40, **SHALLOW).picture()


@pytest.fixture(scope="module")
def steps(photo, painting, finished) -> list[tuple[Step, float, Image.Image]]:
    run = engine.enlarge(finished, photo, [Style(painting)], exact(**SHALLOW), size=SIZE)
    return [(step, step.loss, step.picture()) for step in run]


def test_a_print_has_the_size_asked_for(steps):
    assert steps[-1][2].size == SIZE


def test_scaled_down_a_print_is_the_finished_picture(steps, finished):
    print_ = steps[-1][2]
    assert correlation(print_.resize(finished.size, Image.Resampling.BOX), finished) > 0.85


def test_a_print_is_more_than_a_picture_enlarged(steps, finished):
    enlarged = finished.resize(SIZE, Image.Resampling.BICUBIC)
    sharpness = [abs(numpy.diff(values(one), axis=1)).mean() for one in (steps[-1][2], enlarged)]
    assert sharpness[0] > 1.1 * sharpness[1]


def test_a_print_goes_level_by_level_and_the_loss_falls_on_each(steps):
    sizes = [picture.size for _, _, picture in steps]
    assert sizes == [(75, 56)] * 20 + [SIZE] * 10
    for _, level in itertools.groupby(steps, key=lambda one: one[2].size):
        losses = [loss for _, loss, _ in level]
        assert losses[-1] < losses[0]
        assert losses == sorted(losses, reverse=True)


def test_steps_of_a_print_count_up_to_the_whole(steps):
    fractions = [step.fraction for step, _, _ in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert [step.iteration for step, _, _ in steps] == list(range(1, 31))
    assert {(step.iterations, step.phase) for step, _, _ in steps} == {(30, "paint")}


def test_a_print_in_the_photos_colours_has_them(photo, painting):
    grey = painted(photo, painting, colours="photo", max_side=64, iterations=3, **SHALLOW).picture()
    settings = exact(colours="photo", **SHALLOW)
    run = engine.enlarge(grey, photo, [Style(painting)], settings, size=(100, 75))
    chroma = [values(one) - values(one).mean(axis=-1, keepdims=True) for one in (list(run)[-1].picture(), photo)]
    wanted = values(photo.resize((100, 75)))
    wanted = wanted - wanted.mean(axis=-1, keepdims=True)
    assert numpy.corrcoef(chroma[0].ravel(), wanted.ravel())[0, 1] > 0.9


def test_only_the_brightness_of_a_picture_in_the_photos_colours_is_painted_on(photo, painting, finished):
    def first(picture: Image.Image) -> float:
        settings = exact(colours="photo", **SHALLOW)
        return next(iter(engine.enlarge(picture, photo, [Style(painting)], settings, size=(100, 75)))).loss

    assert first(finished) == first(colour.grey(finished))


def test_a_small_style_is_not_enlarged_for_a_print(photo, painting):
    for enlarge_styles, size in ((False, (80, 80)), (True, (173, 173))):
        surface = Easel(
            photo, [Style(painting)], exact(), largest=Level(200, 150, 1), enlarge_styles=enlarge_styles, pulse=print
        )
        assert surface.styles[0].image.size == size


def test_iterations_and_longest_side_do_not_matter_to_a_print(photo, painting, finished):
    settings = exact(iterations=1, max_side=64, start="noise", **SHALLOW)
    run = list(engine.enlarge(finished, photo, [Style(painting)], settings, size=(100, 75)))
    assert len(run) == 10
    assert run[-1].picture().size == (100, 75)


def test_a_print_cannot_be_kept_for_later(steps):
    with pytest.raises(SettingsError):
        steps[-1][0].checkpoint()


def test_what_a_pulse_raises_comes_out(photo, painting, finished):
    def pulse() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        list(engine.enlarge(finished, photo, [Style(painting)], exact(), size=SIZE, pulse=pulse))


def test_a_flat_print_is_not_sold():
    grey = Image.new("RGB", (64, 64), "grey")
    with pytest.raises(FlatResultError, match="one flat colour"):
        list(engine.enlarge(grey, grey, [Style(grey)], exact(**SHALLOW), size=(64, 64)))


def test_a_size_too_narrow_is_refused_at_once(photo, painting, finished):
    with pytest.raises(SettingsError, match="100 x 8 px is too narrow"):
        engine.enlarge(finished, photo, [Style(painting)], exact(), size=(100, 8))
