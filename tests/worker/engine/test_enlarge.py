"""The print master: the size asked for, and still the picture that was liked."""

import importlib
import itertools
from typing import Any

import numpy
import pytest
from PIL import Image
from torch.nn.functional import cosine_similarity

from benchmarks.similarity import apart, ssim
from tests.worker.engine.brush import SHALLOW, correlation, exact, nothing, painted, values
from worker import engine
from worker.engine import FlatResultError, SettingsError, Step, Style, colour, schedule
from worker.engine.easel import Easel
from worker.engine.schedule import Level
from worker.engine.tiles import Box

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


def test_a_print_has_the_colours_that_were_liked_everywhere(steps, finished, photo, painting, monkeypatch):
    monkeypatch.setattr(importlib.import_module("worker.engine.enlarge"), "HELD", 0.0)
    *_, free = engine.enlarge(finished, photo, [Style(painting)], exact(**SHALLOW), size=SIZE)
    held, drifted = (apart(one.resize(finished.size), finished, blur=4) for one in (steps[-1][2], free.picture()))
    assert held < 4 and drifted > 3 * held


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


@pytest.fixture(scope="module")
def kept(photo, painting, finished) -> dict[int, dict[str, Any]]:
    """Light checkpoints by evaluation."""
    run = engine.enlarge(finished, photo, [Style(painting)], exact(**SHALLOW), size=SIZE)
    return {step.iteration: step.checkpoint(light=True) for step in run}


def resumed(photo, painting, finished, checkpoint, **given) -> list[tuple[int, float, tuple[int, int], float]]:
    asked = {"size": SIZE, "resume": checkpoint} | given
    run = engine.enlarge(finished, photo, [Style(painting)], exact(**SHALLOW), **asked)
    return [(step.iteration, step.fraction, step.picture().size, step.loss) for step in run]


@pytest.mark.parametrize("number", [7, 25])
def test_a_print_goes_on_where_it_stopped_and_its_loss_only_falls(photo, painting, finished, steps, kept, number):
    again = resumed(photo, painting, finished, kept[number])
    assert [one[0] for one in again] == list(range(number + 1, 31))
    assert [one[1:3] for one in again] == [(step.fraction, picture.size) for step, _, picture in steps[number:]]
    assert again[0][3] <= steps[number - 1][1] * 1.0005
    on_last = [loss for *_, size, loss in again if size == SIZE]
    assert on_last == sorted(on_last, reverse=True)
    assert on_last[-1] < 1.25 * steps[-1][1], "no level's work was lost, only what was learnt about the last one"


def test_stopped_between_two_sizes_it_ends_as_if_it_had_not_stopped(photo, painting, finished, steps, kept):
    again = resumed(photo, painting, finished, kept[20])
    assert [one[3] for one in again] == pytest.approx([loss for _, loss, _ in steps[20:]], rel=5e-3)


def test_a_print_that_was_done_is_there_at_once(photo, painting, finished, steps, kept):
    (last,) = resumed(photo, painting, finished, kept[30])
    assert last[:3] == (30, 1.0, SIZE)
    assert last[3] == pytest.approx(steps[-1][1], rel=1e-3)


def test_a_print_is_kept_lightly_or_not_at_all(steps, kept):
    assert kept[30]["point"].element_size() * kept[30]["point"].numel() == 6 * SIZE[0] * SIZE[1]
    with pytest.raises(SettingsError, match="a print only lightly"):
        steps[-1][0].checkpoint()


@pytest.mark.parametrize(
    "change", [{"size": (120, 90)}, {"resume": {"iteration": 3}}, {"part": (0, 0, 40, 40)}], ids=str
)
def test_a_checkpoint_of_another_print_is_refused_in_words(photo, painting, finished, kept, change):
    with pytest.raises(SettingsError, match="belongs to another painting"):
        resumed(photo, painting, finished, kept[30] | {"iteration": 5}, **change)


LARGE, PART = (600, 450), (232, 150, 360, 278)


@pytest.fixture(scope="module")
def begun(photo, painting) -> tuple[Image.Image, Image.Image]:
    """A photo of 300 x 225 px, and what was painted of it."""
    seen = photo.resize((300, 225), Image.Resampling.BICUBIC)
    return seen, painted(seen, painting, max_side=300, iterations=10, **SHALLOW).picture()


def test_a_part_moves_as_the_whole_does(painting, begun):
    seen, finished = begun
    whole, part = (
        list(engine.enlarge(finished, seen, [Style(painting)], exact(**SHALLOW), size=LARGE, part=box))[-1].picture()
        for box in (None, PART)
    )
    assert part.size == (128, 128)
    beside = whole.crop((PART[0] + 3, PART[1] + 3, PART[2] + 3, PART[3] + 3))
    assert ssim(part, whole.crop(PART)) > 0.99 > ssim(part, beside)


def test_a_part_is_pulled_as_the_whole_is_there(painting, begun):
    """A flat disc among waves is the hardest: for itself it would want all of the style, the whole has it elsewhere."""
    seen, finished = begun
    whole, box = Level(*LARGE, 1), Box(top=150, bottom=278, left=232, right=360)
    (level,) = schedule.part_levels([whole], box, margin=32)  # as far as these layers see
    surface = Easel(seen, [Style(painting)], exact(**SHALLOW), largest=whole, enlarge_styles=False, pulse=nothing)

    def pull(level: Level, drift: Any = None) -> Any:
        begins = surface.stretched(finished, level)
        gradient = surface.objective(level, surface.photo(level), drift).evaluate(begins).gradient
        return box.cut(gradient, origin=level.part).ravel()

    wanted, drift = pull(whole), surface.drift(level, finished)
    told, untold = (float(cosine_similarity(pull(level, known), wanted, dim=0)) for known in (drift, None))
    assert told > 0.9999 > untold


def test_a_part_that_is_everything_is_the_print(photo, painting, finished, steps):
    run = engine.enlarge(finished, photo, [Style(painting)], exact(**SHALLOW), size=SIZE, part=(0, 0, *SIZE))
    assert list(run)[-1].picture().tobytes() == steps[-1][2].tobytes()


def test_a_part_beyond_the_print_is_refused_at_once(photo, painting, finished):
    with pytest.raises(SettingsError, match="does not lie within 150 x 112 px"):
        engine.enlarge(finished, photo, [Style(painting)], exact(), size=SIZE, part=(100, 0, 160, 60))


def test_a_part_in_the_photos_colours_under_a_mask(photo, painting):
    """Everything that is laid over the picture is cut with it."""
    grey = painted(photo, painting, colours="photo", max_side=64, iterations=2, **SHALLOW).picture()
    mask = Image.new("L", photo.size, 255)
    run = engine.enlarge(
        grey, photo, [Style(painting, region=mask)], exact(colours="photo", **SHALLOW), size=(200, 150),
        part=(60, 40, 120, 90), protect=Image.new("L", photo.size, 0),
    )  # fmt: skip
    assert list(run)[-1].picture().size == (60, 50)


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
