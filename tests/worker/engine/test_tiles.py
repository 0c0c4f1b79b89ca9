"""Pictures beyond memory: the plan of the tiles, and that they add up to exactly the whole."""

import itertools

import pytest
import torch
from torch import Tensor

from tests.worker.engine.brush import SHALLOW, distance, exact, network, nothing, random, tensor_of, whole
from worker.engine import Settings, objective, tiles
from worker.engine.objective import Objective, style_statistics
from worker.engine.regions import Region
from worker.engine.settings import STYLE_LAYERS, Pulse
from worker.engine.tiles import Box

WIDE, STRIP = (217, 151), (470, 37)  # px, width and height; no multiples of 16


def _regions(size: tuple[int, int], settings: Settings, *styles: Tensor) -> list[Region]:
    if len(styles) == 1:
        return [Region(_statistics(styles[0], settings, whole(styles[0])))]
    blob = torch.linspace(-1, 1, size[0]).square() + torch.linspace(-1, 1, size[1]).square()[:, None]
    masks = [blob.clamp(0, 1)[None, None], (1 - blob).clamp(0, 1)[None, None]]
    return [Region(_statistics(style, settings, whole(style)), mask) for style, mask in zip(styles, masks, strict=True)]


def _statistics(style: Tensor, settings: Settings, cores: list[Box]) -> dict[str, Tensor]:
    return style_statistics(network(pooling=settings.pooling), style, settings, cores=cores, pulse=nothing)


def _objective(photo, styles, settings: Settings, *, size, cut: bool, pulse: Pulse = nothing) -> Objective:
    target, margin = tensor_of(photo, size), 2 * tiles.reach([*settings.content_layers, *settings.style_layers])
    cores = tiles.plan(size[1], size[0], most_pixels=1 if cut else 1e9, margin=margin)
    regions = _regions(size, settings, *(tensor_of(style) for style in styles))
    return Objective(network(pooling=settings.pooling), target, regions, settings, cores=cores, pulse=pulse)


def _picture(photo, size) -> Tensor:
    target = tensor_of(photo, size)
    return (target + 30 * random(*target.shape, dtype=torch.float32)).clamp(0, 255)


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("statistics", ["gram", "mean"])
@pytest.mark.parametrize("pooling", ["max", "average"])
def test_tiled_and_untiled_agree(photo, painting, checks, several, statistics, pooling):
    settings = exact(statistics=statistics, pooling=pooling, **SHALLOW)
    styles = [painting, checks] if several else [painting]
    cut, one = (_objective(photo, styles, settings, size=WIDE, cut=cut) for cut in (True, False))
    assert (len(cut.cores), len(one.cores)) == (6, 1)
    tiled, untiled = (ours.evaluate(_picture(photo, WIDE)) for ours in (cut, one))
    assert _apart(tiled.gradient, untiled.gradient) < 1e-4
    for name in ("loss", "value", "content"):
        assert float(getattr(tiled, name)) == pytest.approx(float(getattr(untiled, name)), rel=1e-4)


@pytest.mark.parametrize("surrogate", [False, True])
def test_tiled_and_untiled_agree_down_to_the_deepest_usual_layer(photo, painting, surrogate):
    cut, one = (_objective(photo, [painting], exact(), size=STRIP, cut=cut) for cut in (True, False))
    assert len(cut.cores) == 7
    tiled, untiled = (ours.evaluate(_picture(photo, STRIP), surrogate=surrogate) for ours in (cut, one))
    assert _apart(tiled.gradient, untiled.gradient) < 1e-4 if not surrogate else 1e-3  # eigenvectors tell more apart
    assert float(tiled.value) == pytest.approx(float(untiled.value), rel=1e-4)


def test_tiles_with_too_small_a_margin_would_not_agree(photo, painting, monkeypatch):
    cut, one = (_objective(photo, [painting], exact(**SHALLOW), size=WIDE, cut=cut) for cut in (True, False))
    monkeypatch.setattr(objective, "reach", lambda _: 0)
    picture = _picture(photo, WIDE)
    assert _apart(cut.evaluate(picture).gradient, one.evaluate(picture).gradient) > 1e-2


def test_a_styles_statistics_are_the_same_in_tiles(painting):
    style, settings = tensor_of(painting, (217, 150)), exact(**SHALLOW)
    cores = tiles.plan(150, 217, most_pixels=1, margin=64)
    assert len(cores) == 6
    assert distance(_statistics(style, settings, cores), _statistics(style, settings, whole(style))) < 1e-5


def test_a_pulse_precedes_every_layer_of_every_tile(photo, painting):
    pulses: list[int] = []
    settings = exact(content_layers={"conv2_1": 1.0}, style_layers={"conv3_1": 1.0})  # 7 layers
    ours = _objective(photo, [painting], settings, size=WIDE, cut=True, pulse=lambda: pulses.append(1))
    assert len(pulses) == 6 * 4  # the photo, as far as its content is wanted
    pulses.clear()
    ours.evaluate(_picture(photo, WIDE))
    assert len(pulses) == 6 * 7 * 3  # for the statistics, there again, and back


class Stop(Exception):
    pass


@pytest.mark.parametrize("call", [1, 41, 43, 50, 126])
def test_what_a_pulse_raises_comes_out_of_a_tile(photo, painting, call):
    calls, stop, begun = itertools.count(1), Stop(), list[bool]()

    def pulse() -> None:
        if begun and next(calls) == call:
            raise stop

    settings = exact(content_layers={"conv2_1": 1.0}, style_layers={"conv3_1": 1.0})
    ours = _objective(photo, [painting], settings, size=WIDE, cut=True, pulse=pulse)
    begun.append(True)
    with pytest.raises(Stop) as raised:
        ours.evaluate(_picture(photo, WIDE))
    assert raised.value is stop
    assert next(calls) == call + 1


@pytest.mark.parametrize(
    ("layer", "reach"), [("conv1_1", 16), ("conv2_1", 16), ("conv3_1", 16), ("conv4_2", 48), ("conv5_1", 80)]
)
def test_the_reach_of_a_layer_is_half_its_receptive_field(layer, reach):
    assert tiles.reach(["conv1_1", layer]) == reach


def test_a_pixel_acts_no_further_than_the_reach():
    side, place = 400, 200
    picture = torch.full((1, 3, 16, side), 120.0)
    other = picture.clone()
    other[..., place] = 255.0
    for layer in STYLE_LAYERS:
        one, two = (network().look(p, [layer], pulse=nothing)[layer] for p in (picture, other))
        changed = (one != two).any(1).any(1)[0].nonzero().flatten() * tiles.stride(layer)
        assert int(changed.min()) >= place - tiles.reach([layer])
        assert int(changed.max()) + tiles.stride(layer) <= place + tiles.reach([layer]) + tiles.stride(layer)


@pytest.mark.parametrize(
    ("size", "most", "cores"),
    [
        ((300, 200), 60_000, 1),
        ((300, 200), 59_999, 2),
        ((1000, 700), 300_000, 3),
        ((64, 10_000), 50_000, 15),
        ((127, 127), 1, 1),
        ((300, 200), 1, 12),
        ((300, 200), -5e9, 12),
    ],
)
def test_a_picture_is_cut_into_as_few_tiles_as_memory_allows(size, most, cores):
    assert len(tiles.plan(size[1], size[0], most_pixels=most, margin=32)) == cores


@pytest.mark.parametrize("size", [(300, 200), (1001, 777), (129, 128), (64, 401)])
@pytest.mark.parametrize("most", [1, 21_000, 90_000])
def test_cores_cover_every_pixel_once_on_the_grid(size, most):
    cores = tiles.plan(size[1], size[0], most_pixels=most, margin=32)
    covered = torch.zeros(1, 1, size[1], size[0])
    for core in cores:
        core.cut(covered).add_(1)
        assert core.top % tiles.GRID == core.left % tiles.GRID == 0
        assert min(core.bottom - core.top, core.right - core.left) >= tiles.GRID
    assert bool((covered == 1).all())
    largest = max(core.grown(32, size[1], size[0]).pixels for core in cores)
    assert largest <= most or most == 1


def test_a_part_of_responses_is_cut_where_its_pixels_are():
    responses = torch.arange(8).view(1, 1, 1, 8).expand(1, 1, 8, 8)
    box, origin = Box(16, 48, 32, 61), Box(0, 128, 16, 144)
    assert box.cut(responses, stride=4, origin=origin)[0, 0, 0].tolist() == [4, 5, 6, 7]
    assert box.cut(responses, stride=8)[0, 0].shape == (4, 3)
