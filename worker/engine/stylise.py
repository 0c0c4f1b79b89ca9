"""The kiln's fire, the painting itself: a coarse-to-fine sweep, then L-BFGS at the final size."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from worker.engine import colour, easel, images, schedule
from worker.engine.device import is_out_of_memory, keep_freed_memory, repeatable
from worker.engine.easel import Easel, Style
from worker.engine.errors import FlatResultError, SettingsError, TooLargeError
from worker.engine.lbfgs import BoxLbfgs
from worker.engine.objective import Evaluation, Objective
from worker.engine.replay import Replay
from worker.engine.schedule import Level
from worker.engine.settings import Pulse, Settings
from worker.engine.spectrum import inverse_frequency

FIRST_STEP = 10.0
"""Grey levels the first step of a level moves the mean value; a coarser level's result moves half of that."""
FINENESS = 128
"""Steps to a grey level in a light checkpoint: two bytes a value, and a loss that is the same to four figures."""
OTHERS = "This checkpoint belongs to another painting: its size or history differ."
TOO_LARGE = "There is not enough memory for this size, not even in small tiles."


@dataclass(frozen=True)
class Step:
    """Where the painting stands after an evaluation of the sweep or an iteration. Its picture is to be looked at
    before the next one, for it goes on in the same place; its loss stays, and is read from the device when asked for.
    """

    iteration: int
    """0 in the sweep, then 1 to `iterations`."""
    iterations: int
    fraction: float
    """Share of the whole work done, 0 to 1, never falling."""
    phase: str
    """"sweep" or "paint"."""
    point: Tensor = field(repr=False, compare=False)  # (1, 3, H, W)
    best: Tensor = field(repr=False, compare=False)  # ()
    colours: Tensor | None = field(default=None, repr=False, compare=False)  # (1, 3, H, W)
    optimiser: BoxLbfgs | None = field(default=None, repr=False, compare=False)  # where it can be kept for later
    done: float = field(default=0.0, repr=False, compare=False)
    """Work before the first iteration, in evaluations at full size."""
    stride: float | None = field(default=None, repr=False, compare=False)
    """Of a print, which is kept for later without its optimiser: how long the newest step was, in grey levels."""

    @property
    def loss(self) -> float:
        """The objective of the best picture so far; while the sweep is at a coarse level, that level's own."""
        return float(self.best)

    @property
    def tensor(self) -> Tensor:
        """The best picture so far (1, 3, H, W), RGB, 0 to 255, at its level's size."""
        return self.point if self.colours is None else colour.with_colours_of(self.colours, self.point)

    def picture(self) -> Image.Image:
        """The best picture so far, RGB, at its level's size."""
        return images.to_picture(self.tensor)

    def checkpoint(self, *, light: bool = False) -> dict[str, Any]:
        """All that `stylise(..., resume=...)` needs to go on as if nothing had happened; `torch.save` keeps it.
        Of a print (`enlarge`) there is the light kind alone.

        Twice the history and some more pictures of float32: 0.3 KB per px. `light` keeps the picture alone, 6 bytes
        per px: the loss goes on falling from where it was, but what was learnt about it has to be learnt again.
        Only while painting.
        """
        stride = self.stride
        if light and self.optimiser is not None:
            stride = self.optimiser.stride()
        if light and stride is not None:
            point = (self.point * FINENESS).round().to(torch.int16).cpu()
            return {"iteration": self.iteration, "done": self.done, "point": point, "stride": stride}
        if self.optimiser is None:
            raise SettingsError("A painting can be kept for later once its sweep is over, a print only lightly.")
        return {"iteration": self.iteration, "done": self.done, "optimiser": self.optimiser.state()}

    def check(self) -> None:
        """What the last step is checked for, for a caller who ends earlier. Raises FlatResultError."""
        if self.optimiser is not None:
            check(self.optimiser)


def nothing() -> None:
    """The pulse of a caller who neither watches nor stops."""


def stylise(
    content: Image.Image,
    styles: Sequence[Style],
    settings: Settings,
    *,
    protect: Image.Image | None = None,
    begin: Image.Image | None = None,
    resume: dict[str, Any] | None = None,
    pulse: Pulse = nothing,
) -> Iterator[Step]:
    """Paints `content` in the manner of `styles`; yields a Step at a time.

    The last Step is at `settings.iterations` with fraction 1, and its picture is the result, of the size
    `schedule.fitted_size` gives. `protect` is a mask, stretched over the photo: where it is white the photo stays.
    `begin` is the picture that `start="picture"` starts from. `resume` is a checkpoint of the same painting,
    perhaps with fewer iterations: the same picture comes out as if it had never stopped, from a light one
    a picture as good. `pulse` is called before
    every layer of every evaluation, and on a graphics card before every iteration; what it raises comes out
    of the iterator.
    Raises SettingsError at once; WeightsError, TooLargeError and FlatResultError on the way.
    """
    size = schedule.fitted_size(*content.size, settings.max_side)
    easel.check_size(size)
    if (settings.start == "picture") is not (begin is not None):
        raise SettingsError('start="picture" and a picture to begin with belong together.')
    largest = Level(*size, 0)
    surface = Easel(content, easel.shares(styles), settings, largest=largest, protect=protect, pulse=pulse)
    if resume is not None:
        current = _resumed(surface, largest, resume)
        return paint(surface, current, done=float(resume.get("done", 0.0)), begun=int(resume["iteration"]))
    if begin is not None:
        return paint(surface, _begun(surface, largest, begin), done=0.0)
    return from_the_sweep(surface, schedule.levels(*size, stroke_scale=settings.stroke_scale))


def warm_up(settings: Settings) -> None:
    """Loads and checks the network that `settings` need, so that the next painting starts at once.

    Raises SettingsError for a device this machine lacks, WeightsError for weights missing or altered.
    """
    easel.network(settings)


@dataclass(frozen=True)
class Canvas:
    """A level in work."""

    level: Level
    photo: Tensor  # (1, 3, H, W)
    objective: Objective
    optimiser: BoxLbfgs
    colours: Tensor | None


def canvas(
    surface: Easel, level: Level, start: Tensor, *, photo: Tensor, first_step: float,
    drift: Mapping[str, Tensor] | None = None, held: float = 0.0,
) -> Canvas:  # fmt: skip
    """A level set up from `start` (1, 3, H, W); what shows through a blur of `held` px stays. Raises TooLargeError."""
    objective = surface.objective(level, photo, drift)
    keep_freed_memory(len(objective.cores) == 1)
    low, high = surface.bounds(level, photo)
    with _memory_in_words():
        metric = inverse_frequency(*start.shape[2:], device=start.device, dtype=objective.network.dtype, held=held)
        optimiser = BoxLbfgs(
            start, low=low, high=high, history=surface.settings.history, first_step=first_step, metric=metric
        )
    return Canvas(level, photo, objective, optimiser, surface.colours(level))


def advance(current: Canvas, *, surrogate: bool = False) -> tuple[Evaluation, Tensor]:
    """Evaluates the trial and tells the optimiser; whether it became the point, ()."""
    answer = evaluate(current.objective, current.optimiser.trial, surrogate=surrogate)
    with _memory_in_words():
        return answer, current.optimiser.tell(answer.value, answer.gradient)


def evaluate(objective: Objective, picture: Tensor, *, surrogate: bool = False) -> Evaluation:
    """The objective at `picture`, in tiles if it must be, the same on every run. Raises TooLargeError."""
    while True:
        try:
            with repeatable():
                return objective.evaluate(picture, surrogate=surrogate)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if not objective.cut_smaller():
                raise TooLargeError(TOO_LARGE) from error


@contextmanager
def _memory_in_words() -> Iterator[None]:
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise TooLargeError(TOO_LARGE) from error
        raise


def from_the_sweep(surface: Easel, levels: list[Level]) -> Iterator[Step]:
    """Level by level up to the last one, then its iterations."""
    iterations = surface.settings.iterations
    sweep = sum(level.evaluations * level.pixels for level in levels) / levels[-1].pixels
    done, current = 0.0, None
    for level in levels:
        current = _next_level(surface, level, current)
        for best in _sweep(current, final=level is levels[-1]):
            done += level.pixels / levels[-1].pixels
            fraction = done / (sweep + iterations)
            yield Step(0, iterations, fraction, "sweep", current.optimiser.point, best, current.colours)
    assert current is not None
    yield from paint(surface, current, done=done)


def _next_level(surface: Easel, level: Level, before: Canvas | None) -> Canvas:
    """From the photo, only the change is enlarged and laid on the finer photo, whose edges stay sharp, and
    the sweep ends at a third to three quarters of the loss that an enlarged painting leads to.
    """
    photo = surface.photo(level)
    if before is None:
        return canvas(surface, level, surface.start(level, photo), photo=photo, first_step=FIRST_STEP)
    kept = before.photo if surface.settings.start == "content" else torch.zeros_like(before.photo)
    change = functional.interpolate(
        before.optimiser.trial - kept, size=photo.shape[2:], mode="bicubic", align_corners=False
    )
    start = photo + change if surface.settings.start == "content" else change
    return canvas(surface, level, start, photo=photo, first_step=FIRST_STEP / 2)


def _sweep(current: Canvas, *, final: bool) -> Iterator[Tensor]:
    """The level's evaluations of the surrogate; yields the true loss of the optimiser's point after each.

    The final level's last one is of the true objective, so that painting begins where it is known.
    """
    optimiser, best = current.optimiser, torch.tensor(float("inf"), device=current.photo.device)
    for look in range(current.level.evaluations):
        surrogate = not (final and look == current.level.evaluations - 1)
        if not surrogate:
            optimiser.change_objective()
        answer, better = advance(current, surrogate=surrogate)
        best = torch.where(better, answer.loss, best)  # a trial that was worse is not the point
        yield best
    if not isfinite(float(optimiser.value)):
        raise FlatResultError("The painting went wrong: its loss is not a number.")


def _begun(surface: Easel, level: Level, begin: Image.Image) -> Canvas:
    """A picture of one's own at the final size, with its loss known."""
    start, photo = surface.stretched(surface.as_painted(begin), level), surface.photo(level)
    current = canvas(surface, level, start, photo=photo, first_step=FIRST_STEP / 2)
    advance(current)
    return current


def _resumed(surface: Easel, level: Level, checkpoint: dict[str, Any]) -> Canvas:
    photo = surface.photo(level)
    try:
        int(checkpoint["iteration"])
        if "point" in checkpoint:
            return _taken_up(surface, level, photo, checkpoint)
        current = canvas(surface, level, photo, photo=photo, first_step=FIRST_STEP / 2)
        current.optimiser.resume(checkpoint["optimiser"])
    except (KeyError, ValueError) as error:
        raise SettingsError(OTHERS) from error
    return current


def _taken_up(surface: Easel, level: Level, photo: Tensor, checkpoint: dict[str, Any]) -> Canvas:
    """A light checkpoint, with its loss known; steps begin as long as they were, not as long as at the very first."""
    point = checkpoint["point"]
    if point.shape != photo.shape:
        raise ValueError("a picture of another size")
    start = point.to(photo.device, photo.dtype) / FINENESS
    current = canvas(surface, level, start, photo=photo, first_step=float(checkpoint["stride"]))
    advance(current)
    return current


def paint(surface: Easel, current: Canvas, *, done: float, begun: int = 0) -> Iterator[Step]:
    """The iterations sold, each one evaluation of the true objective; the loss never rises. `done` is the work
    before them, in such evaluations; `begun` of them were done before.
    """
    iterations, optimiser = surface.settings.iterations, current.optimiser

    again = Replay(lambda: advance(current), current.photo.device)
    for iteration in range(min(begun + 1, iterations), iterations + 1):
        surface.pulse()
        if iteration > begun:
            again()
        last = iteration == iterations
        if last:
            check(optimiser)
        fraction = 1.0 if last else (done + iteration) / (done + iterations)
        best = optimiser.value.clone()
        yield Step(iteration, iterations, fraction, "paint", optimiser.point, best, current.colours, optimiser, done)


def check(optimiser: BoxLbfgs) -> None:
    """Raises FlatResultError unless there is a picture."""
    if not isfinite(float(optimiser.value)):
        raise FlatResultError("The painting went wrong: its loss is not a number.")
    if images.is_flat(optimiser.point):
        raise FlatResultError("The painting came out as one flat colour.")
