"""The kiln's fire, the painting itself: a coarse-to-fine sweep, then L-BFGS at the final size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from worker.engine import images, schedule, weights
from worker.engine.device import chosen_device, chosen_precision
from worker.engine.errors import FlatResultError, SettingsError
from worker.engine.lbfgs import BoxLbfgs
from worker.engine.objective import Evaluation, Objective
from worker.engine.schedule import Level
from worker.engine.settings import Pulse, Settings
from worker.engine.spectrum import inverse_frequency
from worker.engine.vgg import SMALLEST_SIDE, Vgg19

FIRST_STEP = 8.0
"""Grey levels the first step of a level moves the mean value; a coarser level's result moves half of that."""

GRAIN, NOISE = 8.0, 40.0
"""Grey levels of standard deviation: of the grain on a start from the photo, so that flat areas can break
into strokes, and of a start from noise."""

Styles = Sequence[tuple[Image.Image, float]]


@dataclass(frozen=True)
class Step:
    """Where the painting stands after an evaluation of the sweep or an iteration."""

    iteration: int
    """0 in the sweep, then 1 to `iterations`."""
    iterations: int
    fraction: float
    """Share of the whole work done, 0 to 1, never falling."""
    loss: float
    """The objective of the best picture so far; while the sweep is at a coarse level, that level's own."""
    phase: str
    """"sweep" or "paint"."""
    tensor: Tensor = field(repr=False, compare=False)  # (1, 3, H, W), RGB, 0 to 255

    def picture(self) -> Image.Image:
        """The best picture so far, RGB, at its level's size; made on every call, so ask only when wanted."""
        return images.to_picture(self.tensor)


def nothing() -> None:
    """The pulse of a caller who neither watches nor stops."""


def stylise(content: Image.Image, styles: Styles, settings: Settings, *, pulse: Pulse = nothing) -> Iterator[Step]:
    """Paints `content` in the manner of `styles`, pictures with weights above 0; yields a Step at a time.

    The last Step is at `settings.iterations` with fraction 1, and its picture is the result, of the size
    `schedule.fitted_size` gives. `pulse` is called before every layer of every evaluation; what it raises
    comes out of the iterator. Raises SettingsError at once, WeightsError and FlatResultError on the way.
    """
    size = schedule.fitted_size(*content.size, settings.max_side)
    if min(size) < SMALLEST_SIDE:
        raise SettingsError(f"{size[0]} x {size[1]} px is too narrow: a painting needs {SMALLEST_SIDE} px.")
    return _paint(_Easel(content, _shares(styles), settings, pulse=pulse), schedule.levels(*size))


def _shares(styles: Styles) -> list[tuple[Image.Image, float]]:
    """The styles that count, with weights that sum to 1."""
    if not all(isfinite(weight) and weight >= 0 for _, weight in styles):
        raise SettingsError("The weight of a style image must be a number from 0 upwards.")
    total = sum(weight for _, weight in styles)
    if total <= 0:
        raise SettingsError("At least one style image with a weight above 0 is needed.")
    return [(image, weight / total) for image, weight in styles if weight > 0]


class _Easel:
    """What stays the same on all levels: pictures, settings, the network."""

    def __init__(self, content: Image.Image, styles: Styles, settings: Settings, *, pulse: Pulse) -> None:
        self.content, self.styles, self.settings, self.pulse = content, styles, settings, pulse
        self.device = chosen_device(settings.device)

    def photo(self, level: Level) -> Tensor:
        return images.to_tensor(self.content, (level.width, level.height), device=self.device)

    def objective(self, level: Level, photo: Tensor) -> Objective:
        styles = []
        for image, share in self.styles:
            size = schedule.style_size(*image.size, pixels=level.pixels, brush_size=self.settings.brush_size)
            styles.append((images.to_tensor(image, size, device=self.device), share))
        return Objective(_network(self.settings), photo, styles, self.settings, pulse=self.pulse)


def warm_up(settings: Settings) -> None:
    """Loads and checks the network that `settings` need, so that the next painting starts at once.

    Raises SettingsError for a device this machine lacks, WeightsError for weights missing or altered.
    """
    _network(settings)


def _network(settings: Settings) -> Vgg19:
    device = chosen_device(settings.device)
    dtype = chosen_precision(settings.precision, device)
    return weights.network(weights=settings.weights, pooling=settings.pooling, device=device, dtype=dtype)


def _paint(easel: _Easel, levels: list[Level]) -> Iterator[Step]:
    iterations = easel.settings.iterations
    work = sum(level.evaluations * level.pixels for level in levels) / levels[-1].pixels + iterations
    done, before = 0.0, None
    for level in levels:
        photo = easel.photo(level)
        objective = easel.objective(level, photo)
        start = _start(photo, before, easel.settings)
        optimiser = _optimiser(start, easel.settings, finer=before is not None)
        for loss in _sweep(objective, optimiser, level, final=level is levels[-1]):
            done += level.pixels / levels[-1].pixels
            yield Step(0, iterations, done / work, loss, "sweep", optimiser.point)
        before = (optimiser.trial, photo)
    for iteration, loss in _iterate(objective, optimiser, iterations):
        last = iteration == iterations
        if last and images.is_flat(optimiser.point):
            raise FlatResultError("The painting came out as one flat colour.")
        fraction = 1.0 if last else (done + iteration) / work
        yield Step(iteration, iterations, fraction, loss, "paint", optimiser.point)


def _sweep(objective: Objective, optimiser: BoxLbfgs, level: Level, *, final: bool) -> Iterator[float]:
    """The level's evaluations of the surrogate; yields the true loss of the optimiser's point after each.

    The final level's last one is of the true objective, so that painting begins where it is known.
    """
    loss = 0.0
    for look in range(level.evaluations):
        surrogate = not (final and look == level.evaluations - 1)
        if not surrogate:
            optimiser.change_objective()
        answer, seen = _evaluate(objective, optimiser.trial, surrogate=surrogate), optimiser.trial
        optimiser.tell(answer.value, answer.gradient)
        loss = answer.loss if optimiser.point is seen else loss  # a trial that was worse is not the point
        yield loss


def _iterate(objective: Objective, optimiser: BoxLbfgs, iterations: int) -> Iterator[tuple[int, float]]:
    """The iterations sold: number and loss after each; the loss never rises."""
    while optimiser.iterations < iterations:
        answer = _evaluate(objective, optimiser.trial, surrogate=False)
        if optimiser.tell(answer.value, answer.gradient):
            yield optimiser.iterations, optimiser.value


def _evaluate(objective: Objective, picture: Tensor, *, surrogate: bool) -> Evaluation:
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, benchmark=False, allow_tf32=False):
        answer = objective.evaluate(picture, surrogate=surrogate)
    if not isfinite(answer.value):
        raise FlatResultError("The painting went wrong: its loss is not a number.")
    return answer


def _start(photo: Tensor, before: tuple[Tensor, Tensor] | None, settings: Settings) -> Tensor:
    """Where a level begins (1, 3, H, W): the photo or noise; on finer levels what the coarser one painted.

    From the photo, only the change is enlarged and laid on the finer photo, whose edges stay sharp, and
    the sweep ends at a third to three quarters of the loss that an enlarged painting leads to.
    """
    size = (photo.shape[2], photo.shape[3])
    if before is None:
        grain = torch.randn(photo.shape, generator=torch.Generator().manual_seed(settings.seed))
        noise = 127.5 + NOISE * grain.to(photo.device)
        return photo + GRAIN * grain.to(photo.device) if settings.start == "content" else noise
    painted, coarse_photo = before
    if settings.start == "noise":
        return functional.interpolate(painted, size=size, mode="bicubic", align_corners=False)
    return photo + functional.interpolate(painted - coarse_photo, size=size, mode="bicubic", align_corners=False)


def _optimiser(start: Tensor, settings: Settings, *, finer: bool) -> BoxLbfgs:
    _, _, height, width = start.shape
    return BoxLbfgs(
        start,
        low=0.0,
        high=255.0,
        history=settings.history,
        first_step=FIRST_STEP / 2 if finer else FIRST_STEP,
        metric=inverse_frequency(height, width, device=start.device),
    )
