"""Stopped and gone on with: as if it had never stopped."""

import io
from typing import Any

import pytest
import torch
from PIL import Image

from tests.worker.engine.brush import SHALLOW, exact, paint, values
from worker import engine
from worker.engine import SettingsError, Step, Style
from worker.engine.stylise import FIRST_STEP

Seen = list[tuple[int, float, bytes]]


def _seen(steps) -> Seen:
    """Looked at one by one, for the picture goes on in its place."""
    return [(step.iteration, step.loss, step.tensor.numpy().tobytes()) for step in steps if step.phase == "paint"]


def _stored(checkpoint: dict[str, Any]) -> dict[str, Any]:
    file = io.BytesIO()
    torch.save(checkpoint, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.fixture(scope="module")
def uninterrupted(photo, painting) -> Seen:
    return _seen(engine.stylise(photo, [Style(painting)], exact(iterations=16, history=4, **SHALLOW)))


@pytest.fixture(scope="module")
def checkpoints(photo, painting) -> dict[int, dict[str, Any]]:
    """Of a painting of only 9 iterations."""
    run = engine.stylise(photo, [Style(painting)], exact(iterations=9, history=4, **SHALLOW))
    return {step.iteration: step.checkpoint() for step in run if step.phase == "paint"}


@pytest.mark.parametrize("iteration", [1, 5, 9])
@pytest.mark.parametrize("kept", ["in memory", "in a file"])
def test_a_resumed_painting_is_bit_for_bit_the_uninterrupted_one(
    photo, painting, uninterrupted, checkpoints, iteration, kept
):
    checkpoint = checkpoints[iteration] if kept == "in memory" else _stored(checkpoints[iteration])
    settings = exact(iterations=16, history=4, **SHALLOW)
    steps = engine.stylise(photo, [Style(painting)], settings, resume=checkpoint)
    assert _seen(steps) == uninterrupted[iteration:]


def test_a_checkpoint_serves_twice(photo, painting, uninterrupted, checkpoints):
    settings = exact(iterations=9, history=4, **SHALLOW)
    once, twice = (_seen(engine.stylise(photo, [Style(painting)], settings, resume=checkpoints[5])) for _ in range(2))
    assert once == twice == uninterrupted[5:9]


def test_a_resumed_painting_counts_on_to_the_whole(photo, painting, checkpoints):
    steps = paint(photo, painting, iterations=8, history=4, resume=checkpoints[5], **SHALLOW)
    assert [step.iteration for step in steps] == [6, 7, 8]
    assert steps[0].fraction < steps[1].fraction < steps[2].fraction == 1.0


@pytest.mark.parametrize("colours", ["photo", "match"])
def test_colours_come_back_too(photo, painting, colours):
    settings = {"iterations": 4, "colours": colours, **SHALLOW}
    run = engine.stylise(photo, [Style(painting)], exact(**settings))
    kept: dict[str, Any] = {}
    last: Step | None = None
    for last in run:
        kept = last.checkpoint() if last.iteration == 2 else kept
    assert last is not None
    again = paint(photo, painting, resume=kept, **settings)[-1]
    assert again.picture().tobytes() == last.picture().tobytes()


def test_a_painting_under_protection_goes_on_under_it(photo, painting):
    mask = Image.new("L", photo.size, 0)
    mask.paste(255, (0, 0, 48, 72))
    settings = {"iterations": 3, "protect": mask, **SHALLOW}
    kept = paint(photo, painting, **settings | {"iterations": 1})[-1].checkpoint()
    result = paint(photo, painting, resume=kept, **settings)[-1].picture()
    assert (values(result)[:, :48] == values(photo)[:, :48]).all()


@pytest.mark.parametrize("other", [{"max_side": 64}, {"history": 5}])
def test_a_checkpoint_of_another_painting_is_refused_in_words(photo, painting, checkpoints, other):
    settings = {"iterations": 16, "history": 4} | other
    with pytest.raises(SettingsError, match="belongs to another painting"):
        engine.stylise(photo, [Style(painting)], exact(**settings, **SHALLOW), resume=checkpoints[5])


def test_a_checkpoint_with_no_more_than_one_pair_is_refused_all_the_same(photo, painting):
    kept = paint(photo, painting, iterations=1, history=1, **SHALLOW)[-1].checkpoint()
    with pytest.raises(SettingsError, match="belongs to another painting"):
        engine.stylise(photo, [Style(painting)], exact(iterations=2, history=5, **SHALLOW), resume=kept)


def test_a_finished_painting_resumed_is_there_at_once(photo, painting, uninterrupted, checkpoints):
    settings = exact(iterations=9, history=4, **SHALLOW)
    assert _seen(engine.stylise(photo, [Style(painting)], settings, resume=checkpoints[9])) == uninterrupted[8:9]


@pytest.mark.parametrize("missing", ["optimiser", "iteration"])
def test_a_checkpoint_that_is_none_is_refused_in_words(photo, painting, checkpoints, missing):
    broken = {name: value for name, value in checkpoints[5].items() if name != missing}
    with pytest.raises(SettingsError, match="belongs to another painting"):
        engine.stylise(photo, [Style(painting)], exact(iterations=16, history=4, **SHALLOW), resume=broken)


def test_in_the_sweep_there_is_nothing_to_keep(photo, painting):
    step = next(iter(engine.stylise(photo, [Style(painting)], exact(**SHALLOW))))
    with pytest.raises(SettingsError, match="once its sweep is over"):
        step.checkpoint()


def test_a_checkpoint_is_as_small_as_it_says(checkpoints, photo):
    values_ = sum(one.numel() * one.element_size() for one in checkpoints[5]["optimiser"].values())
    assert values_ / (photo.width * photo.height) < 12 * (2 * 4 + 8)


@pytest.fixture(scope="module")
def light(photo, painting) -> tuple[dict[str, Any], float]:
    """A light checkpoint after 8 iterations, and the loss there."""
    last = paint(photo, painting, iterations=8, history=4, **SHALLOW)[-1]
    return _stored(last.checkpoint(light=True)), last.loss


def test_a_light_checkpoint_goes_on_where_the_loss_was_and_falls(photo, painting, light):
    checkpoint, loss = light
    steps = paint(photo, painting, iterations=16, history=4, resume=checkpoint, **SHALLOW)
    losses = [step.loss for step in steps]
    assert [step.iteration for step in steps] == list(range(9, 17))
    assert losses[0] <= loss * 1.0005  # not one iteration is lost on a step as long as the very first
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.98 * loss


def test_without_its_stride_a_light_checkpoint_would_stand_still_at_first(photo, painting, light):
    """The control: what the length of the last step is kept for."""
    checkpoint, _loss = light
    longest = FIRST_STEP / 2
    first, without = (
        paint(photo, painting, iterations=10, history=4, resume=checkpoint | {"stride": stride}, **SHALLOW)[-1].loss
        for stride in (checkpoint["stride"], longest)
    )
    assert checkpoint["stride"] < longest
    assert first < without


def test_a_light_checkpoint_is_six_bytes_a_pixel(photo, light):
    point = light[0]["point"]
    assert point.numel() * point.element_size() == 6 * photo.width * photo.height


def test_a_light_checkpoint_of_another_size_is_refused_in_words(photo, painting, light):
    with pytest.raises(SettingsError, match="belongs to another painting"):
        engine.stylise(photo, [Style(painting)], exact(iterations=16, max_side=64, **SHALLOW), resume=light[0])


def test_the_bar_does_not_go_back_when_a_painting_goes_on(photo, painting):
    steps = paint(photo, painting, iterations=4, **SHALLOW)
    for checkpoint in (steps[-1].checkpoint(), steps[-1].checkpoint(light=True)):
        further = paint(photo, painting, iterations=6, resume=checkpoint, **SHALLOW)
        whole = paint(photo, painting, iterations=6, **SHALLOW)
        assert [step.fraction for step in further] == [step.fraction for step in whole if step.iteration > 4]
