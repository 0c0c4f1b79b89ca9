"""Every knob of the settings changes the painting."""

import dataclasses
from typing import Any

import pytest
import torch
from PIL import Image

from tests.worker.engine.brush import SHALLOW, exact, network, nothing, painted
from worker import engine
from worker.engine import Settings, SettingsError, Step, Style, WeightsError, weights
from worker.engine.easel import Easel
from worker.engine.objective import Objective
from worker.engine.schedule import Level
from worker.engine.settings import STYLE_LAYERS
from worker.engine.tiles import Box

KNOBS: list[dict[str, Any]] = [
    {"seed": 5},
    {"strength": 0.01},
    {"brush_size": 2.0},
    {"smoothness": 60},
    {"content_layers": {"conv2_2": 1.0}},
    {"content_layers": {"conv4_2": 50.0}},
    {"style_layers": {"conv1_1": 1.0}},
    {"style_layers": {"conv1_1": 1.0, "conv2_1": 1.0, "conv3_1": 1.0, "conv4_1": 1.0, "conv5_1": 20.0}},
    {"statistics": "mean"},
    {"colours": "photo"},
    {"colours": "match"},
    {"colours": "palette"},
    {"colours": "palette", "palette": 2},
    {"pooling": "average"},
    {"start": "noise"},
    {"start": "style"},
    {"precision": "bfloat16"},
    {"history": 1},
    {"max_side": 64},
    {"iterations": 2},
]


@pytest.fixture(scope="module")
def small(photo) -> Image.Image:
    return photo.resize((66, 50))


@pytest.fixture(scope="module")
def usual(small, painting) -> Step:
    return painted(small, painting, iterations=1)


@pytest.fixture(scope="module")
def seen() -> set[bytes]:
    return set()


@pytest.mark.parametrize("knob", KNOBS)
def test_every_knob_changes_the_picture(small, painting, usual, seen, knob):
    other = painted(small, painting, **({"iterations": 1} | knob)).picture().tobytes()
    assert other != usual.picture().tobytes()
    assert other not in seen  # nor do two do the same
    seen.add(other)


def test_every_field_is_turned_here_or_where_it_has_a_place_of_its_own():
    elsewhere = {"stroke_scale", "device", "weights", "memory"}
    assert {name for knob in KNOBS for name in knob} | elsewhere == {one.name for one in dataclasses.fields(Settings)}


@pytest.mark.parametrize(("stroke_scale", "first"), [("fine", 800), ("medium", 400), ("broad", 100)])
def test_a_broader_stroke_scale_begins_coarser(photo, painting, stroke_scale, first):
    settings = exact(stroke_scale=stroke_scale, max_side=800, **SHALLOW)
    step = next(iter(engine.stylise(photo.resize((800, 600)), [Style(painting)], settings)))
    assert step.picture().width == first


def test_more_strength_leaves_less_of_the_photo(small, painting):
    mild, strong = (painted(small, painting, iterations=8, strength=one) for one in (0.001, 1000))
    judge = _judge(small, painting)
    assert float(judge.evaluate(mild.tensor).content) < 0.95 * float(judge.evaluate(strong.tensor).content)


def test_more_smoothness_leaves_less_grain(small, painting):
    def grain(smoothness: float) -> float:
        step = painted(small, painting, iterations=8, strength=0.001, smoothness=smoothness)
        return float(step.tensor.diff(dim=3).abs().mean())

    assert grain(100) < 0.8 * grain(0)


def test_a_layer_of_no_weight_is_no_layer(small, painting, usual):
    layers = {"style_layers": dict(STYLE_LAYERS) | {"conv5_4": 0.0}, "content_layers": {"conv4_2": 1.0, "conv1_1": 0.0}}
    assert painted(small, painting, iterations=1, **layers).picture().tobytes() == usual.picture().tobytes()


def test_the_weights_asked_for_are_those_looked_for(small, painting, monkeypatch):
    def missing() -> None:
        raise WeightsError("torchvision's, please")

    monkeypatch.setattr(weights, "_torchvision", missing)
    with pytest.raises(WeightsError, match="please"):
        painted(small, painting, weights="torchvision")
    with pytest.raises(WeightsError, match="please"):
        engine.warm_up(exact(weights="torchvision"))


def test_a_device_this_machine_lacks_is_refused_at_once(photo, painting):
    with pytest.raises(SettingsError, match="'cuda:99' cannot be used"):
        engine.stylise(photo, [Style(painting)], Settings(device="cuda:99"))
    with pytest.raises(SettingsError, match="'cuda:99' cannot be used"):
        engine.warm_up(Settings(device="cuda:99"))


def test_bfloat16_paints_as_well_as_float32(photo, painting):
    """After 100 iterations of the same paintings, judged in float32."""
    photo, mild = photo.resize((64, 48)), Image.blend(painting, Image.new("RGB", painting.size, "grey"), 0.6)
    judge, losses = _judge(photo, mild, strength=0.03), []
    for precision in ("float32", "bfloat16"):
        runs = [painted(photo, mild, iterations=100, strength=0.03, precision=precision, seed=seed) for seed in (1, 2)]
        losses.append(sum(float(judge.evaluate(run.tensor).loss) for run in runs))
    assert losses[1] == pytest.approx(losses[0], rel=0.03)


def _judge(photo: Image.Image, painting: Image.Image, **settings: Any) -> Objective:
    level = Level(*photo.size, 1)
    surface = Easel(photo, [Style(painting)], exact(**settings), largest=level, pulse=nothing)
    ours = surface.objective(level, surface.photo(level))
    assert ours.network.dtype == network().dtype == torch.float32
    assert ours.cores == [Box(0, photo.height, 0, photo.width)]
    return ours
