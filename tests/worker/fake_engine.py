"""An engine without a network, for tests of what surrounds it: as many steps as asked, each with its signs of life."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from worker import engine


@dataclass(frozen=True)
class FakeStep:
    iteration: int
    iterations: int
    painting: Image.Image
    phase: str = "paint"

    @property
    def fraction(self) -> float:
        return self.iteration / self.iterations

    @property
    def loss(self) -> float:
        return 1.0 / self.iteration

    def picture(self) -> Image.Image:
        return self.painting

    def checkpoint(self, *, light: bool) -> dict[str, Any]:
        return {"iteration": self.iteration}

    def check(self) -> None:
        """It is always a picture."""


class FakeEngine:
    """Takes the place of `engine.stylise`. `before_step` runs before every step and may raise, wait or meddle."""

    def __init__(self, before_step: Callable[[int], None] = lambda step: None) -> None:
        self.before_step = before_step
        self.calls: list[engine.Settings] = []
        self.weights: list[list[float]] = []  # of the styles, call by call
        self.resumed: list[int] = []  # at which iteration, call by call
        self.begun: list[Image.Image | None] = []  # with which picture, call by call
        self.pairs: list[tuple[Image.Image, Image.Image | None]] = []  # photo and mask, call by call

    def __call__(
        self,
        content: Image.Image,
        styles: Sequence[engine.Style],
        order: engine.Settings,
        *,
        protect: Image.Image | None = None,
        begin: Image.Image | None = None,
        resume: dict[str, Any] | None = None,
        pulse: Callable[[], None],
    ) -> Iterator[FakeStep]:
        self.calls.append(order)
        self.pairs.append((content, protect))
        self.weights.append([style.weight for style in styles])
        painting = content.copy()
        painting.thumbnail((order.max_side, order.max_side))
        self.resumed.append(resume["iteration"] if resume else 0)
        self.begun.append(begin)
        for step in range(self.resumed[-1] + 1, order.iterations + 1):
            pulse()
            self.before_step(step)
            yield FakeStep(step, order.iterations, painting)


class FakeEnlarger:
    """Takes the place of `engine.enlarge`; its steps are as many as the house reckons."""

    def __init__(self, before_step: Callable[[int], None] = lambda step: None) -> None:
        self.before_step = before_step
        self.calls: list[dict[str, Any]] = []
        self.resumed: list[int] = []  # at which step, call by call

    def __call__(
        self,
        finished: Image.Image,
        content: Image.Image,
        styles: Sequence[engine.Style],
        order: engine.Settings,
        *,
        size: tuple[int, int],
        part: tuple[int, int, int, int] | None,
        protect: Image.Image | None,
        resume: dict[str, Any] | None,
        pulse: Callable[[], None],
    ) -> Iterator[FakeStep]:
        self.calls.append(
            {"finished": finished, "content": content, "order": order, "size": size, "part": part, "protect": protect}
        )
        whole = finished.resize(size)
        painting = whole.crop(part) if part else whole
        self.resumed.append(resume["iteration"] if resume else 0)
        for step in range(self.resumed[-1] + 1, order.iterations + 1):
            pulse()
            self.before_step(step)
            yield FakeStep(step, order.iterations, painting)
