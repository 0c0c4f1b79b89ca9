"""The compact L-BFGS against the two-loop recursion of the textbook: the same trials, step by step."""

from collections import deque
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from tests.worker.engine.brush import random
from worker.engine.lbfgs import CURVED, ENOUGH, BoxLbfgs, plain

Metric = Callable[[Tensor], Tensor]


class _Textbook:
    """Nocedal & Wright, "Numerical Optimization", Algorithm 7.4 in 7.5, with H_0 = gamma M; backtracking to the
    minimum of the parabola. In plain numbers and branches.
    """

    def __init__(self, start: Tensor, *, history: int, first_step: float, metric: Metric) -> None:
        self.trial, self.metric, self.first_step = start, metric, first_step
        self.gradient, self.value, self.slope, self.length = torch.zeros_like(start), 0.0, 0.0, 1.0
        self.pairs: deque[tuple[Tensor, Tensor]] = deque(maxlen=history)
        self.point: Tensor | None = None
        self.failed = 0

    def tell(self, value: float, gradient: Tensor) -> None:
        if self.point is not None and value > self.value + ENOUGH * self.slope:
            self.failed += 1
            parabola = -self.slope / (2 * (value - self.value - self.slope))
            self.length *= min(max(parabola, 0.1), 0.5)
        else:
            if self.point is not None:
                s, y = self.trial - self.point, gradient - self.gradient
                if s @ y > CURVED * s.norm() * y.norm():
                    self.pairs.append((s, y))
            self.point, self.value, self.gradient, self.length = self.trial, value, gradient, 1.0
            self.direction = -self._two_loops(gradient)
        self.trial = self.point + self.length * self.direction
        self.slope = float(self.gradient @ (self.trial - self.point))

    def _two_loops(self, gradient: Tensor) -> Tensor:
        if not self.pairs:
            steepest = self.metric(gradient)
            return steepest * (self.first_step / steepest.abs().mean())
        q, shares = gradient, []
        for s, y in reversed(self.pairs):
            shares.append((s @ q) / (s @ y))
            q = q - shares[-1] * y
        s, y = self.pairs[-1]
        r = (s @ y) / (y @ self.metric(y)) * self.metric(q)
        for (s, y), share in zip(self.pairs, reversed(shares), strict=True):
            r = r + (share - (y @ r) / (s @ y)) * s
        return r


def _both(size: int, looks: int, *, metric: Metric, first_step: float) -> Iterator[tuple[_Textbook, BoxLbfgs]]:
    """The two on the same quadratic, after each look."""
    root = random(size, size) / size**0.5
    curvature = root @ root.T + 0.05 * torch.eye(size, dtype=torch.float64)
    start, target = random(size, seed=1), random(size, seed=2)
    book = _Textbook(start, history=5, first_step=first_step, metric=metric)
    infinity = float("inf")
    ours = BoxLbfgs(start, low=-infinity, high=infinity, history=5, first_step=first_step, metric=metric)
    for _ in range(looks):
        for one in (book, ours):
            gradient = curvature @ (one.trial - target)
            value = 0.5 * (one.trial - target) @ gradient
            one.tell(float(value) if one is book else value, gradient)  # type: ignore[arg-type]
        yield book, ours


@pytest.mark.parametrize("metric", [plain, lambda g: g * torch.linspace(0.2, 3, len(g), dtype=torch.float64)])
def test_without_walls_the_trials_are_those_of_the_two_loop_recursion(metric):
    for book, ours in _both(30, 25, metric=metric, first_step=0.1):
        torch.testing.assert_close(ours.trial, book.trial, rtol=1e-8, atol=1e-8)
        assert float(ours.value) == pytest.approx(book.value, rel=1e-8)
    assert len(book.pairs) == 5, "the ring must have gone round"


def test_failed_trials_are_shortened_as_in_the_book():
    for book, ours in _both(30, 12, metric=plain, first_step=20.0):
        torch.testing.assert_close(ours.trial, book.trial, rtol=1e-8, atol=1e-8)
    assert book.failed > 1
