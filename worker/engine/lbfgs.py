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
            self._shorten(value, self._gradient)
            return False
        else:
            self._start_over(self._gradient)
        self.iterations += 1
        return True

    def change_objective(self) -> None:
        """Another f from here on, alike in shape: the pairs stay, the next answer is taken as it is."""
        self.value, self._gradient, self.iterations = float("inf"), None, 0

    def _accept(self, value: float, gradient: Tensor) -> None:
        self.point, self.value, self._gradient = self.trial, value, gradient
        self._tries = 0
        self._propose(self._new_direction(gradient), gradient, length=1.0)

    def _propose(self, direction: Tensor, gradient: Tensor, *, length: float) -> None:
        self._direction, self._length = direction, length
        self.trial = (self.point + length * direction).clamp_(self.low, self.high)
        self._slope = min(float(_dot(gradient, self.trial - self.point)), 0.0)

    def _shorten(self, value: float, gradient: Tensor) -> None:
        """To the minimum of the parabola through both values and the slope, within a tenth and a half."""
        rise = value - self.value - self._slope
        share = min(max(-self._slope / (2 * rise), 0.1), 0.5) if 0 < rise < float("inf") else 0.1
        self._tries += 1
        self._propose(self._direction, gradient, length=share * self._length)

    def _start_over(self, gradient: Tensor) -> None:
        """Forgets the pairs and steps down the projected gradient itself, which cannot fail for ever."""
        self._pairs.clear()
        self._scale, self._tries, self.first_step = None, 0, self.first_step / 4
        direction = -gradient * ~self._pushed_out(gradient)
        self._propose(self._sized(direction), gradient, length=1.0)

    def _remember(self, step: Tensor, change: Tensor) -> None:
        """Keeps the pair unless it shows no curvature, which would break the positive definite estimate."""
        curvature, size = _dot(step, change), step.norm() * change.norm()
        if bool(curvature > 1e-4 * size):
            self._pairs.append((step, change, 1 / curvature))
            self._scale = curvature / _dot(change, self.metric(change))

    def _new_direction(self, gradient: Tensor) -> Tensor:
        """Bertsekas holds what its own gradient pushes out of the box. Here the metric must agree, for it
        sees the neighbourhood: where a dark region is to brighten, single black pixels would stay as dots.
        """
        free = ~(self._pushed_out(gradient) & self._pushed_out(self.metric(gradient)))
        direction = -self._inverse_hessian(gradient * free) * free
        return self._sized(direction) if self._scale is None else direction

    def _pushed_out(self, gradient: Tensor) -> Tensor:
        return ((self.point <= self.low) & (gradient > 0)) | ((self.point >= self.high) & (gradient < 0))

    def _sized(self, direction: Tensor) -> Tensor:
        return direction * (self.first_step / direction.abs().mean().clamp(min=1e-30))

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
