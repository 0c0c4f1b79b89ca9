"""The painting itself, with the real weights on small pictures."""

import itertools
from collections.abc import Callable

import pytest
import torch
from PIL import Image

from worker import engine
from worker.engine import FlatResultError, Settings, SettingsError, Step
from worker.engine.objective import Evaluation, Objective


def _paint(photo: Image.Image, style: Image.Image, pulse: Callable[[], None] = lambda: None, **settings) -> list[Step]:
    return list(engine.stylise(photo, [(style, 1.0)], Settings(**settings), pulse=pulse))


@pytest.fixture
def wide(photo) -> Image.Image:
    """Large enough for a coarse level: 384 x 288 px."""
    return photo.resize((384, 288), Image.Resampling.BICUBIC)


def test_the_style_arrives_and_the_loss_falls_at_128_px(photo, painting):
    photo = photo.resize((128, 96))
    steps = _paint(photo, painting, iterations=15)
    assert steps[-1].loss < 0.1 * steps[0].loss  # steps[0] looks at the photo itself
    assert steps[-1].picture().size == (128, 96)


def test_the_sweep_alone_changes_a_picture_visibly(photo, painting):
    after_sweep = [step for step in _paint(photo, painting, iterations=1) if step.phase == "sweep"][-1]
    before, after = (torch.tensor(list(p.tobytes())).float() for p in (photo, after_sweep.picture()))
    assert float((after - before).abs().mean()) > 5


def test_the_same_seed_paints_the_same_picture(photo, painting):
    one, two, other = (_paint(photo, painting, iterations=2, seed=seed)[-1].picture() for seed in (7, 7, 8))
    assert one.tobytes() == two.tobytes()
    assert one.tobytes() != other.tobytes()


def test_a_short_run_is_the_beginning_of_a_long_one(photo, painting):
    short, long = _paint(photo, painting, iterations=3), _paint(photo, painting, iterations=6)
    assert [step.loss for step in short] == [step.loss for step in long[: len(short)]]
    assert short[-1].picture().tobytes() == long[len(short) - 1].picture().tobytes()


def test_more_iterations_never_raise_the_loss(photo, painting):
    losses = [step.loss for step in _paint(photo, painting, iterations=12) if step.iteration]
    assert all(later <= earlier for earlier, later in itertools.pairwise(losses))


def test_steps_count_up_to_the_whole(wide, painting):
    steps = _paint(wide, painting, iterations=3)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert fractions[-2] < 1.0
    assert [(step.phase, step.iteration) for step in steps[-4:]] == [
        ("sweep", 0), ("paint", 1), ("paint", 2), ("paint", 3)
    ]  # fmt: skip
    assert steps[0].picture().size == (192, 144)
    assert steps[-1].picture().size == (384, 288)


class Stop(Exception):
    pass


@pytest.mark.parametrize("layer", [1, 17, 35, 36, 60, 69, 70, 90])  # of targets, of the way there, of the way back
def test_what_a_pulse_raises_comes_out_before_the_next_layer(photo, painting, layer):
    stop, calls = Stop(), itertools.count(1)

    def pulse() -> None:
        if next(calls) == layer:
            raise stop

    with pytest.raises(Stop) as raised:
        _paint(photo, painting, pulse, iterations=1)
    assert raised.value is stop
    assert next(calls) == layer + 1  # and no layer was begun after it


@pytest.mark.parametrize(
    ("size", "max_side", "result"),
    [
        ((64, 64), 700, (64, 64)),
        ((97, 65), 700, (97, 65)),
        ((512, 64), 256, (256, 32)),
        ((64, 512), 300, (38, 300)),
        ((200, 150), 100, (100, 75)),
    ],
)
def test_any_shape_is_painted_at_its_size_and_never_enlarged(photo, painting, size, max_side, result):
    step = _paint(photo.resize(size), painting, iterations=1, max_side=max_side)[-1]
    assert step.picture().size == engine.fitted_size(size[0], size[1], max_side) == result
    assert (step.iteration, step.fraction) == (1, 1.0)


@pytest.mark.parametrize("mode", ["L", "1", "RGBA"])
def test_photos_of_other_kinds_are_painted(photo, painting, mode):
    assert _paint(photo.convert(mode), painting, iterations=1)[-1].picture().mode == "RGB"


@pytest.mark.parametrize("colour", ["black", "white", "navy"])
def test_a_style_of_one_colour_is_painted(photo, colour):
    steps = _paint(photo, Image.new("RGB", (50, 50), colour), iterations=2)
    assert steps[-1].loss <= steps[-2].loss


def test_a_narrow_style_is_painted(photo, painting):
    assert _paint(photo, painting.resize((300, 10)), iterations=1)


@pytest.mark.parametrize(
    "settings",
    [{"start": "noise"}, {"pooling": "average"}, {"brush_size": 2.0}, {"smoothness": 50}, {"precision": "float32"}],
)
def test_every_knob_changes_the_picture(photo, painting, settings):
    usual = _paint(photo, painting, iterations=1, precision="bfloat16")[-1].picture()
    other = _paint(photo, painting, iterations=1, **({"precision": "bfloat16"} | settings))[-1].picture()
    assert usual.tobytes() != other.tobytes()


def test_bfloat16_follows_float32(photo, painting):
    exact, quick = (_paint(photo, painting, iterations=8, precision=p)[-1].loss for p in ("float32", "bfloat16"))
    assert quick == pytest.approx(exact, rel=0.3)


def test_weights_of_styles_are_shares(photo, painting):
    other = painting.rotate(90).convert("L").convert("RGB")

    def result(*weights: float) -> bytes:
        styles = zip((painting, other), weights, strict=True)
        return list(engine.stylise(photo, list(styles), Settings(iterations=1)))[-1].picture().tobytes()

    assert result(1, 1) == result(2, 2)
    assert result(1, 0) == _paint(photo, painting, iterations=1)[-1].picture().tobytes()
    assert result(1, 1) not in (result(1, 0), result(0, 1))


@pytest.mark.parametrize(
    ("weights", "words"),
    [([], "At least one style"), ([0.0], "At least one style"), ([1.0, -1.0], "from 0"), ([float("nan")], "from 0")],
)
def test_styles_without_a_sound_weight_are_refused_at_once(photo, painting, weights, words):
    with pytest.raises(SettingsError, match=words):
        engine.stylise(photo, [(painting, weight) for weight in weights], Settings())


def test_a_sliver_is_refused_at_once(photo, painting):
    with pytest.raises(SettingsError, match="100 x 10 px is too narrow"):
        engine.stylise(photo.resize((1000, 100)), [(painting, 1.0)], Settings(max_side=100))


def test_a_device_this_machine_lacks_is_refused_at_once(photo, painting):
    with pytest.raises(SettingsError, match="'cuda:99' cannot be used"):
        engine.stylise(photo, [(painting, 1.0)], Settings(device="cuda:99"))


def test_a_flat_result_is_not_sold():
    grey = Image.new("RGB", (64, 64), "grey")
    with pytest.raises(FlatResultError, match="one flat colour"):
        _paint(grey, grey, iterations=1)


def test_a_loss_that_is_not_a_number_is_not_sold(photo, painting, monkeypatch):
    def broken(_: Objective, picture: torch.Tensor, *, surrogate: bool) -> Evaluation:
        return Evaluation(float("nan"), float("nan"), picture * float("nan"))

    monkeypatch.setattr(Objective, "evaluate", broken)
    with pytest.raises(FlatResultError, match="not a number"):
        _paint(photo, painting, iterations=1)
