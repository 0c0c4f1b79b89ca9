"""The kiln's fire, its hand: L-BFGS within a box, asked for trials and told what they are worth.

Liu & Nocedal, "On the limited memory BFGS method for large scale optimization", 1989, with the projection of
Bertsekas, "Projected Newton methods for optimization problems with simple constraints", 1982: values that
sit at a bound and want out are held, and every trial is cut to the box. What leaves the range of colours
would be lost on saving, so it must not be optimised either.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

ENOUGH: Final = 1e-4
"""Share of the slope a step must gain (Armijo)."""
TRIES: Final = 6
"""Ever shorter trials before the memory is given up and the step starts small again."""


def plain(gradient: Tensor) -> Tensor:
    """The metric of ordinary L-BFGS: none."""
    return gradient


class BoxLbfgs:
    """Minimise f over low <= x <= high. Evaluate f at `trial`, `tell` the answer, and again.

    `point` is the best point told so far, `value` f there, `iterations` the steps taken. `metric` maps a
    gradient to a direction and stands for the inverse Hessian before anything is known (H_0 of the paper);
    `first_step` is the mean absolute length of the first step, in the units of x: the usual 1 / |g|_1 would
    not move a picture.
    """

    def __init__(
        self,
        start: Tensor,
        *,
        low: float,
        high: float,
        history: int = 10,
        first_step: float = 1.0,
        metric: Callable[[Tensor], Tensor] = plain,
    ) -> None:
        self.low, self.high, self.metric, self.first_step = low, high, metric, first_step
        self.trial = start.clamp(low, high)
        self.point = self.trial
        self.value = float("inf")
        self.iterations = 0
        self._pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=history)  # s, y, 1 / (s . y)
        self._scale: Tensor | None = None  # gamma of the paper
        self._gradient: Tensor | None = None
        self._tries, self._length, self._slope = 0, 1.0, 0.0

    def tell(self, value: float, gradient: Tensor) -> bool:
        """f and its gradient at `trial`; the next trial follows. True when this ended an iteration."""
        if self._gradient is None:
            self._accept(value, gradient)
            return False
        if value <= self.value + ENOUGH * self._slope:
            self._remember(self.trial - self.point, gradient - self._gradient)
            self._accept(value, gradient)
        elif self._tries < TRIES:
            self._shorten(value)
            return False
        else:
            self._start_over()
        self.iterations += 1
        return True

    def change_objective(self) -> None:
        """Another f from here on, alike in shape: the pairs stay, the next answer is taken as it is."""
        self.value, self._gradient, self.iterations = float("inf"), None, 0

    def _accept(self, value: float, gradient: Tensor) -> None:
        self.point, self.value, self._gradient = self.trial, value, gradient
        self._direction = self._new_direction(gradient)
        self._tries, self._length = 0, 1.0
        self._propose()

    def _propose(self) -> None:
        self.trial = (self.point + self._length * self._direction).clamp_(self.low, self.high)
        self._slope = float(_dot(self._held_gradient(), self.trial - self.point))

    def _shorten(self, value: float) -> None:
        """The minimum of the parabola through both values and the slope, within a tenth and a half."""
        share = -self._slope / (2 * (value - self.value - self._slope)) if value < float("inf") else 0.1
        self._tries, self._length = self._tries + 1, self._length * min(max(share, 0.1), 0.5)
        self._propose()

    def _start_over(self) -> None:
        self._pairs.clear()
        self._scale, self.first_step = None, self.first_step / 4
        self.trial = self.point
        self._accept(self.value, self._held_gradient())

    def _remember(self, step: Tensor, change: Tensor) -> None:
        """Keeps the pair unless it shows no curvature, which would break the positive definite estimate."""
        curvature, size = _dot(step, change), step.norm() * change.norm()
        if bool(curvature > 1e-4 * size):
            self._pairs.append((step, change, 1 / curvature))
            self._scale = curvature / _dot(change, self.metric(change))

    def _new_direction(self, gradient: Tensor) -> Tensor:
        free = self._free(gradient)
        direction = -self._inverse_hessian(gradient * free) * free
        if self._scale is None:  # nothing known yet
            direction *= self.first_step / direction.abs().mean().clamp(min=1e-30)
        return direction

    def _free(self, gradient: Tensor) -> Tensor:
        """Where a value is not held by its bound.

        Bertsekas holds what its own gradient pushes out. Here the metric must agree: it looks at the neighbourhood,
        and where a dark region is to brighten, single pixels held at black would stay behind as dots.
        """
        broad = self.metric(gradient)
        below = (self.point <= self.low) & (gradient > 0) & (broad > 0)
        above = (self.point >= self.high) & (gradient < 0) & (broad < 0)
        return ~(below | above)

    def _inverse_hessian(self, gradient: Tensor) -> Tensor:
        """The two-loop recursion (Nocedal & Wright, "Numerical Optimization", 2006, Algorithm 7.4)."""
        q, shares = gradient.clone(), []
        for step, change, inverse in reversed(self._pairs):
            share = inverse * _dot(step, q)
            q -= share * change
            shares.append(share)
        q = self.metric(q) if self._scale is None else self._scale * self.metric(q)
        for (step, change, inverse), share in zip(self._pairs, reversed(shares), strict=True):
            q += (share - inverse * _dot(change, q)) * step
        return q


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return torch.dot(a.flatten(), b.flatten())  # ()
