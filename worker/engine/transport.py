"""The kiln's fire, the sweep's shortcut: Gram matrices by the Bures-Wasserstein distance."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Transport:
    """A target Gram matrix A, prepared for the Bures-Wasserstein distance to it."""

    root: Tensor  # (C, C), the symmetric square root of A + ridge
    trace: Tensor  # (), tr(A + ridge)
    ridge: float
    scale: float
    """A's largest eigenvalue, which brings the distance's gradient to the size of the Gram distance's."""

    @classmethod
    def to(cls, target: Tensor) -> "Transport":
        """`target` (C, C), symmetric, positive semidefinite; a thousandth of its peak is added."""
        values, vectors = torch.linalg.eigh(target)
        peak = max(float(values[-1]), 1e-6)
        values = values.clamp(min=0) + 1e-3 * peak
        root = (vectors * values.sqrt()) @ vectors.T
        return cls(root, values.sum(), 1e-3 * peak, peak)


def distance(current: Tensor, target: Transport) -> tuple[Tensor, Tensor]:
    """Squared Bures-Wasserstein distance of two Gram matrices (C, C), and its gradient by `current` (C, C).

    tr G + tr A - 2 tr (A^1/2 G A^1/2)^1/2, with gradient I - T, T = A^1/2 (A^1/2 G A^1/2)^-1/2 A^1/2 (Bhatia,
    Jain & Lim, "On the Bures-Wasserstein distance between positive definite matrices", 2019). In the
    responses it is nearly quadratic where the Gram distance is quartic, so that few steps go far.
    """
    identity = torch.eye(len(current), device=current.device, dtype=current.dtype)
    ridged = current + target.ridge * identity
    values, vectors = torch.linalg.eigh(target.root @ ridged @ target.root)
    values = values.clamp(min=1e-8 * max(float(values[-1]), 1e-6)).sqrt()
    half = target.root @ vectors  # (C, C)
    distance = ridged.trace() + target.trace - 2 * values.sum()
    return distance, identity - (half / values) @ half.T
