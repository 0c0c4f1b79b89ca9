"""The kiln's fire, its hand: L-BFGS within a box, asked for trials and told what they are worth.

Liu & Nocedal, "On the limited memory BFGS method for large scale optimization", 1989, in the compact form of
Byrd, Nocedal & Schnabel, "Representations of quasi-Newton matrices and their use in limited memory methods",
1994, Eq. 3.1: two matrices hold the history and a few products with them replace the two-loop recursion. With the
projection of Bertsekas, "Projected Newton methods for optimization problems with simple constraints", 1982: values
that sit at a bound and want out are held, and every trial is cut to the box. What leaves the range of colours would be
lost on saving, so it must not be optimised either.

Every decision is arithmetic on the device, none is taken by the host: a graphics card never waits for an
answer, and a whole iteration can be recorded once and replayed.
"""

from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor

ENOUGH: Final = 1e-4
"""Share of the slope a step must gain (Armijo)."""
TRIES: Final = 6
"""Ever shorter trials before the memory is given up and the step starts small again."""
CURVED: Final = 1e-4
"""Cosine between step and change of gradient under which a pair shows no curvature worth remembering."""


def plain(gradient: Tensor) -> Tensor:
    """The metric of ordinary L-BFGS: none."""
    return gradient


class BoxLbfgs:
    """Minimise f over low <= x <= high. Evaluate f at `trial`, `tell` the answer, and again.

    One evaluation is one iteration: a trial that does not lower f is shortened for the next. `point` is the
    best point told so far and `value` f there, so neither ever gets worse. `metric` maps a gradient to a direction
    and stands for the inverse Hessian before anything is known (H_0 of the paper); `first_step` is the mean
    absolute length of the first step, in the units of x: the usual 1 / |g|_1 would not move a picture.
    `low` and `high` are numbers or tensors like x.

    All state is in tensors that stay where they are: `trial` and `point` change in place.
    """

    def __init__(
        self,
        start: Tensor,
        *,
        low: float | Tensor,
        high: float | Tensor,
        history: int = 10,
        first_step: float = 1.0,
        metric: Callable[[Tensor], Tensor] = plain,
    ) -> None:
        self.metric = metric
        self.low = torch.as_tensor(low, dtype=start.dtype, device=start.device)
        self.high = torch.as_tensor(high, dtype=start.dtype, device=start.device)
        self.trial = start.clamp(self.low, self.high)
        self.point = self.trial.clone()

        def number(value: float) -> Tensor:
            return torch.tensor(value, dtype=start.dtype, device=start.device)

        self.value, self._first_step = number(float("inf")), number(first_step)
        self._slope, self._length, self._tries = number(0.0), number(1.0), number(0.0)
        self._known = torch.tensor(False, device=start.device)  # whether f at the point was told
        self._gradient, self._steepest = torch.zeros_like(start), torch.zeros_like(start)  # g, M g at the point
        self._direction = torch.zeros_like(start)
        size, rows = start.numel(), (history, history)
        # The pairs s and M y, one per row, in a ring: the newest overwrites the oldest.
        self._steps = torch.zeros(history, size, dtype=start.dtype, device=start.device)  # S
        self._changes = torch.zeros_like(self._steps)  # M Y
        self._step_change = torch.zeros(rows, dtype=torch.float64, device=start.device)  # S^T Y
        self._change_change = torch.zeros_like(self._step_change)  # Y^T M Y
        self._kept = torch.zeros(history, dtype=torch.bool, device=start.device)
        self._place = torch.zeros(1, dtype=torch.long, device=start.device)  # where the next pair goes
        self._scale = torch.ones((), dtype=torch.float64, device=start.device)  # gamma of the paper

    def tell(self, value: Tensor, gradient: Tensor) -> Tensor:
        """f, (), and its gradient at `trial`; the next trial follows. Whether this one became the point, ()."""
        value = value.to(self.value.dtype)
        steepest = self.metric(gradient)
        better = value.isfinite() & (~self._known | (value <= self.value + ENOUGH * self._slope))
        self._remember(better & self._known, gradient, steepest)
        share = self._shorter(value)
        for held, told in (
            (self.point, self.trial), (self._gradient, gradient), (self._steepest, steepest), (self.value, value),
        ):  # fmt: skip
            held.copy_(torch.where(better, told, held))
        self._tries.copy_(torch.where(better, 0, self._tries + 1))
        lost = self._tries > TRIES
        self._forget(lost)
        fresh = better | lost
        self._direction.copy_(torch.where(fresh, self._new_direction(lost), self._direction))
        self._length.copy_(torch.where(fresh, 1.0, share * self._length))
        self._known.logical_or_(better)
        torch.clamp(self.point + self._length * self._direction, self.low, self.high, out=self.trial)
        self._slope.copy_(_dot(self._gradient, self.trial - self.point).clamp(max=0))
        return better

    def change_objective(self) -> None:
        """Another f from here on, alike in shape: the pairs stay, the next answer is taken as it is."""
        self._known.fill_(False)
        self.value.fill_(float("inf"))

    def stride(self) -> float:
        """Mean absolute length of the newest pair's step; of the first step where no pair is kept."""
        newest = self._place - 1  # (1,), -1 is the last of the ring
        length = torch.where(self._kept[newest], self._steps[newest].abs().mean(), self._first_step)
        return float(length)

    def state(self) -> dict[str, Tensor]:
        """Copies of everything that decides what comes next."""
        return {name: value.clone() for name, value in self._tensors().items()}

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on exactly from what `state` gave. Raises ValueError when it is of another picture or history."""
        mine = self._tensors()
        if any(name not in state or state[name].shape != value.shape for name, value in mine.items()):
            raise ValueError("a state of other tensors")
        for name, value in mine.items():
            value.copy_(state[name])

    def _tensors(self) -> dict[str, Tensor]:
        held = {name: value for name, value in vars(self).items() if isinstance(value, Tensor)}
        return {name: value for name, value in held.items() if name not in ("low", "high")}

    def _remember(self, wanted: Tensor, gradient: Tensor, steepest: Tensor) -> None:
        """Keeps the pair unless it shows no curvature, which would break the positive definite estimate."""
        step = (self.trial - self.point).flatten()
        change, raised = (gradient - self._gradient).flatten(), (steepest - self._steepest).flatten()  # y, M y
        curvature = torch.dot(step, change)
        keep = wanted & (curvature > CURVED * step.norm() * change.norm())
        self._write(self._steps, step, keep)
        self._write(self._changes, raised, keep)
        against = (self._steps @ change).double(), (self._changes @ change).double()  # s_i . y, y_i . M y
        self._write(self._step_change.T, against[0], keep)
        self._write(self._change_change.T, against[1], keep)
        self._write(self._change_change, against[1], keep)
        self._kept.index_copy_(0, self._place, self._kept[self._place] | keep)
        self._scale.copy_(torch.where(keep, curvature / torch.dot(change, raised), self._scale))
        self._place.copy_((self._place + keep) % len(self._kept))

    def _write(self, ring: Tensor, row: Tensor, keep: Tensor) -> None:
        ring.index_copy_(0, self._place, torch.where(keep, row[None], ring[self._place]))

    def _forget(self, lost: Tensor) -> None:
        """After too many tries the pairs mislead: away with them."""
        self._kept.logical_and_(~lost)
        self._first_step.copy_(torch.where(lost, self._first_step / 4, self._first_step))
        self._tries.copy_(torch.where(lost, 0, self._tries))

    def _shorter(self, value: Tensor) -> Tensor:
        """To the minimum of the parabola through both values and the slope, within a tenth and a half."""
        rise = value - self.value - self._slope
        return torch.nan_to_num(-self._slope / (2 * rise), nan=0.1).clamp(0.1, 0.5)

    def _new_direction(self, lost: Tensor) -> Tensor:
        """Bertsekas holds what its own gradient pushes out of the box. Here the metric must agree, for it
        sees the neighbourhood: where a dark region is to brighten, single black pixels would stay as dots.
        Once lost, it is the projected gradient itself, which cannot fail for ever.
        """
        out = self._pushed_out(self._gradient)
        free = ~(out & self._pushed_out(self._steepest))
        learnt = -self._inverse_hessian(self._gradient * free) * free
        simple = torch.where(lost, -self._gradient * ~out, learnt)
        sized = simple * (self._first_step / simple.abs().mean().clamp(min=1e-30))
        return torch.where(self._kept.any(), learnt, sized)

    def _pushed_out(self, gradient: Tensor) -> Tensor:
        return ((self.point <= self.low) & (gradient > 0)) | ((self.point >= self.high) & (gradient < 0))

    def _inverse_hessian(self, gradient: Tensor) -> Tensor:
        """H g = gamma M g + (S, gamma M Y) times small triangular solutions: Theorem 2.2 of Byrd, Nocedal & Schnabel.

        With R the upper triangle and D the diagonal of S^T Y, oldest first: R a = S^T g, r = gamma (M g - M Y a),
        R^T b = D a - Y^T r, H g = r + S b. M g where no pair is kept.
        """
        raised = self.metric(gradient)
        order = (self._place + torch.arange(len(self._kept), device=gradient.device)) % len(self._kept)
        kept = self._kept[order]
        both = kept[:, None] & kept[None, :]
        upper = torch.where(both, self._step_change[order][:, order].triu(), 0)
        upper = upper + torch.diag((~kept).double())  # ones where nothing is kept
        squares = torch.where(both, self._change_change[order][:, order], 0)
        flat = gradient.flatten()
        by_step = torch.where(kept, (self._steps @ flat).double()[order], 0)[:, None]  # S^T g
        by_change = torch.where(kept, (self._changes @ flat).double()[order], 0)[:, None]  # Y^T M g
        a = torch.linalg.solve_triangular(upper, by_step, upper=True)
        b = torch.linalg.solve_triangular(
            upper.T, upper.diagonal()[:, None] * a - self._scale * (by_change - squares @ a), upper=False
        )
        along = torch.cat([b, -self._scale * a], dim=1).to(flat.dtype)  # (m, 2), oldest first
        back = torch.zeros_like(along).index_copy_(0, order, along)
        mixed = self._steps.T @ back[:, 0] + self._changes.T @ back[:, 1]
        scale = torch.where(kept.any(), self._scale, 1).to(flat.dtype)
        return scale * raised + mixed.view_as(gradient)


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return torch.dot(a.flatten(), b.flatten())  # ()
