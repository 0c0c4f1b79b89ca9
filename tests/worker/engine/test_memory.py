"""Too little memory: tiles by plan or after an error, the very same picture; an error when even those are too large."""

from typing import Any

import pytest
import torch

from tests.worker.engine import brush
from tests.worker.engine.brush import SHALLOW, Narrow, exact, network, nothing, paint, painted, tensor_of, values
from worker.engine import Settings, Style, TooLargeError, device, easel, weights
from worker.engine.easel import Easel
from worker.engine.objective import Objective
from worker.engine.regions import Region
from worker.engine.schedule import Level
from worker.engine.stylise import evaluate

SIZE = (160, 136)  # whole 21,760 px; four tiles with their margins 11,648 px, the smallest there are
ERRORS = [
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried to ..."),
    MemoryError(),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
]


def _objective(photo, painting) -> tuple[Narrow, Objective, torch.Tensor]:
    eye, target = Narrow.like(network()), tensor_of(photo, SIZE)
    region = Region(brush.statistics_of(tensor_of(painting), exact(**SHALLOW)))
    ours = Objective(eye, target, [region], exact(**SHALLOW), cores=brush.whole(target), pulse=nothing)
    return eye, ours, (target + 30 * brush.random(*target.shape, dtype=torch.float32)).clamp(0, 255)


@pytest.fixture
def narrow(monkeypatch) -> Narrow:
    """In place of the network, for whole paintings."""
    eye = Narrow.like(network())
    monkeypatch.setattr(weights, "network", lambda **_: eye)
    easel._styles.clear()
    return eye


@pytest.mark.parametrize("error", ERRORS)
def test_an_evaluation_that_runs_out_of_memory_is_done_in_tiles(photo, painting, error):
    eye, ours, picture = _objective(photo, painting)
    one = ours.evaluate(picture)
    eye.most, eye.error = 12_000, error
    cut = evaluate(ours, picture)
    assert len(ours.cores) == 4
    assert float((cut.gradient - one.gradient).norm() / one.gradient.norm()) < 1e-4
    assert float(cut.loss) == pytest.approx(float(one.loss), rel=1e-4)


def test_when_the_smallest_tiles_do_not_fit_the_painting_is_too_large(photo, painting):
    eye, ours, picture = _objective(photo, painting)
    eye.most = 10_000
    with pytest.raises(TooLargeError, match="not even in small tiles"):
        evaluate(ours, picture)


def test_other_errors_are_no_reason_for_tiles(photo, painting):
    eye, ours, picture = _objective(photo, painting)
    eye.most, eye.error = 12_000, RuntimeError("CUDA error: device-side assert triggered")
    with pytest.raises(RuntimeError, match="device-side"):
        evaluate(ours, picture)
    assert len(ours.cores) == 1


def test_tiles_are_halved_until_they_cannot_be(photo, painting):
    _, ours, _ = _objective(photo, painting)
    counts = []
    while ours.cut_smaller():
        counts.append(len(ours.cores))
    assert counts == [2, 4]  # 80 x 72 px: 64 px is the smallest side there is
    assert ours.cut_smaller() is False


@pytest.mark.parametrize("stroke_scale", ["fine", "broad"])
def test_a_painting_without_enough_memory_comes_out_at_its_size_all_the_same(photo, painting, narrow, stroke_scale):
    photo = photo.resize(SIZE)
    usual = painted(photo, painting, iterations=2, stroke_scale=stroke_scale, **SHALLOW)
    easel._styles.clear()
    narrow.most, narrow.widest = 14_000, 0
    step = painted(photo, painting, iterations=2, stroke_scale=stroke_scale, **SHALLOW)
    assert 0 < narrow.widest <= 14_000
    assert step.picture().size == SIZE
    assert abs(values(step.picture()) - values(usual.picture())).mean() < 1


def test_a_painting_that_fits_into_no_tiles_is_too_large(photo, painting, narrow):
    narrow.most = 5_000
    with pytest.raises(TooLargeError):
        paint(photo.resize(SIZE), painting, iterations=1, **SHALLOW)


def _cores(photo, painting, settings: Settings, size: tuple[int, int]) -> int:
    level = Level(*size, 1)
    surface = Easel(photo, [Style(painting)], settings, largest=level, pulse=nothing)
    return len(surface.objective(level, surface.photo(level)).cores)


@pytest.fixture(scope="module")
def small_memory() -> dict[str, Any]:
    """Many pictures of history leave, of a tenth of a gigabyte, nothing for the network."""
    layers = {"content_layers": {"conv2_1": 1.0}, "style_layers": {"conv1_1": 1.0, "conv2_1": 1.0}}
    return {"history": 100, "memory": 0.105, "iterations": 2, "stroke_scale": "fine", **layers}


def test_a_painting_that_may_take_little_memory_is_the_same_picture_in_tiles(photo, painting, small_memory):
    photo = photo.resize((200, 150))
    assert _cores(photo, painting, exact(**small_memory), (200, 150)) > 1
    assert _cores(photo, painting, exact(**small_memory | {"memory": 100}), (200, 150)) == 1
    given = small_memory | {"iterations": 1}  # from the second on, rounding makes steps of other lengths
    cut, one = (paint(photo, painting, **given | {"memory": memory}) for memory in (0.105, 100))
    assert cut[-1].picture().size == one[-1].picture().size == (200, 150)
    assert abs(values(cut[-1].picture()) - values(one[-1].picture())).mean() < 1
    assert [step.loss for step in cut] == pytest.approx([step.loss for step in one], rel=2e-3)


def test_without_a_limit_what_is_free_decides(photo, painting, monkeypatch):
    settings = exact(**SHALLOW)
    assert _cores(photo, painting, settings, (200, 150)) == 1
    monkeypatch.setattr(easel, "free_memory", lambda _: 80_000_000)
    assert _cores(photo, painting, settings, (200, 150)) > 1


def test_deeper_layers_take_more_memory():
    shallow, deep = (easel.response_bytes([layer], torch.float32) for layer in ("conv1_1", "conv5_1"))
    assert shallow == 64 * 4
    assert deep == (2 * 64 + 16 + 2 * 32 + 8 + 4 * 16 + 4 + 4 * 8 + 2 + 2) * 4
    assert easel.response_bytes(["conv5_1"], torch.bfloat16) == deep / 2


def test_free_memory_is_some_and_no_more_than_the_machine_has():
    assert 1 << 20 < device.free_memory(torch.device("cpu")) < 1 << 50
