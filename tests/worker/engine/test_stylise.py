"""The painting itself, with the real weights on small pictures."""

import itertools
from importlib import import_module

import numpy
import pytest
import torch
from PIL import Image

from tests.worker.engine.brush import SHALLOW, correlation, exact, network, nothing, paint, painted, psnr, values
from worker import engine
from worker.engine import FlatResultError, Settings, SettingsError, Step, Style, images
from worker.engine.objective import Evaluation, Objective

ONCE = {"iterations": 1, **SHALLOW}


@pytest.fixture(scope="module")
def steps(photo, painting) -> list[tuple[Step, float, Image.Image]]:
    """Of a painting of 12 iterations: every step, its loss and its picture then."""
    run = engine.stylise(photo, [Style(painting)], exact(iterations=12))
    return [(step, step.loss, step.picture()) for step in run]


@pytest.fixture(scope="module")
def wide(photo, painting) -> list[tuple[str, int, float, tuple[int, int]]]:
    """Of a painting large enough for a coarse level, 192 x 144 px: every step in short."""
    photo = photo.resize((192, 144), Image.Resampling.BICUBIC)
    run = engine.stylise(photo, [Style(painting)], exact(iterations=3, stroke_scale="broad", **SHALLOW))
    return [(step.phase, step.iteration, step.fraction, step.picture().size) for step in run]


def test_the_style_arrives_and_the_loss_falls(steps, photo):
    (_, first, _), (last, _, _) = steps[0], steps[-1]
    assert last.loss < 0.5 * first  # the first is a look at the photo itself
    assert last.picture().size == photo.size


def test_the_sweep_alone_changes_a_picture_visibly(steps, photo):
    after_sweep = [picture for step, _, picture in steps if step.phase == "sweep"][-1]
    assert abs(values(after_sweep) - values(photo)).mean() > 5


def test_more_iterations_never_raise_the_loss(steps):
    losses = [loss for step, loss, _ in steps if step.iteration]
    assert len(losses) == 12
    assert all(later <= earlier for earlier, later in itertools.pairwise(losses))
    assert losses[-1] < losses[0]


def test_a_short_run_is_the_beginning_of_a_long_one(steps, photo, painting):
    short = list(engine.stylise(photo, [Style(painting)], exact(iterations=3)))
    _, loss, picture = steps[len(short) - 1]
    assert short[-1].loss == loss
    assert short[-1].picture().tobytes() == picture.tobytes()


def test_the_same_seed_paints_the_same_picture(photo, painting):
    one, two, other = (painted(photo, painting, seed=seed, **ONCE).picture().tobytes() for seed in (7, 7, 8))
    assert one == two != other


def test_a_steps_loss_stays_what_it_was(steps):
    assert [step.loss for step, _, _ in steps] == [loss for _, loss, _ in steps]


def test_a_steps_picture_is_its_tensor_within_the_range_of_colours(steps):
    last = steps[-1][0]
    assert last.tensor.shape == (1, 3, 72, 96)
    assert float(last.tensor.min()) >= 0 and float(last.tensor.max()) <= 255
    assert last.picture().tobytes() == images.to_picture(last.tensor).tobytes()


def test_steps_count_up_to_the_whole(wide):
    fractions = [fraction for _, _, fraction, _ in wide]
    assert fractions == sorted(fractions)
    assert fractions[0] > 0
    assert fractions[-2] < fractions[-1] == 1.0
    assert [(phase, iteration) for phase, iteration, _, _ in wide[-4:]] == [
        ("sweep", 0), ("paint", 1), ("paint", 2), ("paint", 3)
    ]  # fmt: skip


def test_the_sweep_goes_from_coarse_to_fine(wide):
    assert [size for phase, _, _, size in wide if phase == "sweep"] == [(96, 72)] * 4 + [(192, 144)] * 5
    assert wide[-1][3] == (192, 144)


class Stop(Exception):
    pass


@pytest.mark.parametrize("layer", [1, 5, 8, 12, 20, 24, 30, 130])  # of style, photo, the way there, the way back, ...
def test_what_a_pulse_raises_comes_out_before_the_next_layer(photo, painting, layer):
    stop, calls = Stop(), itertools.count(1)

    def pulse() -> None:
        if next(calls) == layer:
            raise stop

    with pytest.raises(Stop) as raised:
        paint(photo, painting, pulse=pulse, iterations=100, **SHALLOW)
    assert raised.value is stop
    assert next(calls) == layer + 1  # and no layer was begun after it


def test_painting_begins_at_the_first_step_and_not_before(photo, painting):
    pulses: list[int] = []
    run = engine.stylise(photo, [Style(painting)], exact(**ONCE), pulse=lambda: pulses.append(1))
    assert not pulses
    next(run)
    assert pulses


@pytest.mark.parametrize(
    ("size", "max_side", "result"),
    [
        ((64, 64), 700, (64, 64)),
        ((97, 65), 700, (97, 65)),
        ((512, 64), 160, (160, 20)),
        ((64, 512), 200, (25, 200)),
        ((136, 17), 700, (136, 17)),
        ((200, 150), 75, (75, 56)),
        ((16, 16), 700, (16, 16)),
    ],
)
def test_any_shape_is_painted_at_its_size_and_never_enlarged(photo, painting, size, max_side, result):
    step = painted(photo.resize(size), painting, iterations=1, max_side=max_side)
    assert step.picture().size == engine.fitted_size(size[0], size[1], max_side) == result
    assert (step.iteration, step.fraction) == (1, 1.0)
    assert bool(step.tensor.isfinite().all())


@pytest.mark.parametrize("mode", ["L", "1", "RGBA", "P"])
def test_photos_of_other_kinds_are_painted(photo, painting, mode):
    assert painted(photo.convert(mode), painting, **ONCE).picture().mode == "RGB"


def test_the_photo_in_its_own_style_stays_the_photo(photo):
    step = painted(photo, photo, iterations=10)
    assert psnr(step.picture(), photo) > 25  # grain, and patches at the edge
    assert correlation(step.picture(), photo) > 0.93


def test_a_sliver_is_refused_at_once(photo, painting):
    with pytest.raises(SettingsError, match="100 x 10 px is too narrow"):
        engine.stylise(photo.resize((1000, 100)), [Style(painting)], Settings(max_side=100))


def test_a_flat_result_is_not_sold():
    grey = Image.new("RGB", (64, 64), "grey")
    with pytest.raises(FlatResultError, match="one flat colour"):
        paint(grey, grey, iterations=1)


def test_control_unchecked_it_would_be(monkeypatch):
    monkeypatch.setattr(import_module("worker.engine.stylise"), "check", lambda optimiser: None)
    grey = Image.new("RGB", (64, 64), "grey")
    sold = painted(grey, grey, iterations=1).picture()
    assert images.is_flat(images.to_tensor(sold, sold.size, device=torch.device("cpu")))


@pytest.mark.parametrize("look", [1, 3, 6])
@pytest.mark.parametrize("ever_after", [True, False])
def test_a_loss_that_is_not_a_number_is_never_the_pictures(photo, painting, monkeypatch, look, ever_after):
    evaluate, looks = Objective.evaluate, itertools.count(1)

    def broken(self, picture, *, surrogate=False):
        answer, number = evaluate(self, picture, surrogate=surrogate), next(looks)
        if number != look and not (ever_after and number > look):
            return answer
        nan = torch.tensor(float("nan"))
        return Evaluation(nan, nan, picture * nan, nan)

    monkeypatch.setattr(Objective, "evaluate", broken)
    if ever_after or look == 6:  # the last of the sweep is the first of the true objective
        with pytest.raises(FlatResultError, match="not a number"):
            paint(photo, painting, iterations=2, **SHALLOW)
    else:
        assert numpy.isfinite(painted(photo, painting, iterations=2, **SHALLOW).loss)


def test_the_network_is_loaded_once_and_kept():
    engine.warm_up(exact())
    kept = network()
    engine.warm_up(exact(strength=3.0))
    assert network() is kept
    nothing()
